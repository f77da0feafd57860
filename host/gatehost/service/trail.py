"""The audit trail's one way in: every use case that changes or shows something personal writes a line."""

from gatehost.model.account import RESIDENT, Actor
from gatehost.service.context import Context
from gatehost.store import audits
from gatehost.store.store import Tx


async def note(
    ctx: Context, tx: Tx, actor: Actor, action: str, home: str = "", about: str = "", detail: str = ""
) -> None:
    """Who did what, now, in the same transaction as what was done."""
    await audits.put(tx, ctx.clock(), actor.account, actor.name, actor.role, action, home, about, detail)


async def looked(ctx: Context, actor: Actor, action: str, home: str = "", about: str = "") -> None:
    """A look-up by staff; residents looking at their own home leave no line."""
    if actor.role == RESIDENT:
        return
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, action, home, about)
