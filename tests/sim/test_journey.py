"""The demo as a person plays it, in a real browser at phone width with a portrait before its camera."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from tests.sim.demo import Running, browser_with_camera, digits_of, film, running_demo
from tests.web.window import needs_chromium

from gatecore import feedback, wording

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
PHONE = {"width": 360, "height": 740}
HOME = "120502"
SHOTS = os.environ.get("KAIMEN_SHOTS")  # a folder: pictures of the pages are put there
SLOW_MS = 20_000
OPENED = wording.TEXT[feedback.OPENED]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def resident_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with browser_with_camera(film(tmp_path_factory.mktemp("film") / "resident.mjpeg", "resident.jpg")) as browser:
        yield browser


class People:
    """The pages a person has open in one browser at one time."""

    def __init__(self, browser: Browser, demo: Running) -> None:
        self.browser, self.demo = browser, demo
        self.pages: dict[str, Page] = {}

    async def open(self, name: str, url: str, language: str) -> Page:
        context = await self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            locale=language,
            permissions=[],
            reduced_motion="reduce",  # five pages that blink without a graphics card cost more than the story
        )
        page = await context.new_page()
        page.set_default_timeout(SLOW_MS)
        await page.goto(url)
        self.pages[name] = page
        return page

    async def signed_in(self, name: str, language: str) -> Page:
        """Signs in by the one-use link that stands on the demo's first page."""
        index = self.pages["index"]
        await expect(index.locator(f"#{name}")).to_have_attribute("href", re.compile("/link/"))
        page = await self.open(name, await index.locator(f"#{name}").get_attribute("href") or "", language)
        await page.locator("form button.primary").click()
        await page.wait_for_url(lambda url: "/link/" not in url)
        return page


