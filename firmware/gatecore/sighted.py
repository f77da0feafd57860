"""A door with eyes: what a camera adds to gatecore.door, and decides by it. Boards have none and never load this."""

from gatecore import codes, feedback
from gatecore import records as r
from gatecore.compat import TYPE_CHECKING
from gatecore.door import Door, noted, shown
from gatecore.events import (
    ALERT_CAMERA,
    LIFE_PROVEN,
    LIFE_UNASKED,
    Alert,
    Eyes,
    FaceHint,
    FaceSeen,
    FaceUnknown,
    FaceUnsure,
    Seek,
)  # fmt: skip
from gatecore.schedule import ENDED, IN_TIME, may_pass, window
from gatecore.state import FACE_FREE, FACE_OFF, LIFE_OFF, LIFE_UNSURE, WAY_FACE, WAY_FACE_AT_HOME

if TYPE_CHECKING:
    from typing import Any

    from gatecore.clock import Now
    from gatecore.compat import Random
    from gatecore.door import Effects
    from gatecore.state import State
    from gatecore.throttle import Memory
    from gatecore.trust import Trust

SEEK_MS = 10_000


class SightedDoor(Door):
    """A Door that takes the events of a camera too, and asks it to look for a home's people."""

    def __init__(self, state: "State", memory: "Memory", trust: "Trust", random: "Random") -> None:
        Door.__init__(self, state, memory, trust, random)
        self._seek_until = 0

    def _seek(self, home: str, now: "Now") -> "Effects":
        if self.state.door is None or self.state.door.face == FACE_OFF:
            return []
        self._seek_until = now.mono + SEEK_MS
        return [Seek(home)]

    def _end_seek(self) -> "Effects":
        if not self._seek_until:
            return []
        self._seek_until = 0
        return [Seek("")]

    def _face_seen(self, event: FaceSeen, now: "Now") -> "Effects":
        method = r.FACE_AT_HOME if event.at_home else r.FACE
        row = self.state.person(event.person)
        reason = self._face_reason(event, row, now)
        if reason:
            self._typed.clear()
            return self._end_seek() + self._refuse(method, reason, "" if row is None else row[1], event.person)
        assert row is not None
        self._typed.clear()
        return self._end_seek() + self._grant(method, row[1], event.person, b"", 0)

    def _face_reason(self, event: FaceSeen, row: "list[Any] | None", now: "Now") -> int:
        if self.state.door is None or self.state.door.face == FACE_OFF:
            return feedback.OFF
        if row is None:
            return feedback.NO_RIGHT
        free = self.state.door.face == FACE_FREE and row[4] & WAY_FACE
        if not free and not (event.at_home and row[4] & WAY_FACE_AT_HOME):
            return feedback.UNCLEAR
        held = window(now, row[2], row[3])
        if held != IN_TIME:
            return codes.EXPIRED if held == ENDED else codes.EARLY_CODE
        if not may_pass(now, row[5], self.state):
            return feedback.OUTSIDE_HOURS
        return 0 if self._alive(event) else feedback.NOT_LIVE

    def _alive(self, event: FaceSeen) -> bool:
        """Whether the estate's rule asks for no more proof of life than was measured; a rule not known asks for all."""
        if self.state.life == LIFE_OFF or event.live == LIFE_PROVEN:
            return True
        return self.state.life == LIFE_UNSURE and event.sure and event.live == LIFE_UNASKED

    def _face_unsure(self, event: FaceUnsure, now: "Now") -> "Effects":
        return [shown(feedback.ASK_HOME, feedback.UNCLEAR)] if self._idle() else []

    def _face_unknown(self, event: FaceUnknown, now: "Now") -> "Effects":
        self._counts[0] += 1
        return self._end_seek() + [shown(feedback.REFUSED, feedback.FACE_UNKNOWN)]

    def _face_hint(self, event: FaceHint, now: "Now") -> "Effects":
        return [shown(feedback.HINT, event.reason)] if self._idle() or self._seek_until else []

    def _idle(self) -> bool:
        return not self._call and not self._fire and not self._typed.home and self.state.door is not None

    def _time_out(self, now: "Now") -> "Effects":
        called = self._call and now.mono >= self._call_until
        if self._seek_until and now.mono >= self._seek_until and not called:
            self._typed.clear()
            return self._end_seek() + [self._rest()]
        return Door._time_out(self, now)

    def _eyes(self, event: Eyes, now: "Now") -> "Effects":
        effects: Effects = [noted(r.FAULT, 3 if event.ok else 2)]
        self._fault = 0 if event.ok else feedback.CAMERA
        if not event.ok:
            effects.append(Alert(ALERT_CAMERA, ""))
        return effects + [self._rest()] if self._idle() else effects


SightedDoor.STEPS = dict(Door.STEPS)
SightedDoor.STEPS.update(
    {
        FaceSeen: SightedDoor._face_seen,
        FaceUnsure: SightedDoor._face_unsure,
        FaceUnknown: SightedDoor._face_unknown,
        FaceHint: SightedDoor._face_hint,
        Eyes: SightedDoor._eyes,
    }
)
