"""What a paper's move brings about, by the names in the declarations. Each runs in the move's own transaction."""

from collections.abc import Awaitable, Callable

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model import card
from gatehost.model.account import RESIDENT
from gatehost.model.credential import OLD
from gatehost.model.errors import BadInput, Refused
from gatehost.model.grant import CARD, CEILINGS, PARKING, STANDING_ITEM, TEMP_PARKING, Grant
from gatehost.model.party import OWNER
from gatehost.model.policy import LIMITS
from gatehost.service import ruling
from gatehost.service.calendar import at_clock, day_number, start_of_day
from gatehost.service.home import leaving, lost_card, rights
from gatehost.service.paper import leavers
from gatehost.service.paper.needs import Act
from gatehost.store import cases, documents, faces, grants, people

HOUR_MS = 60 * MINUTE_MS
OF_A_HOME = ("owner", "occupant")  # whose goods are a home's
# a paper whose right ends is on the desk's list again: to be given back, to be renewed (rows D7, E16)
REMIND_MS = {TEMP_PARKING: DAY_MS, STANDING_ITEM: 30 * DAY_MS}
_UNIT = {"hours": HOUR_MS, "days": DAY_MS, "minutes": 60_000}


async def _start_clock(act: Act) -> None:
    """The office answers within the time the estate's rule names (24 h where none is)."""
    key = act.kind.due or "item.decide_hours"
    number = await ruling.number(act.tx, key, act.case.place)
    act.change["due_at"] = act.ctx.clock() + number * _UNIT[LIMITS[key].unit]


async def _give_right(act: Act) -> None:
    act.change["due_at"] = None
    if act.kind.right is None:
        return
    right = await rights.give(act.ctx, act.tx, act.case, act.kind.right, act.actor.name)
    if right.kind in REMIND_MS:
        act.change["due_at"] = max(act.ctx.clock(), right.until - REMIND_MS[right.kind])


async def _end_rights(act: Act) -> None:
    """Every right of this paper and of those that belong to it."""
    belonging = [act.case.id, *(child.id for child in await cases.children(act.tx, act.case.id))]
    await rights.end(
        act.ctx, act.tx, list(await grants.of_cases(act.tx, belonging)), f"{act.case.number} {act.move.act}"
    )


async def _assign(act: Act) -> None:
    if not act.verdict.strip():
        raise BadInput("verdict", "whom")
    act.change["assigned"] = act.verdict.strip()
    await _remind(act)


# how soon somebody is sent, where the form says it is urgent
URGENT_MS = {"now": 2 * HOUR_MS, "day": DAY_MS}


async def _remind(act: Act) -> None:
    """A matter that is given to somebody has a day it is due; a law's own time is not put off (row H2)."""
    days = await ruling.number(act.tx, "ticket.answer_days", act.case.place)
    due = act.ctx.clock() + URGENT_MS.get(str(act.form.get("urgency", "")), days * DAY_MS)
    act.change["due_at"] = due if act.case.due_at is None else min(due, act.case.due_at)


async def _answered(act: Act) -> None:
    """Done: what remains is to ask whether it is."""
    act.change["due_at"] = None


async def _escalate(act: Act) -> None:
    """To whoever is named, or to the head of the office."""
    act.change["assigned"] = act.verdict.strip() or "head"
    if act.move.to == "assigned":
        await _remind(act)


async def _ask_owner(act: Act) -> None:
    """Goods of a home wait for its owner, unless it is the owner who hands the slip in on their own page: what a form
    says makes nobody an owner, and the desk writes down how it reached them (rows E3, E4)."""
    act.change["assigned"] = ""
    if act.form.get("applicant") not in OF_A_HOME:
        return
    ties = await people.ties_of_home(act.tx, act.case.place, act.ctx.clock())
    owners = {party.id for party, tie in ties if tie.role == OWNER}
    if act.actor.role != RESIDENT or act.actor.party not in owners:
        act.change["state"] = act.move.detour


async def _tell_gate(act: Act) -> None:
    act.change["due_at"] = None
    act.change["assigned"] = "concierge"


async def _clear_check(act: Act) -> None:
    await cases.clear_checks(act.tx, act.case.id)


async def _archive_clock(act: Act) -> None:
    """Back at the desk by the next morning's time (08:30 unless the estate decided otherwise)."""
    told = (await ruling.in_force(act.tx, "item.archive_by", act.case.place)).value
    tomorrow = await act.today() + 1
    act.change["archive_due_at"] = at_clock(tomorrow, int(told[:2]) * 60 + int(told[3:]), await act.offsets())


async def _archived(act: Act) -> None:
    act.change["archived_at"] = act.ctx.clock()


async def _off_board(act: Act) -> None:
    left = await leaving.home_left(act.ctx, act.tx, act.actor, act.case.place, act.case.number, act.case.applicant)
    gone = {one.party for one in left}
    await leavers.end_papers(act.ctx, act.tx, act.actor, act.case.place, gone, act.case.number, but=act.case.id)


async def _card_active(act: Act) -> None:
    """More cards than the rule gives a person are refused; a lost one is replaced."""
    person, number = act.case.applicant, card.canonical(str(act.form["number"]))
    assert person is not None
    held = await grants.credentials_of(act.tx, person, "card", "active")
    if len(held) >= await ruling.number(act.tx, "card.per_person", act.case.place):
        raise Refused("has_a_card")
    if await grants.by_number(act.tx, "card", number) is not None:
        raise Refused("card_used")
    for old, _, _ in await grants.credentials_of(act.tx, person, "card", OLD):
        await grants.set_credential(act.tx, old, "revoked")  # exchanged
    lost = await grants.credentials_of(act.tx, person, "card", "lost")
    now = act.ctx.clock()
    replaces = lost[-1][0] if lost else None
    ends = [tie.until for _, tie in await people.ties_of_home(act.tx, act.case.place, now) if tie.party == person]
    until = min([now + CEILINGS[CARD], *(end for end in ends if end is not None)])
    await grants.put_credential(act.tx, person, "card", "active", number, now, until, replaces)


