"""How often one may be wrong (codes.md point 7): buckets that refill with powered-on time and survive power cuts.

A bucket is counted in thousandths of a try. `Memory` is everything a door must remember beside its log; it is written
before the answer is shown, so pulling the plug buys nothing.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError, RecordError
from gatecore.records import BYTES, LIST, TEXT, UINT, fits
from gatecore.wire import decode, write, write_head

if TYPE_CHECKING:
    from typing import Any

HOUR_MS = 3_600_000
TRY = 1000
# bucket -> (burst, refill an hour)
CODES, PINS, TYPOS, CARDS = 0, 1, 2, 3
LAW = ((10, 3), (5, 1), (60, 60), (5, 1))
ALARM_ROW = 5  # this many wrong in a row raise an alarm
PAUSE_AFTER, PAUSE_MS = 10, HOUR_MS  # wrong tries against one home, and how long its codes then rest here
MAX_ROWS = 512


class Memory:
    """Buckets, wrong tries and pauses per home, uses of codes, cancelled codes. Times are powered-on ms."""

    def __init__(self) -> None:
        self.levels = [burst * TRY for burst, _ in LAW]
        self.row = 0
        self.wrong: "dict[str, int]" = {}
        self.paused: "dict[str, int]" = {}  # home -> ms left at `at`
        self.uses: "dict[bytes, list[int]]" = {}  # code id or digest -> [uses, first use s, until s]
        self.cancelled: "dict[bytes, int]" = {}  # digest -> until s
        self.at = 0
        self._draft = bytearray()

    def pass_time(self, mono: int) -> None:
        """Refills the buckets and runs down the pauses to powered-on time `mono`."""
        spent = mono - self.at
        if spent <= 0:
            return
        for bucket in range(len(LAW)):
            most = LAW[bucket][0] * TRY
            if self.levels[bucket] < most:
                self.levels[bucket] = min(most, self.levels[bucket] + _refill(spent, self.at, LAW[bucket][1]))
        for home in list(self.paused) if self.paused else ():
            if self.paused[home] > spent:
                self.paused[home] -= spent
            else:
                del self.paused[home]
                self.wrong.pop(home, None)
        self.at = mono

    def open(self, bucket: int) -> bool:
        """Whether that bucket still holds a whole try."""
        return self.levels[bucket] >= TRY

    def wait_ms(self, bucket: int) -> int:
        """Powered-on time until the bucket holds a whole try again."""
        missing = max(0, TRY - self.levels[bucket])
        return -(-missing * HOUR_MS // (LAW[bucket][1] * TRY))

    def spend(self, bucket: int) -> None:
        """Takes one try; the caller has asked `open`."""
        self.levels[bucket] = max(0, self.levels[bucket] - TRY)

    def count_wrong(self, home: str) -> "tuple[bool, bool]":
        """Counts a wrong try against `home`: (alarm: the fifth in a row, paused: this home's codes rest now)."""
        self.row += 1
        alarm = self.row >= ALARM_ROW
        if alarm:
            self.row = 0
        if home not in self.wrong and len(self.wrong) >= MAX_ROWS:
            self.wrong.pop(next(iter(self.wrong)))
        self.wrong[home] = self.wrong.get(home, 0) + 1
        pause = self.wrong[home] >= PAUSE_AFTER and home not in self.paused
        if pause:
            self.paused[home] = PAUSE_MS
        return alarm, pause

    def lift(self, home: str) -> None:
        """Ends a home's pause."""
        self.paused.pop(home, None)
        self.wrong.pop(home, None)

    def forget_before(self, utc_s: int) -> None:
        """Drops uses and cancellations of codes that have ended."""
        while _drop_ended(self.uses, utc_s) or _drop_ended(self.cancelled, utc_s):
            pass

    def to_wire(self) -> bytes:
        """What is written to storage."""
        out = self._draft
        out[:] = b""
        write_head(out, 6)
        write(out, self.levels)
        write(out, self.row)
        _write_rows(out, self.wrong)
        _write_rows(out, self.paused)
        _write_rows(out, self.uses)
        _write_rows(out, self.cancelled)
        return bytes(out)

    @classmethod
    def from_wire(cls, data: bytes) -> "Memory":
        """What a reboot finds; powered-on time starts again at 0. RecordError or WireError if it is none."""
        value = decode(data)
        memory = cls()
        levels, memory.row, wrong, paused, uses, cancelled = _shaped(value)
        for bucket, level in enumerate(levels):
            memory.levels[bucket] = min(_uint(level), LAW[bucket][0] * TRY)
        memory.wrong = dict([_row(row, TEXT, 2) for row in wrong])
        memory.paused = dict([_row(row, TEXT, 2) for row in paused])
        for row in uses:
            kept = _row(row, BYTES, 4)
            memory.uses[kept[0]] = kept[1:]
        memory.cancelled = dict([_row(row, BYTES, 2) for row in cancelled])
        return memory

    @classmethod
    def lost(cls) -> "Memory":
        """For a door whose memory cannot be read: every bucket empty, so nothing is won by spoiling it."""
        memory = cls()
        memory.levels = [0] * len(LAW)
        return memory

    @classmethod
    def restore(cls, data: "bytes | None") -> "Memory":
        """`from_wire`, fresh for None (a new door), and `lost` for anything unreadable."""
        if data is None:
            return cls()
        try:
            return cls.from_wire(data)
        except GateError:
            return cls.lost()


def _refill(spent: int, at: int, per_hour: int) -> int:
    """Thousandths won between `at` and `at + spent`, exact over any partition of the time."""
    return (at + spent) * per_hour * TRY // HOUR_MS - at * per_hour * TRY // HOUR_MS


def _drop_ended(held: "dict[Any, Any]", utc_s: int) -> bool:
    """Drops one that has ended, if there is one: mostly there is none, and no list of all is made for it."""
    for key in held:
        until = held[key]
        if (until[2] if isinstance(until, list) else until) < utc_s:
            del held[key]
            return True
    return False


def _write_rows(out: bytearray, held: "dict[Any, Any]") -> None:
    """[key, number ...] for each, in the order of the keys."""
    write_head(out, len(held))
    for key in sorted(held) if len(held) > 1 else held:
        numbers = held[key]
        write_head(out, 1 + len(numbers) if isinstance(numbers, list) else 2)
        write(out, key)
        if isinstance(numbers, list):
            for number in numbers:
                write(out, number)
        else:
            write(out, numbers)


def _shaped(value: "Any") -> "list[Any]":
    """Buckets, a number, and four lists of rows. A door that knew no cards yet has written no bucket for them."""
    if not fits(value, LIST) or len(value) != 6 or not fits(value[1], UINT):
        raise RecordError("memory")
    for part in value[:1] + value[2:]:
        if not fits(part, LIST):
            raise RecordError("memory")
    if not TYPOS < len(value[0]) <= len(LAW):
        raise RecordError("memory")
    return list(value)


def _uint(value: "Any") -> int:
    if not fits(value, UINT):
        raise RecordError("memory")
    return int(value)


def _row(row: "Any", kind: int, width: int) -> "list[Any]":
    """A key of a kind and numbers, `width` of them in all."""
    if not fits(row, LIST) or len(row) != width or not fits(row[0], kind):
        raise RecordError("memory")
    for number in row[1:]:
        _uint(number)
    return list(row)
