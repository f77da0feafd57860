"""Photos of incidents as they were kept before they were documents: in the database, under one key for all of them."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from gatehost.store.store import Tx
from gatehost.store.table.paper import case, photo


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One of them, with the place of its report."""

    id: int
    case: int
    place: str
    hidden: bytes
    made_at: int
    made_by: str


async def numbers(tx: Tx) -> tuple[int, ...]:
    """What is left of them, oldest first."""
    return tuple((await tx.execute(select(photo.c.id).order_by(photo.c.id))).scalars())


async def get(tx: Tx, number: int) -> PhotoRow:
    """One of them."""
    columns = (photo.c.id, photo.c.case, case.c.place, photo.c.hidden, photo.c.made_at, photo.c.made_by)
    query = select(*columns).join(case, case.c.id == photo.c.case).where(photo.c.id == number)
    return PhotoRow(*(await tx.execute(query)).one())


async def drop(tx: Tx, number: int) -> None:
    """One is gone."""
    await tx.execute(delete(photo).where(photo.c.id == number))


async def erase_before(tx: Tx, before: int) -> int:
    """Erases those whose time is over; how many."""
    return (await tx.execute(delete(photo).where(photo.c.made_at < before))).rowcount
