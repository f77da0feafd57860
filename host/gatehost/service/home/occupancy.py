"""Who may belong to a home (row C1): in public rental homes the applicant and close family, where an authority says so.

One holder, owner or tenant, with family, children and their guardians; no second tenant and no authorised person. Who
is refused is told who decided it, in which document and why.
"""

from gatehost.model.errors import SwitchedOff
from gatehost.model.party import AGENT, OWNER, STAFF, TENANT
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.store import people
from gatehost.store.store import Tx

KEY, FAMILY = "occupancy", "family"
NOT_FAMILY, HOLDERS = (AGENT, STAFF), (OWNER, TENANT)


async def demand(ctx: Context, tx: Tx, home: str, role: str, person: str = "") -> None:
    """SwitchedOff("occupancy", ...) when the rule does not let somebody belong to the home in this role."""
    rule = await ruling.in_force(tx, KEY, home)
    if rule.value != FAMILY:
        return
    held = [party.id for party, tie in await people.ties_of_home(tx, home, ctx.clock()) if tie.role in HOLDERS]
    second = role in HOLDERS and any(one != person for one in held[:1])
    if role in NOT_FAMILY or second:
        raise SwitchedOff(KEY, decided_by=rule.decided_by, document=rule.document, why=rule.why, value=rule.value)


async def demand_of(ctx: Context, tx: Tx, home: str, person: str) -> None:
    """The same for how a person belongs to the home already: before a face or card of theirs is made."""
    for party, tie in await people.ties_of_home(tx, home, ctx.clock()):
        if party.id == person:
            await demand(ctx, tx, home, tie.role, person)
