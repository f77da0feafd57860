"""Who is asking: the cookie that names a session, the language, and everything a handler needs to answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from markupsafe import Markup

from gatehost.model.account import Actor, SignedIn
from gatehost.model.place import Estate
from gatehost.service.context import Context
from gatehost.service.home import homes
from gatehost.service.office import accounts
from gatehost.web.frame import guarding, sent, turning, upload
from gatehost.web.words import language, moment

CTX = web.AppKey("ctx", Context)
DEMO = web.AppKey("demo", bool)
PRACTICE = web.AppKey("practice", bool)
Key = TypeVar("Key", str, int)
BEHIND = web.AppKey("behind", set[tuple[str, str]])  # (method, address) of what only those who are signed in may use
BROWSER, YEAR_S = "kaimen-browser", 365 * 86_400  # the cookie of a browser somebody signed in from
LOCAL_PATH = re.compile(r"^/(?![/\\])[\x21-\x5b\x5d-\x7e]*$")


@dataclass(slots=True)
class Asked:
    """One request as handlers see it. Form tokens are made from `secret`; `fresh`: it is not yet in a cookie."""

    request: web.Request
    ctx: Context
    language: str
    actor: Actor | None
    estate: Estate | None
    secret: str
    fresh: bool
    token_used: bool = field(default=False)

    @property
    def person(self) -> Actor:
        """The signed-in person; the route's roles have been checked before a handler runs."""
        assert self.actor is not None
        return self.actor

    def say(self, text: str, many: str = "", /, **facts: object) -> str:
        """A text in the reader's language; `many` for other numbers than one, of what is counted."""
        return language.say(self.language, text, many, **facts)

    def words(self, table: Mapping[Key, str]) -> dict[Key, str]:
        """Texts by their key, in the reader's language."""
        return {key: self.say(text) for key, text in table.items()}

    def declared(self, words: tuple[str, str]) -> str:
        """A text that is declared in both languages, English first, in the reader's."""
        return words[self.language == language.CHINESE]

    def moment(self, at: int | None) -> str:
        """An instant (ms UTC) in the estate's time."""
        return moment.told(self.language, at, self.ctx.clock(), self.estate)

    def token_field(self) -> Markup:
        """The hidden field every form carries."""
        self.token_used = True
        value = guarding.form_token(self.secret)
        return Markup('<input type="hidden" name="{}" value="{}">').format(guarding.FORM_FIELD, value)


ASKED = web.RequestKey("asked", Asked)


def of(request: web.Request) -> Asked:
    """What the session middleware found out about a request."""
    return request[ASKED]


def is_secure(request: web.Request) -> bool:
    """Whether the browser reached us over TLS, directly or through a proxy that the estate's own address names."""
    public = urlsplit(request.app[CTX].url)
    return request.secure or (public.scheme == "https" and public.netloc == request.host)


def cookie(request: web.Request, name: str) -> str:
    """A cookie's full name: with TLS the `__Host-` prefix binds it to this very host."""
    return ("__Host-" if is_secure(request) else "") + name


@web.middleware
async def session(request: web.Request, handler: guarding.Serve) -> web.StreamResponse:
    """Finds out who asks and in which language; a `?language=` in any page's address is a choice to be remembered."""
    if request.path.startswith("/static/"):
        return await handler(request)
    chosen = request.query.get("language", "")
    if request.method == "GET" and chosen in language.LANGUAGES:
        return chose(request, chosen)
    request[ASKED] = asked = await ask(request)
    response = await handler(request)
    if asked.token_used and asked.fresh and not response.prepared:
        keep(request, response, "kaimen-form", asked.secret, None)
    return response


def chose(request: web.Request, chosen: str) -> web.Response:
    """Back to the same page, in the chosen language from now on."""
    rest = {name: value for name, value in request.query.items() if name != "language"}
    here = "/" + str(request.rel_url.with_query(rest)).lstrip("/")  # "//name" would be another site
    response = web.Response(status=303, headers={"Location": here})
    language.remember(response, chosen, secure=is_secure(request))
    return response


