"""A guest's paper ends with the right it gives: nobody has to close what is over, and its names end (F5).

Which kinds do says their declaration (`lapses`). One that was never decided ends when the time it asked for is over.
"""

from gatecore.clock import DAY_MS
from gatehost.model.account import HOST
from gatehost.model.case import Case
from gatehost.service.context import Context
from gatehost.service.paper import casework
from gatehost.service.paper.kinds import kinds
from gatehost.service.paper.needs import Act
from gatehost.store import cases, grants
from gatehost.store.store import Tx

OPEN = ("draft", "waiting", "needs_more", "approved")
AFTER_MS = 2 * DAY_MS  # so long a visitor's page still says that the code has ended
FORGOTTEN_MS = 90 * DAY_MS  # after it was opened, of one that names no end
MOST = 5000  # of one night


async def lapse(ctx: Context) -> int:
    """Ends every such paper whose time is over; how many."""
    ending = 0
    async with ctx.store.write() as tx:
        names = [kind.key for kind in kinds().values() if kind.lapses]
        for case in await cases.listed(tx, names, OPEN, limit=MOST):
            if await _until(tx, case) + AFTER_MS <= ctx.clock():
                kind, held = kinds()[case.kind], await cases.paper(tx, case.id)
                move = kind.move("close", case.state) or kind.move("cancel", case.state)
                assert held is not None
                assert move is not None
                await casework.moved(ctx, tx, Act(ctx, tx, HOST, kind, held, move, "", ""))
                ending += 1
    return ending


async def _until(tx: Tx, case: Case) -> int:
    """When a paper's right ends, or the time it asks for."""
    given = [min(one.until, one.ended_at or one.until) for one in await grants.of_cases(tx, [case.id])]
    _, until = case.window(case.opened_at)
    return max(given) if given else until or case.opened_at + FORGOTTEN_MS
