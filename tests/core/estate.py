"""A small estate for the core's tests: keys, a building door's state and a door, all from fixed bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gatecore import codes, state
from gatecore.clock import Now
from gatecore.events import Feedback, Log, StateTaken, Told, Unlock
from gatecore.records import Cert, Command, Keys
from gatecore.sighted import SightedDoor
from gatecore.sign import key_id, sha256
from gatecore.state import HeldState, State
from gatecore.throttle import Memory
from gatecore.trust import Trust
from gatecore.wire import sign1

MASTER = bytes(range(32))
LIST_KEY = b"L" * 32
HOME, OTHER_HOME = "120502", "120601"
ANNE, BORIS = b"A" * 16, b"B" * 16
DAY = 20_780  # 2026-11-23, a Monday
HOUR, MINUTE = 3_600_000, 60_000
OFFSETS = [[0, 480]]  # UTC+8


class Signer:
    """An Ed25519 key with the shape the core expects."""

    def __init__(self, name: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()))
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


ESTATE, POLICY, OPERATOR, DEVICE, STRANGER = (
    Signer(name) for name in ("estate", "policy", "operator", "device", "stranger")
)
KEYS = Keys(1, POLICY.public, OPERATOR.public)


def counter() -> Callable[[int], bytes]:
    """Random bytes that are not: 0001, 0002, ..."""
    count = 0

    def random(n: int) -> bytes:
        nonlocal count
        count += 1
        return count.to_bytes(n, "big")

    return random


def at(hour: float, mono: int = 0, day: int = DAY, quality: int = 3) -> Now:
    """An instant by the estate's wall clock."""
    return Now(1, mono, int(day * 24 * HOUR + hour * HOUR) - 8 * HOUR, quality)


def day_code(home: str = HOME, day: int = DAY, slot: int = 0, zone: str = "12") -> str:
    """The eight digits of a day's slot."""
    key = codes.zone_key(MASTER, zone, day // codes.EPOCH_DAYS)
    return codes.with_check(home, codes.derive(key, home, day, slot))


def mark(home: str, eight: str) -> bytes:
    return codes.digest(LIST_KEY, home, eight[:7])


def seconds(now: Now) -> int:
    assert now.utc is not None
    return now.utc // 1000


@dataclass
class Rows:
    """What the door is told; a test changes a row and builds the state."""

    door: list[Any] = field(
        default_factory=lambda: ["Stair 3", "1205", 6, 0, 5000, 20_000, state.FACE_FREE, 1, "estate office", LIST_KEY]
    )
    offsets: list[Any] = field(default_factory=lambda: [list(row) for row in OFFSETS])
    zones: list[Any] = field(
        default_factory=lambda: [
            ["12", epoch, codes.zone_key(MASTER, "12", epoch)]
            for epoch in range(DAY // codes.EPOCH_DAYS - 1, DAY // codes.EPOCH_DAYS + 2)
        ]
    )
    homes: list[Any] = field(default_factory=lambda: [[HOME, "12", 1], [OTHER_HOME, "12", 0]])
    codes: list[Any] = field(default_factory=list)
    revoked: list[Any] = field(default_factory=list)
    pins: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=lambda: [[ANNE, HOME, 0, seconds(at(0, day=DAY + 300)), 3, 0]])
    schedules: list[Any] = field(default_factory=list)
    life: list[Any] = field(default_factory=list)

    def state(self, version: int = 1) -> State:
        built = HeldState(1, version)
        for chunk in self.chunks():
            built.add(chunk)
        return built

    def chunks(self) -> list[bytes]:
        kinds = [
            (state.DOOR, [self.door]),
            (state.OFFSETS, self.offsets),
            (state.ZONES, self.zones),
            (state.HOMES, self.homes),
            (state.CODES, self.codes),
            (state.REVOKED, self.revoked),
            (state.PINS, self.pins),
            (state.PEOPLE, self.people),
            (state.SCHEDULES, self.schedules),
            (state.LIFE, self.life),
        ]
        return [chunk for kind, rows in kinds for chunk in state.chunks(kind, rows)]

    def issue(
        self, home: str, eight: str, since: Now, until: Now, uses: int = 3, weekdays: int = 0, first: int = 0
    ) -> None:
        """Lists an issued code."""
        row = [home, mark(home, eight), b"C" * 16, seconds(since), seconds(until), uses, weekdays, first]
        self.codes.append(row)

    def pin(self, home: str, seven: str, person: bytes = ANNE, duress: int = 0) -> None:
        self.pins.append([home, codes.digest(LIST_KEY, home, seven), person, seconds(at(0, day=DAY + 300)), duress])


class Bench:
    """A door on the bench: type, show, wait, and see what it answered."""

    def __init__(self, rows: Rows | None = None, hour: float = 9, day: int = DAY, memory: Memory | None = None) -> None:
        self.rows = rows or Rows()
        self.trust = Trust(DEVICE.key_id, ESTATE.public, verify, counter())
        self.trust.accept_keys(sign1(KEYS.to_wire(), ESTATE))
        self.door = SightedDoor(self.rows.state(), memory or Memory(), self.trust, counter())
        self.hour, self.day, self.mono, self.quality = hour, day, 0, 3
        self.told: list[Told] = []

    def now(self) -> Now:
        return at(self.hour + self.mono / HOUR, self.mono, self.day, self.quality)

    def do(self, event: Told) -> list[Told]:
        return self.door.step(event, self.now())

    def wait(self, ms: int) -> None:
        self.mono += ms

    def take(self, rows: Rows) -> None:
        self.rows = rows
        self.do(StateTaken(rows.state(self.door.state.version + 1)))

    def type(self, text: str) -> list[Told]:
        from gatecore.events import Key

        effects: list[Told] = []
        for key in text:
            effects += self.do(Key(key))
        return effects

    def command(
        self, challenge: bytes, action: str = "open", signer: Any = OPERATOR, dev: bytes = DEVICE.key_id
    ) -> bytes:
        return sign1(Command(dev, action, challenge, b"y" * 32).to_wire(), signer)


def opened(effects: list[Told]) -> bool:
    return any(isinstance(effect, Unlock) for effect in effects)


def reason(effects: list[Told]) -> int:
    """The reason of the last feedback."""
    shown = [effect for effect in effects if isinstance(effect, Feedback)]
    return shown[-1].reason


def logged(effects: list[Told], typ: int) -> list[Log]:
    return [effect for effect in effects if isinstance(effect, Log) and effect.typ == typ]


def cert(kind: str = "door") -> bytes:
    return sign1(Cert(DEVICE.key_id, DEVICE.public, None, "stair-3", kind, 1, 0).to_wire(), ESTATE)
