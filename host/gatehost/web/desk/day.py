"""The desk's day: there or away, what is not finished, two signatures at the close; and what is lent out."""

from aiohttp import web

from gatehost.model.errors import BadInput, Refused
from gatehost.service.office import day
from gatehost.service.paper import kinds, lending
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import of
from gatehost.web.paper import declared
from gatehost.web.paper.papers import number_of, shown, version_of


async def show(request: web.Request) -> web.StreamResponse:
    """The page of the day."""
    asked = of(request)
    return render(
        request, "desk/day.html", day=await day.desk_day(asked.ctx, asked.person), kinds=kinds.kinds(),
        colleagues=await day.colleagues(asked.ctx, asked.person), t=asked.declared,
    )  # fmt: skip


async def begin(request: web.Request) -> web.StreamResponse:
    """Comes to the desk."""
    asked = of(request)
    await day.begin(asked.ctx, asked.person)
    return go("/desk/day", "desk-day")


async def lend(request: web.Request) -> web.StreamResponse:
    """A key or document is handed out with a paper."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    try:
        what, whom = typed.get("what", ""), typed.get("whom", "")
        await lending.lend(asked.ctx, asked.person, number, version_of(typed), what, whom)
    except (BadInput, Refused) as error:
        return await shown(request, asked, typed=typed | {"act": "lend"}, error=error)
    return go(f"/papers/{number}", "saved")


async def give_back(request: web.Request) -> web.StreamResponse:
    """It is back."""
    asked, number = of(request), number_of(request)
    typed = await declared.sent(request)
    try:
        line = int(request.match_info["line"])
        await lending.give_back(asked.ctx, asked.person, number, version_of(typed), line)
    except Refused as error:
        return await shown(request, asked, typed=typed, error=error)
    return go("/desk/day" if typed.get("back") == "/desk/day" else f"/papers/{number}", "saved")
