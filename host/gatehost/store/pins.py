"""Residents' PINs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from gatehost.store.store import Tx
from gatehost.store.table.right import pin


@dataclass(frozen=True, slots=True)
class PinRow:
    """A PIN as stored."""

    id: int
    home: str
    party: str
    hidden: bytes
    mark: bytes
    duress: bool
    given_at: int
    ended_at: int | None


def _pin(row: Sequence[Any]) -> PinRow:
    number, home, party, hidden, mark, duress, given_at, ended_at = tuple(row)
    return PinRow(number, home, party, hidden, mark, bool(duress), given_at, ended_at)


async def put(tx: Tx, home: str, person: str, hidden: bytes, mark: bytes, duress: bool, now: int) -> int:
    """A new PIN; its number."""
    done = await tx.execute(
        insert(pin).values(
            home=home, party=person, hidden=hidden, mark=mark, duress=int(duress), given_at=now, ended_at=None
        )
    )
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> PinRow | None:
    """A PIN that has not ended."""
    row = (await tx.execute(select(pin).where(pin.c.id == number, pin.c.ended_at.is_(None)))).first()
    return None if row is None else _pin(row)


async def of_homes(tx: Tx, homes: list[str]) -> tuple[PinRow, ...]:
    """The living PINs of these homes."""
    found: list[PinRow] = []
    for start in range(0, len(homes), 500):
        some = homes[start : start + 500]
        rows = await tx.execute(select(pin).where(pin.c.home.in_(some), pin.c.ended_at.is_(None)).order_by(pin.c.id))
        found += [_pin(row) for row in rows]
    return tuple(found)


async def end(tx: Tx, number: int, now: int) -> None:
    """Ends a PIN."""
    await tx.execute(update(pin).where(pin.c.id == number, pin.c.ended_at.is_(None)).values(ended_at=now))


async def end_of(tx: Tx, home: str, person: str, now: int) -> None:
    """Ends all PINs of a person at a home."""
    await tx.execute(
        update(pin).where(pin.c.home == home, pin.c.party == person, pin.c.ended_at.is_(None)).values(ended_at=now)
    )
