"""The table of the estate's wall clock, carried on from the time zone the estate named (rule `clock.zone`).

Doors and host read one table of instants at which the clock changes, given when the estate was founded. Where clocks
are changed twice a year it would end some day, and every hour after it would be wrong. With a zone named, what is still
to come is written anew from the computer's list of zones, two years ahead; what was stays as it was (docs/adr/0198).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gatecore.clock import DAY_MS, MINUTE_MS, day_of
from gatecore.codes import EPOCH_DAYS
from gatehost.model.place import ROOT
from gatehost.service import publish, ruling
from gatehost.service.calendar import Offsets, start_of_day
from gatehost.service.context import Context
from gatehost.store import places
from gatehost.store.store import Tx

RULE = "clock.zone"
AHEAD_DAYS = 730
SEASON_MS = 330 * DAY_MS  # clocks that are changed with the seasons are changed again within this time


async def keep(ctx: Context) -> bool:
    """Carries the table on if it does not reach far enough, and tells the doors; whether it did."""
    async with ctx.store.read() as tx:
        if await _made(ctx, tx) is None:
            return False
    async with ctx.store.write() as tx:
        done = await take(ctx, tx)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    return done


async def take(ctx: Context, tx: Tx) -> bool:
    """The same within a transaction; publish after it."""
    made = await _made(ctx, tx)
    if made is not None:
        await places.set_offsets(tx, made)
    return made is not None


async def _made(ctx: Context, tx: Tx) -> Offsets | None:
    """The table as it should be, if it is not."""
    estate = await places.the_estate(tx)
    name = (await ruling.in_force(tx, RULE, ROOT)).value
    if estate is None or not name:
        return None
    try:
        made = table(ZoneInfo(name), estate.offsets, ctx.clock())
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the computer's list was taken away: what there is holds
        return None
    return None if made == estate.offsets else made


def table(zone: ZoneInfo, held: Offsets, now: int) -> Offsets:
    """`held` as it was until `now` (ms UTC), and from there on the zone's. The same for a whole epoch, so that doors
    are told anew when something changes and not because time passed."""
    made = [row for row in held if row[0] <= now]
    if not made or made[-1][1] != _minutes(zone, now):
        made.append((now // MINUTE_MS * MINUTE_MS if made else 0, _minutes(zone, now)))
    epoch = day_of(now, tuple(made)) // EPOCH_DAYS
    last, end = now, start_of_day(epoch * EPOCH_DAYS + AHEAD_DAYS, tuple(made))
    while last < end:
        until = min(last + DAY_MS, end)
        if _minutes(zone, until) != made[-1][1]:
            made.append((_change(zone, last, until), _minutes(zone, until)))
        last = until
    return tuple(made)


def ends(held: Offsets) -> int | None:
    """The last change of clocks that a table knows of (ms UTC), where they are changed with the seasons; else None."""
    seasons = len(held) > 2 and held[-1][0] - held[-2][0] < SEASON_MS
    return held[-1][0] if seasons else None


def _minutes(zone: ZoneInfo, at: int) -> int:
    shift = datetime.fromtimestamp(at // 1000, UTC).astimezone(zone).utcoffset()
    assert shift is not None
    return round(shift.total_seconds() / 60)


def _change(zone: ZoneInfo, first: int, last: int) -> int:
    """The first minute at which the zone's clock is what it is at `last`, by halving."""
    low, high = first // MINUTE_MS, -(-last // MINUTE_MS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _minutes(zone, middle * MINUTE_MS) == _minutes(zone, last) else (middle, high)
    return high * MINUTE_MS
