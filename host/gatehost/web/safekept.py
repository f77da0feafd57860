"""How the backups stand: when the last was made and tried, what is wrong, and what to do next."""

from aiohttp import web

from gatehost.service.safekeeping import lastbackup
from gatehost.web import staffwords
from gatehost.web.page import render
from gatehost.web.session import of


async def show(request: web.Request) -> web.StreamResponse:
    """The page for the admin; what is typed at the machine is shown as it is typed."""
    asked = of(request)
    held = await lastbackup.standing(asked.ctx, asked.person)
    told = [(staffwords.TONES.get(one, "bad"), *map(asked.say, staffwords.BACKUPS[one])) for one in held.wrong]
    return render(request, "backups.html", held=held, told=told, live=False)
