"""Face enrolment at the desk: the consent text first, then the capture on the desk unit, then the slip; withdrawal."""

from dataclasses import dataclass

from aiohttp import web

from gatecore import intake
from gatehost.model.credential import Capture, Consent, Face
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused
from gatehost.model.party import CHILD, TENANT
from gatehost.model.sheet import Member
from gatehost.service.enrol import capture, claim_slip, enrolment
from gatehost.service.face import agreement, consent, credential, holding, promise, withdrawal
from gatehost.web import refusals, rulewords, say, upload, wording
from gatehost.web.desk import member_of
from gatehost.web.language import noted as N
from gatehost.web.page import Notice, go, render
from gatehost.web.session import Asked, of

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
WANTED_PHOTOS, LEAST_PHOTOS = 5, 3  # what the vault takes, unless the desk says that fewer are enough


async def consent_form(request: web.Request) -> web.StreamResponse:
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
        request, "consent.html", status=status, sheet=found, member=member, kind=kind, kinds=KINDS, typed=typed,
        wrong=wrong or refusals.Wrong(), notice=notice, live=False, text=text,
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


async def agreed(request: web.Request) -> web.StreamResponse:
    """The text this person signed, word for word."""
    face = await found_face(request)
    return await copy_of(request, face, f"/desk/faces/{face.party}")


async def copy_of(request: web.Request, face: Face, back: str) -> web.Response:
    """A signed text as a page to read and print."""
    asked = of(request)
    text = await agreement.signed(asked.ctx, asked.person, face.party, asked.language)
    return render(request, "agreed.html", face=face, text=text, back=back, live=False)


async def paper_of(asked: Asked, home: str, member: Member, typed: dict[str, str]) -> None:
    """The paper of the enrolment, written and approved with what the desk saw; one approved before stays."""
    kind = typed.get("kind", "")
    told: dict[str, object] = {"kind": ON_PAPER.get(kind, "deed")}
    if kind == "tenant":
        told |= {name: typed.get(name, "") for name in ("lease_from", "lease_until")}
    if kind == "minor" or typed.get("signer", "") != member.party.name:
        told["guardian"] = typed.get("signer", "")
    await enrolment.at_the_desk(asked.ctx, asked.person, member.party.id, home, told)


async def capture_form(request: web.Request) -> web.StreamResponse:
    """Which desk unit takes the pictures."""
    return await capture_shown(request)


async def capture_shown(request: web.Request, notice: Notice | None = None, status: int = 200) -> web.Response:
    """The page before the capture."""
    asked = of(request)
    found, member = await member_of(request, asked)
    units = await capture.desk_units(asked.ctx, asked.person)
    doors = await claim_slip.doors(asked.ctx, asked.person, found.home.id)
    return render(
        request, "capture_start.html", status=status, notice=notice, sheet=found, member=member, units=units,
        doors=doors, live=False,
    )  # fmt: skip


async def start(request: web.Request) -> web.StreamResponse:
    """Asks the desk unit to begin."""
    asked = of(request)
    found, member = await member_of(request, asked)
    unit = str((await request.post()).get("unit", ""))
    try:
        begun = await capture.start(asked.ctx, asked.person, member.party.id, found.home.id, unit)
    except (DoorSilent, Refused, NotFound) as error:
        told = silent(asked) if isinstance(error, DoorSilent) else refusals.explain(error, asked.say, asked.moment)
        return await capture_shown(request, Notice(told.tone, told.why, told.next), told.status)
    return go(f"/desk/captures/{begun.task}")


def silent(asked: Asked) -> refusals.Told:
    """What to do when the desk unit does not answer."""
    next = asked.say(
        "Check its power and network, then try again. The person can use PIN, card, code or call meanwhile."
    )
    return refusals.Told(503, "wait", asked.say("The desk unit did not answer"), next)


async def taking(request: web.Request) -> web.StreamResponse:
    """How the capture stands: hints and progress, live."""
    asked = of(request)
    try:
        task = await capture.held(asked.ctx, asked.person, request.match_info["task"])
    except NotFound:
        return render(request, "capture_over.html", live=False)
    return await capture_told(request, task)


