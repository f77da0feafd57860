"""Papers: opened, seen and moved on, as their kind's declaration says; every change is a step.

Whoever changes a paper says which version of it they saw. If somebody was faster nothing is changed, and
Refused("changed") says who, when and what, so that the page can show both.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from gatecore.clock import DAY_MS, local_ms
from gatehost.model.account import GUARD, RESIDENT, VISITOR, Actor
from gatehost.model.case import Case, Paper, Step
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.model.kind import Kind, Move
from gatehost.service import publish, ruling, tenure
from gatehost.service.context import Context
from gatehost.service.home import leaving
from gatehost.service.paper import form, signature
from gatehost.service.paper.effects import EFFECTS
from gatehost.service.paper.kinds import kinds
from gatehost.service.paper.leavers import closing
from gatehost.service.paper.needs import NEEDS, Act
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import looked, note
from gatehost.store import appointments, cases, people, places
from gatehost.store.store import Tx

BEGINS = Move("open", ("", ""), (), "", "", (), "", False, (), (), "")  # of what a paper brings about by being written


def kind_of(key: str) -> Kind:
    """A declared kind; NotFound("kind")."""
    found = kinds().get(key)
    if found is None:
        raise NotFound("kind")
    return found


async def open_case(
    ctx: Context,
    actor: Actor,
    key: str,
    place: str,
    typed: dict[str, object],
    applicant: str | None = None,
    parent: int | None = None,
) -> Case:
    """A new paper about a place. NotFound("kind" | "place" | "person" | "case"), BadInput(field, why), Denied."""
    kind, made = kind_of(key), None
    require(actor, "case.open", place if actor.role == RESIDENT else None)
    if actor.role not in kind.opens:
        raise Denied("case.open")
    told = form.filled(kind, typed, actor.role)
    async with ctx.store.write() as tx:
        made = await opened(ctx, tx, actor, kind, place, told, applicant, parent)
        changed = await publish.publish(ctx, tx) if kind.begins else ()
    publish.announce(ctx, changed)
    tell(ctx, made)
    return made


async def opened(
    ctx: Context,
    tx: Tx,
    actor: Actor,
    kind: Kind,
    place: str,
    told: dict[str, object],
    applicant: str | None,
    parent: int | None,
) -> Case:
    """The same inside a transaction, without permission; publish after it where the kind begins with something."""
    at = await places.get(tx, place)
    if at is None or at.kind not in kind.places:
        raise NotFound("place")
    if applicant is None and actor.role == RESIDENT:
        applicant = actor.party
    if applicant is not None and await people.get(tx, applicant) is None:
        raise NotFound("person")
    if parent is not None and await cases.get(tx, parent) is None:
        raise NotFound("case")
    now, estate = ctx.clock(), await places.the_estate(tx)
    assert estate is not None
    year = datetime.fromtimestamp(local_ms(now, estate.offsets) / 1000, UTC).year
    number = await cases.next_number(tx, kind.prefix, year)
    due = None
    if kind.due and kind.start == "open":
        due = now + await ruling.number(tx, kind.due, place) * DAY_MS
    made = Case(
        0, kind.key, number, place, parent, applicant, told, kind.start, 1, actor.name, now, due, None, None, None,
        None, "",
    )  # fmt: skip
    made = replace(made, id=await cases.put(tx, made))
    await _step(ctx, tx, actor, made, 1, "open", "", kind.start)
    await note(ctx, tx, actor, "case.open", place if at.kind == "home" else "", number)
    for effect in kind.begins:
        await EFFECTS[effect](Act(ctx, tx, actor, kind, Paper(made, (), ()), BEGINS, "", ""))
    return made


async def _step(
    ctx: Context,
    tx: Tx,
    actor: Actor,
    case: Case,
    version: int,
    act: str,
    was: str,
    became: str,
    duty: str = "",
    verdict: str = "",
    text: str = "",
    before: str = "",
) -> None:
    step = Step(
        0, case.id, version, act, was, became, ctx.clock(), actor.account, actor.name, actor.role, duty, verdict, text,
        before,
    )  # fmt: skip
    await cases.put_step(tx, step)


async def paper(ctx: Context, actor: Actor, number: int) -> Paper:
    """A paper with its steps and lines; NotFound("case") also for one that is not the actor's to see."""
    async with ctx.store.read() as tx:
        found = await _seen(ctx, tx, actor, number)
    if found.case.place:
        await looked(ctx, actor, "case.see", about=found.case.number)
    return found


async def _seen(ctx: Context, tx: Tx, actor: Actor, number: int) -> Paper:
    require(actor, "case.see")
    found = await cases.paper(tx, number)
    if found is None or not await may_see(ctx, tx, actor, found.case):
        raise NotFound("case")
    return found


async def may_see(ctx: Context, tx: Tx, actor: Actor, case: Case) -> bool:
    """Residents see their own papers and their homes' of their own time there; staff those their kind names; a guard
    none that ended before the shift."""
    kind = kind_of(case.kind)
    if actor.role == RESIDENT:
        if RESIDENT not in kind.opens or case.place not in actor.homes:
            return False
        return case.applicant == actor.party or case.opened_at >= await tenure.since(ctx, tx, actor, case.place)
    if actor.role not in kind.sees:
        return False
    if actor.role == GUARD and case.closed_at is not None:
        began = await shift_began(tx, actor)
        return began is not None and case.closed_at >= began
    return True


async def open_shift(tx: Tx, actor: Actor) -> Case | None:
    """The actor's present shift; None when they are not on duty."""
    for case in await cases.listed(tx, ("shift",), ("open",)):
        if case.opened_by == actor.name and case.applicant in (None, actor.party):
            return case
    return None


