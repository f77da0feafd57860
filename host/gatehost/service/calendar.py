"""Days of the estate's wall clock as instants, by the same table of offsets the doors hold."""

from gatecore.clock import DAY_MS, MINUTE_MS, day_of, local_ms
from gatecore.codes import EPOCH_DAYS

Offsets = tuple[tuple[int, int], ...]
EPOCH_OVERLAP_MS = 3 * 3_600_000


def start_of_day(day: int, offsets: Offsets) -> int:
    """The first instant (ms UTC) of a local day, counted in days since 1970-01-01."""
    guess = day * DAY_MS - (offsets[0][1] if offsets else 0) * MINUTE_MS
    for _ in range(2):
        guess -= local_ms(guess, offsets) - day * DAY_MS
    return guess


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
