"""The guard's pages: one box, leaving with the slip, the muster; all without scripts."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from tests.rows.people import row

from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, presence
from gatehost.store import visits

from .conftest import Open
from .house import HOME, House
from .tour import GUARD, approved_slip
from .window import chromium, needs_chromium, sign_in


class Tapping:
    """A phone without scripts (tests/web/test_counted.py counts taps)."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def tap(self, role: str, name: str) -> None:
        """Taps a button or link."""
        await self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Tapping]:
    """A guard's phone, 360 pixels wide, JavaScript off, signed in."""
    async with chromium() as browser:
        context = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
        await sign_in(context, house.url, await house.session("guard"), "en")
        page = await context.new_page()
        await page.goto(house.url + "/gate")
        yield Tapping(page)
        await context.close()


@pytest.mark.browser
@needs_chromium
async def test_a_slip_comes_up_when_somebody_of_the_home_leaves_and_is_checked_line_by_line(
    house: House, phone: Tapping
) -> None:
    await phone.tap("button", "I am on duty here")
    await approved_slip(house)
    await admission.enter(house.ctx, GUARD, "north", Newcomer("contractor", HOME, "王搬家"), discretion="搬家")
    await phone.page.reload()
    await phone.tap("button", "王搬家 leaves now")
    await expect(phone.page.get_by_text("The slip is approved: check it line by line")).to_be_visible()
    await phone.page.get_by_label("Seen: 沙发").fill("1")
    await phone.page.get_by_label("Seen: 纸箱").fill("5")
    await phone.tap("button", "Everything is the same: release")
    await expect(phone.page.get_by_text("A line was not counted, or differs")).to_be_visible()
    assert await phone.page.get_by_label("Seen: 纸箱").input_value() == "5"
    await phone.page.get_by_label("Seen: 纸箱").fill("6")
    await phone.tap("button", "Everything is the same: release")
    await expect(phone.page.get_by_text("Please tick that the mover's document was seen")).to_be_visible()
    await phone.page.get_by_label("The mover's document was seen").check()
    await phone.tap("button", "Everything is the same: release")
    await expect(phone.page.get_by_text("The goods are released.")).to_be_visible()


@row("E1", "E2")
async def test_the_page_says_what_needs_no_slip_which_slip_a_home_has_and_that_it_has_none(
    house: House, browse: Open
) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    assert "What a person carries in one hand needs no slip." in (await guard.get("/gate"))[1]
    none = "No slip of this home: bulky goods go back to the desk."
    assert none in (await guard.get(f"/gate?q={HOME}"))[1]
    slip = await approved_slip(house)
    _, text = await guard.get(f"/gate?q={HOME}")
    assert (f'href="/gate/slips/{slip}"' in text, none in text) == (True, False)


