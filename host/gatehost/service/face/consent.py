"""A person's word on face entry: the separate consent, signed to a text that is kept, or a no nobody asks again."""

from gatecore.clock import day_of
from gatehost.model.account import Actor
from gatehost.model.credential import Consent
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.party import Party
from gatehost.service.calendar import years
from gatehost.service.context import Context
from gatehost.service.face import agreement
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, people, places
from gatehost.store import faces as rows
from gatehost.store.store import Tx

PURPOSE, DECLINED = "face-entry", "face.decline"
GUARDIAN_UNDER = 14


async def give(
    ctx: Context, actor: Actor, party: str, signer: str, read: bool, language: str = agreement.CHINESE
) -> Consent:
    """Writes down the person's separate consent to the text as it reads now in `language`, and keeps that text.
    BadInput("read", "unread") unless it was read, ("signer", "missing"); Refused("guardian") for a child under 14
    signed by themselves, ("empty_slots" | "void_clause") while the text is not one that may be signed."""
    require(actor, "face.enrol")
    if not read:
        raise BadInput("read", "unread")
    if not signer.strip():
        raise BadInput("signer", "missing")
    async with ctx.store.write() as tx:
        person = await people.get(tx, party)
        if person is None:
            raise NotFound("person")
        if await _is_child(tx, person, ctx.clock()) and signer.strip() == person.name:
            raise Refused("guardian")
        hashed = await agreement.keep(tx, await agreement.signable(tx, language))
        await rows.withdraw(tx, party, ctx.clock())
        version = agreement.VERSION
        number = await rows.put_consent(tx, party, PURPOSE, version, signer.strip(), ctx.clock(), hashed)
        await note(ctx, tx, actor, "face.consent", about=party, detail=f"{version} {hashed[:16]}")
        return await rows.get_consent(tx, number)


async def _is_child(tx: Tx, person: Party, now: int) -> bool:
    """Whether the person is under the age on the estate's own day: the fourteenth birthday begins at its midnight."""
    estate = await places.the_estate(tx)
    today = day_of(now, () if estate is None else estate.offsets)
    return bool(person.born) and years(person.born, today) < GUARDIAN_UNDER


async def standing(ctx: Context, actor: Actor, party: str) -> Consent | None:
    """The consent the person has given and not withdrawn; None without one."""
    require(actor, "face.enrol")
    async with ctx.store.read() as tx:
        return await rows.consent_of(tx, party)


async def decline(ctx: Context, actor: Actor, party: str, home: str) -> None:
    """The person would rather not have face entry: written down once, and nothing of theirs changes. The desk asks no
    more (L11); who changes their mind says so. NotFound("person")."""
    require(actor, "face.enrol")
    async with ctx.store.write() as tx:
        if not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        await note(ctx, tx, actor, DECLINED, home, party)


async def declined(ctx: Context, actor: Actor, home: str) -> frozenset[str]:
    """Of a home's people, those whose last word on face entry was no."""
    require(actor, "face.see", home)
    async with ctx.store.read() as tx:
        return frozenset(await audits.last_said(tx, home, DECLINED, "face.consent"))