async def shift_began(tx: Tx, actor: Actor) -> int | None:
    """When it began."""
    shift = await open_shift(tx, actor)
    return None if shift is None else shift.opened_at


async def queue(ctx: Context, actor: Actor, keys: tuple[str, ...] = (), limit: int = 100) -> tuple[Case, ...]:
    """Open papers the actor may see, newest first."""
    require(actor, "case.see")
    homes = actor.homes if actor.role == RESIDENT else None
    async with ctx.store.read() as tx:
        found = await cases.listed(tx, keys, (), homes, open_only=True, limit=limit)
        return tuple([case for case in found if await may_see(ctx, tx, actor, case)])


async def overdue(ctx: Context, actor: Actor) -> tuple[Case, ...]:
    """Papers that should have been decided or filed by now (rows E9, E11)."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        return await cases.due(tx, ctx.clock())


@asynccontextmanager
async def changing(ctx: Context, actor: Actor, number: int, version: int) -> "AsyncIterator[tuple[Tx, Kind, Paper]]":
    """A transaction over a paper the actor may act on and saw at this version."""
    async with ctx.store.write() as tx:
        require(actor, "case.act")
        found = await _seen(ctx, tx, actor, number)
        if found.case.version != version:
            last = found.steps[-1]
            raise Refused("changed", by=last.who, at=last.at, act=last.act, version=found.case.version)
        yield tx, kind_of(found.case.kind), found


async def noted(ctx: Context, tx: Tx, actor: Actor, case: Case, act: str, told: dict[str, object]) -> None:
    """Writes what the host itself keeps on a paper, counts it on and writes the step."""
    await cases.move(tx, case.id, case.version, form=told)
    before = cases.written(case.form)
    await _step(ctx, tx, actor, case, case.version + 1, act, case.state, case.state, before=before)


async def carried_on(ctx: Context, tx: Tx, actor: Actor, held: Paper, act: str, text: str = "") -> Paper:
    """Counts a paper on and writes the step; the paper as it is now."""
    case = held.case
    await cases.move(tx, case.id, case.version)
    await _step(ctx, tx, actor, case, case.version + 1, act, case.state, case.state, text=text)
    found = await cases.paper(tx, case.id)
    assert found is not None
    return found


async def act(
    ctx: Context, actor: Actor, number: int, version: int, name: str, text: str = "", verdict: str = "", gate: str = ""
) -> Case:
    """Moves a paper on. NotFound("case" | "act"), Denied, Refused("changed" | a need's word), BadInput("note", ...)."""
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        move = kind.move(name, held.case.state)
        if move is None:
            raise NotFound("act")
        if actor.role not in move.by:
            raise Denied("case.act")
        await signature.demand(tx, actor, kind, held, move, verdict)
        if move.reason and not text.strip():
            raise BadInput("note", "missing")
        doing = Act(ctx, tx, actor, kind, held, move, text.strip(), verdict, gate)
        for need in move.needs:
            await NEEDS[need](doing)
        after = await moved(ctx, tx, doing)
        changed = await publish.publish(ctx, tx) if move.does else ()
    publish.announce(ctx, changed)
    if "off_board" in move.does:
        await leaving.forget(ctx)
    tell(ctx, after)
    return after


async def moved(ctx: Context, tx: Tx, doing: Act) -> Case:
    """The step, the new state and what it brings about."""
    case, move = doing.case, doing.move
    duty = await signature.duty_of(tx, doing.kind, doing.paper, move)
    waits = move.duty == "chain" and await signature.next_duty(tx, doing.kind, doing.paper, after=duty) != ""
    doing.change["state"] = case.state if waits else move.to
    if not waits:
        for effect in move.does:
            await EFFECTS[effect](doing)
    state = str(doing.change["state"])
    if state in doing.kind.ends:
        doing.change |= await closing(tx, doing.kind, case.place, ctx.clock())
        await appointments.end(tx, case.id, ctx.clock(), state)
    await cases.move(tx, case.id, case.version, **doing.change)
    step = (move.act, case.state, state, duty, doing.verdict, doing.note)
    await _step(ctx, tx, doing.actor, case, case.version + 1, *step)
    await note(ctx, tx, doing.actor, "case.act", case.place if case.place.isdigit() else "", case.number, move.act)
    found = await cases.get(tx, case.id)
    assert found is not None
    return found


def open_moves(kind: Kind, case: Case, actor: Actor) -> tuple[Move, ...]:
    """The acts the actor's role may try from the paper's state, in the order declared."""
    return tuple(move for move in kind.moves if case.state in move.was and actor.role in move.by)


def tell(ctx: Context, case: Case) -> None:
    """Tells open pages that a paper moved on."""
    homes = (case.place,) if case.place.isdigit() else ()
    body = {"case": case.id, "kind": case.kind, "state": case.state}
    ctx.pages.tell(Audience(homes=homes, roles=("admin", "desk", "guard")), News("case", body))


async def asked_for(ctx: Context, visitor: str, key: str, place: str, typed: dict[str, object]) -> Case:
    """A visitor's own request from the poster's page: nobody is signed in, and it can only wait for the home."""
    somebody, kind = Actor(0, "", visitor[:60], VISITOR, (), "zh_CN", False), kind_of(key)
    told = form.filled(kind, typed)
    if VISITOR not in kind.opens:
        raise Denied("case.open")
    async with ctx.store.write() as tx:
        case = await opened(ctx, tx, somebody, kind, place, told, None, None)
        held, move = await cases.paper(tx, case.id), kind.move("apply", case.state)
        if held is None or move is None or VISITOR not in move.by:
            return case
        doing = Act(ctx, tx, somebody, kind, held, move, "", "")
        for need in move.needs:
            await NEEDS[need](doing)
        case = await moved(ctx, tx, doing)
    tell(ctx, case)
    return case
