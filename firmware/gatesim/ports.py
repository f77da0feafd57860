"""A door's ports without hardware. Each keeps what was done to it, with the time, so that tests can tell a story."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from gatecore.cards import CardRead
from gatecore.events import Told
from gatecore.keypad import DEBOUNCE_MS, KEYS
from gateunit.errors import StorageError
from gateunit.infrared import FRESH_MS, same_place
from gateunit.ports import Box, Clock, Levels, Picture, Store

PRESS_MS = 2 * DEBOUNCE_MS


class FakeLock:
    """`history` is [(mono ms, "unlock" | "release" | "lock" | "close"), ...]; a pulse that ran out is not noted."""

    def __init__(self, clock: Clock, max_on_ms: int = 60_000) -> None:
        self._clock, self._max_on_ms = clock, max_on_ms
        self.history: list[tuple[int, str]] = []
        self._until = 0
        self._released = False
        self._closed = False

    @property
    def unlocked(self) -> bool:
        """Whether the door can be pushed open now."""
        return not self._closed and (self._released or self._clock.mono() < self._until)

    def unlock(self, ms: int) -> None:
        """See ports.Lock."""
        if self._closed:
            return
        self._until = max(self._until, self._clock.mono() + min(ms, self._max_on_ms))
        self._note("unlock")

    def release(self, on: bool) -> None:
        """See ports.Lock."""
        if self._closed:
            return
        self._released = on
        if not on:
            self._until = 0
        self._note("release" if on else "lock")

    def close(self) -> None:
        """See ports.Lock."""
        if not self._closed:
            self._closed = True
            self._note("close")

    def _note(self, what: str) -> None:
        self.history.append((self._clock.mono(), what))


class FakeKeypad:
    """Keys that are typed one after another, each down for PRESS_MS and up for as long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._down, self._since = "", 0
        self.history: list[tuple[int, str]] = []

    @property
    def idle(self) -> bool:
        """Whether everything typed has been pressed and let go."""
        return not self._waiting and not self._down and self._clock.mono() - self._since >= PRESS_MS

    def type(self, keys: str) -> None:
        """Types `keys` (of gatecore.keypad.KEYS; C is the call button); spaces are for the reader."""
        for key in keys.replace(" ", ""):
            if key not in KEYS:
                raise ValueError(f"there is no key {key!r}")
            self._waiting.append(key)

    def read(self) -> int:
        """See ports.Keypad."""
        mono = self._clock.mono()
        if self._down and mono - self._since >= PRESS_MS:
            self._down, self._since = "", mono
        elif not self._down and self._waiting and mono - self._since >= PRESS_MS:
            self._down, self._since = self._waiting.popleft(), mono
            self.history.append((mono, self._down))
        return 1 << KEYS.index(self._down) if self._down else 0


class FakeReader:
    """Cards held before it one after another; `works` False stands for a reader that was pulled out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Told] = deque()
        self.works = True
        self.history: list[tuple[int, int]] = []

    @property
    def held_at(self) -> int:
        """mono ms at which the last card was held before it."""
        return self.history[-1][0] if self.history else 0

    def hold(self, number: int) -> None:
        """Holds a card before it."""
        if self.works:
            self.history.append((self._clock.mono(), number))
            self._waiting.append(CardRead(number))

    def read(self) -> Told | None:
        """See ports.Reader."""
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """See ports.Reader."""
        self.works = False
        self._waiting.clear()


class FakeInputs:
    """Wires that a test or a page pulls."""

    def __init__(self) -> None:
        self.levels = Levels()

    def read(self) -> Levels:
        """See ports.Inputs."""
        return self.levels

    def set(self, *, leaf_open: bool | None = None, exit: bool | None = None, fire: bool | None = None,
            tamper: bool | None = None) -> None:  # fmt: skip
        """Changes the wires named."""
        named = {"leaf_open": leaf_open, "exit": exit, "fire": fire, "tamper": tamper}
        self.levels = replace(self.levels, **{name: level for name, level in named.items() if level is not None})


class FakeScreen:
    """`shown` is the last (state, reason, number), `compare` the last (title, six digits)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.shown = (0, 0, 0)
        self.compare = ("", "")
        self.history: list[tuple[int, int, int, int]] = []
        self.told: Callable[[], None] = lambda: None

    def show(self, state: int, reason: int, number: int) -> None:
        """See ports.Screen."""
        self.shown = (state, reason, number)
        self.history.append((self._clock.mono(), state, reason, number))
        self.told()

    def digits(self, title: str, six: str) -> None:
        """See ports.Screen."""
        self.compare = (title, six)
        self.told()


