"""What an erasure takes away in the database: private halves, what was searchable of them, and who looked."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select, update

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
