"""From when on somebody may read about a home: who lived there before was somebody else's neighbour.

Who came, who rang, who was let in are whereabouts, and those of a former household are none of the next one's business
(docs/adr/0204). Staff read what their office needs and are entered for it.
"""

from gatecore.clock import DAY_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.service.context import Context
from gatehost.store import people
from gatehost.store.store import Tx

RENEWED_MS = 31 * DAY_MS  # a lease renewed within a month goes on


async def since(ctx: Context, tx: Tx, actor: Actor, home: str) -> int:
    """When (ms UTC) a resident's time at the home began, with earlier ones it follows on from; 0 for staff."""
    if actor.role != RESIDENT or not actor.party:
        return 0
    now = ctx.clock()
    begun = now
    for start, end in reversed(await people.times_at(tx, actor.party, home)):
        if end is None or end + RENEWED_MS >= begun:
            begun = min(begun, start)
    return begun
