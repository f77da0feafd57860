"""Visits as they are played: frames at the spacing of a real camera, keys as typed, and what the door made of them."""

from dataclasses import dataclass, field

from gatecore import feedback
from gatesim.frame import nobody
from gatesim.report import AS_ANOTHER, ASKED, OPENED, REFUSED, UNDECIDED
from gatesim.visitor import Visitor

SPACING_MS = 450  # between two frames; the rule counts frames at least 400 ms apart
APART_MS = 600_000  # between two visitors: the door's memory of failed tries is ten minutes long
TYPED_S = 5.0


@dataclass(slots=True)
class Outcome:
    """How a visit ended, how long after the deciding frame or key the lock moved, and what the screen said."""

    how: str
    ms: float | None = None
    says: str = ""
    home: str = ""
    frames: int = 0
    at: float = 0.0  # perf_counter at which the lock was seen to move


@dataclass(slots=True)
class Approach:
    """Visits at one door; `at` is its camera's clock."""

    door: Visitor
    at: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    async def look(self, frames: list[bytes], home: str = "") -> Outcome:
        """Somebody comes, types `home` first if there is one, and looks into the camera."""
        self.at += APART_MS
        await self._show(nobody())
        if home:
            await self._dial(home)
        said, how, shown = self.door.view["said"], None, 0
        self.door.fresh()
        while how is None and shown < len(frames):
            await self._show(frames[shown])
            shown += 1
            how = self._decided(said)
        outcome = self._outcome(how, shown)
        if home and how in (None, ASKED):
            await self.door.say(do="key", key="*")
        return outcome

    async def _dial(self, home: str) -> None:
        await self.door.say(do="key", key="*")
        await self.door.type(home + "#")
        await self.door.until(self._asks_code, f"the door does not take {home}#", TYPED_S)

    def _asks_code(self) -> bool:
        return bool(self.door.view["state"] == feedback.CODE)

    async def _show(self, frame: bytes) -> None:
        code = await self.door.show(frame, self.at)
        self.at += SPACING_MS
        if code:
            self.refused[code] = self.refused.get(code, 0) + 1

    def _decided(self, said: int) -> str | None:
        """What the door has shown since; None while it has not decided."""
        if self.door.first("unlock") is not None:
            return OPENED
        view = self.door.view
        if view["said"] <= said:
            return None
        return {feedback.REFUSED: REFUSED, feedback.ASK_HOME: ASKED}.get(view["state"])

    def _outcome(self, how: str | None, shown: int) -> Outcome:
        unlocked, entry = self.door.first("unlock"), self.door.first("entry")
        told = str(entry[1]["home"]) if entry is not None else ""
        if how != OPENED or unlocked is None:
            return Outcome(how or UNDECIDED, None, self.door.says(), told, shown)
        return Outcome(OPENED, unlocked[1]["ms"], self.door.says(), told, shown, unlocked[0])

    async def type(self, keys: str) -> Outcome:
        """Somebody types and waits for what the screen says."""
        await self.door.say(do="key", key="*")
        await self.door.type(keys[:-1])
        return await self._answered(do="key", key=keys[-1])

    async def hold(self, card: int) -> Outcome:
        """Somebody holds a card to the reader and waits for what the screen says."""
        return await self._answered(do="card", number=card)

    async def _answered(self, **deed: object) -> Outcome:
        said = self.door.view["said"]
        self.door.fresh()
        await self.door.say(**deed)
        await self.door.until(lambda: self._decided(said) in (OPENED, REFUSED), "the door does not answer", TYPED_S)
        return self._outcome(self._decided(said), 0)


def as_resident(outcome: Outcome, home: str) -> str:
    """The outcome to count for a resident of `home`: an opening as somebody of another home is no success."""
    return AS_ANOTHER if outcome.how == OPENED and outcome.home != home else outcome.how
