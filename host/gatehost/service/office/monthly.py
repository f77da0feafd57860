"""A home's month (row H15): its visits, calls and papers counted and in order, for the home itself and for the desk.

Numbers and days, no names of visitors: what a visitor was called is emptied in its own time, and a summary that is
printed is not.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gatecore.clock import local_ms
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.errors import BadInput, NotFound
from gatehost.service import tenure
from gatehost.service.calendar import Offsets, day_number, start_of_day
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import calls, cases, places, visits

MOST = 500
STAY, CALL, PAPER = "stay", "call", "paper"


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the month: a stay with its kind, a call with how it ended, a paper with its kind, number and state."""

    at: int
    what: str
    kind: str
    number: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A home's month, `first` its first day as YYYY-MM-01; `counts`: (what, kind, how many), the lines oldest first."""

    home: str
    name: str
    first: str
    counts: tuple[tuple[str, str, int], ...]
    lines: tuple[Happened, ...]


async def of_home(ctx: Context, actor: Actor, home: str, month: str = "", why: str = "") -> Month:
    """The month (YYYY-MM; "" the present one). BadInput("month" | "why", ...), NotFound("home").

    Residents read their own, from when they lived there; the office says why, and the home reads that."""
    require(actor, "home.see", home)
    if actor.role != RESIDENT and not why.strip():
        raise BadInput("why", "missing")
    async with ctx.store.write() as tx:
        place, estate = await places.home(tx, home), await places.the_estate(tx)
        if place is None or estate is None:
            raise NotFound("home")
        first, start, end = _window(month, ctx.clock(), estate.offsets)
        start = max(start, await tenure.since(ctx, tx, actor, home))
        stays = [one for one in await visits.between(tx, start, end, home) if start <= (one.in_at or 0) < end]
        rung = [one for one in await calls.of_home(tx, home, MOST) if start <= one.began_at < end]
        papers = [one for one in await cases.listed(tx, (), (), [home], limit=MOST) if start <= one.opened_at < end]
        if actor.role != RESIDENT:
            await note(ctx, tx, actor, "home.month", home, first, why.strip()[:200])
    lines = [Happened(one.in_at or 0, STAY, one.kind) for one in stays]
    lines += [Happened(one.began_at, CALL, one.state) for one in rung]
    lines += [Happened(one.opened_at, PAPER, one.kind, one.number, one.state) for one in papers]
    return Month(home, place.name, first, _counted(lines), tuple(sorted(lines, key=lambda line: line.at)))


def _window(month: str, now: int, offsets: Offsets) -> tuple[str, int, int]:
    """(first day, start, end) of a month of the estate's calendar."""
    if not month:
        month = f"{datetime.fromtimestamp(local_ms(now, offsets) / 1000, UTC):%Y-%m}"
    try:
        first = datetime.strptime(month + "-01", "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadInput("month", "range") from None
    after = (first + timedelta(days=32)).replace(day=1)
    begin, end = day_number(first.isoformat()), day_number(after.isoformat())
    return first.isoformat(), start_of_day(begin, offsets), start_of_day(end, offsets)


def _counted(lines: Iterable[Happened]) -> tuple[tuple[str, str, int], ...]:
    found = Counter((line.what, line.kind) for line in lines)
    return tuple((what, kind, many) for (what, kind), many in sorted(found.items()))
