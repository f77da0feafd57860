"""The demo's story, step by step: what a person would see, whether it held, and how long it took."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from gatecore import codes, feedback, wording
from gatecore.clock import DAY_MS
from gatesim import office
from gatesim.browser import Browser
from gatesim.errors import DemoError, StepBroken
from gatesim.estate import BUILDING, BUILDING_DOOR, CARD, GATE, HOME
from gatesim.report import OPENED, Report, Step, row
from gatesim.rig import Rig
from gatesim.visit import Approach, Outcome
from gatesim.visitor import Visitor

TOLD_S = 10.0  # an admin's page that is not told by then is not live; how fast it is told is printed
UTC_OFFSET_MS = 480 * 60_000  # of the demo's estate
OVERLAP_MS = 3 * 3_600_000  # of an epoch's first day: so long doors keep the last one's key (docs/visitor-codes.md)
OFFICE_HOURS_S = 30.0


@dataclass(slots=True)
class Cast:
    """Who takes part: people with browsers, and what stands before each unit."""

    rig: Rig
    admin: Browser
    desk: Browser
    resident: Browser
    gate: Visitor
    building: Visitor
    vault: Visitor
    at_gate: Approach
    at_building: Approach


@dataclass(frozen=True, slots=True)
class Faces:
    """The pictures of the story: one resident's for the desk and for a visit, and a stranger's visit."""

    enrol: list[bytes]
    visit: list[bytes]
    stranger: list[bytes]


class Story:
    """Plays steps into a report; a step that breaks is told and the story goes on."""

    def __init__(self, report: Report, say: Callable[[str], None]) -> None:
        self._report, self._say = report, say

    @asynccontextmanager
    async def step(self, what: str) -> AsyncIterator[Step]:
        """One step: it holds unless something in it raises a DemoError."""
        step = Step(what)
        self._report.steps.append(step)
        try:
            yield step
            step.held = True
        except DemoError as wrong:
            step.note = str(wrong)
        self._say(row(step))

    # --- faces ----------------------------------------------------------------------------

    async def face(self, cast: Cast, faces: Faces) -> None:
        """Consent, capture, and the doors know the resident; then a visit at each door, and a stranger's."""
        async with self.step("resident A consents and is enrolled at the front desk") as step:
            begun = perf_counter()
            made = await office.enrol(cast.desk, cast.vault, HOME, "Resident A", faces.enrol, 1_000)
            step.ms = (perf_counter() - begun) * 1000
            step.note = f"{made.photos} pictures"
            await office.loaded(cast.desk, made.path, 2)
        await self._opens("walks to the gate: it opens by face, without a number", cast, cast.at_gate.look(faces.visit))
        await self._opens(
            "at the building: home number first, then the face", cast, cast.at_building.look(faces.visit, HOME)
        )
        async with self.step("a stranger at the gate is not let in and told what to do") as step:
            step.note = refused(await cast.at_gate.look(faces.stranger)).says
        async with self.step("the stranger names the home: still not let in") as step:
            step.note = refused(await cast.at_building.look(faces.stranger, HOME)).says

    async def _opens(self, what: str, cast: Cast, visit: Awaitable[Outcome]) -> None:
        """A visit that must open, and be on the admin's page with its verdict within a second."""
        async with self.step(what) as step, cast.admin.live() as page:
            outcome = opened(await visit)
            step.ms = outcome.ms
            if not await page.changed("entries", TOLD_S):
                raise StepBroken("the admin's page was not told")
            step.note = f"on the admin's page at most {(perf_counter() - outcome.at) * 1000:.0f} ms later"

    # --- codes ----------------------------------------------------------------------------

    async def code(self, cast: Cast) -> office.Code | None:
        """A visitor's code: right, wrong, of yesterday, taken back. None, and no more of it, if none could be made."""
        code = None
        async with self.step("resident A makes a visitor code in two taps") as step:
            begun = perf_counter()
            code = await office.invite(cast.resident)
            step.ms = (perf_counter() - begun) * 1000
            await cast.rig.states_taken(cast.admin, OFFICE_HOURS_S)
        if code is None:
            return None
        typed = f"{code.home}#{code.digits}"
        await self._opens("the visitor types it at the gate", cast, cast.at_gate.type(typed))
        await self._opens("the same code opens the building", cast, cast.at_building.type(typed))
        wrong = codes.with_check(code.home, f"{(int(code.digits[:7]) + 1) % 10_000_000:07d}")
        await self._refuses("a wrong code is refused", cast.at_gate.type(f"{code.home}#{wrong}"), codes.WRONG)
        what, ended, reason = yesterdays(cast.rig.folder / "host", code.home, int(time.time() * 1000))
        await self._refuses(what, cast.at_gate.type(f"{code.home}#{ended}"), reason)
        slip = code.digits[:7] + str((int(code.digits[7]) + 1) % 10)
        await self._refuses(
            "a slip of the finger costs no try", cast.at_gate.type(f"{code.home}#{slip}"), codes.MISTYPED
        )
        second = None
        async with self.step("resident A takes a second code back"):
            second = await office.invite(cast.resident)
            await cast.rig.states_taken(cast.admin, OFFICE_HOURS_S)
            await office.take_back(cast.resident, second)
            await cast.rig.states_taken(cast.admin, OFFICE_HOURS_S)
        if second is not None:
            await self._refuses(
                "the door refuses it and says so", cast.at_gate.type(f"{second.home}#{second.digits}"), codes.REVOKED
            )
        return code

    async def _refuses(self, what: str, visit: Awaitable[Outcome], reason: int) -> None:
        async with self.step(what) as step:
            outcome = refused(await visit)
            if outcome.says != wording.WHY[reason][1]:
                raise StepBroken(f"the screen says {outcome.says!r} instead of {wording.WHY[reason][1]!r}")
            step.note = outcome.says

    # --- cards ----------------------------------------------------------------------------

    async def card(self, cast: Cast) -> None:
        """A card opens the way home; reported lost it does not, and it is told why."""
        await self._opens("resident A holds the card to the gate's reader", cast, cast.at_gate.hold(CARD))
        await self._opens("the same card opens the building", cast, cast.at_building.hold(CARD))
        await self._refuses("a card nobody knows is refused", cast.at_building.hold(CARD + 1), feedback.CARD_UNKNOWN)
        async with self.step("resident A reports the card lost in one tap") as step:
            begun = perf_counter()
            await office.lose_card(cast.resident)
            await cast.rig.states_taken(cast.admin, OFFICE_HOURS_S)
            step.ms = (perf_counter() - begun) * 1000
        await self._refuses("the lost card does not open, and says so", cast.at_gate.hold(CARD), feedback.CARD_LOST)

    # --- a call ---------------------------------------------------------------------------

    async def call(self, cast: Cast, faces: Faces) -> None:
        """The visitor rings; the resident sees a picture and opens from home."""
        path = ""
        async with self.step("a visitor calls the home: the resident's page rings, with a picture") as step:
            await cast.gate.show(faces.stranger[0], cast.at_gate.at + 1)
            cast.at_gate.at += 10_000
            await cast.gate.say(do="key", key="*")
            await cast.gate.type(HOME)
            begun = perf_counter()
            await cast.gate.type("C")
            path = await office.ringing(cast.resident)
            step.ms = (perf_counter() - begun) * 1000
            picture = await cast.resident.picture(path + "/picture")
            step.note = f"picture of {len(picture) // 1024} KB"
        async with self.step("opened from home by the signed order the door asked a challenge for") as step:
            begun = cast.gate.fresh()
            await cast.resident.send(await cast.resident.see("/me"), f"{path}/open")
            await cast.gate.until(lambda: cast.gate.first("unlock") is not None, "the gate does not open", 5)
            unlocked = cast.gate.first("unlock")
            assert unlocked is not None
            step.ms = (unlocked[0] - begun) * 1000

    # --- the host is away -----------------------------------------------------------------

    async def without_host(self, cast: Cast, faces: Faces | None, code: office.Code | None) -> None:
        """The host stops; doors go on; it comes back and the entries arrive, in order, once."""
        rig = cast.rig
        doors = {GATE: cast.gate, BUILDING_DOOR: cast.building}
        before = {slot: int(door.view["seq"]) for slot, door in doors.items()}
        async with self.step("the host is stopped"):
            await rig.stop_host()
            await cast.gate.until(lambda: not cast.gate.view["link"], "the gate does not notice", 15)
            await cast.building.until(lambda: not cast.building.view["link"], "the building does not notice", 15)
        if code is not None:
            async with self.step("the code still opens") as step:
                step.ms = opened(await cast.at_building.type(f"{code.home}#{code.digits}")).ms
        if faces is not None:
            async with self.step("the face still opens") as step:
                step.ms = opened(await cast.at_gate.look(faces.visit)).ms
        async with self.step("calling says that the network is down"):
            await cast.gate.say(do="key", key="*")
            said = refused(await cast.at_gate.type(HOME + "C"))
            if said.says != wording.WHY[feedback.NOT_CONNECTED][1]:
                raise StepBroken(f"the screen says {said.says!r}")
        async with self.step("the host starts again: the entries arrive in order, once") as step:
            begun = perf_counter()
            await rig.start_host()
            await cast.gate.until(lambda: cast.gate.view["link"], "the gate does not come back", 30)
            await cast.building.until(lambda: cast.building.view["link"], "the building does not come back", 30)
            after = await _all_there(cast, doors)
            step.ms = (perf_counter() - begun) * 1000
            came = sum(after[slot] - before[slot] for slot in doors)
            step.note = f"{came} entries of the time without a host, verified with all before them"

    async def proof(self, cast: Cast) -> None:
        """The log this run has made, checked by the host, and by somebody who believes neither host nor demo."""
        async with self.step("the admin's proof page checks every stored entry") as step:
            begun = perf_counter()
            step.note = await office.verdicts(cast.admin)
            step.ms = (perf_counter() - begun) * 1000
        async with self.step("the stand-alone verifier accepts the exported log under the trust file") as step:
            begun = perf_counter()
            need = await cast.rig.handed_over(cast.admin)
            path = await cast.rig.export(cast.admin)
            held = await cast.rig.verified(path)
            step.ms = (perf_counter() - begun) * 1000
            step.note = ", ".join(f"{slot} {last}" for slot, last in held.items()) + f" entries; {need} of its doors"
        async with self.step("and refuses it with one bit changed") as step:
            step.note = await cast.rig.forged(await cast.rig.export(cast.admin))


