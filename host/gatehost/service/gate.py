"""Work at the gate: who comes in, who goes out, and how that is known. Everything names the guard and the gate.

Guards see the people who are inside and what happened since their shift began; nothing older.
"""

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model.account import DESK, GUARD, RESIDENT, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.model.grant import VISITOR as OF_A_VISITOR
from gatehost.model.grant import Grant
from gatehost.model.place import Place
from gatehost.model.visit import (
    CANCELLED,
    CLOSED,
    CONTRACTOR,
    COURIER,
    DENIED,
    EXPECTED,
    INSIDE,
    LEFT,
    NO_SHOW,
    VISIT_KINDS,
    VISITOR,
    WAITING,
    Newcomer,
    Visit,
)
from gatehost.service import casework, form, register, rights, ruling
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import cases, grants, photos, places, visits
from gatehost.store.store import Tx

NOTICE = "visitor-notice/1"
HOWS = ("code", "card", "plate", "guard", "host", "question")  # ways an exit is known
LONGEST = {"name": 60, "phone": 30, "company": 60, "service": 60, "purpose": 100, "evidence": 60}
OLDEST_PAPER_MS = 7 * DAY_MS
JUST_NOW_MS = 10 * MINUTE_MS  # so long a home's answer stands on the guard's page


async def on_duty(ctx: Context, actor: Actor) -> int | None:
    """When the actor's shift began; None when none is open."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await casework.shift_began(tx, actor)


async def enter(
    ctx: Context,
    actor: Actor,
    gate: str,
    who: Newcomer,
    *,
    confirmed_by: str = "",
    discretion: str = "",
    visit: int | None = None,
    happened_at: int | None = None,
    host_here: bool = False,
) -> Visit:
    """Lets somebody in: an expected visit becomes present, or a new one begins.

    The home answers for a visitor (`confirmed_by`), a right covers them, or the guard decides and says why
    (`discretion`); couriers need none of these. BadInput(field, why), NotFound("gate" | "home" | "visit"),
    Refused("not_confirmed"); Refused("escort") where visitors come in with their host only, unless the guard says that
    somebody of the home stands there and goes with them (`host_here`), or decides otherwise and says why.
    `happened_at`: a paper form typed in afterwards, with its own time."""
    require(actor, "gate.enter")
    _check(who)
    async with ctx.store.write() as tx:
        at = await _gate(tx, gate)
        home, building = await _where(tx, who.home)
        held = None if visit is None else await visits.get(tx, visit)
        held = held or await _expected(tx, who)
        given = await _right(ctx, tx, who, home)
        if not (confirmed_by or discretion or given or held) and who.kind not in (COURIER, "official"):
            raise Refused("not_confirmed")
        alone = given is not None and given.kind != OF_A_VISITOR  # a pass the desk issued for a reason
        if who.kind == VISITOR and home and not (host_here or discretion or alone) and await rights.escorted(tx, home):
            raise Refused("escort")
        now = _moment(ctx, happened_at)
        until = await _until(tx, who, home or at, now, given)
        values = _values(who, actor, gate, now, confirmed_by, discretion)
        if held is not None and held.state in (EXPECTED, WAITING):
            number = held.id
            kept = {key: value for key, value in values.items() if value or key in ("state", "in_at")}
            planned = held.planned_until or until
            await visits.move(tx, number, (EXPECTED, WAITING), **kept, planned_until=planned, heads=who.heads)
        else:
            number = await visits.put(tx, _new(who, home, building, given, now, until, ctx, happened_at, values))
        await note(ctx, tx, actor, "gate.enter", home or "", str(number), "discretion" if discretion else who.kind)
        found = await visits.get(tx, number)
    assert found is not None
    _tell(ctx, found)
    return found


def _check(who: Newcomer) -> None:
    if who.kind not in VISIT_KINDS:
        raise BadInput("kind", "unknown")
    for key, most in LONGEST.items():
        text = str(getattr(who, key))
        if len(text) > most or any(ord(char) < 32 for char in text):
            raise BadInput(key, "long")
    if any(char not in "+0123456789 -()" for char in who.phone):
        raise BadInput("phone", "digits")
    if not 1 <= who.heads <= 500:
        raise BadInput("heads", "range")
    if not 0 <= who.minutes <= 31 * 24 * 60:
        raise BadInput("minutes", "range")
    if who.kind == "vehicle" and not form.plate(who.plate):
        raise BadInput("plate", "missing")
    if len(form.plate(who.plate)) > 12:
        raise BadInput("plate", "long")


async def _gate(tx: Tx, gate: str) -> str:
    found = await places.get(tx, gate)
    if found is None or found.kind != "gate":
        raise NotFound("gate")
    return found.id


async def _where(tx: Tx, home: str) -> tuple[str | None, str | None]:
    """(home, its building); a building's own id where the work is not in a home; nothing for the estate itself."""
    if not home:
        return None, None
    found, building = await places.get(tx, home), await places.building_of(tx, home)
    if found is None or found.kind not in ("home", "building"):
        raise NotFound("home")
    return (home if found.kind == "home" else None), (None if building is None else building.id)


