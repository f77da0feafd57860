"""Who came: the access log as lines."""

from collections.abc import Mapping, Sequence

from gatecore import codes, records
from gatecore.clock import day_of
from gatecore.events import ALERT_DURESS
from gatehost.model.account import ADMIN, Actor
from gatehost.model.errors import NotFound
from gatehost.model.visit import Alarm, Line, Lines, Today
from gatehost.service import ruling, tenure
from gatehost.service.calendar import start_of_day
from gatehost.service.context import Context
from gatehost.service.digits import digits_of
from gatehost.service.door import conflict
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import looked, note
from gatehost.store import accesslog, calls, devices, people, places
from gatehost.store import codes as code_rows
from gatehost.store.accesslog import EntryLine, EntryRow
from gatehost.store.calls import AlarmRow
from gatehost.store.codes import CodeRow
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx
from gatehost.store.table.log import SEQ_BITS

LOOK_BACK_MS = 190 * 86_400_000
MOST = 500
FRESH_MS, MOST_TOLD = 600_000, 10
TOLD = ("id", "slot", "door", "at", "granted", "direction", "method", "reason", "home", "visitor", "code", "person")
NEWS = (records.ACCESS, records.CALL, records.FORCED, records.HELD, records.TAMPER, records.FIRE, records.ALARM)


async def who_came(ctx: Context, actor: Actor, home: str, before: int | None = None, limit: int = 50) -> Lines:
    """Access and call lines of a home, newest first, to a resident those of their own time there; go on with
    `before` = the last page's `older`. Audited for staff; duress is never shown."""
    require(actor, "visit.see", home)
    async with ctx.store.read() as tx:
        since = await tenure.since(ctx, tx, actor, home)
        rows = await accesslog.newest(tx, min(limit, MOST), before, home=home, since=since)
        lines = await _lines(ctx, tx, rows, named=True)
    await looked(ctx, actor, "visit.see", home)
    return _paged(rows, lines, limit)


async def door_log(ctx: Context, actor: Actor, slot: str, before: int | None = None, limit: int = 100) -> Lines:
    """Every line of the device in a slot, newest first; homes and persons are left out for the desk. Audited."""
    require(actor, "log.see")
    async with ctx.store.read() as tx:
        device = await devices.by_slot(tx, slot)
        rows = [] if device is None else await accesslog.newest(tx, min(limit, MOST), before, no=device.no)
        lines = await _lines(ctx, tx, rows, named=actor.role == ADMIN)
    await looked(ctx, actor, "log.see", about=slot)
    return _paged(rows, lines, limit)


async def latest(ctx: Context, actor: Actor, limit: int = 30) -> Lines:
    """The estate's newest access, call and alarm lines without homes and persons."""
    require(actor, "log.see")
    async with ctx.store.read() as tx:
        rows = await accesslog.newest(tx, min(limit, MOST), typs=NEWS)
        lines = await _lines(ctx, tx, rows, named=False)
    return _paged(rows, lines, limit)


async def of_entries(ctx: Context, actor: Actor, numbers: Sequence[int]) -> tuple[Line, ...]:
    """These entries (by id) as lines, oldest first, for who exports them; that is entered with the export."""
    require(actor, "audit.verify")
    async with ctx.store.read() as tx:
        return await _lines(ctx, tx, await accesslog.by_ids(tx, numbers), named=True)


def _paged(rows: list[EntryLine], lines: tuple[Line, ...], limit: int) -> Lines:
    return Lines(lines, accesslog.cursor(rows[-1]) if rows and len(rows) >= min(limit, MOST) else None)


async def _lines(ctx: Context, tx: Tx, rows: list[EntryLine], named: bool) -> tuple[Line, ...]:
    by_no = {device.no: device for device in await devices.in_states(tx)}
    names = await people.names(tx, {row.person.hex() for row in rows if row.person})
    marks = await marks_of(ctx, tx, rows, by_no) if named else {}
    return tuple(_line(row, by_no[row.id >> SEQ_BITS], names, marks, named) for row in rows)


async def marks_of(
    ctx: Context, tx: Tx, rows: Sequence[EntryLine], by_no: Mapping[int, DeviceRow], since: int | None = None
) -> dict[tuple[int, bytes], CodeRow]:
    """(device, mark in an entry) -> the code: an issued one's own id, or at that door the digest of its digits.
    Nothing of codes that ended before `since`; by default half a year ago."""
    after = ctx.clock() - LOOK_BACK_MS if since is None else since
    homes = sorted({row.home for row in rows if row.home and row.mark})
    found: dict[tuple[int, bytes], CodeRow] = {}
    if not homes:
        return found
    used = {row.id >> SEQ_BITS for row in rows}
    for code in await code_rows.of_homes(tx, homes, after):
        building = await places.building_of(tx, code.home)
        seven = digits_of(ctx, "" if building is None else building.id, code)
        for no in used:
            found[no, code.mark] = code
            found[no, codes.digest(ctx.keys.list_key(bytes.fromhex(by_no[no].dev)), code.home, seven)] = code
    return found


