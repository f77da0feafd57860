"""Every record that travels, as the array it is on the wire (docs/protocol.md gives each in text and in bytes).

A record's first element is its purpose, so a signature made for one kind can never be read as another.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError
from gatecore.wire import LISTS, decode, encode

if TYPE_CHECKING:
    from typing import Any

# Field kinds: digits are short in a board's tables. Any other number n means exactly n bytes.
UINT, TEXT, BYTES, LIST, ANY, INT = 1, 2, 3, 4, 5, 6
OR_NULL = 1 << 7  # added to a kind: the field may be null


def fits(value: "Any", kind: int) -> bool:
    """Whether a decoded value is of a field kind."""
    if kind > OR_NULL:
        return value is None or fits(value, kind - OR_NULL)
    if kind == ANY:
        return True
    if kind in (UINT, INT):
        whole = value is not True and value is not False and isinstance(value, int)
        return whole and (kind == INT or value >= 0)
    if kind == TEXT:
        return isinstance(value, str)
    if kind == LIST:
        return isinstance(value, LISTS)
    return isinstance(value, bytes) and (kind == BYTES or len(value) == kind)


class Record:
    """A purpose and named fields; equality is equality of the bytes."""

    PURPOSE = ""
    FIELDS: "tuple[tuple[str, int], ...]" = ()

    def __init__(self, *values: "Any") -> None:
        if len(values) != len(self.FIELDS):
            raise RecordError("fields")
        for field, value in zip(self.FIELDS, values):
            if not fits(value, field[1]):
                raise RecordError(field[0])
            setattr(self, field[0], value)

    def to_wire(self) -> bytes:
        """The record's one encoding."""
        return encode([self.PURPOSE] + [getattr(self, field[0]) for field in self.FIELDS])

    @classmethod
    def from_wire(cls, data: bytes) -> "Any":
        """The record in `data`; RecordError(field | "purpose" | "shape") or WireError if it is not one."""
        value = decode(data)
        if not isinstance(value, list) or not value:
            raise RecordError("shape")
        if value[0] != cls.PURPOSE:
            raise RecordError("purpose")
        if len(value) != len(cls.FIELDS) + 1:
            raise RecordError("fields")
        return cls(*value[1:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.to_wire() == other.to_wire()

    def __hash__(self) -> int:
        return hash(self.to_wire())


# --- from the door ------------------------------------------------------------------------


class Seal(Record):
    """The device's signature over its chain head: it vouches for every entry up to `seq`."""

    dev: bytes
    epoch: int
    seq: int
    head: bytes
    boot: int
    mono: int
    utc: "int | None"
    ack: "bytes | None"

    PURPOSE = "gate-seal/1"
    FIELDS = (
        ("dev", 16),
        ("epoch", UINT),
        ("seq", UINT),
        ("head", 32),
        ("boot", UINT),
        ("mono", UINT),
        ("utc", UINT + OR_NULL),
        ("ack", 16 + OR_NULL),
    )


class Hello(Record):
    """The device's first frame: who it is, over the host's fresh nonce, and how far its log and state go."""

    dev: bytes
    nonce: bytes
    boot: int
    seq: int
    head: bytes
    generation: int
    version: int

    PURPOSE = "gate-hello/1"
    FIELDS = (
        ("dev", 16),
        ("nonce", 16),
        ("boot", UINT),
        ("seq", UINT),
        ("head", 32),
        ("generation", UINT),
        ("version", UINT),
    )


# --- from the estate ----------------------------------------------------------------------


class Keys(Record):
    """Signed by the estate key: the host's working keys. A higher `number` replaces a lower one."""

    number: int
    policy: bytes
    operator: bytes

    PURPOSE = "gate-keys/1"
    FIELDS = (("number", UINT), ("policy", 32), ("operator", 32))


class Cert(Record):
    """Signed by the estate key: this device holds this slot."""

    dev: bytes
    public: bytes
    box: "bytes | None"
    slot: str
    kind: str
    serial: int
    since: int

    PURPOSE = "gate-cert/1"
    FIELDS = (
        ("dev", 16),
        ("public", 32),
        ("box", 32 + OR_NULL),
        ("slot", TEXT),
        ("kind", TEXT),
        ("serial", UINT),
        ("since", UINT),
    )


class HostHello(Record):
    """Signed by the policy key over the device's nonce: the host is ours, and its time is `utc` (ms)."""

    dev: bytes
    nonce: bytes
    utc: int

    PURPOSE = "gate-host/1"
    FIELDS = (("dev", 16), ("nonce", 16), ("utc", UINT))


class StateHeader(Record):
    """Signed by the policy key: the ordered chunk hashes of one device's state, version (generation, version)."""

    dev: bytes
    generation: int
    version: int
    issued: int
    chunks: "list[bytes]"

    PURPOSE = "gate-state/1"
    FIELDS = (("dev", 16), ("generation", UINT), ("version", UINT), ("issued", UINT), ("chunks", LIST))

    def __init__(self, *values: "Any") -> None:
        Record.__init__(self, *values)
        if len(self.chunks) > MAX_CHUNKS or not all([fits(chunk, 32) for chunk in self.chunks]):
            raise RecordError("chunks")


class Command(Record):
    """Signed by the operator key: do `action` now; `challenge` is the door's own, good once and for 10 s."""

    dev: bytes
    action: str
    challenge: bytes
    by: bytes

    PURPOSE = "gate-cmd/1"
    FIELDS = (("dev", 16), ("action", TEXT), ("challenge", 16), ("by", 32))


class ClockOrder(Record):
    """Signed by the policy key against a door's challenge: take this time, even if it is far away or earlier."""

    dev: bytes
    utc: int
    challenge: bytes

    PURPOSE = "gate-clock/1"
    FIELDS = (("dev", 16), ("utc", UINT), ("challenge", 16))


class EpochOrder(Record):
    """Signed by the policy key against a door's challenge: make a new signing key, the key of `epoch`."""

    dev: bytes
    epoch: int
    challenge: bytes

    PURPOSE = "gate-epoch/1"
    FIELDS = (("dev", 16), ("epoch", UINT), ("challenge", 16))


MAX_CHUNKS = 4096
MAX_CHUNK_BYTES = 3072

# --- the access log -----------------------------------------------------------------------

# Entry types. What a type's `pub` holds is drawn in docs/protocol.md; nothing in it names a person or a home.
BOOT, BEACON, KEY, STATE, CLOCK, GAP, LATE, LOG = 1, 2, 3, 4, 6, 7, 8, 9
ACCESS, CALL, FORCED, HELD, TAMPER, FIRE, ALARM, COUNT, FAULT, DISTRUST, EXIT = (
    10,
    11,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
)
GATE = 22  # what a guard wrote down at the gate's own page (gatecopy.Deed)
# The host's own.
GENERATION, ENROLLED, REVOKED, GIVEN, ENDED, ERASED, LOOKED, EXPORTED, DONE = 30, 31, 32, 33, 34, 35, 36, 37, 38

# pub of ACCESS = [direction, result, method, reason, flags]
GRANTED, REFUSED = 1, 0
FACE, CODE, PIN, CARD, REMOTE, FACE_AT_HOME = 1, 2, 3, 4, 5, 6
LATE_FLAG, DERIVED_FLAG, CANCEL_FLAG = 1, 2, 4

ENTRY_VERSION = 1
_ENTRY_KINDS = (UINT, 16, UINT, UINT, 32, UINT, UINT, UINT + OR_NULL, UINT, UINT, LIST, 32 + OR_NULL)


class Entry:
    """One line of the access log: [1, dev, epoch, seq, prev, boot, mono, utc, tq, typ, pub, commit]."""

    dev: bytes
    epoch: int
    seq: int
    prev: bytes
    boot: int
    mono: int
    utc: "int | None"
    tq: int
    typ: int
    pub: "list[int]"
    commit: "bytes | None"

    NAMES = ("dev", "epoch", "seq", "prev", "boot", "mono", "utc", "tq", "typ", "pub", "commit")

    def __init__(self, *values: "Any") -> None:
        if len(values) != len(self.NAMES):
            raise RecordError("fields")
        for name, kind, value in zip(self.NAMES, _ENTRY_KINDS[1:], values):
            if not fits(value, kind):
                raise RecordError(name)
            setattr(self, name, value)
        if self.tq > 4:
            raise RecordError("tq")
        check_pub(self.pub)

    def to_wire(self) -> bytes:
        """The entry's one encoding: what is chained, sealed and stored."""
        return encode([ENTRY_VERSION] + [getattr(self, name) for name in self.NAMES])

    @classmethod
    def from_wire(cls, data: bytes) -> "Entry":
        """The entry in `data`; RecordError or WireError if it is none."""
        value = decode(data)
        if not isinstance(value, list) or not value or value[0] is True or value[0] != ENTRY_VERSION:
            raise RecordError("version")
        return cls(*value[1:])


def check_pub(pub: "list[Any]") -> None:
    """RecordError unless these are whole numbers, all of them."""
    for number in pub:
        if not fits(number, INT):
            raise RecordError("pub")


def private_wire(salt: bytes, subject: bytes, detail: "Any") -> bytes:
    """The bytes of a Private, without making one."""
    return encode((salt, subject, detail))


class Private:
    """The erasable half of an entry: [salt, subject, detail]; the entry holds only SHA-256(0x02 || this)."""

    def __init__(self, salt: bytes, subject: bytes, detail: "Any") -> None:
        if not fits(salt, 16) or not fits(subject, BYTES):
            raise RecordError("private")
        self.salt = salt
        self.subject = subject
        self.detail = detail

    def to_wire(self) -> bytes:
        """The bytes that are committed to."""
        return private_wire(self.salt, self.subject, self.detail)

    @classmethod
    def from_wire(cls, data: bytes) -> "Private":
        """The private half in `data`; RecordError or WireError if it is none."""
        value = decode(data)
        if not isinstance(value, list) or len(value) != 3:
            raise RecordError("private")
        return cls(value[0], value[1], value[2])
