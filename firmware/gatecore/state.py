"""What a door has been told: the signed state's chunks, read into look-ups.

A chunk is CBOR [kind, [row, ...]] of at most 3 KB; the header (records.StateHeader) signs the chunks' hashes in order.
Times in rows are seconds since 1970 UTC. The rows of every kind are drawn in docs/protocol.md.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError
from gatecore.records import ANY, BYTES, MAX_CHUNK_BYTES, TEXT, UINT, fits
from gatecore.wire import decode, encode

if TYPE_CHECKING:
    from typing import Any

DOOR, OFFSETS, ZONES, HOMES, CODES, REVOKED, PINS, PEOPLE, FACES, SEAL_TO, SCHEDULES, CARDS, LIFE = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
)  # fmt: skip

INT = ANY - 1  # any integer, negative too: only UTC offsets are
ROWS: "dict[int, tuple[int, ...]]" = {
    # label, prefix, dial length, direction, unlock ms, held ms, face mode, call on, who decided (text), list key
    DOOR: (TEXT, TEXT, UINT, UINT, UINT, UINT, UINT, UINT, TEXT, 32),
    OFFSETS: (UINT, INT),  # from utc s, minutes east of UTC
    ZONES: (TEXT, UINT, 32),  # zone, epoch, zone key
    HOMES: (TEXT, TEXT, UINT),  # home, zone, flags (1: may be called)
    CODES: (
        TEXT,
        16,
        16,
        UINT,
        UINT,
        UINT,
        UINT,
        UINT,
    ),  # home, digest, id, from, until, uses (0: any), weekdays, first s
    REVOKED: (TEXT, 16, UINT),  # home, digest, until
    PINS: (TEXT, 16, 16, UINT, UINT),  # home, digest, person, until, 1: duress
    PEOPLE: (16, TEXT, UINT, UINT, UINT, UINT),  # person, home, from, until, ways, schedule (0: always)
    FACES: (16, TEXT, TEXT, 32, BYTES),  # person, home, model id, SHA-256 of the sealed templates, sealed key
    SEAL_TO: (16, 32, TEXT, BYTES),  # (vault only) device, its box key, place, its certificate
    SCHEDULES: (UINT, UINT, UINT, UINT),  # schedule, weekdays, from minute, to minute
    CARDS: (16, 16, UINT),  # card digest, person, until
    LIFE: (UINT,),  # when a face must prove that it is alive
}

FACE_OFF, FACE_FREE, FACE_AT_HOME = 0, 1, 2  # DOOR row: face mode
LIFE_OFF, LIFE_UNSURE, LIFE_ALWAYS = 0, 1, 2  # LIFE row; no row: off
INWARD, OUTWARD = 0, 1  # DOOR row: direction
WAY_FACE, WAY_FACE_AT_HOME = 1, 2  # PEOPLE row: ways
CALLABLE = 1  # HOMES row: flags


class DoorRow:
    """The one row of kind DOOR, by name."""

    def __init__(self, row: "list[Any]") -> None:
        self.label: str = row[0]
        self.prefix: str = row[1]
        self.dial_length: int = row[2]
        self.direction: int = row[3]
        self.unlock_ms: int = row[4]
        self.held_ms: int = row[5]
        self.face: int = row[6]
        self.calls: int = row[7]
        self.decided_by: str = row[8]
        self.list_key: bytes = row[9]


class State:
    """One version of a door's state. Look-ups return rows (lists) or None; an empty State knows nobody."""

    def __init__(self, generation: int = 0, version: int = 0) -> None:
        self.generation = generation
        self.version = version
        self.door: "DoorRow | None" = None
        self.life = LIFE_OFF
        self.offsets: "list[list[int]]" = []
        self.faces: "list[list[Any]]" = []
        self.seal_to: "list[list[Any]]" = []
        self._keyed: "dict[int, dict[Any, list[Any]]]" = {}
        self._schedules: "dict[int, list[list[int]]]" = {}

    def add(self, chunk: bytes) -> None:
        """Reads one chunk; RecordError if it is not a chunk this version knows, to the last field."""
        if len(chunk) > MAX_CHUNK_BYTES:
            raise RecordError("long")
        value = decode(chunk)
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
            raise RecordError("chunk")
        kinds = ROWS.get(value[0]) if fits(value[0], UINT) else None
        if kinds is None:
            raise RecordError("kind")
        for row in value[1]:
            _check(row, kinds)
            self._put(value[0], row)

    def _put(self, kind: int, row: "list[Any]") -> None:
        if kind == DOOR:
            self.door = DoorRow(row)
        elif kind == LIFE:
            self.life = row[0]
        elif kind == OFFSETS:
            self.offsets.append([row[0] * 1000, row[1]])
        elif kind == FACES:
            self.faces.append(row)
        elif kind == SEAL_TO:
            self.seal_to.append(row)
        elif kind == SCHEDULES:
            self._schedules.setdefault(row[0], []).append(row)
        else:
            self._keyed.setdefault(kind, {})[_key(kind, row)] = row

    def zone_key(self, zone: str, epoch: int) -> "bytes | None":
        """The zone's visitor-code key of that 30-day epoch, if this door holds it."""
        row = self._keyed.get(ZONES, {}).get((zone, epoch))
        return None if row is None else row[2]

    def home(self, home: str) -> "list[Any] | None":
        """The row of a home this door serves."""
        return self._keyed.get(HOMES, {}).get(home)

    def code(self, home: str, digest: bytes) -> "list[Any] | None":
        """The row of an issued code."""
        return self._keyed.get(CODES, {}).get((home, digest))

    def revoked(self, home: str, digest: bytes) -> bool:
        """Whether this code was taken back."""
        return (home, digest) in self._keyed.get(REVOKED, {})

    def pin(self, home: str, digest: bytes) -> "list[Any] | None":
        """The row of a resident PIN."""
        return self._keyed.get(PINS, {}).get((home, digest))

    def person(self, person: bytes) -> "list[Any] | None":
        """The row of a person who may pass here."""
        return self._keyed.get(PEOPLE, {}).get(person)

    def card(self, digest: bytes) -> "list[Any] | None":
        """The row of a card."""
        return self._keyed.get(CARDS, {}).get(digest)

    def schedule(self, number: int) -> "list[list[int]]":
        """The windows of a schedule; none for an unknown one."""
        return self._schedules.get(number, [])

    def canonical(self, typed: str) -> str:
        """The estate-wide home number of what was dialled here: a short number takes the building door's prefix."""
        if not typed or self.door is None or len(typed) >= self.door.dial_length:
            return typed
        return self.door.prefix + typed


def _key(kind: int, row: "list[Any]") -> "Any":
    if kind in (HOMES, PEOPLE, CARDS):
        return row[0]
    return (row[0], row[1])


def _check(row: "Any", kinds: "tuple[int, ...]") -> None:
    if not isinstance(row, list) or len(row) != len(kinds):
        raise RecordError("row")
    for value, kind in zip(row, kinds):
        if kind == INT:
            good = value is not True and value is not False and isinstance(value, int)
        else:
            good = fits(value, kind)
        if not good:
            raise RecordError("row")


def chunks(kind: int, rows: "list[list[Any]]") -> "list[bytes]":
    """The rows of one kind as chunks of at most MAX_CHUNK_BYTES, in order; none for no rows."""
    made: list[bytes] = []
    held: list[list[Any]] = []
    size = 0
    for row in rows:
        _check(row, ROWS[kind])
        more = len(encode(row))
        if held and size + more > MAX_CHUNK_BYTES - 8:
            made.append(encode([kind, held]))
            held, size = [], 0
        held.append(row)
        size += more
    if held:
        made.append(encode([kind, held]))
    return made
