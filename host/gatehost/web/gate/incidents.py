"""The guard's report of something suspicious, with a photo, and the office's look at it."""

from aiohttp import web

from gatehost.model.errors import BadInput, HostError, Refused
from gatehost.service.gate import incident, shift
from gatehost.web.frame import upload
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals


async def form(request: web.Request) -> web.StreamResponse:
    """What happened, where, and a photo."""
    return shown(request, of(request), {})


def shown(request: web.Request, asked: Asked, typed: dict[str, str], error: HostError | None = None) -> web.Response:
    """The form with what was typed, and why it could not be taken."""
    wrong, notice, status = refusals.Wrong(), None, 200
    if isinstance(error, BadInput):
        wrong, status = refusals.wrong_field(error, asked.say), 400
    elif error is not None:
        told = refusals.explain(error, asked.say, asked.moment)
        notice, status = Notice(told.tone, told.why, told.next), told.status
    return render(request, "gate/incident.html", status=status, typed=typed, wrong=wrong, notice=notice, live=False)


async def report(request: web.Request) -> web.StreamResponse:
    """Reports it; a picture that cannot be taken is told, and nothing is written."""
    asked, typed = of(request), request.get(upload.TEXTS, {})
    what, where = typed.get("what", "")[:500].strip(), typed.get("where", "")[:80].strip()
    try:
        at = await shift.required_post(asked.ctx, asked.person)
        await incident.report(asked.ctx, asked.person, at.id, what, where, request.get(upload.PHOTO, b""))
    except (BadInput, Refused) as error:
        return shown(request, asked, typed, error)
    return go("/gate", "reported")


async def photos(request: web.Request) -> web.StreamResponse:
    """Reports with a photo."""
    asked = of(request)
    found = await incident.with_photo(asked.ctx, asked.person)
    return render(request, "gate/incident_photos.html", found=found, live=False)
