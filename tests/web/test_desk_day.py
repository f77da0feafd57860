"""The desk's day and what it prints: presence, two signatures, lent things, copies, receipts, form numbers."""

import re

from tests.rows.people import row

from gatehost.service.office import policy
from gatehost.service.paper import casework, kinds

from .conftest import Browser, Open
from .house import HOME, House
from .test_papers import act, new, number
from .tour import OFFICER, approved_slip


async def at_desk(browser: Browser) -> int:
    """Begins a day at the desk; its paper."""
    _, text = await browser.post("/desk/day/begin", page="/desk/day")
    assert "You are at the desk." in text
    return number(text)


@row("H11")
async def test_who_leaves_the_desk_says_who_stands_in_and_colleagues_see_it(house: House, browse: Open) -> None:
    desk, manager = await browse("desk"), await browse("manager")
    day = await at_desk(desk)
    assert (await desk.post("/desk/day/begin", page="/desk/day"))[0] == 409
    assert (await act(desk, day, "away"))[0] == 400  # who stands in must be said
    await act(desk, day, "away", note_away="周主任")
    _, text = await manager.get("/desk")
    assert "Away from the desk" in text
    assert "stands in:" in text
    await act(desk, day, "back")
    assert "Away from the desk" not in (await manager.get("/desk"))[1]


@row("H8", "H9")
async def test_a_day_is_closed_by_two_people_and_the_next_begins_with_what_was_left(house: House, browse: Open) -> None:
    desk, manager = await browse("desk"), await browse("manager")
    day = await at_desk(desk)
    _, text = await new(desk, "repair", {"field-what": "灯", "field-where": "3楼", "field-urgency": "day"})
    repair = number(text)
    _, text = await desk.get("/desk/day")
    assert "RP-2026-00001" in text[text.index("Begun today, not finished") : text.index("To follow up")]
    assert "second signature" not in (await manager.get("/desk/day"))[1]  # the desk's own comes first
    await act(desk, day, "sign", note_sign="3楼灯明天来人")
    assert (await act(desk, day, "sign"))[0] in (403, 409)  # nobody signs twice
    assert (await casework.paper(house.ctx, OFFICER, day)).case.state == "open"
    await act(manager, day, "sign")
    assert (await casework.paper(house.ctx, OFFICER, day)).case.state == "closed"
    house.later(86_400_000)
    desk.have(await house.session("desk"))
    _, text = await desk.get("/desk/day")
    assert "3楼灯明天来人" in text
    assert "RP-2026-00001" in text
    assert "RP-2026-00001" in text[text.index("Older, still open") :]
    await act(desk, repair, "solve", note_solve="已换")
    _, text = await desk.get("/desk/day")
    assert "RP-2026-00001" in text[text.index("To follow up") : text.index("Late")]


@row("H2")
async def test_what_is_given_to_somebody_is_due_and_late_in_red_until_it_is_done(house: House, browse: Open) -> None:
    desk = await browse("desk")
    _, text = await new(desk, "repair", {"field-what": "灯", "field-where": "3楼", "field-urgency": "now"})
    case = number(text)
    await act(desk, case, "assign", note_assign="请去看", verdict_assign="王师傅")
    assert "Late papers" not in (await desk.get("/desk"))[1]
    house.later(2 * 3_600_000)
    assert "Late papers: 1" in (await desk.get("/desk"))[1]
    assert "RP-2026-00001" in (await desk.get("/papers?list=late"))[1]
    assert "This is late." in (await desk.get(f"/papers/{case}"))[1]
    await act(desk, case, "solve", note_solve="已换")
    assert "Late papers" not in (await desk.get("/desk"))[1]


@row("A15")
async def test_times_taken_on_the_phone_and_for_a_caller_stand_on_the_day_s_page_in_order(
    house: House, browse: Open
) -> None:
    fang, desk = await browse("wangfang"), await browse("desk")
    form = {"field-kind": "deed", "field-name": "王芳"}
    for browser, at in ((fang, 15), (desk, 14)):
        case = number((await new(browser, "face_enrol", form))[1])
        taken = str(house.times["at"] + (at - 10) * 3_600_000)  # the house's morning begins at 10:00
        _, text = await browser.post(f"/papers/{case}/time", {"at": taken})
        assert f"{at}:00" in text
    _, text = await desk.get("/desk/day")
    day = text[text.index("Appointments today") : text.index("Begun today")]
    assert day.index("14:00") < day.index("15:00")


@row("H7")
async def test_what_was_done_and_not_followed_up_is_a_list(house: House, browse: Open) -> None:
    desk = await browse("desk")
    _, text = await new(desk, "repair", {"field-what": "灯", "field-where": "3楼", "field-urgency": "day"})
    case = number(text)
    await act(desk, case, "solve", note_solve="已换")
    assert "RP-2026-00001" in (await desk.get("/papers?list=follow"))[1]
    await act(desk, case, "follow_up", note_follow_up="满意", verdict_follow_up="4")
    assert "RP-2026-00001" not in (await desk.get("/papers?list=follow"))[1]


