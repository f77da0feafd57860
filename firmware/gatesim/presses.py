"""Keys pressed on a page: one after another, each held until the unit has surely read it."""

from collections import deque

from gatecore.keypad import DEBOUNCE_MS, KEYS
from gateunit.ports import Clock

HELD_MS = 2 * DEBOUNCE_MS  # at the least, and as much between two keys


class Presses:
    """ports.Keypad. A level changes only after a reading that saw it HELD_MS old, so a stalled reader misses no key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._down = ""
        self._since = self._read_at = -HELD_MS
        self.pressed_at = 0  # mono ms at which the newest key went down

    def type(self, key: str) -> None:
        """Presses one key of gatecore.keypad.KEYS after those that wait."""
        self._waiting.append(key)

    def read(self) -> int:
        """See ports.Keypad."""
        mono = self._clock.mono()
        if self._read_at - self._since >= HELD_MS and (self._down or self._waiting):
            self._down = "" if self._down else self._waiting.popleft()
            self._since = mono
            self.pressed_at = mono if self._down else self.pressed_at
        self._read_at = mono
        return 1 << KEYS.index(self._down) if self._down else 0
