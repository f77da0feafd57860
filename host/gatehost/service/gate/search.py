"""The guard's one box: whatever is typed, what it is and whether it may pass, with the reason.

home#code or eight digits: a visitor code. Letters and digits: a plate, a card, a slip's number. A home's full number:
that home. Four digits: the end of a phone number. Anything else: the name of somebody who is expected or inside.
"""

import re

from gatecore import codes
from gatecore.clock import DAY_MS, MINUTE_MS, local_ms
from gatehost.model import card
from gatehost.model.account import Actor
from gatehost.model.case import Case
from gatehost.model.code import EARLY, ENDED, ISSUED, REVOKED
from gatehost.model.credential import OLD
from gatehost.model.grant import Grant
from gatehost.model.place import ROOT
from gatehost.model.visit import COURIER, EXPECTED, INSIDE, WAITING, Answer, Visit
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.digits import digits_of
from gatehost.service.home import visitor_code
from gatehost.service.paper import casework
from gatehost.service.paper.form import plate as plain_plate
from gatehost.service.permissions import require
from gatehost.service.trail import looked
from gatehost.store import cases, grants, people, places, visits
from gatehost.store import codes as code_rows
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx

WASTE, SLIPS = "bulky_waste", "IR-"
GOOD, WAIT, BAD = "good", "wait", "bad"
LONGEST = 60
_SLIP = re.compile(r"[A-Z]{2}-\d{4}-\d{5}")
_PLATE = re.compile(r"(?=.*\d)(?=.*[A-Z一-龥])[A-Z0-9一-龥]{4,12}")
_CODE = {ISSUED: GOOD, EARLY: WAIT, ENDED: BAD, REVOKED: BAD}


async def search(ctx: Context, actor: Actor, words: str, gate: str = "") -> tuple[Answer, ...]:
    """What the words are, the most telling first; one answer "nothing" if they are nothing. Written down."""
    require(actor, "gate.search")
    words = words.strip()[:LONGEST]
    if not words:
        return ()
    async with ctx.store.read() as tx:
        found = await _found(ctx, tx, actor, words, gate)
    homes = {one.home for one in found if one.home}
    for home in sorted(homes) or [""]:
        await looked(ctx, actor, "gate.search", home, _masked(words))  # each home shown reads that it was
    return found or (Answer(BAD, "nothing", "nothing", words, ""),)


def _masked(words: str) -> str:
    """What the look-up log keeps: never a whole code."""
    digits = re.sub(r"\D", "", words)
    return f"{words[:4]}…" if len(digits) >= 8 else words


async def _found(ctx: Context, tx: Tx, actor: Actor, words: str, gate: str) -> tuple[Answer, ...]:
    plain, digits = plain_plate(words), re.sub(r"[\s#*]", "", words)
    if _SLIP.fullmatch(words.upper()):
        return await _numbered(ctx, tx, actor, words.upper(), gate)
    home, _, typed = words.partition("#")
    if typed and re.sub(r"\s", "", typed).isdigit():
        return await _code(ctx, tx, re.sub(r"\s", "", typed), home.strip())
    if digits.isdigit():
        return await _number(ctx, tx, digits)
    found = await _card(tx, words, ctx.clock())
    if found or not _PLATE.fullmatch(plain):
        return found or await _named(ctx, tx, words, gate)
    return await _plate(ctx, tx, plain)


async def _numbered(ctx: Context, tx: Tx, actor: Actor, number: str, gate: str) -> tuple[Answer, ...]:
    """A paper by its number, or that there is no such slip. Of one that ended before a guard's shift only that it is
    over, without a name or a home; of a kind that is not the gate's, nothing."""
    case = await cases.by_number(tx, number)
    if case is None and number.startswith(SLIPS):
        return (Answer(BAD, "slip", "slip_none", number, ""),)
    if case is None or actor.role not in casework.kind_of(case.kind).sees:
        return ()
    if not await casework.may_see(ctx, tx, actor, case):
        tone, code = slip_state(case, ctx.clock(), gate)
        return (Answer(tone, "slip", code, number, ""),)
    return (await _paper(ctx, tx, case, gate),)


