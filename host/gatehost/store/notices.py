"""Notices, who read them and who comes."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, case, cast, func, insert, or_, select, update

from gatehost.model.notice import Notice
from gatehost.store.store import Tx, shaped
from gatehost.store.table.notice import delivery, notice

_NOTICE = tuple(notice.c[name] for name in Notice.__slots__)
PAGE = "page"


async def put(tx: Tx, made: Notice) -> int:
    """A new notice (its `id` is ignored); its number."""
    done = await tx.execute(insert(notice).values({n: getattr(made, n) for n in Notice.__slots__ if n != "id"}))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def get(tx: Tx, number: int) -> Notice | None:
    """A notice."""
    row = (await tx.execute(select(*_NOTICE).where(notice.c.id == number))).first()
    return None if row is None else shaped(Notice, row)


async def end(tx: Tx, number: int, now: int) -> None:
    """It is shown no more."""
    await tx.execute(update(notice).where(notice.c.id == number).values(until=now))


async def living(tx: Tx, places: Sequence[str], now: int) -> tuple[Notice, ...]:
    """What is told at these places now, newest first."""
    shown = (notice.c.since <= now, or_(notice.c.until.is_(None), notice.c.until > now))
    query = (
        select(*_NOTICE).where(notice.c.place.in_(places), *shown).order_by(notice.c.since.desc(), notice.c.id.desc())
    )
    return tuple(shaped(Notice, row) for row in await tx.execute(query))


async def newest(tx: Tx, limit: int) -> tuple[Notice, ...]:
    """All of them, newest first."""
    rows = await tx.execute(select(*_NOTICE).order_by(notice.c.id.desc()).limit(limit))
    return tuple(shaped(Notice, row) for row in rows)


async def counts(tx: Tx, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(people who read it, heads that come) of each."""
    heads = cast(case((delivery.c.reply == "", "0"), else_=delivery.c.reply), BigInteger)
    query = select(delivery.c.notice, func.count(delivery.c.read_at), func.coalesce(func.sum(heads), 0))
    rows = await tx.execute(query.where(delivery.c.notice.in_(numbers)).group_by(delivery.c.notice))
    return {row[0]: (row[1], int(row[2])) for row in rows}


async def answers(tx: Tx, numbers: Sequence[int], person: str) -> dict[int, str]:
    """What somebody answered to each they have read."""
    query = select(delivery.c.notice, delivery.c.reply).where(
        delivery.c.notice.in_(numbers), delivery.c.party == person
    )
    return {row.notice: row.reply for row in await tx.execute(query)}


async def read(tx: Tx, number: int, person: str, now: int) -> None:
    """Somebody has it before their eyes."""
    values = {"notice": number, "party": person, "channel": PAGE, "at": now, "read_at": now, "reply": ""}
    await tx.execute(insert(delivery).values(values))


async def answer(tx: Tx, number: int, person: str, heads: int) -> None:
    """How many somebody comes with; 0: does not come."""
    mine = (delivery.c.notice == number, delivery.c.party == person)
    await tx.execute(update(delivery).where(*mine).values(reply=str(heads) if heads else ""))


async def coming(tx: Tx, number: int) -> list[tuple[str, int]]:
    """(person, heads) of who signed up, in the order they did."""
    query = select(delivery.c.party, delivery.c.reply).where(delivery.c.notice == number, delivery.c.reply != "")
    return [(row.party, int(row.reply)) for row in await tx.execute(query.order_by(delivery.c.id))]
