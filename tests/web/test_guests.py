"""Who stands at the gate and who is inside, on the pages of the home, the desk and the guard."""

from tests.rows.people import row

from gatecore.clock import DAY_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.code import Invitation
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking, bycode, presence, shift
from gatehost.service.home import invite
from gatehost.service.paper import casework

from .conftest import Browser, Open
from .house import HOME, House
from .tour import GUARD, OFFICER

FANG = Actor(0, "", "王芳", RESIDENT, (HOME,), "zh_CN", True)


async def stands(house: House, name: str = "张阿姨") -> int:
    """Somebody at the north gate, whom the guard has asked the home about; the visit."""
    await casework.open_case(house.ctx, GUARD, "shift", "north", {})
    return (await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, name))).id


async def pressed(browser: Browser, path: str, page: str = "/me", **form: str) -> tuple[int, str]:
    """Presses a button of the first page."""
    return await browser.post(path, form, page=page)


@row("B29", "C5")
async def test_a_home_answers_on_its_page_for_who_stands_at_the_gate(house: House, browse: Open) -> None:
    guard, fang, yang = await browse("guard"), await browse("wangfang"), await browse("liuyang")
    visit = await stands(house)
    assert "The home is asked: wait" in (await guard.get("/gate"))[1]
    assert "张阿姨 is at 北门" in (await fang.get("/me"))[1]
    assert "张阿姨" not in (await yang.get("/me"))[1]
    _, text = await pressed(fang, f"/visits/{visit}/in")
    assert "They may come in: the guard is told." in text
    assert "张阿姨 is at" not in text
    assert "My guests inside" in text
    _, text = await guard.get("/gate")
    assert "The home says yes: let them in" in text
    assert "张阿姨 leaves now" in text
    house.later(11 * 60_000)
    assert "The home says yes" not in (await guard.get("/gate"))[1]


@row("B29")
async def test_not_now_reaches_the_guard_and_the_second_answer_is_told_who_was_faster(
    house: House, browse: Open
) -> None:
    guard, fang = await browse("guard"), await browse("wangfang")
    visit = await stands(house)
    _, text = await pressed(fang, f"/visits/{visit}/not")
    assert "They are told: not now." in text
    assert "The home says: not now" in (await guard.get("/gate"))[1]
    status, text = await pressed(fang, f"/visits/{visit}/in")
    assert (status, "Somebody else was faster" in text) == (409, True)
    assert [one.state for one in await presence.waiting(house.ctx, GUARD)] == ["denied"]


@row("B29")
async def test_the_desk_answers_for_a_home_that_said_so_by_phone(house: House, browse: Open) -> None:
    desk, visit = await browse("desk"), await stands(house)
    assert "The home said yes" in (await desk.get("/gate"))[1]
    _, text = await pressed(desk, f"/visits/{visit}/not", "/gate")
    assert "They are told: not now." in text
    (held,) = await presence.waiting(house.ctx, OFFICER)
    assert (held.state, held.reason) == ("denied", "the home, by phone")


@row("B31")
async def test_the_guard_turns_nobody_away_without_a_reason_and_may_answer_for_them(house: House, browse: Open) -> None:
    guard, visit = await browse("guard"), await stands(house)
    status, text = await pressed(guard, f"/gate/visits/{visit}/deny", "/gate", why="")
    assert (status, "Please write a reason" in text) == (400, True)
    _, text = await guard.get(f"/gate/enter?kind=visitor&visit={visit}&home={HOME}&name=张阿姨&how=home")
    assert f'name="visit" value="{visit}"' in text
    form = {"kind": "visitor", "visit": str(visit), "home": HOME, "name": "张阿姨", "how": "home"}
    _, text = await pressed(guard, "/gate/enter", "/gate", **form)
    assert "Let in and written down." in text
    assert [one.id for one in await presence.present(house.ctx, GUARD)] == [visit]  # the one who waited, not a second
    other = (await admission.ask(house.ctx, GUARD, "north", Newcomer("visitor", HOME, "表哥"))).id
    _, text = await pressed(guard, f"/gate/visits/{other}/deny", "/gate", why="住户不认识")
    assert "Turned away and written down." in text


@row("B26", "B1")
async def test_a_host_lets_a_guest_stay_longer_and_says_they_have_left(house: House, browse: Open) -> None:
    fang, visit = await browse("wangfang"), await stands(house)
    await pressed(fang, f"/visits/{visit}/in")
    house.later(DAY_MS)
    _, text = await fang.get("/me")
    assert "longer than planned" in text
    _, text = await pressed(fang, f"/visits/{visit}/stay")
    assert "They may stay an hour longer." in text
    assert "longer than planned" not in text
    _, text = await pressed(fang, f"/visits/{visit}/left")
    assert "Left and written down." in text
    assert "My guests inside" not in text
    assert await presence.present(house.ctx, GUARD) == ()


async def test_what_a_shift_leaves_to_the_next_is_on_the_next_one_s_page(house: House, browse: Open) -> None:
    guard = await browse("guard")
    await pressed(guard, "/gate/shift", "/gate", gate="north")
    await pressed(guard, "/gate/shift/over", "/gate/shift", note="3号道闸慢")
    assert "3号道闸慢" not in (await guard.get("/gate"))[1]  # nobody is on duty
    await pressed(guard, "/gate/shift", "/gate", gate="north")
    assert "3号道闸慢" in (await guard.get("/gate"))[1]
    assert (await shift.last_words(house.ctx, GUARD, "north") or ("", 0, ""))[2] == "3号道闸慢"
    house.later(2 * DAY_MS)
    assert await shift.last_words(house.ctx, GUARD, "north") is None


@row("B1", "B9")
async def test_a_visitor_who_let_themselves_in_is_on_the_pages_and_says_when_they_leave(
    house: House, browse: Open
) -> None:
    door, nobody, fang = await house.fill("north-in"), await browse(""), await browse("wangfang")
    made = await invite.invite(house.ctx, FANG, HOME, Invitation("张阿姨"))
    link = await asking.ask(house.ctx, "north", HOME, "表哥", "", "")
    (case,) = await asking.waiting(house.ctx, OFFICER)
    await asking.answer(house.ctx, OFFICER, case.id, yes=True)
    pages = {
        f"/v/{made.link}": made.code.digits,
        f"/visit/wait/{link}": (await asking.followed(house.ctx, link)).digits,
    }
    for page, digits in pages.items():
        assert "I am leaving now" not in (await nobody.get(page))[1], page
        await door.let_in(HOME, digits=digits)
        await bycode.take_all(house.ctx)
        assert "I am leaving now" in (await nobody.get(page))[1], page
        house.later(60_000)
    _, text = await fang.get("/me")
    assert ("My guests inside" in text, "张阿姨 has left" in text, "表哥 has left" in text) == (True, True, True)
    for page in pages:
        status, text = await nobody.post(f"{page}/leaving", page=page)
        assert (status, "Thank you, that is written down." in text, "I am leaving now" in text) == (200, True, False), (
            page
        )
    assert "has left" not in (await fang.get("/me"))[1]
    _, text = await (await browse("desk")).get("/gate/muster")
    assert text.count("said themselves that they leave") == 2
    assert (await nobody.post("/v/no-such-link/leaving", page="/visit/north"))[0] == 404
    assert (await nobody.post("/visit/wait/north.1.0/leaving", page="/visit/north"))[0] == 404
