"""The other estates of an operator, as they last said of themselves."""

from dataclasses import dataclass, fields

from sqlalchemy import delete, insert, select

from gatehost.store.store import Tx, shaped
from gatehost.store.table.log import sister


@dataclass(frozen=True, slots=True)
class Sister:
    """An estate: public key (hex), name, people whose faces it stores, when it said so and who took it in (ms UTC)."""

    estate: str
    name: str
    faces: int
    made_at: int
    taken_at: int
    taken_by: str


_SISTER = tuple(sister.c[one.name] for one in fields(Sister))


async def everyone(tx: Tx) -> tuple[Sister, ...]:
    """All, by name."""
    return tuple(shaped(Sister, row) for row in await tx.execute(select(*_SISTER).order_by(sister.c.name)))


async def get(tx: Tx, estate: str) -> Sister | None:
    """One by its key."""
    row = (await tx.execute(select(*_SISTER).where(sister.c.estate == estate))).first()
    return None if row is None else shaped(Sister, row)


async def put(tx: Tx, made: Sister) -> None:
    """What an estate says now."""
    await forget(tx, made.estate)
    await tx.execute(insert(sister).values({one.name: getattr(made, one.name) for one in fields(Sister)}))


async def forget(tx: Tx, estate: str) -> None:
    """The operator runs it no more."""
    await tx.execute(delete(sister).where(sister.c.estate == estate))
