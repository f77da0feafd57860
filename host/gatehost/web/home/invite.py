"""Inviting a visitor: few taps to a code, the code large, its link and QR, uses left, taken back with one tap."""

from aiohttp import web

from gatehost.model import code as codes
from gatehost.model.code import Invitation, VisitorCode
from gatehost.model.errors import BadInput, HostError
from gatehost.model.policy import Rule
from gatehost.service.home import homes, visitor_code
from gatehost.service.home import invite as invites
from gatehost.service.office import policy as policies
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, is_secure, of
from gatehost.web.words import moment, refusals

DAYS_AHEAD = 30
USES = (1, 3, 5, 10, 20, 0)


async def form(request: web.Request) -> web.StreamResponse:
    """The form; today's code is one tap away."""
    typed = {"when": "today", "visitor": request.query.get("visitor", "")[:40], "home": request.query.get("home", "")}
    return await shown(request, typed)


async def shown(
    request: web.Request,
    typed: dict[str, str],
    *,
    wrong: refusals.Wrong | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> web.Response:
    """The form with what was typed, and beside each field what is wrong with it."""
    asked = of(request)
    places = await homes.my_homes(asked.ctx, asked.person)
    home = typed.get("home") or (places[0].id if places else "")
    barred = await no_codes(asked, home) if home else None
    today = moment.day(asked.ctx.clock(), asked.estate)
    days = [(str(today + ahead), moment.named_day(asked.language, today + ahead)) for ahead in range(1, DAYS_AHEAD)]
    return render(
        request, "home/invite.html", status=status, typed=typed, wrong=wrong or refusals.Wrong(), notice=notice,
        places=places, home=home, barred=barred, days=days, uses=USES, live=False,
    )  # fmt: skip


async def no_codes(asked: Asked, home: str) -> Rule | None:
    """The rule by which this home makes no codes."""
    for key, value in (("visitor_codes", "off"), ("visitor.escort", "on")):
        rule = await policies.rule(asked.ctx, key, home)
        if rule.value == value:
            return rule
    return None


async def make(request: web.Request) -> web.StreamResponse:
    """Makes the code and shows it; a refusal keeps what was typed."""
    asked = of(request)
    typed = {name: str(value)[:80].strip() for name, value in (await request.post()).items()}
    try:
        made = await invites.invite(asked.ctx, asked.person, typed.get("home", ""), wish(asked, typed))
    except BadInput as error:
        return await shown(request, typed, wrong=refusals.wrong_field(error, asked.say), status=400)
    except HostError as error:
        told = refusals.explain(error, asked.say, asked.moment)
        return await shown(request, typed, notice=Notice(told.tone, told.why, told.next), status=told.status)
    response = go(f"/codes/{made.code.id}")
    keep_link(request, response, made.code, made.link)
    return response


def wish(asked: Asked, typed: dict[str, str]) -> Invitation:
    """What the form asks for, in the service's terms; BadInput names the field."""
    visitor = typed.get("visitor", "")
    kind = typed.get("when", "today")
    today = moment.day(asked.ctx.clock(), asked.estate)
    if kind == "day":
        return Invitation(visitor=visitor, day=number(typed, "day"))
    if kind == "several":
        last = number(typed, "until")
        since, until = moment.start_of(today, asked.estate), moment.start_of(last + 1, asked.estate)
        return Invitation(visitor=visitor, since=since, until=until, uses=number(typed, "uses"))
    return Invitation(visitor=visitor)


def number(typed: dict[str, str], field: str) -> int:
    """A small number of the form; a field that is none is said so."""
    value = typed.get(field, "")
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise BadInput(field, "number")
    return int(value)


async def show(request: web.Request) -> web.StreamResponse:
    """A code, large; the link only on the browser that made it, since the host keeps none."""
    asked = of(request)
    code = await visitor_code.code(asked.ctx, asked.person, number_of(request))
    link = request.cookies.get(link_cookie(code.id), "")
    address = f"{asked.ctx.url}/v/{link}" if link else ""
    return render(
        request, "home/code.html", code=code, address=address, qr=qr(address) if address else "",
        message=message(asked, code, address), usable=code.state in {codes.ISSUED, codes.EARLY},
    )  # fmt: skip


def message(asked: Asked, code: VisitorCode, address: str) -> str:
    """What the resident sends to the visitor."""
    until = moment.dated(asked.language, code.until, asked.ctx.clock(), asked.estate)  # it is read on another day too
    text = asked.say(
        "Code for %(home)s: dial %(number)s # %(digits)s at the door, valid until %(until)s.",
        home=code.home_name, number=code.home, digits=spaced(code.digits), until=until,
    )  # fmt: skip
    return f"{text} {address}".strip()


def spaced(digits: str) -> str:
    """Eight digits as people read them: `1069 3800`."""
    return f"{digits[:4]} {digits[4:]}"


async def revoke(request: web.Request) -> web.StreamResponse:
    """Takes the code back."""
    asked = of(request)
    code = await visitor_code.revoke(asked.ctx, asked.person, number_of(request))
    return go(f"/codes/{code.id}", "revoked")


async def link(request: web.Request) -> web.StreamResponse:
    """A fresh link for the visitor; the one sent before stops working."""
    asked = of(request)
    code = await visitor_code.code(asked.ctx, asked.person, number_of(request))
    token = await visitor_code.new_link(asked.ctx, asked.person, code.id)
    response = go(f"/codes/{code.id}")
    keep_link(request, response, code, token)
    return response


def keep_link(request: web.Request, response: web.Response, code: VisitorCode, token: str) -> None:
    """The link stays with the browser that made it, for that code's page alone, until the code ends."""
    response.set_cookie(
        link_cookie(code.id), token, path=f"/codes/{code.id}", httponly=True, samesite="Lax", secure=is_secure(request),
        max_age=max((code.until - of(request).ctx.clock()) // 1000, 60),
    )  # fmt: skip


def link_cookie(code: int) -> str:
    """Its name."""
    return f"kaimen-visitor-{code}"


def number_of(request: web.Request) -> int:
    """The code's id in the address; the route lets digits through only."""
    return int(request.match_info["code"])
