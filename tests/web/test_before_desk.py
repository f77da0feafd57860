"""Before somebody stands at the desk: a time taken, papers sent from a phone, what is signed, the yearly look."""

import io
import re

import aiohttp
import pytest
from tests.host.test_documents import png
from tests.rows.people import row

from gatehost.model.account import ADMIN, Actor
from gatehost.service.door import reception
from gatehost.service.enrol import capture, vault
from gatehost.service.face import consent
from gatehost.service.office import policy

from .conftest import Browser, Open
from .house import HOME, OTHER_HOME, House
from .tour import OFFICER

HOUR, DAY = 3_600_000, 86_400_000
ADMINISTRATOR = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)


async def paper(browser: Browser, home: str = HOME) -> str:
    """An enrolment handed in on a phone; the address of its page."""
    form = {"home": home, "field-kind": "deed", "field-name": "王芳"}
    _, text = await browser.post(f"/papers/new/face_enrol?home={home}", form)
    found = re.search(r'action="/papers/(\d+)/file"', text)
    assert found, text
    return f"/papers/{found[1]}"


async def sent(browser: Browser, path: str, page: str, data: bytes, **fields: str) -> tuple[int, str]:
    """A form with a file, as a browser sends it."""
    form = aiohttp.FormData({"form_token": await browser.token(page)} | fields)
    form.add_field("file", io.BytesIO(data), filename="scan.png", content_type="image/png")
    async with browser.http.post(browser.url + path, data=form) as answer:
        return answer.status, await answer.text()


@row("A15")
async def test_a_time_is_taken_moved_and_given_back_on_a_phone_and_a_taken_one_names_the_next(
    house: House, browse: Open
) -> None:
    fang, yang = await browse("wangfang"), await browse("liuyang")
    mine, theirs = await paper(fang), await paper(yang, OTHER_HOME)
    _, text = await fang.get(mine)
    assert f'href="{mine}/time"' in text
    _, text = await fang.get(f"{mine}/time")
    times = [int(at) for at in re.findall(r'name="at" value="(\d+)"', text)]
    assert times[0] == house.times["at"] + HOUR // 2  # 10:30, the first that lies ahead
    status, text = await fang.post(f"{mine}/time", {"at": str(times[0])})
    assert (status, "The time is yours" in text, "10:30" in text) == (200, True, True)
    status, text = await yang.post(f"{theirs}/time", {"at": str(times[0])})
    assert (status, "Somebody else took this time" in text) == (409, True)
    assert "The next free time is 11:00." in text
    status, text = await yang.post(f"{theirs}/time", {"at": "17"})
    assert (status, "The desk gives no time then" in text) == (400, True)
    await fang.post(f"{mine}/time", {"at": str(times[1])})
    assert (await yang.post(f"{theirs}/time", {"at": str(times[0])}))[0] == 200  # free since it was moved
    status, text = await fang.post(f"{mine}/time/back", page=f"{mine}/time")
    assert (status, "The time is given back" in text) == (200, True)
    assert (await yang.get(f"{mine}/time"))[0] == 404


@row("A16", "A8")
async def test_papers_are_sent_ahead_and_what_is_missing_is_told_before_the_trip(house: House, browse: Open) -> None:
    fang, desk, yang = await browse("wangfang"), await browse("desk"), await browse("liuyang")
    page = await paper(fang)
    _, text = await fang.get(f"{page}/time")
    assert text.count("not sent yet") == 2  # ID and deed; the photo and the licence may stay away
    status, text = await sent(fang, f"{page}/file", page, b"a program", kind="deed")
    assert (status, "This is no whole JPEG or PNG picture" in text) == (400, True)
    assert 'value="deed" selected' in text  # what was chosen stays
    status, text = await sent(fang, f"{page}/file", page, png(), kind="deed")
    assert (status, "The file is sealed" in text) == (200, True)
    await sent(fang, f"{page}/file", page, png(), kind="id_photo")
    assert (await fang.get(f"{page}/time"))[1].count("not sent yet") == 1
    _, text = await desk.get(page)
    (first, second) = re.findall(r'href="(/archive/documents/\d+)"', text)
    async with desk.http.get(desk.url + first) as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
    assert (await yang.get(first))[0] == 404
    number = second.rpartition("/")[2]
    assert (await yang.post(f"{page}/documents/{number}/drop", page="/password"))[0] == 404
    await fang.post(f"{page}/documents/{number}/drop", page=page)
    assert (await desk.get(second))[0] == 404


