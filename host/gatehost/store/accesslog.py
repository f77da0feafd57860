"""The access log as it was received: raw entries, their private halves and seals; the one hot path of the store.

Rows are written with the driver's own executemany inside the writer's transaction, several devices' batches at once.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from sqlalchemy import ColumnElement, and_, desc, func, insert, or_, select, text
from sqlalchemy.exc import DBAPIError

from gatecore.records import ACCESS, CODE
from gatehost.model.errors import DeviceRefused, StoreError
from gatehost.store.direct import blobs, insert_columns, insert_rows, plain
from gatehost.store.forest import grown, leaf_hashes
from gatehost.store.halves import Halves
from gatehost.store.store import Store, Tx, shaped
from gatehost.store.table.door import device, fork
from gatehost.store.table.log import SEQ_BITS, entry, jump, seal

# what was proved of an entry when it was stored
SEALED, SEALED_WITHOUT_PRIVATE = 1, 2

EntryRow = tuple[
    int, int, int, int, int, int | None, int | None, int | None, int | None,
    str | None, bytes | None, bytes | None, int, bytes, bytes | None,
]  # fmt: skip

_COLUMNS = (
    "id", "at", "received_at", "tq", "typ", "result", "method", "reason", "flags", "home", "person", "mark", "verdict",
    "entry", "private",
)  # fmt: skip
_INSERT = f"INSERT INTO entry ({', '.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})"
_INSERT_SEAL = "INSERT INTO seal (id, seal) VALUES (?,?)"
_INSERT_RUN = "INSERT INTO run (id, entry, count) VALUES (?,?,?)"
_INSERT_TILE = "INSERT INTO tile (id, hashes) VALUES (?,?)"
_INSERT_JUMP = "INSERT INTO jump (id, before, epoch, at) VALUES (?,?,?,?)"
_MOVE = (
    "UPDATE device SET seq = ?, head = ?, epoch = ?, current = COALESCE(?, current), receipt_before = receipt,"
    " receipt = ?, last_seen = ? WHERE no = ?"
)
_GROW = "UPDATE log SET size = ?, edge = ? WHERE generation = ?"
_LOG = "SELECT generation, size, edge FROM log ORDER BY generation DESC LIMIT 1"
_STATES = "SELECT no, seq FROM device WHERE state = 'active'"


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
    current: bytes | None = None  # the key of an epoch that begins after the batch
    jump: tuple[bytes, int] | None = None  # (head before, epoch) of a log that begins anew with the first row


@dataclass(frozen=True, slots=True)
class Head:
    """Where a device's stored chain stands, the key that seals it, and the receipts its next seal may echo."""

    no: int
    epoch: int
    seq: int
    head: bytes
    public: bytes
    receipts: tuple[bytes, ...]


def entry_id(no: int, seq: int) -> int:
    """The id of a device's entry."""
    return no << SEQ_BITS | seq


def seq_of(number: int) -> int:
    """The sequence number in an entry's id."""
    return number & ((1 << SEQ_BITS) - 1)


async def store(store: Store, batches: Sequence[Verified]) -> list[int]:
    """Writes verified batches of any devices, their leaves and the devices' heads in one durable transaction: all of
    them or none. The index of each batch's last leaf. DeviceRefused("revoked") if a device is not in service,
    ("restored") if its stored log is not where the batch begins."""
    done = await store.write_directly(lambda connection: _store(connection, store.halves, batches))
    if done is not None:
        return done
    async with store.write() as tx:
        return await _store_portably(tx, store.halves, batches)


def _store(connection: sqlite3.Connection, halves: Halves | None, batches: Sequence[Verified]) -> list[int]:
    """On the driver itself, within its transaction."""
    _in_service(connection.execute(_STATES).fetchall(), batches)
    generation, size, edge = connection.execute(_LOG).fetchone()
    lines, work, last = _work(generation, size, edge, halves, batches)
    insert_columns(connection, _INSERT, _quickly(lines), len(lines[0]))
    for statement, rows in work:
        if statement.startswith("INSERT"):
            insert_rows(connection, statement, rows)
        else:
            connection.executemany(statement, rows)
    return last


Lines = Sequence[Sequence[Any]]  # what is to be written of entries, by columns


def _quickly(lines: Lines) -> list[Sequence[Any]]:
    """The columns of entries as the driver takes them quickly (see direct)."""
    number, at, received, tq, typ, *access, home, person, mark, verdict, data, private = lines
    done = [plain(column) for column in (*access, home)]
    named = blobs(person), blobs(mark)
    return [number, at, received, tq, typ, *done, *named, verdict, list(map(bytearray, data)), blobs(private)]


def _in_service(states: Sequence[Sequence[Any]], batches: Sequence[Verified]) -> None:
    """Nothing is written of a device that is out of service, or behind which somebody put an older database: it is to
    connect again and bring what is lacking."""
    seqs = {row[0]: row[1] for row in states}
    for batch in batches:
        if batch.no not in seqs:
            raise DeviceRefused("revoked")
        if batch.jump is None and seq_of(batch.rows[0][0]) != seqs[batch.no] + 1:
            raise DeviceRefused("restored")
        seqs[batch.no] = batch.seq


Work = list[tuple[str, Sequence[Sequence[object]]]]


