"""What a door has been told: the signed state's chunks, read into look-ups.

A chunk is CBOR [kind, [row, ...]] of at most 3 KB; the header (records.StateHeader) signs the chunks' hashes in order.
Over all chunks kinds rise, and within a kind rows rise strictly by the encoding of their key: a board finds a row by
halving, and no two doors can read two rows of one key differently.
Times in rows are seconds since 1970 UTC. The rows of every kind are drawn in docs/protocol.md.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError
from gatecore.records import BYTES, INT, MAX_CHUNK_BYTES, TEXT, UINT, fits
from gatecore.wire import array, encode, opening, read

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    Row = tuple[int, list[Any], int, int, int]  # kind, row, where in the chunk it starts, its key ends, it ends

DOOR, OFFSETS, ZONES, HOMES, CODES, REVOKED, PINS, PEOPLE, FACES, SEAL_TO, SCHEDULES, CARDS, LIFE = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
)  # fmt: skip

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
    CARDS: (16, 16, UINT),  # card digest, person, until (0: reported lost)
    LIFE: (UINT,),  # when a face must prove that it is alive
}

# How many leading fields are a row's key; of the other kinds it is the whole row.
KEYS = {ZONES: 2, HOMES: 1, CODES: 2, REVOKED: 2, PINS: 2, PEOPLE: 1, CARDS: 1}

FACE_OFF, FACE_FREE, FACE_AT_HOME = 0, 1, 2  # DOOR row: face mode
LIFE_OFF, LIFE_UNSURE, LIFE_ALWAYS = 0, 1, 2  # LIFE row; no row: off
INWARD, OUTWARD = 0, 1  # DOOR row: direction
WAY_FACE, WAY_FACE_AT_HOME = 1, 2  # PEOPLE row: ways
CALLABLE = 1  # HOMES row: flags
MOST_OFFSET = 1_440  # minutes: no place on earth is further from UTC


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
    """One version of a door's state, wherever its rows lie: gateboard.shelf has them on flash, HeldState in memory.

    Look-ups return rows (lists) or None; this one knows nobody."""

    def __init__(self, generation: int = 0, version: int = 0) -> None:
        self.generation = generation
        self.version = version
        self.door: "DoorRow | None" = None
        self.life = LIFE_OFF
        self.offsets: "list[list[int]]" = []
        self._schedules: "dict[int, list[list[int]]]" = {}

    def put(self, kind: int, row: "list[Any]") -> None:
        """Keeps one checked row of a kind that has few."""
        if kind == DOOR:
            self.door = DoorRow(row)
        elif kind == LIFE:
            self.life = row[0]
        elif kind == OFFSETS:
            self.offsets.append([row[0] * 1000, row[1]])
        elif kind == SCHEDULES:
            self._schedules.setdefault(row[0], []).append(row)

    def find(self, kind: int, *key: "Any") -> "list[Any] | None":
        """The row of a keyed kind."""
        return None

    def zone_key(self, zone: str, epoch: int) -> "bytes | None":
        """The zone's visitor-code key of that 30-day epoch, if this door holds it."""
        row = self.find(ZONES, zone, epoch)
        return None if row is None else row[2]

    def home(self, home: str) -> "list[Any] | None":
        """The row of a home this door serves."""
        return self.find(HOMES, home)

    def code(self, home: str, digest: bytes) -> "list[Any] | None":
        """The row of an issued code."""
        return self.find(CODES, home, digest)

    def revoked(self, home: str, digest: bytes) -> bool:
        """Whether this code was taken back."""
        return self.find(REVOKED, home, digest) is not None

    def pin(self, home: str, digest: bytes) -> "list[Any] | None":
        """The row of a resident PIN."""
        return self.find(PINS, home, digest)

    def person(self, person: bytes) -> "list[Any] | None":
        """The row of a person who may pass here."""
        return self.find(PEOPLE, person)

    def card(self, digest: bytes) -> "list[Any] | None":
        """The row of a card."""
        return self.find(CARDS, digest)

    def schedule(self, number: int) -> "list[list[int]]":
        """The windows of a schedule; none for an unknown one."""
        return self._schedules.get(number, [])

    def canonical(self, typed: str) -> str:
        """The estate-wide home number of what was dialled here: a short number takes the building door's prefix."""
        if not typed or self.door is None or len(typed) >= self.door.dial_length:
            return typed
        return self.door.prefix + typed


