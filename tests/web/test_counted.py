"""Taps and keys counted by the hand that makes them: a tap too many fails, and so does a page too many.

How long an act takes is not measured here but reckoned, so that no machine's speed decides: TAP_S for finding and
tapping something, KEY_S for a key, PAGE_S for a page to come (measured in `make bench`: under 0.1 s on this machine; a
phone on a bad network is meant). What somebody else does in between, the home's answer, is not in it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking, presence
from gatehost.service.paper import casework

from .house import HOME, House, open_house, serve
from .tour import GUARD as AT_THE_GATE
from .window import chromium, needs_chromium, sign_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
TAP_S, KEY_S, PAGE_S = 1.0, 0.3, 0.5


@dataclass(slots=True)
class Hand:
    """One hand at a phone of 360 pixels without scripts; the only way the tests below touch the page."""

    page: Page
    taps: int = 0
    keys: int = 0
    pages: int = 0

    async def tap(self, wanted: Locator) -> None:
        """Taps what is on the screen."""
        self.taps += 1
        before = self.page.url
        await wanted.click()
        await self.page.wait_for_load_state()
        self.pages += before != self.page.url

    async def write(self, wanted: Locator, text: str) -> None:
        """Taps into a field and types."""
        await self.tap(wanted)
        await self.page.keyboard.type(text)
        self.keys += len(text)

    def seconds(self) -> float:
        """By the reckoning above."""
        return self.taps * TAP_S + self.keys * KEY_S + self.pages * PAGE_S


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    """One Chromium for all."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One host for all; a guard is on duty."""
    async with open_house(tmp_path_factory.mktemp("counted")) as bare, serve(bare) as served:
        await casework.open_case(served.ctx, AT_THE_GATE, "shift", "north", {})
        yield served


async def phone(window: Browser, house: House, name: str, path: str) -> Hand:
    """Somebody's first page, open."""
    context = await window.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session(name), "en")
    page = await context.new_page()
    await page.goto(house.url + path)
    return Hand(page)


async def test_a_courier_is_in_with_three_taps_and_out_with_one(house: House, window: Browser) -> None:
    guard = await phone(window, house, "guard", "/gate")
    page = guard.page
    await guard.tap(page.get_by_role("link", name="Courier", exact=True))
    await guard.write(page.get_by_label("Home number"), HOME)
    await guard.tap(page.get_by_role("button", name="Let in"))
    await expect(page.get_by_text("Let in and written down.")).to_be_visible()
    assert (guard.taps, guard.keys) == (3, len(HOME))
    await guard.tap(page.get_by_role("button", name="Courier leaves now"))
    await expect(page.get_by_text("Left and written down.")).to_be_visible()
    assert guard.taps == 4
    await page.context.close()


async def test_an_invitation_takes_two_taps_and_four_seconds(house: House, window: Browser) -> None:
    fang = await phone(window, house, "wangfang", "/me")
    await fang.tap(fang.page.get_by_role("link", name="Invite a visitor"))
    await fang.tap(fang.page.get_by_role("button", name="Make the code"))
    await expect(fang.page.locator(".pass .code")).to_be_visible()
    assert fang.taps == 2  # at most 4 are allowed, and 15 s: two are left for sending it on
    assert fang.seconds() <= 4
    await fang.page.context.close()


@pytest.mark.parametrize("came", ["poster", "guard"])
async def test_a_visitor_is_approved_with_one_tap(house: House, window: Browser, came: str) -> None:
    if came == "poster":
        await asking.ask(house.ctx, "north", HOME, "张阿姨", "", "")
    else:
        await admission.ask(house.ctx, AT_THE_GATE, "north", Newcomer("visitor", HOME, "表哥"))
    fang = await phone(window, house, "wangfang", "/me")
    await fang.tap(fang.page.get_by_role("button", name="Let them in"))
    await expect(fang.page.locator(".note.good")).to_be_visible()
    await expect(fang.page.get_by_role("button", name="Let them in")).to_have_count(0)
    assert fang.taps == 1
    await fang.page.context.close()


async def test_an_unknown_visitor_is_asked_for_and_let_in_by_the_guard_within_twenty_seconds(
    house: House, window: Browser
) -> None:
    guard = await phone(window, house, "guard", "/gate")
    page = guard.page
    await guard.tap(page.get_by_role("link", name="Visitor", exact=True))
    await guard.write(page.get_by_label("Home number"), HOME)
    await guard.write(page.get_by_label("Name (may stay empty)"), "zhang a yi")  # as pinyin is typed
    await guard.tap(page.get_by_role("button", name="Go on"))
    await expect(page.get_by_text("The home is asked: wait")).to_be_visible()
    (waits,) = [one for one in await presence.waiting(house.ctx, AT_THE_GATE) if one.state == "waiting"]
    fang = await phone(window, house, "wangfang", "/me")
    await fang.tap(fang.page.get_by_role("button", name="Let them in"))
    await page.reload()
    guard.pages += 1
    await expect(
        page.get_by_role("status").filter(has_text="zhang a yi").get_by_text("yes: let them in")
    ).to_be_visible()
    assert waits.name == "zhang a yi"
    assert (guard.taps, guard.pages) == (4, 3)
    assert guard.seconds() <= 20
    for one in (guard, fang):
        await one.page.context.close()
