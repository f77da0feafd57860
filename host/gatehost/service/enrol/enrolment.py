"""The paper of a face enrolment: nothing is captured before it was approved, and it follows what the capture does.

A resident may hand it in beforehand; somebody who just stands at the desk has it written, ticked and approved in one
go by `at_the_desk`, with the name and time of whoever saw the documents.
"""

from gatehost.model.account import DESK, Actor
from gatehost.model.case import CHECK, Case, Item, Paper
from gatehost.model.errors import Denied, NotFound, Refused
from gatehost.model.kind import Kind
from gatehost.service.context import Context
from gatehost.service.paper import casework, form
from gatehost.service.paper.needs import NEEDS, Act, unticked
from gatehost.service.permissions import require
from gatehost.store import cases, documents, people
from gatehost.store.store import Tx

KIND = "face_enrol"
REVIEWED = ("approved", "captured", "confirmed", "active")  # states in which pictures may be taken


async def of_person(tx: Tx, party: str, home: str = "") -> Case | None:
    """The newest paper of a person that has not ended."""
    held = await cases.listed(tx, (KIND,), (), [home] if home else None, open_only=True, limit=1000)
    return next((case for case in held if case.applicant == party), None)


async def paper_of(ctx: Context, actor: Actor, party: str, home: str = "") -> Case | None:
    """The same for a page of the desk; None without one."""
    require(actor, "case.see")
    async with ctx.store.read() as tx:
        return await of_person(tx, party, home)


async def demand(tx: Tx, party: str, home: str) -> Case:
    """The person's approved paper; Refused("no_paper") without one: no picture is taken before (row A18)."""
    found = await of_person(tx, party, home)
    if found is None or found.state not in REVIEWED:
        raise Refused("no_paper")
    return found


async def at_the_desk(ctx: Context, actor: Actor, party: str, home: str, told: dict[str, object]) -> Case:
    """Writes a person's paper, or takes the one they handed in, ticks what was seen and approves it: one act, all of it
    or nothing. BadInput(field, why), Denied, NotFound("person"); an approved one stays as it is."""
    require(actor, "face.enrol", home)
    if actor.role != DESK:
        raise Denied("case.act")
    kind = casework.kind_of(KIND)
    async with ctx.store.write() as tx:
        person = await people.get(tx, party)
        if person is None or not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        case = await of_person(tx, party, home)
        if case is not None and case.state in REVIEWED:
            return case
        typed = {"name": person.name, "phone": person.phone, "born": person.born} | told
        if case is None:
            filled = form.filled(kind, typed, actor.role)
            case = await casework.opened(ctx, tx, actor, kind, home, filled, party, None)
        for act in ("apply", "approve"):
            case = await _advance(ctx, tx, actor, kind, case, act)
    casework.tell(ctx, case)
    return case


async def _advance(ctx: Context, tx: Tx, actor: Actor, kind: Kind, case: Case, act: str) -> Case:
    """One move, with every line of the checklist ticked before the approval; a paper past it stays."""
    move = kind.move(act, case.state)
    held = await cases.paper(tx, case.id)
    if move is None or held is None:
        return case
    if act == "approve":
        held = await _tick_all(ctx, tx, actor, kind, held)
    doing = Act(ctx, tx, actor, kind, held, move, "", "")
    for need in move.needs:
        await NEEDS[need](doing)
    return await casework.moved(ctx, tx, doing)


async def _tick_all(ctx: Context, tx: Tx, actor: Actor, kind: Kind, held: Paper) -> Paper:
    for check in unticked(kind, held):
        line = Item(0, held.case.id, CHECK, check.key, "", None, None, "", None, None, ctx.clock(), actor.name)
        await cases.put_item(tx, line)
        held = await casework.carried_on(ctx, tx, actor, held, "tick", check.key)
    return held


async def captured(ctx: Context, tx: Tx, party: str, unit: str) -> Case | None:
    """The desk unit has sealed the pictures: the paper says so by itself. None when none waits for it."""
    case, kind = await of_person(tx, party), casework.kind_of(KIND)
    move = None if case is None else kind.move("capture", case.state)
    held = None if case is None else await cases.paper(tx, case.id)
    if move is None or held is None:
        return None
    await documents.end_of_case(tx, held.case.id, ctx.clock(), "id_photo")  # it has done its work (L12)
    by = Actor(0, "", unit, DESK, (), "zh_CN", False)
    return await casework.moved(ctx, tx, Act(ctx, tx, by, kind, held, move, "", ""))
