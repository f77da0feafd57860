"""Who goes out, and how that is known: seen by a guard, told by the host, closed though nobody saw it; who stays on."""

from collections.abc import Sequence
from dataclasses import dataclass

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model.account import GUARD, RESIDENT, Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.visit import CLOSED, INSIDE, LEFT, Visit
from gatehost.service.context import Context
from gatehost.service.gate import stay
from gatehost.service.paper import casework
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import visits
from gatehost.store.store import Tx

QUESTION = "question"  # the home's answer, when it was asked about a guest longer inside than planned
HOWS = ("code", "card", "plate", "guard", "host", QUESTION)  # ways an exit is known
UNSEEN = "unseen"  # how a stay ended that nobody saw end
LONGEST_WHY = 200


async def leave(
    ctx: Context, actor: Actor, number: int, gate: str, how: str = "guard", happened_at: int | None = None
) -> Visit:
    """Somebody goes out. NotFound("visit"), Refused("visit_over") when they are out already, BadInput("how").

    The host's "my guest left" is `how` = "host", without a gate. `happened_at`: of a paper form, BadInput("left_at",
    "range") unless between their entry and now."""
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
        how = QUESTION if held.overstayed(ctx.clock()) else how
    else:
        require(actor, "gate.leave")
    at = ctx.clock() if happened_at is None else happened_at
    if happened_at is not None and not (held.in_at or 0) <= at <= ctx.clock():
        raise BadInput("left_at", "range")
    change = {"out_at": at, "out_gate": gate or None, "out_by": actor.name, "out_how": how}
    return await stay.end(ctx, actor, number, (INSIDE, CLOSED), "gate.leave", state=LEFT, **change)


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of stays that were to be closed: `now` are closed, `before` had ended when it came to them."""

    now: tuple[Visit, ...]
    before: tuple[Visit, ...]


async def close(ctx: Context, actor: Actor, numbers: Sequence[int], why: str) -> Closed:
    """Ends stays whose end nobody saw, each once; the muster keeps them as possible for a day.

    A stay that somebody else has ended is left as it is and told. BadInput("note", "missing") without a reason,
    BadInput("visit", "missing") for no stay, NotFound("visit") for one the actor may not look back on: then none is
    closed."""
    require(actor, "visit.close")
    if not why.strip():
        raise BadInput("note", "missing")
    if not numbers:
        raise BadInput("visit", "missing")
    now, before = list[Visit](), list[Visit]()
    async with ctx.store.write() as tx:
        began = await casework.shift_began(tx, actor)
        for number in dict.fromkeys(numbers):
            ended = await _close(ctx, tx, actor, number, why.strip()[:LONGEST_WHY])
            found = await visits.get(tx, number)
            if found is None or not (ended or _recent(ctx, actor, found, began)):
                raise NotFound("visit")
            (now if ended else before).append(found)
    for one in now:
        stay.tell(ctx, one)
    return Closed(tuple(now), tuple(before))


async def _close(ctx: Context, tx: Tx, actor: Actor, number: int, why: str) -> bool:
    """Whether it was this actor who ended it. What was written at the entry stays beside the reason."""
    held = await visits.get(tx, number)
    if held is None or held.state != INSIDE:
        return False
    reason = f"{held.reason} · {why}" if held.reason else why
    unseen = {"out_at": ctx.clock(), "out_by": actor.name, "out_how": UNSEEN, "reason": reason}
    kept = await stay.keep_until(ctx, tx, held.home)
    ended = await visits.move(tx, number, (INSIDE,), state=CLOSED, keep_until=kept, **unseen)
    await note(ctx, tx, actor, "visit.close", held.home or "", str(number), UNSEEN)
    return ended


def _recent(ctx: Context, actor: Actor, one: Visit, began: int | None) -> bool:
    """Whether the actor may be told how a stay ended: of a guard's own shift, else of this day."""
    since = began if actor.role == GUARD else ctx.clock() - DAY_MS
    return since is not None and one.in_at is not None and (one.out_at or 0) >= since


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
