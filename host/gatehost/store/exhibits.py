"""What an export is made of, read from the log as stored: spans of entries, their seals, key changes, checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from gatecore.clock import BATTERY
from gatehost.store.accesslog import entry_id, seq_of
from gatehost.store.logs import LEAF_BITS, Checkpoint, leaf_id
from gatehost.store.store import Tx, shaped
from gatehost.store.table.log import checkpoint, cosignature, entry, run, seal

NEWEST_COSIGNED = 8


@dataclass(frozen=True, slots=True)
class Span:
    """Entries first..last of a device (its number; a host's chain has one too), all in one generation's tree."""

    no: int
    generation: int
    first: int
    last: int


async def spans(tx: Tx, generation: int, size: int, no: int | None = None) -> list[Span]:
    """Every run of consecutive seqs of each device, or of one, whose leaves are below `size`; by device and seq."""
    query = select(run.c.entry, run.c.count).where(
        run.c.id >= leaf_id(generation, 0), run.c.id < leaf_id(generation, size)
    )
    if no is not None:
        query = query.where(run.c.entry.between(entry_id(no, 0), entry_id(no + 1, 0) - 1))
    found: list[Span] = []
    for number, count in await tx.execute(query.order_by(run.c.entry)):
        at, first = number >> LEAF_BITS, seq_of(number)
        if found and found[-1].no == at and found[-1].last + 1 == first:
            found[-1] = Span(at, generation, found[-1].first, first + count - 1)
        else:
            found.append(Span(at, generation, first, first + count - 1))
    return found


async def changes(tx: Tx, no: int, typ: int) -> list[int]:
    """The seqs of a device's key changes, rising. `typ` is their type."""
    query = select(entry.c.id).where(entry.c.id.between(entry_id(no, 0), entry_id(no + 1, 0) - 1), entry.c.typ == typ)
    return [seq_of(number) for number in (await tx.execute(query.order_by(entry.c.id))).scalars()]


async def seal_at(tx: Tx, no: int, seq: int) -> bytes | None:
    """The seal over a device's entries up to `seq`, if there is one at just that."""
    return (await tx.execute(select(seal.c.seal).where(seal.c.id == entry_id(no, seq)))).scalar()


async def sealed_from(tx: Tx, no: int, seq: int) -> int | None:
    """The first seq from `seq` on that a seal of the device covers to its end."""
    query = select(func.min(seal.c.id)).where(seal.c.id >= entry_id(no, seq), seal.c.id < entry_id(no + 1, 0))
    found = (await tx.execute(query)).scalar()
    return None if found is None else seq_of(found)


async def raw(tx: Tx, no: int, seq: int) -> bytes:
    """One entry as it was received; empty if somebody took it out."""
    found: bytes | None = (await tx.execute(select(entry.c.entry).where(entry.c.id == entry_id(no, seq)))).scalar()
    return found or b""


async def between(tx: Tx, no: int, since: int, until: int) -> list[int]:
    """The seqs of a device with a time in [since, until], ms, rising."""
    where = entry.c.id.between(entry_id(no, 0), entry_id(no + 1, 0) - 1), entry.c.at >= since, entry.c.at <= until
    return [
        seq_of(number) for number in (await tx.execute(select(entry.c.id).where(*where).order_by(entry.c.id))).scalars()
    ]


async def before(tx: Tx, no: int, at: int) -> int:
    """The newest seq of a device with a time before `at`, ms; 0 if there is none."""
    query = select(func.max(entry.c.id)).where(
        entry.c.id.between(entry_id(no, 0), entry_id(no + 1, 0) - 1), entry.c.at < at
    )
    found = (await tx.execute(query)).scalar()
    return 0 if found is None else seq_of(found)


async def surely_before(tx: Tx, no: int, seq: int, since: int) -> int | None:
    """The newest seq below `seq` whose device knew that it was before `since`, ms: a floor is no such knowledge."""
    where = entry.c.id.between(entry_id(no, 0), entry_id(no, seq) - 1), entry.c.tq >= BATTERY, entry.c.at < since
    found = (await tx.execute(select(func.max(entry.c.id)).where(*where))).scalar()
    return None if found is None else seq_of(found)


async def surely_after(tx: Tx, no: int, seq: int, until: int) -> int | None:
    """The first seq above `seq` whose device knew that it was after `until`, ms."""
    above = entry.c.id.between(entry_id(no, seq) + 1, entry_id(no + 1, 0) - 1)
    found = (await tx.execute(select(func.min(entry.c.id)).where(above, entry.c.tq > 0, entry.c.at > until))).scalar()
    return None if found is None else seq_of(found)


async def of_home(tx: Tx, home: str, since: int) -> list[tuple[int, bytes | None]]:
    """(id, private half as it is stored) of the entries since a time that tell of a home, by device and seq."""
    query = select(entry.c.id, entry.c.private).where(entry.c.home == home, entry.c.at >= since)
    return [(number, half) for number, half in await tx.execute(query.order_by(entry.c.id))]


async def of_types(tx: Tx, no: int, typs: Sequence[int]) -> list[tuple[int, bytes]]:
    """(seq, entry) of a device's entries of some types, rising."""
    query = select(entry.c.id, entry.c.entry).where(
        entry.c.id.between(entry_id(no, 0), entry_id(no + 1, 0) - 1), entry.c.typ.in_(typs)
    )
    return [(seq_of(number), data) for number, data in await tx.execute(query.order_by(entry.c.id))]


async def last_words(tx: Tx, generation: int) -> dict[str, int]:
    """The newest size that each witness cosigned, by name."""
    query = select(cosignature.c.name, func.max(cosignature.c.size)).where(cosignature.c.generation == generation)
    return {name: size for name, size in await tx.execute(query.group_by(cosignature.c.name))}


async def checkpoints(tx: Tx, generation: int) -> list[Checkpoint]:
    """Those an export shows, by size: the oldest, the newest of each witness, the last few cosigned, the newest."""
    sizes = select(cosignature.c.size).where(cosignature.c.generation == generation)
    newest = sizes.distinct().order_by(cosignature.c.size.desc()).limit(NEWEST_COSIGNED)
    chosen = set((await tx.execute(newest)).scalars()) | set((await last_words(tx, generation)).values())
    own = select(func.min(checkpoint.c.size), func.max(checkpoint.c.size)).where(checkpoint.c.generation == generation)
    chosen |= {size for size in (await tx.execute(own)).one() if size is not None}
    query = select(checkpoint).where(checkpoint.c.generation == generation, checkpoint.c.size.in_(chosen))
    return [shaped(Checkpoint, row) for row in await tx.execute(query.order_by(checkpoint.c.size))]
