"""A simulated door as its page shows it: what is on screen and lock now, and what a person before it can do."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gatecore import events, feedback
from gatecore import records as r
from gatecore.cards import MOST
from gatecore.events import Told
from gatecore.keypad import KEYS
from gatesim.camera import PageCamera
from gatesim.ports import FakeInputs, FakeLock, FakeReader, FakeScreen
from gatesim.presses import Presses
from gatesim.tape import line
from gateunit import guidance
from gateunit.ports import Clock

PRESSED_S = 0.1  # how long a button is held
WALK_S = 0.8  # from the lock's click to the leaf being pushed
LONG_AGO_MS = 10_000
THROUGH_S = 2.4  # the leaf is open for so long
Heard = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Props:
    """The fake ports of one door that its page moves and shows."""

    lock: FakeLock
    keypad: Presses
    inputs: FakeInputs
    screen: FakeScreen
    camera: PageCamera
    reader: FakeReader


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the unit knows, asked when it is shown. `vault` is None for a door that is no vault."""

    label: Callable[[], str]
    linked: Callable[[], bool]
    seq: Callable[[], int]
    closed: Callable[[], list[str]]
    vault: Callable[[], dict[str, Any] | None] = lambda: None


class Stage:
    """Moves the ports for the page; `hear` gets every message for it.

    Somebody walks through when it opens, unless the story is `played`: then nobody does, and each entry's home is told
    too, so that the story can see whom the door took its visitor for.
    """

    def __init__(self, clock: Clock, props: Props, facts: Facts, hear: Heard, played: bool = False) -> None:
        self._clock, self._props, self._facts, self._hear, self._played = clock, props, facts, hear, played
        self._walk: asyncio.Task[None] | None = None
        self._hold: asyncio.Task[None] | None = None
        self.changed = asyncio.Event()
        props.screen.told = self.changed.set

    def view(self) -> dict[str, Any]:
        """Everything the page shows."""
        state, reason, number = self._props.screen.shown
        levels = self._props.inputs.levels
        title, six = self._props.screen.compare
        return {
            "kind": "view",
            "label": self._facts.label(),
            "link": self._facts.linked(),
            "state": state,
            "reason": reason,
            "seq": self._facts.seq(),
            "closed": self._facts.closed(),
            "said": len(self._props.screen.history),
            "light": feedback.LIGHT[state],
            "sound": feedback.SOUND[state],
            "text": [_text(state, reason, number, language) for language in (0, 1)],
            "lock": self._lock(),
            "leaf": levels.leaf_open,
            "fire": levels.fire,
            "digits": {"title": title, "six": six} if six else None,
            **(self._facts.vault() or {}),
        }

    def _lock(self) -> str:
        if self._props.inputs.levels.fire and self._props.lock.unlocked:
            return "released"
        return "open" if self._props.lock.unlocked else "shut"

    # --- what a person does ---------------------------------------------------------------

    def key(self, key: str) -> bool:
        """Presses a key; False if there is none of that name."""
        if len(key) != 1 or key not in KEYS:
            return False
        self._props.keypad.type(key)
        return True

    def card(self, number: int) -> bool:
        """Holds a card before the reader; False for a number that no card has."""
        if not 0 < number <= MOST:
            return False
        self._props.reader.hold(number)
        return True

    def exit(self) -> None:
        """Presses the exit button for a moment."""
        self._props.inputs.set(exit=True)
        if self._hold is not None:
            self._hold.cancel()
        self._hold = asyncio.create_task(self._let_go())

    async def _let_go(self) -> None:
        await asyncio.sleep(PRESSED_S)
        self._props.inputs.set(exit=False)

    def leaf(self, is_open: bool) -> None:
        """Pushes the leaf open or shut, whatever the lock says."""
        if self._walk is not None:
            self._walk.cancel()
        self._props.inputs.set(leaf_open=is_open)
        self.changed.set()

    def fire(self, on: bool) -> None:
        """Pulls the fire line."""
        self._props.inputs.set(fire=on)
        self.changed.set()

    # --- what the unit does ---------------------------------------------------------------

    def see(self, effect: Told) -> None:
        """Hears of an effect that has been carried out."""
        self.changed.set()
        words = line(effect)
        if words is not None:
            ms = self._took() if isinstance(effect, events.Log) else None
            self._hear({"kind": "tape", "at": int(time.time() * 1000), "text": list(words), "ms": ms})
        if self._played and isinstance(effect, events.Log) and effect.typ == r.ACCESS:
            self._hear({"kind": "entry", "pub": effect.pub, "home": effect.detail[0] if effect.detail else ""})
        if isinstance(effect, events.Unlock):
            self._hear({"kind": "unlock", "ms": self._took()})
            if not self._played:
                self._begin_walk()

    def _took(self) -> int | None:
        """ms since the key went down, the frame came or the card was held that was last; None if that was long ago."""
        took = self._clock.mono() - max(
            self._props.keypad.pressed_at, self._props.camera.seen_at, self._props.reader.held_at
        )
        return took if took < LONG_AGO_MS else None

    def _begin_walk(self) -> None:
        if self._walk is not None:
            self._walk.cancel()
        self._walk = asyncio.create_task(self._walk_through())

    async def _walk_through(self) -> None:
        await asyncio.sleep(WALK_S)
        self._props.inputs.set(leaf_open=True)
        self.changed.set()
        await asyncio.sleep(THROUGH_S)
        self._props.inputs.set(leaf_open=False)
        self.changed.set()

    async def close(self) -> None:
        """Ends what was begun."""
        for task in (self._walk, self._hold):
            if task is not None:
                task.cancel()


def _text(state: int, reason: int, number: int, language: int) -> str:
    said = guidance.text(state, reason, language)
    if not number:
        return said
    return said + (f"（约 {number} 分钟）" if language == 0 else f" (about {number} min)")
