"""Who comes in at the gate: let in, asked about while they wait, answered for by the home, or turned away.

Everything names the guard and the gate. Nobody is recorded twice: who was awaited becomes present.
"""

from gatecore.clock import DAY_MS, MINUTE_MS
from gatehost.model.account import DESK, Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.grant import VISITOR as OF_A_VISITOR
from gatehost.model.grant import Grant
from gatehost.model.visit import (
    CONTRACTOR,
    COURIER,
    DENIED,
    EXPECTED,
    INSIDE,
    VISIT_KINDS,
    VISITOR,
    WAITING,
    Newcomer,
    Visit,
)
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.gate import stay
from gatehost.service.home import rights
from gatehost.service.paper import form
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import grants, places, visits
from gatehost.store.store import Tx

LONGEST = {"name": 60, "phone": 30, "company": 60, "service": 60, "purpose": 100, "evidence": 60}
AWAITED = (EXPECTED, WAITING)
OLDEST_PAPER_MS = 7 * DAY_MS


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
    """Lets somebody in: an expected visit becomes present, or a new one begins. Refused("visit_over") for a
    `visit` that somebody else has let in or turned away meanwhile.

    The home answers for a visitor (`confirmed_by`), a right covers them, or the guard decides and says why
    (`discretion`); couriers need none of these. BadInput(field, why), NotFound("gate" | "home" | "visit"),
    Refused("not_confirmed"); Refused("escort") where visitors come in with their host only, unless the guard says that
    somebody of the home stands there and goes with them (`host_here`), or decides otherwise and says why.
    `happened_at`: a paper form typed in afterwards, with its own time."""
    require(actor, "gate.enter")
    _check(who)
    async with ctx.store.write() as tx:
        at = await stay.gate_of(tx, gate)
        home, building = await _where(tx, who.home)
        held = await _expected(tx, who) if visit is None else await _awaited(tx, visit)
        given = await _right(ctx, tx, who, home)
        if not (confirmed_by or discretion or given or held) and who.kind not in (COURIER, "official"):
            raise Refused("not_confirmed")
        alone = given is not None and given.kind != OF_A_VISITOR  # a pass the desk issued for a reason
        if who.kind == VISITOR and home and not (host_here or discretion or alone) and await rights.escorted(tx, home):
            raise Refused("escort")
        now = _moment(ctx, happened_at)
        until = await _until(tx, who, home or at, now, given)
        values = _values(who, actor, gate, now, confirmed_by, discretion)
        if held is not None:
            number = held.id
            kept = {key: value for key, value in values.items() if value or key in ("state", "in_at")}
            planned = held.planned_until or until
            if not await visits.move(tx, number, AWAITED, **kept, planned_until=planned, heads=who.heads):
                raise Refused("visit_over")
        else:
            number = await visits.put(tx, _new(who, home, building, given, now, until, ctx, happened_at, values))
        await note(ctx, tx, actor, "gate.enter", home or "", str(number), "discretion" if discretion else who.kind)
        found = await visits.get(tx, number)
    assert found is not None
    stay.tell(ctx, found)
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


async def _where(tx: Tx, home: str) -> tuple[str | None, str | None]:
    """(home, its building); a building's own id where the work is not in a home; nothing for the estate itself."""
    if not home:
        return None, None
    found, building = await places.get(tx, home), await places.building_of(tx, home)
    if found is None or found.kind not in ("home", "building"):
        raise NotFound("home")
    return (home if found.kind == "home" else None), (None if building is None else building.id)


async def _awaited(tx: Tx, visit: int) -> Visit:
    """The very visit a page named: it was awaited then, and must be still."""
    held = await visits.get(tx, visit)
    if held is None:
        raise NotFound("visit")
    if held.state not in AWAITED:
        raise Refused("visit_over")
    return held


async def _expected(tx: Tx, who: Newcomer) -> Visit | None:
    """An awaited visit this is likely to be: never a second record of one guest."""
    wanted = [one for one in await visits.living(tx, home=who.home) if one.state in AWAITED]
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
        "evidence": who.evidence.strip(), "notice": stay.NOTICE,
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
        at = await stay.gate_of(tx, gate)
        home, building = await _where(tx, who.home)
        if home is None:
            raise BadInput("home", "missing")
        until = await _until(tx, who, home or at, ctx.clock(), None)
        values = _values(who, actor, gate, ctx.clock(), "", "") | {"state": WAITING, "in_at": None, "in_by": ""}
        number = await visits.put(tx, _new(who, home, building, None, ctx.clock(), until, ctx, None, values))
        await note(ctx, tx, actor, "gate.ask", home, str(number))
        found = await visits.get(tx, number)
    assert found is not None
    stay.tell(ctx, found)
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
    stay.tell(ctx, found)
    return found


async def deny(ctx: Context, actor: Actor, number: int, why: str) -> Visit:
    """Turns somebody away, always with a reason (row B31)."""
    require(actor, "gate.enter")
    if not why.strip():
        raise BadInput("why", "missing")
    return await stay.end(ctx, actor, number, AWAITED, "gate.deny", state=DENIED, reason=why.strip()[:200])
