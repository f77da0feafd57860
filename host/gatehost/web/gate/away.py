"""When the host is away: a guard's code for the gate's own page, and what was written there."""

from aiohttp import web

from gatehost.model.account import GUARD
from gatehost.model.errors import Refused
from gatehost.service.gate import gatecopy, gatedeed, shift
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import of
from gatehost.web.words import gatewords


async def own_code(request: web.Request) -> web.StreamResponse:
    """A fresh code for the page that the gate's own unit serves; shown this once."""
    asked = of(request)
    code, until = await gatecopy.give_pass(asked.ctx, asked.person)
    told = Notice("good", asked.say(gatewords.DONE["duty"]))
    return render(request, "gate/pass.html", code=code, until=until, notice=told, live=False)


async def show(request: web.Request) -> web.StreamResponse:
    """What guards wrote at the gates' own units, and what of it contradicts what was known."""
    asked = of(request)
    since = await shift.on_duty(asked.ctx, asked.person) if asked.person.role == GUARD else None
    if asked.person.role == GUARD and since is None:
        raise Refused("no_shift")
    return render(
        request, "gate/away.html", deeds=await gatedeed.written(asked.ctx, asked.person, since),
        acts=asked.words(gatewords.DEEDS), told=asked.words(gatewords.TOLD), office=asked.person.role != GUARD,
    )  # fmt: skip


async def settle(request: web.Request) -> web.StreamResponse:
    """The office has looked at a contradiction."""
    asked = of(request)
    await gatedeed.settle(asked.ctx, asked.person, request.match_info["deed"])
    return go("/gate/away", "settled")
