"""The estate's log as stored: the host's chain and the tree of each generation, checkpoints and who cosigned them.

Of each generation one row says how far chain and tree are; it is replaced in the transaction of what makes them grow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import func, insert, select, update

from gatecore.records import Entry
from gatehost.store.accesslog import entry_id, seq_of
from gatehost.store.forest import Forest, Tile, edge_tile, grown, leaf_hash
from gatehost.store.store import Tx, shaped
from gatehost.store.table.log import HOST_NO, checkpoint, cosignature, entry, log, run, tile

LEAF_BITS = 40
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Log:
    """A generation: its key and certificate, the host's chain, the tree's size and edge."""

    generation: int
    public: bytes
    cert: bytes
    began_at: int
    seq: int
    head: bytes
    size: int
    edge: bytes

    @property
    def no(self) -> int:
        """The device number of the host's chain."""
        return HOST_NO + self.generation


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint signed by the log."""

    generation: int
    size: int
    root: bytes
    at: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's signature under a checkpoint; `at` s since 1970 by its clock, `name` as in the note."""

    generation: int
    size: int
    name: str
    at: int
    public: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring leaves: the first leaf's index, the first entry's id, how many."""

    index: int
    entry: int
    count: int

    @property
    def last(self) -> tuple[int, int]:
        """(seq, index) of the last."""
        return seq_of(self.entry) + self.count - 1, self.index + self.count - 1


def tile_id(generation: int, level: int, number: int) -> int:
    """The id of a tile."""
    return generation << 48 | level << 40 | number


def leaf_id(generation: int, index: int) -> int:
    """The id of the run that begins with this leaf."""
    return generation << LEAF_BITS | index


async def newest(tx: Tx, *, alone: bool = False) -> Log | None:
    """The generation in use; `alone` takes it against every other writer until the transaction ends."""
    query = select(log).order_by(log.c.generation.desc()).limit(1)
    row = (await tx.execute(query.with_for_update() if alone else query)).first()
    return None if row is None else shaped(Log, row)


async def all_logs(tx: Tx) -> tuple[Log, ...]:
    """Every generation, oldest first."""
    return tuple(shaped(Log, row) for row in await tx.execute(select(log).order_by(log.c.generation)))


async def put(tx: Tx, made: Log) -> None:
    """A new generation."""
    names = [column.name for column in log.columns]
    await tx.execute(insert(log).values({name: getattr(made, name) for name in names}))


async def append(tx: Tx, held: Log, rows: Sequence[Sequence[object]], made: Sequence[Entry], head: bytes) -> Log:
    """Appends the host's own next entries, at least one, and their rows, as entries and leaves; the log as it is after
    them, its chain at `head`."""
    names = [column.name for column in entry.columns]
    await tx.execute(insert(entry), [dict(zip(names, row, strict=True)) for row in rows])
    size, edge, full = grown(held.size, held.edge, [leaf_hash(one.to_wire()) for one in made])
    for level, number, hashes in full:
        await tx.execute(insert(tile).values(id=tile_id(held.generation, level, number), hashes=hashes))
    first = leaf_id(held.generation, held.size)
    await tx.execute(insert(run).values(id=first, entry=entry_id(held.no, made[0].seq), count=len(made)))
    grew = replace(held, seq=made[-1].seq, head=head, size=size, edge=edge)
    moved = {"seq": grew.seq, "head": grew.head, "size": grew.size, "edge": grew.edge}
    await tx.execute(update(log).where(log.c.generation == held.generation).values(moved))
    return grew


class _Missing(Exception):
    def __init__(self, level: int, number: int) -> None:
        self.place = level, number


async def reading(tx: Tx, held: Log, use: Callable[[Forest], Result]) -> Result:
    """What `use` makes of the tree, at any size up to its own; tiles are read as they are asked for."""
    found: dict[tuple[int, int], bytes] = {}

    def tiles(level: int, number: int) -> bytes:
        partial = edge_tile(held.size, held.edge, level, number)
        if partial is not None:
            return partial
        if (level, number) not in found:
            raise _Missing(level, number)
        return found[level, number]

    while True:
        try:
            return use(Forest(tiles))
        except _Missing as missing:
            level, number = missing.place
            query = select(tile.c.hashes).where(tile.c.id == tile_id(held.generation, level, number))
            found[level, number] = (await tx.execute(query)).scalar_one()


async def tiles(tx: Tx, generation: int, places: Sequence[tuple[int, int]]) -> list[Tile]:
    """The full tiles at these (level, number), in this order, as far as they are there."""
    names = [tile_id(generation, level, number) for level, number in places]
    found = {row.id: row.hashes for row in await tx.execute(select(tile).where(tile.c.id.in_(names)))}
    return [(*place, found[name]) for place, name in zip(places, names, strict=True) if name in found]


async def newest_run(tx: Tx, generation: int, no: int, first: int, size: int) -> Run | None:
    """The newest run of a device whose leaves lie in [first, size)."""
    query = (
        select(run)
        .where(run.c.entry.between(entry_id(no, 0), entry_id(no + 1, 0) - 1))
        .where(run.c.id >= leaf_id(generation, first), run.c.id < leaf_id(generation, size))
    )
    row = (await tx.execute(query.order_by(run.c.entry.desc()).limit(1))).first()
    return None if row is None else _run(row)


def _run(row: Sequence[int]) -> Run:
    number, first, count = row
    return Run(number & (1 << LEAF_BITS) - 1, first, count)


async def place_of(tx: Tx, generation: int, no: int, seq: int) -> int | None:
    """The leaf of a device's entry; None if it has none in this generation."""
    number = entry_id(no, seq)
    query = select(run).where(run.c.entry <= number, run.c.entry >= entry_id(no, 0)).order_by(run.c.entry.desc())
    row = (await tx.execute(query.limit(1))).first()
    if row is None or row.id >> LEAF_BITS != generation or number >= row.entry + row.count:
        return None
    return _run(row).index + number - int(row.entry)


