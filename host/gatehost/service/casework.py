"""Papers: opened, filled in, ticked, signed and moved on, as their kind's declaration says; every change is a step.

Whoever changes a paper says which version of it they saw. If somebody was faster nothing is changed, and
Refused("changed") says who, when and what, so that the page can show both.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from gatecore.clock import DAY_MS, local_ms
from gatehost.model.account import DESK, GUARD, RESIDENT, VISITOR, Actor
from gatehost.model.case import CHECK, FEE, GOODS, Case, Item, Paper, Step
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.model.kind import Chain, Field, Kind, Move, fits
from gatehost.service import form, publish, ruling
from gatehost.service.context import Context
from gatehost.service.effects import EFFECTS
from gatehost.service.kinds import kinds
from gatehost.service.needs import NEEDS, Act
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import looked, note
from gatehost.store import appointments, cases, people, places
from gatehost.store.store import Tx

MOST_LINES = 100
MOST_QTY = 100_000
BEGINS = Move("open", ("", ""), (), "", "", (), "", False, (), (), "")  # of what a paper brings about by being written
EDITED_IN = ("draft", "needs_more", "amend", "open", "assigned")


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
    """Residents see their homes' papers, staff those their kind names; a guard none that ended before the shift."""
    kind = kind_of(case.kind)
    if actor.role == RESIDENT:
        return RESIDENT in kind.opens and case.place in actor.homes
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


def editable(kind: Kind, case: Case, role: str) -> tuple[Field, ...]:
    """The fields a role may change now: while a paper is being written those that are not another's, afterwards and
    until its end only those that are this role's own (what the desk checks, a card's number)."""
    if case.closed_at is not None:
        return ()
    if case.state in EDITED_IN and role in kind.opens:
        return tuple(field for field in kind.fields if form.for_role(field, role))
    return tuple(field for field in kind.fields if role in field.by and role in kind.sees)


async def save(ctx: Context, actor: Actor, number: int, version: int, typed: dict[str, object]) -> Case:
    """Writes the form anew; the form as it was stays in the step. Refused("changed" | "locked"), BadInput."""
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        fields = editable(kind, held.case, actor.role)
        if not fields:
            raise Refused("locked")
        keys = {field.key for field in fields}
        told = {key: value for key, value in held.case.form.items() if key not in keys} | form.read(fields, typed)
        await cases.move(tx, number, version, form=told)
        before = cases.written(held.case.form)
        state = held.case.state
        await _step(ctx, tx, actor, held.case, version + 1, "save", state, state, before=before)
    return replace(held.case, form=told, version=version + 1)


async def tick(ctx: Context, actor: Actor, number: int, version: int, key: str, done: bool = True) -> Paper:
    """Ticks a line of the checklist, with name and time, or takes the tick back."""
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        if key not in {check.key for check in kind.checks} or actor.role not in kind.sees or actor.role == RESIDENT:
            raise BadInput("check", "unknown")
        if held.case.closed_at is not None:
            raise Refused("locked")
        for item in held.items:
            if item.kind == CHECK and item.what == key:
                await cases.drop_item(tx, item.id)
        if done:
            line = Item(0, number, CHECK, key, "", None, None, "", None, None, ctx.clock(), actor.name)
            await cases.put_item(tx, line)
        return await carried_on(ctx, tx, actor, held, "tick" if done else "untick", key)


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


async def add_goods(ctx: Context, actor: Actor, number: int, version: int, what: str, spec: str, qty: int) -> Paper:
    """A line of goods. BadInput("what" | "qty"), Refused("locked")."""
    if not what.strip() or len(what) > 100 or len(spec) > 100:
        raise BadInput("what", "missing" if not what.strip() else "long")
    if not 1 <= qty <= MOST_QTY:
        raise BadInput("qty", "range")
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        if held.case.state not in EDITED_IN or actor.role not in kind.opens or len(held.items) >= MOST_LINES:
            raise Refused("locked")
        line = Item(0, number, GOODS, what.strip(), spec.strip(), qty, None, "", None, None, None, "")
        await cases.put_item(tx, line)
        return await carried_on(ctx, tx, actor, held, "goods", what.strip())


async def drop_goods(ctx: Context, actor: Actor, number: int, version: int, line: int) -> Paper:
    """Strikes a line of goods out; the step says which."""
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        found = next((item for item in held.goods() if item.id == line), None)
        if found is None or held.case.state not in EDITED_IN or actor.role not in kind.opens:
            raise Refused("locked")
        await cases.drop_item(tx, line)
        return await carried_on(ctx, tx, actor, held, "strike", f"{found.what} × {found.qty}")


async def count(ctx: Context, actor: Actor, number: int, version: int, line: int, qty: int) -> Paper:
    """What the gate sees of one line: how many. Only while the slip is at the gate, only by its guard."""
    async with changing(ctx, actor, number, version) as (tx, _, held):
        if held.case.state != "at_gate" or actor.role != GUARD:
            raise Refused("locked")
        found = next((item for item in held.goods() if item.id == line), None)
        if found is None or not 0 <= qty <= MOST_QTY:
            raise BadInput("qty", "range")
        verdict = "same" if qty == found.qty else "differs"
        await cases.set_item(tx, line, checked_qty=qty, verdict=verdict, done_at=ctx.clock(), done_by=actor.name)
        return await carried_on(ctx, tx, actor, held, "count", f"{found.what}: {qty}")


