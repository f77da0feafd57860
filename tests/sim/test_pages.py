"""The simulator's pages by themselves: languages, cut text, accessibility, keyboard, no camera, hostile frames."""

import asyncio
import contextlib
import json
import os
import re
import struct
import zlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from tests.sim.demo import Running, browser_with_camera, running_demo
from tests.web.window import broken, needs_chromium

from gatecore import feedback, wording

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
SIZES = [(360, 740), (1280, 900)]
LANGUAGES = ["zh-CN", "en-GB"]
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  if (!one.offsetParent || style.clipPath !== "none" || one.closest("svg, .unseen, .skip, [hidden]")) return false;
  const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const box = one.getBoundingClientRect();
  const beside = box.right > innerWidth + 1 || box.left < -1;
  return words && (beside || (style.overflow !== "visible" && one.scrollWidth > one.clientWidth + 1));
}).map((one) => one.outerHTML.slice(0, 120))"""
WORDS = """() => [...document.querySelectorAll("body *")].filter((one) => one.offsetParent
  && !one.closest("[data-always], #label, #speak") && getComputedStyle(one).clipPath === "none")
  .flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()))
  .filter((text) => text)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browser_with_camera(None) as found:
        yield found


def addresses(demo: Running) -> dict[str, str]:
    return {"index": demo.index, "gate": demo.unit(0), "desk": demo.unit(2)}


async def opened(browser: Browser, url: str, size: tuple[int, int], language: str) -> Page:
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=language, reduced_motion="reduce"
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(url)
    await expect(page.locator("#link")).not_to_be_empty()
    return page


VIEWS = [(name, language, size) for name in ("index", "gate", "desk") for language in LANGUAGES for size in SIZES]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}-{view[2][0]}"
)
async def view(request: pytest.FixtureRequest, demo: Running, browser: Browser) -> AsyncIterator[Page]:
    """A page in one language and size, for all who only look."""
    name, language, size = request.param
    page = await opened(browser, addresses(demo)[name], size, language)
    yield page
    await page.context.close()


async def test_no_text_is_cut_and_nothing_stands_beside_the_page(view: Page) -> None:
    assert await view.evaluate(CUT) == []
    assert await view.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_a_page_breaks_no_accessibility_rule(view: Page) -> None:
    assert await broken(view) == []


@pytest.mark.parametrize("name", ["index", "gate", "desk"])
async def test_a_page_speaks_one_language_at_a_time(demo: Running, browser: Browser, name: str) -> None:
    page = await opened(browser, addresses(demo)[name], SIZES[0], "en-GB")
    english = [text for text in await page.evaluate(WORDS) if re.search(r"[\u4e00-\u9fff]", text)]
    # places keep the names the estate gave them, in both languages
    assert not [text for text in english if not re.search(r"Building 12|East gate|开门 Kaimen", text)]
    await page.locator("#speak").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    chinese = [text for text in await page.evaluate(WORDS) if re.search(r"[A-Za-z]{4,}", text)]
    assert not [
        text for text in chinese if not re.search(r"Kaimen|localhost|Ctrl|Building 12|East gate|east-gate", text)
    ]
    await page.context.close()


async def test_the_keypad_works_from_the_keyboard(demo: Running, browser: Browser) -> None:
    page = await opened(browser, demo.unit(0), SIZES[1], "en-GB")
    for key in ["9", "9", "9", "9", "9", "9", "c"]:
        await page.keyboard.press(key)
    await expect(page.locator("#text-en")).to_have_text(wording.WHY[feedback.NOT_HERE][1])
    await page.locator('[data-key="1"]').focus()
    await page.keyboard.press("Space")
    await expect(page.locator("#typed")).to_have_text("1")
    await page.keyboard.press("Escape")
    await expect(page.locator("#typed")).to_have_text("")
    await page.context.close()


async def test_a_card_is_held_to_the_reader_from_the_keyboard(demo: Running, browser: Browser) -> None:
    page = await opened(browser, demo.unit(0), SIZES[1], "en-GB")
    await page.locator("#card").focus()
    await page.locator("#card").fill("")
    await page.keyboard.type("12a")
    await page.keyboard.press("Enter")
    await expect(page.locator("#card-says")).to_have_text("Please type the ten digits on the card.")
    await expect(page.locator("#typed")).to_have_text("")  # the keypad heard none of it
    await page.locator("#card").fill("0001234567")
    await page.keyboard.press("Enter")
    await expect(page.locator("#text-en")).to_have_text(wording.TEXT[feedback.OPENED][1])
    await page.locator("#card").fill("0000000007")
    await page.locator("#hold").click()
    await expect(page.locator("#text-en")).to_have_text(wording.WHY[feedback.CARD_UNKNOWN][1])
    await page.context.close()


