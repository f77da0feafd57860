"""The office's day: what happens at the doors within a second, alarms nobody has looked at, devices that wait."""

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.service.door import calls, devices
from gatehost.service.evidence import visits
from gatehost.service.paper import papers
from gatehost.service.safekeeping import lastbackup
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import of
from gatehost.web.words import staffwords


async def show(request: web.Request) -> web.StreamResponse:
    """Today at a glance."""
    asked = of(request)
    ctx, actor = asked.ctx, asked.person
    wrong = (await lastbackup.standing(ctx, actor)).wrong if actor.role == ADMIN else ()
    waiting = await devices.waiting(ctx, actor) if actor.role == ADMIN else ()
    return render(
        request, "door/today.html",
        today=await visits.today(ctx, actor),
        lines=await visits.latest(ctx, actor),
        calls=await calls.live(ctx, actor),
        waiting=waiting,
        names=await devices.names(ctx, actor, waiting) if waiting else {},
        late=await papers.late_count(ctx, actor),
        unsafe=asked.say(staffwords.BACKUPS[wrong[0]][0]) if wrong else "",
    )  # fmt: skip


async def seen(request: web.Request) -> web.StreamResponse:
    """An alarm was looked at."""
    asked = of(request)
    await visits.seen(asked.ctx, asked.person, int(request.match_info["alarm"]))
    return go("/today", "seen")
