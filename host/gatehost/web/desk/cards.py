"""Cards that end soon, renewed together."""

from aiohttp import web

from gatehost.model.errors import BadInput
from gatehost.service.home import renewal
from gatehost.service.paper.form import whole
from gatehost.web.frame.page import Notice, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals
from gatehost.web.words.language import noted as N


async def show(request: web.Request) -> web.StreamResponse:
    """The list, everything chosen."""
    return await _page(of(request), None)


async def _page(asked: Asked, notice: Notice | None, status: int = 200) -> web.Response:
    found = await renewal.ending(asked.ctx, asked.person)
    return render(asked.request, "desk/cards.html", status=status, found=found, notice=notice, now=asked.ctx.clock())


async def renew(request: web.Request) -> web.StreamResponse:
    """Renews the chosen ones and says how many."""
    asked, sent = of(request), await request.post()
    chosen = tuple(int(str(one)) for one in sent.getall("card", []) if whole(str(one)))
    try:
        done = await renewal.renew(asked.ctx, asked.person, chosen)
    except BadInput as wrong:
        return await _page(asked, Notice("bad", refusals.wrong_field(wrong, asked.say)[wrong.field]), 400)
    left = len(chosen) - len(done)
    told = asked.say(N("Renewed: %(number)s. The doors are told now."), number=len(done))
    more = asked.say(N("Left alone: %(number)s, which ended or were lost meanwhile."), number=left) if left else ""
    return await _page(asked, Notice("good", told, more))
