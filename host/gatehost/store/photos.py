"""Photos of incidents, as the database may hold them."""

from sqlalchemy import delete, insert, select

from gatehost.store.office import case, photo
from gatehost.store.store import Tx


async def put(tx: Tx, number: int, digest: str, hidden: bytes, now: int, by: str) -> None:
    """A photo of a case."""
    await tx.execute(insert(photo).values(case=number, sha256=digest, hidden=hidden, made_at=now, made_by=by))


async def of_case(tx: Tx, number: int) -> bytes | None:
    """A case's photo, hidden."""
    return (await tx.execute(select(photo.c.hidden).where(photo.c.case == number))).scalars().first()


async def listed(tx: Tx, limit: int) -> tuple[tuple[int, str, str, int], ...]:
    """(case, number, who, when), newest first."""
    query = select(photo.c.case, case.c.number, photo.c.made_by, photo.c.made_at).join(case, case.c.id == photo.c.case)
    return tuple(tuple(row) for row in await tx.execute(query.order_by(photo.c.id.desc()).limit(limit)))


async def erase_before(tx: Tx, before: int) -> int:
    """Erases photos whose time is over; how many."""
    return (await tx.execute(delete(photo).where(photo.c.made_at < before))).rowcount
