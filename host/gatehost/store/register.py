"""The lines of closed days: for each entry and exit of a day a mark of what the stay said when the day was sealed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert, select, union

from gatehost.model.visit import Visit
from gatehost.store.store import Tx, shaped
from gatehost.store.table.gate import register_line, visit

_VISIT = tuple(visit.c[name] for name in Visit.__slots__)


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A stay's entry (`way` in) or exit (out) on a day (since 1970, local), and its mark."""

    day: int
    visit: int
    way: str
    mark: bytes


async def put(tx: Tx, lines: Iterable[RegisterLine]) -> None:
    """The lines of a day that is being sealed."""
    rows = [{"day": one.day, "visit": one.visit, "way": one.way, "mark": one.mark} for one in lines]
    if rows:
        await tx.execute(insert(register_line), rows)


async def of_day(tx: Tx, day: int) -> tuple[RegisterLine, ...]:
    """A sealed day's lines, in order."""
    query = select(register_line).where(register_line.c.day == day)
    rows = await tx.execute(query.order_by(register_line.c.visit, register_line.c.way))
    return tuple(RegisterLine(row.day, row.visit, row.way, row.mark) for row in rows)


async def stays(tx: Tx, start: int, end: int, also: Iterable[int] = ()) -> tuple[Visit, ...]:
    """Stays that began or ended within a time, and those named."""
    came = select(visit.c.id).where(visit.c.in_at >= start, visit.c.in_at < end)
    went = select(visit.c.id).where(visit.c.out_at >= start, visit.c.out_at < end)
    within = union(came, went, select(visit.c.id).where(visit.c.id.in_(list(also))))
    rows = await tx.execute(select(*_VISIT).where(visit.c.id.in_(within)).order_by(visit.c.id))
    return tuple(shaped(Visit, row) for row in rows)
