"""Visitor codes: made, shown, taken back."""

from dataclasses import dataclass, replace

from gatecore import codes
from gatecore.clock import DAY_MS, day_of
from gatecore.records import CODE as BY_CODE
from gatecore.sign import sha256
from gatehost.model.account import Actor
from gatehost.model.code import (
    DAY,
    EARLY,
    ENDED,
    ISSUED,
    LISTED,
    REVOKED,
    Invitation,
    NewCode,
    VisitorCode,
    VisitorPass,
)
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused, TooMany
from gatehost.model.place import Estate, Place
from gatehost.service import publish, ruling
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.digits import cancel_of, digits_of, zone_key
from gatehost.service.door import conflict
from gatehost.service.door.orders import order
from gatehost.service.permissions import may, require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import accesslog, devices, places
from gatehost.store import codes as code_rows
from gatehost.store.codes import CodeRow
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

MAX_LIVE = 4
LONGEST_WINDOW_MS = 31 * DAY_MS
FURTHEST_DAYS = 31
MOST_USES = 100
LONGEST_LABEL = 40
SHOWN_AFTER_MS = 30 * DAY_MS
LINK_AFTER_MS = 2 * DAY_MS


@dataclass(frozen=True, slots=True)
class _Plan:
    """A wish made precise; `day` None: listed."""

    day: int | None
    since: int
    until: int
    uses: int


async def invite(ctx: Context, actor: Actor, home: str, wish: Invitation) -> NewCode:
    """A code for a visitor of the home.

    A plain wish (one day, default uses) takes one of the home's two derivable slots of that day, good at every door
    even when the host is away; when none is left, or for another window or number of uses, the code is listed and
    `works_offline` is False. TooMany("codes") at 4 live codes; by policy
    SwitchedOff("visitor_codes" | "visitor.escort");
    BadInput("day" | "since" | "until" | "uses" | "weekdays" | "first_hours" | "visitor", why)."""
    require(actor, "code.make", home)
    token = ctx.token()
    async with ctx.store.write() as tx:
        estate, place, zone = await _where(tx, home)
        await ruling.demand(tx, "visitor_codes", home, ("on",))
        await ruling.demand(tx, "visitor.escort", home, ("off",))
        plan = _plan(wish, ctx.clock(), estate)
        live = [code for code in await code_rows.of_homes(tx, [home], ctx.clock()) if code.revoked_at is None]
        if len(live) >= MAX_LIVE:
            raise TooMany("codes", most=MAX_LIVE)
        slot = None if plan.day is None else await _free_slot(ctx, tx, home, zone, plan.day, live)
        made = _row(ctx, actor, home, wish, plan, slot, token)
        if slot is None:
            made = replace(made, hidden=ctx.keys.hide(listed_digits(ctx, home, zone, live), ctx.random(12)))
        made = replace(made, id=await code_rows.put(tx, made))
        await note(ctx, tx, actor, "code.make", home, detail=f"code {made.id}")
        changed = await publish.publish(ctx, tx, home)
    _tell(ctx, home, changed)
    return NewCode(await _shown_again(ctx, made.id, place, zone), token)


async def _where(tx: Tx, home: str) -> tuple[Estate, Place, str]:
    estate, place = await places.the_estate(tx), await places.home(tx, home)
    building = await places.building_of(tx, home)
    if estate is None or place is None or building is None:
        raise NotFound("home")
    return estate, place, building.id


def _plan(wish: Invitation, now: int, estate: Estate) -> _Plan:
    _check(wish)
    uses = codes.DEFAULT_USES if wish.uses is None else wish.uses
    if wish.since is None and wish.until is None:
        today = day_of(now, estate.offsets)
        day = today if wish.day is None else wish.day
        if not today <= day <= today + FURTHEST_DAYS:
            raise BadInput("day", "range")
        since = start_of_day(day, estate.offsets)
        until = start_of_day(day + 1, estate.offsets) + codes.GRACE_MS
        plain = uses == codes.DEFAULT_USES and not wish.weekdays and not wish.first_hours
        return _Plan(day if plain else None, since, until, uses)
    since = now if wish.since is None else wish.since
    if wish.until is None or wish.until <= max(since, now):
        raise BadInput("until", "range")
    if since > now + FURTHEST_DAYS * DAY_MS:
        raise BadInput("since", "range")
    if wish.until - since > LONGEST_WINDOW_MS:
        raise BadInput("until", "long")
    return _Plan(None, since, wish.until, uses)