async def shot(page: Page, name: str) -> None:
    """A picture of the page, where somebody wants to look at them."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


async def type_at(door: Page, keys: str) -> None:
    for key in keys:
        await door.locator(f'[data-key="{key}"]').click()


async def opens(door: Page) -> None:
    await expect(door.locator("#opening")).to_have_attribute("data-lock", "open", timeout=SLOW_MS)
    await expect(door.locator("#text-zh")).to_have_text(OPENED[0])
    await expect(door.locator("#text-en")).to_have_text(OPENED[1])


async def rests(door: Page) -> None:
    await expect(door.locator("#opening")).to_have_attribute("data-lock", "shut", timeout=SLOW_MS)
    await expect(door.locator("#opening")).to_have_attribute("data-leaf", "shut", timeout=SLOW_MS)
    await expect(door.locator("#text-zh")).to_have_text(wording.TEXT[feedback.IDLE][0], timeout=SLOW_MS)


async def camera(page: Page, on: bool) -> None:
    await page.locator("#camera").click()
    await expect(page.locator("#view")).to_be_visible() if on else await expect(page.locator("#view")).to_be_hidden()


async def refuses(door: Page, keys: str, reason: int) -> None:
    await type_at(door, keys)
    await expect(door.locator("#text-zh")).to_have_text(wording.WHY[reason][0], timeout=SLOW_MS)
    await expect(door.locator("#text-en")).to_have_text(wording.WHY[reason][1])
    await expect(door.locator("#opening")).to_have_attribute("data-lock", "shut")
    await rests(door)


async def test_the_whole_story_by_hand(demo: Running, resident_browser: Browser, tmp_path: Path) -> None:
    people = People(resident_browser, demo)
    index = await people.open("index", demo.index, "zh-CN")
    gate = await people.open("gate", demo.unit(0), "zh-CN")
    building = await people.open("building", demo.unit(1), "en-GB")
    vault = await people.open("vault", demo.unit(2), "en-GB")
    await shot(index, "journey-index")

    # the person at the vault compares the digits on the doors' own screens and confirms each
    for door in (gate, building):
        await expect(door.locator("#six-digits")).to_have_text(re.compile(r"^\d{6}$"))
        six = await door.locator("#six-digits").text_content() or ""
        await vault.locator("#questions li", has_text=six).get_by_role("button", name="confirm this door").click()
    await expect(vault.locator("#all-confirmed")).to_be_visible()

    # consent first, then the capture with one's own camera
    desk = await people.signed_in("desk", "en-GB")
    await desk.goto(re.sub(r"/[^/]*$", "", desk.url.split("?")[0]).split("/password")[0] + f"/desk/homes/{HOME}")
    await desk.locator(f'a[href^="/desk/homes/{HOME}/faces/"]').first.click()
    for box in ("checked", "read"):
        await desk.locator(f'input[name="{box}"]').check()
    await desk.locator('input[name="signer"]').fill("A")
    await desk.locator('button[name="answer"][value="yes"]').click()
    await desk.wait_for_url("**/capture")
    await desk.locator("button.primary.huge").click()
    await expect(vault.locator("#capture-says")).to_contain_text(HOME)
    await camera(vault, True)
    await shot(vault, "journey-capture")
    await expect(vault.locator("#capture-says")).to_contain_text("sealed", timeout=SLOW_MS)
    await camera(vault, False)
    await expect(desk.locator("main")).to_contain_text("of 2 doors", timeout=SLOW_MS)

    # walks to the door, and it opens; the admin's page shows it by itself
    admin = await people.signed_in("admin", "en-GB")
    await admin.goto(f"http://127.0.0.1:{demo.port + 1}/today")
    before = await admin.locator("[data-live=entries] li").count()
    await camera(gate, True)
    await shot(gate, "journey-looking")
    await opens(gate)
    await expect(admin.locator("[data-live=entries] li")).not_to_have_count(before, timeout=SLOW_MS)
    await shot(gate, "journey-opened")
    await camera(gate, False)
    await rests(gate)

    # a visitor code from the resident's page, typed at the door
    me = await people.signed_in("resident", "zh-CN")
    await me.goto(f"http://localhost:{demo.port + 1}/invite")
    await me.locator("form button.primary").click()
    await me.wait_for_url("**/codes/*")
    code = digits_of(await me.locator(".pass .code").text_content() or "")
    assert len(code) == 8
    visitor_url = await me.locator("#visitor-link").input_value()
    visitor = await people.open("visitor", visitor_url, "zh-CN")
    await expect(visitor.locator("body")).to_contain_text(f"{code[:4]} {code[4:]}")
    await type_at(gate, f"{HOME}#{code}")
    await opens(gate)
    await rests(gate)

    # a wrong one, and a revoked one
    slip = code[:7] + str((int(code[7]) + 1) % 10)
    await refuses(gate, f"{HOME}#{slip}", 6)
    await me.locator("form[action$='/revoke'] button").click()
    await me.wait_for_load_state()
    await expect(gate.locator("#tape li").first).to_contain_text("名单")
    await refuses(gate, f"{HOME}#{code}", 4)

    # Call rings at home with a picture; opened from there
    await me.goto(f"http://localhost:{demo.port + 1}/me")
    await camera(building, True)
    await expect(building.locator("#text-en")).to_have_text(wording.WHY[feedback.UNCLEAR][1], timeout=SLOW_MS)
    await camera(building, False)
    await type_at(building, f"{HOME}C")
    await expect(building.locator("#text-en")).to_have_text(wording.TEXT[feedback.CALLING][1])
    await expect(me.locator(".ringing .snapshot img")).to_be_visible(timeout=SLOW_MS)
    await shot(me, "journey-ringing")
    await me.locator("form[action^='/calls/'][action$='/open'] button").click()
    await opens(building)
    await rests(building)

    # the host stops: the face still opens; it starts: the entries arrive
    entries = await admin.locator("[data-live=entries] li").count()
    await index.locator("#host").click()
    await expect(index.locator("#host-says")).to_contain_text("主机已停", timeout=SLOW_MS)
    await expect(gate.locator("#link")).to_contain_text("独立工作中", timeout=SLOW_MS)
    await camera(gate, True)
    await opens(gate)
    await camera(gate, False)
    await shot(gate, "journey-offline")
    await index.locator("#host").click()
    await expect(index.locator("#host-says")).to_have_class(re.compile("good"), timeout=SLOW_MS)
    await expect(gate.locator("#link")).to_contain_text("已连接", timeout=SLOW_MS)
    await expect(admin.locator("[data-live=entries] li")).not_to_have_count(entries, timeout=SLOW_MS)
    await rests(gate)

    # a stranger is refused with a reason
    async with browser_with_camera(film(tmp_path / "stranger.mjpeg", "stranger.jpg")) as other:
        stranger = await People(other, demo).open("stranger", demo.unit(0), "en-GB")
        await camera(stranger, True)
        await expect(stranger.locator("#text-en")).to_have_text(wording.WHY[feedback.UNCLEAR][1], timeout=SLOW_MS)
        await expect(stranger.locator("#opening")).to_have_attribute("data-lock", "shut")
        await type_at(stranger, f"{HOME}#")
        await expect(stranger.locator("#text-en")).to_have_text(wording.WHY[feedback.FACE_UNKNOWN][1], timeout=SLOW_MS)
        await expect(stranger.locator("#opening")).to_have_attribute("data-lock", "shut")
        await shot(stranger, "journey-stranger")
