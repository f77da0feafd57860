"""What the host does once a day by itself, at the time the estate's rule names."""

from collections.abc import Awaitable, Callable

from gatecore.clock import DAY_MS, day_of
from gatehost.model.account import HOST, RESIDENT, Actor
from gatehost.model.errors import Denied
from gatehost.model.visit import CANCELLED, EXPECTED, NO_SHOW, WAITING, Visit
from gatehost.service import hostclock, ruling
from gatehost.service.calendar import at_clock
from gatehost.service.context import Context
from gatehost.service.evidence import register
from gatehost.service.office import retention
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, photos, places, visits

Work = Callable[[Context], Awaitable[object]]


async def turn(ctx: Context) -> bool:
    """Closes the day if its time has come and nobody did, and erases what is over; called every few minutes. Whether
    it did either. Each is done once a day, and again until it is: a full disk between the two loses neither. Nothing is
    ended or erased by a clock that is not believed."""
    if hostclock.standing(ctx).wrong:
        return False
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        if estate is None:
            return False
        told = (await ruling.in_force(tx, "day.close", "estate")).value
        closed, erased = await audits.last(tx, "day.close"), await audits.last(tx, retention.RUN)
    today = day_of(ctx.clock(), estate.offsets)
    due = at_clock(today, int(told[:2]) * 60 + int(told[3:]), estate.offsets)
    nightly: tuple[tuple[Work, int | None], ...] = ((_close, closed), (retention.run, erased))
    works = [work for work, done in nightly if done is None or done < due]
    if ctx.clock() < due or not works:
        return False
    for work in works:
        await work(ctx)
    return True


async def _close(ctx: Context) -> None:
    await close_day(ctx, HOST)


async def close_day(ctx: Context, actor: Actor) -> tuple[tuple[Visit, ...], int]:
    """The early morning's close (row B24): who is still open is listed, no-shows end, the days before are sealed, what
    its time is over is emptied.

    (stays that are still open, how many were emptied)"""
    require(actor, "day.see")
    if actor.role == RESIDENT:
        raise Denied("day.see")
    now = ctx.clock()
    async with ctx.store.write() as tx:
        for one in await visits.expected_before(tx, now):
            state = NO_SHOW if one.state == EXPECTED else CANCELLED
            await visits.move(tx, one.id, (EXPECTED, WAITING), state=state, keep_until=now + DAY_MS)
        await register.seal(ctx, tx, actor)  # before anything of it is emptied
        erased = await visits.erase_before(tx, now)
        days = await ruling.number(tx, "retention.log", "estate")
        await photos.erase_before(tx, now - days * DAY_MS)
        still = await visits.inside(tx)
        detail = f"open {len(still)}, emptied {erased}"
        await note(ctx, tx, actor, "day.close", detail=detail)
    return still, erased
