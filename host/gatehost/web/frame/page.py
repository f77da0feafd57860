"""Turning what services say into a page: one environment, one set of words, one frame around every page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from aiohttp import web

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR, RESIDENT
from gatehost.model.legible import legible
from gatehost.web.frame import guarding, turning
from gatehost.web.frame.session import DEMO, PRACTICE, Asked, of
from gatehost.web.words import language, moment, refusals, subjects, wording

HERE = Path(__file__).parents[1]
TEMPLATES = web.AppKey("templates", jinja2.Environment)
PAGES = web.AppKey("pages", tuple[re.Pattern[str], ...])
N = language.noted

ROLE_NAMES = {
    ADMIN: N("Estate admin"),
    DESK: N("Front desk"),
    RESIDENT: N("Resident"),
    GUARD: N("Guard"),
    OPERATOR: N("Operator"),
    COMMITTEE: N("Owners' committee"),
}
TABS: dict[str, tuple[tuple[str, str, str], ...]] = {
    RESIDENT: (
        ("/me", "home", N("Home")),
        ("/papers", "log", N("Papers")),
        ("/me/visits", "people", N("Who came")),
        ("/me/notices", "bell", N("Notices")),
        ("/me/data", "shield", N("My data")),
    ),
    DESK: (
        ("/desk", "search", N("Desk")),
        ("/papers", "log", N("Papers")),
        ("/desk/faces", "face", N("Faces")),
        ("/gate", "door", N("Gate")),
        ("/today", "bell", N("Today")),
        ("/office", "rules", N("Office")),
    ),
    GUARD: (
        ("/gate", "door", N("Gate")),
        ("/gate/muster", "people", N("Who is inside")),
        ("/papers", "log", N("Papers")),
    ),
    OPERATOR: (
        ("/operator", "people", N("Estates")),
        ("/admin/rules", "rules", N("Rules")),
        ("/statistics", "log", N("Statistics")),
        ("/office", "shield", N("Office")),
    ),
    COMMITTEE: (("/office", "shield", N("Office")), ("/statistics", "rules", N("Statistics"))),
    ADMIN: (
        ("/today", "bell", N("Today")),
        ("/papers", "log", N("Papers")),
        ("/admin/doors", "door", N("Doors")),
        ("/admin/rules", "rules", N("Rules")),
        ("/desk", "search", N("Desk")),
        ("/office", "log", N("Office")),
    ),
}

# what a tab leads to and is no tab of its own: the tab is marked there
BEHIND: dict[str, tuple[str, ...]] = {
    "/me": ("/invite", "/codes", "/calls"),
    "/gate": ("/forms", "/posters"),
    "/admin/doors": (
        "/admin/places", "/admin/new-door", "/admin/new-gate", "/admin/new-building", "/admin/faces", "/admin/cameras",
    ),
    "/office": (
        "/admin/staff", "/admin/backups", "/admin/proof", "/admin/evidence", "/admin/feeds", "/import", "/notices",
        "/archive", "/statistics", "/register", "/history", "/operator/statement", "/desk/cards", "/desk/unlooked",
        "/incidents",
    ),
    "/admin/rules": ("/admin/forms",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the role in the bar."""

    path: str
    icon: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What just happened, or why not and what to do next; `tone` is good, wait, bad or calm."""

    tone: str
    text: str
    next: str = ""


@cache
def environment() -> jinja2.Environment:
    """The templates, read once; everything is escaped, and a missing name is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=seen,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def seen(value: object) -> object:
    """What stands on a page, wherever it came from: a device, a file, an older version's database."""
    return legible(value) if type(value) is str else value


def render(
    request: web.Request, template: str, *, status: int = 200, notice: Notice | None = None, **facts: object
) -> web.Response:
    """The page of a template, with the frame's own facts put beside the handler's."""
    asked = of(request)
    words = frame(asked) | {"notice": notice or told_by_address(asked)} | facts
    text = with_language(asked, request.app[TEMPLATES].get_template(template).render(words))
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def with_language(asked: Asked, text: str) -> str:
    """The page with what was typed before its language was changed, and with that change on every form."""
    request = asked.request
    if request.method in guarding.SAFE and "X-Live" not in request.headers:
        held = turning.taken(request.app[turning.WAITING], asked.secret, request.path, asked.ctx.clock())
        text = turning.filled(text, held) if held else text
    other = others(asked)
    where = turned(asked, other)
    return turning.offered(text, request.path + where if where.startswith("?") else where, other)


