"""Papers in a real browser at 360 pixels: the main acts of resident, desk and admin, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gatehost.service.paper import casework

from .house import HOME, House, open_house, serve
from .window import CUT, SMALL, broken, chromium, needs_chromium, sign_in

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
SAY = {
    "en": {
        "hand": "Hand in", "approve": "Let them in", "sign": "Sign", "what": "What, line 1", "many": "How many, line 1",
        "number": "Number", "who": "Who decided?", "why": "Why?", "decide": "Save the decision",
    },
    "zh-CN": {
        "hand": "提交", "approve": "同意进入", "sign": "签字", "what": "品名，第 1 行", "many": "数量，第 1 行",
        "number": "编号", "who": "由谁决定？", "why": "为什么？", "decide": "保存决定",
    },
}  # fmt: skip


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


async def sound(page: Page) -> None:
    """What is on the screen can be read, reached and breaks no rule of accessibility."""
    assert not await page.evaluate(CUT)
    assert not await page.evaluate(SMALL)
    assert not await broken(page)


async def as_person(window: Browser, house: House, name: str, language: str) -> Page:
    """A phone of 360 pixels, signed in."""
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session(name), language)
    return await context.new_page()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_slip_is_handed_in_ticked_and_signed_on_phones(house: House, window: Browser, language: str) -> None:
    say = SAY[language]
    fang = await as_person(window, house, "wangfang", language)
    await fang.goto(house.url + "/papers/new/item_release")
    await fang.locator('label.choice:has(input[value="owner"])').click()
    await fang.locator('label.choice:has(input[name="field-direction"][value="out"])').click()
    await expect(fang.locator('[name="field-signer"]')).to_be_hidden()  # a company's field, and no company was chosen
    await fang.locator('[name="field-mover"]').fill("王搬家")
    await fang.locator('[name="field-since"]').fill("2026-11-22T11:00")
    await fang.locator('[name="field-until"]').fill("2026-11-22T22:00")
    await fang.get_by_label(say["what"]).fill("沙发")
    await fang.get_by_label(say["many"]).fill("1")
    await fang.get_by_role("button", name=say["hand"], exact=True).click()
    await expect(fang.locator('[name="field-until"][aria-invalid=true]')).to_be_visible()
    assert await fang.get_by_label(say["what"]).input_value() == "沙发"
    await sound(fang)
    await fang.locator('[name="field-until"]').fill("2026-11-22T13:00")
    await fang.get_by_role("button", name=say["hand"], exact=True).click()
    await expect(fang.locator("h1")).to_be_visible()
    await sound(fang)
    desk = await as_person(window, house, "desk", language)
    await desk.goto(house.url + "/papers")
    await desk.locator("ul.rows a.whole").first.click()
    await desk.locator("label.choice").first.click()
    await desk.get_by_role("button", name=say["sign"], exact=True).click()
    await expect(desk.locator(".note.good")).to_be_visible()
    await sound(desk)
    held = await casework.queue(house.ctx, await house.actor("manager"))
    assert [case.state for case in held] == ["waiting_review"]
    for page in (fang, desk):
        await page.context.close()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_home_says_yes_with_one_tap_and_the_admin_numbers_a_form(
    house: House, window: Browser, language: str
) -> None:
    say = SAY[language]
    told: dict[str, object] = {"name": "周末", "until": house.times["at"] + 3_600_000}
    case = await casework.asked_for(house.ctx, "周末", "visitor_request", HOME, told)
    fang = await as_person(window, house, "wangfang", language)
    await fang.goto(house.url + "/me")
    await fang.get_by_role("button", name=say["approve"]).click()  # the one tap
    await expect(fang.get_by_role("button", name=say["approve"])).to_have_count(0)
    await sound(fang)
    admin = await as_person(window, house, "admin", language)
    await admin.goto(house.url + "/admin/forms")
    await admin.get_by_label(say["number"], exact=True).fill("R-KF002")
    await admin.get_by_label(say["who"]).fill("项目部")
    await admin.get_by_label(say["why"]).fill("换版")
    await admin.get_by_role("button", name=say["decide"]).click()
    await expect(admin.get_by_text("R-KF002")).to_be_visible()
    await sound(admin)
    await admin.goto(f"{house.url}/papers/{case.id}/print")
    await sound(admin)
    for page in (fang, admin):
        await page.context.close()


@pytest.mark.parametrize(("language", "other"), [("en", "zh-CN"), ("zh-CN", "en")])
async def test_the_other_language_keeps_what_is_typed_and_nothing_of_it_stays_behind(
    house: House, window: Browser, language: str, other: str
) -> None:
    fang = await as_person(window, house, "wangfang", language)
    await fang.goto(house.url + "/papers/new/item_release")
    await fang.locator('label.choice:has(input[value="company"])').click()
    await fang.locator('[name="field-mover"]').fill("王搬家")
    await fang.locator('[name="field-signer"]').fill("李经理")
    await fang.locator('[name="field-since"]').fill("2026-11-22T11:00")
    await fang.get_by_label(SAY[language]["what"]).fill("沙发")
    await fang.locator(".bar a[hreflang]").click()
    await expect(fang.locator("html")).to_have_attribute("lang", other)
    assert await fang.locator('[name="field-mover"]').input_value() == "王搬家"
    assert await fang.locator('[name="field-since"]').input_value() == "2026-11-22T11:00"
    assert await fang.get_by_label(SAY[other]["what"]).input_value() == "沙发"
    assert await fang.locator('input[value="company"]').is_checked()
    await expect(fang.locator('[name="field-signer"]')).to_be_visible()  # what belongs to a choice comes back with it
    assert await fang.locator('[name="field-signer"]').input_value() == "李经理"
    assert await fang.evaluate("sessionStorage.length") == 0
    await fang.reload()
    assert await fang.locator('[name="field-mover"]').input_value() == ""
    await fang.goto(house.url + "/password")
    await fang.locator("input[type=password]").first.fill("a long secret 1")
    await fang.evaluate(
        "document.querySelector('.bar a[hreflang]').addEventListener('click', (e) => e.preventDefault())"
    )
    await fang.locator(".bar a[hreflang]").click()
    assert "secret" not in (await fang.evaluate("JSON.stringify(sessionStorage)"))
    await fang.context.close()
