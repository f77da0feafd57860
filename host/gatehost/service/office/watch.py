"""Signs that somebody tries what they may not, in one place (law L12): at doors, on the wire, at sign-in.

Everything here is known elsewhere and told at once as an alarm; this is the look over a month, for the admin and for
the owners' committee. No names of residents, no password, nothing of under whose duress a door opened.
"""

from dataclasses import dataclass

from gatecore import events
from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.alarm import CONFLICT, FORK, WITNESS
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.store import accounts, audits, calls

WINDOW_MS = 30 * DAY_MS
KINDS = (
    events.ALERT_GUESSING, events.ALERT_PAUSED, events.ALERT_FORCED, events.ALERT_TAMPER, events.ALERT_DISTRUST,
    events.ALERT_LOST_CARD, events.ALERT_UNCOVERED, FORK, CONFLICT, WITNESS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms of a kind at a door within the month: how many, how many nobody has looked at, the newest (ms UTC)."""

    kind: int
    door: str
    count: int
    open: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A name somebody signs in with wrongly: how often in a row; `rests_until` while it is closed."""

    name: str
    wrong: int
    rests_until: int | None


@dataclass(frozen=True, slots=True)
class Signs:
    """The month. `unknown_names`: how many names nobody has were tried and rest now. `checked_at`: the stored logs were
    last verified."""

    alarms: tuple[Alarms, ...]
    sign_ins: tuple[Refused, ...]
    unknown_names: int
    checked_at: int | None


async def signs(ctx: Context, actor: Actor) -> Signs:
    """What there is to look at, the newest first."""
    require(actor, "watch.see")
    now = ctx.clock()
    async with ctx.store.read() as tx:
        rows = await calls.counted(tx, KINDS, now - WINDOW_MS)
        logins = {one.id: one.login for one in await accounts.with_login(tx)}
        checked = await audits.last(tx, "audit.verify")
    most = sorted(ctx.live.tries.wrong().items(), key=lambda one: -one[1][0])
    refused = tuple(
        Refused(logins[account] or "", wrong, until if until > now else None)
        for account, (wrong, until) in most
        if account in logins
    )
    unknown = sum(until > now for _, until in ctx.live.tries.strangers.values())
    return Signs(tuple(Alarms(*row) for row in rows), refused, unknown, checked)
