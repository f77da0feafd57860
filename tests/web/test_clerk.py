"""A new clerk at the desk: no step twice, nothing typed that is known, and what is printed says its day."""

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
