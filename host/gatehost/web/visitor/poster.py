"""The poster at the gate, the visitor's own form behind its QR code, the wait for the home's answer, and the kiosk."""

from aiohttp import web

from gatehost.model.errors import BadInput, HostError, NotFound, TooMany
from gatehost.service.gate import asking, bycode
from gatehost.service.office import accounts, policy
from gatehost.service.paper import feedback
from gatehost.web.frame import session
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.qr import qr
from gatehost.web.frame.session import Asked, of
from gatehost.web.home.invite import spaced
from gatehost.web.words import gatewords, refusals

AGAIN_S, BADGE_S = 5, 60
LONGEST = {"home": 16, "name": 60, "phone": 30, "reason": 100, "extra": 100}


async def show(request: web.Request) -> web.StreamResponse:
    """The poster to print: QR code, the way in five lines, and the rules in force."""
    asked, gate = of(request), request.match_info["gate"]
    rules = await asking.rules_of(asked.ctx, gate)
    address = f"{asked.ctx.url}/visit/{gate}"
    return render(request, "visitor/poster.html", rules=rules, qr=qr(address), address=address, live=False)


async def form(request: web.Request) -> web.StreamResponse:
    """What a visitor fills in: at most four fields."""
    return await filled(request, of(request), {}, kiosk=False)


async def kiosk(request: web.Request) -> web.StreamResponse:
    """The same on a tablet at the gate, in large type; whoever was signed in there is signed out."""
    asked = of(request)
    token = request.cookies.get(session.cookie(request, "kaimen-session"), "")
    if asked.actor is not None:
        await accounts.sign_out(asked.ctx, token)
        return session.end(request, request.path)
    return await filled(request, asked, {}, kiosk=True)


async def filled(
    request: web.Request, asked: Asked, sent: dict[str, str], error: HostError | None = None, *, kiosk: bool
) -> web.Response:
    """The form with what was typed, and what is wrong with it."""
    rules = await asking.rules_of(asked.ctx, request.match_info["gate"])
    wrong, notice, status = refusals.Wrong(), None, 200
    if isinstance(error, BadInput):
        wrong, status = refusals.wrong_field(error, asked.say), 400
    elif error is not None:
        told = refusals.explain(error, asked.say, asked.moment)
        notice, status = Notice("wait", told.why, told.next), told.status
    return render(
        request, "visitor/ask.html", status=status, rules=rules, typed=sent, wrong=wrong, notice=notice, kiosk=kiosk,
        live=False,
    )  # fmt: skip


async def ask(request: web.Request) -> web.StreamResponse:
    """Asks the home; what was typed stays when it cannot be."""
    asked, given = of(request), await request.post()
    sent = {key: str(given.get(key, ""))[: most + 1].strip() for key, most in LONGEST.items()}
    kiosk = bool(given.get("kiosk"))
    try:
        for key, most in LONGEST.items():
            if len(sent[key]) > most:
                raise BadInput(key, "long")
        link = await asking.ask(asked.ctx, request.match_info["gate"], **sent)
    except (BadInput, TooMany) as error:
        return await filled(request, asked, sent, error, kiosk=kiosk)
    return go(f"/visit/wait/{link}" + ("?kiosk=1" if kiosk else ""))


async def wait(request: web.Request) -> web.StreamResponse:
    """Waits for the home's answer; the page asks again by itself, without scripts."""
    asked, kiosk = of(request), "kiosk" in request.query
    try:
        held = await asking.followed(asked.ctx, request.match_info["link"])
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    answer = render(
        request, "visitor/wait.html", held=held, kiosk=kiosk, digits=spaced(held.digits) if held.digits else "",
        live=False, words=gatewords.REASONS.get(held.why, ""), link=request.match_info["link"],
        say=say_link(asked, request.match_info["link"]),
        inside=held.code is not None and await bycode.is_inside(asked.ctx, held.code),
    )  # fmt: skip
    if held.state == asking.WAITING:
        answer.headers["Refresh"] = str(AGAIN_S)
    elif kiosk:
        answer.headers["Refresh"] = f"{BADGE_S}; url=/kiosk/{held.gate}"
    return answer


async def leaving(request: web.Request) -> web.StreamResponse:
    """The visitor says that they leave."""
    asked, link = of(request), request.match_info["link"]
    try:
        held = await asking.followed(asked.ctx, link)
    except NotFound:
        return render(request, "frame/nowhere.html", status=404, live=False)
    if held.code is not None:
        await bycode.says_leaving(asked.ctx, held.code)
    return go(f"/visit/wait/{link}", "goodbye")


def say_link(asked: Asked, link: str) -> str:
    """Where this visitor may say how it was: a link of their own request."""
    return f"/say/{feedback.link(asked.ctx, 'visit', link.split('.')[-2])}"


async def approve(request: web.Request) -> web.StreamResponse:
    """The home lets its visitor in, or the desk does after the home's call; by rule both must."""
    asked = of(request)
    case = await asking.answer(asked.ctx, asked.person, int(request.match_info["case"]), yes=True)
    if case.state == asking.WAITING:
        return go(back(asked), "half")
    escorted = (await policy.rule(asked.ctx, "visitor.escort", case.place)).value == "on"
    return go(back(asked), "meet" if escorted else "welcome")


async def refuse(request: web.Request) -> web.StreamResponse:
    """Not now."""
    asked = of(request)
    await asking.answer(asked.ctx, asked.person, int(request.match_info["case"]), yes=False, why="home")
    return go(back(asked), "not_now")


def back(asked: Asked) -> str:
    """The first page of whoever answered."""
    return "/me" if asked.person.role == "resident" else "/gate"


async def blank(request: web.Request) -> web.StreamResponse:
    """Forms and a step card to print, for when nothing works."""
    asked = of(request)
    rules = await asking.rules_of(asked.ctx, request.match_info["gate"])
    return render(request, "visitor/blank_forms.html", rules=rules, rows=range(14), live=False)
