"""The visitor at the poster and at the kiosk, the home's answer in two taps, a plate's hook, a report with a photo."""

import hmac
import re
from collections.abc import AsyncIterator
from hashlib import sha256

import aiohttp
import pytest
from playwright.async_api import Browser, expect
from tests.rows.test_arrival import jpeg

from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking, platecam
from gatehost.service.office import policy

from .conftest import Open
from .house import HOME, House
from .tour import GUARD, OFFICER, invited
from .window import chromium, needs_chromium, sign_in

# everything the page's own voice says from here on
HEAR = """() => { window.heard = []; const said = document.getElementById("said");
  new MutationObserver(() => heard.push(said.textContent)).observe(said, {childList: true, characterData: true}); }"""
ASK = {"home": HOME, "name": "张阿姨", "reason": "", "phone": ""}


@pytest.fixture
async def window() -> AsyncIterator[Browser]:
    """A Chromium of its own."""
    async with chromium() as browser:
        yield browser


@pytest.mark.browser
@needs_chromium
async def test_a_visitor_asks_with_three_answers_and_the_home_lets_them_in_with_one_tap(
    house: House, window: Browser
) -> None:
    visitor = await window.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="en")
    page = await visitor.new_page()
    await page.goto(house.url + "/visit/north")
    fields = page.locator("form[action^='/visit'] input:not([type=hidden])")
    assert await fields.count() <= 4
    await page.get_by_label("Number of the home you visit").fill(HOME)
    await page.get_by_label("Your name").fill("张阿姨")
    await page.get_by_role("button", name="Ask the home").click()
    await expect(page.get_by_text("The home is asked")).to_be_visible()
    home = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(home, house.url, await house.session("wangfang"), "en")
    phone = await home.new_page()
    await phone.goto(house.url + "/me")
    await phone.get_by_role("button", name="Let them in").click()
    await expect(phone.get_by_text("They are let in: a code is on its way.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("You are welcome")).to_be_visible()
    code = await page.locator(".code").inner_text()
    assert len(re.sub(r"\D", "", code)) == 8
    assert "王芳" not in await page.content()
    await visitor.close()
    await home.close()


@pytest.mark.browser
@needs_chromium
async def test_a_request_appears_on_the_open_page_of_the_home_by_itself(house: House, window: Browser) -> None:
    context = await window.new_context(viewport={"width": 360, "height": 740})
    await sign_in(context, house.url, await house.session("wangfang"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/me")
    await expect(page.locator("body.live-on")).to_be_attached()
    await asking.ask(house.ctx, "north", HOME, "张阿姨", "", "")
    await expect(page.get_by_role("heading", name="张阿姨 asks to visit")).to_be_visible(timeout=3000)
    await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "表哥"))
    await expect(page.get_by_role("heading", name="表哥 is at 北门")).to_be_visible(timeout=3000)
    await context.close()


async def test_the_kiosk_signs_staff_out_forgets_and_prints_a_badge(house: House, browse: Open) -> None:
    desk = await browse("desk")
    _, text = await desk.get("/kiosk/north")
    assert 'class="kiosk"' in text
    assert "Front desk" not in re.sub(r"<title>.*?</title>", "", text)
    assert desk.cookie("kaimen-session") == ""
    _, text = await desk.post("/visit/north", ASK | {"kiosk": "1"}, page="/kiosk/north")
    assert "The home is asked" in text
    assert "张阿姨" not in (await desk.get("/kiosk/north"))[1]
    (case,) = await asking.waiting(house.ctx, OFFICER)
    await asking.answer(house.ctx, OFFICER, case.id, yes=True)


async def test_what_a_visitor_typed_stays_and_each_mistake_says_what_to_change(browse: Open) -> None:
    visitor = await browse("")
    for change, said in (
        ({"home": "999999"}, "There is no such home: check the number"),
        ({"name": ""}, "Please write a name"),
        ({"name": "x" * 61}, "At most 60 characters"),
        ({"phone": "abc"}, "phone"),
    ):
        status, text = await visitor.post("/visit/north", ASK | change)
        assert status == 400, change
        assert said in text
        assert f'value="{(ASK | change)["home"]}"' in text
    assert (await visitor.get("/visit/nowhere"))[0] == 404


async def test_a_home_is_asked_where_it_decides_and_told_when_its_yes_is_not_the_last_word(
    house: House, browse: Open
) -> None:
    visitor, fang, desk = await browse(""), await browse("wangfang"), await browse("desk")
    admin = await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", "visitor.approver", "both", "业委会", "1", "试行")
    assert "the home, and then the front desk" in (await visitor.get("/rules"))[1]
    await visitor.post("/visit/north", ASK)
    (case,) = await asking.waiting(house.ctx, OFFICER)
    yes = re.compile(rf'id="yes-asked-{case.id}"><svg.*?</svg>([^<]+)<')
    assert yes.findall((await desk.get("/gate"))[1]) == ["The home said yes"]
    _, said = await fang.post(f"/requests/{case.id}/approve", page="/me")
    assert "The front desk decides next." in said
    assert "asks to visit" not in said
    _, said = await desk.get("/gate")
    assert (yes.findall(said), "The front desk decides this." in said) == (["Let them in"], True)
    _, said = await desk.post(f"/requests/{case.id}/approve", page="/gate")
    assert "They are let in: a code is on its way." in said
    await policy.set_rule(house.ctx, admin, "estate", "visitor.approver", "desk", "业委会", "2", "试行")
    await visitor.post("/visit/north", ASK)
    assert "asks to visit" not in (await fang.get("/me"))[1]
    _, said = await desk.get("/gate")
    assert ("asks to visit" in said, "The home said yes" in said, "The front desk decides this." in said) == (
        True, False, True,
    )  # fmt: skip


async def test_the_poster_and_the_paper_forms_carry_the_rules_and_a_code_to_scan(browse: Open) -> None:
    desk = await browse("desk", "zh-CN")
    _, poster = await desk.get("/posters/north")
    for word in ("<svg", "/visit/north", "由住户决定是否让您进入", "访客码当天有效", "不采集人脸和身份证号"):
        assert word in poster
    _, forms = await (await browse("guard")).get("/forms/north")
    assert forms.count("<tr>") == 15


async def test_a_camera_s_hook_needs_no_cookie_but_a_signature(house: House, browse: Open) -> None:
    admin = await browse("admin")
    _, text = await admin.post("/admin/cameras", {"slot": "north-in", "name": "车道"}, page="/admin/cameras")
    key = re.search(r">([0-9a-f]{64})<", text)
    assert key
    assert key[1] not in (await admin.get("/admin/cameras"))[1]  # shown once
    body, stamp = '{"plate": "京A12345", "way": "in"}'.encode(), str(house.times["at"] // 1000)
    mark = hmac.new(bytes.fromhex(key[1]), stamp.encode() + b"." + body, sha256).hexdigest()
    async with aiohttp.ClientSession() as http:

        async def sent(signature: str, data: bytes = body) -> tuple[int, dict[str, str]]:
            headers = {"X-Gate-Time": stamp, "X-Gate-Signature": signature}
            async with http.post(house.url + "/hooks/plates/1", data=data, headers=headers) as got:
                return got.status, await got.json()

        assert await sent("0" * 64) == (401, {"error": "signature"})
        assert await sent(mark, body + b" ") == (401, {"error": "signature"})
        assert await sent(mark) == (200, {"result": "asked"})
        assert await sent(mark) == (409, {"error": "replayed"})
    assert [one.plate for one in await platecam.standing(house.ctx, GUARD)] == ["京A12345"]


async def test_a_report_with_a_photo_reaches_the_office_and_a_bad_one_says_why(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")

    async def report(data: bytes) -> tuple[int, str]:
        form = aiohttp.FormData(
            {"form_token": await guard.token("/gate/incident"), "what": "有人翻墙", "where": "东墙"}
        )
        form.add_field("photo", data, filename="a.jpg", content_type="image/jpeg")
        async with guard.http.post(house.url + "/gate/incident/photo", data=form) as got:
            return got.status, await got.text()

    status, text = await report(b"GIF89a" + bytes(100))
    assert status == 400
    assert "Only JPEG photos can be taken" in text
    assert ">有人翻墙</textarea>" in text
    status, text = await report(jpeg())
    assert (status, "The office is told." in text) == (200, True)
    desk = await browse("desk")
    _, listed = await desk.get("/incidents")
    path = re.search(r'href="(/archive/documents/\d+)"', listed)
    assert path
    async with desk.http.get(house.url + path[1]) as got:
        assert (got.status, got.content_type) == (200, "image/svg+xml")
    assert (await guard.get(path[1]))[0] == 403


@pytest.mark.browser
@needs_chromium
async def test_what_appears_by_itself_is_read_out_once(house: House, window: Browser) -> None:
    """A screen reader hears the door's answer from the place it appears in, and of somebody at the gate, of the home's
    answer and of a request from the page's own voice: `#said`."""
    north = await house.fill("north-in")
    context = await window.new_context(viewport={"width": 360, "height": 740}, locale="en")
    await sign_in(context, house.url, await house.session("wangfang"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/me")
    await expect(page.locator("body.live-on")).to_have_count(1)
    said = page.locator("#said")
    await page.evaluate(HEAR)
    await house.ring(north)
    await expect(said).to_have_text("A visitor is at 北门入口")
    await page.get_by_role("button", name="Open", exact=True).first.click()
    await expect(page.locator("#answer [data-result]")).to_be_visible()
    await expect(page.locator("#answer")).to_contain_text("The door is open")
    assert not [one for one in await page.evaluate("heard") if "The door is open" in one]
    await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "张阿姨"))
    await expect(said).to_have_text("张阿姨 is at 北门")
    await asking.ask(house.ctx, "north", HOME, "李阿姨", "", "")
    await expect(page.get_by_role("heading", name="李阿姨 asks to visit")).to_be_visible()
    guard = await window.new_context(viewport={"width": 360, "height": 740}, locale="en")
    await sign_in(guard, house.url, await house.session("guard"), "en")
    gate = await guard.new_page()
    await gate.goto(house.url + "/gate")
    await expect(gate.locator("body.live-on")).to_have_count(1)
    await page.get_by_role("button", name="Let them in").first.click()
    await expect(gate.locator("#said")).to_have_text("The home says yes: let them in")
    for one in (context, guard):
        await one.close()


@pytest.mark.browser
@needs_chromium
async def test_a_live_part_with_a_form_is_left_alone_while_nothing_changes(house: House, window: Browser) -> None:
    """What browsers without scripts are given reads the same to the page and to what it is compared with."""
    await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "张阿姨"))
    context = await window.new_context(viewport={"width": 360, "height": 740}, locale="en")
    await sign_in(context, house.url, await house.session("guard"), "en")
    page = await context.new_page()
    await page.goto(house.url + "/gate")
    await page.locator("form[action='/gate/shift'] button").click()
    await expect(page.locator("details form input[name=why]")).to_have_count(1)
    await page.goto(house.url + "/gate")
    same = await page.evaluate(
        """async () => {
          const parts = (root) => [...root.querySelectorAll("[data-live]")].map((one) => one.innerHTML);
          const answer = await fetch(location.href, {headers: {"X-Live": "1"}});
          const fresh = parts(new DOMParser().parseFromString(await answer.text(), "text/html"));
          return parts(document).map((one, at) => [one.includes("<noscript>"), one === fresh[at]]);
        }"""
    )
    assert [True, True] in same
    assert all(equal for _, equal in same)
    await context.close()


@pytest.mark.browser
@needs_chromium
async def test_without_scripts_no_button_is_shown_that_does_nothing(house: House, window: Browser) -> None:
    code = await invited(house)
    context = await window.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="en")
    page, met = await context.new_page(), 0
    for path, name in (
        (f"/v/{code}", ""),
        ("/posters/north", "desk"),
        ("/gate/muster", "guard"),
        ("/gate/enter?kind=visitor", "guard"),
    ):
        await sign_in(context, house.url, await house.session(name) if name else "", "en")
        await page.goto(house.url + path)
        for one in await page.locator("[data-with-script]").all():
            assert not await one.is_visible(), (path, await one.text_content())
            met += 1
    assert met >= 3
    await page.get_by_label("Name (may stay empty)").fill("张阿姨")
    await page.locator("header").get_by_role("link", name="中文").click()
    await page.locator("#turn").click()
    await expect(page.get_by_label("姓名（可不填）")).to_have_value("张阿姨")
    await context.close()
