"""The guard's page that the gate's unit serves by itself: signing in, who is inside, in, out, new, muster and ticks.

Everything a guard does is an entry of this unit's log before the page says so; while storage fails it waits in memory,
the page says that too, and asks for paper. Signed-in guards live in this process's memory only.
"""

import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from gatecore.gatecopy import CAME, DECIDED, ENTRIES, EXPECTED, FETCHED, IN, OUT, SAFE, UNSAFE
from gateunit import gatehtml as html
from gateunit import gatesent
from gateunit.gatebook import OLD_S, Stay
from gateunit.gatedesk import BY, Desk, WrongError
from gateunit.gatepass import Guard
from gateunit.gatewords import AT_THE_GATE, ESCORT, KINDS, LANGUAGES, say, wanted

SESSION, LANGUAGE, BROWSER = "gate-session", "gate-language", "gate-browser"
YEAR_S = 365 * 86_400
MOST_SESSIONS = 50
CSS = (Path(__file__).parent / "gatepage.css").read_text(encoding="utf-8")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Server": "kaimen",
}
DONE = {"done": "Written down.", "changed": "That has changed meanwhile. Look at the list."}


class GatePage:
    """`app()` is what is served."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions: dict[str, Guard] = {}

    def app(self) -> web.Application:
        """The application: its routes and what every answer carries."""
        made = web.Application(middlewares=[self._around], client_max_size=16 * 1024)
        made.router.add_get("/gate.css", _css)
        made.router.add_get("/", self._first)
        made.router.add_post("/sign-in", self._sign_in)
        for path, act in (("/muster", self._muster), ("/new", self._new), ("/decide", self._decide)):
            made.router.add_get(path, self._signed_in(act))
        for path, act in (
            ("/in", self._in), ("/out", self._out), ("/safe", self._safe), ("/enter", self._enter),
            ("/sign-out", self._sign_out),
        ):  # fmt: skip
            made.router.add_post(path, self._signed_in(act))
        return made

    # --- what every request passes --------------------------------------------------------

    @web.middleware
    async def _around(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.method == "GET" and request.query.get("language") in LANGUAGES:
            rest = request.rel_url.with_query([one for one in request.query.items() if one[0] != "language"])
            here = "/" + str(rest).lstrip("/")  # "//name" would be another site
            turned = web.Response(status=303, headers={"Location": here})
            answer: web.StreamResponse = _remember(turned, request.query["language"])
        else:
            try:
                answer = await handler(request)
            except WrongError as wrong:
                answer = self._refusal(request, wrong)
            except web.HTTPException as wrong:
                if wrong.status < 400:
                    raise
                told = "There is no such page." if wrong.status in (404, 405) else gatesent.NOT_WHOLE
                answer = self._refusal(request, WrongError(wrong.status, told))
        answer.headers.update(HEADERS)
        return answer

    def _signed_in(
        self, act: Callable[[web.Request, Guard], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            guard = self._guard(request)
            if guard is None:
                return _go("/")
            if request.method == "POST":
                await self._check_form(request)
            return await act(request, guard)

        return handle

    def _guard(self, request: web.Request) -> Guard | None:
        held = self._sessions.get(request.cookies.get(SESSION, ""))
        now = self._desk.seconds()
        if held is not None and now is not None and now >= held.until:
            del self._sessions[request.cookies[SESSION]]
            return None
        return held

    async def _check_form(self, request: web.Request) -> None:
        """A form of this very page, made for this very session (its token), sent by this very browser."""
        sent = (await gatesent.form(request)).get("token")
        if not _own(request) or sent != _token(request.cookies.get(SESSION, "")):
            raise WrongError(403, "This form is too old. Look at the list and do it again.")

    def _view(self, request: web.Request, guard: Guard | None = None, chosen: str = "") -> html.View:
        desk, copy, now = self._desk, self._desk.copy, self._desk.seconds()
        made = copy.header.made if copy.header is not None else 0
        return html.View(
            language=wanted(request.headers.get("Accept-Language", ""), chosen or request.cookies.get(LANGUAGE, "")),
            gate=copy.gate if guard is not None else "",
            now=now,
            offsets=desk.state().offsets,
            made=made,
            old=now is None or now - made > OLD_S,
            up=desk.up(),
            waiting=len(desk.book.since_copy()),
            unstored=desk.book.waiting(),
            escorted=copy.escorted,
            everywhere=bool(copy.escort[0]),
            token=_token(request.cookies.get(SESSION, "")) if guard is not None else "",
            guard="" if guard is None else guard.name,
        )

    def _refusal(self, request: web.Request, wrong: WrongError) -> web.Response:
        guard = self._guard(request)
        view = self._view(request, guard)
        more = "It is tried again by itself. Write it on paper as well." if wrong.status == 507 else ""
        inner = html.note("bad", view.say(wrong.text), view.say(more) if more else "")
        back = f'<p><a class="button" href="/">{view.say("Back")}</a></p>'
        return _html(html.page(view, say(view.language, "Gate"), inner + back), wrong.status)

    # --- signing in -----------------------------------------------------------------------

    async def _first(self, request: web.Request) -> web.StreamResponse:
        guard = self._guard(request)
        if guard is None:
            return self._sign_in_page(request)
        return self._shown(request, guard)

    def _sign_in_page(self, request: web.Request, why: str = "", more: str = "", status: int = 200) -> web.Response:
        view = self._view(request)
        if self._desk.copy.header is None and not why:
            why, more = "This unit has no copy yet.", "Use the paper forms until the host is back."
        return _html(html.sign_in(view, view.say(why) if why else "", view.say(more) if more else ""), status)

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        if not _own(request):
            raise WrongError(403, "This form is too old. Look at the list and do it again.")
        typed = (await gatesent.form(request)).get("code", "")[:40]
        passes, browser = self._desk.passes, request.cookies.get(BROWSER, "")
        guard = await passes.sign_in(typed, self._desk.seconds(), browser)
        if guard is None:
            return self._refused(request, passes.wait_ms(typed, browser))
        with contextlib.suppress(WrongError):  # a full disk must not keep a guard from the muster list
            await self._desk.write(guard, CAME)
        token = self._desk.random(32).hex()
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[token] = guard
        answer = _go("/")
        known = passes.known_to(browser, guard)
        for name, value, seconds in ((SESSION, token, None), (BROWSER, known, YEAR_S)):
            answer.set_cookie(
                name, value, max_age=seconds, httponly=True, samesite="Strict", secure=self._desk.secure, path="/"
            )
        return answer

    def _refused(self, request: web.Request, wait: int) -> web.Response:
        view = self._view(request)
        if wait:
            told = view.say("Too many wrong codes. Wait {minutes} min.", minutes=-(-wait // 60_000))
            return _html(html.sign_in(view, told), 429)
        why, more = "The code is wrong or has ended.", "Check it, or ask the next guard."
        return self._sign_in_page(request, why, more, 403)

    async def _sign_out(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        self._sessions.pop(request.cookies[SESSION], None)
        return _go("/")

    # --- pages ----------------------------------------------------------------------------

    def _shown(self, request: web.Request, guard: Guard) -> web.Response:
        view, words = self._view(request, guard), gatesent.legible(request.query.get("q", "")[:60])
        stays, slips = self._desk.book.stays(), self._desk.copy.slips
        found = ""
        if words:
            some = [one for one in stays if _meets(one, words)]
            papers = [one for one in slips if any(words in str(part) for part in one[:3])]
            nothing = html.note("wait", view.say("Nothing found. Ask who they want to see, and make a new entry."))
            found = html.lists(view, some, papers, self._deeds(some)) if some or papers else nothing
        all_ = "" if words else html.lists(view, stays, slips, self._deeds(stays))
        return _html(html.gate(view, found, words, all_, self._notice(request, view)))

    def _deeds(self, stays: list[Stay]) -> list[str]:
        """A fresh id for each form: sending one twice writes once."""
        return [self._desk.random(16).hex() for _ in stays]

    def _notice(self, request: web.Request, view: html.View) -> str:
        told = request.query.get("done", "")
        return html.note("good" if told == "done" else "wait", view.say(DONE[told])) if told in DONE else ""

    async def _muster(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        view, stays = self._view(request, guard), self._desk.book.stays()
        return _html(html.muster(view, stays, self._deeds(stays), self._notice(request, view)))

    async def _new(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        kind = request.query.get("kind", "courier")
        if kind not in KINDS:
            raise WrongError(404, "There is no such page.")
        return _html(html.entry(self._view(request, guard), kind, self._desk.random(16).hex(), {"heads": "1"}, {}))

    # --- what is written down -------------------------------------------------------------

    async def _in(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        """Somebody expected; a visitor who is to be accompanied comes in with the home, or by a reason that is kept."""
        sent = await gatesent.form(request)
        one, act = self._desk.stay(sent.get("ref")), BY.get(sent.get("how", ""), IN)
        note = sent.get("note", "") if act == DECIDED else ""
        if one is not None and sent.get("turn") in LANGUAGES:
            view = self._view(request, guard, sent["turn"])
            return _remember(_html(html.decide(view, one, sent.get("deed", ""), note)), view.language)
        wrong = self._desk.alone(one, act, note) if one is not None and one.state == EXPECTED else ""
        if wrong and one is not None:
            page = html.decide(self._view(request, guard), one, sent.get("deed", ""), note, wrong)
            return _html(page, 409 if wrong == ESCORT[0] else 400)
        if act == FETCHED:
            note = say(self._view(request).language, AT_THE_GATE)
        return await self._about(request, guard, act, "/", note)

    async def _decide(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        """Somebody expected whom the guard lets in without the home."""
        one = self._desk.stay(request.query.get("ref"))
        if one is None or one.state != EXPECTED:
            return _go("/", "changed")
        return _html(html.decide(self._view(request, guard), one, self._desk.random(16).hex()))

    async def _out(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        return await self._about(request, guard, OUT, "/")

    async def _safe(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        back = (await gatesent.form(request)).get("safe") == "no"
        return await self._about(request, guard, UNSAFE if back else SAFE, "/muster")

    async def _about(
        self, request: web.Request, guard: Guard, act: int, then: str, note: str = ""
    ) -> web.StreamResponse:
        """Something about a stay of the list; it is the same deed however often the form is sent."""
        sent = await gatesent.form(request)
        about = self._desk.stay(sent.get("ref"))
        if about is None or (about.state == EXPECTED) != (act in ENTRIES):
            return _go(then, "changed")
        ref: int | bytes = int(about.ref) if about.ref.isdigit() and len(about.ref) < 20 else bytes.fromhex(about.ref)
        await self._desk.write(guard, act, _deed_id(sent), ref, about.kind, about.home, about.name, note=note)
        return _go(then, "done")

    async def _enter(self, request: web.Request, guard: Guard) -> web.StreamResponse:
        """Somebody new; what was typed stays when it cannot be."""
        sent = await gatesent.form(request)
        kind = sent.get("kind", "")
        if kind not in KINDS:
            raise WrongError(404, "There is no such page.")
        if sent.get("turn") in LANGUAGES:
            view = self._view(request, guard, sent["turn"])
            return _remember(_html(html.entry(view, kind, sent.get("deed", ""), sent, {})), view.language)
        home = self._desk.state().canonical(sent.get("home", ""))
        act = BY.get(sent.get("how", ""), IN) if kind != "courier" else IN
        wrong = self._desk.wrong(sent, kind, home, act)
        alone = self._desk.unaccompanied(kind, home, act)
        if wrong or alone:
            page = html.entry(self._view(request, guard), kind, sent.get("deed", ""), sent, wrong, alone)
            return _html(page, 400 if wrong else 409)
        note = sent.get("note", "") or (say(self._view(request).language, AT_THE_GATE) if act == FETCHED else "")
        texts, heads = [sent.get(key, "") for key in ("name", "phone", "plate")], int(sent.get("heads") or 1)
        await self._desk.write(guard, act, _deed_id(sent), None, kind, home, *texts, note=note, heads=heads)
        return _go("/", "done")


def _meets(one: Stay, words: str) -> bool:
    plain = words.replace(" ", "").replace("·", "").upper()
    found = plain in (one.home, one.tail) or (bool(one.plate) and plain == one.plate.upper())
    return found or words in one.name or words == one.home_name


def _deed_id(sent: dict[str, str]) -> bytes:
    try:
        found = bytes.fromhex(sent.get("deed", ""))
    except ValueError:
        found = b""
    if len(found) != 16:
        raise WrongError(403, "This form is too old. Look at the list and do it again.")
    return found


def _token(session: str) -> str:
    return hashlib.sha256(b"gate-form/1" + session.encode()).hexdigest()


def _own(request: web.Request) -> bool:
    """Whether the browser does not say that another site sent this (RFC 6454, Fetch metadata)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


def _remember(answer: web.Response, language: str) -> web.Response:
    answer.set_cookie(LANGUAGE, language, httponly=True, samesite="Strict", path="/")
    return answer


def _go(path: str, done: str = "") -> web.Response:
    return web.Response(status=303, headers={"Location": path + (f"?done={done}" if done else "")})


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


async def _css(request: web.Request) -> web.StreamResponse:
    return web.Response(text=CSS, content_type="text/css", charset="utf-8")