async def ask(request: web.Request) -> Asked:
    """Reads cookies into an Asked."""
    ctx = request.app[CTX]
    token = request.cookies.get(cookie(request, "kaimen-session"), "")
    actor = await accounts.actor_of(ctx, token) if token else None
    secret = token if actor else request.cookies.get(cookie(request, "kaimen-form"), "")
    return Asked(
        request=request,
        ctx=ctx,
        language=language.wanted(request),
        actor=actor,
        estate=await homes.estate(ctx),
        secret=secret or ctx.random(32).hex(),
        fresh=not secret,
    )


@web.middleware
async def forms(request: web.Request, handler: guarding.Serve) -> web.StreamResponse:
    """Nothing is done for a request another site has made, or whose form is not of this session."""
    if request.method in guarding.SAFE or request.path.startswith(("/static/", "/hooks/")):  # a hook proves itself
        return await handler(request)
    if not guarding.same_origin(request, request.app[CTX].url):
        raise web.HTTPForbidden(reason="other origin")
    if of(request).actor is None and is_behind(request):
        raise web.HTTPUnauthorized
    token: object = request.headers.get(guarding.FORM_HEADER)
    fields: sent.Form | None = None
    if upload.is_upload(request) and (of(request).actor is not None or upload.is_visitors(request)):
        token = await sent.within(sent.FILE_S, upload.token_of(request))
    else:
        fields = await sent.form(request)
        token = token or fields.get(guarding.FORM_FIELD)
    asked = of(request)
    if asked.fresh or not guarding.token_fits(token, asked.secret):
        raise web.HTTPForbidden(reason="form token")
    if fields is not None and (where := local_path(str(fields.get(turning.FIELD, "")))):
        kept, now = request.app[turning.WAITING], asked.ctx.clock()
        turning.keep(kept, asked.secret, urlsplit(where).path, request.path, fields, now)
        return web.Response(status=303, headers={"Location": where})
    return await handler(request)


def is_behind(request: web.Request) -> bool:
    """Whether only somebody who is signed in may send this form."""
    resource = request.match_info.route.resource
    return resource is not None and (request.method, resource.canonical) in request.app[BEHIND]


def keep(request: web.Request, response: web.StreamResponse, name: str, value: str, seconds: int | None) -> None:
    """Sets one of our cookies: no script reads it, no other site's post carries it."""
    response.set_cookie(
        cookie(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        path="/",
    )


async def begin(
    request: web.Request, signed_in: SignedIn, where: str, page: web.Response | None = None
) -> web.Response:
    """Starts a session with a token the browser did not know before; the one it had ends. Leads on to `where`, or
    answers with a page of the new session."""
    asked = of(request)
    old = request.cookies.get(cookie(request, "kaimen-session"), "")
    if old:
        await accounts.sign_out(asked.ctx, old)
    response = page or web.Response(status=303, headers={"Location": where})
    keep(request, response, "kaimen-session", signed_in.token, max((signed_in.until - asked.ctx.clock()) // 1000, 0))
    before = request.cookies.get(cookie(request, BROWSER), "")
    keep(request, response, BROWSER, accounts.known_browser(asked.ctx, before, signed_in.actor.account), YEAR_S)
    response.del_cookie(cookie(request, "kaimen-form"), path="/", secure=is_secure(request))
    return response


def end(request: web.Request, where: str) -> web.Response:
    """Forgets the session's cookie."""
    response = web.Response(status=303, headers={"Location": where})
    response.del_cookie(cookie(request, "kaimen-session"), path="/", secure=is_secure(request))
    return response


def local_path(wish: str) -> str:
    """Where to go on after signing in: a path of ours, or "" for anything else."""
    return wish if LOCAL_PATH.match(wish) else ""
