"""A person with a browser, without the browser: follows links and fills in the forms a page really has."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import aiohttp

from gatesim.errors import PageRefused

ANSWER = aiohttp.ClientTimeout(total=20)


@dataclass(slots=True)
class Form:
    """A form with what its fields hold now."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """A page as it came: where it was, its words, its forms and links."""

    url: str
    status: int
    html: str
    words: str = ""
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def form(self, action: str) -> Form:
        """The first form whose address contains `action`; PageRefused if there is none."""
        for one in self.forms:
            if action in one.action:
                return one
        raise PageRefused(
            f"{path_of(self.url)} ({self.status}) has no form for {action!r}; it says: {self.words[:300]}"
        )

    def link(self, part: str) -> str:
        """The first link whose address contains `part`; PageRefused if there is none."""
        for one in self.links:
            if part in one:
                return one
        raise PageRefused(f"{path_of(self.url)} ({self.status}) has no link to {part!r}")


class Browser:
    """One person's session with the host. `async with Browser(base) as admin:`."""

    def __init__(self, base: str) -> None:
        self._base = base
        # cookies of an address without a name are kept only when asked to
        self._client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=ANSWER)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *wrong: object) -> None:
        await self._client.close()

    async def see(self, path: str) -> Sheet:
        """A page."""
        url = urljoin(self._base + "/", path)
        async with _answering(url), self._client.get(url, headers={"Accept-Language": "en"}) as answer:
            return read(str(answer.url), answer.status, await answer.text(errors="replace"))

    async def send(self, sheet: Sheet, action: str, **typed: str) -> Sheet:
        """Fills in the form and sends it; PageRefused when the host refuses."""
        form = sheet.form(action)
        url = urljoin(sheet.url, form.action)
        sent = {**form.fields, **typed}
        headers = {"Accept-Language": "en", "Origin": origin_of(url), "Sec-Fetch-Site": "same-origin"}
        async with _answering(url), self._client.post(url, data=sent, headers=headers) as answer:
            after = read(str(answer.url), answer.status, await answer.text(errors="replace"))
        if after.status >= 400:
            raise PageRefused(f"{path_of(url)} answered {after.status}: {after.words[:300]}")
        return after

    async def download(self, sheet: Sheet, action: str, **typed: str) -> bytes:
        """Fills in the form, sends it and takes the file it answers with; PageRefused if it answers with a page."""
        form = sheet.form(action)
        url = urljoin(sheet.url, form.action)
        headers = {"Origin": origin_of(url), "Sec-Fetch-Site": "same-origin"}
        async with _answering(url), self._client.post(url, data={**form.fields, **typed}, headers=headers) as answer:
            data = await answer.read()
        if answer.status != 200 or "attachment" not in answer.headers.get("Content-Disposition", ""):
            raise PageRefused(f"{path_of(url)} answered {answer.status} without a file")
        return data

    async def sign_in(self, link: str) -> Sheet:
        """Uses a one-use link."""
        sheet = await self.see(urlsplit(link).path)
        return await self.send(sheet, urlsplit(sheet.url).path)

    async def picture(self, path: str) -> bytes:
        """A picture's bytes; PageRefused if there is none."""
        async with _answering(path), self._client.get(urljoin(self._base + "/", path)) as answer:
            data = await answer.read()
        if answer.status != 200 or not answer.content_type.startswith("image/"):
            raise PageRefused(f"{path_of(path)} answered {answer.status} {answer.content_type}")
        return data

    @asynccontextmanager
    async def live(self) -> AsyncIterator["Live"]:
        """The page's own line to the host: which parts have changed."""
        origin = origin_of(self._base)
        url = urljoin(self._base + "/", "/live")
        async with _answering(url), self._client.ws_connect(url, origin=origin) as socket:
            yield Live(socket)


class Live:
    """What an open page is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def changed(self, part: str, within_s: float) -> bool:
        """Whether that part changed within the time."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    told = json.loads(await self._socket.receive_str())
                    if part in told["changed"] or "*" in told["changed"]:
                        return True
        except (TimeoutError, TypeError, ValueError):
            return False


@asynccontextmanager
async def _answering(url: str) -> AsyncIterator[None]:
    """A host that is not there, or says nothing in time, refuses a page too."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as wrong:
        raise PageRefused(f"{path_of(url)} does not answer ({wrong or type(wrong).__name__})") from wrong


def path_of(url: str) -> str:
    """The path of an address, without the secrets a link may hold."""
    parts = urlsplit(url).path.split("/")
    return "/link/…" if parts[1:2] == ["link"] else "/".join(parts)


def origin_of(url: str) -> str:
    """scheme://host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def read(url: str, status: int, html: str) -> Sheet:
    """Reads forms, links and words of a page."""
    sheet = Sheet(url, status, html)
    reader = _Reader(sheet)
    reader.feed(html)
    sheet.words = " ".join(" ".join(reader.said).split())
    return sheet


class _Reader(HTMLParser):
    """Collects what a person could use."""

    SILENT = ("script", "style", "title", "option")

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._form: Form | None = None
        self._select = ""
        self._silent = 0
        self._in_main = False
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attributes}
        if tag in self.SILENT:
            self._silent += 1
        if tag == "main":
            self._in_main = True
        if tag == "a" and "href" in held:
            self._sheet.links.append(held["href"])
        if tag == "form":
            self._form = Form(held.get("action") or urlsplit(self._sheet.url).path)
            self._sheet.forms.append(self._form)
        if self._form is None or not held.get("name", self._select):
            return
        self._field(self._form, tag, held)

    def _field(self, form: Form, tag: str, held: dict[str, str]) -> None:
        name = held.get("name", "")
        if tag == "input" and held.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(held.get("value", "on"))
            if "checked" in held:
                form.fields[name] = held.get("value", "on")
        elif tag == "input":
            form.fields[name] = held.get("value", "")
        elif tag == "textarea":
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            value = held.get("value", "")
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in held or self._select not in form.fields:
                form.fields[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT and self._silent:
            self._silent -= 1
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "main":
            self._in_main = False

    def handle_data(self, data: str) -> None:
        if self._in_main and not self._silent and data.strip():
            self.said.append(data.strip())
