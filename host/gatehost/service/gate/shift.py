"""A shift at a gate: who is on duty where since when, what they may look back on, what is left to the next.

Guards see what happened since their shift began; nothing older.
"""

from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import Refused
from gatehost.model.place import Place
from gatehost.model.visit import INSIDE, Visit
from gatehost.service.context import Context
from gatehost.service.paper import casework
from gatehost.service.permissions import require
from gatehost.store import cases, places, visits

MOST = 500  # stays shown of one shift


@dataclass(frozen=True, slots=True)
class Shift:
    """An open shift: at which gate, since when (ms UTC), and the stays there since then or still going on, the newest
    MOST, newest first."""

    at: Place
    began: int
    stays: tuple[Visit, ...]

    @property
    def came(self) -> int:
        """How many came in by this gate."""
        return sum(one.in_gate == self.at.id and (one.in_at or 0) >= self.began for one in self.stays)

    @property
    def went(self) -> int:
        """How many went out by it."""
        return sum(one.out_gate == self.at.id and (one.out_at or 0) >= self.began for one in self.stays)

    @property
    def inside(self) -> tuple[Visit, ...]:
        """Who came in here, whenever, and has not gone."""
        return tuple(one for one in self.stays if one.state == INSIDE)

    @property
    def cut(self) -> bool:
        """Whether there may be more than is shown."""
        return len(self.stays) == MOST


async def on_duty(ctx: Context, actor: Actor) -> int | None:
    """When the actor's shift began; None when none is open."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await casework.shift_began(tx, actor)


async def of_shift(ctx: Context, actor: Actor) -> Shift:
    """The actor's open shift; Refused("no_shift") without one."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        held = await casework.open_shift(tx, actor)
        at = None if held is None else await places.get(tx, held.place)
        if held is None or at is None:
            raise Refused("no_shift")
        return Shift(at, held.opened_at, await visits.since(tx, at.id, held.opened_at, MOST))


async def post_of(ctx: Context, actor: Actor) -> Place | None:
    """The gate the actor is on duty at; None when no shift of theirs is open."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        shift = await casework.open_shift(tx, actor)
        return None if shift is None else await places.get(tx, shift.place)


async def required_post(ctx: Context, actor: Actor) -> Place:
    """The same; Refused("no_shift") without one."""
    found = await post_of(ctx, actor)
    if found is None:
        raise Refused("no_shift")
    return found


async def last_words(ctx: Context, actor: Actor, gate: str) -> tuple[str, int, str] | None:
    """(who, when, what) the shift before left for the next at this gate; None when none ended within a day."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        shift = await cases.last_closed(tx, "shift", gate)
        if shift is None or shift.closed_at is None or shift.closed_at < ctx.clock() - DAY_MS:
            return None
        held = await cases.paper(tx, shift.id)
    assert held is not None
    step = held.steps[-1]
    return (step.who, step.at, step.note) if step.note else None


async def hand_over(ctx: Context, actor: Actor, text: str) -> None:
    """Ends the actor's shift with what the next must know. Refused("no_shift"), BadInput("note", "missing")."""
    require(actor, "gate.shift")
    async with ctx.store.read() as tx:
        shift = await casework.open_shift(tx, actor)
    if shift is None:
        raise Refused("no_shift")
    await casework.act(ctx, actor, shift.id, shift.version, "close", text)
