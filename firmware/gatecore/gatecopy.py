"""What the unit at a gate is given so that its guards can work while the host is away, and what they write down there.

The host sends a Copy: signed by the policy key for one device, its inside sealed to that device's box key. Times in it
are s. What a guard does at the unit is a Deed: the private half of an entry of type records.GATE in the unit's own log,
so it is durable, in order, sealed and delivered as every entry is. A board never loads this.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError
from gatecore.records import ANY, BYTES, LIST, OR_NULL, TEXT, UINT, Record, fits
from gatecore.wire import decode, encode

if TYPE_CHECKING:
    from typing import Any

# what a guard did: signed in, let in (the home agreed, or nobody had to), saw leave, met and safe, took that back,
# let in together with somebody of the home who stood there, let in by their own decision
CAME, IN, OUT, SAFE, UNSAFE, FETCHED, DECIDED = 0, 1, 2, 3, 4, 5, 6
DEEDS = (CAME, IN, OUT, SAFE, UNSAFE, FETCHED, DECIDED)
ENTRIES = (IN, FETCHED, DECIDED)
EXPECTED, INSIDE, POSSIBLE = 0, 1, 2  # of a stay in the copy; POSSIBLE: closed by the office, exit not seen
KEPT_S = 3 * 86_400  # a copy older than this is erased where it lies
CODE_DIGITS = 8
ROUNDS, BLOCK, LANES = 1 << 14, 8, 1  # scrypt (RFC 7914): 16 MiB and a tenth of a second for each guess
SALT, HASH = 16, 32
LONGEST = 60  # characters of a text in a deed
MOST_HEADS = 500
MOST_STAYS, MOST_SLIPS, MOST_GUARDS, MOST_HOMES = 3000, 200, 100, 20_000


class Copy(Record):
    """The header: whose it is, which it is, how old, up to which entry of the device's own log it tells, and the inside
    sealed (HPKE, RFC 9180) under `info`."""

    dev: bytes
    generation: int
    number: int
    made: int
    until: int
    upto: int
    sealed: bytes

    PURPOSE = "gate-copy/1"
    FIELDS = (
        ("dev", 16),
        ("generation", UINT),
        ("number", UINT),
        ("made", UINT),
        ("until", UINT),
        ("upto", UINT),
        ("sealed", BYTES),
    )


def info(estate: bytes, dev: bytes, generation: int, number: int) -> bytes:
    """What the sealed inside is bound to: it opens at this estate, for this device and as this copy only."""
    return encode(["gate-copy/1", estate, dev, generation, number])


# rows of the inside
GUARD = (UINT, TEXT, SALT, HASH, UINT)  # account, name, salt, scrypt of the code, until
# number, state, kind, name, plate, last four of the phone, home, home's name, building, heads, since, until, safe
STAY = (UINT, UINT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, UINT, UINT, UINT, UINT)
SLIP = (TEXT, TEXT, TEXT, UINT, UINT, LIST)  # number, who moves, home, since, until, [[what, how many], ...]
ESCORT = (UINT, LIST)  # 1: visitors come in with somebody of the home only, else 0; the homes where it is the other way
ALONE = [0, []]


def inside(gate: str, guards: "list[Any]", stays: "list[Any]", slips: "list[Any]", escort: "list[Any]") -> bytes:
    """The inside of a copy, before it is sealed."""
    return encode([gate, guards, stays, slips, escort])


def read_inside(data: bytes) -> "tuple[str, list[Any], list[Any], list[Any], list[Any]]":
    """(gate, guards, stays, slips, escort); RecordError or WireError for anything but what `inside` makes."""
    value = decode(data)
    if not isinstance(value, list) or len(value) != 5 or not fits(value[0], TEXT):
        raise RecordError("inside")
    for rows, shape, most in zip(value[1:4], (GUARD, STAY, SLIP), (MOST_GUARDS, MOST_STAYS, MOST_SLIPS)):
        if not isinstance(rows, list) or len(rows) > most or not all(_is(row, shape) for row in rows):
            raise RecordError("inside")
    for slip in value[3]:
        if not all(_is(line, (TEXT, UINT)) for line in slip[5]):
            raise RecordError("inside")
    if not _is(value[4], ESCORT) or value[4][0] > 1 or len(value[4][1]) > MOST_HOMES:
        raise RecordError("inside")
    if not all(fits(home, TEXT) for home in value[4][1]):
        raise RecordError("inside")
    return value[0], value[1], value[2], value[3], value[4]


def _is(row: "Any", shape: "tuple[int, ...]") -> bool:
    return isinstance(row, list) and len(row) == len(shape) and all(fits(one, kind) for one, kind in zip(row, shape))


class Deed:
    """One thing a guard wrote down at the unit. `about` is the number of a stay in the copy, or the id of the deed that
    let somebody in; None where neither is meant."""

    FIELDS = (
        ("id", 16),
        ("by", UINT),
        ("act", UINT),
        ("about", ANY),
        ("kind", TEXT),
        ("home", TEXT),
        ("name", TEXT),
        ("phone", TEXT),
        ("plate", TEXT),
        ("note", TEXT),
        ("heads", UINT),
    )

    id: bytes
    by: int
    act: int
    about: "int | bytes | None"
    kind: str
    home: str
    name: str
    phone: str
    plate: str
    note: str
    heads: int

    def __init__(self, *values: "Any") -> None:
        if len(values) != len(self.FIELDS):
            raise RecordError("fields")
        for field, value in zip(self.FIELDS, values):
            if not fits(value, field[1]) or (isinstance(value, str) and not _plain(value)):
                raise RecordError(field[0])
            setattr(self, field[0], value)
        if self.act not in DEEDS:
            raise RecordError("act")
        if not (fits(self.about, UINT + OR_NULL) or fits(self.about, 16)):
            raise RecordError("about")
        if self.about is None and self.act in (OUT, SAFE, UNSAFE):
            raise RecordError("about")
        if not 1 <= self.heads <= MOST_HEADS:
            raise RecordError("heads")

    def row(self) -> "list[Any]":
        """The detail of the entry's private half."""
        return [getattr(self, field[0]) for field in self.FIELDS]

    @property
    def subject(self) -> bytes:
        """Whose the private half is: the home's, or the gate's own."""
        return self.home.encode() or b"gate"


def _plain(text: str) -> bool:
    return len(text) <= LONGEST and all(ord(char) >= 32 for char in text)


def deed(pub: "list[int]", detail: "Any") -> Deed:
    """The deed of an entry; RecordError if its two halves are none."""
    if not isinstance(detail, list):
        raise RecordError("deed")
    made = Deed(*detail)
    if pub != [made.act]:
        raise RecordError("act")
    return made


def parted(typed: str) -> "tuple[int, str] | None":
    """(account, code) of what a guard typed: the account's number, then CODE_DIGITS digits; None for anything else."""
    digits = "".join(char for char in typed if char not in " -")
    if not CODE_DIGITS < len(digits) <= CODE_DIGITS + 9 or not all(char in "0123456789" for char in digits):
        return None
    return int(digits[:-CODE_DIGITS]), digits[-CODE_DIGITS:]