async def _number(ctx: Context, tx: Tx, digits: str) -> tuple[Answer, ...]:
    estate = await places.the_estate(tx)
    if estate is not None and len(digits) == estate.dial_length:
        place = await places.home(tx, digits)
        if place is None:
            return ()
        waste = await cases.listed(tx, (WASTE,), ("approved",), [digits])
        return (await _home(ctx, tx, digits, place.name), *[await _paper(ctx, tx, one, "") for one in waste])
    if len(digits) == 8:
        return await _code(ctx, tx, digits, "") or await _card(tx, digits, ctx.clock())
    if len(digits) == 4:
        return await _phone(ctx, tx, digits)
    return await _card(tx, digits, ctx.clock())


async def _code(ctx: Context, tx: Tx, eight: str, home: str) -> tuple[Answer, ...]:
    """A visitor code; the home may be left out, for the guard is told it anyway."""
    living = [row for row in await code_rows.living(tx, ctx.clock() - 2 * DAY_MS) if home in ("", row.home)]
    seven = eight[:-1]  # the last digit tells nine homes of ten apart before anything is derived
    may = {one: codes.with_check(one, seven) == eight for one in {row.home for row in living}}
    living = [row for row in living if may[row.home]]
    zones = await places.buildings_of(tx, {row.home for row in living})
    for row in living:
        if digits_of(ctx, zones.get(row.home, ""), row) == seven:
            return (await _valid(ctx, tx, row),)
    return (Answer(BAD, "code", "code_unknown", eight, ""),) if home else ()


async def _valid(ctx: Context, tx: Tx, row: CodeRow) -> Answer:
    state, place = visitor_code.state_of(row, ctx.clock()), await places.get(tx, row.home)
    given = await grants.by_code(tx, row.id)
    inside = [one for one in await visits.of_code(tx, row.id) if one.state == INSIDE]
    inside += await visits.living(tx, home=row.home, grant=given.id) if given is not None else ()
    title = row.visitor or (place.name if place else row.home)
    visit = next((one.id for one in inside), None)
    detail = place.name if place else ""
    return Answer(_CODE[state], "code", f"code_{state}", title, detail, row.home, visit, None, row.id)


async def _home(ctx: Context, tx: Tx, home: str, name: str) -> Answer:
    # whoever waits at a gate for the home's word is not expected by it
    expected = [one for one in await visits.living(tx, home=home) if one.state == EXPECTED]
    code = "home_expects" if expected else "home_known"
    detail = " · ".join(one.name or one.kind for one in expected)
    return Answer(GOOD if expected else WAIT, "home", code, name, detail, home, expected[0].id if expected else None)


async def _phone(ctx: Context, tx: Tx, tail: str) -> tuple[Answer, ...]:
    guests = [_visit(ctx, one) for one in await visits.living(tx, phone_tail=tail)]
    residents = [
        Answer(GOOD, "person", "resident", person.name, place, place)
        for person, place in await people.find(tx, tail, ctx.clock(), 5)
        if person.phone.endswith(tail)
    ]
    return (*guests, *residents)


async def _plate(ctx: Context, tx: Tx, plate: str) -> tuple[Answer, ...]:
    inside = [_visit(ctx, one) for one in await visits.living(tx, plate=plate)]
    rights = await grants.of_plate(tx, plate)
    now = ctx.clock()
    for one in rights:
        if one.holds(now):
            return (*inside, Answer(GOOD, "plate", "plate_permit", plate, one.label, one.home or ""))
    if rights:
        code = "plate_ended" if rights[0].until <= now or rights[0].ended_at else "plate_early"
        return (*inside, Answer(BAD, "plate", code, plate, rights[0].label, rights[0].home or ""))
    return tuple(inside) or (Answer(BAD, "plate", "plate_unknown", plate, ""),)


