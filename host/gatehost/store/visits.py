"""Stays: who came in, who is inside, who left and how that is known."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, union, update

from gatehost.model.visit import CLOSED, DENIED, EXPECTED, INSIDE, WAITING, Visit
from gatehost.store.store import Tx, shaped
from gatehost.store.table.gate import visit

_VISIT = tuple(visit.c[name] for name in Visit.__slots__)
LIVE = (EXPECTED, WAITING, INSIDE)
_PERSONAL = ("name", "phone", "plate", "company", "service", "purpose", "evidence", "confirmed_by")
HOUR_MS = 3_600_000
LONGEST_MS = 31 * 24 * HOUR_MS  # no stay that has ended lasted longer: what bounds a search for those of a time


async def put(tx: Tx, made: Visit) -> int:
    """A new stay (its `id` is ignored); its number."""
    done = await tx.execute(insert(visit).values({n: getattr(made, n) for n in Visit.__slots__ if n != "id"}))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> Visit | None:
    """A stay."""
    row = (await tx.execute(select(*_VISIT).where(visit.c.id == number))).first()
    return None if row is None else shaped(Visit, row)


async def move(tx: Tx, number: int, was: Sequence[str], **values: object) -> bool:
    """Changes a stay that is in one of these states; False if somebody was faster."""
    wanted = update(visit).where(visit.c.id == number, visit.c.state.in_(was))
    return (await tx.execute(wanted.values(**values, version=visit.c.version + 1))).rowcount == 1


async def inside(tx: Tx, building: str | None = None) -> tuple[Visit, ...]:
    """Everybody who came in and has not gone out, by building and time."""
    query = select(*_VISIT).where(visit.c.state == INSIDE)
    if building is not None:
        query = query.where(visit.c.building == building)
    rows = await tx.execute(query.order_by(visit.c.building, visit.c.home, visit.c.in_at))
    return tuple(shaped(Visit, row) for row in rows)


async def asked_for(tx: Tx, since: int) -> tuple[Visit, ...]:
    """Stays whose home is asked, and those that were asked for since a time and that the home has answered."""
    by_the_home = (visit.c.confirmed_by != "", visit.c.in_by == "")
    came = and_(visit.c.state == INSIDE, visit.c.in_at >= since, *by_the_home)
    # nobody is planned to stay past a time before they asked: this bound is the index's
    gone = and_(visit.c.state == DENIED, visit.c.planned_until >= since, visit.c.asked_at >= since, *by_the_home)
    query = select(*_VISIT).where(or_(visit.c.state == WAITING, came, gone))
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.id.desc()).limit(40)))


async def unseen_exits(tx: Tx, since: int) -> tuple[Visit, ...]:
    """Stays the office closed without having seen anybody leave, since a time."""
    query = select(*_VISIT).where(visit.c.state == CLOSED, visit.c.in_at.is_not(None), visit.c.out_at >= since)
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.building, visit.c.in_at)))


async def overstayed(tx: Tx, now: int) -> tuple[Visit, ...]:
    """Stays longer than planned, the longest first."""
    query = select(*_VISIT).where(visit.c.state == INSIDE, visit.c.planned_until < now)
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.planned_until)))


async def expected_before(tx: Tx, now: int) -> tuple[Visit, ...]:
    """Those who were to come by now and did not."""
    query = select(*_VISIT).where(visit.c.state.in_((EXPECTED, WAITING)), visit.c.planned_until < now)
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.id)))


async def expected_between(tx: Tx, since: int, until: int) -> tuple[Visit, ...]:
    """Those who were told of and are to come within a time."""
    query = select(*_VISIT).where(visit.c.state.in_((EXPECTED, WAITING)), visit.c.planned_until.between(since, until))
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.id)))


async def waiting(tx: Tx) -> tuple[Visit, ...]:
    """Everybody who waits at a gate, the longest waiting first."""
    query = select(*_VISIT).where(visit.c.state == WAITING).order_by(visit.c.asked_at).limit(50)
    return tuple(shaped(Visit, row) for row in await tx.execute(query))


async def living(
    tx: Tx, *, home: str = "", plate: str = "", phone_tail: str = "", grant: int | None = None, name: str = ""
) -> tuple[Visit, ...]:
    """Expected, waiting and present stays that meet what is named, newest first."""
    query = select(*_VISIT).where(visit.c.state.in_(LIVE)).order_by(visit.c.id.desc()).limit(20)
    if home:
        query = query.where(visit.c.home == home)
    if plate:
        query = query.where(visit.c.plate == plate)
    if phone_tail:
        query = query.where(visit.c.phone.like("%" + phone_tail))
    if grant is not None:
        query = query.where(visit.c.grant == grant)
    if name:
        like = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(visit.c.name.like(f"%{like}%", escape="\\"))
    return tuple(shaped(Visit, row) for row in await tx.execute(query))


async def of_code(tx: Tx, code: int) -> tuple[Visit, ...]:
    """Every stay that a visitor code began, the first one first."""
    rows = await tx.execute(select(*_VISIT).where(visit.c.code == code).order_by(visit.c.in_at, visit.c.id))
    return tuple(shaped(Visit, row) for row in rows)


async def since(tx: Tx, gate: str, at: int, limit: int) -> tuple[Visit, ...]:
    """Stays that came in or went out by a gate, or were keyed in there, since a time, and those that came in by it and
    are inside, newest first: what a shift may see."""
    came = and_(visit.c.in_gate == gate, or_(visit.c.in_at >= at, visit.c.keyed_at >= at))
    went = and_(visit.c.out_gate == gate, visit.c.out_at >= at)
    here = and_(visit.c.in_gate == gate, visit.c.state == INSIDE)
    lately = select(visit.c.id).where(visit.c.in_at >= at - LONGEST_MS, or_(came, went))
    wanted = union(lately, select(visit.c.id).where(here))  # each has its own index
    query = select(*_VISIT).where(visit.c.id.in_(wanted)).order_by(visit.c.id.desc()).limit(limit)
    return tuple(shaped(Visit, row) for row in await tx.execute(query))


async def between(
    tx: Tx, start: int, end: int, home: str = "", building: str = "", gate: str = "", limit: int | None = None
) -> tuple[Visit, ...]:
    """Stays that overlap a window of time: the dispute's question (row B10)."""
    query = select(*_VISIT).where(visit.c.in_at < end, or_(visit.c.out_at.is_(None), visit.c.out_at >= start))
    if home:
        query = query.where(visit.c.home == home)
    if building:
        query = query.where(visit.c.building == building)
    if gate:
        query = query.where(or_(visit.c.in_gate == gate, visit.c.out_gate == gate))
    query = query.where(or_(visit.c.state == INSIDE, visit.c.in_at >= start - LONGEST_MS))
    return tuple(shaped(Visit, row) for row in await tx.execute(query.order_by(visit.c.in_at, visit.c.id).limit(limit)))


