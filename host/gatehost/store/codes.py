"""Issued visitor codes."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from gatehost.store.store import Tx
from gatehost.store.table.right import code


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as stored; `day` and `slot` of a day code, `hidden` digits of a listed one."""

    id: int
    home: str
    visitor: str
    kind: str
    day: int | None
    slot: int | None
    hidden: bytes | None
    mark: bytes
    since: int
    until: int
    uses: int
    weekdays: int
    first_hours: int
    made_at: int
    made_by: str
    revoked_at: int | None
    link_hash: bytes


async def put(tx: Tx, made: CodeRow) -> int:
    """A new code (its `id` is ignored); its number."""
    values = {name: getattr(made, name) for name in CodeRow.__slots__ if name != "id"}
    done = await tx.execute(insert(code).values(**values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> CodeRow | None:
    """A code."""
    row = (await tx.execute(select(code).where(code.c.id == number))).first()
    return None if row is None else CodeRow(*row)


async def by_link(tx: Tx, hashed: bytes) -> CodeRow | None:
    """The code of a visitor page."""
    row = (await tx.execute(select(code).where(code.c.link_hash == hashed))).first()
    return None if row is None else CodeRow(*row)


async def of_homes(tx: Tx, homes: list[str], after: int) -> tuple[CodeRow, ...]:
    """Codes of these homes that end after `after`, oldest first."""
    found: list[CodeRow] = []
    for start in range(0, len(homes), 500):
        some = homes[start : start + 500]
        rows = await tx.execute(select(code).where(code.c.home.in_(some), code.c.until > after).order_by(code.c.id))
        found += [CodeRow(*row) for row in rows]
    return tuple(found)


async def slots_taken(tx: Tx, home: str, day: int) -> set[int]:
    """The slots of a home's day that were ever issued, revoked ones too."""
    rows = await tx.execute(select(code.c.slot).where(code.c.home == home, code.c.day == day))
    return {taken for taken in rows.scalars() if taken is not None}


async def revoke(tx: Tx, number: int, now: int) -> None:
    """Takes a code back, once."""
    await tx.execute(update(code).where(code.c.id == number, code.c.revoked_at.is_(None)).values(revoked_at=now))


async def set_link(tx: Tx, number: int, hashed: bytes) -> None:
    """A new visitor page token."""
    await tx.execute(update(code).where(code.c.id == number).values(link_hash=hashed))


async def living(tx: Tx, now: int) -> tuple[CodeRow, ...]:
    """Codes that have not ended, taken-back ones too, newest first."""
    rows = await tx.execute(select(code).where(code.c.until > now).order_by(code.c.id.desc()))
    return tuple(CodeRow(*row) for row in rows)


async def long_guests(tx: Tx, since: int, longer_than: int) -> tuple[tuple[str, int, int], ...]:
    """(home, different names, codes) of codes made since an instant that hold for longer than a time."""
    names, many = func.count(code.c.visitor.distinct()), func.count()
    query = select(code.c.home, names, many).where(code.c.made_at >= since, code.c.until - code.c.since > longer_than)
    rows = await tx.execute(query.where(code.c.visitor != "").group_by(code.c.home).order_by(names.desc(), code.c.home))
    return tuple((row[0], row[1], row[2]) for row in rows)
