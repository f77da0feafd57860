"""Everything a use case may touch, handed in explicitly."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gatehost.keys import Keyring
from gatehost.model.credential import Capture
from gatehost.model.table import Waiting
from gatehost.service.check import Check
from gatehost.service.ports import DoorLink, Pages
from gatehost.service.tries import Tries
from gatehost.store.backups import Second
from gatehost.store.shelf import Shelf
from gatehost.store.store import Store

HASHING = 2  # passwords hashed at once: each takes 19 MiB and a core


@dataclass(slots=True)
class Live:
    """What lives in this process only and may be lost with it: pictures of calls never reach a disk."""

    pictures: dict[str, bytes] = field(default_factory=dict)
    captures: dict[str, Capture] = field(default_factory=dict)
    wrong_slips: dict[str, list[int]] = field(default_factory=dict)  # device -> when a wrong claim slip was typed
    tries: Tries = field(default_factory=Tries)
    copies: dict[str, bytes] = field(default_factory=dict)  # units with a gate's copy -> what it says, hashed
    copying: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: dict[str, list[int]] = field(default_factory=dict)  # gate -> when visitors asked there
    standing: dict[str, tuple[str, str, int, str]] = field(default_factory=dict)  # slot -> door, plate, when, why
    overstays_asked: int = 0  # up to when homes were asked about guests whose time has ended (ms)
    gone: bytes = b""  # what the second place was told last (service.gone)
    imports: dict[str, Waiting] = field(default_factory=dict)
    marking: asyncio.Lock = field(default_factory=asyncio.Lock)  # a PDF is opened
    exporting: int = 0  # exports that are being written
    check: Check | None = None  # the stored logs are verified, or were
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHING))


@dataclass(frozen=True, slots=True)
class Context:
    """`clock()` is UTC in ms, `random(n)` n random bytes. `url` is where people reach the pages (no trailing slash),
    `device_url` where devices dial,
    `shelf` where documents lie sealed, `second` the second place, which knows what ended."""

    store: Store
    keys: Keyring
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    doors: DoorLink
    pages: Pages
    url: str
    device_url: str
    shelf: Shelf
    live: Live = field(default_factory=Live)
    second: Second | None = None

    def token(self) -> str:
        """A fresh secret of 256 bits as 64 hex digits, for cookies and links."""
        return self.random(32).hex()