@row("B28")
async def test_a_visitor_sends_proof_behind_the_link_of_their_request(house: House, browse: Open) -> None:
    visitor, desk = await browse(""), await browse("desk")
    form = {"form_token": await visitor.token("/visit/north"), "home": HOME, "name": "张阿姨", "reason": "送沙发"}
    async with visitor.http.post(house.url + "/visit/north", data=form) as answer:
        page = f"{answer.url.path}/file"
    status, text = await sent(visitor, page, page, b"no picture")
    assert (status, "This is no whole JPEG or PNG picture" in text) == (400, True)
    status, text = await sent(visitor, page, page, png())
    assert (status, "1 sent" in text) == (200, True)
    assert (await sent(visitor, page, page, b"x" * (5 << 20)))[0] == 413
    assert (await visitor.post("/papers/1/file", page="/visit/north"))[0] in (401, 403)
    assert (await desk.get("/papers/1"))[1].count("/archive/documents/") == 1


@row("L1")
async def test_the_desk_is_told_what_the_text_lacks_and_can_take_no_signature(house: House, browse: Open) -> None:
    desk, admin = await browse("desk"), await browse("admin")
    person = await house.person("王芳")
    page = f"/desk/homes/{HOME}/faces/{person}"
    _, text = await desk.get(page)
    assert all(words in text for words in ("海棠物业", "021-5555 0100", "Sign and go on", "within 7 days"))
    await policy.set_rule(house.ctx, ADMINISTRATOR, "estate", "processor.name", "", "业委会", "", "重新填写")
    _, text = await desk.get(page)
    assert "This text cannot be signed yet" in text
    assert "Who processes faces, as it stands in the consent text" in text
    assert "Sign and go on" not in text
    form = {"kind": "owner", "checked": "yes", "read": "yes", "signer": "王芳"}
    status, text = await desk.post(page, form, page="/password")
    assert (status, "This text cannot be signed yet" in text) == (409, True)
    where = "/admin/rules/estate/processor.name"
    told = {"decided_by": "业委会", "document": "", "why": "同意书"}
    status, text = await admin.post(where, told | {"value": "物业，永久使用"})
    assert (status, "the law makes such a clause void" in text) == (400, True)
    assert (await admin.post(where, told | {"value": "海棠物业"}))[0] == 200
    assert "Sign and go on" in (await desk.get(page))[1]


@row("L11")
async def test_a_no_takes_as_many_taps_as_a_yes_and_nobody_asks_again(house: House, browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    person = await house.person("王芳")
    page, home = f"/desk/homes/{HOME}/faces/{person}", f"/desk/homes/{HOME}"
    assert f'href="{page}"' in (await desk.get(home))[1]
    _, text = await desk.get(page)
    buttons = re.findall(r"<button[^>]*name=\"answer\"[^>]*>", text)
    assert len(buttons) == 2
    assert not any("primary" in button or "class" in button for button in buttons)  # neither stands out
    status, text = await desk.post(f"{page}/decline", page=page)
    assert (status, "no face entry" in text, "do not ask again" in text) == (200, True, True)
    shown = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
    assert f'href="{page}"' not in shown
    assert f'href="{page}"' in text  # should they ask for it themselves
    card = f"/papers/new/card_issue?home={HOME}&amp;party={person}"
    assert f'href="{card}"' in shown  # what they get instead is one tap away, with their name in it
    assert 'name="field-name" type="text" value="王芳"' in (await desk.get(card.replace("&amp;", "&")))[1]
    _, text = await fang.get("/me/data")
    assert "You use other ways in, and that is fine" in text
    assert "noted that face entry is not wanted" in text


@row("F7", "A14")
async def test_a_resident_reads_and_prints_what_they_signed(house: House, browse: Open) -> None:
    fang, desk, yang = await browse("wangfang"), await browse("desk"), await browse("liuyang")
    person = await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True, "en")
    await house.approved(person)
    unit = await house.fill("desk-1")
    await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)
    for browser, page in ((fang, "/me/data/consent"), (desk, f"/desk/faces/{person}/consent")):
        status, text = await browser.get(page)
        assert (status, "face-consent/2" in text, "海棠物业" in text, "data-print" in text) == (200, True, True, True)
    assert (await yang.get("/me/data/consent"))[0] == 404