class HeldState(State):
    """A state in memory, read chunk by chunk."""

    def __init__(self, generation: int = 0, version: int = 0) -> None:
        State.__init__(self, generation, version)
        self.faces: "list[list[Any]]" = []  # what only a unit is told
        self.seal_to: "list[list[Any]]" = []
        self._keyed: "dict[int, dict[Any, list[Any]]]" = {}
        self._last = b""

    def add(self, chunk: bytes) -> None:
        """Reads one chunk; RecordError if it is not a chunk this version knows, to the last field and in order."""
        for kind, row, start, key_end, _ in rows_of(chunk):
            key = bytes([kind]) + chunk[start:key_end]
            if key <= self._last:
                raise RecordError("order")
            self._last = key
            self.put(kind, row)

    def put(self, kind: int, row: "list[Any]") -> None:
        """Keeps one checked row."""
        if kind in KEYS:
            self._keyed.setdefault(kind, {})[tuple(row[: KEYS[kind]])] = row
        elif kind == FACES:
            self.faces.append(row)
        elif kind == SEAL_TO:
            self.seal_to.append(row)
        else:
            State.put(self, kind, row)

    def find(self, kind: int, *key: "Any") -> "list[Any] | None":
        """The row of a keyed kind."""
        return self._keyed.get(kind, {}).get(key)

    def all_of_kind(self, kind: int) -> "list[list[Any]]":
        """All rows of a keyed kind."""
        return list(self._keyed.get(kind, {}).values())


def rows_of(chunk: bytes) -> "Generator[Row, None, None]":
    """The checked rows of a chunk, one after another: none is in memory but the present one."""
    if len(chunk) > MAX_CHUNK_BYTES:
        raise RecordError("long")
    parts, at = array(chunk, 0)
    if parts != 2:
        raise RecordError("chunk")
    head: "list[Any]" = []
    at = read(head, chunk, at)
    kind = head[0]
    kinds = ROWS.get(kind) if fits(kind, UINT) else None
    if kinds is None:
        raise RecordError("kind")
    count, at = array(chunk, at)
    if count < 0:
        raise RecordError("chunk")
    for _ in range(count):
        start = at
        fields, at = array(chunk, at)
        if fields != len(kinds):
            raise RecordError("row")
        row: "list[Any]" = []
        key_end = 0
        for wanted in kinds:
            at = read(row, chunk, at)
            if not fits(row[-1], wanted):
                raise RecordError("row")
            if len(row) == KEYS.get(kind, fields):
                key_end = at
        if kind == OFFSETS and not -MOST_OFFSET <= row[1] <= MOST_OFFSET:  # else no day would have a number
            raise RecordError("row")
        yield kind, row, start, key_end, at
    if at != len(chunk):
        raise RecordError("chunk")


def chunks(kind: int, rows: "list[list[Any]]", coded: "Callable[[Any], bytes]" = encode) -> "list[bytes]":
    """The rows of one kind as chunks of at most MAX_CHUNK_BYTES, in the order the format wants; none for no rows.

    `coded` encodes a row: a host has a quicker one that writes the same."""
    made: list[bytes] = []
    held: list[bytes] = []
    size = 0
    for data, row in sorted([(coded(row), row) for row in rows]):
        if len(row) != len(ROWS[kind]) or not all([fits(value, fit) for value, fit in zip(row, ROWS[kind])]):
            raise RecordError("row")
        more = len(data)
        if held and size + more > MAX_CHUNK_BYTES - 8:
            made.append(_chunk(kind, held))
            held, size = [], 0
        held.append(data)
        size += more
    if held:
        made.append(_chunk(kind, held))
    return made


def _chunk(kind: int, held: "list[bytes]") -> bytes:
    return opening(2) + encode(kind) + opening(len(held)) + b"".join(held)