def _work(
    generation: int, size: int, edge: bytes, halves: Halves | None, batches: Sequence[Verified]
) -> tuple[Lines, Work, list[int]]:
    """What a transaction writes: the entries by columns, their private halves hidden; rows by statement; and the last
    leaf of each batch."""
    *lines, private = zip(*chain.from_iterable(batch.rows for batch in batches), strict=True)
    hidden = private if halves is None else halves.hidden(lines[1], private)
    grew, moved, full = grown(size, edge, leaf_hashes(lines[13]))
    ends = list(accumulate([len(batch.rows) for batch in batches], initial=size))
    runs = [(generation << SEQ_BITS | end, b.rows[0][0], len(b.rows)) for end, b in zip(ends, batches, strict=False)]
    work: Work = [
        (_INSERT_SEAL, [(entry_id(batch.no, batch.seq), batch.seal) for batch in batches]),
        (_INSERT_RUN, runs),
        (_INSERT_TILE, [(generation << 48 | level << 40 | number, hashes) for level, number, hashes in full]),
        (_INSERT_JUMP, [(b.rows[0][0], *b.jump, b.received_at) for b in batches if b.jump is not None]),
        (_MOVE, [(b.seq, b.head, b.epoch, b.current, b.receipt, b.received_at, b.no) for b in batches]),
        (_GROW, [(grew, moved, generation)]),
    ]
    return [*lines, hidden], work, [end - 1 for end in ends[1:]]


async def _store_portably(tx: Tx, halves: Halves | None, batches: Sequence[Verified]) -> list[int]:
    """The same through SQLAlchemy, for a database that has no direct way in."""
    _in_service((await tx.execute(text(_STATES))).all(), batches)
    generation, size, edge = (await tx.execute(text(_LOG + " FOR UPDATE"))).one()
    lines, work, last = _work(generation, size, edge, halves, batches)
    entries = list(zip(*lines, strict=True))
    for statement, rows in [(_INSERT, entries), *work]:
        if rows:
            names = [f"p{n}" for n in range(len(rows[0]))]
            await tx.execute(text(_named(statement, names)), [dict(zip(names, row, strict=True)) for row in rows])
    return last


def _named(statement: str, names: Sequence[str]) -> str:
    """The statement with its question marks named, as SQLAlchemy wants them."""
    for name in names:
        statement = statement.replace("?", f":{name}", 1)
    return statement


async def head(tx: Tx, dev: str) -> Head | None:
    """Where the stored chain of a device stands."""
    query = select(device).where(device.c.dev == dev)
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    receipts = tuple(r for r in (row.receipt, row.receipt_before) if r)
    return Head(row.no, row.epoch, row.seq, row.head, row.current or row.public, receipts)


async def jumps(tx: Tx, no: int) -> dict[int, tuple[bytes, int]]:
    """Where a device's stored log begins anew: seq of the first entry -> (head before it, epoch)."""
    query = select(jump).where(jump.c.id.between(entry_id(no, 0), entry_id(no + 1, 0) - 1))
    return {seq_of(row.id): (row.before, row.epoch) for row in await tx.execute(query)}


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


async def raw_from(tx: Tx, after: int, limit: int) -> list[tuple[int, object]]:
    """(id, bytes) of the next entries of all devices after an id, in order; StoreError("unreadable") as above."""
    query = select(entry.c.id, entry.c.entry).where(entry.c.id > after).order_by(entry.c.id).limit(limit)
    try:
        return [(row[0], row[1]) for row in await tx.execute(query)]
    except DBAPIError as wrong:
        raise StoreError("unreadable") from wrong


async def count(tx: Tx) -> int:
    """How many entries are stored."""
    return int((await tx.execute(select(func.count()).select_from(entry))).scalar_one())


async def put_seal(tx: Tx, no: int, seq: int, sealed: bytes) -> None:
    """A seal over a device's entries up to `seq`."""
    await tx.execute(insert(seal).values(id=entry_id(no, seq), seal=sealed))


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
    since: int = 0,
) -> list[EntryLine]:
    """Lines by time, newest first, since a time: of a home, of a device, or of all."""
    where = [*_older(before), *([entry.c.at >= since] if since else [])]
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


async def of_type(tx: Tx, typ: int, start: int, end: int) -> list[tuple[int, bytes]]:
    """(time, raw entry) of a type within a time, in the order they were stored."""
    query = select(entry.c.at, entry.c.entry).where(entry.c.at >= start, entry.c.at < end, entry.c.typ == typ)
    return [(row[0], row[1]) for row in await tx.execute(query.order_by(entry.c.id))]


async def by_code(tx: Tx, home: str, since: int) -> list[EntryLine]:
    """Openings by visitor code for a home since a time, oldest first."""
    where = (entry.c.home == home, entry.c.at >= since, entry.c.method == CODE, entry.c.result == 1)
    return [shaped(EntryLine, row) for row in await tx.execute(select(*_LINE).where(*where).order_by(entry.c.at))]


async def opened_by(tx: Tx, method: int, since: int) -> list[EntryLine]:
    """Openings by a way in since a time, oldest first."""
    where = (entry.c.at >= since, entry.c.typ == ACCESS, entry.c.result == 1, entry.c.method == method)
    return [shaped(EntryLine, row) for row in await tx.execute(select(*_LINE).where(*where).order_by(entry.c.at))]


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
