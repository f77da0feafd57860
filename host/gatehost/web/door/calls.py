"""The ringing page: who is at which door, Open and Refuse, and the truth about what happened."""

from aiohttp import web

from gatehost.model import policy
from gatehost.model.account import RESIDENT
from gatehost.model.call import ANSWERED, RINGING, Call, Opening
from gatehost.model.errors import HostError
from gatehost.service.door import calls, remote_open
from gatehost.service.office import policy as policies
from gatehost.web.frame.page import Notice, refusal, render
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import subjects
from gatehost.web.words.language import noted as N

# Why a door refused an order, as it said itself.
RESULTS: dict[str, tuple[str, str, str]] = {
    "opened": ("good", N("The door is open"), ""),
    "silent": (
        "wait",
        N("The door did not answer"),
        N("Nothing was opened. Try again; the visitor can use a code meanwhile."),
    ),
    "refused": ("bad", N("The door refused"), N("Try again. If it stays so, tell the front desk.")),
}


async def show(request: web.Request) -> web.StreamResponse:
    """A call's own page."""
    asked = of(request)
    call = await calls.call(asked.ctx, asked.person, request.match_info["call"])
    return render(request, "door/call.html", call=call, alive=alive(call), rule=await home_open(asked, call.home))


async def home_open(asked: Asked, home: str) -> policy.Rule:
    """The policy that decides whether this home may open doors."""
    return await policies.rule(asked.ctx, "home_open", home)


def alive(call: Call) -> bool:
    """Whether the visitor still waits."""
    return call.state in {RINGING, ANSWERED}


async def open_call(request: web.Request) -> web.StreamResponse:
    """Opens the call's door; the first answer wins."""
    asked = of(request)
    try:
        opening = await calls.open_door(asked.ctx, asked.person, request.match_info["call"])
    except HostError as error:
        return refusal(request, error)
    return told(request, opening)


async def refuse(request: web.Request) -> web.StreamResponse:
    """Ends the call without opening."""
    asked = of(request)
    await calls.decline(asked.ctx, asked.person, request.match_info["call"])
    text = asked.say(N("Not opened. The visitor was told."))
    return render(request, "door/result.html", result=Notice("calm", text), live=False)


async def picture(request: web.Request) -> web.StreamResponse:
    """The snapshot of a live call."""
    asked = of(request)
    jpeg = await calls.picture(asked.ctx, asked.person, request.match_info["call"])
    if jpeg is None:
        raise web.HTTPNotFound
    return web.Response(body=jpeg, content_type="image/jpeg")


async def open_mine(request: web.Request) -> web.StreamResponse:
    """Opens one of the doors on the way to a home, without a call."""
    asked, sent = of(request), await request.post()
    home = str(sent.get("home", "")) if asked.person.role == RESIDENT else ""
    try:
        opening = await remote_open.open_door(asked.ctx, asked.person, request.match_info["slot"], home)
    except HostError as error:
        return refusal(request, error)
    return told(request, opening)


def told(request: web.Request, opening: Opening) -> web.Response:
    """What really happened at the door, with its name."""
    asked = of(request)
    tone, text, next = RESULTS[opening.result]
    why = subjects.REFUSALS.get(opening.code, ("", ""))[0]
    notice = Notice(tone, asked.say(text) + asked.say(why), asked.say(next) if next else "")
    status = {"opened": 200, "silent": 503}.get(opening.result, 409)
    return render(request, "door/result.html", status=status, result=notice, door=opening.door, live=False)
