"""Fixtures of the pages' tests: a seeded host, its pages on a port, and browsers that keep cookies."""

import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiohttp
import pytest
from yarl import URL

from .house import House, open_house, serve


class Browser:
    """A browser without a window: keeps cookies, sends forms as pages do."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def get(self, path: str, **more: object) -> tuple[int, str]:
        """(status, text) of a page, redirects followed."""
        async with self.http.get(self.url + path, **more) as answer:  # type: ignore[arg-type]
            return answer.status, await answer.text()

    async def token(self, path: str) -> str:
        """The form token of a page."""
        _, text = await self.get(path)
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', text)
        assert found, f"{path} has no form"
        return found[1]

    async def post(self, path: str, form: dict[str, str] | None = None, *, page: str | None = None) -> tuple[int, str]:
        """Sends a form that stands on `page` (the path itself if not said), redirects followed."""
        fields = {"form_token": await self.token(page or path)} | (form or {})
        return await self.send(path, fields)

    async def send(self, path: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        """A bare POST."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.post(self.url + path, data=form, headers=named) as answer:
            return answer.status, await answer.text()

    def cookie(self, name: str) -> str:
        """A cookie's value; "" if there is none."""
        return next((one.value for one in self.http.cookie_jar if one.key == name), "")

    def have(self, session: str) -> None:
        """Puts a session's cookie in."""
        self.http.cookie_jar.update_cookies({"kaimen-session": session}, URL(self.url))


class Open(Protocol):
    """Opens a fresh browser, signed in as `name` ("": nobody), wishing `language`."""

    def __call__(self, name: str, language: str = "en") -> Awaitable[Browser]: ...


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[House]:
    """A seeded host without pages."""
    async with open_house(tmp_path) as made:
        yield made


@pytest.fixture
async def house(bare: House) -> AsyncIterator[House]:
    """A seeded host with its pages on a port."""
    async with serve(bare) as served:
        yield served


@asynccontextmanager
async def opener(house: House) -> AsyncIterator[Open]:
    """`await open("admin")` is a fresh browser signed in as that person; "" signs nobody in."""
    opened: list[aiohttp.ClientSession] = []
    sessions: dict[str, str] = {}

    async def open_browser(name: str, language: str = "en") -> Browser:
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Accept-Language": language})
        opened.append(http)
        browser = Browser(http, house.url)
        if name:
            sessions[name] = sessions.get(name) or await house.session(name)
            browser.have(sessions[name])
        return browser

    yield open_browser
    for http in opened:
        await http.close()


@pytest.fixture
async def browse(house: House) -> AsyncIterator[Open]:
    """Fresh browsers at the test's own host."""
    async with opener(house) as open_browser:
        yield open_browser
