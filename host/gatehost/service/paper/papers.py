"""Papers for pages: lists by home and by what is due, and one paper with what its reader may do about it."""

from gatecore.clock import DAY_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import CHECK, Case, Item, Paper
from gatehost.model.document import Document
from gatehost.model.errors import NotFound
from gatehost.model.grant import Grant
from gatehost.model.kind import Check, Kind, Move, Words, fits
from gatehost.model.paper import DONE, FOLLOW, LATE, MINE, PaperRow, PaperSheet, Possible, Signer
from gatehost.model.party import OWNER
from gatehost.model.policy import Rule
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.home import rights, visitor_code
from gatehost.service.paper import casework, earlier, filling, signature
from gatehost.service.paper.effects import REMIND_MS
from gatehost.service.paper.kinds import kinds
from gatehost.service.paper.needs import as_ruled
from gatehost.service.permissions import may, require
from gatehost.store import appointments, cases, documents, grants, people, places
from gatehost.store.store import Tx

MOST = 100
NEWS_MS = 3 * DAY_MS
# acts that a paper waits for; and the states in which it is back with whoever handed it in
AWAITED = {RESIDENT: ("sign", "consent", "confirm", "follow_up")}
STAFF_AWAITED = ("sign", "approve", "hand_over")
BACK = ("needs_more", "amend")
PRESENCE = ("shift", "desk_day")  # who is there is no work that waits; it has pages of its own


async def listed(
    ctx: Context, actor: Actor, which: str, home: str = "", keys: tuple[str, ...] = (), limit: int = MOST
) -> tuple[PaperRow, ...]:
    """Papers of a list (model.paper.LISTS) the actor may see, newest first; of one home where one is named."""
    require(actor, "case.see", home or None)
    homes = [home] if home else list(actor.homes) if actor.role == RESIDENT else None
    async with ctx.store.read() as tx:
        ended = which == DONE
        states = ("solved",) if which == FOLLOW else ()
        found = await cases.listed(tx, keys, states, homes, open_only=not ended, limit=limit, ended_only=ended)
        found = tuple(case for case in found if keys or case.kind not in PRESENCE)
        late = await _late(ctx, tx, actor, homes) if which == LATE else None
        return await rows(ctx, tx, actor, late if late is not None else found, only_mine=which == MINE)


async def _late(ctx: Context, tx: Tx, actor: Actor, homes: list[str] | None) -> tuple[Case, ...]:
    found = await cases.due(tx, ctx.clock())
    return tuple(case for case in found if homes is None or case.place in homes)[:MOST]


async def late_count(ctx: Context, actor: Actor) -> int:
    """How many papers should have been decided or filed by now."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        found = await cases.due(tx, ctx.clock())
    late = [case for case in found if is_late(case, ctx.clock())]  # the others are reminders
    return sum(actor.role in casework.kind_of(case.kind).sees for case in late)


async def decided(ctx: Context, actor: Actor) -> tuple[PaperRow, ...]:
    """A resident's own papers that somebody else took on in the last three days, newest first (row E11)."""
    require(actor, "case.see")
    async with ctx.store.read() as tx:
        held = await cases.listed(tx, (), (), list(actor.homes), limit=MOST)
        since = ctx.clock() - NEWS_MS
        living = [case for case in held if case.closed_at is None or case.closed_at > since]
        mine = [case for case in living if case.applicant == actor.party and case.version > 1]
        return await rows(ctx, tx, actor, tuple([case for case in mine if await _news(tx, actor, case, since)]))


async def _news(tx: Tx, actor: Actor, case: Case, since: int) -> bool:
    held = await cases.paper(tx, case.id)
    moved = [] if held is None else [step for step in held.steps if step.was and step.was != step.became]
    return bool(moved) and moved[-1].account != actor.account and moved[-1].at > since


async def rows(
    ctx: Context, tx: Tx, actor: Actor, found: tuple[Case, ...], only_mine: bool = False
) -> tuple[PaperRow, ...]:
    """Cases as lines of a list; those the actor may not see are left out."""
    seen = [case for case in found if await casework.may_see(ctx, tx, actor, case)]
    mine = frozenset({actor.name, *actor.duties, *await stands_in_for(tx, actor)})
    names = await places.names(tx, {case.place for case in seen})
    persons = await people.names(tx, {case.applicant for case in seen if case.applicant})
    made = []
    for case in seen:
        turn = await _turn(tx, actor, mine, case, ctx.clock())
        if turn or not only_mine:
            person = persons.get(case.applicant or "", "")
            late, end = is_late(case, ctx.clock()), ends(case, ctx.clock())
            made.append(PaperRow(case, names.get(case.place, case.place), person, late, turn, end))
    return tuple(made)


def ends(case: Case, now: int) -> int | None:
    """When the right a paper gave ends, once it is time to think of it: to renew it, or to give it back (D7, E16)."""
    right = casework.kind_of(case.kind).right
    reminded = right is not None and right.kind in REMIND_MS and case.state == "approved"
    if right is None or not reminded or case.due_at is None or case.due_at > now:
        return None
    return case.window(now, right.since, right.until)[1]


