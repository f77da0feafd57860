"""Times at the front desk: offered by the estate's rules, each seat given once, moved and given back (row A15).

A time belongs to a paper, so that the desk knows what it is about, and ends with it. Whoever finds a time taken is told
the next free one, and keeps what they had.
"""

from sqlalchemy.exc import IntegrityError

from gatecore.clock import day_of
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.appointment import Offer, OfferedDay
from gatehost.model.case import Case, Paper
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.place import ROOT
from gatehost.service import ruling
from gatehost.service.calendar import Offsets, at_clock, start_of_day
from gatehost.service.context import Context
from gatehost.service.paper import casework, papers
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import appointments, cases, documents, places
from gatehost.store.store import Tx

RULES = ("desk.days", "desk.hours", "desk.pause", "desk.slot_minutes", "desk.slot_seats", "desk.book_days")
WORKDAYS = {"all": 7, "not_sunday": 6, "weekdays": 5}
MOVED, CANCELLED = "moved", "cancelled"


async def offered(
    ctx: Context, actor: Actor, number: int
) -> tuple[Paper, tuple[OfferedDay, ...], int | None, frozenset[str]]:
    """A paper, the days ahead with their times, the time it has, and the kinds of document sent ahead for it.
    NotFound("case"), Refused("no_time_needed" | "locked")."""
    held = await casework.paper(ctx, actor, number)
    _may_book(actor, held.case)
    async with ctx.store.read() as tx:
        sent = frozenset(one.kind for one in await documents.of_case(tx, number))
        return held, await _days(ctx, tx), await appointments.at(tx, number), sent


def _may_book(actor: Actor, case: Case) -> None:
    require(actor, "desk.book", case.place if actor.role == RESIDENT else None)
    if not papers.bookable(casework.kind_of(case.kind)):
        raise Refused("no_time_needed")
    if case.closed_at is not None:
        raise Refused("locked")


async def _days(ctx: Context, tx: Tx) -> tuple[OfferedDay, ...]:
    """Days ahead that have a time at all."""
    rules = {rule.key: rule.value for rule in await ruling.all_in_force(tx, RULES, ROOT)}
    estate, now = await places.the_estate(tx), ctx.clock()
    offsets = () if estate is None else estate.offsets
    today, ahead, seats = day_of(now, offsets), int(rules["desk.book_days"]), int(rules["desk.slot_seats"])
    counted: dict[int, int] = {}
    for one in await appointments.taken(tx, now, start_of_day(today + ahead + 1, offsets)):
        counted[one.at] = counted.get(one.at, 0) + 1
    found = []
    for day in range(today, today + ahead + 1):
        times = [at for at in _times(day, rules, offsets) if at > now]
        if times:
            found.append(OfferedDay(day, tuple(Offer(at, max(0, seats - counted.get(at, 0))) for at in times)))
    return tuple(found)


def _times(day: int, rules: dict[str, str], offsets: Offsets) -> list[int]:
    """When the times of a day begin: whole ones within the hours, none that reaches into the pause."""
    if (day + 3) % 7 >= WORKDAYS[rules["desk.days"]]:  # 1970-01-01 was a Thursday
        return []
    (first, last), (rest, again) = (_minutes(rules[key]) for key in ("desk.hours", "desk.pause"))
    length = int(rules["desk.slot_minutes"])
    found, at = [], first
    while at + length <= last:
        if at < again and at + length > rest:
            at = again
            continue
        found.append(at_clock(day, at, offsets))
        at += length
    return found


def _minutes(told: str) -> tuple[int, int]:
    first, last = (int(one[:2]) * 60 + int(one[3:]) for one in told.split("-"))
    return first, last


async def book(ctx: Context, actor: Actor, number: int, at: int) -> Case:
    """Takes a time for a paper; the one it had is given back. NotFound("case"), BadInput("at", "unknown") for no time
    of the desk, Refused("time_taken", next=...): somebody was faster, and nothing has changed."""
    try:
        async with ctx.store.write() as tx:
            case = await _take(ctx, tx, actor, number, at)
    except IntegrityError:  # two processes over one database: the seat's own index says who was first
        async with ctx.store.read() as tx:
            raise Refused("time_taken", next=_next(await _days(ctx, tx), at)) from None
    casework.tell(ctx, case)
    return case


async def _take(ctx: Context, tx: Tx, actor: Actor, number: int, at: int) -> Case:
    case = await _mine(ctx, tx, actor, number)
    days = await _days(ctx, tx)
    offer = next((one for day in days for one in day.offers if one.at == at), None)
    if offer is None:
        raise BadInput("at", "unknown")
    if await appointments.at(tx, number) == at:
        return case
    if not offer.left:
        raise Refused("time_taken", next=_next(days, at))
    await appointments.end(tx, number, ctx.clock(), MOVED)
    held = {one.seat for one in await appointments.taken(tx, at, at + 1)}
    await appointments.put(tx, number, at, min(set(range(len(held) + 1)) - held), ctx.clock(), actor.name)
    return await _written(ctx, tx, actor, case, at)


async def _mine(ctx: Context, tx: Tx, actor: Actor, number: int) -> Case:
    case = await cases.get(tx, number)
    if case is None or not await casework.may_see(ctx, tx, actor, case):
        raise NotFound("case")
    _may_book(actor, case)
    return case


def _next(days: tuple[OfferedDay, ...], at: int) -> int | None:
    """The first free time after one that is taken; else the first there is."""
    free = [one.at for day in days for one in day.offers if one.left]
    return next((one for one in free if one > at), free[0] if free else None)


async def _written(ctx: Context, tx: Tx, actor: Actor, case: Case, at: int | None) -> Case:
    """The time on the paper itself, with a step; whoever has the paper open is told it changed."""
    told = {key: value for key, value in case.form.items() if key != "appointment"}
    told |= {} if at is None else {"appointment": at}
    await casework.noted(ctx, tx, actor, case, "book" if at is not None else "unbook", told)
    await note(ctx, tx, actor, "desk.book" if at is not None else "desk.unbook", case.place, case.number)
    found = await cases.get(tx, case.id)
    assert found is not None
    return found


async def cancel(ctx: Context, actor: Actor, number: int) -> Case:
    """Gives a paper's time back. NotFound("case" | "appointment")."""
    async with ctx.store.write() as tx:
        case = await _mine(ctx, tx, actor, number)
        if not await appointments.end(tx, number, ctx.clock(), CANCELLED):
            raise NotFound("appointment")
        case = await _written(ctx, tx, actor, case, None)
    casework.tell(ctx, case)
    return case
