"""Times at the front desk that were taken."""

from sqlalchemy import insert, select, update

from gatehost.model.appointment import Appointment
from gatehost.store.store import Tx, shaped
from gatehost.store.table.paper import appointment

_ROW = tuple(appointment.c[name] for name in Appointment.__slots__)
_STANDS = appointment.c.ended_at.is_(None)


async def put(tx: Tx, case: int, at: int, seat: int, now: int, by: str) -> None:
    """A time taken. The database refuses a seat that is taken already."""
    values = {"case": case, "at": at, "seat": seat, "made_at": now, "made_by": by}
    await tx.execute(insert(appointment).values(**values))


async def end(tx: Tx, case: int, now: int, why: str) -> bool:
    """Gives a paper's time free; False when it had none."""
    wanted = update(appointment).where(appointment.c.case == case, _STANDS)
    return (await tx.execute(wanted.values(ended_at=now, end_why=why))).rowcount > 0


async def at(tx: Tx, case: int) -> int | None:
    """The time a paper has; None for none."""
    found: int | None = (await tx.execute(select(appointment.c.at).where(appointment.c.case == case, _STANDS))).scalar()
    return found


async def taken(tx: Tx, since: int, until: int) -> tuple[Appointment, ...]:
    """Every seat taken from one instant to another, by time."""
    query = select(*_ROW).where(_STANDS, appointment.c.at >= since, appointment.c.at < until)
    return tuple(shaped(Appointment, row) for row in await tx.execute(query.order_by(appointment.c.at)))
