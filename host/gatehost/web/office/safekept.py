"""How the backups stand: when the last was made and tried, what is wrong, and what to do next."""

from aiohttp import web

from gatehost.service.safekeeping import lastbackup
from gatehost.web.frame.page import render
from gatehost.web.frame.session import of
from gatehost.web.words import rulewords, staffwords


async def show(request: web.Request) -> web.StreamResponse:
    """The page for the admin; what is typed at the machine is shown as it is typed."""
    asked = of(request)
    held = await lastbackup.standing(asked.ctx, asked.person)
    told = [(staffwords.TONES.get(one, "bad"), *map(asked.say, staffwords.BACKUPS[one])) for one in held.wrong]
    days, try_days = (rulewords.measured(asked.say, "days", number) for number in (held.days, held.try_days))
    return render(
        request, "office/backups.html", held=held, told=told, days=days, try_days=try_days, live=False,
    )  # fmt: skip
