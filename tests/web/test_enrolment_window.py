"""Enrolment in a real browser on a phone's width: the slip made with a tap, each step and each end of a capture."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from tests.rows.people import row

from gatecore import intake
from gatehost.service.enrol import capture
from gatehost.service.face import consent

from .house import HOME, House, open_house, serve
from .tour import OFFICER
from .window import CUT, SMALL, broken, chromium, needs_chromium, sign_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    """One Chromium for all."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A seeded host with its pages, for one test."""
    async with open_house(tmp_path) as bare, serve(bare) as served:
        yield served


async def faults(page: Page) -> list[object]:
    """What cannot be read, is too small to touch, or breaks a rule of accessibility."""
    return [*await page.evaluate(CUT), *await page.evaluate(SMALL), *await broken(page)]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_slip_is_made_with_one_tap_and_reads_well_on_a_phone(
    house: House, window: Browser, language: str
) -> None:
    await house.fill("desk-1")
    await house.fill("b12-door")
    person = await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session("desk"), language)
    page = await context.new_page()
    await page.goto(f"{house.url}/desk/homes/{HOME}/faces/{person}/capture")
    assert await faults(page) == []
    await page.locator("form[action$='/slip'] button").click()
    await expect(page.locator(".code")).to_have_text(re.compile(r"\d{4} \d{3} \d{3}"))
    assert await faults(page) == []
    await context.close()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_steps_and_ends_of_a_capture_appear_by_themselves_and_read_well(
    house: House, window: Browser, language: str
) -> None:
    unit, person = await house.fill("desk-1"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    task = (await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)).task
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session("desk"), language)
    page = await context.new_page()
    await page.goto(f"{house.url}/desk/captures/{task}")
    await expect(page.locator("body.live-on")).to_be_attached()
    for step, photos, reasons, shown in (
        (intake.CAPTURE_PHOTO, 2, [intake.OTHER_LIGHT], "[aria-current=step]"),
        (intake.CAPTURE_READY, 2, [intake.SAME_POSE, intake.OTHER_LIGHT], "[aria-current=step]"),
        (intake.CAPTURE_DONE, 5, [intake.ONE_DISTANCE, intake.ALIKE], ".state.wait"),
        (intake.CAPTURE_TWICE, 5, [], ".state.bad"),
        (intake.CAPTURE_FAILED, 1, [intake.WALKED_AWAY], ".state.bad"),
    ):
        await capture.progressed(house.ctx, unit.dev, task, step, photos, reasons)
        await expect(page.locator(f"[data-live=capture] {shown}").first).to_be_visible(timeout=5000)
        assert await faults(page) == [], step
    await context.close()


@row("L11")
@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_yes_and_no_to_a_face_are_of_one_size_and_look(house: House, window: Browser, language: str) -> None:
    person = await house.person("王芳")
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session("desk"), language)
    page = await context.new_page()
    await page.goto(f"{house.url}/desk/homes/{HOME}/faces/{person}")
    look = """(one) => { const box = one.getBoundingClientRect(), style = getComputedStyle(one);
      const shown = ["fontSize", "fontWeight", "color", "backgroundColor", "borderColor"];
      return [box.width, box.height, ...shown.map((name) => style[name])]; }"""
    yes, no = page.locator("button[name=answer][value=yes]"), page.locator("button[name=answer][value=no]")
    assert await yes.evaluate(look) == await no.evaluate(look)
    await no.click()
    await expect(page.locator(".note.good")).to_be_visible()
    assert await faults(page) == []
    await context.close()


# the voice is the device's own: what it is given to say, and in which language
VOICE = """window.heard = []; speechSynthesis.speak = (one) => heard.push([one.lang, one.text]);
  speechSynthesis.cancel = () => heard.push(["", ""]);"""


@row("L1")
@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_text_of_the_consent_comes_in_large_print_without_a_script_and_is_read_aloud(
    house: House, window: Browser, language: str
) -> None:
    where = f"{house.url}/desk/homes/{HOME}/faces/{await house.person('王芳')}"
    for scripts in (False, True):
        context = await window.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
        await sign_in(context, house.url, await house.session("desk"), language)
        page = await context.new_page()
        await page.add_init_script(VOICE)
        await page.goto(where)
        text, aloud = page.locator("#text dd").first, page.locator("[data-aloud]")
        before = await text.bounding_box()
        await page.locator("a[href*='large=1']").click()
        after = await text.bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] > 1.5 * before["height"]
        if not scripts:
            await expect(aloud).to_be_hidden()
        else:
            assert await faults(page) == []
            await aloud.click()
            heard = await page.evaluate("heard.at(-1)")
            assert heard == [language, await page.locator("#text").inner_text()]
        await context.close()