async def _card_end(act: Act) -> None:
    typed = str(act.form["number"])
    found = await grants.by_number(act.tx, "card", card.canonical(typed) if card.is_one(typed) else typed.strip())
    if found is not None:
        await grants.set_credential(act.tx, found[0], "revoked")


async def _lose_card(act: Act) -> None:
    """The card that is named, or the person's own, is dead from this paper on (row D4)."""
    held = await lost_card.meant(act.ctx, act.tx, act.case.place, act.case.applicant, str(act.form.get("number", "")))
    await lost_card.kill(act.ctx, act.tx, held)


async def _count_visit(act: Act) -> None:
    held = act.form.get("visits")
    act.change["form"] = act.form | {"visits": (held if isinstance(held, int) else 0) + 1}


async def _end_with_lease(act: Act) -> None:
    """A tenant's tie, and with it every right of theirs at every door, ends when the lease does (row A6)."""
    told = act.form.get("lease_until")
    if not isinstance(told, str) or act.case.applicant is None:
        return
    until = await _end_of(act, told)
    await people.tie_until(act.tx, act.case.applicant, act.case.place, until)
    await grants.cards_until(act.tx, act.case.applicant, until)
    face = await faces.face_of(act.tx, act.case.applicant)
    if face is not None:
        await faces.set_until(act.tx, face.id, min(face.until, until))


async def _end_of(act: Act, date: str) -> int:
    """The last instant of a date in the estate, ms UTC."""
    return start_of_day(day_number(date) + 1, await act.offsets())


# what proves that somebody lives here, by the kind of applicant
PROOFS = {"deed": "deed", "contract": "contract", "tenant": "lease"}


async def _keep_proof(act: Act) -> None:
    """The kind of proof that was seen stays with the person's tie to the home (row A4); a company's signers stay."""
    proof = PROOFS.get(str(act.form.get("kind", "")))
    if proof is None or act.case.applicant is None:
        return
    for party, tie in await people.ties_of_home(act.tx, act.case.place, act.ctx.clock()):
        if party.id == act.case.applicant and tie.proof in ("", *PROOFS.values()):
            await people.set_proof(act.tx, tie.id, proof)


async def _keep_plate(act: Act) -> None:
    """The plate on a paper, once the desk saw its licence, is the home's: the gate lets it in (row A13)."""
    number, seen = act.form.get("plate"), {item.what for item in act.paper.items if item.done_at is not None}
    if not number or act.case.applicant is None or "licence" not in seen:
        return
    held = {plate for _, plate, _ in await grants.credentials_of(act.tx, act.case.applicant, "plate", "active")}
    if number in held:
        return
    now, until = act.ctx.clock(), act.ctx.clock() + CEILINGS[PARKING]
    if isinstance(act.form.get("lease_until"), str):
        until = min(until, await _end_of(act, str(act.form["lease_until"])))
    plate = str(number)
    credential = await grants.put_credential(act.tx, act.case.applicant, "plate", "active", plate, now, until)
    right = Grant(
        0, PARKING, act.case.place, act.case.place, act.case.applicant, credential, None, act.case.id, None, now, until,
        0, None, None, 0, 1, str(act.form.get("name", "")), now, act.actor.name, None, "",
    )  # fmt: skip
    await grants.put(act.tx, right)


async def _end_documents(act: Act) -> None:
    """What was sent ahead has done its work: the next night takes it away (row A16)."""
    await documents.end_of_case(act.tx, act.case.id, act.ctx.clock())


async def _keep_signers(act: Act) -> None:
    """Who may sign for a company's goods stays with its tie: what a later slip is compared with (row E5)."""
    named = str(act.form.get("specimen", "")).replace("，", ",").replace("、", ",").strip()
    for party, tie in await people.ties_of_home(act.tx, act.case.place, act.ctx.clock()) if named else ():
        if party.id == act.case.applicant:
            await people.set_proof(act.tx, tie.id, named)


async def _lend(act: Act) -> None:
    minutes = await ruling.number(act.tx, "archive.view_minutes", act.case.place)
    act.change["due_at"] = act.ctx.clock() + minutes * 60_000


async def _day_log(act: Act) -> None:
    """What is not finished when both have signed: for whoever begins the next day (row H8)."""
    held = await cases.listed(act.tx, open_only=True, limit=200)
    left = [case.number for case in held if case.kind not in ("desk_day", "shift")]
    act.change["form"] = act.form | {"unfinished": " · ".join(left)}


EFFECTS: dict[str, Callable[[Act], Awaitable[None]]] = {
    "start_clock": _start_clock,
    "give_right": _give_right,
    "end_rights": _end_rights,
    "assign": _assign,
    "answered": _answered,
    "escalate": _escalate,
    "ask_owner": _ask_owner,
    "tell_gate": _tell_gate,
    "clear_check": _clear_check,
    "archive_clock": _archive_clock,
    "archived": _archived,
    "off_board": _off_board,
    "card_active": _card_active,
    "card_end": _card_end,
    "lose_card": _lose_card,
    "count_visit": _count_visit,
    "end_with_lease": _end_with_lease,
    "keep_proof": _keep_proof,
    "keep_plate": _keep_plate,
    "end_documents": _end_documents,
    "keep_signers": _keep_signers,
    "lend": _lend,
    "day_log": _day_log,
}