@row("H16")
async def test_keys_are_handed_out_with_a_paper_and_listed_until_they_are_back(house: House, browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    _, text = await new(desk, "desk_visit", {"field-name": "王芳", "field-what": "借梯子"})
    case, where = number(text), f"/papers/{number(text)}"
    status, text = await desk.post(f"{where}/lent", {"version": "1", "what": "储藏室钥匙", "whom": ""}, page=where)
    assert (status, "Please write who takes it" in text, "储藏室钥匙" in text) == (400, True, True)
    await desk.post(f"{where}/lent", {"version": "1", "what": "储藏室钥匙", "whom": "王芳"}, page=where)
    assert "储藏室钥匙" in (await desk.get("/desk/day"))[1]
    assert (await fang.post(f"{where}/lent", {"version": "2", "what": "x", "whom": "y"}, page="/password"))[0] == 403
    line = (await casework.paper(house.ctx, OFFICER, case)).items[0].id
    await desk.post(f"{where}/lent/{line}/back", {"version": "2"}, page=where)
    assert "储藏室钥匙" not in (await desk.get("/desk/day"))[1]


@row("H3", "H4")
async def test_a_call_is_one_form_with_a_home_and_a_soft_timer_of_the_rule(house: House, browse: Open) -> None:
    desk = await browse("desk")
    _, text = await desk.get("/papers/new/call")
    assert 'data-timer="180"' in text
    form = {"home": HOME, "field-what": "问停车", "field-seconds": "95"}
    _, text = await desk.post("/papers/new/call", form)
    assert "PH-2026-00001" in text
    status, text = await desk.post("/papers/new/call", form | {"home": "999999"})
    assert (status, "There is no such home" in text, "问停车</textarea>" in text) == (400, True, True)


@row("E23", "E29")
async def test_a_slip_prints_three_marked_copies_with_the_form_s_own_number(house: House, browse: Open) -> None:
    desk, admin, slip = await browse("desk"), await browse("admin"), await approved_slip(house)
    _, text = await desk.get(f"/papers/{slip}/print")
    assert re.findall(r'class="copy-mark">([^<]+)<', text) == ["Service centre", "Security", "Mover"]
    assert text.count("R-KF001") == 3
    assert text.count("沙发") == 3
    wrong = {"kind": "item_release", "code": "R KF/2", "decided_by": "项目部", "why": "换版"}
    status, page = await admin.post("/admin/forms", wrong)
    assert (status, 'value="换版"' in page) == (400, True)
    await admin.post("/admin/forms", wrong | {"code": "R-KF002"})
    _, text = await desk.get(f"/papers/{slip}/print")
    assert (text.count("R-KF002"), text.count("R-KF001")) == (3, 0)


@row("H1", "B28")
async def test_a_desk_visit_and_a_visitor_s_request_are_printed(house: House, browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    _, text = await new(desk, "desk_visit", {"field-name": "王芳", "field-what": "换卡"})
    _, text = await desk.get(f"/papers/{number(text)}/print")
    assert "DV-2026-00001" in text
    assert "换卡" in text
    told = {"name": "周末", "until": house.times["at"] + 3_600_000, "goods": "冰箱 1.8 m"}
    case = await casework.asked_for(house.ctx, "周末", "visitor_request", HOME, told)
    await act(fang, case.id, "sign")
    _, text = await desk.get(f"/papers/{case.id}/print")
    assert "冰箱 1.8 m" in text
    assert re.search(r"<b>\d{4} \d{4}</b>", text)


@row("A11", "A12")
async def test_a_fee_s_reason_stands_before_the_payment_and_its_receipt_is_printed(house: House, browse: Open) -> None:
    admin, fang, desk = await house.actor("admin"), await browse("wangfang"), await browse("desk")
    await policy.set_rule(house.ctx, admin, "estate", "enrol.fee", "500", "业主大会", "2026-9", "设备维护")
    _, text = await fang.get("/papers/new/face_enrol")
    assert "Fee: ¥ 5.00" in text
    assert "Reason: 设备维护." in text
    _, text = await new(fang, "face_enrol", {"field-kind": "deed", "field-name": "王芳"})
    where = f"/papers/{number(text)}"
    status, text = await desk.post(f"{where}/fees", {"version": "2", "what": "人脸录入", "amount": "five"}, page=where)
    assert (status, "Please write an amount" in text, 'value="five"' in text) == (400, True, True)
    _, text = await desk.post(f"{where}/fees", {"version": "2", "what": "人脸录入", "amount": "5"}, page=where)
    for said in ("FE-2026-00001/1", "¥ 5.00", "人脸录入", "Front desk"):
        assert said in text, said
    assert "FE-2026-00001/1" in (await fang.get(where))[1]


@row("B19")
async def test_every_kind_has_an_empty_form_to_print(house: House, browse: Open) -> None:
    desk = await browse("desk")
    for kind in kinds.kinds().values():
        if "desk" in kind.opens:
            status, text = await desk.get(f"/papers/new/{kind.key}/blank")
            assert (status, all(one.label[0] in text for one in kind.fields if "host" not in one.by)) == (200, True)
