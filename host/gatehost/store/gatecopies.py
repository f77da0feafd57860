"""A gate's own copy: guards' codes for it, which copy was sent, and what guards wrote in it."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from gatehost.store.accesslog import entry_id
from gatehost.store.store import Tx, shaped
from gatehost.store.table.account import account
from gatehost.store.table.door import device
from gatehost.store.table.estate import party
from gatehost.store.table.gate import gate_copy, gate_deed, gate_pass, visit
from gatehost.store.table.log import entry


@dataclass(frozen=True, slots=True)
class PassRow:
    """A guard's code, hashed; `until` in ms."""

    account: int
    name: str
    role: str
    salt: bytes
    hash: bytes
    until: int


@dataclass(frozen=True, slots=True)
class CopyRow:
    """The copy sent last, and up to which entry the device's log was read."""

    generation: int
    number: int
    read: int


@dataclass(frozen=True, slots=True)
class DeedRow:
    """What a guard wrote down at a unit; `told` says what it contradicts."""

    id: str
    act: int
    at: int
    visit: int | None
    name: str
    home: str
    who: str
    told: str
    note: str
    seen_by: str
    seen_at: int | None


async def put_pass(tx: Tx, number: int, salt: bytes, hashed: bytes, now: int, until: int) -> None:
    """A guard's new code; the former one is good no more."""
    await tx.execute(delete(gate_pass).where(gate_pass.c.account == number))
    await tx.execute(insert(gate_pass).values(account=number, salt=salt, hash=hashed, made_at=now, until=until))


async def passes(tx: Tx, now: int) -> tuple[PassRow, ...]:
    """Every code that is good now."""
    query = select(
        gate_pass.c.account, party.c.name, account.c.role, gate_pass.c.salt, gate_pass.c.hash, gate_pass.c.until
    )
    joined = query.join(account, account.c.id == gate_pass.c.account).join(party, party.c.id == account.c.party)
    good = joined.where(gate_pass.c.until > now, account.c.closed_at.is_(None))
    rows = await tx.execute(good.order_by(gate_pass.c.account))
    return tuple(shaped(PassRow, row) for row in rows)


async def sent(tx: Tx, no: int) -> CopyRow | None:
    """Which copy a device was sent last; None for one that never asked."""
    query = select(gate_copy.c.generation, gate_copy.c.number, gate_copy.c.read).where(gate_copy.c.device == no)
    row = (await tx.execute(query)).first()
    return None if row is None else shaped(CopyRow, row)


async def keep(tx: Tx, no: int) -> CopyRow:
    """From now on this device has a copy; what its log held before is not a guard's."""
    found = await sent(tx, no)
    if found is None:
        await tx.execute(insert(gate_copy).values(device=no, generation=0, number=0, read=0))
    return found or CopyRow(0, 0, 0)


async def number(tx: Tx, no: int, generation: int, number: int, now: int) -> None:
    """The copy just made."""
    change = update(gate_copy).where(gate_copy.c.device == no)
    await tx.execute(change.values(generation=generation, number=number, sent_at=now))


async def read_to(tx: Tx, no: int, seq: int) -> None:
    """Everything up to this entry has been taken."""
    await tx.execute(update(gate_copy).where(gate_copy.c.device == no).values(read=seq))


async def keepers(tx: Tx) -> tuple[str, ...]:
    """The devices that have a copy."""
    joined = select(device.c.dev).join(gate_copy, gate_copy.c.device == device.c.no).order_by(device.c.no)
    return tuple((await tx.execute(joined)).scalars())


async def unread(tx: Tx, no: int, typ: int, after: int, limit: int) -> list[tuple[int, bytes, bytes | None]]:
    """(id, entry, private half as stored) of a device's entries of a type after a seq, in order."""
    query = select(entry.c.id, entry.c.entry, entry.c.private).where(
        entry.c.typ == typ, entry.c.id > entry_id(no, after), entry.c.id < entry_id(no + 1, 0)
    )
    return [tuple(row) for row in await tx.execute(query.order_by(entry.c.id).limit(limit))]


async def timed_after(tx: Tx, id_: int, boot_of: int) -> list[bytes]:
    """The next entries of the same device whose own time was sure, the nearest first."""
    query = select(entry.c.entry).where(entry.c.id > id_, entry.c.id < boot_of, entry.c.tq >= 2)
    return list((await tx.execute(query.order_by(entry.c.id).limit(1))).scalars())


async def known(tx: Tx, deed: str) -> bool:
    """Whether this deed was taken before."""
    return (await tx.execute(select(gate_deed.c.id).where(gate_deed.c.id == deed))).first() is not None


async def stay_of(tx: Tx, deed: str) -> int | None:
    """The stay that a deed began."""
    return (await tx.execute(select(gate_deed.c.visit).where(gate_deed.c.id == deed))).scalar()


async def put_deed(tx: Tx, deed: str, **values: object) -> None:
    """A deed that was taken, with what it contradicts."""
    await tx.execute(insert(gate_deed).values(id=deed, **values))


async def deeds(tx: Tx, since: int, limit: int = 200) -> tuple[DeedRow, ...]:
    """What guards wrote at units since a time, newest first."""
    query = select(
        gate_deed.c.id, gate_deed.c.act, gate_deed.c.at, gate_deed.c.visit, visit.c.name, visit.c.home, gate_deed.c.who,
        gate_deed.c.told, gate_deed.c.note, gate_deed.c.seen_by, gate_deed.c.seen_at,
    ).outerjoin(visit, visit.c.id == gate_deed.c.visit)  # fmt: skip
    rows = await tx.execute(query.where(gate_deed.c.at >= since).order_by(gate_deed.c.at.desc()).limit(limit))
    return tuple(DeedRow(*row[:4], row[4] or "", row[5] or "", *row[6:]) for row in rows)


async def open_told(tx: Tx) -> int:
    """How many contradictions nobody has looked at."""
    query = select(gate_deed.c.id).where(gate_deed.c.told != "", gate_deed.c.seen_at.is_(None))
    return len((await tx.execute(query)).all())


async def see(tx: Tx, deed: str, by: str, now: int) -> bool:
    """Somebody of the office has looked at it; False if there is nothing to look at."""
    wanted = update(gate_deed).where(gate_deed.c.id == deed, gate_deed.c.told != "", gate_deed.c.seen_at.is_(None))
    return (await tx.execute(wanted.values(seen_by=by, seen_at=now))).rowcount == 1
