"""The office's day: what happens at the doors within a second, alarms nobody has looked at, devices that wait."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.account import ADMIN
from gatehost.service import hostclock
from gatehost.service.door import calls, devices
from gatehost.service.evidence import visits
from gatehost.service.office import ahead
from gatehost.service.paper import papers
from gatehost.service.safekeeping import lastbackup
from gatehost.web.frame.page import go, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import moment, staffwords


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
        coming=await coming(asked),
        unsafe=asked.say(staffwords.BACKUPS[wrong[0]][0]) if wrong else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coming:
    """What ends unless somebody acts, in words, and the page to act on; `clock`: a press is what is wanted."""

    head: str
    next: str
    href: str
    clock: bool


async def coming(asked: Asked) -> list[Coming]:
    """What the administrator has to see to while there is time."""
    found = await ahead.ahead(asked.ctx, asked.person) if asked.person.role == ADMIN else ()
    made = []
    for one in found:
        clock = one.kind == ahead.CLOCK
        head, next = staffwords.AHEAD[one.about if clock else one.kind]
        at, then = (moment.whole(asked.language, when, asked.estate) for when in (one.at, one.then))
        facts = {"about": one.about, "many": one.many, "at": at, "then": then}  # which year it is is what matters
        href = f"/admin/doors/{one.slot}" if one.slot else staffwords.AHEAD_AT.get(one.kind, "")
        made.append(Coming(asked.say(head, **facts), asked.say(next, **facts), href, clock))
    return made


async def clock(request: web.Request) -> web.StreamResponse:
    """Somebody compared the date: it is right."""
    asked = of(request)
    await hostclock.say_right(asked.ctx, asked.person)
    return go("/today", "clock_right")


async def seen(request: web.Request) -> web.StreamResponse:
    """An alarm was looked at."""
    asked = of(request)
    await visits.seen(asked.ctx, asked.person, int(request.match_info["alarm"]))
    return go("/today", "seen")