def _line(
    row: EntryLine, device: DeviceRow, names: dict[str, str], marks: dict[tuple[int, bytes], CodeRow], named: bool
) -> Line:
    entry = records.Entry.from_wire(row.entry)
    code = marks.get((device.no, row.mark)) if row.mark else None
    person = names.get(row.person.hex(), "") if row.person and named else ""
    return Line(
        id=row.id,
        device=device.dev,
        slot=device.slot,
        door=device.name,
        seq=entry.seq,
        at=entry.utc if row.tq else None,
        quality=row.tq,
        received_at=row.received_at,
        typ=row.typ,
        granted=None if row.result is None else bool(row.result),
        direction=entry.pub[0] if row.result is not None else None,
        method=row.method,
        reason=row.reason,
        flags=row.flags or 0,
        home=(row.home or "") if named else "",
        person=person,
        visitor="" if code is None else code.visitor,
        code=None if code is None else code.id,
        pub=tuple(entry.pub),
    )


async def arrived(ctx: Context, rows: Sequence[EntryRow]) -> None:
    """Tells open pages of accesses that just came in; old ones of a door that was away are in the lists only, but a
    code for one visit that was used twice is told however late."""
    for home in conflict.homes_in(rows):
        async with ctx.store.read() as tx:
            opened = await conflict.of_home(tx, home)
            marks = await marks_of(ctx, tx, opened, {device.no: device for device in await devices.in_states(tx)})
        await conflict.tell(ctx, home, opened, marks, frozenset(row[0] for row in rows))
    fresh = [row[0] for row in rows if row[4] == records.ACCESS and row[1] > ctx.clock() - FRESH_MS][-MOST_TOLD:]
    if not fresh:
        return
    async with ctx.store.read() as tx:
        lines = await _lines(ctx, tx, await accesslog.by_ids(tx, fresh), named=True)
    for line in lines:
        body = {name: getattr(line, name) for name in TOLD}
        ctx.pages.tell(Audience(homes=(line.home,) if line.home else ()), News("entry", body))
        ctx.pages.tell(
            Audience(roles=("admin", "desk")), News("entry", body | {"home": "", "person": "", "visitor": ""})
        )


async def today(ctx: Context, actor: Actor) -> Today:
    """The day so far in numbers, and the alarms nobody has looked at."""
    require(actor, "day.see")
    async with ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        offsets = () if estate is None else estate.offsets
        since = start_of_day(day_of(ctx.clock(), offsets), offsets)
        counts = await accesslog.counts_since(tx, since, records.ACCESS)
        doors = await devices.in_states(tx, "active", "quarantined")
        alarms = [row for row in await calls.unseen(tx, 50) if await _may_know(tx, actor, row)]
    connected = sum(ctx.doors.connected(door.dev) for door in doors)
    granted = sum(many for result, _, many in counts if result)
    reasons = tuple(sorted((reason, many) for result, reason, many in counts if not result))
    shown = tuple(_alarm(row) for row in alarms)
    return Today(len(doors), connected, granted, sum(many for _, many in reasons), reasons, shown)


async def _may_know(tx: Tx, actor: Actor, row: AlarmRow) -> bool:
    """Duress is for those whom the rule names."""
    if row.kind != ALERT_DURESS or actor.role == ADMIN:
        return True
    return (await ruling.in_force(tx, "duress_alarm", row.home or row.slot)).value == "desk"


def _alarm(row: AlarmRow) -> Alarm:
    return Alarm(row.id, row.at, row.slot, row.door, row.kind, row.home, row.seen_by, row.seen_at)


async def seen(ctx: Context, actor: Actor, alarm: int) -> Alarm:
    """Marks an alarm as looked at by the actor; NotFound("alarm")."""
    require(actor, "alarm.see")
    async with ctx.store.write() as tx:
        if await calls.get_alarm(tx, alarm) is None:
            raise NotFound("alarm")
        await calls.see(tx, alarm, actor.name, ctx.clock())
        await note(ctx, tx, actor, "alarm.see", about=str(alarm))
        row = await calls.get_alarm(tx, alarm)
        assert row is not None
        return _alarm(row)
