"""The pages in a real browser: readable, reachable by keyboard, live within a second, and usable without scripts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute, expect

from .house import HOME, House, open_house, serve
from .tour import tour
from .window import CUT, PHONE, SMALL, Look, Scheme, axe, chromium, faults, missed, needs_chromium, sign_in

__all__ = ["CUT", "SMALL"]
pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]

WIDTHS = (PHONE, 1280)
ROWS = "new Set([...document.querySelectorAll('.bar-in > *')].map((one) => one.getBoundingClientRect().top)).size"
TABS = "[...document.querySelectorAll('.tabs a')].map((one) => one.clientHeight)"


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
        pages = await tour(house)
        looking = {name for _, name in pages if name}
        yield Toured(house, pages, {"": ""} | {name: await house.session(name) for name in looking})


@dataclass(slots=True)
class Looked:
    """What is wrong on the pages of one walk: at each width, and for a keyboard alone."""

    found: dict[int, list[tuple[str, str, object]]]
    missed: list[tuple[str, str]]
    pages: int = 0
    walked: int = 0


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["light", "dark"])
async def looked(request: pytest.FixtureRequest, window: Browser, toured: Toured) -> Looked:
    """A walk in the light in English, in the dark in Chinese; each page is opened once and looked at narrow, then wide;
    in the light by keyboard too."""
    scheme: Scheme = request.param
    told = Looked({width: [] for width in WIDTHS}, [])
    context = await window.new_context(viewport={"width": PHONE, "height": 740}, color_scheme=scheme)
    await context.add_init_script(axe())  # our own policy forbids foreign scripts: it comes through the driver
    page = await context.new_page()
    for path, name in toured.pages:
        await sign_in(context, toured.house.url, toured.sessions[name], "zh-CN" if scheme == "dark" else "en")
        await page.goto(toured.house.url + path)
        where = f"{name} {path}"
        for (width, _), what, which in await faults(page, [(width, scheme) for width in WIDTHS]):
            told.found[width].append((where, what, which))
        if scheme == "light":
            told.missed += [(where, one) for one in await missed(page)]
            told.walked += 1
        told.pages += 1
    await context.close()
    return told


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_on_a_phone_the_bar_takes_two_lines_for_every_role(
    window: Browser, toured: Toured, language: str
) -> None:
    context = await window.new_context(viewport={"width": PHONE, "height": 740})
    page = await context.new_page()
    for name in ("wangfang", "desk", "guard", "admin", "operator", "committee"):
        await sign_in(context, toured.house.url, await toured.house.session(name), language)
        await page.goto(toured.house.url + "/")
        assert await page.evaluate(ROWS) == 2, name
        assert {*await page.evaluate(TABS)} == {53}, name  # one line: 56 px less the mark of the page one is on
    await context.close()


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_text_is_cut_every_target_is_large_and_no_rule_of_accessibility_is_broken(
    looked: Looked, toured: Toured, width: int
) -> None:
    assert looked.found[width] == []
    assert looked.pages == len(toured.pages) > 50


@pytest.mark.parametrize("looked", ["light"], indirect=True, scope="module")
async def test_every_control_is_reached_by_keyboard_with_a_visible_focus(looked: Looked, toured: Toured) -> None:
    assert looked.missed == []
    assert looked.walked == len(toured.pages)


# what is wrong only when the window is wide, and only in the dark
PLANTED = """<!doctype html><html lang="en"><title>x</title><style>
  #wide { display: none } @media (min-width: 1000px) { #wide { display: block } }
  p { color: #222; background: #fff } @media (prefers-color-scheme: dark) { p { color: #fff; background: #eee } }
  button { min-width: 44px; min-height: 44px } :focus-visible { %s }
</style><main><h1>x</h1><p id="dark">dark</p><button id="wide"></button>%s</main></html>"""


async def test_what_is_wrong_at_one_width_or_in_one_scheme_alone_is_found(window: Browser) -> None:
    page = await window.new_page()
    await page.set_content(PLANTED % ("", ""))
    looks: list[Look] = [(PHONE, "light"), (1280, "light"), (PHONE, "dark"), (1280, "dark")]
    contrast, name = "color-contrast", "button-name"
    assert [(look, rule) for look, rule, _ in await faults(page, looks)] == [
        ((1280, "light"), name), ((PHONE, "dark"), contrast), ((1280, "dark"), name), ((1280, "dark"), contrast),
    ]  # fmt: skip
    await page.set_content(PLANTED % ("", '<p style="width: 30px">unbreakable</p><a href="#x">y</a>'))
    assert {rule for _, rule, _ in await faults(page, looks[:1])} == {"cut"}
    await page.context.close()


async def test_a_control_that_tab_passes_by_and_a_focus_nobody_sees_are_told(window: Browser) -> None:
    page = await window.new_page()
    await page.set_content(PLANTED % ("outline: none", '<button>seen</button><input aria-label="i" disabled>'))
    assert await missed(page) == ["focus not visible: BUTTON  ", "focus not visible: BUTTON  seen"]
    await page.set_content(
        PLANTED % ("outline: 3px solid", '<input type="datetime-local" aria-label="when"><a href="#x">two</a>')
    )
    assert await missed(page) == []
    await page.evaluate("addEventListener('keydown', (event) => event.preventDefault())")
    assert await missed(page) == ["not reached: BUTTON  ", "not reached: INPUT  ", "not reached: A  two"]
    await page.context.close()


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


async def test_a_button_that_gives_a_file_can_be_pressed_again_and_a_printed_list_has_no_buttons(
    window: Browser, toured: Toured
) -> None:
    context = await window.new_context(viewport={"width": PHONE, "height": 740}, color_scheme="dark")
    await sign_in(context, toured.house.url, toured.sessions["admin"], "en")
    page = await context.new_page()
    await page.clock.install()
    await page.goto(toured.house.url + "/admin/proof")
    await page.locator("summary", has_text="Export the log").click()
    await page.locator('[name="whom"]').fill("owners' committee")
    await page.locator('[name="why"]').fill("yearly check")
    button = page.locator('form[action="/admin/proof/export"] button')
    async with page.expect_download():
        await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    await page.clock.run_for(3100)
    await expect(button).not_to_have_attribute("aria-busy", "true")
    await page.goto(toured.house.url + "/gate/muster")
    await expect(page.locator("main button").first).to_be_visible()
    await page.emulate_media(media="print")
    assert [await one.is_visible() for one in await page.locator("main button").all()].count(True) == 0
    await expect(page.locator("main .only-print").first).to_contain_text("2026")
    await context.close()


async def test_a_page_that_hears_nothing_any_more_says_so_until_it_does(window: Browser, toured: Toured) -> None:
    context = await window.new_context(viewport={"width": PHONE, "height": 740})
    await sign_in(context, toured.house.url, toured.sessions["wangfang"], "en")
    page, sockets = await context.new_page(), list[WebSocketRoute]()

    async def pass_on(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) != 2:  # the second try does not reach the host
            socket.connect_to_server()
        else:
            await socket.close()

    await page.route_web_socket("**/live", pass_on)
    await page.goto(toured.house.url + "/me")
    await expect(page.locator("body.live-on")).to_have_count(1)
    await sockets[0].close()
    await expect(page.locator("#away")).to_have_text("The connection was lost. What you see may be old; trying again.")
    await expect(page.locator("#away")).to_have_count(0)
    assert len(sockets) >= 3
    await context.close()
