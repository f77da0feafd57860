"""Keys, documents and things handed out with a paper, and given back (row H16)."""

from gatehost.model.account import GUARD, RESIDENT, Actor
from gatehost.model.case import LENT, Item, Paper
from gatehost.model.day import Lent
from gatehost.model.errors import BadInput, Denied, Refused
from gatehost.service.context import Context
from gatehost.service.paper import casework
from gatehost.service.permissions import require
from gatehost.store import cases, places


async def lend(ctx: Context, actor: Actor, number: int, version: int, what: str, whom: str) -> Paper:
    """Something is handed out to somebody. BadInput("what" | "whom", ...), Refused("changed"), Denied."""
    for name, text in (("what", what), ("whom", whom)):
        if not text.strip() or len(text) > 100:
            raise BadInput(name, "missing" if not text.strip() else "long")
    async with casework.changing(ctx, actor, number, version) as (tx, _, held):
        if actor.role in (RESIDENT, GUARD):
            raise Denied("case.lend")
        line = Item(0, number, LENT, what.strip(), whom.strip(), 1, None, "", None, None, None, "")
        await cases.put_item(tx, line)
        return await casework.carried_on(ctx, tx, actor, held, "lend", f"{what.strip()} → {whom.strip()}")


async def give_back(ctx: Context, actor: Actor, number: int, version: int, line: int) -> Paper:
    """It is back, with who took it and when. Refused("locked") for one that was not out."""
    async with casework.changing(ctx, actor, number, version) as (tx, _, held):
        found = next((item for item in held.items if item.kind == LENT and item.id == line), None)
        if actor.role in (RESIDENT, GUARD):
            raise Denied("case.lend")
        if found is None or found.done_at is not None:
            raise Refused("locked")
        await cases.set_item(tx, line, verdict="returned", done_at=ctx.clock(), done_by=actor.name)
        return await casework.carried_on(ctx, tx, actor, held, "return", f"{found.what} ← {found.spec}")


async def out(ctx: Context, actor: Actor) -> tuple[Lent, ...]:
    """Everything that is out, the longest first."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        found = await cases.lent(tx)
        names = await places.names(tx, {case.place for _, case in found})
    return tuple(Lent(item, case, names.get(case.place, case.place)) for item, case in found)
