"""The access log as it was received: raw entries, their private halves and seals; the one hot path of the store.

Rows are written with the driver's own executemany inside the writer's transaction, several devices' batches at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, desc, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from gatehost.model.errors import StoreError
from gatehost.store.schema import SEQ_BITS, device, entry, fork, seal
from gatehost.store.store import Store, Tx, shaped

# what was proved of an entry when it was stored
SEALED, SEALED_WITHOUT_PRIVATE = 1, 2

EntryRow = tuple[
    int, int, int, int, int, int | None, int | None, int | None, int | None,
    str | None, bytes | None, bytes | None, int, bytes, bytes | None,
]  # fmt: skip

_INSERT = (
    "INSERT INTO entry (id, at, received_at, tq, typ, result, method, reason, flags, home, person, mark, verdict,"
    " entry, private) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_INSERT_SEAL = "INSERT OR REPLACE INTO seal (id, seal) VALUES (?,?)"
_MOVE = (
    "UPDATE device SET seq = ?, head = ?, epoch = ?, receipt_before = receipt, receipt = ?, last_seen = ? WHERE no = ?"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A batch that held: rows in order, the seal over its last entry, and where the device's chain stands after it."""

    no: int
    rows: Sequence[EntryRow]
    seal: bytes
    epoch: int
    seq: int
    head: bytes
    receipt: bytes
    received_at: int


@dataclass(frozen=True, slots=True)
class Head:
    """Where a device's stored chain stands, and the receipts its next seal may echo."""

    no: int
    epoch: int
    seq: int
    head: bytes
    receipts: tuple[bytes, ...]


def entry_id(no: int, seq: int) -> int:
    """The id of a device's entry."""
    return no << SEQ_BITS | seq


def seq_of(number: int) -> int:
    """The sequence number in an entry's id."""
    return number & ((1 << SEQ_BITS) - 1)


async def store(store: Store, batches: Sequence[Verified]) -> None:
    """Writes verified batches of any devices in one durable transaction: all of them or none."""
    rows = [row for batch in batches for row in batch.rows]
    seals = [(entry_id(batch.no, batch.seq), batch.seal) for batch in batches]
    moves = [(b.seq, b.head, b.epoch, b.receipt, b.received_at, b.no) for b in batches]
    if await store.write_rows([(_INSERT, rows), (_INSERT_SEAL, seals), (_MOVE, moves)]):
        return
    async with store.write() as tx:
        await _store_portably(tx, rows, seals, moves)


async def _store_portably(
    tx: Tx, rows: Sequence[EntryRow], seals: Sequence[tuple[int, bytes]], moves: Sequence[tuple[object, ...]]
) -> None:
    names = [column.name for column in entry.columns]
    if rows:
        await tx.execute(insert(entry), [dict(zip(names, row, strict=True)) for row in rows])
    for number, sealed in seals:
        if (await tx.execute(update(seal).where(seal.c.id == number).values(seal=sealed))).rowcount == 0:
            await tx.execute(insert(seal).values(id=number, seal=sealed))
    for seq, head, epoch, receipt, seen, no in moves:
        await tx.execute(
            update(device)
            .where(device.c.no == no)
            .values(seq=seq, head=head, epoch=epoch, receipt_before=device.c.receipt, receipt=receipt, last_seen=seen)
        )


async def head(tx: Tx, dev: str) -> Head | None:
    """Where the stored chain of a device stands."""
    query = select(device.c.no, device.c.epoch, device.c.seq, device.c.head, device.c.receipt, device.c.receipt_before)
    row = (await tx.execute(query.where(device.c.dev == dev))).first()
    if row is None:
        return None
    return Head(row.no, row.epoch, row.seq, row.head, tuple(r for r in (row.receipt, row.receipt_before) if r))


async def stored(tx: Tx, no: int, first: int, last: int) -> list[bytes]:
    """The raw entries first..last of a device that are stored, in order."""
    query = select(entry.c.entry).where(entry.c.id.between(entry_id(no, first), entry_id(no, last)))
    return list((await tx.execute(query.order_by(entry.c.id))).scalars())


