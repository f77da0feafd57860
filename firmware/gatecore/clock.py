"""Seconds and the quality of them: a floor that never goes back, and steps that need two witnesses.

Quality (protocol.md section 7): 0 nothing since boot, 1 floor only, 2 battery clock, 3 signed host time with a bounded
round trip, 4 two agreeing sources. Order in evidence is (boot, seq); throttles and challenges use `mono` alone.
"""

from gatecore.compat import TYPE_CHECKING, NamedTuple
from gatecore.errors import TrustError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING, FLOOR, BATTERY, HOST, AGREED = 0, 1, 2, 3, 4
MAX_STEP_MS = 3_600_000  # a larger step forward needs two agreeing sources or an order
NOTED_STEP_MS = 2_000  # a larger step is an entry
MAX_ROUND_TRIP_MS = 5_000
DAY_MS = 86_400_000
MINUTE_MS = 60_000
# No source is believed that says a time outside of these: 2026, before which no door was made, and 2100, where a
# battery clock ends. A host or a battery clock that woke up in 1970 or 2000 has no time.
EARLIEST_MS, LATEST_MS = 1_767_225_600_000, 4_102_444_800_000


# An instant as one door knows it: `boot` count, `mono` ms since boot, `utc` ms or None, `quality` 0..4.
Now = NamedTuple("Now", [("boot", int), ("mono", int), ("utc", "int | None"), ("quality", int)])


class Clock:
    """Turns `mono` into `Now`. Its sources are told to it; it reads nothing itself."""

    def __init__(self, boot: int, floor: "int | None" = None) -> None:
        self.boot = boot
        self.floor = floor  # ms; the newest time this door can prove to be past
        self._base: "int | None" = None  # utc at mono 0
        self._quality = NOTHING if floor is None else FLOOR
        self._claimed: "int | None" = None  # base of a far step that one source alone has asked for

    def now(self, mono: int) -> Now:
        """The instant at `mono`; with quality 1 `utc` is a lower bound."""
        if self._base is None:
            return Now(self.boot, mono, self.floor, self._quality)
        return Now(self.boot, mono, self._base + mono, self._quality)

    def battery(self, utc: int, mono: int) -> "int | None":
        """Takes the battery clock's time; the step made in ms, or None if it was refused."""
        if self._quality >= HOST:
            return None
        return self._offer(utc - mono, mono, BATTERY)

    def host(self, utc: int, sent: int, mono: int) -> "int | None":
        """Takes a host's signed time asked for at `sent`; the step made in ms, or None if it was refused."""
        if not 0 <= mono - sent <= MAX_ROUND_TRIP_MS:
            return None
        return self._offer(utc + (mono - sent) // 2 - mono, mono, HOST)

    def order(self, utc: int, mono: int) -> int:
        """Takes the time a clock order signed by the policy key gives; it alone may lower the floor. TrustError("time")
        for one that no clock can have."""
        if not is_possible(utc):
            raise TrustError("time")
        before = self.now(mono).utc
        self._base = utc - mono
        self._quality = HOST
        self.floor = utc
        self._claimed = None
        return 0 if before is None else utc - before

    def keep_floor(self, mono: int) -> "int | None":
        """Raises the floor to the present when that is trusted; the floor in ms, to be saved by the shell."""
        now = self.now(mono)
        if now.quality >= BATTERY and now.utc is not None and (self.floor is None or now.utc > self.floor):
            self.floor = now.utc
        return self.floor

    def _offer(self, base: int, mono: int, quality: int) -> "int | None":
        utc = base + mono
        if not is_possible(utc) or (self.floor is not None and utc < self.floor - NOTED_STEP_MS):
            return None
        known = self._base
        if known is None:
            self._base, self._quality = base, quality
            return 0
        step = base - known
        if step > MAX_STEP_MS:
            agreed = self._claimed is not None and abs(base - self._claimed) <= MINUTE_MS and quality != self._claimant
            if not agreed:
                self._claimed, self._claimant = base, quality
                return None
            quality = AGREED
        elif abs(step) <= NOTED_STEP_MS and self._quality == BATTERY and quality == HOST:
            quality = AGREED
        self._base, self._quality, self._claimed = base, max(quality, self._quality), None
        return step

    _claimant = NOTHING


def is_possible(utc: int) -> bool:
    """Whether a door can live to see this time (ms)."""
    return EARLIEST_MS <= utc < LATEST_MS


def local_ms(utc: int, offsets: "Sequence[Sequence[int]]") -> int:
    """`utc` (ms) as the estate's wall clock, by the state's table of [from_utc_ms, offset_minutes] in rising order."""
    minutes = 0
    for row in offsets:
        if row[0] > utc:
            break
        minutes = row[1]
    return utc + minutes * MINUTE_MS


def day_of(utc: int, offsets: "Sequence[Sequence[int]]") -> int:
    """The estate's local date as days since 1970-01-01."""
    return local_ms(utc, offsets) // DAY_MS
