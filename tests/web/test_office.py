"""The office's pages: devices confirmed by six digits, policies with an owner, faces after consent, the proof."""

import asyncio
import io
import random
import re
import sqlite3
import tempfile
from pathlib import Path

import aiohttp
import pytest

from gatecore import frames, intake
from gatecore.enrol import Claim
from gatehost.service.check import Check
from gatehost.service.context import Context
from gatehost.service.enrol import capture
from gatehost.service.evidence import audit
from gatehost.service.face import promise, twice
from gatehost.store import accesslog, slips
from gatehost.web.evidence import proof

from .conftest import Browser, Open
from .house import HOME, OTHER_HOME, House


async def test_a_device_joins_only_when_a_person_says_the_digits_are_the_same(house: House, browse: Open) -> None:
    admin = await browse("admin")
    dev, _ = await house.ask_in("north-in")
    assert "A device wants to be 北门入口" in (await admin.get("/today"))[1]
    _, text = await admin.get("/admin/doors")
    assert "A device wants to be 北门入口" in text
    shown = re.search(r'class="six" translate="no">(\d{3}) (\d{3})<', text)
    assert shown
    digits = shown[1] + shown[2]
    other = f"{(int(digits) + 1) % 1_000_000:06}"
    status, text = await admin.post(f"/admin/devices/{dev}/confirm", {"digits": other}, page="/admin/doors")
    assert (status, "not the digits of this device" in text) == (400, True)
    assert "A device wants to be 北门入口" in text
    _, text = await admin.post(f"/admin/devices/{dev}/confirm", {"digits": digits}, page="/admin/doors")
    assert "The device is confirmed." in text
    assert "In service" in (await admin.get("/admin/doors/north-in"))[1]


async def test_a_refused_device_is_gone_from_the_list(house: House, browse: Open) -> None:
    admin = await browse("admin")
    dev, _ = await house.ask_in("north-in")
    _, text = await admin.post(f"/admin/devices/{dev}/refuse", page="/admin/doors")
    assert "The device is refused." in text
    assert "Same: confirm" not in text


async def test_a_claim_comes_as_a_file_and_as_a_picture(house: House, browse: Open) -> None:
    admin = await browse("admin")
    token = await admin.token("/admin/doors/north-in")
    where = f"{house.url}/admin/doors/north-in"
    async with admin.http.post(f"{where}/claim-file", data={"form_token": token}) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="north-in.claim"'
        claim: Claim = Claim.from_wire(await answer.read())
    assert claim.slot == "north-in"
    status, text = await admin.post("/admin/doors/north-in/claim-qr", page="/admin/doors/north-in")
    assert status == 200
    assert "<svg" in text
    assert claim.token.hex() not in text


async def test_a_new_door_with_a_bad_short_name_keeps_what_was_typed(browse: Open) -> None:
    admin = await browse("admin")
    for slot in ("North Gate", "120999", "north-in", ""):
        form = {"place": "north", "slot": slot, "name": "北门出口", "kind": "door", "direction": "1"}
        status, text = await admin.post("/admin/new-door", form)
        assert status == 400, slot
        assert 'value="北门出口"' in text
    status, text = await admin.post("/admin/new-door", form | {"slot": "north-out"})
    assert (status, "Make a claim for it next" in text) == (200, True)


async def test_a_door_that_is_away_is_said_to_lack_the_newest(house: House, browse: Open) -> None:
    admin = await browse("admin")
    door = await house.fill("north-in")
    house.doors.up.discard(door.dev)
    _, text = await admin.get("/admin/doors")
    assert "The newest changes are not yet at 北门入口: offline since 10:00." in text


async def test_a_policy_needs_an_owner_and_a_reason_and_keeps_its_history(browse: Open) -> None:
    admin, fang = await browse("admin"), await browse("wangfang")
    path = "/admin/rules/b12/home_open"
    status, text = await admin.post(path, {"value": "call_only", "decided_by": "", "why": "夜间安全"})
    assert (status, "Please write who decided" in text) == (400, True)
    assert 'value="夜间安全"' in text
    form = {"value": "call_only", "decided_by": "业主大会", "document": "2026第9号", "why": "夜间安全"}
    _, text = await admin.post(path, form)
    assert "The decision is saved." in text
    assert text.count("2026第9号") == 1
    _, text = await fang.get("/me")
    assert "Doors open from the phone only while a visitor is calling" in text
    assert "Decided by: 业主大会. Document: 2026第9号. Reason: 夜间安全." in text