async def put_fork(tx: Tx, no: int, seq: int, at: int, other: bytes, sealed: bytes) -> None:
    """Keeps the evidence of a second history."""
    await tx.execute(insert(fork).values(device=no, seq=seq, at=at, entry=other, seal=sealed))


async def rows_from(tx: Tx, no: int, after: int, limit: int) -> list[tuple[object, ...]]:
    """Whole entry rows of a device after a sequence number, in order; StoreError("unreadable") if one is spoilt."""
    query = select(entry).where(entry.c.id > entry_id(no, after), entry.c.id < entry_id(no + 1, 0))
    try:
        return [tuple(row) for row in await tx.execute(query.order_by(entry.c.id).limit(limit))]
    except DBAPIError as wrong:  # somebody put text that is none into a column
        raise StoreError("unreadable") from wrong


async def last_seal(tx: Tx, no: int) -> tuple[int, bytes] | None:
    """(seq, seal) of the newest stored seal of a device; StoreError("unreadable") as above."""
    query = select(seal.c.id, seal.c.seal).where(seal.c.id >= entry_id(no, 0), seal.c.id < entry_id(no + 1, 0))
    try:
        row = (await tx.execute(query.order_by(seal.c.id.desc()).limit(1))).first()
    except DBAPIError as wrong:
        raise StoreError("unreadable") from wrong
    return None if row is None else (seq_of(row.id), row.seal)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """The columns lists are made of."""

    id: int
    at: int
    received_at: int
    tq: int
    typ: int
    result: int | None
    method: int | None
    reason: int | None
    flags: int | None
    home: str | None
    person: bytes | None
    mark: bytes | None
    entry: bytes


_LINE = (
    entry.c.id,
    entry.c.at,
    entry.c.received_at,
    entry.c.tq,
    entry.c.typ,
    entry.c.result,
    entry.c.method,
    entry.c.reason,
    entry.c.flags,
    entry.c.home,
    entry.c.person,
    entry.c.mark,
    entry.c.entry,
)


def _older(before: int | None) -> list[ColumnElement[bool]]:
    if before is None:
        return []
    at, number = before >> 64, before & ((1 << 64) - 1)
    return [or_(entry.c.at < at, and_(entry.c.at == at, entry.c.id < number))]


def cursor(line: EntryLine) -> int:
    """Where a list goes on after this line."""
    return line.at << 64 | line.id


async def newest(
    tx: Tx,
    limit: int,
    before: int | None = None,
    home: str | None = None,
    no: int | None = None,
    typs: Sequence[int] = (),
) -> list[EntryLine]:
    """Lines by time, newest first: of a home, of a device, or of all."""
    where = _older(before)
    if home is not None:
        where.append(entry.c.home == home)
    if no is not None:
        where += [entry.c.id >= entry_id(no, 0), entry.c.id < entry_id(no + 1, 0)]
    if typs:
        where.append(entry.c.typ.in_(typs))
    query = select(*_LINE).where(*where).order_by(desc(entry.c.at), desc(entry.c.id)).limit(limit)
    return [shaped(EntryLine, row) for row in await tx.execute(query)]


async def by_ids(tx: Tx, numbers: Sequence[int]) -> list[EntryLine]:
    """These lines, oldest first."""
    rows = await tx.execute(select(*_LINE).where(entry.c.id.in_(numbers)).order_by(entry.c.id))
    return [shaped(EntryLine, row) for row in rows]


async def counts_since(tx: Tx, since: int, typ: int) -> list[tuple[int, int, int]]:
    """(result, reason, how many) of entries of a type since a time."""
    query = (
        select(entry.c.result, entry.c.reason, func.count())
        .where(entry.c.at >= since, entry.c.typ == typ)
        .group_by(entry.c.result, entry.c.reason)
    )
    return [(row[0] or 0, row[1] or 0, row[2]) for row in await tx.execute(query)]


async def uses_of(tx: Tx, home: str, since: int, method: int) -> list[tuple[int, bytes]]:
    """(device, mark) of each opening for a home since a time, by one method."""
    query = select(entry.c.id, entry.c.mark).where(
        entry.c.home == home, entry.c.at >= since, entry.c.method == method, entry.c.result == 1
    )
    return [(row.id >> SEQ_BITS, row.mark) for row in await tx.execute(query) if row.mark is not None]
