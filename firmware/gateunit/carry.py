"""Carries out what the door decided: one event's effects in order, waiting only where the law says so.

An entry grant waits for its entry to be durable, at most DURABLE_MS; then the door opens all the same and the entry
says so. What is shown waits for the door's memory to be written, at most REMEMBER_MS. Nothing else waits.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gatecore import events, frames
from gatecore.events import Told
from gateunit.ledger import Draft, Ledger, Note
from gateunit.ports import Clock, Link, Lock, Screen
from gateunit.timekeeper import Timekeeper

DURABLE_MS = 100
REMEMBER_MS = 2_000
MEMORY = "memory"  # the record of gatecore.throttle.Memory


class Carrier:
    """Turns effects into calls on ports. `link` and `seek` come later, or never."""

    def __init__(self, clock: Clock, lock: Lock, screen: Screen, ledger: Ledger, time: Timekeeper) -> None:
        self._clock, self._lock, self._screen, self._ledger, self._time = clock, lock, screen, ledger, time
        self.watchers: list[Callable[[Told], None]] = []
        self.link: Link | None = None
        self.seek: Callable[[str], None] = lambda home: None
        self.snapshot: Callable[[], bytes | None] = lambda: None

    def at_once(self, effects: Sequence[Told]) -> None:
        """All of them now: for what waits for nothing."""
        for effect in effects:
            self._act(effect)

    async def carry(self, effects: Sequence[Told]) -> None:
        """All of them in order."""
        waits: list[Draft | Note] = []
        begun_at = self._clock.mono()
        grants = any(isinstance(effect, events.Unlock) and effect.durable for effect in effects)
        for effect in effects:
            if isinstance(effect, events.Unlock) and effect.durable:
                await self._durable(waits, begun_at + DURABLE_MS)
                waits = []
            elif isinstance(effect, events.Feedback) and waits:
                await self._settled(waits, begun_at + REMEMBER_MS)
                waits = []
            begun = self._act(effect)
            if isinstance(begun, Note) or (isinstance(begun, Draft) and grants):
                waits.append(begun)

    async def _durable(self, waits: list[Draft | Note], until: int) -> None:
        """The entry is on storage when this returns, or says itself that the door did not wait for it."""
        await self._settled(waits, until)
        for begun in waits:
            if isinstance(begun, Draft):
                self._ledger.opened_late(begun, self._time.now())

    async def _settled(self, waits: list[Draft | Note], until: int) -> None:
        """Returns when all are written or have failed, at the latest at mono `until`."""
        if self._ledger.failing:
            return
        written = asyncio.ensure_future(_all_settled(waits))
        late = asyncio.ensure_future(self._clock.sleep(max(0, until - self._clock.mono())))
        try:
            await asyncio.wait((written, late), return_when=asyncio.FIRST_COMPLETED)
        finally:
            written.cancel()
            late.cancel()

    def _act(self, effect: Told) -> Draft | Note | None:
        """Carries out one effect; what it set on its way to storage, if anything."""
        begun: Draft | Note | None = _ACT[type(effect)](self, effect)
        for seen in self.watchers:
            seen(effect)
        return begun

    def _log(self, effect: events.Log) -> Draft:
        return self._ledger.add(effect, self._time.now())

    def _remember(self, effect: events.Remember) -> Note:
        return self._ledger.note(MEMORY, effect.data)

    def _unlock(self, effect: events.Unlock) -> None:
        self._lock.unlock(effect.ms)

    def _release(self, effect: events.Release) -> None:
        self._lock.release(effect.on)

    def _show(self, effect: events.Feedback) -> None:
        self._screen.show(effect.state, effect.reason, effect.number)

    def _call(self, effect: events.Call) -> None:
        self._say(frames.CALL, effect.call, effect.home)
        picture = self.snapshot()
        if picture is not None and len(picture) <= frames.MAX_SNAPSHOT:
            self._say(frames.SNAPSHOT, effect.call, picture)

    def _hangup(self, effect: events.Hangup) -> None:
        self._say(frames.HANGUP, effect.call)

    def _challenge(self, effect: events.Challenge) -> None:
        self._say(frames.CHALLENGE, effect.ticket, effect.challenge)

    def _seek(self, effect: events.Seek) -> None:
        self.seek(effect.home)

    def _alert(self, effect: events.Alert) -> None:
        self._say(frames.ALERT, effect.kind, effect.home)

    def _done(self, effect: events.Done) -> None:
        self._say(frames.DONE, effect.challenge, 1 if effect.ok else 0, effect.code)

    def _say(self, kind: int, *fields: object) -> None:
        if self.link is not None:
            self.link.say(kind, *fields)


async def _all_settled(waits: list[Draft | Note]) -> None:
    for begun in waits:
        await begun.settled.wait()


_ACT: dict[type[Told], Callable[[Carrier, Any], Draft | Note | None]] = {
    events.Log: Carrier._log,
    events.Remember: Carrier._remember,
    events.Unlock: Carrier._unlock,
    events.Release: Carrier._release,
    events.Feedback: Carrier._show,
    events.Call: Carrier._call,
    events.Hangup: Carrier._hangup,
    events.Challenge: Carrier._challenge,
    events.Seek: Carrier._seek,
    events.Alert: Carrier._alert,
    events.Done: Carrier._done,
}