async def runs(tx: Tx, generation: int, first: int, size: int, limit: int) -> list[Run]:
    """Runs of leaves in [first, size), in the order of the leaves; `entry` tells device number and seq."""
    query = select(run).where(run.c.id >= leaf_id(generation, first), run.c.id < leaf_id(generation, size))
    return [_run(row) for row in await tx.execute(query.order_by(run.c.id).limit(limit))]


async def placed(tx: Tx, generation: int) -> int:
    """How many leaves of a tree its runs name."""
    where = (run.c.id >= leaf_id(generation, 0), run.c.id < leaf_id(generation + 1, 0))
    return int((await tx.execute(select(func.sum(run.c.count)).where(*where))).scalar() or 0)


async def runs_over(tx: Tx, first: int, last: int) -> list[tuple[int, Run]]:
    """(generation, run) of every run that may hold entries with an id from `first` to `last`, rising."""
    begin = select(func.max(run.c.entry)).where(run.c.entry <= first).scalar_subquery()
    query = select(run).where(run.c.entry >= func.coalesce(begin, first), run.c.entry <= last)
    return [(row.id >> LEAF_BITS, _run(row)) for row in await tx.execute(query.order_by(run.c.entry))]


async def run_at(tx: Tx, generation: int, leaf: int) -> int:
    """The first leaf of the run a leaf lies in; the leaf itself when there is none."""
    query = select(run).where(run.c.id >= leaf_id(generation, 0), run.c.id <= leaf_id(generation, leaf))
    row = (await tx.execute(query.order_by(run.c.id.desc()).limit(1))).first()
    return leaf if row is None else _run(row).index


async def put_checkpoint(tx: Tx, made: Checkpoint) -> None:
    """A new checkpoint."""
    names = [column.name for column in checkpoint.columns]
    await tx.execute(insert(checkpoint).values({name: getattr(made, name) for name in names}))


async def newest_checkpoint(tx: Tx, generation: int) -> Checkpoint | None:
    """The checkpoint signed last."""
    query = select(checkpoint).where(checkpoint.c.generation == generation)
    row = (await tx.execute(query.order_by(checkpoint.c.size.desc()).limit(1))).first()
    return None if row is None else shaped(Checkpoint, row)


async def checkpoint_at(tx: Tx, generation: int, size: int) -> Checkpoint | None:
    """The checkpoint of this size."""
    query = select(checkpoint).where(checkpoint.c.generation == generation, checkpoint.c.size == size)
    row = (await tx.execute(query)).first()
    return None if row is None else shaped(Checkpoint, row)


async def put_cosignature(tx: Tx, made: Cosignature) -> None:
    """A cosignature; a former one of the same witness under the same checkpoint is kept."""
    same = (cosignature.c.generation == made.generation, cosignature.c.size == made.size)
    held = await tx.execute(select(cosignature.c.at).where(*same, cosignature.c.name == made.name))
    if held.first() is None:
        names = [column.name for column in cosignature.columns]
        await tx.execute(insert(cosignature).values({name: getattr(made, name) for name in names}))


async def cosignatures(tx: Tx, generation: int, size: int) -> tuple[Cosignature, ...]:
    """Who cosigned the checkpoint of this size, in the order of time."""
    query = select(cosignature).where(cosignature.c.generation == generation, cosignature.c.size == size)
    return tuple(shaped(Cosignature, row) for row in await tx.execute(query.order_by(cosignature.c.at)))
