"""The state on flash: streamed chunk by chunk into the copy not in use, then swapped; rows are found by halving.

Each copy is a region; its first sector says what lies in the others:

    mark        "KS2" 00, directory size u16, crc32 u32 of all before it and the directory     programmed last
    directory   CBOR [generation, version, [[kind, width, count, address], ...]], from the second page on
    rows        from the second sector on: each chunk's rows as they were signed, all of a chunk filled to one width

So a copy counts from the moment its mark is whole, and the newer of two counts. The bytes between two powers are this
board's own: they were checked against the signed header when they came, not again at each start.
"""

import binascii

from gateboard.errors import FlashError
from gateboard.flash import PAGE, SECTOR
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError, RecordError
from gatecore.records import fits
from gatecore.state import CARDS, DOOR, FACES, LIFE, OFFSETS, PEOPLE, ROWS, SCHEDULES, SEAL_TO, State, rows_of
from gatecore.wire import array, decode, encode, read, write, write_head

if TYPE_CHECKING:
    from typing import Any

    from gateboard.flash import Region

_MAGIC = b"KS2\x00"
_HEAD = 10
_LIVE = (DOOR, OFFSETS, SCHEDULES, LIFE)  # few rows: kept in memory
WITH_READER = (FACES, SEAL_TO)  # a board has no camera: its flash is not for these
NOT_HERE = (PEOPLE, CARDS) + WITH_READER  # nor, where no reader is wired, for those
MOST_HOME = 16  # a longer home number, or one's beginning, would make entries that fit no page of the log
_KIND, _WIDTH, _COUNT, _AT = 0, 1, 2, 3


class FlashState(State):
    """A state whose keyed rows lie in `region`, as `directory` says."""

    def __init__(self, generation: int, version: int, region: "Region | None", directory: "list[list[int]]") -> None:
        State.__init__(self, generation, version)
        self._region = region
        self.directory = directory
        self._kinds = {chunk[_KIND] for chunk in directory}  # at most doors nothing is revoked: no look for it
        self._here: "dict[int, bytearray]" = {}  # of the last row of a kind that was looked at, its key

    def find(self, kind: int, *key: "Any") -> "list[Any] | None":
        """The row with this key: at most 20 reads."""
        if kind not in self._kinds:
            return None
        wanted = _start_of(kind, key)
        here = self._here.get(kind)
        if here is None or len(here) != len(wanted):
            here = self._here[kind] = bytearray(len(wanted))
        try:
            data: "Any" = self._chunk_of(kind, wanted, here)
            data = self._row_of(data, wanted, here)  # in two: a call within a call takes memory
            if data is None:
                return None
            row = list(key)  # what was looked for need not be read
            _read_on(row, len(ROWS[kind]) - len(key), data, len(wanted))
        except (GateError, FlashError):
            return None  # what flash has forgotten opens nothing and stops no door
        return row

    def load(self) -> None:
        """Brings the few rows into memory that are kept there."""
        for chunk in self.directory:
            kind = chunk[_KIND]
            if kind in _LIVE:
                for n in range(chunk[_COUNT]):
                    row = _row(self._read(chunk, n))
                    if len(row) != len(ROWS[kind]) or not all(
                        [fits(value, fit) for value, fit in zip(row, ROWS[kind])]
                    ):
                        raise RecordError("row")  # flash that has forgotten
                    self.put(kind, row)

    def _chunk_of(self, kind: int, wanted: bytearray, here: bytearray) -> int:
        """The place of the last chunk of the kind whose first row is not after `wanted`; -1 if there is none."""
        low, high = 0, len(self.directory)
        while low < high:
            middle = (low + high) // 2
            chunk = self.directory[middle]
            before = chunk[_KIND] < kind
            if not before and chunk[_KIND] == kind:
                self._look(chunk, 0, here)
                before = here <= wanted
            if before:
                low = middle + 1
            else:
                high = middle
        return low - 1 if low and self.directory[low - 1][_KIND] == kind else -1

    def _row_of(self, place: int, wanted: bytearray, here: bytearray) -> "memoryview | None":
        """The bytes of that chunk's row that starts with `wanted`, until something else is read."""
        if place < 0:
            return None
        chunk = self.directory[place]
        low, high = 0, chunk[_COUNT]
        while low < high:
            middle = (low + high) // 2
            self._look(chunk, middle, here)
            if here == wanted:
                return self._read(chunk, middle)
            if here < wanted:
                low = middle + 1
            else:
                high = middle
        return None

    def _look(self, chunk: "list[int]", n: int, here: bytearray) -> None:
        """As much from the start of a row as a key is long."""
        if self._region is not None:
            self._region.read_into(chunk[_AT] + n * chunk[_WIDTH], here)

    def _read(self, chunk: "list[int]", n: int) -> memoryview:
        if self._region is None:
            raise FlashError("read")
        return self._region.view(chunk[_AT] + n * chunk[_WIDTH], chunk[_WIDTH])


