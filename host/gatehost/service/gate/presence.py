"""Who is at the gates and inside now; nothing of what is over."""

from gatecore.clock import MINUTE_MS
from gatehost.model.account import Actor
from gatehost.model.place import Place
from gatehost.model.visit import Visit
from gatehost.service.context import Context
from gatehost.service.gate import stay
from gatehost.service.permissions import require
from gatehost.store import places, visits

JUST_NOW_MS = 10 * MINUTE_MS  # so long a home's answer stands on the guard's page


async def present(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Everybody inside, those who overstay first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        found = await visits.inside(tx)
    return tuple(sorted(found, key=lambda one: (not one.overstayed(ctx.clock()), one.in_at or 0)))


async def fetched(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Visitors who wait at a gate for their host to come and go in with them, the longest waiting first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return tuple(one for one in await visits.waiting(tx) if one.confirmed_by)


async def waiting(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Who stands at a gate while a home is asked, and whom a home has answered within JUST_NOW_MS, newest first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await visits.asked_for(tx, ctx.clock() - JUST_NOW_MS)


async def of_home(ctx: Context, actor: Actor, home: str) -> tuple[Visit, ...]:
    """A home's guests who are expected, waiting or inside."""
    require(actor, "visit.see", home)
    async with ctx.store.read() as tx:
        return await visits.living(tx, home=home)


async def ask_overstays(ctx: Context) -> int:
    """Asks the home, the gate and the office about guests whose time has just ended: their pages look again and say so.
    How many; each is asked about once."""
    now, since = ctx.clock(), ctx.live.overstays_asked
    async with ctx.store.read() as tx:
        found = [one for one in await visits.overstayed(tx, now) if (one.planned_until or 0) >= since]
    ctx.live.overstays_asked = now
    for one in found:
        stay.tell(ctx, one)
    return len(found)


async def gates(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """The estate's gates."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await places.gates(tx)


async def gate_names(ctx: Context, actor: Actor) -> dict[str, str]:
    """The gates' names by id, for who may see papers: a slip names one, and residents are told where their guest
    stands."""
    require(actor, "case.see")
    async with ctx.store.read() as tx:
        return {one.id: one.name for one in await places.gates(tx)}