def others(asked: Asked) -> str:
    """The language that is not the reader's."""
    return language.ENGLISH if asked.language == language.CHINESE else language.CHINESE


def frame(asked: Asked) -> dict[str, object]:
    """What every template may use."""
    other = others(asked)
    return {
        "_": asked.say,
        "moment": asked.moment,
        "dated": lambda at: moment.dated(asked.language, at, asked.ctx.clock(), asked.estate),
        "whole": lambda at: moment.whole(asked.language, at, asked.estate),
        "date": lambda at: moment.date(asked.language, at, asked.ctx.clock(), asked.estate),
        "token_field": asked.token_field,
        "language": asked.language,
        "other_language": other,
        "turned": turned(asked, other),
        "other_language_name": language.LANGUAGES[other],
        "estate": asked.estate.name if asked.estate else "",
        "actor": asked.actor,
        "role_name": asked.say(ROLE_NAMES[asked.actor.role]) if asked.actor else "",
        "tabs": tabs(asked),
        "live": True,
        "demo": asked.request.app[DEMO],
        "practice": asked.request.app[PRACTICE],
        "wrong": refusals.Wrong(),
        "w": wording.Words(asked.say),
    }


def turned(asked: Asked, other: str) -> str:
    """This page's address in the other language: what it is asked for stays, what just happened does not. A refused
    form stands at an address that is no page: the page it came from is turned."""
    rest = [(name, value) for name, value in asked.request.query.items() if name not in ("language", "done")]
    here = "" if asked.request.method in guarding.SAFE else above(asked.request)
    return f"{here}?{urlencode([*rest, ('language', other)])}"


def pages_of(router: web.UrlDispatcher) -> tuple[re.Pattern[str], ...]:
    """The addresses that are pages."""
    told = [one.resource.get_info() for one in router.routes() if one.method == "GET" and one.resource is not None]
    return tuple(
        info["pattern"] if "pattern" in info else re.compile(re.escape(info["path"]))
        for info in told
        if "prefix" not in info
    )


def above(request: web.Request) -> str:
    """The page a form stands on: the longest address at or above the one it is sent to that is a page."""
    path = request.path
    while path and not any(one.fullmatch(path) for one in request.app[PAGES]):
        path = path.rpartition("/")[0]
    return path or "/"


def tabs(asked: Asked) -> tuple[Tab, ...]:
    """The bar's pages for the reader's role; the longest path this page lies at or under says which of them it is."""
    if asked.actor is None:
        return ()
    mine = TABS[asked.actor.role]
    leads = {path: tab for tab, paths in BEHIND.items() for path in paths} | {path: path for path, _, _ in mine}
    here = leads.get(longest(leads, asked.request.path), "")
    return tuple(Tab(path, icon, asked.say(name), path == here) for path, icon, name in mine)


def longest(paths: Iterable[str], path: str) -> str:
    """The longest of `paths` that `path` lies at or under; "" if none."""
    fitting = [one for one in paths if path == one or path.startswith(one + "/")]
    return max(fitting, key=len, default="")


def told_by_address(asked: Asked) -> Notice | None:
    """After an act the browser is sent on with `?done=word`; only words we know are shown."""
    text = subjects.DONE.get(asked.request.query.get("done", ""))
    return Notice("good", asked.say(text)) if text else None


def go(path: str, done: str = "") -> web.Response:
    """Sends the browser on after an act, so that a reload repeats nothing."""
    return web.Response(status=303, headers={"Location": path + (f"?done={done}" if done else "")})


def refusal(request: web.Request, error: Exception) -> web.Response:
    """A page that says why not and what to do next; it leads back to the page a refused form stood on."""
    asked = of(request)
    told = refusals.explain(error, asked.say, asked.moment)
    back = "" if request.method in guarding.SAFE else above(request)
    return render(
        request, "frame/refusal.html", status=told.status, why=told.why, next=told.next, tone=told.tone, back=back,
        live=False,
    )  # fmt: skip
