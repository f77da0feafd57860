"""Calls and alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, insert, select, update

from gatehost.store.store import Tx, shaped
from gatehost.store.table.door import alarm, call, device
from gatehost.store.table.estate import place


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call with the door's slot and names."""

    id: str
    home: str
    state: str
    by: str
    account: int | None
    began_at: int
    ends_at: int
    ended_at: int | None
    dev: str
    slot: str
    door: str
    home_name: str


_door = place.alias("door")
_home = place.alias("home_place")
_JOINED = (
    select(
        call.c.id,
        call.c.home,
        call.c.state,
        call.c.by,
        call.c.account,
        call.c.began_at,
        call.c.ends_at,
        call.c.ended_at,
        device.c.dev,
        device.c.slot,
        _door.c.name.label("door"),
        _home.c.name.label("home_name"),
    )
    .join(device, device.c.no == call.c.device)
    .join(_door, _door.c.id == device.c.slot)
    .join(_home, _home.c.id == call.c.home)
)


async def put(tx: Tx, call_id: str, no: int, home: str, state: str, now: int, ends: int) -> None:
    """A new call."""
    values = {"id": call_id, "device": no, "home": home, "state": state, "by": "", "account": None}
    await tx.execute(insert(call).values(**values, began_at=now, ends_at=ends, ended_at=None))


async def get(tx: Tx, call_id: str) -> CallRow | None:
    """A call."""
    row = (await tx.execute(_JOINED.where(call.c.id == call_id))).first()
    return None if row is None else shaped(CallRow, row)


async def live(tx: Tx) -> tuple[CallRow, ...]:
    """Calls that have not ended."""
    return tuple(shaped(CallRow, row) for row in await tx.execute(_JOINED.where(call.c.ended_at.is_(None))))


async def of_home(tx: Tx, home: str, limit: int, since: int = 0) -> tuple[CallRow, ...]:
    """A home's calls since a time, newest first."""
    query = _JOINED.where(call.c.home == home, call.c.began_at >= since).order_by(call.c.began_at.desc()).limit(limit)
    return tuple(shaped(CallRow, row) for row in await tx.execute(query))


async def move(tx: Tx, call_id: str, was: tuple[str, ...], **values: object) -> bool:
    """Changes a call that is still in one of the states `was`; False if somebody was faster."""
    done = await tx.execute(update(call).where(call.c.id == call_id, call.c.state.in_(was)).values(**values))
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm with the door's slot and name."""

    id: int
    at: int
    slot: str
    door: str
    kind: int
    home: str
    seen_by: str
    seen_at: int | None


_ALARMS = (
    select(
        alarm.c.id,
        alarm.c.at,
        device.c.slot,
        place.c.name,
        alarm.c.kind,
        alarm.c.home,
        alarm.c.seen_by,
        alarm.c.seen_at,
    )
    .join(device, device.c.no == alarm.c.device)
    .join(place, place.c.id == device.c.slot)
)


async def put_alarm(tx: Tx, no: int, now: int, kind: int, home: str) -> int:
    """A new alarm; its number."""
    done = await tx.execute(insert(alarm).values(device=no, at=now, kind=kind, home=home, seen_by="", seen_at=None))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def unseen(tx: Tx, limit: int) -> tuple[AlarmRow, ...]:
    """Alarms nobody has looked at, newest first."""
    query = _ALARMS.where(alarm.c.seen_at.is_(None)).order_by(alarm.c.id.desc()).limit(limit)
    return tuple(shaped(AlarmRow, row) for row in await tx.execute(query))


async def of_kind(tx: Tx, kind: int, since: int) -> tuple[AlarmRow, ...]:
    """Alarms of a kind since a time that nobody has looked at, newest first."""
    query = _ALARMS.where(alarm.c.kind == kind, alarm.c.at >= since, alarm.c.seen_at.is_(None))
    return tuple(shaped(AlarmRow, row) for row in await tx.execute(query.order_by(alarm.c.id.desc()).limit(5)))


async def counted(tx: Tx, kinds: Sequence[int], since: int) -> tuple[tuple[int, str, int, int, int], ...]:
    """(kind, door, how many, how many nobody has looked at, the newest) of alarms since a time, the newest first."""
    unseen = func.sum(case((alarm.c.seen_at.is_(None), 1), else_=0))
    newest = func.max(alarm.c.at)
    query = select(alarm.c.kind, place.c.name, func.count(), unseen, newest)
    query = query.join(device, device.c.no == alarm.c.device).join(place, place.c.id == device.c.slot)
    query = query.where(alarm.c.kind.in_(kinds), alarm.c.at >= since).group_by(alarm.c.kind, place.c.name)
    return tuple(
        (row[0], row[1], row[2], int(row[3]), row[4]) for row in await tx.execute(query.order_by(newest.desc()))
    )


async def get_alarm(tx: Tx, number: int) -> AlarmRow | None:
    """An alarm."""
    row = (await tx.execute(_ALARMS.where(alarm.c.id == number))).first()
    return None if row is None else shaped(AlarmRow, row)


async def see(tx: Tx, number: int, who: str, now: int) -> None:
    """Marks an alarm as looked at, once."""
    await tx.execute(
        update(alarm).where(alarm.c.id == number, alarm.c.seen_at.is_(None)).values(seen_by=who, seen_at=now)
    )


async def paused_at(tx: Tx, home: str, kind: int, since: int) -> tuple[str, ...]:
    """Slots that told of this kind of alarm for a home since a time."""
    query = select(device.c.slot).join(alarm, alarm.c.device == device.c.no)
    rows = await tx.execute(query.where(alarm.c.home == home, alarm.c.kind == kind, alarm.c.at >= since).distinct())
    return tuple(rows.scalars())