async def _expected(tx: Tx, who: Newcomer) -> Visit | None:
    """An awaited visit this is likely to be: never a second record of one guest."""
    wanted = [one for one in await visits.living(tx, home=who.home) if one.state in (EXPECTED, WAITING)]
    phone, plate = who.phone.strip(), form.plate(who.plate)
    for one in wanted if who.home else []:
        if (phone and one.phone == phone) or (plate and one.plate == plate) or (who.name and one.name == who.name):
            return one
    return None


async def _right(ctx: Context, tx: Tx, who: Newcomer, home: str | None) -> Grant | None:
    """A right of the home, or of the plate, that covers them now."""
    plate = form.plate(who.plate)
    found = list(await grants.of_plate(tx, plate)) if plate else []
    if home is not None and who.name:
        found += [one for one in await grants.of_home(tx, home, ctx.clock()) if one.label == who.name]
    return next((one for one in found if one.holds(ctx.clock())), None)


def _moment(ctx: Context, happened_at: int | None) -> int:
    now = ctx.clock()
    if happened_at is None:
        return now
    if not now - OLDEST_PAPER_MS <= happened_at <= now:
        raise BadInput("happened_at", "range")
    return happened_at


async def _until(tx: Tx, who: Newcomer, place: str, now: int, given: Grant | None) -> int:
    """When they are expected to be gone: as they say, as their right says, or as the rules say of their kind."""
    if who.minutes:
        return now + who.minutes * MINUTE_MS
    if given is not None and who.kind == CONTRACTOR:
        return min(given.until, now + DAY_MS)
    key = "overstay.courier" if who.kind == COURIER else "overstay.visitor"
    return now + await ruling.number(tx, key, place) * MINUTE_MS


def _values(who: Newcomer, actor: Actor, gate: str, now: int, by: str, discretion: str) -> dict[str, object]:
    return {
        "state": INSIDE, "in_at": now, "in_gate": gate, "in_by": actor.name, "confirmed_by": by.strip(),
        "reason": discretion.strip(), "discretion": int(bool(discretion)), "name": who.name.strip(),
        "phone": who.phone.strip(), "plate": form.plate(who.plate), "company": who.company.strip(),
        "service": who.service.strip(), "purpose": who.purpose.strip(), "id_seen": int(who.id_seen),
        "evidence": who.evidence.strip(), "notice": NOTICE,
    }  # fmt: skip


def _new(
    who: Newcomer,
    home: str | None,
    building: str | None,
    given: Grant | None,
    now: int,
    until: int,
    ctx: Context,
    happened_at: int | None,
    values: dict[str, object],
) -> Visit:
    kept: dict[str, object] = dict.fromkeys(Visit.__slots__)
    kept |= {"id": 0, "version": 0, "kind": who.kind, "heads": who.heads, "home": home, "building": building}
    kept |= {"grant": given.id if given else None, "case": given.case if given else None, "asked_at": now}
    kept |= {"planned_until": until, "keyed_at": ctx.clock() if happened_at is not None else None}
    kept |= {"out_by": "", "out_how": "", "safe_by": ""} | values
    return Visit(**kept)  # type: ignore[arg-type]


