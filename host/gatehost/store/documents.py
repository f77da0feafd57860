"""The rows of documents; their bytes lie on the shelf."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from gatehost.model.document import DAILY, OF_ROLE, Document
from gatehost.model.place import HOME
from gatehost.store.store import Tx, shaped
from gatehost.store.table.estate import place, tie
from gatehost.store.table.paper import case, doc

_DOC = tuple(doc.c[name.rstrip("_")] for name in Document.__slots__)


async def put(tx: Tx, made: Document) -> int:
    """A new document (its `id` is ignored); its number."""
    values = {name.rstrip("_"): getattr(made, name) for name in Document.__slots__ if name != "id"}
    done = await tx.execute(insert(doc).values(values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def change(tx: Tx, number: int, **values: object) -> None:
    """Sets columns."""
    await tx.execute(update(doc).where(doc.c.id == number).values(**values))


async def get(tx: Tx, number: int) -> Document | None:
    """A document."""
    row = (await tx.execute(select(*_DOC).where(doc.c.id == number))).first()
    return None if row is None else shaped(Document, row)


async def _where(tx: Tx, *wanted: ColumnElement[bool]) -> tuple[Document, ...]:
    rows = await tx.execute(select(*_DOC).where(*wanted).order_by(doc.c.id))
    return tuple(shaped(Document, row) for row in rows)


async def of_home(tx: Tx, home: str) -> tuple[Document, ...]:
    """A home's documents that are not erased, oldest first."""
    return await _where(tx, doc.c.place == home, doc.c.erased_at.is_(None))


async def of_case(tx: Tx, number: int) -> tuple[Document, ...]:
    """What was attached to a paper and is not erased."""
    return await _where(tx, doc.c.case == number, doc.c.erased_at.is_(None))


async def with_case(tx: Tx, kind: str, limit: int) -> tuple[tuple[int, str, str, int], ...]:
    """(document, its paper's number, who, when) of one kind that is not erased, newest first."""
    query = select(doc.c.id, case.c.number, doc.c.made_by, doc.c.made_at).join(case, case.c.id == doc.c.case)
    kept = query.where(doc.c.kind == kind, doc.c.erased_at.is_(None))
    return tuple(tuple(row) for row in await tx.execute(kept.order_by(doc.c.id.desc()).limit(limit)))


async def end_of_case(tx: Tx, number: int, now: int, *kinds: str) -> None:
    """The time of what belongs to a paper and is filed nowhere else is over now; of these kinds, where any is named."""
    wanted = [doc.c.case == number, doc.c["class"] == DAILY, doc.c.erased_at.is_(None)]
    if kinds:
        wanted.append(doc.c.kind.in_(kinds))
    await tx.execute(update(doc).where(*wanted).values(keep_until=now))


async def sent_by_visitors(tx: Tx, since: int, by: str) -> int:
    """Bytes that people who are not signed in have sent since an instant."""
    query = select(func.coalesce(func.sum(doc.c.size), 0)).where(doc.c.made_at >= since, doc.c.made_by == by)
    return int((await tx.execute(query)).scalar_one())


async def living(tx: Tx) -> tuple[Document, ...]:
    """Every document that is not erased."""
    return await _where(tx, doc.c.erased_at.is_(None))


async def over(tx: Tx, now: int, kept_ms: int) -> tuple[Document, ...]:
    """Documents whose time is over: their own; their closed paper's, unless they are filed in the archive; or
    `kept_ms` after the last tie of their person to the home ended."""
    paper = exists().where(case.c.id == doc.c.case, case.c.closed_at.is_not(None), case.c.keep_until <= now)
    daily = doc.c["class"] == DAILY
    mine = and_(tie.c.party == doc.c.party, tie.c.place == doc.c.place)
    lives = exists().where(mine, or_(tie.c.until.is_(None), tie.c.until + kept_ms > now))
    gone = and_(doc.c.party.is_not(None), exists().where(mine), ~lives)
    return await _where(tx, doc.c.erased_at.is_(None), or_(doc.c.keep_until <= now, and_(daily, paper), gone))


async def held(tx: Tx) -> dict[str, set[tuple[str, str]]]:
    """What each home's file holds: home -> (class, kind)."""
    found: dict[str, set[tuple[str, str]]] = {}
    query = select(doc.c.place, doc.c["class"], doc.c.kind).where(doc.c.erased_at.is_(None), doc.c.place.is_not(None))
    for home, class_, kind in await tx.execute(query.distinct()):
        found.setdefault(home, set()).add((class_, kind))
    return found


async def classes(tx: Tx, now: int, home: str | None = None) -> list[tuple[str, str, set[str]]]:
    """(home, name, classes its file should have): by who lives there and whether it is being decorated."""
    roles = select(tie.c.place, tie.c.role).where(
        tie.c.role.in_(OF_ROLE), or_(tie.c.until.is_(None), tie.c.until > now)
    )
    works = select(case.c.place).where(case.c.kind == "decoration", case.c.closed_at.is_(None))
    homes = select(place.c.id, place.c.name).where(place.c.kind == HOME).order_by(place.c.id)
    if home is not None:
        roles, works, homes = roles.where(tie.c.place == home), works.where(case.c.place == home), homes.where(
            place.c.id == home
        )  # fmt: skip
    wanted: dict[str, set[str]] = {}
    for number, role in await tx.execute(roles):
        wanted.setdefault(number, set()).add(OF_ROLE[role])
    for number in (await tx.execute(works)).scalars():
        wanted.setdefault(number, set()).add("decoration")
    return [(row.id, row.name, wanted.get(row.id, set())) for row in await tx.execute(homes)]


async def names(tx: Tx, wanted: Sequence[str]) -> set[str]:
    """Of these files, those a document that is not erased needs."""
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        query = select(doc.c.sha256).where(doc.c.sha256.in_(wanted[start : start + 500]), doc.c.erased_at.is_(None))
        found |= set((await tx.execute(query)).scalars())
    return found
