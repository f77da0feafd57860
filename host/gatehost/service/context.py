"""Everything a use case may touch, handed in explicitly."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gatehost.keys import Keyring
from gatehost.service.ports import DoorLink, Pages
from gatehost.store.store import Store


@dataclass(slots=True)
class Ringing:
    """A live call's fleeting part: who was called, and the picture that never reaches a disk."""

    dev: str
    picture: bytes = b""


@dataclass(slots=True)
class Live:
    """What lives in this process only and may be lost with it."""

    calls: dict[str, Ringing] = field(default_factory=dict)
    captures: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """`clock()` is UTC in ms, `random(n)` n random bytes. `url` is where people reach the pages (no trailing slash),
    `device_url` where devices dial."""

    store: Store
    keys: Keyring
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    doors: DoorLink
    pages: Pages
    url: str
    device_url: str
    live: Live = field(default_factory=Live)
