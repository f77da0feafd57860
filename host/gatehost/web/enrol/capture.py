"""A capture at the desk unit, photo by photo as the unit tells of it; or the slip for a sitting before the own door."""

from dataclasses import dataclass

from aiohttp import web

from gatecore import intake
from gatehost.model.credential import Capture
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused
from gatehost.service.enrol import capture, claim_slip, enrolment
from gatehost.service.face import credential
from gatehost.web.desk.homes import member_of
from gatehost.web.frame import upload
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, wording

WANTED_PHOTOS, LEAST_PHOTOS = 5, 3  # what the vault takes, unless the desk says that fewer are enough


async def form(request: web.Request) -> web.StreamResponse:
    """Which desk unit takes the pictures."""
    return await shown(request)


async def shown(request: web.Request, notice: Notice | None = None, status: int = 200) -> web.Response:
    """The page before the capture."""
    asked = of(request)
    found, member = await member_of(request, asked)
    units = await capture.desk_units(asked.ctx, asked.person)
    doors = await claim_slip.doors(asked.ctx, asked.person, found.home.id)
    return render(
        request, "enrol/capture_start.html", status=status, notice=notice, sheet=found, member=member, units=units,
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
        return await shown(request, Notice(told.tone, told.why, told.next), told.status)
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
        return render(request, "enrol/capture_over.html", live=False)
    return await capture_told(request, task)


async def capture_told(
    request: web.Request, task: Capture, notice: Notice | None = None, status: int = 200
) -> web.Response:
    """The page of a capture under way."""
    asked = of(request)
    face = await credential.face(asked.ctx, asked.person, task.party)
    return render(
        request, "enrol/capture.html", status=status, notice=notice, capture=task, stage=stage(task), face=face,
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
        return render(request, "enrol/capture_over.html", live=False)
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
        return await shown(request, Notice(told.tone, told.why, told.next), told.status)
    return render(request, "enrol/claim_slip.html", made=made, home=found.home, now=asked.ctx.clock(), live=False)


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