async def test_the_box_answers_in_colour_and_words(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    for words, said, tone in (
        ("沪B99999", "No permit for this plate", "bad"),
        (HOME, "Ask the home before letting anybody in", "wait"),
        ("1234", "Lives here", "good"),
        ("nobody", "Nothing found.", "bad"),
    ):
        status, text = await guard.get(f"/gate?q={words}")
        assert (status, said in text, f'class="note {tone}"' in text) == (200, True, True), words


async def test_a_stranger_who_waits_for_an_answer_is_not_shown_as_expected(house: House, browse: Open) -> None:
    guard = await browse("guard")
    assert "You are not on duty" in (await guard.get("/gate/enter?kind=visitor"))[1]
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    await guard.post("/gate/enter", {"kind": "visitor", "home": HOME, "how": "ask"}, page="/gate/enter?kind=visitor")
    _, text = await guard.get(f"/gate?q={HOME}")
    assert ("Ask the home before letting anybody in" in text, "The home expects somebody" in text) == (True, False)
    _, text = await guard.get("/gate?q=1234")
    assert f'王芳</span> · <span class="digits">{HOME}' in text


async def test_nobody_is_let_in_without_an_answer_and_what_was_typed_stays(house: House, browse: Open) -> None:
    guard = await browse("guard")
    form = {"kind": "visitor", "home": HOME, "name": "张阿姨", "how": "ask"}
    status, text = await guard.post("/gate/enter", form, page="/gate")
    assert (status, "You are not on duty" in text, 'value="张阿姨"' in text) == (409, True, True)
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    status, text = await guard.post("/gate/enter", form | {"home": "999999"}, page="/gate")
    assert (status, "There is no such home" in text, 'value="张阿姨"' in text) == (404, True, True)
    status, text = await guard.post("/gate/enter", form | {"how": "discretion"}, page="/gate")
    assert (status, "Please write a reason" in text) == (400, True)
    _, text = await guard.post("/gate/enter", form, page="/gate")
    assert "The home is asked." in text
    _, text = await guard.post("/gate/enter", form | {"how": "home"}, page="/gate")
    assert "Let in and written down." in text
    assert text.count("张阿姨") >= 1


async def test_the_muster_says_how_sure_it_is_and_ticks_who_is_safe(house: House, browse: Open) -> None:
    guard, admin = await browse("guard"), await browse("admin")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    await guard.post("/gate/enter", {"kind": "courier", "home": HOME}, page="/gate")
    house.later(3_600_000)
    await guard.post("/gate/enter", {"kind": "courier", "home": HOME}, page="/gate")
    _, text = await admin.get("/gate/muster")
    assert "1 certain, 1 not confirmed out, 0 possible" in text
    _, text = await guard.post("/gate/muster/1/safe", page="/gate/muster")
    assert "Ticked as safe." in text
    assert "safe, 11:00" in text
    _, text = await guard.post("/gate/muster/1/safe", {"safe": "no"}, page="/gate/muster")
    assert "safe, 11:00" not in text


async def test_who_left_unseen_is_closed_where_a_guard_meets_them_and_a_second_guard_is_told(
    house: House, browse: Open
) -> None:
    guard, desk = await browse("guard"), await browse("desk")
    status, _ = await guard.get("/gate/unseen")
    assert status == 409  # not on duty
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    for home in (HOME, "120503"):
        await guard.post("/gate/enter", {"kind": "courier", "home": home}, page="/gate")
    _, text = await guard.get("/gate/unseen")
    assert "Nobody is inside longer than planned." in text
    house.later(3_600_000)
    await guard.post("/gate/enter", {"kind": "visitor", "home": HOME, "name": "张阿姨", "how": "home"}, page="/gate")
    _, text = await guard.get("/gate")
    assert ("Longer than planned: 2" in text, text.count('href="/gate/unseen?visit=')) == (True, 2)
    for page in ("/gate/muster", "/gate?q=120503", "/desk/day", "/register"):
        _, text = await (desk if page in {"/desk/day", "/register"} else guard).get(page)
        assert 'href="/gate/unseen' in text, page
    _, text = await desk.get("/gate/unseen?visit=3")  # somebody named, though not too late
    assert ('value="3" checked' in text, 'value="1" checked' in text, "张阿姨" in text) == (True, False, True)
    form = {"form_token": await guard.token("/gate/unseen"), "visit": "2", "note": "车已开走"}
    status, text = await guard.send("/gate/unseen", {**form, "note": ""})
    assert (status, "Please write a reason" in text, 'value="2" checked' in text) == (400, True, True)
    status, text = await guard.send("/gate/unseen", {**form, "visit": ""})
    assert (status, "Tick at least one" in text, 'value="车已开走"' in text) == (400, True, True)
    _, text = await guard.send("/gate/unseen", form)
    assert ("Closed with the reason." in text, 'value="1"' in text, 'value="2"' in text) == (True, True, False)
    late = {"form_token": await desk.token("/gate/unseen"), "visit": "2", "why": "round", "note": "晚了一步"}
    status, text = await desk.send("/gate/unseen", late)
    assert (status, "Courier was closed at 11:00: 赵门岗." in text, 'value="晚了一步"' in text) == (409, True, True)
    _, text = await guard.get("/gate/muster")
    assert "1 certain, 1 not confirmed out, 1 possible" in text
    assert ("closed 11:00, 赵门岗:" in text, "车已开走" in text) == (True, True)
    await guard.post("/gate/visits/2/leave", page="/gate/muster")  # met at the gate after all
    _, text = await guard.get("/gate/muster")
    assert "1 certain, 1 not confirmed out, 0 possible" in text


async def test_a_paper_form_is_typed_in_with_its_own_times_and_nothing_is_lost(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    line = {"kind": "visitor", "home": HOME, "name": "张阿姨", "how": "home", "happened_at": "2026-11-22T08:10"}
    for wrong, said in (
        ({"happened_at": "2026-11-22T23:00"}, "Within the last seven days"),
        ({"happened_at": "yesterday"}, "Choose a day and a time"),
        ({"left_at": "2026-11-22T08:00"}, "After they came, and not ahead of now"),
        ({"left_at": "2026-11-22T23:00"}, "After they came, and not ahead of now"),
        ({"how": "ask"}, "Nobody has answered for this person"),
    ):
        status, text = await guard.post("/gate/enter", line | wrong, page="/gate")
        assert (status in {400, 409}, said in text, 'value="张阿姨"' in text, "<details open>" in text) == (
            True, True, True, True,
        ), wrong  # fmt: skip
    assert await presence.present(house.ctx, GUARD) == ()
    _, text = await guard.post("/gate/enter", line | {"left_at": "2026-11-22T09:30"}, page="/gate")
    assert "Written down with its own time." in text
    await guard.post("/gate/enter", line | {"name": "李叔"}, page="/gate")
    (here,) = await presence.present(house.ctx, GUARD)
    assert (here.name, house.times["at"] - (here.in_at or 0)) == ("李叔", 110 * 60_000)
    async with house.ctx.store.read() as tx:
        _, gone = await visits.since(tx, "north", house.times["at"], 9)
    assert (gone.name, gone.state, house.times["at"] - (gone.out_at or 0)) == ("张阿姨", "left", 30 * 60_000)
    assert gone.keyed_at == house.times["at"]


async def test_a_shift_s_page_says_what_is_left_to_the_next_one_and_nothing_older(house: House, browse: Open) -> None:
    guard = await browse("guard")
    status, text = await guard.get("/gate/shift")
    assert (status, "You are not on duty" in text) == (409, True)
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    for name in ("张阿姨", "李叔"):
        line = {"kind": "visitor", "home": HOME, "name": name, "how": "home"}
        await guard.post("/gate/enter", line, page="/gate")
    (first, _) = await presence.present(house.ctx, GUARD)
    await guard.post(f"/gate/visits/{first.id}/leave", page="/gate")
    _, text = await guard.get("/gate/shift")
    assert re.findall(r"<dd>(\d+)</dd>", text) == ["2", "1", "1"]
    assert all(one in text for one in ("张阿姨", "李叔", "Since I came on duty"))
    await guard.post("/gate/shift/over", {"note": "道闸慢"}, page="/gate/shift")
    house.later(60_000)
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    _, text = await guard.get("/gate/shift")
    assert (re.findall(r"<dd>(\d+)</dd>", text), "张阿姨" in text, "李叔" in text) == (["0", "0", "1"], False, True)


async def test_a_shift_is_handed_over_only_with_a_note(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await guard.post("/gate/shift", {"gate": "north"}, page="/gate")
    status, text = await guard.post("/gate/shift/over", {"note": ""}, page="/gate/shift")
    assert (status, "Please write a reason" in text) == (400, True)
    _, text = await guard.post("/gate/shift/over", {"note": "道闸慢"}, page="/gate/shift")
    assert "The shift is handed over." in text
    assert "I am on duty here" in text