class PushedCamera:
    """Frames are pushed by a test or by a browser's camera; only the newest waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: Picture | None = None
        self._there = asyncio.Event()
        self._closed = False
        self.pushed = 0
        self.works = True

    def push(self, picture: Picture) -> None:
        """The next frame: uint8[H, W, 3] RGB."""
        self._newest = picture
        self.pushed += 1
        self._there.set()

    async def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """See ports.Camera."""
        while True:
            await self._there.wait()
            self._there.clear()
            if self._closed:
                return
            picture, self._newest = self._newest, None
            if picture is not None:
                yield self._clock.mono(), picture

    def close(self) -> None:
        """See ports.Camera."""
        self._closed = True
        self._there.set()


class PushedInfrared:
    """An infrared eye that is told what it sees: `show(None)` a dark picture, else the boxes of the faces in it, in
    shares of it. `history` is [(mono ms, what), ...]."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.history: list[tuple[int, tuple[Box, ...]]] = []

    def show(self, faces: Sequence[Box] | None) -> None:
        """The next picture."""
        if faces is not None:
            self.history.append((self._clock.mono(), tuple(faces)))

    def sees(self, box: Box, mono: int) -> bool | None:
        """See ports.Infrared."""
        if not self.history or abs(mono - self.history[-1][0]) > FRESH_MS:
            return None
        return any(same_place(box, face) for face in self.history[-1][1])

    def forget(self) -> None:
        """See ports.Infrared."""
        self.history.clear()

    def close(self) -> None:
        """See ports.Infrared."""


class FaultyStore:
    """A real store behind a disk that can be slow, full or silent. `history` is [(mono ms, "append" | name), ...]."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self.slow_ms = 0
        self.full = False
        self.history: list[tuple[int, str]] = []

    @property
    def writable(self) -> bool:
        """See ports.Store."""
        return self._store.writable

    async def append(self, frames: Sequence[bytes]) -> None:
        """See ports.Journal."""
        await self._trouble()
        await self._store.append(frames)
        self.history.append((self._clock.mono(), "append"))

    async def write(self, name: str, data: bytes | None) -> None:
        """See ports.Records."""
        await self._trouble()
        await self._store.write(name, data)
        self.history.append((self._clock.mono(), name))

    async def drop(self, count: int) -> None:
        """See ports.Journal."""
        await self._trouble()
        await self._store.drop(count)

    def read(self, first: int, count: int) -> list[bytes]:
        """See ports.Journal."""
        return self._store.read(first, count)

    def stored(self) -> bytes:
        """See ports.Journal."""
        return self._store.stored()

    def truncate(self, length: int) -> None:
        """See ports.Journal."""
        self._store.truncate(length)

    def load(self, name: str) -> bytes | None:
        """See ports.Records."""
        return self._store.load(name)

    def names(self, prefix: str) -> list[str]:
        """See ports.Records."""
        return self._store.names(prefix)

    def close(self) -> None:
        """See ports.Store."""
        self._store.close()

    async def _trouble(self) -> None:
        if self.slow_ms:
            await self._clock.sleep(self.slow_ms)
        if self.full:
            raise StorageError("No space left on device")