async def _all_there(cast: Cast, doors: dict[str, Visitor], within_s: float = 20.0) -> dict[str, int]:
    """Waits until the host has every entry of both doors, in order, once: the verifier counts them."""
    until = perf_counter() + within_s
    while perf_counter() < until:
        own = {slot: int(door.view["seq"]) for slot, door in doors.items()}
        held = await cast.rig.held(await cast.rig.export(cast.admin))
        if all(held.get(slot) == last for slot, last in own.items()):
            return own
        await asyncio.sleep(office.POLL_S)
    raise StepBroken(f"the host holds {held} entries of {own}")


def opened(outcome: Outcome) -> Outcome:
    """The outcome; StepBroken if the door did not open."""
    if outcome.how != OPENED:
        raise StepBroken(f"not opened ({outcome.how}): {outcome.says}")
    return outcome


def refused(outcome: Outcome) -> Outcome:
    """The outcome; StepBroken if the door opened."""
    if outcome.how == OPENED:
        raise StepBroken("the door opened")
    return outcome


def yesterdays(host: Path, home: str, utc_ms: int) -> tuple[str, str, int]:
    """What a door does with yesterday's code of a home, the code, and the reason the door gives. It is derived with the
    estate's own secret, for no page makes codes for the past.

    In the first two hours of a day yesterday's codes still open; this one does not, for nobody has issued it. From
    three o'clock of an epoch's first day a door holds no key of the last epoch: its codes are like any wrong one.
    """
    local = utc_ms + UTC_OFFSET_MS
    day = local // DAY_MS - 1
    master = (host / "keys" / "codes.key").read_bytes()
    key = codes.zone_key(master, BUILDING, day // codes.EPOCH_DAYS)
    digits = codes.with_check(home, codes.derive(key, home, day, 0))
    if local % DAY_MS < codes.GRACE_MS:
        return "a code of yesterday that nobody issued is refused", digits, codes.WRONG
    if (day + 1) % codes.EPOCH_DAYS == 0 and local % DAY_MS >= OVERLAP_MS:
        return "yesterday's code is refused: the key it was made with is gone", digits, codes.WRONG
    return "yesterday's code is refused as ended", digits, codes.EXPIRED
