"""Homes with many different long-staying guests: a question to be asked, and no face looked at for it (row C15).

Counted is what homes themselves wrote down: names of codes that hold for longer than a day. The report says numbers and
no name, and touches no right; who reads it is written down.
"""

from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.place import ROOT
from gatehost.model.policy import Rule
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import looked
from gatehost.store import codes, places

MONTH_MS, A_DAY_MS = 30 * DAY_MS, 26 * 3_600_000  # a code for one day holds until the day's end, wherever it began
RULE = "guests.many"


@dataclass(frozen=True, slots=True)
class ManyGuests:
    """A home, how many different names its longer codes of a month bear, and how many codes there were."""

    home: str
    name: str
    names: int
    codes: int


async def many(ctx: Context, actor: Actor) -> tuple[tuple[ManyGuests, ...], Rule]:
    """Homes at or above the estate's number, the most first; and the rule with who decided it. Written down."""
    require(actor, "guests.see")
    async with ctx.store.read() as tx:
        rule = await ruling.in_force(tx, RULE, ROOT)
        found = await codes.long_guests(tx, ctx.clock() - MONTH_MS, A_DAY_MS)
        found = tuple(one for one in found if one[1] >= int(rule.value))
        names = await places.names(tx, {home for home, _, _ in found})
    await looked(ctx, actor, "guests.see")
    return tuple(ManyGuests(home, names.get(home, home), *counts) for home, *counts in found), rule
