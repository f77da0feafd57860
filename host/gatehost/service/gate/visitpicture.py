"""What a high-security estate may ask of a visitor (row B3): a document looked at, a picture taken. Both are off until
the estate decides otherwise; neither is needed to come in, and the picture is compared with nothing.

A picture lies sealed, without where and by what it was taken, and ends with what is kept of the stay. The office's
auditors see it under their name, and every look is written down.
"""

from dataclasses import dataclass

from gatehost.model.account import Actor
from gatehost.model.document import Document
from gatehost.model.errors import NotFound, Refused
from gatehost.model.visit import INSIDE
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.gate import incident
from gatehost.service.gate.stay import keep_until
from gatehost.service.paper import documents
from gatehost.service.permissions import require
from gatehost.store import visits


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the guard looks at a document, and whether a picture may be taken, at a gate."""

    id_seen: bool
    photo: bool


async def asked_at(ctx: Context, place: str) -> Asked:
    """What the rules in force at a gate say."""
    async with ctx.store.read() as tx:
        rules = await ruling.all_in_force(tx, ("visitor.id_seen", "visitor.photo"), place)
    return Asked(*(rule.value == "on" for rule in rules))


async def may_keep(ctx: Context, actor: Actor, number: int) -> tuple[str, int]:
    """(gate, until when) of a picture that may be taken of a visit. NotFound("visit") for one that is over,
    Refused("photo_kept"), SwitchedOff("visitor.photo", ...) where the estate does not want any."""
    require(actor, "gate.enter")
    async with ctx.store.read() as tx:
        held = await visits.get(tx, number)
        if held is None or held.state != INSIDE or held.in_gate is None:
            raise NotFound("visit")
        await ruling.demand(tx, "visitor.photo", held.in_gate, ("on",))
        until = await keep_until(ctx, tx, held.home)
    if held.evidence.startswith(documents.PICTURE):
        raise Refused("photo_kept")
    return held.in_gate, until


async def keep(ctx: Context, actor: Actor, number: int, data: bytes) -> Document:
    """A picture of somebody who is inside and agreed. BadInput("photo", why), and as `may_keep`."""
    at, until = await may_keep(ctx, actor, number)
    made = await documents.of_gate(ctx, actor, documents.PICTURE, at, incident.clean(data), until)
    async with ctx.store.write() as tx:
        await visits.move(tx, number, (INSIDE,), evidence=f"{documents.PICTURE} {made.id}")
    return made