async def capture_told(
    request: web.Request, task: Capture, notice: Notice | None = None, status: int = 200
) -> web.Response:
    """The page of a capture under way."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, task.party)
    return render(
        request, "capture.html", status=status, notice=notice, capture=task, stage=stage(task), face=face,
        wanted=WANTED_PHOTOS, least=LEAST_PHOTOS, steps=steps(asked, task.photos),
        has_photo=await capture.has_brought(asked.ctx, asked.person, task),
        paper=await enrolment.paper_of(asked.ctx, asked.person, task.party, task.home),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five guided frames on the page; `state` done, now or next."""

    words: str
    state: str


def steps(asked: Asked, photos: int) -> list[Step]:
    """The five frames in order, up to now and after."""
    words = wording.Words(asked.say)
    return [
        Step(words.hint(wish), "done" if at < photos else "now" if at == photos else "next")
        for at, wish in enumerate(intake.WISHES)
    ]


async def photo(request: web.Request) -> web.StreamResponse:
    """An uploaded photo goes on to the desk unit, which judges it; nothing of it is written here."""
    asked, task = of(request), request.match_info["task"]
    try:
        await capture.upload(asked.ctx, asked.person, task, request.get(upload.PHOTO, b""))
    except NotFound:
        return render(request, "capture_over.html", live=False)
    except (BadInput, DoorSilent) as error:
        if isinstance(error, DoorSilent):
            told = silent(asked)
        else:
            told = refusals.Told(400, "wait", refusals.wrong_field(error, asked.say).photo, "")
        held = await capture.held(asked.ctx, asked.person, task)
        return await capture_told(request, held, Notice(told.tone, told.why, told.next), told.status)
    return go(f"/desk/captures/{task}")


async def make_slip(request: web.Request) -> web.StreamResponse:
    """A claim slip for one building door, shown once to be printed."""
    asked = of(request)
    found, member = await member_of(request, asked)
    door = str((await request.post()).get("door", ""))
    try:
        made = await claim_slip.make(asked.ctx, asked.person, member.party.id, found.home.id, door)
    except (Refused, NotFound) as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return await capture_shown(request, Notice(told.tone, told.why, told.next), told.status)
    return render(request, "claim_slip.html", made=made, home=found.home, now=asked.ctx.clock(), live=False)


def stage(task: Capture) -> str:
    """The step as templates know it."""
    return {
        intake.CAPTURE_READY: "ready", intake.CAPTURE_PHOTO: "photo", intake.CAPTURE_DONE: "done",
        intake.CAPTURE_FAILED: "failed", intake.CAPTURE_ENDED: "ended", intake.CAPTURE_TWICE: "twice",
    }.get(task.step, "ready")  # fmt: skip


async def stop(request: web.Request) -> web.StreamResponse:
    """Stops the capture."""
    asked = of(request)
    await capture.stop(asked.ctx, asked.person, request.match_info["task"])
    return go("/desk/faces", "stopped")


async def faces(request: web.Request) -> web.StreamResponse:
    """All face credentials."""
    asked = of(request)
    wanted = await promise.wanted(asked.ctx, asked.person)
    return render(request, "faces.html", faces=await credential.faces(asked.ctx, asked.person), wanted=wanted)


async def show(request: web.Request) -> web.StreamResponse:
    """One person's face: state, doors, erasure, slip."""
    asked = of(request)
    face = await found_face(request)
    return render(
        request, "face.html", face=face, erasure=await holding.erasure(asked.ctx, asked.person, face.party),
        loads=await holding.loads(asked.ctx, asked.person, face.party),
    )  # fmt: skip


async def found_face(request: web.Request) -> Face:
    """The face in the address; NotFound without one."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, request.match_info["party"])
    if face is None:
        raise NotFound("face")
    return face


async def slip(request: web.Request) -> web.StreamResponse:
    """The slip to print: number, date, doors, how to withdraw."""
    asked, face = of(request), await found_face(request)
    link = say.address(asked, "face_enrol", face.number)
    return render(request, "slip.html", face=face, say=link, now=asked.ctx.clock(), live=False)


async def withdraw_form(request: web.Request) -> web.StreamResponse:
    """One question before a face is erased everywhere."""
    face = await found_face(request)
    where = f"/desk/faces/{face.party}"
    return render(request, "withdraw.html", face=face, action=f"{where}/withdraw", back=where, live=False)


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Ends the consent on the person's word."""
    asked = of(request)
    party = request.match_info["party"]
    await withdrawal.withdraw(asked.ctx, asked.person, party)
    return go(f"/desk/faces/{party}", "withdrawn")
