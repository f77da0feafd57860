"""From a tap to a code on the visitor's phone, and back again."""

import re

from gatehost.model.account import ADMIN, Actor
from gatehost.service.home import visitor_code
from gatehost.service.office import policy

from .conftest import Browser, Open
from .house import HOME, House

ADMINISTRATOR = Actor(0, "", "admin", ADMIN, (), "zh_CN", True)


async def invited(browser: Browser, **form: str) -> tuple[int, str]:
    """Fills in the form of the only home."""
    return await browser.post("/invite", {"when": "today", "home": HOME} | form)


def visitor_path(text: str) -> str:
    """The path of the visitor's page, as the code's page shows it."""
    found = re.search(r'value="http://[^/]+(/v/[\w-]+)"', text)
    assert found
    return found[1]


async def test_two_taps_make_a_code_for_today(browse: Open) -> None:
    fang = await browse("wangfang")
    status, text = await invited(fang)
    assert status == 200
    assert re.search(r'class="code" translate="no">\d{4} \d{4}<', text)
    assert "Take the code back" in text
    assert "Cancel code" in text


async def test_the_visitor_sees_the_code_and_the_way_and_no_resident(house: House, browse: Open) -> None:
    fang, visitor = await browse("wangfang"), await browse("")
    _, text = await invited(fang, visitor="张阿姨")
    digits = re.search(r'class="code" translate="no">(\d{4} \d{4})<', text)
    assert digits
    status, page = await visitor.get(visitor_path(text))
    assert status == 200
    for shown in (digits[1], HOME, "北门入口", "12栋单元门", "3 times at each door", "press Call"):
        assert shown in page, shown
    for hidden in ("王芳", "王小宝", "Cancel code", "13800001234", "<form"):
        assert hidden not in page, hidden
    assert '<meta name="robots" content="noindex, nofollow">' in page


async def test_a_code_taken_back_says_so_to_the_visitor(browse: Open) -> None:
    fang, visitor = await browse("wangfang"), await browse("")
    _, text = await invited(fang)
    path = visitor_path(text)
    _, text = await fang.post("/codes/1/revoke", page="/codes/1")
    assert "The code is taken back" in text
    _, page = await visitor.get(path)
    assert "Your host has taken the code back." in page
    assert "Ask your host for a new one." in page
    assert not re.search(r"\d{4} \d{4}", page)


async def test_a_new_link_ends_the_one_sent_before(browse: Open) -> None:
    fang, visitor = await browse("wangfang"), await browse("")
    old = visitor_path((await invited(fang))[1])
    new = visitor_path((await fang.post("/codes/1/link", page="/codes/1"))[1])
    assert (await visitor.get(new))[0] == 200
    status, page = await visitor.get(old)
    assert (status, "This link leads nowhere" in page) == (404, True)
    assert "press Call" in page


async def test_the_link_stays_on_the_browser_that_made_it(browse: Open) -> None:
    fang, other = await browse("wangfang"), await browse("wangfang")
    await invited(fang)
    assert "/v/" in (await fang.get("/codes/1"))[1]
    _, text = await other.get("/codes/1")
    assert "/v/" not in text
    assert "Make a new link; the old one stops" in text


async def test_several_days_and_uses_are_kept_as_asked(browse: Open) -> None:
    fang = await browse("wangfang")
    _, form = await fang.get("/invite")
    last = re.findall(r'<option value="(\d+)"', form)[4]
    status, text = await invited(fang, when="several", until=last, uses="10", visitor="表哥")
    assert status == 200
    assert "0 used, 10 at each door" in text
    assert "Works only at doors that are connected or already know it." in text


async def test_a_day_that_cannot_be_is_told_at_its_field_and_the_rest_is_kept(browse: Open) -> None:
    fang = await browse("wangfang")
    for day in ("", "x", "1", "99999", "-3", "１２"):
        status, text = await invited(fang, when="day", day=day, visitor="张阿姨")
        assert status == 400, day
        assert 'aria-invalid="true"' in text
        assert 'value="张阿姨"' in text
    assert "Nobody is invited." in (await fang.get("/me"))[1]


async def test_the_fifth_live_code_is_refused_with_what_to_do(browse: Open) -> None:
    fang = await browse("wangfang")
    for _ in range(4):
        assert (await invited(fang))[0] == 200
    status, text = await invited(fang, visitor="张阿姨")
    assert status == 409
    assert "This home has four live codes" in text
    assert "Take one back, then invite again." in text
    assert 'value="张阿姨"' in text


async def test_who_switched_codes_off_is_named_with_document_and_reason(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    decision = ("off", "业主大会", "2026第7号", "便于老人进门")
    await policy.set_rule(house.ctx, ADMINISTRATOR, "b12", "visitor_codes", *decision)
    _, text = await fang.get("/invite")
    assert "Visitor codes are switched off" in text
    for said in ("Decided by: 业主大会", "Document: 2026第7号", "Reason: 便于老人进门"):
        assert said in text
    status, text = await fang.post("/invite", {"when": "today", "home": HOME}, page="/password")
    assert status == 403
    assert "业主大会" in text


async def test_a_name_with_markup_is_shown_as_it_was_typed(house: House, browse: Open) -> None:
    fang, visitor = await browse("wangfang"), await browse("")
    _, text = await invited(fang, visitor="<script>alert(1)</script>")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in (await visitor.get(visitor_path(text)))[1]


async def test_the_page_tells_how_often_a_code_was_used_and_who_came(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    await invited(fang, visitor="张阿姨")
    door = await house.fill("north-in")
    made = await visitor_code.code(house.ctx, await house_actor(house), 1)
    await door.let_in(HOME, digits=made.digits)
    _, text = await fang.get("/codes/1")
    assert "1 used, 3 at each door" in text
    _, text = await fang.get("/me/visits")
    assert "Visitor code · 张阿姨" in text


async def house_actor(house: House) -> Actor:
    """The resident, for asking services beside the pages."""
    return Actor(0, "", "王芳", "resident", (HOME,), "zh_CN", True)


async def test_a_guest_of_several_days_may_come_ten_times_unless_somebody_says_otherwise(browse: Open) -> None:
    fang = await browse("wangfang")
    assert '<option value="10" selected>' in (await fang.get("/invite"))[1]
    told = {"when": "several", "until": "1", "uses": "20"}
    status, text = await invited(fang, **told)
    assert (status, '<option value="20" selected>' in text) == (400, True)
