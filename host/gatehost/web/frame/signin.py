"""Getting in: name and password, one-use links, the first password; and the text on how data is treated."""

from aiohttp import web

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT, Actor
from gatehost.model.errors import BadInput, Denied, NotFound, TooMany
from gatehost.service.founding import practice
from gatehost.service.office import accounts
from gatehost.web.frame import resume, session
from gatehost.web.frame.page import Notice, go, render
from gatehost.web.frame.session import CTX, Asked, cookie, local_path, of
from gatehost.web.words import refusals
from gatehost.web.words.language import noted as N

START = {
    ADMIN: "/today",
    DESK: "/desk",
    RESIDENT: "/me",
    GUARD: "/gate",
    OPERATOR: "/operator",
    COMMITTEE: "/office",
}
LATER = {"zh-CN": "zh_CN", "en": "en"}  # the account's spelling of a language


def start_of(actor: Actor) -> str:
    """The first page of a role; without a password, choosing one comes first."""
    return START[actor.role] if actor.has_password else "/password"


async def first(request: web.Request) -> web.StreamResponse:
    """The address people type: their own first page, or sign-in."""
    actor = of(request).actor
    return go(start_of(actor) if actor else "/sign-in")


async def form(request: web.Request) -> web.StreamResponse:
    """The sign-in form."""
    wish = local_path(request.query.get("next", ""))
    return resume.shown(request, 200, None, "", wish, "", ())


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Checks name and password; what was typed as a name is kept for another try."""
    asked, sent = of(request), await request.post()
    login, password, wish = (str(sent.get(name, ""))[:200] for name in ("login", "password", "next"))
    again, fields = resume.kept(sent)
    try:
        known = request.cookies.get(cookie(request, session.BROWSER), "")
        signed_in = await accounts.sign_in(asked.ctx, plain(login), password, known)
    except (Denied, TooMany) as error:
        told = refusals.explain(error, asked.say, asked.moment)
        notice = Notice("bad", told.why, told.next)
        status = 401 if isinstance(error, Denied) else 429
        return resume.shown(request, status, notice, login, local_path(wish), again, fields)
    where = local_path(wish) or start_of(signed_in.actor)
    if fields:
        return await resume.go_on(request, signed_in, where, again, fields)
    return await session.begin(request, signed_in, where)


def plain(login: str) -> str:
    """A login as it is kept: a phone number is read in groups, and is typed so."""
    joined = "".join(login.split())
    return joined if joined.isdigit() else login.strip()


async def practise(request: web.Request) -> web.StreamResponse:
    """Takes a role of the practice estate on; there is no such address in any other host."""
    asked = of(request)
    link = await practice.sign_in_link(asked.ctx, request.match_info["login"])
    signed_in = await accounts.use_link(asked.ctx, link)
    return await session.begin(request, signed_in, START[signed_in.actor.role])


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Ends the session, here and in the database."""
    token = request.cookies.get(cookie(request, "kaimen-session"), "")
    await accounts.sign_out(request.app[CTX], token)
    return session.end(request, "/sign-in")


async def look_at_link(request: web.Request) -> web.StreamResponse:
    """What a one-use link is for. Looking never uses it up: chat programs fetch links before people do."""
    try:
        link = await accounts.look_at_link(request.app[CTX], request.match_info["token"])
    except NotFound:
        return render(request, "frame/link.html", status=404, link=None, live=False)
    return render(request, "frame/link.html", link=link, live=False)


async def use_link(request: web.Request) -> web.StreamResponse:
    """Uses the link up for a session."""
    try:
        signed_in = await accounts.use_link(request.app[CTX], request.match_info["token"])
    except NotFound:
        return render(request, "frame/link.html", status=404, link=None, live=False)
    return await session.begin(request, signed_in, start_of(signed_in.actor))


async def password_form(request: web.Request) -> web.StreamResponse:
    """Choosing a password."""
    return await _password(of(request))


async def _password(asked: Asked, wrong: refusals.Wrong | None = None, status: int = 200) -> web.Response:
    login = await accounts.login_of(asked.ctx, asked.person)
    return render(asked.request, "frame/password.html", status=status, login=login, wrong=wrong or refusals.Wrong())


async def set_password(request: web.Request) -> web.StreamResponse:
    """Saves it; every session of the account ends but the fresh one this browser gets."""
    asked, sent = of(request), await request.post()
    old, new, again = (str(sent.get(name, ""))[:200] for name in ("old", "password", "again"))
    try:
        if new != again:
            raise BadInput("again", "differ")
        signed_in = await accounts.set_password(asked.ctx, asked.person, new, old)
    except BadInput as error:
        return await _password(asked, refusals.wrong_field(error, asked.say), 400)
    except Denied:
        wrong = refusals.Wrong(old=asked.say(N("This is not your password")))
        return await _password(asked, wrong, 403)
    await accounts.set_language(asked.ctx, asked.person, LATER[asked.language])
    return await session.begin(request, signed_in, f"{START[asked.person.role]}?done=password")


async def privacy(request: web.Request) -> web.StreamResponse:
    """How the estate treats data, in the reader's language."""
    return render(request, "frame/privacy.html", live=False)
