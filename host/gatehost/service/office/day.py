"""The desk's day: presence, what is not finished, and the close that two people sign (rows H8, H9, H11)."""

from gatecore.clock import DAY_MS, day_of
from gatehost.model.account import DESK, Actor
from gatehost.model.case import Case, Paper, Step
from gatehost.model.day import DeskDay, Left, Presence
from gatehost.model.errors import Refused
from gatehost.model.paper import FOLLOW, LATE, OPEN, PaperRow
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.gate import presence
from gatehost.service.paper import casework, lending, papers, signature
from gatehost.service.permissions import require
from gatehost.store import accounts, cases, places
from gatehost.store.store import Tx

KIND = "desk_day"


async def begin(ctx: Context, actor: Actor) -> Case:
    """The actor is at the desk from now on. Refused("on_duty") while a day of theirs is open."""
    async with ctx.store.read() as tx:
        held = await _mine(tx, actor)
    if held is not None:
        raise Refused("on_duty")
    return await casework.open_case(ctx, actor, KIND, "estate", {})


async def _mine(tx: Tx, actor: Actor) -> Case | None:
    for case in await cases.listed(tx, (KIND,), open_only=True):
        held = await cases.paper(tx, case.id)
        if held is not None and is_mine(held, actor):
            return case
    return None


def is_mine(held: Paper, actor: Actor) -> bool:
    """Whether it is this account's day."""
    return held.steps[0].account == actor.account and held.case.opened_by == actor.name


async def desk_day(ctx: Context, actor: Actor) -> DeskDay:
    """Everything the page of the day shows."""
    require(actor, "day.see")
    begun = await _today(ctx)
    opened = await papers.listed(ctx, actor, OPEN)
    present = await at_the_desk(ctx, actor)
    last = await _last(ctx)
    return DeskDay(
        present=present,
        begun=any(one.mine for one in present),
        last=None if last is None else last.case,
        notes=_notes(last),
        appointments=_appointments(opened, begun),
        today=tuple(row for row in opened if row.case.opened_at >= begun),
        older=tuple(row for row in opened if row.case.opened_at < begun),
        follow=await papers.listed(ctx, actor, FOLLOW),
        late=tuple(row for row in await papers.listed(ctx, actor, LATE)),
        lent=await lending.out(ctx, actor),
        stays=tuple(one for one in await presence.present(ctx, actor) if one.overstayed(ctx.clock())),
    )


def _appointments(opened: tuple[PaperRow, ...], begun: int) -> tuple[PaperRow, ...]:
    """Whoever said they come today, in the order they come (row A15)."""
    at = {row.case.id: row.case.form.get("appointment") for row in opened}
    found = [(when, row) for row in opened if isinstance(when := at[row.case.id], int)]
    return tuple(row for when, row in sorted(found, key=lambda one: one[0]) if begun <= when < begun + DAY_MS)


async def _today(ctx: Context) -> int:
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
    offsets = () if estate is None else estate.offsets
    return start_of_day(day_of(ctx.clock(), offsets), offsets)


async def _last(ctx: Context) -> Paper | None:
    async with ctx.store.read() as tx:
        found = await cases.listed(tx, (KIND,), ("closed",), limit=1)
        return await cases.paper(tx, found[0].id) if found else None


async def left(ctx: Context, actor: Actor) -> Left | None:
    """What the last close left, for a clerk who has signed in and not come to the desk yet (row H8); None for others,
    and where no day was ever closed."""
    require(actor, "day.see")
    if actor.role != DESK:
        return None
    async with ctx.store.read() as tx:
        begun = await _mine(tx, actor)
    last = None if begun is not None else await _last(ctx)
    return None if last is None else Left(last.case, _notes(last))


def _notes(last: Paper | None) -> tuple[Step, ...]:
    return () if last is None else tuple(step for step in last.steps if step.act == "sign" and step.note)


async def colleagues(ctx: Context, actor: Actor) -> tuple[str, ...]:
    """Who can stand in for somebody at the desk."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        return tuple(one.name for one in await accounts.staff(tx) if one.role == DESK and one.id != actor.account)


async def at_the_desk(ctx: Context, actor: Actor) -> tuple[Presence, ...]:
    """Who of the desk is there or away now, and who stands in (row H11)."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        held = [await cases.paper(tx, case.id) for case in await cases.listed(tx, (KIND,), open_only=True)]
        return tuple([await _presence(tx, actor, one, ctx.clock()) for one in held if one is not None])


async def _presence(tx: Tx, actor: Actor, held: Paper, now: int) -> Presence:
    moved = [step for step in held.steps if step.act in ("open", "away", "back")][-1]
    mine = is_mine(held, actor)
    moves = await papers.possible(tx, actor, casework.kind_of(KIND), held, now)
    may_sign = any(one.move.act == "sign" for one in moves) and (mine or bool(signature.given(held)))
    away = held.case.state == "away"
    deputy = moved.note if away else ""
    return Presence(held.case, away, moved.at, deputy, signature.given(held), mine and actor.role == DESK, may_sign)
