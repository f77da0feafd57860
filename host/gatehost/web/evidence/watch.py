"""Signs of intrusion over a month, and hints about cards that seem to be lent."""

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.service.evidence import audit
from gatehost.service.home import sharing
from gatehost.service.office import watch
from gatehost.web.frame.page import render
from gatehost.web.frame.session import of
from gatehost.web.words import homewords


async def show(request: web.Request) -> web.StreamResponse:
    """The month's signs, what to do about each, and for the admin who did and looked at what."""
    asked = of(request)
    acts = await audit.look_ups(asked.ctx, asked.person, limit=60) if asked.person.role == ADMIN else ()
    signs = await watch.signs(asked.ctx, asked.person)
    return render(request, "evidence/watch.html", signs=signs, acts=acts, live=False)


async def cards(request: web.Request) -> web.StreamResponse:
    """Hints to talk about; nothing is stopped by them."""
    asked = of(request)
    found = await sharing.hints(asked.ctx, asked.person)
    return render(request, "evidence/card_hints.html", hints=found, why=asked.words(homewords.HINTS), live=False)