async def take_fee(ctx: Context, actor: Actor, number: int, version: int, what: str, amount: int) -> Item:
    """A fee taken, with its numbered receipt (row A12). It touches no right: nothing reads it but the receipt."""
    if not what.strip() or not 0 < amount <= 100_000_000:
        raise BadInput("amount", "range")
    async with changing(ctx, actor, number, version) as (tx, _, held):
        if actor.role == RESIDENT or actor.role == GUARD:
            raise Denied("case.fee")
        receipt = f"{held.case.number}/{1 + sum(item.kind == FEE for item in held.items)}"
        line = Item(0, number, FEE, what.strip(), "", None, None, "", amount, receipt, ctx.clock(), actor.name)
        line = replace(line, id=await cases.put_item(tx, line))
        await carried_on(ctx, tx, actor, held, "fee", receipt)
        return line


async def act(
    ctx: Context, actor: Actor, number: int, version: int, name: str, text: str = "", verdict: str = "", gate: str = ""
) -> Case:
    """Moves a paper on. NotFound("case" | "act"), Denied, Refused("changed" | a need's word), BadInput("note", ...)."""
    async with changing(ctx, actor, number, version) as (tx, kind, held):
        move = kind.move(name, held.case.state)
        if move is None:
            raise NotFound("act")
        await _may_act(tx, actor, kind, held, move, verdict)
        if move.reason and not text.strip():
            raise BadInput("note", "missing")
        doing = Act(ctx, tx, actor, kind, held, move, text.strip(), verdict, gate)
        for need in move.needs:
            await NEEDS[need](doing)
        after = await moved(ctx, tx, doing)
        changed = await publish.publish(ctx, tx) if move.does else ()
    publish.announce(ctx, changed)
    tell(ctx, after)
    return after


async def moved(ctx: Context, tx: Tx, doing: Act) -> Case:
    """The step, the new state and what it brings about."""
    case, move = doing.case, doing.move
    duty = await _duty(tx, doing.kind, doing.paper, move)
    waits = move.duty == "chain" and await next_duty(tx, doing.kind, doing.paper, after=duty) != ""
    doing.change["state"] = case.state if waits else move.to
    if not waits:
        for effect in move.does:
            await EFFECTS[effect](doing)
    state = str(doing.change["state"])
    if state in doing.kind.ends:
        days = await ruling.number(tx, doing.kind.keep, case.place) if doing.kind.keep else 365
        doing.change |= {"closed_at": ctx.clock(), "due_at": None, "keep_until": ctx.clock() + days * DAY_MS}
        await appointments.end(tx, case.id, ctx.clock(), state)
    await cases.move(tx, case.id, case.version, **doing.change)
    step = (move.act, case.state, state, duty, doing.verdict, doing.note)
    await _step(ctx, tx, doing.actor, case, case.version + 1, *step)
    await note(ctx, tx, doing.actor, "case.act", case.place if case.place.isdigit() else "", case.number, move.act)
    found = await cases.get(tx, case.id)
    assert found is not None
    return found


async def _may_act(tx: Tx, actor: Actor, kind: Kind, held: Paper, move: Move, verdict: str) -> None:
    if actor.role not in move.by:
        raise Denied("case.act")
    if move.duty == "chain":
        wanted = await next_duty(tx, kind, held)
        if wanted not in duties_of(actor, held, verdict):
            raise Denied("case.sign")
        if wanted != "host" and any(
            step.who == actor.name and step.account == actor.account for step in signatures(held)
        ):
            raise Refused("signed_already")
    elif move.duty and move.duty not in duties_of(actor, held, verdict):
        raise Denied("case.sign")


def duties_of(actor: Actor, held: Paper, verdict: str) -> set[str]:
    """What an actor may sign as: their role, their duties, and of a paper about their own home its host."""
    mine = {actor.role, *actor.duties}
    if actor.role == RESIDENT and held.case.place in actor.homes:
        mine.add("host")
    if actor.role == DESK and verdict in ("phone", "present"):
        mine.add("host")  # the home said so to the desk (row C5)
    return mine


def signatures(held: Paper) -> tuple[Step, ...]:
    """The signatures since the paper was last handed in."""
    found: list[Step] = []
    for step in held.steps:
        if step.act in ("apply", "reapply", "consent", "amend"):
            found = []
        elif step.act == "sign":
            found.append(step)
    return tuple(found)


async def chain_of(tx: Tx, kind: Kind, held: Paper) -> tuple[str, ...]:
    """Who signs this paper, in order; a visitor's host and the desk as the estate's rule says."""
    chain = next((one for one in kind.chains if fits(one.only, held.case.form)), Chain((), ()))
    if chain.duties != ("host",):
        return chain.duties
    approver = (await ruling.in_force(tx, "visitor.approver", held.case.place)).value
    return {"host": ("host",), "desk": ("desk",), "both": ("host", "desk")}[approver]


async def next_duty(tx: Tx, kind: Kind, held: Paper, after: str = "") -> str:
    """Whose signature comes next; "" when all are given (`after` counts as given)."""
    done = [step.duty for step in signatures(held)] + ([after] if after else [])
    return next((duty for duty in await chain_of(tx, kind, held) if duty not in done), "")


async def _duty(tx: Tx, kind: Kind, held: Paper, move: Move) -> str:
    return await next_duty(tx, kind, held) if move.duty == "chain" else move.duty


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