@row("G8")
async def test_once_a_year_one_tap_says_that_all_is_still_right(house: House, browse: Open) -> None:
    assert "All still right" not in (await (await browse("liuyang")).get("/me"))[1]
    house.later(366 * DAY)
    fang, desk = await browse("wangfang"), await browse("desk")
    _, text = await fang.get("/me")
    assert "All still right" in text
    assert HOME in (await desk.get("/desk/unlooked"))[1]
    status, text = await fang.post(f"/me/homes/{HOME}/different", {"what": " "}, page=f"/me/homes/{HOME}")
    assert (status, "Please write what it is" in text) == (400, True)
    _, text = await fang.post(f"/me/homes/{HOME}/right", page="/me")
    assert "Thank you: all is still right." in text
    assert "All still right" not in text
    _, text = await desk.get("/desk/unlooked")
    assert (HOME in text, OTHER_HOME in text) == (False, True)
    _, text = await desk.post(f"/desk/homes/{OTHER_HOME}/right", page="/desk/unlooked")  # said at the desk
    assert "Every home was looked through in time." in text
    _, text = await fang.post(f"/me/homes/{HOME}/different", {"what": "王小宝的车已卖"}, page=f"/me/homes/{HOME}")
    assert "王小宝的车已卖" in text


@row("A20")
async def test_the_resident_and_the_desk_see_each_door_with_its_time(house: House, browse: Open) -> None:
    fang, desk, person = await browse("wangfang"), await browse("desk"), await house.person("王芳")
    unit, near = await house.fill("desk-1"), await house.fill("b12-door")
    far = await house.fill("north-in", up=False)
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)
    keys: list[object] = [[bytes.fromhex(door.dev), b"key"] for door in (near, far)]
    await vault.sealed(house.ctx, unit.dev, person, "m1", 5, b"sealed", keys)
    generation, version, _ = await reception.state_for(house.ctx, near.dev) or (0, 0, b"")
    await reception.status(house.ctx, near.dev, generation, version, 2, 1, "test")
    for browser, page in ((fang, "/me/data"), (desk, f"/desk/faces/{person}")):
        _, text = await browser.get(page)
        doors = text[text.index("At which doors") :]
        assert doors.index("12栋单元门") < doors.index("Loaded 10:00")
        assert "Not yet: never connected" in doors


@row("A7")
@pytest.mark.parametrize("spoken", ["en", "zh-CN"])
async def test_each_defect_of_a_photo_is_said_in_words(house: House, browse: Open, spoken: str) -> None:
    from gatecore import feedback, intake

    unit, person = await house.fill("desk-1"), await house.person("王芳")
    await consent.give(house.ctx, OFFICER, person, "王芳", True)
    await house.approved(person)
    task = (await capture.start(house.ctx, OFFICER, person, HOME, unit.dev)).task
    desk, said = await browse("desk", spoken), set()
    defects = (
        intake.EMPTY_FILE, intake.NO_PICTURE, intake.BROKEN_PICTURE, intake.TINY_PICTURE, intake.NO_FACE,
        feedback.ONE_AT_A_TIME, feedback.COME_CLOSER, feedback.UNCOVER, feedback.LOOK_HERE, feedback.MORE_LIGHT,
    )  # fmt: skip
    for defect in defects:
        await capture.progressed(house.ctx, unit.dev, task, intake.CAPTURE_PHOTO, 0, [defect])
        found = re.search(r"data-say>([^<]+)</p>", (await desk.get(f"/desk/captures/{task}"))[1])
        assert found
        said.add(found[1].strip())
    assert len(said) == len(defects)  # each in words of its own