async def refusals(tx: Tx, start: int, end: int) -> tuple[tuple[str, int], ...]:
    """(reason, how many) were turned away in a time."""
    query = select(visit.c.reason, func.count()).where(
        visit.c.state == DENIED, visit.c.asked_at >= start, visit.c.asked_at < end
    )
    return tuple((row[0], row[1]) for row in await tx.execute(query.group_by(visit.c.reason)))


async def by_discretion(tx: Tx, start: int, end: int) -> int:
    """How many were let in by a guard's own decision in a time."""
    query = select(func.count()).where(_came(start, end), visit.c.discretion == 1)
    return int((await tx.execute(query)).scalar_one())


def _came(start: int, end: int) -> ColumnElement[bool]:
    return and_(visit.c.in_at >= start, visit.c.in_at < end)


async def by_hour(tx: Tx, start: int, end: int, shift: int) -> tuple[tuple[int, str, str, int, int, int], ...]:
    """(hour of the day, gate, kind, entries, of them with a known wait, ms they waited in all) of a time, in one pass;
    `shift` ms make an instant the estate's. What was keyed in from paper has no known wait."""
    hour = ((visit.c.in_at + shift) // HOUR_MS % 24).label("hour")
    known = case((visit.c.keyed_at.is_(None), 1), else_=0)
    waited = case((visit.c.keyed_at.is_(None), visit.c.in_at - visit.c.asked_at), else_=0)
    query = select(hour, visit.c.in_gate, visit.c.kind, func.count(), func.sum(known), func.sum(waited))
    rows = await tx.execute(query.where(_came(start, end)).group_by("hour", visit.c.in_gate, visit.c.kind))
    return tuple((int(row[0]), row[1] or "", row[2], row[3], int(row[4]), int(row[5])) for row in rows)


async def by_day(tx: Tx, start: int, end: int, shift: int) -> tuple[tuple[int, str, int], ...]:
    """(day since 1970, kind, entries) of a time."""
    day = ((visit.c.in_at + shift) // (24 * HOUR_MS)).label("day")
    query = select(day, visit.c.kind, func.count()).where(_came(start, end)).group_by("day", visit.c.kind)
    return tuple((int(row[0]), row[1], row[2]) for row in await tx.execute(query))


async def erase_before(tx: Tx, now: int) -> int:
    """Empties what is personal of stays whose time is over; kind, gates and hours stay for counting. How many.

    A reason in somebody's own words goes too, but that of a refusal, which is counted; that there was one stays."""
    over = update(visit).where(visit.c.keep_until <= now, visit.c.state != INSIDE, visit.c.keep_until.is_not(None))
    empty = dict.fromkeys(_PERSONAL, "")
    reason = case((or_(visit.c.state == DENIED, visit.c.reason == ""), visit.c.reason), else_="–")
    done = await tx.execute(
        over.values(**empty, reason=reason, home=None, keep_until=None, version=visit.c.version + 1)
    )
    return done.rowcount
