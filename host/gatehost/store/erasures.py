"""What an erasure takes away in the database: private halves, what was searchable of them, and who looked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from gatehost.store import logs
from gatehost.store.accesslog import SEALED_WITHOUT_PRIVATE, seq_of
from gatehost.store.halves import HIDDEN, NAME
from gatehost.store.logs import LEAF_BITS
from gatehost.store.store import Tx
from gatehost.store.table.account import audit
from gatehost.store.table.door import device
from gatehost.store.table.log import HOST_NO, entry, forgotten, log

_GROUP = 500  # names in one question


async def under(tx: Tx, names: Sequence[bytes]) -> list[int]:
    """The ids of the entries whose halves lie under these keys, rising. It reads every entry: once for all names."""
    found: list[int] = []
    for at in range(0, len(names), _GROUP):
        heads = [HIDDEN + name for name in names[at : at + _GROUP]]
        query = select(entry.c.id).where(func.substr(entry.c.private, 1, 1 + NAME).in_(heads))
        found += (await tx.execute(query)).scalars()
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at every entry found, and up to which leaf of which generation it saw them."""

    generation: int
    size: int
    numbers: list[int]


async def look(tx: Tx, names: Sequence[bytes]) -> Looked:
    """Looks for the halves under these keys, for as long as it takes; nobody who writes waits for it."""
    held = await logs.newest(tx)
    found = await under(tx, names)
    return Looked(0, 0, found) if held is None else Looked(held.generation, held.size, found)


async def now_under(tx: Tx, names: Sequence[bytes], looked: Looked) -> list[int]:
    """The same as `under`, where all but the newest entries were looked at a moment ago: what is still there of what
    was found then, and what was stored since."""
    held = await logs.newest(tx)
    if held is None or held.generation != looked.generation:
        return await under(tx, names)
    found, size = list[int](), looked.size
    for at in range(0, len(looked.numbers), _GROUP):
        some = entry.c.id.in_(looked.numbers[at : at + _GROUP])
        found += (await tx.execute(select(entry.c.id).where(some, entry.c.private.is_not(None)))).scalars()
    while runs := await logs.runs(tx, held.generation, size, held.size, _GROUP):
        for run in runs:
            stored = select(entry.c.id, func.substr(entry.c.private, 1, 1 + NAME))
            stored = stored.where(entry.c.id.between(run.entry, run.entry + run.count - 1))
            found += [number for number, head in await tx.execute(stored) if head and bytes(head)[1:] in set(names)]
        size = runs[-1].last[1] + 1
    return sorted(set(found))


async def wipe(tx: Tx, numbers: Sequence[int]) -> None:
    """Takes private halves and what was searchable of them out of these entries."""
    gone = {"private": None, "home": None, "person": None, "mark": None, "verdict": SEALED_WITHOUT_PRIVATE}
    for at in range(0, len(numbers), _GROUP):
        await tx.execute(update(entry).where(entry.c.id.in_(numbers[at : at + _GROUP])).values(gone))


async def forget_looks(tx: Tx, home: str) -> None:
    """Takes a home's name out of the lines of who looked and did what."""
    await tx.execute(update(audit).where(audit.c.home == home).values(home="", about="", detail=""))


async def named(tx: Tx, numbers: Sequence[int]) -> list[tuple[bytes, list[int]]]:
    """(a device's first public key, its seqs) for these entries, a generation's log key for the host's own."""
    keys = {no: public for no, public in await tx.execute(select(device.c.no, device.c.public))}
    keys |= {HOST_NO + number: public for number, public in await tx.execute(select(log.c.generation, log.c.public))}
    seqs: dict[int, list[int]] = {}
    for number in numbers:
        seqs.setdefault(number >> LEAF_BITS, []).append(seq_of(number))
    return [(keys[no], found) for no, found in seqs.items()]


async def remember(tx: Tx, names: Sequence[bytes], reason: int, at: int) -> None:
    """These keys are to be destroyed, and will be whatever happens now."""
    known = set((await tx.execute(select(forgotten.c.name).where(forgotten.c.name.in_(names)))).scalars())
    rows = [{"name": name, "reason": reason, "at": at} for name in names if name not in known]
    if rows:
        await tx.execute(insert(forgotten), rows)


async def remembered(tx: Tx) -> dict[bytes, int]:
    """Every key that this database knows to be destroyed, and why."""
    return {name: reason for name, reason in await tx.execute(select(forgotten.c.name, forgotten.c.reason))}
