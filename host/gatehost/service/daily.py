"""What the host does once a day by itself, at the time the estate's rule names."""

from gatecore.clock import MINUTE_MS, day_of
from gatehost.model.account import ADMIN, Actor
from gatehost.service import gate, retention, ruling
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.store import audits, places

HOST = Actor(0, "", "Kaimen", ADMIN, (), "zh_CN", False)


async def turn(ctx: Context) -> bool:
    """Closes the day if its time has come and nobody did, and erases what is over; called every few minutes. Whether
    it did."""
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        if estate is None:
            return False
        told = (await ruling.in_force(tx, "day.close", "estate")).value
        done = await audits.last(tx, "day.close")
    begin = start_of_day(day_of(ctx.clock(), estate.offsets), estate.offsets)
    due = begin + (int(told[:2]) * 60 + int(told[3:])) * MINUTE_MS
    if ctx.clock() < due or (done is not None and done >= due):
        return False
    await gate.close_day(ctx, HOST)
    await retention.run(ctx)
    return True
