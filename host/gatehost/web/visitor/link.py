"""The visitor's page: the code and the way, for whoever holds the link; no sign-in, no resident's name."""

from aiohttp import web

from gatehost.model import code as codes
from gatehost.model.errors import NotFound
from gatehost.service.gate import bycode
from gatehost.service.home import visitor_code
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import of
from gatehost.web.home.invite import spaced


async def show(request: web.Request) -> web.StreamResponse:
    """The pass, or why the link is good for nothing and what to do then."""
    asked = of(request)
    try:
        held = await visitor_code.visitor_pass(asked.ctx, request.match_info["link"])
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    usable = held.state in {codes.ISSUED, codes.EARLY}
    return render(
        request, "visitor/visitor.html", held=held, usable=usable, digits=spaced(held.digits), live=False,
        estate=held.estate, inside=await bycode.is_inside(asked.ctx, held.code), link=request.match_info["link"],
    )  # fmt: skip


async def leaving(request: web.Request) -> web.StreamResponse:
    """The visitor says that they leave."""
    asked, link = of(request), request.match_info["link"]
    try:
        held = await visitor_code.visitor_pass(asked.ctx, link)
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    await bycode.says_leaving(asked.ctx, held.code)
    return go(f"/v/{link}", "goodbye")
