"""What ended is told to a second place at once, so that a restored backup does not bring it back.

service.safekeeping.restored reads it.
"""

import asyncio
import logging

from gatehost.service.context import Context
from gatehost.store import endings

log = logging.getLogger(__name__)


async def keep(ctx: Context) -> bool:
    """Brings the second place to what is known now; False, and a line in the diagnostics, if it cannot be reached:
    then it is tried again at the next occasion, and what ended stays ended here all the same."""
    if ctx.second is None:
        return True
    try:
        table = await asyncio.to_thread(ctx.second.newest)
    except OSError:
        table = 0  # away: told of everything when it is back
    async with ctx.store.read() as tx:
        made = await endings.ended(tx, ctx.clock())
    if ctx.store.halves is not None:
        lately = ctx.clock() - endings.KEPT_MS
        made.keys = ctx.store.halves.ended(lately if table is None else min(lately, table - 1))  # which a restore takes
        made.homes = ctx.store.halves.asked()
    told = made.to_text()
    if ctx.live.gone == told:
        return True
    try:
        await asyncio.to_thread(ctx.second.keep, told)
    except OSError as wrong:
        log.error("the second place %s cannot be written (%s)", ctx.second.folder, wrong.strerror)
        return False
    ctx.live.gone = told
    return True