async def test_who_decides_a_rule_that_somebody_decided_meanwhile_is_told_and_keeps_what_was_typed(
    browse: Open,
) -> None:
    one, other = await browse("admin"), await browse("admin")
    path = "/admin/rules/b12/home_open"
    forms = [
        {"value": value, "decided_by": who, "why": "夜间安全", "form_token": await browser.token(path), "was": "0"}
        for browser, value, who in ((one, "call_only", "业主大会"), (other, "off", "物业"))
    ]
    assert 'name="was" value="0"' in (await other.get(path))[1]
    assert (await one.send(path, forms[0]))[0] == 200
    status, text = await other.send(path, forms[1])
    assert (status, "decided this at 10:00, while you wrote" in text) == (409, True)
    assert 'value="物业"' in text
    assert text.count("Decided by: 业主大会.") == 1  # what was decided stands below
    seen = re.search(r'name="was" value="(\d+)"', text)
    assert seen
    status, text = await other.send(path, forms[1] | {"was": seen[1]})
    assert (status, "The decision is saved." in text) == (200, True)
    assert ("业主大会" in text, "物业" in text) == (True, True)  # the history has both


async def test_face_enrolment_begins_with_consent_and_ends_with_a_slip(house: House, browse: Open) -> None:
    desk, unit = await browse("desk"), await house.fill("desk-1")
    person = await house.person("王芳")
    where = f"/desk/homes/{HOME}/faces/{person}"
    status, text = await desk.post(f"{where}/capture", {"unit": unit.dev}, page=f"{where}/capture")
    assert (status, "There is no consent yet" in text) == (409, True)
    whole = {"kind": "owner", "signer": "王芳", "read": "yes", "checked": "yes"}
    for missing in ("signer", "read", "checked"):
        form = {name: value for name, value in whole.items() if name != missing}
        status, text = await desk.post(where, form, page=where)
        assert status == 400, missing
    assert "Refusing has no disadvantage" in text
    _, text = await desk.post(where, whole, page=where)
    assert "Which desk unit?" in text
    _, text = await desk.post(f"{where}/capture", {"unit": unit.dev}, page=f"{where}/capture")
    assert "Taking pictures" in text
    task = next(iter(house.ctx.live.captures))
    await capture.progressed(house.ctx, unit.dev, task, intake.CAPTURE_PHOTO, 2, [33])
    _, text = await desk.get(f"/desk/captures/{task}")
    assert "Too dark here" in text
    assert "2 of 5 good pictures" in text
    _, text = await desk.get(f"/desk/faces/{person}/slip")
    assert "To withdraw" in text
    assert "2026-00001" in text


async def test_a_desk_unit_that_is_away_is_said_to_be(house: House, browse: Open) -> None:
    desk, unit = await browse("desk"), await house.fill("desk-1", up=False)
    where = f"/desk/homes/{HOME}/faces/{await house.person('王芳')}"
    await desk.post(where, {"kind": "owner", "signer": "王芳", "read": "yes", "checked": "yes"}, page=where)
    status, text = await desk.post(f"{where}/capture", {"unit": unit.dev}, page=f"{where}/capture")
    assert (status, "The desk unit did not answer" in text) == (503, True)


async def test_a_minor_is_signed_for_by_a_guardian(house: House, browse: Open) -> None:
    desk = await browse("desk")
    where = f"/desk/homes/{HOME}/faces/{await house.person('王小宝')}"
    assert 'aria-current="true">Minor with guardian' in (await desk.get(where))[1]  # as the child belongs to the home
    ticked = {"read": "yes", "checked": "yes", "signer": "王小宝"}
    for kind in ("minor", "owner"):
        status, text = await desk.post(where, ticked | {"kind": kind}, page=where)
        assert (status, "A parent or guardian reads the text" in text) == (409, True), kind
    status, _ = await desk.post(where, ticked | {"kind": "minor", "signer": "王芳"}, page=where)
    assert status == 200