def _check(wish: Invitation) -> None:
    if len(wish.visitor) > LONGEST_LABEL or any(ord(char) < 32 for char in wish.visitor):
        raise BadInput("visitor", "long")
    if wish.uses is not None and not 0 <= wish.uses <= MOST_USES:
        raise BadInput("uses", "range")
    if not 0 <= wish.weekdays < 128:
        raise BadInput("weekdays", "range")
    if not 0 <= wish.first_hours <= 31 * 24:
        raise BadInput("first_hours", "range")
    if wish.day is not None and (wish.since is not None or wish.until is not None):
        raise BadInput("day", "both")


async def _free_slot(ctx: Context, tx: Tx, home: str, zone: str, day: int, live: list[CodeRow]) -> int | None:
    """A slot of the day never issued before, whose digits are nobody else's of this home."""
    taken = await code_rows.slots_taken(tx, home, day)
    others = {digits_of(ctx, zone, code) for code in live}
    key = zone_key(ctx, zone, day)
    free = [slot for slot in range(codes.SLOTS) if slot not in taken]
    return next((slot for slot in free if codes.derive(key, home, day, slot) not in others), None)


def listed_digits(ctx: Context, home: str, zone: str, live: list[CodeRow]) -> str:
    """Seven random digits that no live code of the home has."""
    others = {digits_of(ctx, zone, code) for code in live}
    for _ in range(100):
        made = f"{int.from_bytes(ctx.random(8), 'big') % 10_000_000:07}"
        if made not in others:
            return made
    raise Refused("random")


def _row(ctx: Context, actor: Actor, home: str, wish: Invitation, plan: _Plan, slot: int | None, token: str) -> CodeRow:
    return CodeRow(
        id=0,
        home=home,
        visitor=wish.visitor.strip(),
        kind=LISTED if slot is None else DAY,
        day=None if slot is None else plan.day,
        slot=slot,
        hidden=None,
        mark=ctx.random(16),
        since=plan.since,
        until=plan.until,
        uses=plan.uses,
        weekdays=wish.weekdays,
        first_hours=wish.first_hours,
        made_at=ctx.clock(),
        made_by=actor.name,
        revoked_at=None,
        link_hash=_hash(token),
    )


def _hash(token: str) -> bytes:
    return sha256(b"gate-visitor/1", token.encode(errors="replace"))


def _tell(ctx: Context, home: str, changed: tuple[str, ...]) -> None:
    publish.announce(ctx, changed)
    ctx.pages.tell(Audience(homes=(home,)), News("codes", {"home": home}))


async def _shown_again(ctx: Context, number: int, place: Place, zone: str) -> VisitorCode:
    async with ctx.store.read() as tx:
        row = await code_rows.get(tx, number)
        assert row is not None
        return (await _shown(ctx, tx, place, zone, [row]))[0]


async def _shown(ctx: Context, tx: Tx, place: Place, zone: str, rows: list[CodeRow]) -> list[VisitorCode]:
    if not rows:
        return []
    used = await accesslog.uses_of(tx, place.id, min(row.made_at for row in rows) - DAY_MS, BY_CODE)
    kinds = await conflict.kinds_of_places(tx)
    slots = {slot.id for slot in await places.slots_on_path(tx, place.id)}
    doors = [one for one in await devices.in_states(tx, "active") if one.slot in slots]
    ready = sum((d.generation, d.version) >= (d.sent_generation, d.sent_version) for d in doors)
    shown = []
    for row in rows:
        seven = digits_of(ctx, zone, row)
        marks = {row.mark} | {codes.digest(ctx.keys.list_key(bytes.fromhex(d.dev)), row.home, seven) for d in doors}
        opened = [no for no, mark in used if mark in marks]
        twice = row.uses == conflict.ONE_VISIT and conflict.doubled(opened, kinds)
        shown.append(_visible(ctx, place, zone, row, seven, len(opened), twice, ready, len(doors)))
    return shown


async def openings(ctx: Context, tx: Tx, number: int) -> tuple[tuple[str, int], ...]:
    """(door, ms UTC) of each time a code let somebody in, oldest first."""
    row = await code_rows.get(tx, number)
    if row is None:
        return ()
    building = await places.building_of(tx, row.home)
    seven = digits_of(ctx, "" if building is None else building.id, row)
    doors = {one.no: one for one in await devices.in_states(tx)}
    marks = {no: codes.digest(ctx.keys.list_key(bytes.fromhex(one.dev)), row.home, seven) for no, one in doors.items()}
    found = []
    for used in await accesslog.by_code(tx, row.home, row.made_at - DAY_MS):
        no = used.id >> SEQ_BITS
        if no in doors and used.mark in (row.mark, marks[no]):
            found.append((doors[no].name, used.at))
    return tuple(found)