class Shelf:
    """Two copies. `state` is the one in use; `begin`, then `add` for each chunk in order, then `swap`."""

    def __init__(self, regions: "tuple[Region, Region]", not_here: "tuple[int, ...]" = NOT_HERE) -> None:
        self._regions = regions
        self._not_here = not_here
        self._in_use = 1
        self.state: State = FlashState(0, 0, None, [])
        self._to_erase = 0
        self._directory: "list[list[int]]" = []
        self._at = 0
        self._last = b""
        self._begun = b""  # the hashes of what is written
        self._refused: "bytes | None" = None  # and of the last that could not be
        for half in range(2):
            found = _mounted(regions[half])
            if found is not None and (found.generation, found.version) > (self.state.generation, self.state.version):
                self.state, self._in_use = found, half

    @property
    def wants_tidy(self) -> bool:
        """Whether the copy to be written is not blank yet."""
        return self._to_erase > 0

    def begin(self, hashes: "list[bytes]") -> bool:
        """Gives up what was begun; the copy not in use is erased from its mark on, one sector a `tidy`. False, and
        nothing is erased, for chunks (by their hashes) that were the last not to fit, or to be none, since start."""
        self._begun = b"".join(hashes)
        if self._begun == self._refused:
            return False
        self._to_erase = self._idle().count
        self._directory, self._at, self._last = [], SECTOR, b""
        return True

    def tidy(self) -> None:
        """Erases one sector; about 45 ms."""
        if self._to_erase:
            self._idle().erase(self._idle().count - self._to_erase)
            self._to_erase -= 1

    def add(self, chunk: bytes) -> None:
        """Writes the rows of the next chunk, whose hash the caller has compared. RecordError for rows that are none or
        out of order, FlashError if they do not fit: then only `begin` goes on."""
        while self._to_erase:
            self.tidy()
        before, self._refused = self._refused, self._begun  # until these rows are known to be some, and to fit
        kind, count, width = 0, 0, 0
        for kind, row, start, key_end, end in rows_of(chunk):
            if kind in (DOOR, PEOPLE) and len(row[1]) > MOST_HOME:
                raise RecordError("home")
            key = bytes([kind]) + chunk[start:key_end]
            if key <= self._last:
                raise RecordError("order")
            self._last = key
            count += 1
            width = max(width, end - start)
        region = self._idle()
        here = count and kind not in self._not_here
        if here and self._at + count * width > region.count * SECTOR:
            raise FlashError("full")
        self._refused = before
        if not here:
            return
        packed = bytearray()
        at = self._at
        for _, _, start, _, end in rows_of(chunk):
            packed.extend(chunk[start:end])
            packed.extend(bytes(width - (end - start)))
        self._directory.append([kind, width, count, at])
        self._at += len(packed)
        region.program(at, bytes(packed))

    def swap(self, generation: int, version: int) -> State:
        """The state written, now in use, also after a restart."""
        region = self._idle()
        directory = encode([generation, version, self._directory])
        if len(directory) > SECTOR - PAGE:
            raise FlashError("full")
        region.program(PAGE, directory)
        mark = _MAGIC + len(directory).to_bytes(2, "big")
        region.program(0, mark + binascii.crc32(mark + directory).to_bytes(4, "big"))
        fresh = FlashState(generation, version, region, self._directory)
        fresh.load()
        self._directory = []
        self._in_use = 1 - self._in_use
        self.state = fresh
        return fresh

    def _idle(self) -> "Region":
        return self._regions[1 - self._in_use]


def _mounted(region: "Region") -> "FlashState | None":
    """The state in a copy; None where there is none, or one that was not finished."""
    head = region.read(0, _HEAD)
    if head[:4] != _MAGIC:
        return None
    directory = region.read(PAGE, min(int.from_bytes(head[4:6], "big"), SECTOR - PAGE))
    if binascii.crc32(head[:6] + directory).to_bytes(4, "big") != head[6:]:
        return None
    try:
        generation, version, chunks = decode(directory)
        state = FlashState(generation, version, region, chunks)
        state.load()
    except (GateError, ValueError, TypeError):
        return None
    return state


def _start_of(kind: int, key: "tuple[Any, ...]") -> bytearray:
    """The bytes a row with this key starts with."""
    start = bytearray()
    write_head(start, len(ROWS[kind]))  # of the whole row, not of the key alone
    for field in key:
        write(start, field)
    return start


def _row(data: memoryview) -> "list[Any]":
    """The row at the start of `data`; what fills it up is not looked at."""
    fields, at = array(data, 0)
    row: "list[Any]" = []
    _read_on(row, fields, data, at)
    return row


def _read_on(row: "list[Any]", fields: int, data: memoryview, at: int) -> None:
    for _ in range(fields):
        at = read(row, data, at)
