"""Papers of who has left a home: what waits for a signature or the gate ends with them (row E25)."""

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.case import Case, Step
from gatehost.model.kind import Kind
from gatehost.model.party import Tie
from gatehost.service import publish, ruling
from gatehost.service.context import Context
from gatehost.service.home import leaving
from gatehost.service.paper.kinds import kinds
from gatehost.store import appointments, cases
from gatehost.store.store import Tx

MOST = 500


async def person_left(ctx: Context, actor: Actor, tie: int) -> Tie:
    """One person belongs to a home no more, in one step: their ways in (service.home.leaving) and their open papers
    there. The tie as it ended. NotFound("tie")."""
    async with ctx.store.write() as tx:
        found = await leaving.tie_ended(ctx, tx, actor, tie)
        await end_papers(ctx, tx, actor, found.place, {found.party}, "")
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    await leaving.forget(ctx)
    return found


async def end_papers(
    ctx: Context, tx: Tx, actor: Actor, home: str, gone: set[str], why: str, but: int | None = None
) -> None:
    """Open papers of these people about a home are cancelled, all `but` one: no slip is released and nothing signed for
    them later. One that cannot be cancelled goes on: a complaint is answered, a data request is done."""
    for case in await cases.listed(tx, (), (), [home], open_only=True, limit=MOST):
        if case.id != but and case.applicant in gone:
            await _cancel(ctx, tx, actor, case, why)


async def _cancel(ctx: Context, tx: Tx, actor: Actor, case: Case, why: str) -> None:
    kind, now = kinds()[case.kind], ctx.clock()
    move = kind.move("cancel", case.state)
    if move is None:
        return
    await cases.move(tx, case.id, case.version, state=move.to, **await closing(tx, kind, case.place, now))
    step = Step(
        0, case.id, case.version + 1, move.act, case.state, move.to, now, actor.account, actor.name, actor.role, "", "",
        why, "",
    )  # fmt: skip
    await cases.put_step(tx, step)
    await appointments.end(tx, case.id, now, move.to)


async def closing(tx: Tx, kind: Kind, place: str, now: int) -> dict[str, object]:
    """What becomes of a paper that ends, beside its state."""
    days = await ruling.number(tx, kind.keep, place) if kind.keep else 365
    return {"closed_at": now, "due_at": None, "keep_until": now + days * DAY_MS}
