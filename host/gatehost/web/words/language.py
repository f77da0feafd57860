"""The two languages of the pages: which one a request gets, and the catalogue that turns English texts into Chinese.

Texts in code and templates are English and are their own message ids. A catalogue is read from the `.po` file
when the first page needs it: there is no compile step, and a test fails when a text is missing.
"""

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from aiohttp import web

Say = Callable[..., str]  # a text, and what fills it, in one reader's language
ENGLISH, CHINESE = "en", "zh-CN"
LANGUAGES = {CHINESE: "中文", ENGLISH: "English"}
COOKIE = "kaimen-language"
CATALOGUE = Path(__file__).parents[1] / "locale" / "zh_CN.po"
YEAR_S = 365 * 86_400


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language; English needs none."""
    if language != CHINESE:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # read by the first page that is Chinese, not by a start
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as source:
        messages = read_po(source, locale="zh_CN")
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def say(language: str, text: str, many: str = "", /, **facts: object) -> str:
    """`text` in `language`, with `%(name)s` filled from `facts`; nothing stays nothing.

    What is counted has two texts, for one and for `many`; how many it is says the fact `number`."""
    if not text:
        return ""  # the catalogue's own header has the empty text as its id
    words = catalogue(language)
    found = words.ngettext(text, many, int(str(facts["number"]))) if many else words.gettext(text)
    return found % facts if facts else found


def noted(text: str) -> str:
    """Marks a text for the catalogue where it stands; it is said later, in the reader's language."""
    return text


def counted(one: str, many: str) -> tuple[str, str]:
    """Marks the two texts of what is counted."""
    return one, many


def wanted(request: web.Request) -> str:
    """The language of a request: the one chosen on a page, else the browser's first that we have, else Chinese."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return from_header(request.headers.get("Accept-Language", ""))


def from_header(header: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110 section 12.5.4)."""
    best, weight = CHINESE, 0.0
    for part in header.split(",")[:20]:
        tag, _, rest = part.strip().partition(";")
        ours = _ours(tag)
        asked = _quality(rest)
        if ours and asked > weight:
            best, weight = ours, asked
    return best


def _ours(tag: str) -> str:
    first = tag.lower().partition("-")[0]
    return {"zh": CHINESE, "en": ENGLISH}.get(first, "")


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def remember(response: web.StreamResponse, language: str, *, secure: bool) -> None:
    """Keeps a chosen language for a year; it is no secret and names nobody."""
    response.set_cookie(COOKIE, language, max_age=YEAR_S, httponly=True, samesite="Lax", secure=secure, path="/")