async def test_a_resident_withdraws_in_two_steps_and_sees_each_door(house: House, browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    where = f"/desk/homes/{HOME}/faces/{await house.person('王芳')}"
    await house.fill("desk-1")
    form = {"kind": "owner", "signer": "王芳", "read": "yes", "checked": "yes"}
    await desk.post(where, form, page=where)
    unit = next(iter(house.doors.up))
    await desk.post(f"{where}/capture", {"unit": unit}, page=f"{where}/capture")
    assert "Withdraw my consent" in (await fang.get("/me/data"))[1]
    _, text = await fang.post("/me/data/withdraw")
    assert "Consent is withdrawn." in text
    assert "Withdraw my consent" not in text


async def test_verify_names_the_first_entry_that_was_altered(house: House, browse: Open, tmp_path: Path) -> None:
    admin, door = await browse("admin"), await house.fill("north-in")
    for _ in range(3):
        await door.let_in(HOME)
    _, text = await admin.post("/admin/proof")
    assert "All logs hold." in text
    with sqlite3.connect(tmp_path / "kaimen.db") as base:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
        for (name,) in base.execute(triggers).fetchall():
            base.execute(f"DROP TRIGGER {name}")
        base.execute("UPDATE entry SET result = 0 WHERE id = (SELECT id FROM entry ORDER BY id LIMIT 1 OFFSET 1)")
    base.close()
    _, text = await admin.post("/admin/proof")
    assert "北门入口: entry 2 does not hold" in text
    assert "All logs hold." not in text


async def test_a_long_check_says_how_far_it_is_and_is_not_begun_twice(
    house: House, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, door = await browse("admin"), await house.fill("north-in")
    await door.let_in(HOME)
    monkeypatch.setattr(proof, "PATIENCE_S", 0.0)
    held, ended, real = asyncio.Event(), asyncio.Event(), audit.carry_out

    async def slow(ctx: Context, check: Check) -> None:
        check.total, check.done = 200, 50
        await held.wait()
        await real(ctx, check)
        ended.set()

    monkeypatch.setattr(audit, "carry_out", slow)
    _, text = await admin.post("/admin/proof")
    assert "25 % done" in text
    assert "All logs hold." not in text
    assert '<form method="post" action="/admin/proof"' not in text
    first = house.ctx.live.check
    await admin.post("/admin/proof", page="/admin/evidence")
    assert house.ctx.live.check is first
    assert "Doors" in (await admin.get("/admin/doors"))[1]
    held.set()
    await ended.wait()
    _, text = await admin.get("/admin/proof")
    assert "All logs hold." in text
    assert "Verified" in text


async def test_a_check_that_cannot_be_ended_says_so(
    house: House, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await browse("admin")

    async def gone(*_: object) -> int:
        raise OSError

    monkeypatch.setattr(accesslog, "count", gone)
    _, text = await admin.post("/admin/proof")
    assert "could not be ended" in text
    monkeypatch.undo()
    _, text = await admin.post("/admin/proof")
    assert "All logs hold." in text


async def test_every_look_up_is_seen_by_the_home_it_was_about(browse: Open) -> None:
    desk, fang = await browse("desk"), await browse("wangfang")
    await desk.get(f"/desk/homes/{HOME}")
    _, text = await fang.get("/me/data")
    assert "looked at the home" in text


async def test_a_pin_is_shown_once(browse: Open, house: House) -> None:
    desk = await browse("desk")
    path = f"/desk/homes/{HOME}/people/{await house.person('王芳')}/pin"
    _, text = await desk.post(path, page=f"/desk/homes/{HOME}")
    digits = re.search(r'class="code" translate="no">(\d{7})<', text)
    assert digits
    assert digits[1] not in (await desk.get(f"/desk/homes/{HOME}"))[1]


async def test_a_person_without_a_name_is_not_added_and_nothing_typed_is_lost(browse: Open) -> None:
    desk = await browse("desk")
    form = {"name": "", "role": "tenant", "phone": "139 0000 1111"}
    status, text = await desk.post(f"/desk/homes/{HOME}/people", form, page=f"/desk/homes/{HOME}")
    assert (status, "Please write a name" in text) == (400, True)
    assert 'value="139 0000 1111"' in text
    _, text = await desk.post(f"/desk/homes/{HOME}/people", form | {"name": "赵敏"}, page=f"/desk/homes/{HOME}")
    assert "赵敏" in text


# --- the promise, guided pictures, uploads, claim slips ---------------------------------------------------------------


async def test_the_promise_of_each_door_is_shown_in_words_with_what_to_do(house: House, browse: Open) -> None:
    admin, door = await browse("admin"), await house.fill("north-in")
    _, text = await admin.get("/admin/faces")
    assert "Has not told yet" in text
    person = bytes.fromhex(await house.person("王芳"))
    why, shares = ["few_photos", "too_alike"], [1000, 10_000, 4200]
    await promise.told(house.ctx, door.dev, intake.WAY_HOME, why, 212, [person], [person], shares, "m1")
    said = {
        "en": (
            "Home number first, then the face", "fewer than three pictures", "Call the people below back",
            "at most 0.1 % of strangers, about 1 % of the worst group", "measured on few, so it may be more",
            "0.42 % of strangers who look like", "1, open with",
        ),
        "zh-CN": (
            "先输房号，再刷脸", "照片不足三张", "请下面的人回来补拍", "陌生人最多 0.1 %",
            "约 1 %，所测人数少，实际可能更高", "0.42 %", "1 人，先输房号再刷脸",
        ),
    }  # fmt: skip
    for language, words in said.items():
        _, text = await (await browse("admin", language)).get("/admin/faces")
        for word in words:
            assert word in text, word
    _, text = await (await browse("desk")).get("/desk/faces")
    assert "Call back for more pictures" in text
    assert "王芳" in text


async def test_an_unknown_reason_of_a_newer_door_is_still_a_sentence(house: House, browse: Open) -> None:
    admin, door = await browse("admin"), await house.fill("north-in")
    await promise.told(house.ctx, door.dev, intake.WAY_HOME, ["not_heard_of"], 3, [], [], [1000, 10_000, None], "m1")
    _, text = await admin.get("/admin/faces")
    assert "The door asks for the home number." in text
    assert "Too few people to estimate" in text


async def capturing(house: House, desk: Browser) -> tuple[str, str]:
    """A capture of the resident under way: (task, unit)."""
    unit, person = await house.fill("desk-1"), await house.person("王芳")
    where = f"/desk/homes/{HOME}/faces/{person}"
    await desk.post(where, {"kind": "owner", "signer": "王芳", "read": "yes", "checked": "yes"}, page=where)
    await desk.post(f"{where}/capture", {"unit": unit.dev}, page=f"{where}/capture")
    return next(iter(house.ctx.live.captures)), unit.dev


async def test_each_of_the_five_steps_is_said_and_ticked_off(house: House, browse: Open) -> None:
    desk = await browse("desk")
    task, unit = await capturing(house, desk)
    await capture.progressed(house.ctx, unit, task, intake.CAPTURE_PHOTO, 2, [intake.OTHER_LIGHT])
    _, text = await desk.get(f"/desk/captures/{task}")
    for words in (
        "Look straight at the camera",
        "Take one step back",
        "Other light",
        "Glasses",
        "Turn the head a little",
    ):
        assert words in text
    assert text.count("Taken</span>") == 2
    assert 'aria-current="step"' in text
    await capture.progressed(house.ctx, unit, task, intake.CAPTURE_DONE, 5, [intake.ONE_LIGHT, intake.ALIKE])
    _, text = await desk.get(f"/desk/captures/{task}")
    assert "recognition at night may fail" in text
    assert "opens with face and home number" in text


async def test_every_word_a_capture_can_say_is_on_the_page(house: House, browse: Open) -> None:
    desk = await browse("desk")
    task, unit = await capturing(house, desk)
    plain = "Please look at the camera<"
    for reason in (*range(30, 36), *range(60, 73), *range(80, 92)):
        await capture.progressed(house.ctx, unit, task, intake.CAPTURE_READY, 0, [reason])
        _, text = await desk.get(f"/desk/captures/{task}")
        assert plain not in text, reason


async def test_a_face_of_another_home_sends_the_desk_to_the_administrator_who_names_nobody_seen(
    house: House, browse: Open
) -> None:
    desk, admin = await browse("desk"), await browse("admin")
    task, unit = await capturing(house, desk)
    person, other = await house.person("王芳"), "刘洋"
    await capture.progressed(house.ctx, unit, task, intake.CAPTURE_TWICE, 5, [])
    _, text = await desk.get(f"/desk/captures/{task}")
    assert "This face is already enrolled in another home" in text
    assert "Call the administrator" in text
    assert other not in text
    _, text = await admin.get("/admin/faces")
    assert "does not say whose" in text
    assert other not in text
    ask = f"/admin/faces/{person}/ask"
    status, text = await admin.post(ask, {"home": OTHER_HOME, "name": "谁"}, page="/admin/faces")
    assert (status, "There is no such person" in text) == (404, True)
    _, text = await admin.post(ask, {"home": OTHER_HOME, "name": other}, page="/admin/faces")
    assert "The vault is asked" in text
    assert "The vault has not answered yet" in text
    async with house.ctx.store.read() as tx:
        case = await slips.twice(tx, person)
    assert case is not None
    await twice.answered(house.ctx, unit, person, case.guess, intake.SAME_NO)
    _, text = await admin.get("/admin/faces")
    assert "The vault says no" in text
    assert "erase the older face" not in text
    status, text = await admin.post(f"/admin/faces/{person}/same", page="/admin/faces")
    assert (status, "The vault has not said yes" in text) == (409, True)
    status, _ = await admin.post(f"/admin/faces/{person}/two", {"why": ""}, page="/admin/faces")
    assert status == 400
    _, text = await admin.post(f"/admin/faces/{person}/two", {"why": "双胞胎，已看证件"}, page="/admin/faces")
    assert "Decided: two people." in text


async def test_a_photo_passes_through_memory_to_the_desk_unit_alone(
    house: House, browse: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await browse("desk")
    task, unit = await capturing(house, desk)
    passed: list[tuple[object, ...]] = []
    monkeypatch.setattr(house.doors, "send", lambda dev, kind, *fields: passed.append((dev, kind, *fields)) or True)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *_, **__: pytest.fail("a photo was written"))
    picture = b"\xff\xd8\xff" + random.Random(3).randbytes(700_000)
    status, _ = await uploaded(desk, task, picture)
    assert status == 200
    assert {(dev, kind) for dev, kind, *_ in passed} == {(unit, frames.PHOTO)}
    assert b"".join(bytes(fields[3]) for _, _, *fields in passed) == picture  # type: ignore[call-overload]
    assert not lies_in(tmp_path, picture[1000:1064])
    for wrong, code, words in ((b"", 400, "Choose a photo first"), (bytes((12 << 20) + 1), 413, "")):
        status, text = await uploaded(desk, task, wrong)
        assert (status, words in text) == (code, True)
    status, _ = await uploaded(desk, task, picture, token="0" * 64)
    assert status == 403
    status, text = await uploaded(desk, "0" * 32, picture)
    assert "This capture is over" in text


def lies_in(folder: Path, mark: bytes) -> bool:
    """Whether the bytes lie in any file."""
    return any(mark in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def uploaded(desk: Browser, task: str, picture: bytes, token: str = "") -> tuple[int, str]:
    """Sends a photo as the page's form does."""
    form = aiohttp.FormData()
    form.add_field("form_token", token or await desk.token("/password"))
    form.add_field("photo", io.BytesIO(picture), filename="photo.jpg", content_type="image/jpeg")
    async with desk.http.post(f"{desk.url}/desk/captures/{task}/photo", data=form) as answer:
        return answer.status, await answer.text()


async def test_a_claim_slip_is_shown_once_and_names_its_door(house: House, browse: Open) -> None:
    desk, person = await browse("desk"), await house.person("王芳")
    where = f"/desk/homes/{HOME}/faces/{person}"
    _, text = await desk.get(f"{where}/capture")
    assert "No door of this building has a unit in service yet." in text
    await house.fill("b12-door")
    status, text = await desk.post(f"{where}/slip", {"door": "b12-door"}, page=f"{where}/capture")
    assert (status, "There is no consent yet" in text) == (409, True)
    await desk.post(where, {"kind": "owner", "signer": "王芳", "read": "yes", "checked": "yes"}, page=where)
    status, text = await desk.post(f"{where}/slip", {"door": "north-in"}, page=f"{where}/capture")
    assert (status, "There is no such door" in text) == (404, True)
    _, text = await desk.post(f"{where}/slip", {"door": "b12-door"}, page=f"{where}/capture")
    assert re.search(r'class="code" translate="no">\d{4} \d{3} \d{3}<', text)
    assert "12栋单元门" in text
    assert "press #" in text
