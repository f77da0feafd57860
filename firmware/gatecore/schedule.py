"""When a right holds: from and until, weekdays, and windows of the local day."""

from gatecore.clock import BATTERY, DAY_MS, MINUTE_MS, local_ms
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatecore.clock import Now
    from gatecore.state import State

IN_TIME, EARLY, ENDED, OUTSIDE = 0, 1, 2, 3


def window(now: "Now", since: int, until: int) -> int:
    """Whether a right from `since` to `until` (s) holds; without a trusted clock only a proven end ends it."""
    if now.utc is None:
        return IN_TIME
    seconds = now.utc // 1000
    if seconds >= until:
        return ENDED
    if now.quality >= BATTERY and seconds < since:
        return EARLY
    return IN_TIME


def weekday(local: int) -> int:
    """0 = Monday of a local time in ms; 1970-01-01 was a Thursday."""
    return (local // DAY_MS + 3) % 7


def on_weekday(now: "Now", weekdays: int, offsets: "Sequence[Sequence[int]]") -> bool:
    """Whether today's bit (1 << weekday) is in the mask; 0 means any day."""
    if weekdays == 0 or now.utc is None:
        return True
    return bool(weekdays >> weekday(local_ms(now.utc, offsets)) & 1)


def may_pass(now: "Now", number: int, state: "State") -> bool:
    """Whether schedule `number` lets its holder pass now; 0 is always, and so is any time the clock cannot tell."""
    if number == 0 or now.utc is None or now.quality < BATTERY:
        return True
    local = local_ms(now.utc, state.offsets)
    minute = local % DAY_MS // MINUTE_MS
    return any(row[1] >> weekday(local) & 1 and row[2] <= minute < row[3] for row in state.schedule(number))
