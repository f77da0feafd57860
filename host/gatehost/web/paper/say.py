"""A word about the estate's work from a slip's link, without account and name; and its answer."""

from aiohttp import web

from gatehost.model.errors import BadInput, NotFound, TooMany
from gatehost.service.paper import feedback
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import paperwords, refusals


def address(asked: Asked, kind: str, number: str) -> str:
    """What a slip prints: where anybody who holds it can say something."""
    return f"{asked.ctx.url}/say/{feedback.link(asked.ctx, kind, number)}"


async def form(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    return await shown(of(request), {})


async def shown(asked: Asked, typed: dict[str, str], error: BadInput | TooMany | None = None) -> web.Response:
    """The form with what was typed."""
    link = asked.request.match_info["link"]
    try:
        feedback.kind_of(asked.ctx, link)
    except NotFound:
        return render(asked.request, "frame/nowhere.html", status=404, live=False)
    wrong, notice, status = refusals.Wrong(), None, 200
    if isinstance(error, BadInput):
        wrong, status = refusals.wrong_field(error, asked.say), 400
    elif error is not None:
        told = refusals.explain(error, asked.say, asked.moment)
        notice, status = Notice("wait", told.why, told.next), told.status
    choices = [(key, asked.say(word)) for key, word in paperwords.ABOUT.items()]
    return render(
        asked.request, "paper/say.html", status=status, link=link, typed=typed, wrong=wrong, notice=notice,
        about=choices, live=False,
    )  # fmt: skip


async def say(request: web.Request) -> web.StreamResponse:
    """Writes it down and leads to where the answer will stand."""
    asked, sent = of(request), await request.post()
    typed = {"what": str(sent.get("what", ""))[:1001].strip(), "about": str(sent.get("about", ""))[:20]}
    try:
        mine = await feedback.say(asked.ctx, request.match_info["link"], typed["what"], typed["about"])
    except (BadInput, TooMany) as error:
        return await shown(asked, typed, error)
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    return go(f"/said/{mine}")


async def said(request: web.Request) -> web.StreamResponse:
    """What was said, and the answer once there is one."""
    asked = of(request)
    try:
        held = await feedback.said(asked.ctx, request.match_info["link"])
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    return render(request, "paper/said.html", held=held, live=False)
