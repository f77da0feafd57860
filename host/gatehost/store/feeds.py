"""Where the estate's events are sent, and how far each of these has come."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from gatehost.store.store import Tx, shaped
from gatehost.store.table.log import feed


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed in use; `hidden` is its key under the host's, `sent` leaves of that generation's tree were sent."""

    id: int
    url: str
    hidden: bytes
    generation: int
    sent: int
    made_at: int
    last_at: int | None
    last_error: str


_FEED = tuple(feed.c[name] for name in FeedRow.__slots__)


async def put(tx: Tx, url: str, hidden: bytes, generation: int, sent: int, now: int, by: str) -> int:
    """A new feed; its number."""
    values = {"url": url, "hidden": hidden, "generation": generation, "sent": sent, "made_at": now, "made_by": by}
    done = await tx.execute(insert(feed).values(values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


async def living(tx: Tx) -> tuple[FeedRow, ...]:
    """Every feed in use."""
    rows = await tx.execute(select(*_FEED).where(feed.c.ended_at.is_(None)).order_by(feed.c.id))
    return tuple(shaped(FeedRow, row) for row in rows)


async def change(tx: Tx, number: int, **values: object) -> bool:
    """Sets columns of a feed in use; False if there is none."""
    done = await tx.execute(update(feed).where(feed.c.id == number, feed.c.ended_at.is_(None)).values(**values))
    return done.rowcount == 1