def is_late(case: Case, now: int) -> bool:
    """Whether it should have been decided, given back or filed by now."""
    over = case.due_at if (end := ends(case, now)) is None else end
    undecided = over is not None and over <= now and case.closed_at is None
    return undecided or (case.archive_due_at is not None and case.archive_due_at <= now and case.archived_at is None)


async def stands_in_for(tx: Tx, actor: Actor) -> tuple[str, ...]:
    """Who is away from the desk and named this person to stand in: what waits for them waits for this person (H11)."""
    if actor.role == RESIDENT:
        return ()
    away = [await cases.paper(tx, case.id) for case in await cases.listed(tx, ("desk_day",), ("away",), open_only=True)]
    named = [(held.case.opened_by, held.steps) for held in away if held is not None]
    return tuple(who for who, steps in named if [one for one in steps if one.act == "away"][-1].note == actor.name)


async def _turn(tx: Tx, actor: Actor, mine: frozenset[str], case: Case, now: int) -> bool:
    """Whether the paper waits for this very person."""
    kind = casework.kind_of(case.kind)
    if case.closed_at is not None:
        return False
    if case.assigned and case.assigned in mine:
        return True
    if actor.role == RESIDENT and case.applicant in (None, actor.party) and (case.state in BACK or ends(case, now)):
        return True
    acts = AWAITED.get(actor.role, STAFF_AWAITED)
    if not any(move.act in acts for move in casework.open_moves(kind, case, actor)):
        return False
    held = await cases.paper(tx, case.id)
    return held is not None and any(one.move.act in acts for one in await possible(tx, actor, kind, held, now))


async def possible(tx: Tx, actor: Actor, kind: Kind, held: Paper, now: int) -> tuple[Possible, ...]:
    """The moves this person may try now: by role, duty and, of a chain, by whose turn it is."""
    moves = [one for one in casework.open_moves(kind, held.case, actor) if "over" not in one.needs or _over(held, now)]
    tried = [(move, await _ask(tx, actor, kind, held, move)) for move in moves]
    found = [Possible(move, ask) for move, ask in tried if ask is not None]
    if actor.role == RESIDENT and not any(one.move.act in ("sign", "consent") for one in found):
        found = [one for one in found if one.move.act != "refuse"]  # their own paper is cancelled, not refused
    return tuple(found)


def _over(held: Paper, now: int) -> bool:
    return held.case.window(0)[1] <= now


async def _ask(tx: Tx, actor: Actor, kind: Kind, held: Paper, move: Move) -> str | None:
    """What must be said with the move (model.paper.Possible.ask); None when it is not this person's."""
    if move.duty == "chain":
        return _signing(actor, held, await signature.next_duty(tx, kind, held))
    if move.duty and move.duty not in signature.duties_of(actor, held, ""):
        return None
    if "owner" in move.needs:
        return "owner" if actor.role != RESIDENT else "" if await _owns(tx, actor, held) else None
    if "assign" in move.does:
        return "whom"
    if "escalate" in move.does:
        return "superior"
    return "score" if move.act == "follow_up" else ""


def _signing(actor: Actor, held: Paper, wanted: str) -> str | None:
    if wanted != "host" and any(
        step.who == actor.name and step.account == actor.account for step in signature.given(held)
    ):
        return None
    if wanted in signature.duties_of(actor, held, ""):
        return ""
    return "host" if wanted in signature.duties_of(actor, held, "phone") else None


async def _owns(tx: Tx, actor: Actor, held: Paper) -> bool:
    ties = await people.ties_of_home(tx, held.case.place, held.case.opened_at)
    return any(party.id == actor.party and tie.role == OWNER for party, tie in ties)


async def numbered(ctx: Context, actor: Actor, number: str) -> Case:
    """The paper with a printed number; NotFound("case") also for one that is not the actor's to see."""
    require(actor, "case.see")
    async with ctx.store.read() as tx:
        found = await cases.by_number(tx, number.strip().upper())
        if found is None or not await casework.may_see(ctx, tx, actor, found):
            raise NotFound("case")
        return found


