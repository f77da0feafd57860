"""Erasing what the access log says of somebody: keys forgotten, payload taken out, an entry that says so.

The chain, the seals and the tree stay as they are: an entry holds only the hash of its private half. First the deed is
entered (type 35) and the payload taken out, in one transaction that also remembers which keys are to go; then the keys
are destroyed. Whatever is cut off in between is done at the next start (`again`), and so is what a restored database
or a restored key file does not know yet, before anything is served.
"""

from collections.abc import Sequence

from gatecore import records
from gatecore.records import Private
from gatecore.sign import key_id
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput
from gatehost.service import chronicle, gone
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import erasures
from gatehost.store.endings import HOME
from gatehost.store.erasures import Looked
from gatehost.store.halves import Halves
from gatehost.store.store import Tx

ASKED, RETENTION, WITHDRAWN = 1, 2, 3
REASONS = (ASKED, RETENTION, WITHDRAWN)
SEQS = 50_000  # named in one entry, so that it stays below the largest item


async def erase(
    ctx: Context, actor: Actor, homes: Sequence[str], people: Sequence[bytes], reason: int, before: int | None = None
) -> int:
    """Erases the private halves whose subject is one of these, all or those of months that ended before `before` ms.
    How many; the erasures of one call are one entry, so that it does not tell which were one person's."""
    require(actor, "audit.erase")
    if reason not in REASONS or not (homes or people):
        raise BadInput("reason", "reason")
    halves = _halves(ctx)
    names = halves.names([*(home.encode() for home in homes), *people], before)
    looked = await _looked(ctx, names)
    async with ctx.store.write() as tx:
        count = await _entered(ctx, tx, names, reason, looked)
        for home in homes if before is None else ():
            await erasures.forget_looks(tx, home)
        await note(ctx, tx, actor, "audit.erase")
    if before is None:
        halves.ask([ctx.keys.mark(HOME, home) for home in homes], ctx.clock())
    await _destroyed(ctx, names, reason)
    await gone.keep(ctx)
    return count


async def expire(ctx: Context, before: int) -> int:
    """Erases every private half of months that ended before `before` ms: the end of retention. How many."""
    names = _halves(ctx).old(before)
    looked = await _looked(ctx, names)
    async with ctx.store.write() as tx:
        count = await _entered(ctx, tx, names, RETENTION, looked)
    await _destroyed(ctx, names, RETENTION)
    await gone.keep(ctx)
    return count


async def again(ctx: Context) -> int:
    """At the start, before anything is served: what database and key file know of erasures is true in both. How many
    private halves were taken out of a restored database."""
    if ctx.store.halves is None:
        return 0
    async with ctx.store.read() as tx:
        known = await erasures.remembered(tx)
    told = ctx.store.halves.forgotten()
    count = 0
    for reason in REASONS:
        names = [name for name, why in told.items() if why == reason and name not in known]
        looked = await _looked(ctx, names)
        async with ctx.store.write() as tx:
            count += await _entered(ctx, tx, names, reason, looked)
        left = [name for name, why in known.items() if why == reason and name not in told]
        await _destroyed(ctx, [*names, *left], reason)
    return count


def _halves(ctx: Context) -> Halves:
    if ctx.store.halves is None:
        raise BadInput("reason", "keyless")
    return ctx.store.halves


async def _looked(ctx: Context, names: Sequence[bytes]) -> Looked:
    """Every entry is read for it, after years for a minute: beside the writers, not among them."""
    async with ctx.store.read() as tx:
        return await erasures.look(tx, names) if names else Looked(0, 0, [])


async def _entered(ctx: Context, tx: Tx, names: Sequence[bytes], reason: int, looked: Looked) -> int:
    """The payload under these keys taken out, said by entries of the host's chain, in the transaction."""
    if not names:
        return 0
    numbers = await erasures.now_under(tx, names, looked)
    for at in range(0, len(numbers), SEQS):
        some = numbers[at : at + SEQS]
        detail = [[key_id(public), seqs] for public, seqs in await erasures.named(tx, some)]
        await chronicle.write(ctx, tx, (records.ERASED, [reason, len(some)], Private(ctx.random(16), b"", detail)))
    await erasures.wipe(tx, numbers)
    await erasures.remember(tx, names, reason, ctx.clock())
    return len(numbers)


async def _destroyed(ctx: Context, names: Sequence[bytes], reason: int) -> None:
    if not names:
        return
    _halves(ctx).forget(names, reason, ctx.clock())
    await ctx.store.sweep()
