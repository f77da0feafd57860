"""Consent to face entry at the desk: the text read first, the choice, and the paper of the enrolment begun with it."""

from aiohttp import web

from gatehost.model.credential import Consent, Face
from gatehost.model.errors import BadInput, Refused
from gatehost.model.party import CHILD, TENANT
from gatehost.model.sheet import Member
from gatehost.service.enrol import enrolment
from gatehost.service.face import agreement, consent
from gatehost.web.desk.homes import member_of
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, rulewords
from gatehost.web.words.language import noted as N

# the kinds of applicant as the paper of an enrolment names them (service/paper/declared/face_enrol.toml)
ON_PAPER = {"owner": "deed", "buyer": "contract", "tenant": "tenant", "minor": "minor"}


# kind of applicant -> what they are called, and what the desk looks at before consent
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "owner": (N("Owner with deed"), (N("ID document, matches the person"), N("Deed"))),
    "buyer": (N("Owner, deed still to come"), (N("ID document, matches the person"), N("Purchase contract"))),
    "tenant": (
        N("Tenant"),
        (N("ID document, matches the person"), N("Lease with address and term, signed by both sides")),
    ),
    "minor": (
        N("Minor with guardian"),
        (N("Household register"), N("Guardian's ID document, matches the person"), N("The guardian is here")),
    ),
}


AS_TIED = {TENANT: "tenant", CHILD: "minor"}  # what the page begins with, by how the person belongs to the home


async def form(request: web.Request) -> web.StreamResponse:
    """The text the person reads before anything else happens."""
    _, member = await member_of(request, of(request))
    return await shown(request, {"kind": request.query.get("kind") or AS_TIED.get(member.tie.role, "owner")})


async def shown(
    request: web.Request,
    typed: dict[str, str],
    *,
    wrong: refusals.Wrong | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> web.Response:
    """The consent page with what was typed."""
    asked = of(request)
    found, member = await member_of(request, asked)
    kind = typed.get("kind", "") if typed.get("kind") in KINDS else "owner"
    text, lacking = await agreement.shown(asked.ctx, asked.language)
    return render(
        request, "enrol/consent.html", status=status, sheet=found, member=member, kind=kind, kinds=KINDS, typed=typed,
        wrong=wrong or refusals.Wrong(), notice=notice, live=False, text=text, large="large" in request.query,
        lacking=[rulewords.name(asked.say, key) for key in lacking],
        standing=await consent.standing(asked.ctx, asked.person, member.party.id), reviewed=enrolment.REVIEWED,
        paper=await enrolment.paper_of(asked.ctx, asked.person, member.party.id, found.home.id),
    )  # fmt: skip


async def give_consent(request: web.Request) -> web.StreamResponse:
    """Writes the consent down; only then can a capture begin."""
    asked = of(request)
    typed = {name: str(value)[:80].strip() for name, value in (await request.post()).items()}
    found, member = await member_of(request, asked)
    try:
        await consent_of(asked, member, typed)
        await paper_of(asked, found.home.id, member, typed)
    except BadInput as error:
        wrong = refusals.wrong_field(error, asked.say)
        if "guardian" in wrong:
            wrong["signer"] = wrong["guardian"]  # whoever signs for a minor is the guardian
        return await shown(request, typed, wrong=wrong, status=400)
    except Refused as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return await shown(request, typed, notice=Notice("wait", told.why, told.next), status=told.status)
    return go(f"/desk/homes/{found.home.id}/faces/{member.party.id}/capture")


async def consent_of(asked: Asked, member: Member, typed: dict[str, str]) -> Consent:
    """The consent as typed. A minor's is signed by a guardian: by another name than their own."""
    signer = typed.get("signer", "")
    if typed.get("kind") == "minor" and signer == member.party.name:
        raise Refused("guardian")
    if typed.get("checked") != "yes":
        raise BadInput("checked", "unchecked")
    read = typed.get("read") == "yes"
    return await consent.give(asked.ctx, asked.person, member.party.id, signer, read, asked.language)


async def decline(request: web.Request) -> web.StreamResponse:
    """The person would rather not: written down, so that nobody asks again (L11)."""
    asked = of(request)
    home, party = request.match_info["home"], request.match_info["party"]
    await consent.decline(asked.ctx, asked.person, party, home)
    return go(f"/desk/homes/{home}", "declined")


async def copy_of(request: web.Request, face: Face, back: str) -> web.Response:
    """A signed text as a page to read and print."""
    asked = of(request)
    text = await agreement.signed(asked.ctx, asked.person, face.party, asked.language)
    return render(request, "enrol/agreed.html", face=face, text=text, back=back, live=False)


async def paper_of(asked: Asked, home: str, member: Member, typed: dict[str, str]) -> None:
    """The paper of the enrolment, written and approved with what the desk saw; one approved before stays."""
    kind = typed.get("kind", "")
    told: dict[str, object] = {"kind": ON_PAPER.get(kind, "deed")}
    if kind == "tenant":
        told |= {name: typed.get(name, "") for name in ("lease_from", "lease_until")}
    if kind == "minor" or typed.get("signer", "") != member.party.name:
        told["guardian"] = typed.get("signer", "")
    await enrolment.at_the_desk(asked.ctx, asked.person, member.party.id, home, told)
