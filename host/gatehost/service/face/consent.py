"""A person's word on face entry: the separate consent, signed to a text that is kept, or a no nobody asks again."""

from gatecore.clock import day_of
from gatehost.model.account import Actor
from gatehost.model.credential import Consent
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.party import CHILD, Party
from gatehost.model.place import ROOT
from gatehost.service import ruling
from gatehost.service.calendar import years
from gatehost.service.context import Context
from gatehost.service.face import agreement
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import audits, cases, people, places
from gatehost.store import faces as rows
from gatehost.store.store import Tx

PURPOSE, DECLINED = "face-entry", "face.decline"
GUARDIAN_UNDER = 14
ASSESSED = "assessment.sign"  # the act by which the impact assessment is signed
PAPER, MOST_PAPERS = "face_enrol", 1000


async def give(
    ctx: Context, actor: Actor, party: str, signer: str, read: bool, language: str = agreement.CHINESE
) -> Consent:
    """Writes down the person's separate consent to the text as it reads now in `language`, and keeps that text.
    BadInput("read", "unread") unless it was read, ("signer", "missing"); Refused("guardian") for a child under 14, or
    of no known age, signed by themselves, ("empty_slots" | "void_clause" | "not_assessed") while it may not be
    signed."""
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
        await _assessed(tx)
        hashed = await agreement.keep(tx, await agreement.signable(tx, language))
        await rows.withdraw(tx, party, ctx.clock())
        version = agreement.VERSION
        number = await rows.put_consent(tx, party, PURPOSE, version, signer.strip(), ctx.clock(), hashed)
        await note(ctx, tx, actor, "face.consent", about=party, detail=f"{version} {hashed[:16]}")
        return await rows.get_consent(tx, number)


async def _assessed(tx: Tx) -> None:
    """Where the rule says so, no face before the impact assessment was signed; since when is its own page's matter."""
    if (await ruling.in_force(tx, "face.assessed", ROOT)).value == "on" and await audits.last(tx, ASSESSED) is None:
        raise Refused("not_assessed")


async def _is_child(tx: Tx, person: Party, now: int) -> bool:
    """By the birth date on record or on their paper, on the estate's own day: the fourteenth birthday begins at its
    midnight. Where nobody wrote a date down, by how they belong to a home."""
    papers = await cases.listed(tx, (PAPER,), open_only=True, limit=MOST_PAPERS)
    told = (person.born, *(str(one.form.get("born", "")) for one in papers if one.applicant == person.id))
    dates = [date for date in told if date]
    if not dates:
        return CHILD in await people.roles_of(tx, person.id, now)
    estate = await places.the_estate(tx)
    today = day_of(now, () if estate is None else estate.offsets)
    return any(years(date, today) < GUARDIAN_UNDER for date in dates)


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
