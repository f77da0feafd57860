"""Who goes out, and how that is known: seen by a guard, told by the host, closed though nobody saw it; who stays on."""

from gatecore.clock import MINUTE_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.visit import CLOSED, INSIDE, LEFT, Visit
from gatehost.service import stay
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import visits

HOWS = ("code", "card", "plate", "guard", "host", "question")  # ways an exit is known


async def leave(ctx: Context, actor: Actor, number: int, gate: str, how: str = "guard") -> Visit:
    """Somebody goes out. NotFound("visit"), Refused("visit_over") when they are out already, BadInput("how").

    The host's "my guest left" is `how` = "host", without a gate."""
    if how not in HOWS:
        raise BadInput("how", "unknown")
    async with ctx.store.read() as tx:
        held = await visits.get(tx, number)
        if gate:
            await stay.gate_of(tx, gate)
    if held is None:
        raise NotFound("visit")
    if actor.role == RESIDENT:
        if how != "host" or held.home not in actor.homes:
            raise NotFound("visit")
    else:
        require(actor, "gate.leave")
    change = {"out_at": ctx.clock(), "out_gate": gate or None, "out_by": actor.name, "out_how": how}
    return await stay.end(ctx, actor, number, (INSIDE, CLOSED), "gate.leave", state=LEFT, **change)


async def close(ctx: Context, actor: Actor, number: int, why: str) -> Visit:
    """The office ends a stay nobody saw end; the muster keeps it as possible for a day. BadInput("why", "missing")."""
    require(actor, "visit.correct")
    if not why.strip():
        raise BadInput("why", "missing")
    unseen = {"out_at": ctx.clock(), "out_by": actor.name, "out_how": "unseen"}
    return await stay.end(
        ctx, actor, number, (INSIDE,), "visit.correct", state=CLOSED, reason=why.strip()[:200], **unseen
    )


async def extend(ctx: Context, actor: Actor, number: int, minutes: int) -> Visit:
    """The host or the desk lets a guest stay longer (row B26)."""
    if not 1 <= minutes <= 24 * 60:
        raise BadInput("minutes", "range")
    async with ctx.store.write() as tx:
        held = await visits.get(tx, number)
        if held is None:
            raise NotFound("visit")
        require(actor, "visit.confirm", held.home or "")
        until = max(held.planned_until or 0, ctx.clock()) + minutes * MINUTE_MS
        if not await visits.move(tx, number, (INSIDE,), planned_until=until):
            raise Refused("visit_over")
        await note(ctx, tx, actor, "visit.extend", held.home or "", str(number), f"{minutes} min")
        found = await visits.get(tx, number)
    assert found is not None
    return found
