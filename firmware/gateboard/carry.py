"""Carries out what the door decided, in order. Nothing here waits: flash is written before the next effect.

An entry grant is durable before the lock moves. If that would need a sector erased first (45 ms, up to 400), or flash
fails, the door opens all the same: the entry follows at once, or when flash works again, and says `late`.
"""

from gateboard.errors import FlashError
from gatecore import events, frames
from gatecore.compat import TYPE_CHECKING
from gatecore.records import ACCESS, LATE_FLAG

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gateboard.lock import Lock
    from gateboard.notes import Note
    from gateboard.ring import Ring
    from gateboard.signals import Signals
    from gatecore.clock import Now
    from gatecore.events import Told

MOST_WAITING = 64  # entries kept in memory while flash fails
FLAGS = 4  # place of the flags in an access entry's pub


class Carrier:
    """Effects become calls on ports. `say(kind, *fields)` sends a frame if there is a link."""

    def __init__(self, lock: "Lock", signals: "Signals", ring: "Ring", memory: "Note") -> None:
        self._lock = lock
        self._signals = signals
        self._ring = ring
        self._memory = memory
        self._waiting: "list[tuple[Now, events.Log]]" = []
        self.failing = False
        self.say: "Callable[..., None]" = _nobody

    def carry(self, effects: "list[Told]", now: "Now") -> None:
        """All of them; then what had to wait for the lock."""
        grants = False
        for effect in effects:
            if isinstance(effect, events.Unlock) and effect.durable:
                grants = True
        for effect in effects:
            self._act(effect, now, grants)
        self.flush()

    def flush(self) -> None:
        """Writes entries that wait; whether storage works is read off `failing`."""
        try:
            while self._waiting:
                self._append(*self._waiting[0])
                self._waiting.pop(0)
            self.failing = False
        except FlashError:
            self.failing = True

    def _act(self, effect: "Any", now: "Now", grants: bool) -> None:
        if isinstance(effect, events.Log):
            self._log(effect, now, grants)
        elif isinstance(effect, events.Unlock):
            self._lock.unlock(effect.ms)
        elif isinstance(effect, events.Feedback):
            self._signals.show(effect.state, now.mono)
        elif isinstance(effect, events.Remember):
            self._remember(effect.data)
        elif isinstance(effect, events.Release):
            self._lock.release(effect.on)
        elif isinstance(effect, events.Done):
            self.say(frames.DONE, effect.challenge, 1 if effect.ok else 0, effect.code)
        elif isinstance(effect, events.Call):
            self.say(frames.CALL, *effect)
        elif isinstance(effect, events.Hangup):
            self.say(frames.HANGUP, *effect)
        elif isinstance(effect, events.Challenge):
            self.say(frames.CHALLENGE, *effect)
        elif isinstance(effect, events.Alert):
            self.say(frames.ALERT, *effect)

    def _log(self, log: "events.Log", now: "Now", grants: bool) -> None:
        if not self._waiting and (self._ring.quick or not grants):
            try:
                return self._append(now, log)
            except FlashError:
                self.failing = True
        if grants and log.typ == ACCESS:
            log.pub[FLAGS] |= LATE_FLAG
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((now, log))
        return None

    def _append(self, now: "Now", log: "events.Log") -> None:
        self._ring.append(now, log.typ, log.pub, log.subject, log.detail)

    def _remember(self, data: bytes) -> None:
        try:
            self._memory.write(data)
        except FlashError:
            self.failing = True


def _nobody(*said: "Any") -> None:
    return None
