"""A door that asks for proof of life, as a page in a real browser whose camera shows a still portrait.

The door runs alone, without a host, on a state it was given before: what it decides it decides by itself.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from tests.attack.visited import enrolled
from tests.ports import free_ports
from tests.sim.demo import browser_with_camera, film
from tests.web.window import needs_chromium

from gatecore import feedback, wording
from gatecore.state import LIFE, LIFE_ALWAYS, LIFE_OFF
from gateface import open_engine, packed, read_picture
from gatesim.frame import moved, read
from gatesim.pictures import HERE

pytestmark = [pytest.mark.browser, needs_chromium]
SLOW_MS = 90_000


def photos() -> list[bytes]:
    """What the desk would have made of the resident."""
    engine, portrait = open_engine(), read(HERE / "resident.jpg")
    return [packed(engine.faces(read_picture(moved(portrait, number)))[0].template) for number in range(3)]


@asynccontextmanager
async def standing(folder: Path, life: int) -> AsyncIterator[str]:
    """The address of a running door's page."""
    house = enrolled(folder / "store", folder / "keys", photos(), {LIFE: [[life]]})
    assert house.rows is not None
    port = free_ports()
    door = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kaimen", "door", "--dir", str(folder), "--page", f"127.0.0.1:{port}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert door.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert b"page http" in await door.stdout.readline()
        yield f"http://127.0.0.1:{port}/"
    finally:
        door.terminate()
        await door.wait()


@asynccontextmanager
async def shown_to(url: str, path: Path) -> AsyncIterator[Page]:
    """The page, with the portrait before its camera."""
    async with browser_with_camera(film(path / "resident.mjpeg", "resident.jpg")) as browser:
        page = await browser.new_page()
        await page.goto(url)
        await page.locator("#camera").click()
        yield page


def says(page: Page, language: str, text: str) -> Locator:
    """The screen's line in one language, while it is just this text."""
    return page.locator(f"#text-{language}", has_text=re.compile(rf"^\s*{re.escape(text)}\s*$"))


async def test_a_still_portrait_does_not_open_and_is_told_why_and_what_else_to_do(tmp_path: Path) -> None:
    chinese, english = wording.WHY[feedback.NOT_LIVE]
    async with standing(tmp_path, LIFE_ALWAYS) as url, shown_to(url, tmp_path) as page:
        both = page.locator("body", has=says(page, "zh", chinese)).filter(has=says(page, "en", english))
        await expect(both).to_be_visible(timeout=SLOW_MS)  # in one look: the screen goes on to the next thing to do
        await expect(page.locator("#opening")).to_have_attribute("data-lock", "shut")
        assert "code" in english
        assert "Call" in english


async def test_without_the_rule_it_opens_as_before(tmp_path: Path) -> None:
    async with standing(tmp_path, LIFE_OFF) as url, shown_to(url, tmp_path) as page:
        await expect(page.locator("#text-en")).to_have_text(wording.TEXT[feedback.OPENED][1], timeout=SLOW_MS)
        await expect(page.locator("#opening")).to_have_attribute("data-lock", "open")