async def _card(tx: Tx, words: str, now: int) -> tuple[Answer, ...]:
    number = card.canonical(words) if card.is_one(words) else words.replace(" ", "").upper()
    held = await grants.by_number(tx, "card", number)
    if held is None:
        return ()
    person = await people.get(tx, held[1])
    tone, code = (GOOD, "card_active") if held[2] == "active" else (BAD, f"card_{held[2]}")
    if held[2] == OLD:
        works = now < held[3] and (await ruling.in_force(tx, "old_cards", ROOT)).value == "on"
        tone, code = (WAIT, "card_old") if works else (BAD, "card_old_ended")
    return (Answer(tone, "card", code, number, "" if person is None else person.name),)


async def _named(ctx: Context, tx: Tx, words: str, gate: str) -> tuple[Answer, ...]:
    couriers = [await _courier(ctx, tx, one, gate) for one in await grants.named(tx, COURIER, words, ctx.clock())]
    return (*[_visit(ctx, one) for one in await visits.living(tx, name=words)], *couriers)


async def _courier(ctx: Context, tx: Tx, right: Grant, gate: str) -> Answer:
    """A courier who comes daily: at their hours and at their gate let in, else the guard decides (row C4)."""
    paper = None if right.case is None else await cases.get(tx, right.case)
    named = "" if paper is None else str(paper.form.get("gate", ""))
    if gate and named and gate != named:
        return Answer(WAIT, "person", "courier_gate", right.label, named)
    if not right.at_this_hour(await _minute(ctx, tx)):
        hours = f"{(right.from_minute or 0) // 60:02}:00–{(right.to_minute or 0) // 60:02}:00"
        return Answer(WAIT, "person", "courier_hours", right.label, hours)
    return Answer(GOOD, "person", "courier_known", right.label, "")


async def _minute(ctx: Context, tx: Tx) -> int:
    """The minute of the estate's day."""
    estate = await places.the_estate(tx)
    return local_ms(ctx.clock(), estate.offsets if estate else ()) % DAY_MS // MINUTE_MS


def _visit(ctx: Context, one: Visit) -> Answer:
    tone, code = {
        EXPECTED: (GOOD, "visit_expected"),
        WAITING: (WAIT, "visit_waiting"),
        INSIDE: (GOOD, "visit_inside"),
    }[one.state]
    if one.overstayed(ctx.clock()):
        tone, code = WAIT, "visit_overstay"
    title = one.name or one.plate or one.kind
    return Answer(tone, "visit", code, title, one.company or one.purpose, one.home or "", one.id)


async def _paper(ctx: Context, tx: Tx, case: Case, gate: str) -> Answer:
    tone, code = slip_state(case, ctx.clock(), gate)
    if case.kind == WASTE and tone == GOOD:
        tone, code = (GOOD, "waste_ready") if await _waste_hours(ctx, tx, case.place) else (BAD, "waste_hours")
    title = str(case.form.get("mover") or case.form.get("name") or case.form.get("plate") or case.number)
    return Answer(tone, "slip", code, title, case.number, case.place if case.place.isdigit() else "", None, case.id)


async def _waste_hours(ctx: Context, tx: Tx, place: str) -> bool:
    """Whether bulky waste may leave at this time of the day (row B8)."""
    begin, _, last = (await ruling.in_force(tx, "bulky.hours", place)).value.partition("-")
    minutes = await _minute(ctx, tx)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return begin <= clock < last


def slip_state(case: Case, now: int, gate: str) -> tuple[str, str]:
    """(tone, why) of a paper shown at a gate."""
    if case.state in ("released", "filed", "closed"):
        return BAD, "slip_done"
    if case.state not in ("approved", "at_gate"):
        return BAD, "slip_not_approved"
    if case.kind != "item_release":
        return GOOD, "slip_ready"
    since, until = case.window(now)
    if not since <= now < until:
        return WAIT, "slip_outside_window"
    named = str(case.form.get("gate") or "")
    if gate and named and gate not in named.split(","):
        return WAIT, "slip_wrong_gate"
    return GOOD, "slip_ready"


async def slips_at_exit(ctx: Context, actor: Actor, home: str) -> tuple[Case, ...]:
    """Slips of a home that may be at the gate now: they come up when somebody of it leaves."""
    require(actor, "gate.leave")
    async with ctx.store.read() as tx:
        return await cases.listed(tx, ("item_release",), ("approved", "at_gate"), [home] if home else [])