async def ask(ctx: Context, actor: Actor, gate: str, who: Newcomer) -> Visit:
    """Somebody waits at the gate while their host is asked: the home's pages ring."""
    require(actor, "gate.enter")
    _check(who)
    async with ctx.store.write() as tx:
        at = await _gate(tx, gate)
        home, building = await _where(tx, who.home)
        if home is None:
            raise BadInput("home", "missing")
        until = await _until(tx, who, home or at, ctx.clock(), None)
        values = _values(who, actor, gate, ctx.clock(), "", "") | {"state": WAITING, "in_at": None, "in_by": ""}
        number = await visits.put(tx, _new(who, home, building, None, ctx.clock(), until, ctx, None, values))
        await note(ctx, tx, actor, "gate.ask", home, str(number))
        found = await visits.get(tx, number)
    assert found is not None
    _tell(ctx, found)
    return found


async def answer(ctx: Context, actor: Actor, number: int, let_in: bool, why: str = "") -> Visit:
    """The home (or the desk, told by phone) lets a waiting visitor in or not.

    NotFound("visit"), Refused("visit_over") when somebody else has answered. Where visitors come in with their host
    only, a yes says that the host comes: the visitor waits for them."""
    async with ctx.store.write() as tx:
        held = await visits.get(tx, number)
        if held is None:
            raise NotFound("visit")
        require(actor, "visit.confirm", held.home or "")
        if not let_in and actor.role == DESK and not why.strip():
            raise BadInput("why", "missing")
        now = ctx.clock()
        if let_in and held.kind == VISITOR and await rights.escorted(tx, held.home or "estate"):
            change: dict[str, object] = {"confirmed_by": actor.name}  # and comes to the gate
        elif let_in:
            change = {"state": INSIDE, "in_at": now, "confirmed_by": actor.name, "in_by": held.in_by}
        else:
            change = {"state": DENIED, "reason": why.strip() or "home", "confirmed_by": actor.name}
        if not await visits.move(tx, number, (WAITING,), **change):
            raise Refused("visit_over")
        await note(ctx, tx, actor, "visit.confirm", held.home or "", str(number), "in" if let_in else "not")
        found = await visits.get(tx, number)
    assert found is not None
    _tell(ctx, found)
    return found


async def deny(ctx: Context, actor: Actor, number: int, why: str) -> Visit:
    """Turns somebody away, always with a reason (row B31)."""
    require(actor, "gate.enter")
    if not why.strip():
        raise BadInput("why", "missing")
    return await _end(ctx, actor, number, (EXPECTED, WAITING), "gate.deny", state=DENIED, reason=why.strip()[:200])


async def leave(ctx: Context, actor: Actor, number: int, gate: str, how: str = "guard") -> Visit:
    """Somebody goes out. NotFound("visit"), Refused("visit_over") when they are out already, BadInput("how").

    The host's "my guest left" is `how` = "host", without a gate."""
    if how not in HOWS:
        raise BadInput("how", "unknown")
    async with ctx.store.read() as tx:
        held = await visits.get(tx, number)
        if gate:
            await _gate(tx, gate)
    if held is None:
        raise NotFound("visit")
    if actor.role == RESIDENT:
        if how != "host" or held.home not in actor.homes:
            raise NotFound("visit")
    else:
        require(actor, "gate.leave")
    change = {"out_at": ctx.clock(), "out_gate": gate or None, "out_by": actor.name, "out_how": how}
    return await _end(ctx, actor, number, (INSIDE, CLOSED), "gate.leave", state=LEFT, **change)


async def close(ctx: Context, actor: Actor, number: int, why: str) -> Visit:
    """The office ends a stay nobody saw end; the muster keeps it as possible for a day. BadInput("why", "missing")."""
    require(actor, "visit.correct")
    if not why.strip():
        raise BadInput("why", "missing")
    unseen = {"out_at": ctx.clock(), "out_by": actor.name, "out_how": "unseen"}
    return await _end(ctx, actor, number, (INSIDE,), "visit.correct", state=CLOSED, reason=why.strip()[:200], **unseen)


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


async def _end(ctx: Context, actor: Actor, number: int, was: tuple[str, ...], action: str, **change: object) -> Visit:
    async with ctx.store.write() as tx:
        held = await visits.get(tx, number)
        if held is None:
            raise NotFound("visit")
        if not await visits.move(tx, number, was, **change, keep_until=await keep_until(ctx, tx, held.home)):
            raise Refused("visit_over")
        await note(ctx, tx, actor, action, held.home or "", str(number), str(change.get("out_how", "")))
        found = await visits.get(tx, number)
    assert found is not None
    _tell(ctx, found)
    return found


