"""Days of the estate's wall clock as instants, by the same table of offsets the doors hold."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from gatecore.clock import DAY_MS, MINUTE_MS, day_of, local_ms
from gatecore.codes import EPOCH_DAYS

Offsets = tuple[tuple[int, int], ...]
EPOCH_OVERLAP_MS = 3 * 3_600_000
EPOCH, FAR = date(1970, 1, 1), 1 << 62


def at_clock(day: int, minutes: int, offsets: Offsets) -> int:
    """The first instant (ms UTC) at which the wall clock shows a local day (counted in days since 1970-01-01) and so
    many minutes after midnight, or a later time: half past eight stays half past eight on the day clocks are changed,
    and what the clock leaps over is when it leaps."""
    naive = day * DAY_MS + minutes * MINUTE_MS
    for (since, east), (until, _) in pairwise((*offsets, (FAR, 0))):
        first = max(since, naive - east * MINUTE_MS)
        if first < until:
            return first
    return naive


def start_of_day(day: int, offsets: Offsets) -> int:
    """The first instant (ms UTC) of a local day."""
    return at_clock(day, 0, offsets)


def day_number(text: str) -> int:
    """The days since 1970-01-01 of a date as 2026-02-28; ValueError for none."""
    return (date.fromisoformat(text) - EPOCH).days


def years(born: str, day: int) -> int:
    """The whole years of somebody born on a date, on a local day: born on 29 February they are a year older on 1 March
    where there is no 29th."""
    birth, today = date.fromisoformat(born), EPOCH + timedelta(days=day)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def spans(start: int, end: int, offsets: Offsets) -> Iterator[tuple[int, int, int]]:
    """(from, until, ms to add for the wall clock) of each stretch of a time (ms UTC) in which the clocks are not
    changed."""
    for (since, minutes), (until, _) in pairwise((*offsets, (FAR, 0))):
        first, last = max(start, since), min(end, until)
        if first < last:
            yield first, last, minutes * MINUTE_MS


def epochs(now: int, offsets: Offsets) -> tuple[int, ...]:
    """The 30-day epochs whose zone keys a door holds now: this, the next, and until 03:00 of its first day the last."""
    today = day_of(now, offsets)
    epoch = today // EPOCH_DAYS
    first_hours = today % EPOCH_DAYS == 0 and local_ms(now, offsets) % DAY_MS < EPOCH_OVERLAP_MS
    return ((epoch - 1,) if first_hours else ()) + (epoch, epoch + 1)


def right_until(now: int, offsets: Offsets) -> int:
    """The end (ms UTC) given to rights without one: at most 400 days away, and the same for a whole epoch, so that a
    state changes when something changed and not because time passed."""
    epoch = day_of(now, offsets) // EPOCH_DAYS
    return start_of_day(epoch * EPOCH_DAYS + 399, offsets)
