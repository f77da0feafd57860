"""The other language on a page without scripts: what is typed into a form goes with it and stands there again.

Each form that can be typed into ends with a button for it, which a browser with scripts does not show. What was typed
waits in this process's memory for the very next look at the page, a minute at most; passwords and files never do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from aiohttp import web

from gatehost.web.frame import sent
from gatehost.web.frame.guarding import FORM_FIELD
from gatehost.web.words import language

FIELD = "turn"
MOST, LONGEST_MS = 200, 60_000
FORM = re.compile(r'(<form\b[^>]*\bmethod="post"[^>]*>)(.*?)(</form>)', re.DOTALL)
ASKS = re.compile(r'<textarea\b|<select\b|<input\b(?![^>]*\btype="(?:hidden|password|file)")')
CONTROL = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>.*?</textarea>|<select\b[^>]*>.*?</select>", re.DOTALL)
OPTION = re.compile(r"<option\b[^>]*>")
LINK = "<a data-turn"  # of frame/base.html
NOT_KEPT = {FORM_FIELD, FIELD, *sent.SECRETS}
Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the form that goes to `action`, on the page at `path`; `until` in ms UTC."""

    path: str
    action: str
    fields: Fields
    until: int


Waiting = dict[str, Typed]  # by the secret of the browser's cookie
WAITING = web.AppKey("typed", Waiting)


def offered(page: str, where: str, other: str) -> str:
    """The page with a button for the other language in each form that asks for something. The link in the bar needs
    scripts there, and leads to the first such button without."""
    name, put = language.LANGUAGES[other], 0
    button = f'<button class="quiet" name="{FIELD}" value="{escape(where)}" formnovalidate="" lang="{other}"'

    def with_it(form: re.Match[str]) -> str:
        nonlocal put
        head, body, end = form.groups()
        if "enctype=" in head or not ASKS.search(body):
            return form[0]
        put += 1
        first = ' id="turn"' if put == 1 else ""
        return f"{head}{body}<noscript>{button}{first}>{name}</button></noscript>{end}"

    made = FORM.sub(with_it, page)
    leads = f'<noscript><a class="button quiet" href="#turn" lang="{other}">{name}</a></noscript>'
    return made.replace(LINK, f"{leads}{LINK} data-with-script hidden", 1) if put else made


def keep(waiting: Waiting, secret: str, path: str, action: str, form: Mapping[str, object], now: int) -> None:
    """Keeps what was typed; what waited too long, or is more than is kept, is gone."""
    fields: Fields = {}
    for name, told in form.items():
        if isinstance(told, str) and name not in NOT_KEPT:
            fields.setdefault(name, []).append(told)
    waiting.pop(secret, None)
    waiting[secret] = Typed(path, action, fields, now + LONGEST_MS)
    for old in [key for key, one in waiting.items() if one.until <= now] + list(waiting)[:-MOST]:
        waiting.pop(old, None)


def taken(waiting: Waiting, secret: str, path: str, now: int) -> Typed | None:
    """What waited for this page, once."""
    held = waiting.get(secret)
    if held is None or held.path != path:
        return None
    del waiting[secret]
    return held if now < held.until else None


def filled(page: str, typed: Typed) -> str:
    """The page with what was typed in the first form that goes there; hidden fields are the page's own."""
    done = False

    def put(form: re.Match[str]) -> str:
        nonlocal done
        head, body, end = form.groups()
        to = _told(head, "action").partition("?")[0] or typed.path
        if done or to != typed.action:
            return form[0]
        done = True
        left = {name: list(values) for name, values in typed.fields.items()}
        return head + CONTROL.sub(lambda one: _control(one[0], left), body) + end

    return FORM.sub(put, page)


def _control(text: str, left: Fields) -> str:
    name, kind = _told(text, "name"), _told(text, "type")
    if kind in ("hidden", "password", "file") or not name:
        return text
    values = left.get(name, [])
    if kind in ("radio", "checkbox"):
        return _marked(text, "checked", _told(text, "value") in values)
    value = values.pop(0) if values else ""
    head, close, rest = text.partition(">")
    if text.startswith("<textarea"):
        return f"{head}>{escape(value)}</textarea>"
    if text.startswith("<select"):
        options = OPTION.sub(lambda one: _marked(one[0], "selected", _told(one[0], "value") == value), rest)
        return f"{head}{close}{options}"
    return re.sub(r'\svalue="[^"]*"', "", head) + f' value="{escape(value)}">'


def _told(tag: str, name: str) -> str:
    found = re.search(rf'^[^>]*\s{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def _marked(tag: str, word: str, wanted: bool) -> str:
    plain = re.sub(rf"\s{word}\b", "", tag)
    return plain[:-1] + f" {word}>" if wanted else plain