async def sheet(ctx: Context, actor: Actor, number: int) -> PaperSheet:
    """A paper as this person sees it; the look is written down. NotFound("case")."""
    held = await casework.paper(ctx, actor, number)
    kind, case = casework.kind_of(held.case.kind), held.case
    async with ctx.store.read() as tx:
        place = await places.get(tx, case.place)
        assert place is not None
        names = await people.names(tx, {case.applicant or ""})
        tried = await possible(tx, actor, kind, held, ctx.clock())
        given = [grant for grant in await grants.of_cases(tx, [case.id]) if grant.ended_at is None]
        writing = actor.role in kind.opens and case.state in filling.EDITED_IN
        return PaperSheet(
            paper=held,
            kind=kind,
            place=place,
            applicant=names.get(case.applicant or "", ""),
            chain=await _chain(tx, kind, held),
            moves=tuple(one for one in tried if not one.move.page),
            elsewhere=_elsewhere(tried, case),
            checks=checklist(await as_ruled(tx, kind, case.place), held),
            fields=filling.editable(kind, case, actor.role),
            writing=writing,
            may_tick=actor.role in kind.sees and actor.role != RESIDENT and case.closed_at is None,
            late=is_late(case, ctx.clock()),
            ends=ends(case, ctx.clock()),
            digits=await _digits(ctx, tx, actor, case, given),
            uses=await _uses(ctx, tx, case),
            code=await form_code(tx, kind, case.place),
            fee=await ruling.in_force(tx, kind.fee, case.place) if kind.fee else None,
            children=tuple(
                [one for one in await cases.children(tx, case.id) if await casework.may_see(ctx, tx, actor, one)]
            ),
            documents=tuple(one for one in await documents.of_case(tx, case.id) if _may_read(actor, one)),
            may_send=case.closed_at is None and may(actor, "doc.attach"),
            may_book=case.closed_at is None and may(actor, "desk.book") and bookable(kind),
            appointment=await appointments.at(tx, case.id),
            earlier=await earlier.given(tx, kind, case),
        )


def _may_read(actor: Actor, one: Document) -> bool:
    """The office reads what belongs to a paper it works on, a resident what is theirs or their home's; nobody else."""
    mine = one.party == actor.party or (one.party is None and one.place in actor.homes)
    return may(actor, "doc.show") and (actor.role != RESIDENT or mine)


def bookable(kind: Kind) -> bool:
    """Whether a paper of the kind can have a time at the front desk."""
    return any(field.key == "appointment" for field in kind.fields)


async def form_code(tx: Tx, kind: Kind, place: str) -> str:
    """The number of a form as it is printed: the estate's own, else the declaration's (row E29)."""
    return (await ruling.in_force(tx, f"form.{kind.key}", place)).value or kind.form_code


async def copies(ctx: Context, kind: Kind, place: str) -> tuple[Words, ...]:
    """How each printed copy is marked; so many as the estate's rule says, one for kinds without marks (row E23)."""
    if not kind.copies:
        return (("", ""),)
    async with ctx.store.read() as tx:
        wanted = await ruling.number(tx, "item.copies", place)
    return tuple(kind.copies[at % len(kind.copies)] for at in range(wanted))


async def form_codes(ctx: Context, actor: Actor) -> tuple[tuple[Kind, str, Rule], ...]:
    """(kind, number printed, decision) of every kind of paper, for the estate."""
    require(actor, "policy.see")
    async with ctx.store.read() as tx:
        ruled = [(kind, await ruling.in_force(tx, f"form.{kind.key}", "estate")) for kind in kinds().values()]
    return tuple((kind, rule.value or kind.form_code, rule) for kind, rule in ruled)


async def blank_code(ctx: Context, kind: Kind) -> str:
    """The number of a kind's empty form."""
    async with ctx.store.read() as tx:
        return await form_code(tx, kind, "estate")


async def _chain(tx: Tx, kind: Kind, held: Paper) -> tuple[Signer, ...]:
    given = {step.duty: step for step in signature.given(held)}
    return tuple(Signer(duty, given.get(duty)) for duty in await signature.chain_of(tx, kind, held))


def _elsewhere(tried: tuple[Possible, ...], case: Case) -> tuple[tuple[Move, str], ...]:
    """Moves that have a page of their own, one for each page."""
    found: dict[str, Move] = {}
    for one in tried:
        if one.move.page and ("{applicant}" not in one.move.page or case.applicant):
            address = one.move.page.format(case=case.id, place=case.place, applicant=case.applicant or "")
            found.setdefault(address, one.move)
    return tuple((move, address) for address, move in found.items())


def checklist(kind: Kind, held: Paper) -> tuple[tuple[Check, Item | None], ...]:
    """The lines of the checklist that this form asks for, each with its tick."""
    done = {item.what: item for item in held.items if item.kind == CHECK and item.done_at is not None}
    return tuple((check, done.get(check.key)) for check in kind.checks if fits(check.only, held.case.form))


async def _digits(ctx: Context, tx: Tx, actor: Actor, case: Case, given: list[Grant]) -> str:
    """The code that carries the paper's right, for those who may tell it to its holder."""
    if not may(actor, "code.see", case.place if actor.role == RESIDENT else None):
        return ""
    for grant in given:
        if grant.code is not None and grant.until > ctx.clock():
            return await rights.digits(ctx, tx, grant)
    return ""


async def _uses(ctx: Context, tx: Tx, case: Case) -> tuple[tuple[str, int], ...]:
    """When and where the codes this paper gave let somebody in, those of ended rights too (row C11)."""
    carried = [grant.code for grant in await grants.of_cases(tx, [case.id]) if grant.code is not None]
    return tuple([use for code in carried for use in await visitor_code.openings(ctx, tx, code)])
