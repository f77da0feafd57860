"""Who is inside, for an emergency: everybody who came in and is not known to have gone, with how sure that is.

certain      inside, and within the time they said
unconfirmed  inside, longer than they said: may have left unseen
possible     the office closed the stay within the last day without having seen anybody leave
"""

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import NotFound
from gatehost.model.visit import CERTAIN, CLOSED, INSIDE, POSSIBLE, UNCONFIRMED, Muster, Present, Visit
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import looked, note
from gatehost.store import places, visits
from gatehost.store.store import Tx

LOOK_BACK_MS = DAY_MS


async def muster(ctx: Context, actor: Actor, building: str | None = None) -> Muster:
    """The list, by building and home, the surest first within each. Written down as a look-up."""
    require(actor, "muster.see")
    now = ctx.clock()
    async with ctx.store.read() as tx:
        found = await visits.inside(tx, building)
        gone = await visits.unseen_exits(tx, now - LOOK_BACK_MS)
        names = await _names(tx, (*found, *gone))
    lines = [Present(one, certainty(one, now), *_named(one, names)) for one in (*found, *gone)]
    if building is not None:
        lines = [line for line in lines if line.visit.building == building]
    await looked(ctx, actor, "muster.see", about=building or "")
    heads = {
        kind: sum(line.visit.heads for line in lines if line.certainty == kind)
        for kind in (CERTAIN, UNCONFIRMED, POSSIBLE)
    }
    order = sorted(lines, key=lambda line: (line.building, line.home, line.certainty, line.visit.in_at or 0))
    return Muster(now, heads[CERTAIN], heads[UNCONFIRMED], heads[POSSIBLE], tuple(order))


def certainty(one: Visit, now: int) -> str:
    """How sure it is that they are still inside."""
    if one.state == CLOSED:
        return POSSIBLE
    return UNCONFIRMED if one.overstayed(now) else CERTAIN


async def _names(tx: Tx, found: tuple[Visit, ...]) -> dict[str, str]:
    wanted = {place for one in found for place in (one.home, one.building) if place}
    return await places.names(tx, wanted)


def _named(one: Visit, names: dict[str, str]) -> tuple[str, str]:
    return names.get(one.building or "", ""), names.get(one.home or "", "")


async def safe(ctx: Context, actor: Actor, number: int, is_safe: bool = True) -> Visit:
    """Ticks somebody as met and safe, or takes the tick back. NotFound("visit") for who is not on the list."""
    require(actor, "muster.tick")
    async with ctx.store.write() as tx:
        held = await visits.get(tx, number)
        if held is None or held.state not in (INSIDE, CLOSED):
            raise NotFound("visit")
        values = {"safe_at": ctx.clock() if is_safe else None, "safe_by": actor.name if is_safe else ""}
        await visits.move(tx, number, (held.state,), **values)
        await note(ctx, tx, actor, "muster.tick", held.home or "", str(number), "safe" if is_safe else "not")
        found = await visits.get(tx, number)
    assert found is not None
    return found
