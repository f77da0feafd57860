"""What the host does once a day by itself, at the time the estate's rule names."""

from collections.abc import Awaitable, Callable

from gatecore.clock import MINUTE_MS, day_of
from gatehost.model.account import ADMIN, Actor
from gatehost.service import gate, retention, ruling
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.store import audits, places

Work = Callable[[Context], Awaitable[object]]
HOST = Actor(0, "", "Kaimen", ADMIN, (), "zh_CN", False)


async def turn(ctx: Context) -> bool:
    """Closes the day if its time has come and nobody did, and erases what is over; called every few minutes. Whether
    it did either. Each is done once a day, and again until it is: a full disk between the two loses neither."""
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        if estate is None:
            return False
        told = (await ruling.in_force(tx, "day.close", "estate")).value
        closed, erased = await audits.last(tx, "day.close"), await audits.last(tx, retention.RUN)
    begin = start_of_day(day_of(ctx.clock(), estate.offsets), estate.offsets)
    due = begin + (int(told[:2]) * 60 + int(told[3:])) * MINUTE_MS
    nightly: tuple[tuple[Work, int | None], ...] = ((_close, closed), (retention.run, erased))
    works = [work for work, done in nightly if done is None or done < due]
    if ctx.clock() < due or not works:
        return False
    for work in works:
        await work(ctx)
    return True


async def _close(ctx: Context) -> None:
    await gate.close_day(ctx, HOST)
