"""A new paper filled in and handed in by one act: all of it or nothing, so a refused one stays on the page as typed."""

from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import GOODS, Case, Item
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.model.grant import LIMITED
from gatehost.model.kind import Kind
from gatehost.model.paper import Blank
from gatehost.model.party import Party, Tie
from gatehost.model.place import HOME, Place
from gatehost.service import publish, ruling
from gatehost.service.context import Context
from gatehost.service.paper import casework, filling, form, kinds
from gatehost.service.paper.needs import NEEDS, Act, forbidden_here
from gatehost.service.permissions import require
from gatehost.store import cases, people, places
from gatehost.store.store import Tx

Goods = tuple[str, str, int]  # what, specification, how many
HOURS = {"item_window": ("item.hours", ("since", "until")), "bulky_hours": ("bulky.hours", ("at",))}


def opened_by(actor: Actor) -> tuple[Kind, ...]:
    """The kinds of paper the actor's role may open, in alphabetic order of their keys."""
    return tuple(kind for kind in kinds.kinds().values() if actor.role in kind.opens)


def has_goods(kind: Kind) -> bool:
    """Whether a paper of the kind lists goods."""
    return any("goods" in move.needs for move in kind.moves)


async def blank(ctx: Context, actor: Actor, key: str, place: str = "") -> Blank:
    """What an empty form needs. NotFound("kind" | "place"), Denied for a kind or home that is not the actor's."""
    kind = casework.kind_of(key)
    require(actor, "case.open", place if actor.role == RESIDENT and place else None)
    if actor.role not in kind.opens:
        raise Denied("case.open")
    async with ctx.store.read() as tx:
        at = await places.get(tx, place) if place else None
        if place and (at is None or at.kind not in kind.places):
            raise NotFound("place")
        members = await _members(ctx, tx, at)
        fee = await ruling.in_force(tx, kind.fee, place or "estate") if kind.fee else None
        party, role = tuple(one for one, _ in members), tuple(tie.role for _, tie in members)
        return Blank(kind, at, party, role, await limits(tx, kind, place or "estate"), fee)


async def _members(ctx: Context, tx: Tx, at: Place | None) -> tuple[tuple[Party, Tie], ...]:
    if at is None or at.kind != HOME:
        return ()
    return await people.ties_of_home(tx, at.id, ctx.clock())


async def limits(tx: Tx, kind: Kind, place: str) -> tuple[tuple[str, str], ...]:
    """(field, limit in force) for the fields a rule bounds: shown beside the field before anybody types."""
    found = []
    if kind.right is not None and kind.right.kind in LIMITED:
        found.append((kind.right.until, f"days {await ruling.number(tx, LIMITED[kind.right.kind], place)}"))
    needs = {need for move in kind.moves for need in move.needs}
    for need, (key, fields) in HOURS.items():
        told = (await ruling.in_force(tx, key, place)).value
        found += [(field, f"hours {told}") for field in fields if need in needs]
    if any(field.key == "seconds" for field in kind.fields):
        found.append(("seconds", f"seconds {await ruling.number(tx, 'call.soft_limit_s', place)}"))
    if "notice_days" in needs:
        found.append(("date", f"workdays {await ruling.number(tx, 'moveout.notice_workdays', place)}"))
    if "allowed_goods" in needs and (words := await forbidden_here(tx, place)):
        found.append(("forbidden", f"words {'、'.join(words)}"))
    return tuple(found)


async def places_of(ctx: Context, actor: Actor, key: str) -> tuple[Place, ...]:
    """Where a paper of the kind may be about, homes left out: those are asked for by number."""
    require(actor, "case.open")
    kind = casework.kind_of(key)
    async with ctx.store.read() as tx:
        return tuple(place for place in await places.all_but_homes(tx) if place.kind in kind.places)


async def hand_in(
    ctx: Context,
    actor: Actor,
    key: str,
    place: str,
    typed: dict[str, object],
    goods: tuple[Goods, ...] = (),
    applicant: str | None = None,
    parent: int | None = None,
) -> Case:
    """A new paper, handed in where its kind is; all of it or nothing. NotFound("kind" | "place" | "person" | "case"),
    BadInput(field, why), Denied, Refused with a need's word."""
    kind = casework.kind_of(key)
    require(actor, "case.open", place if actor.role == RESIDENT else None)
    if actor.role not in kind.opens:
        raise Denied("case.open")
    told = form.filled(kind, typed, actor.role)
    if kind.move("apply", kind.start) is None:  # nobody asks for what is missing later
        form.demand(kind, told, actor.role)
    async with ctx.store.write() as tx:
        if applicant and not await people.tied(tx, applicant, place, ctx.clock()):
            raise NotFound("person")
        case = await casework.opened(ctx, tx, actor, kind, place, told, applicant or None, parent)
        for line in goods:
            await _line(tx, case, line)
        case = await _apply(ctx, tx, actor, kind, case)
        changed = await publish.publish(ctx, tx) if kind.begins else ()
    publish.announce(ctx, changed)
    casework.tell(ctx, case)
    return case


async def _line(tx: Tx, case: Case, line: Goods) -> None:
    what, spec, qty = line
    if not what.strip() or len(what) > 100 or len(spec) > 100:
        raise BadInput("what", "missing" if not what.strip() else "long")
    if not 1 <= qty <= filling.MOST_QTY:
        raise BadInput("qty", "range")
    await cases.put_item(tx, Item(0, case.id, GOODS, what.strip(), spec.strip(), qty, None, "", None, None, None, ""))


async def _apply(ctx: Context, tx: Tx, actor: Actor, kind: Kind, case: Case) -> Case:
    """Hands a paper in, when its kind is handed in and by this role."""
    held, move = await cases.paper(tx, case.id), kind.move("apply", case.state)
    if held is None or move is None or actor.role not in move.by:
        return case
    doing = Act(ctx, tx, actor, kind, held, move, "", "")
    for need in move.needs:
        await NEEDS[need](doing)
    return await casework.moved(ctx, tx, doing)
