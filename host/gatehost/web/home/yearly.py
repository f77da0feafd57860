"""The yearly look at a home's people and plates, and which homes have not looked; homes with many guests."""

from aiohttp import web

from gatehost.model.errors import BadInput, NotFound
from gatehost.service.office import guests
from gatehost.service.paper import yearly
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import refusals, rulewords


async def look(request: web.Request) -> web.StreamResponse:
    """My home's people and plates, with two answers."""
    return await shown(request, of(request))


async def shown(request: web.Request, asked: Asked, typed: str = "", wrong: BadInput | None = None) -> web.Response:
    """The same with what was typed."""
    home = request.match_info["home"]
    found = next((one for one in await yearly.mine(asked.ctx, asked.person) if one.home == home), None)
    if found is None:
        raise NotFound("home")
    return render(
        request, "home/look.html", status=200 if wrong is None else 400, look=found, typed=typed, live=False,
        wrong=refusals.Wrong() if wrong is None else refusals.wrong_field(wrong, asked.say),
    )  # fmt: skip


async def still_right(request: web.Request) -> web.StreamResponse:
    """All still right: one tap."""
    asked = of(request)
    await yearly.still_right(asked.ctx, asked.person, request.match_info["home"])
    return go("/me", "still_right")


async def different(request: web.Request) -> web.StreamResponse:
    """What is different, for the desk."""
    asked = of(request)
    what = str((await request.post()).get("what", ""))
    try:
        case = await yearly.different(asked.ctx, asked.person, request.match_info["home"], what)
    except BadInput as error:
        return await shown(request, asked, what, error)
    return go(f"/papers/{case.id}", "handed-in")


async def unconfirmed(request: web.Request) -> web.StreamResponse:
    """Homes that have not looked for a year."""
    asked = of(request)
    return render(request, "home/unconfirmed.html", homes=await yearly.unconfirmed(asked.ctx, asked.person), live=False)


async def said_at_the_desk(request: web.Request) -> web.StreamResponse:
    """Somebody of the home said at the desk that all is still right."""
    asked = of(request)
    await yearly.still_right(asked.ctx, asked.person, request.match_info["home"])
    return go("/desk/unlooked", "saved")


async def many_guests(request: web.Request) -> web.StreamResponse:
    """Homes with many different guests, as a question."""
    asked = of(request)
    found, rule = await guests.many(asked.ctx, asked.person)
    return render(
        request, "home/many_guests.html", homes=found, rule=rule, most=rulewords.value(asked.say, rule), live=False
    )
