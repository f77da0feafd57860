"""Visitor codes that were made: shown, sent anew as a link, taken back, and the pause after wrong ones lifted."""

from gatecore import codes
from gatecore.clock import DAY_MS
from gatecore.records import CODE as BY_CODE
from gatecore.sign import sha256
from gatehost.model.account import Actor
from gatehost.model.code import DAY, EARLY, ENDED, ISSUED, REVOKED, VisitorCode, VisitorPass
from gatehost.model.errors import DoorSilent, NotFound
from gatehost.model.place import Estate, Place
from gatehost.service import publish, tenure
from gatehost.service.context import Context
from gatehost.service.digits import cancel_of, digits_of
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

SHOWN_AFTER_MS = 30 * DAY_MS
LINK_AFTER_MS = 2 * DAY_MS


async def place_of(tx: Tx, home: str) -> tuple[Estate, Place, str]:
    """The estate, the home and its building's id; NotFound("home")."""
    estate, place = await places.the_estate(tx), await places.home(tx, home)
    building = await places.building_of(tx, home)
    if estate is None or place is None or building is None:
        raise NotFound("home")
    return estate, place, building.id


def hashed(token: str) -> bytes:
    """What is kept of a link's token."""
    return sha256(b"gate-visitor/1", token.encode(errors="replace"))


def tell(ctx: Context, home: str, changed: tuple[str, ...]) -> None:
    """Doors and the home's pages look again."""
    publish.announce(ctx, changed)
    ctx.pages.tell(Audience(homes=(home,)), News("codes", {"home": home}))


async def shown_again(ctx: Context, number: int, place: Place, zone: str) -> VisitorCode:
    """A code as it stands now."""
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
    """The home's codes, live ones first, then those ended in the last 30 days; to a resident whatever still opens, and
    what was made in their own time there."""
    require(actor, "code.see", home)
    async with ctx.store.read() as tx:
        _, place, zone = await place_of(tx, home)
        since = await tenure.since(ctx, tx, actor, home)
        rows = list(await code_rows.of_homes(tx, [home], ctx.clock() - SHOWN_AFTER_MS))
        rows = [row for row in rows if row.made_at >= since or (row.revoked_at is None and row.until > ctx.clock())]
        shown = await _shown(ctx, tx, place, zone, rows)
    return tuple(sorted(shown, key=lambda one: (one.state not in (ISSUED, EARLY), -one.made_at, -one.id)))


async def code(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """One code; NotFound("code") also for another home's."""
    async with ctx.store.read() as tx:
        row = await _own(tx, actor, "code.see", code_id)
        _, place, zone = await place_of(tx, row.home)
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
        await code_rows.set_link(tx, row.id, hashed(token))
        await note(ctx, tx, actor, "code.link", row.home, detail=f"code {row.id}")
    return token


async def revoke(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """Takes a code back: doors are told at once, its slot is not issued again that day. Twice is no error."""
    async with ctx.store.write() as tx:
        row = await _own(tx, actor, "code.revoke", code_id)
        _, place, zone = await place_of(tx, row.home)
        await code_rows.revoke(tx, row.id, ctx.clock())
        await note(ctx, tx, actor, "code.revoke", row.home, detail=f"code {row.id}")
        changed = await publish.publish(ctx, tx, row.home)
    tell(ctx, row.home, changed)
    return await shown_again(ctx, code_id, place, zone)


async def visitor_pass(ctx: Context, link: str) -> VisitorPass:
    """What the holder of the link may see; NotFound("link") for an unknown one or one ended two days ago."""
    async with ctx.store.read() as tx:
        row = await code_rows.by_link(tx, hashed(link))
        if row is None or ctx.clock() >= row.until + LINK_AFTER_MS:
            raise NotFound("link")
        estate, place, zone = await place_of(tx, row.home)
        doors = tuple(slot.name for slot in await places.slots_on_path(tx, row.home))
    state = state_of(row, ctx.clock())
    digits = "" if state in (REVOKED, ENDED) else codes.with_check(row.home, digits_of(ctx, zone, row))
    return VisitorPass(
        code=row.id,
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
