"""The pages in a real browser: readable, reachable by keyboard, live within a second, and usable without scripts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from .house import HOME, House, open_house, serve
from .tour import tour
from .window import axe, chromium, needs_chromium, sign_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]

Scheme = Literal["light", "dark"]
WIDTHS = (360, 1280)
# what a person cannot read: text wider than its box, or a page wider than the screen
CUT = """() => {
  const cut = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) cut.push(`page ${root.scrollWidth} > ${root.clientWidth}`);
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(".unseen, .skip, svg, input, select, details:not([open]) > :not(summary)")) continue;
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = one.getBoundingClientRect();
    const within = one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1;
    if (own && box.width && (within || box.right > innerWidth + 1))
      cut.push(`${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
  }
  return cut;
}"""
# controls smaller than 44 px either way; a link within a sentence may be (WCAG 2.5.8)
SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
  const hidden = ".unseen, .skip, [hidden], [type=hidden], [readonly], details:not([open]) > :not(summary)";
  if (one.closest(hidden)) return false;
  if (one.matches("a") && getComputedStyle(one).display === "inline") return false;
  const box = (one.closest("label.choice") ?? one).getBoundingClientRect();
  return box.width && (box.height < 44 || box.width < 44);
}).map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)}`)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    """A Chromium; each test opens windows of its own in it."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A seeded host with its pages, for one test."""
    async with open_house(tmp_path) as bare, serve(bare) as served:
        yield served


@dataclass(frozen=True, slots=True)
class Toured:
    """A house with something on every page: (address, who looks at it), and a session for everyone who looks."""

    house: House
    pages: list[tuple[str, str]]
    sessions: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def toured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Toured]:
    """One house for all who only look."""
    async with open_house(tmp_path_factory.mktemp("toured")) as bare, serve(bare) as house:
        looking = ("wangfang", "admin", "desk", "guard")
        sessions = {"": ""} | {name: await house.session(name) for name in looking}
        yield Toured(house, await tour(house), sessions)


async def walk(
    window: Browser, toured: Toured, language: str, scheme: Scheme, width: int
) -> AsyncIterator[tuple[str, Page]]:
    """Each page of the tour, opened; the accessibility checker is on it."""
    context = await window.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    await context.add_init_script(axe())  # our own policy forbids foreign scripts: it comes through the driver
    page = await context.new_page()
    for path, name in toured.pages:
        await sign_in(context, toured.house.url, toured.sessions[name], language)
        await page.goto(toured.house.url + path)
        yield f"{name} {path}", page
    await context.close()


@dataclass(slots=True)
class Looked:
    """What is wrong on the pages of one walk: text cut and targets too small at 360 pixels, rules broken by width."""

    cut: list[tuple[str, str]]
    small: list[tuple[str, str]]
    broken: dict[int, list[tuple[str, str, object]]]
    pages: int = 0


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["light", "dark"])
async def looked(request: pytest.FixtureRequest, window: Browser, toured: Toured) -> Looked:
    """A walk in the light in English, in the dark in Chinese; each page is looked at narrow, then wide."""
    scheme: Scheme = request.param
    found = Looked([], [], {width: [] for width in WIDTHS})
    async for path, page in walk(window, toured, "zh-CN" if scheme == "dark" else "en", scheme, 360):
        found.pages += 1
        found.cut += [(path, one) for one in await page.evaluate(CUT)]
        found.small += [(path, one) for one in await page.evaluate(SMALL)]
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 740})
            rules = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert (await page.evaluate("innerWidth"), bool(rules["testEngine"])) == (width, True)
            found.broken[width] += [
                (path, rule["id"], [node["target"] for node in rule["nodes"]][:3]) for rule in rules["violations"]
            ]
        await page.set_viewport_size({"width": 360, "height": 740})
    return found


async def test_at_360_pixels_no_text_is_cut_and_every_target_is_large(looked: Looked, toured: Toured) -> None:
    assert (looked.cut, looked.small) == ([], [])
    assert looked.pages == len(toured.pages) > 50


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_page_breaks_a_rule_of_accessibility(looked: Looked, width: int) -> None:
    assert looked.broken[width] == []


async def test_every_control_is_reached_by_keyboard_with_a_visible_focus(toured: Toured, window: Browser) -> None:
    missed = []
    async for path, page in walk(window, toured, "en", "light", 1280):
        wanted = await page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
              .filter((one) => one.tabIndex >= 0 && one.checkVisibility() && one.getClientRects().length
                && !(one.type === "radio" && !one.checked)).length"""
        )
        seen = 0
        for _ in range(wanted):
            await page.keyboard.press("Tab")
            held = await page.evaluate(
                """() => {
                  const one = document.activeElement, style = getComputedStyle(one);
                  const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
                  return [one !== document.body, visible];
                }"""
            )
            seen += held[0]
            if held[0] and not held[1]:
                missed.append((path, "focus not visible"))
        if seen < wanted:
            missed.append((path, f"{seen} of {wanted} reached"))
    assert not missed


async def test_the_whole_way_works_without_scripts(house: House, window: Browser) -> None:
    context = await window.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="en-GB"
    )
    page = await context.new_page()
    await page.goto(f"{house.url}/link/{house.links['wangfang']}")
    await page.get_by_role("button", name="Continue").click()
    for label in ("New password", "The same once more"):
        await page.get_by_label(label).fill("four ordinary words here")
    await page.get_by_role("button", name="Save password").click()
    await page.get_by_role("link", name="Invite a visitor").click()  # first tap
    await page.get_by_role("button", name="Make the code").click()  # second tap
    link = await page.get_by_label("Link for the visitor").input_value()
    await page.get_by_role("button", name="Take the code back").click()
    await expect(page.get_by_text("The code is taken back.")).to_be_visible()
    await page.goto(link)
    await expect(page.get_by_text("Your host has taken the code back.")).to_be_visible()
    await context.close()


async def test_what_happens_at_a_door_appears_on_the_office_s_page_by_itself(house: House, window: Browser) -> None:
    door = await house.fill("north-in")
    context = await window.new_context()
    await sign_in(context, house.url, await house.session("admin"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/today")
    await expect(page.locator("body.live-on")).to_be_attached()
    await door.let_in(HOME, 1)
    await expect(page.get_by_text("wrong code").first).to_be_visible(timeout=5000)
    await context.close()


async def test_a_ring_appears_by_itself_and_open_answers_in_place(house: House, window: Browser) -> None:
    door = await house.fill("north-in")
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session("wangfang"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/me")
    await expect(page.locator("body.live-on")).to_be_attached()
    call = await house.ring(door)
    await expect(page.get_by_text("A visitor is at 北门入口").first).to_be_visible(timeout=2000)
    await page.locator(f"#open-{call}").click()
    await expect(page.get_by_text("The door is open").first).to_be_visible(timeout=2000)
    assert page.url == house.url + "/me"
    await context.close()


async def test_a_page_whose_session_is_over_leads_to_sign_in_by_itself(house: House, window: Browser) -> None:
    context = await window.new_context()
    await sign_in(context, house.url, await house.session("wangfang"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/me")
    await expect(page.locator("body.live-on")).to_be_attached()
    house.later(31 * 86_400_000)
    house.ctx.pages.close()  # type: ignore[attr-defined]
    await expect(page.get_by_label("Name or phone number")).to_be_visible(timeout=5000)
    await asyncio.wait_for(context.close(), 5)