async def keep_until(ctx: Context, tx: Tx, home: str | None) -> int:
    """When what is personal of a stay that ends now is emptied."""
    return ctx.clock() + await ruling.number(tx, "retention.visit", home or "estate") * DAY_MS


def _tell(ctx: Context, one: Visit) -> None:
    homes = (one.home,) if one.home else ()
    ctx.pages.tell(Audience(homes=homes, roles=("admin", "desk", "guard")), News("visit", {"visit": one.id}))


async def present(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Everybody inside, those who overstay first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        found = await visits.inside(tx)
    return tuple(sorted(found, key=lambda one: (not one.overstayed(ctx.clock()), one.in_at or 0)))


async def fetched(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Visitors who wait at a gate for their host to come and go in with them, the longest waiting first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return tuple(one for one in await visits.waiting(tx) if one.confirmed_by)


async def waiting(ctx: Context, actor: Actor) -> tuple[Visit, ...]:
    """Who stands at a gate while a home is asked, and whom a home has answered within JUST_NOW_MS, newest first."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await visits.asked_for(tx, ctx.clock() - JUST_NOW_MS)


async def of_home(ctx: Context, actor: Actor, home: str) -> tuple[Visit, ...]:
    """A home's guests who are expected, waiting or inside."""
    require(actor, "visit.see", home)
    async with ctx.store.read() as tx:
        return await visits.living(tx, home=home)


async def of_shift(ctx: Context, actor: Actor, gate: str = "") -> tuple[Visit, ...]:
    """What happened since the actor's shift began; Refused("no_shift") for a guard who has not come on duty."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        began = await casework.shift_began(tx, actor)
        if began is None and actor.role == GUARD:
            raise Refused("no_shift")
        return await visits.since(tx, ctx.clock() - DAY_MS if began is None else began, gate)


async def history(
    ctx: Context, actor: Actor, start: int, end: int, why: str, home: str = "", building: str = ""
) -> tuple[Visit, ...]:
    """Who was in a home or building in a time: for a dispute, with its reason, written down. Never a guard's."""
    require(actor, "visit.history")
    if not why.strip():
        raise BadInput("why", "missing")
    if not start < end <= start + 31 * DAY_MS:
        raise BadInput("end", "range")
    async with ctx.store.write() as tx:
        found = await visits.between(tx, start, end, home, building)
        shown = {one.home for one in found if one.home} | ({home} if home else set())
        for one in sorted(shown) or [""]:
            await note(ctx, tx, actor, "visit.history", one, building, why.strip()[:200])
        return found


async def close_day(ctx: Context, actor: Actor) -> tuple[tuple[Visit, ...], int]:
    """The early morning's close (row B24): who is still open is listed, no-shows end, the days before are sealed, what
    its time is over is emptied.

    (stays that are still open, how many were emptied)"""
    require(actor, "day.see")
    if actor.role == RESIDENT:
        raise Denied("day.see")
    now = ctx.clock()
    async with ctx.store.write() as tx:
        for one in await visits.expected_before(tx, now):
            state = NO_SHOW if one.state == EXPECTED else CANCELLED
            await visits.move(tx, one.id, (EXPECTED, WAITING), state=state, keep_until=now + DAY_MS)
        await register.seal(ctx, tx, actor)  # before anything of it is emptied
        erased = await visits.erase_before(tx, now)
        days = await ruling.number(tx, "retention.log", "estate")
        await photos.erase_before(tx, now - days * DAY_MS)
        still = await visits.inside(tx)
        detail = f"open {len(still)}, emptied {erased}"
        await note(ctx, tx, actor, "day.close", detail=detail)
    return still, erased


async def gates(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """The estate's gates."""
    require(actor, "gate.see")
    async with ctx.store.read() as tx:
        return await places.gates(tx)


async def gate_names(ctx: Context, actor: Actor) -> dict[str, str]:
    """The gates' names by id, for who may see visits: residents are told where their guest stands."""
    require(actor, "visit.see")
    async with ctx.store.read() as tx:
        return {one.id: one.name for one in await places.gates(tx)}


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
