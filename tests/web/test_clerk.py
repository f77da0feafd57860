"""A new clerk at the desk: no step twice, nothing typed that is known, and what is printed says its day."""

import re

from gatecore import intake
from gatehost.service.enrol import capture
from gatehost.service.face import consent

from .conftest import Open
from .house import HOME, House
from .tour import OFFICER


async def test_a_consent_that_stands_leads_on_to_the_pictures(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await house.person("王芳")
    where = f"/desk/homes/{HOME}/faces/{person}"
    assert "Go on to the pictures" not in (await desk.get(where))[1]
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    assert "Go on to the pictures" not in (await desk.get(where))[1]  # the paper is not approved yet
    await house.approved(person)
    _, text = await desk.get(where)
    assert f'href="{where}/capture"' in text
    assert "Go on to the pictures" in text


async def test_who_waits_for_pictures_is_one_press_from_the_home_s_page(house: House, browse: Open) -> None:
    desk, unit, person = await browse("desk"), await house.fill("desk-1"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    task = (await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)).task
    assert f'href="/desk/homes/{HOME}/faces/{person}/capture"' in (await desk.get(f"/desk/homes/{HOME}"))[1]
    await capture.progressed(house.ctx, unit.dev, task, intake.CAPTURE_PHOTO, 1, [])
    _, text = await desk.get(f"/desk/captures/{task}")
    assert "王芳" in text.split("<main")[1].split("<section")[0]  # whose pictures these are stands first
    assert "1 of 5 good pictures." in text


async def test_a_slip_says_its_day_with_the_year_and_until_when_it_is_valid(house: House, browse: Open) -> None:
    desk, unit, person = await browse("desk"), await house.fill("desk-1"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)
    _, text = await desk.get(f"/desk/faces/{person}/slip")
    assert "22 Nov 2026 10:00" in text
    assert "Valid until" in text


async def test_a_name_and_a_phone_are_corrected_and_the_home_reads_that_they_were(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await house.person("王芳")
    at = f"/desk/homes/{HOME}"
    other = await (await browse("desk")).post(f"/desk/homes/120503/people/{person}", {"name": "x"}, page=at)
    assert (other[0], "There is no such person" in other[1]) == (404, True)
    status, text = await desk.post(f"{at}/people/{person}", {"name": "王𠮷芳", "phone": "139 0000 1111"}, page=at)
    assert (status, "王𠮷芳" in text, "139 0000 1111" in text) == (200, True, True)
    assert "corrected a name or a phone number" in (await (await browse("wangfang")).get("/me/data"))[1]


async def test_what_a_home_is_known_to_be_is_chosen_already(browse: Open) -> None:
    _, text = await (await browse("wangfang")).get("/papers/new/item_release")
    for name, value in (("applicant", "owner"), ("direction", "out")):
        assert re.search(f'name="field-{name}" value="{value}" checked', text), name


async def test_nothing_is_asked_to_be_copied_and_a_list_says_what_a_paper_is_about(browse: Open) -> None:
    fang = await browse("wangfang")
    form = {"home": HOME, "field-what": "漏水", "field-where": "厨房", "field-urgency": "now"}
    await fang.post("/papers/new/repair", form)
    await fang.post("/papers/new/card_issue", {"home": HOME, "field-name": "王芳"})
    assert "漏水" in (await fang.get("/papers"))[1]
    _, text = await fang.get("/papers/2/time")
    assert ("ID document" in text, "Copy of the ID" in text) == (True, False)


async def test_what_the_home_s_page_knows_of_a_person_need_not_be_typed_again(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await house.person("王小宝")
    page = f"/papers/new/face_enrol?home={HOME}"
    form = {
        "place": HOME,
        "person": person,
        "field-kind": "minor",
        "field-name": "",
        "field-phone": "",
        "field-born": "",
    }
    _, text = await desk.post("/papers/new/face_enrol", form | {"field-guardian": "王芳"}, page=page)
    assert "FE-2026-00001" in text
    for known in ("王小宝", "2016"):
        assert known in text
    status, text = await desk.post("/papers/new/face_enrol", form | {"person": "", "field-guardian": "王芳"}, page=page)
    assert status == 400  # about nobody of the home: the name is asked for


async def test_a_visitor_is_not_called_by_the_resident_s_name_and_an_empty_complaint_is_none(browse: Open) -> None:
    desk, at = await browse("desk"), f"/papers/new/visitor_request?home={HOME}"
    assert ("王芳 · Owner" in (await desk.get(at))[1], 'value="王芳"' in (await desk.get(at))[1]) == (True, False)
    person = re.search(r'<option value="([0-9a-f]{32})"', (await desk.get(at))[1])
    assert person
    form = {"place": HOME, "person": person[1], "field-name": "", "field-until": "2026-11-23T10:00"}
    status, text = await desk.post("/papers/new/visitor_request", form, page=at)
    assert (status, "Please write a name" in text or "Please fill this in" in text) == (400, True)
    status, text = await desk.post("/papers/new/complaint", {"place": HOME}, page=f"/papers/new/complaint?home={HOME}")
    assert (status, "Please" in text) == (400, True)


async def test_the_desk_finds_who_calls_by_the_end_of_their_number(browse: Open) -> None:
    desk = await browse("desk")
    for typed, found in (("1234", True), ("0000 1234", True), ("138-0000-1234", True), ("234", False)):
        assert (f'href="/desk/homes/{HOME}"' in (await desk.get(f"/desk?q={typed}"))[1]) is found, typed


async def test_what_a_new_link_ends_is_said_before_it_is_made(house: House, browse: Open) -> None:
    desk, sheet, ends = await browse("desk"), f"/desk/homes/{HOME}", "The old password stops working now"
    assert ends not in (await desk.get(sheet))[1]
    await house.give_password("wangfang")
    _, text = await desk.get(sheet)
    link = f"{sheet}/people/{await house.person('王芳')}/link"
    assert text.count(link) == 1
    assert text.index(ends) < text.index(link)
    assert "An old password works no more" in (await desk.post(link, page=sheet))[1]


async def test_what_is_asked_for_most_stands_first(browse: Open) -> None:
    _, text = await (await browse("wangfang")).get("/papers/new")
    assert re.findall(r"/papers/new/(\w+)", text)[:2] == ["item_release", "visitor_request"]
    assert text.index("/papers/new/repair") < text.index("/papers/new/complaint") < text.index("/papers/new/enquiry")