async def test_without_a_camera_the_page_says_what_to_do_instead(demo: Running, browser: Browser) -> None:
    page = await opened(browser, demo.unit(0), SIZES[0], "en-GB")
    await page.locator("#camera").click()
    await expect(page.locator("#camera-says")).to_contain_text("show a picture instead")
    await page.locator("#file").set_input_files({"name": "no.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    await expect(page.locator("#camera-says")).to_contain_text("not a picture")
    await page.context.close()


async def test_exit_opens_at_once_and_a_forced_leaf_is_an_alarm(demo: Running, browser: Browser) -> None:
    page = await opened(browser, demo.unit(1), SIZES[0], "en-GB")
    await page.locator("#exit").click()
    await expect(page.locator("#opening")).to_have_attribute("data-lock", "open", timeout=1_000)
    await expect(page.locator("#opening")).to_have_attribute("data-leaf", "open")
    await expect(page.locator("#opening")).to_have_attribute("data-leaf", "shut")
    await expect(page.locator("#opening")).to_have_attribute("data-lock", "shut")
    await page.wait_for_timeout(2_200)  # the leaf may be pushed two seconds after the lock fell back
    await page.locator("#push").click()
    await expect(page.locator("#text-en")).to_have_text(wording.WHY[feedback.FORCED_OPEN][1])
    await page.locator("#push").click()
    await page.context.close()


def bomb() -> bytes:
    """A PNG of 40,000 x 40,000 pixels in a few bytes, behind a JPEG's first bytes."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\xff\xd8\xff\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


HOSTILE: list[tuple[bytes | str, str]] = [
    (b"", "not_a_jpeg"),
    (os.urandom(5_000), "not_a_jpeg"),
    (b"\xff\xd8\xff" + os.urandom(5_000), "not_a_picture"),
    (b"\xff\xd8\xff" + bytes(2 * 1024 * 1024), "too_large"),
    (bomb(), "not_a_picture"),
    ("not JSON", "not_understood"),
    ("[" * 100_000, "not_understood"),
    ('{"do": "key", "key": "12"}', "not_understood"),
    ('{"do": "key", "key": 5}', "not_understood"),
    ('{"do": "card", "number": "0001234567"}', "not_understood"),
    ('{"do": "card", "number": true}', "not_understood"),
    ('{"do": "card", "number": 4294967296}', "not_understood"),
    ('{"do": "card", "number": -1}', "not_understood"),
    ('{"do": "leaf", "open": "yes"}', "not_understood"),
    ('{"do": "confirm", "dev": "00"}', "not_understood"),
    ("null", "not_understood"),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
async def test_a_hostile_message_gets_a_clear_error_and_the_unit_goes_on(demo: Running, number: int) -> None:
    sent, code = HOSTILE[number]
    url = demo.unit(0) + "ws"
    async with aiohttp.ClientSession() as client, client.ws_connect(url, max_msg_size=0) as socket:
        await (socket.send_bytes(sent) if isinstance(sent, bytes) else socket.send_str(sent))
        async with asyncio.timeout(10):
            while (told := json.loads(await socket.receive_str()))["kind"] != "frame":
                continue
        assert (told["ok"], told["code"]) in [(False, code), (False, "truncated")]
        assert all(told["text"])
        await socket.send_str('{"do": "key", "key": "*"}')
    async with aiohttp.ClientSession() as client, client.ws_connect(url) as socket:
        assert json.loads(await socket.receive_str())["kind"] == "view"


async def test_what_is_larger_than_anything_sensible_closes_the_page_and_nothing_else(demo: Running) -> None:
    url = demo.unit(0) + "ws"
    async with aiohttp.ClientSession() as client, client.ws_connect(url, max_msg_size=0) as socket:
        async with asyncio.timeout(10):
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):  # closed while it was still being sent
                await socket.send_bytes(bytes(9 * 1024 * 1024))
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                continue
        assert socket.closed
    async with aiohttp.ClientSession() as client, client.get(demo.unit(0)) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "door.example.org"}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}]
)
async def test_another_site_cannot_reach_a_door_or_the_hosts_button(demo: Running, headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as client:
        async with client.get(demo.unit(0) + "ws", headers=headers) as answer:
            assert answer.status == 403
        async with client.post(demo.index + "host/stop", headers=headers | {"X-Demo": "1"}) as answer:
            assert answer.status == 403
        async with client.post(demo.index + "host/stop") as answer:  # a form cannot send our header
            assert answer.status == 403


async def test_every_answer_carries_the_policy(demo: Running) -> None:
    async with aiohttp.ClientSession() as client:
        for url in (demo.index, demo.unit(0), demo.unit(0) + "static/door.js", demo.unit(0) + "missing"):
            async with client.get(url) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
