"""Checkpoints and cosignatures that nobody will ask for again.

A busy estate signs two thousand checkpoints a day, and every door cosigns each: after a year they are more than the
log. An export shows the oldest, each witness's newest and the newest few (store.exhibits); everything else is proved
from the tree itself. So of a day that is long past one checkpoint stays, with all its words (docs/adr/0199).
"""

from sqlalchemy import delete, func, select

from gatecore.clock import DAY_MS
from gatehost.store.exhibits import last_words
from gatehost.store.store import Tx
from gatehost.store.table.door import device
from gatehost.store.table.log import checkpoint, cosignature

PAGE = 500  # checkpoints looked at in one transaction


async def needed(tx: Tx, generation: int) -> set[int]:
    """The sizes an export or a hand-over shows: the oldest, the newest, and the newest of each witness."""
    own = select(func.min(checkpoint.c.size), func.max(checkpoint.c.size)).where(checkpoint.c.generation == generation)
    found = {size for size in (await tx.execute(own)).one() if size is not None}
    return found | set((await last_words(tx, generation)).values())


async def thin(tx: Tx, generation: int, after: int, before: int, keep: set[int]) -> tuple[int, int] | None:
    """Of the next checkpoints above `after` leaves that were made before an instant (ms UTC): (the size looked at last,
    how many went); None when there are none left. Of each day (UTC) the newest stays that a witness cosigned, or else
    the newest; and what is to be kept, and whatever a witness outside the estate put its word to."""
    query = select(checkpoint.c.size, checkpoint.c.at).where(checkpoint.c.generation == generation)
    query = query.where(checkpoint.c.size > after).order_by(checkpoint.c.size).limit(PAGE)
    rows = [(size, at) for size, at in await tx.execute(query) if at < before]
    if not rows:
        return None
    words = select(cosignature.c.size).where(
        cosignature.c.generation == generation, cosignature.c.size.between(rows[0][0], rows[-1][0])
    )
    cosigned = set((await tx.execute(words.distinct())).scalars())
    outside = words.where(cosignature.c.name.not_in(select(device.c.dev))).distinct()
    days: dict[int, tuple[bool, int]] = {}
    for size, at in rows:
        days[at // DAY_MS] = max(days.get(at // DAY_MS, (False, 0)), (size in cosigned, size))
    stays = keep | {size for _, size in days.values()} | set((await tx.execute(outside)).scalars())
    gone = [size for size, _ in rows if size not in stays]
    for table in (cosignature, checkpoint):
        await tx.execute(delete(table).where(table.c.generation == generation, table.c.size.in_(gone)))
    return rows[-1][0], len(gone)