def _visible(
    ctx: Context, place: Place, zone: str, row: CodeRow, seven: str, used: int, twice: bool, ready: int, doors: int
) -> VisitorCode:
    return VisitorCode(
        id=row.id,
        home=row.home,
        home_name=place.name,
        visitor=row.visitor,
        kind=row.kind,
        digits=codes.with_check(row.home, seven),
        cancel=cancel_of(ctx, zone, row),
        since=row.since,
        until=row.until,
        uses=row.uses,
        weekdays=row.weekdays,
        first_hours=row.first_hours,
        works_offline=row.kind == DAY,
        state=state_of(row, ctx.clock()),
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        used=used,
        twice=twice,
        doors_ready=ready,
        doors_all=doors,
    )


def state_of(row: CodeRow, now: int) -> str:
    """REVOKED, ENDED, EARLY or ISSUED."""
    if row.revoked_at is not None:
        return REVOKED
    if now >= row.until:
        return ENDED
    return EARLY if now < row.since else ISSUED


async def codes_of(ctx: Context, actor: Actor, home: str) -> tuple[VisitorCode, ...]:
    """The home's codes, live ones first, then those ended in the last 30 days."""
    require(actor, "code.see", home)
    async with ctx.store.read() as tx:
        _, place, zone = await _where(tx, home)
        rows = list(await code_rows.of_homes(tx, [home], ctx.clock() - SHOWN_AFTER_MS))
        shown = await _shown(ctx, tx, place, zone, rows)
    return tuple(sorted(shown, key=lambda one: (one.state not in (ISSUED, EARLY), -one.made_at, -one.id)))


async def code(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """One code; NotFound("code") also for another home's."""
    async with ctx.store.read() as tx:
        row = await _own(tx, actor, "code.see", code_id)
        _, place, zone = await _where(tx, row.home)
        return (await _shown(ctx, tx, place, zone, [row]))[0]


async def _own(tx: Tx, actor: Actor, action: str, code_id: int) -> CodeRow:
    row = await code_rows.get(tx, code_id)
    if row is None or not may(actor, action, row.home):
        raise NotFound("code")
    return row


async def new_link(ctx: Context, actor: Actor, code_id: int) -> str:
    """A fresh visitor-page token for a code; the former stops working. Page: `ctx.url + "/v/" + token`."""
    token = ctx.token()
    async with ctx.store.write() as tx:
        row = await _own(tx, actor, "code.make", code_id)
        await code_rows.set_link(tx, row.id, _hash(token))
        await note(ctx, tx, actor, "code.link", row.home, detail=f"code {row.id}")
    return token


async def revoke(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """Takes a code back: doors are told at once, its slot is not issued again that day. Twice is no error."""
    async with ctx.store.write() as tx:
        row = await _own(tx, actor, "code.revoke", code_id)
        _, place, zone = await _where(tx, row.home)
        await code_rows.revoke(tx, row.id, ctx.clock())
        await note(ctx, tx, actor, "code.revoke", row.home, detail=f"code {row.id}")
        changed = await publish.publish(ctx, tx, row.home)
    _tell(ctx, row.home, changed)
    return await _shown_again(ctx, code_id, place, zone)


async def visitor_pass(ctx: Context, link: str) -> VisitorPass:
    """What the holder of the link may see; NotFound("link") for an unknown one or one ended two days ago."""
    async with ctx.store.read() as tx:
        row = await code_rows.by_link(tx, _hash(link))
        if row is None or ctx.clock() >= row.until + LINK_AFTER_MS:
            raise NotFound("link")
        estate, place, zone = await _where(tx, row.home)
        doors = tuple(slot.name for slot in await places.slots_on_path(tx, row.home))
    state = state_of(row, ctx.clock())
    digits = "" if state in (REVOKED, ENDED) else codes.with_check(row.home, digits_of(ctx, zone, row))
    return VisitorPass(
        estate=estate.name,
        home=row.home,
        home_name=place.name,
        visitor=row.visitor,
        digits=digits,
        since=row.since,
        until=row.until,
        uses=row.uses,
        weekdays=row.weekdays,
        works_offline=row.kind == DAY,
        state=state,
        doors=doors,
    )


async def lift_pause(ctx: Context, actor: Actor, home: str, slot: str) -> bool:
    """Ends the pause of a home's codes at a door (after ten wrong tries); False if the door refused; DoorSilent."""
    require(actor, "code.lift", home)
    async with ctx.store.write() as tx:
        if slot not in {one.id for one in await places.slots_on_path(tx, home)}:
            raise NotFound("slot")
        device = await devices.by_slot(tx, slot)
        await note(ctx, tx, actor, "code.lift", home, slot)
    if device is None:
        raise DoorSilent("empty")
    return (await order(ctx, device.dev, f"lift/{home}", f"{actor.role}:{actor.account}", "")).done
