"""Rows B, C and D at the gate: who asks from the poster, plates read by a camera, waste hours, reports with photos."""

import asyncio
import base64
import hmac
import json
import re
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.host.house import House
from tests.rows.people import (
    DAY,
    GATE,
    HOME,
    HOUR,
    MINUTE,
    OTHER,
    approved,
    do,
    enter,
    on_duty,
    row,
    signed_in,
    tick_all,
)

from gatehost.model.errors import BadInput, Denied, NotFound, Refused, TooMany
from gatehost.service.gate import asking, incident, platecam, presence, search
from gatehost.service.office import policy, retention
from gatehost.service.paper import casework, disclosure
from gatehost.store import audits, grants

LANE = "gate-1-in"
PLATE = "京A12345"


@row("C2", "C3", "C5", "B14", "B28")
async def test_a_visitor_follows_their_own_request_and_gets_the_code_when_the_home_says_yes(house: House) -> None:
    link = await asking.ask(house.ctx, GATE, HOME, "张阿姨", "", "看望")
    held = await asking.followed(house.ctx, link)
    assert (held.state, held.digits, held.home) == ("waiting", "", HOME)
    mei = await signed_in(house, "limei")
    (case,) = await asking.waiting(house.ctx, mei)
    assert await asking.waiting(house.ctx, await signed_in(house, "wangfang")) == ()
    with pytest.raises(NotFound):
        await asking.answer(house.ctx, await signed_in(house, "wangfang"), case.id, yes=True)
    await asking.answer(house.ctx, mei, case.id, yes=True)
    held = await asking.followed(house.ctx, link)
    assert (held.state, len(held.digits)) == ("approved", 8)
    assert held.until is not None
    assert house.clock.now < held.until <= house.clock.now + DAY  # this day and no longer
    house.clock.now += 25 * HOUR
    with pytest.raises(NotFound):
        await asking.followed(house.ctx, link)


@row("C5")
async def test_the_desk_may_say_yes_after_the_home_s_call_and_a_no_is_told(house: House) -> None:
    desk = await signed_in(house, "desk")
    first, second = [await asking.ask(house.ctx, GATE, HOME, name, "", "") for name in ("甲", "乙")]
    by_name = {case.form["name"]: case.id for case in await asking.waiting(house.ctx, desk)}
    await asking.answer(house.ctx, desk, by_name["甲"], yes=True)
    assert (await asking.followed(house.ctx, first)).digits
    await asking.answer(house.ctx, await signed_in(house, "limei"), by_name["乙"], yes=False, why="home")
    held = await asking.followed(house.ctx, second)
    assert (held.state, held.digits, held.why) == ("refused", "", "home")


@row("C2")
async def test_nobody_reads_another_s_request_and_nobody_floods_a_home_or_a_gate(house: House) -> None:
    link = await asking.ask(house.ctx, GATE, HOME, "张", "", "")
    start, _, mark = link.rpartition(".")
    other = start.replace(GATE, "gate-2")
    for wrong in ("", "x", ".", start, f"{start}.{'0' * 32}", f"{start}0.{mark}", f"{other}.{mark}", f"{start}.٣"):
        with pytest.raises(NotFound):
            await asking.followed(house.ctx, wrong)
    for field, told in (("home", ("999999", "张")), ("name", (HOME, ""))):
        with pytest.raises(BadInput) as error:
            await asking.ask(house.ctx, GATE, told[0], told[1], "", "")
        assert error.value.field == field
    with pytest.raises(NotFound):
        await asking.ask(house.ctx, "b12", HOME, "张", "", "")
    for _ in range(3):
        await asking.ask(house.ctx, GATE, HOME, "张", "", "")
    with pytest.raises(TooMany):
        await asking.ask(house.ctx, GATE, HOME, "张", "", "")
    house.ctx.live.asking[GATE] = [house.clock.now] * 120
    with pytest.raises(TooMany):
        await asking.ask(house.ctx, GATE, OTHER, "张", "", "")
    house.clock.now += HOUR
    await asking.ask(house.ctx, GATE, OTHER, "张", "", "")


@row("B17")
async def test_the_poster_says_the_rules_in_force_and_changes_with_them(house: House) -> None:
    admin = await signed_in(house, "admin")
    before = await asking.rules_of(house.ctx, GATE)
    assert (before.phone, before.approver, before.escort, before.days) == ("optional", "host", False, 1)
    for key, value in (("visitor.phone", "required"), ("visitor.escort", "on"), ("visitor.approver", "both")):
        await policy.set_rule(house.ctx, admin, "estate", key, value, "业委会", "2026-1", "安全")
    after = await asking.rules_of(house.ctx, GATE)
    assert (after.phone, after.approver, after.escort) == ("required", "both", True)
    with pytest.raises(BadInput, match="missing"):
        await asking.ask(house.ctx, GATE, HOME, "张", "", "")


@row("C4")
async def test_a_courier_who_comes_daily_is_known_until_it_ends_and_any_other_needs_no_more_than_a_home(
    house: House,
) -> None:
    guard, until = await on_duty(house), house.clock.now + 90 * DAY
    form: dict[str, object] = {"name": "王小递", "company": "快运", "until": until}
    case = await casework.open_case(house.ctx, await signed_in(house, "desk"), "courier_pass", "estate", form)
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    assert (await do(house, "desk", case, "sign")).state == "approved"
    (known,) = await search.search(house.ctx, guard, "王小递")
    assert (known.tone, known.code) == ("good", "courier_known")
    house.clock.now = until
    (gone,) = await search.search(house.ctx, guard, "王小递")
    assert gone.code == "nothing"
    assert (await enter(house, guard)).state == "inside"  # one who comes once


class Camera:
    """A camera that signs as the admin's page says."""

    def __init__(self, house: House, number: int, key: str) -> None:
        self.house, self.number, self.key = house, number, bytes.fromhex(key)

    def signed(self, plate: str, way: str = "in", late_s: int = 0) -> tuple[str, str, bytes]:
        body = json.dumps({"plate": plate, "way": way}, ensure_ascii=False).encode()
        stamp = str(self.house.clock.now // 1000 - late_s)
        return stamp, hmac.new(self.key, stamp.encode() + b"." + body, sha256).hexdigest(), body

    async def saw(self, plate: str, way: str = "in") -> str:
        return await platecam.take(self.house.ctx, self.number, *self.signed(plate, way))


async def camera(house: House) -> Camera:
    number, key = await platecam.add(house.ctx, await signed_in(house, "admin"), LANE, "车道一")
    return Camera(house, number, key)


@row("B16", "D6")
async def test_a_plate_with_a_right_asks_its_barrier_to_open_and_any_other_asks_the_guard(house: House) -> None:
    cam, guard = await camera(house), await on_duty(house)
    assert await cam.saw(PLATE) == platecam.ASKED
    (waits,) = await platecam.standing(house.ctx, guard)
    assert (waits.plate, waits.why) == (PLATE, "plate_unknown")
    await approved(house, "temp_parking", plate=PLATE, until=house.clock.now + DAY)
    house.clock.now += MINUTE
    assert await cam.saw(PLATE) == platecam.SILENT  # the barrier has no unit yet: the guard sees why
    assert [one.why for one in await platecam.standing(house.ctx, guard)] == ["silent"]
    house.clock.now += 2 * DAY
    assert await cam.saw(PLATE) == platecam.ASKED
    house.clock.now += 4 * MINUTE
    assert await platecam.standing(house.ctx, guard) == ()


@row("B16", "D6")
async def test_the_barrier_opens_by_a_command_signed_for_its_own_challenge(house: House) -> None:
    from gatecore import frames
    from gatecore.records import Command
    from gatecore.sign import key_id
    from gatecore.wire import open_sign1
    from gatehost.keys import verify

    cam, device = await camera(house), await house.enrolled(LANE)
    await approved(house, "temp_parking", plate=PLATE, until=house.clock.now + DAY)
    async with device.connect() as line:
        await line.greet()
        opening = asyncio.create_task(cam.saw(PLATE))
        (ticket,) = await line.take(frames.ASK)
        await line.say(frames.CHALLENGE, ticket, b"c" * 16)
        (signed,) = await line.take(frames.COMMAND)
        keys = device.trust.keys
        assert keys is not None
        order = Command.from_wire(open_sign1(signed, key_id(keys.operator), keys.operator, verify))
        assert (order.dev, order.action, order.challenge) == (device.dev, "open", b"c" * 16)
        await line.say(frames.DONE, b"c" * 16, 1, "")
        assert await opening == platecam.OPENED


@row("B16", "D6")
async def test_a_plate_that_was_read_in_part_opens_no_way_in_ends_no_stay_and_is_told_as_not_read(house: House) -> None:
    cam, guard = await camera(house), await on_duty(house)
    await approved(house, "temp_parking", plate=PLATE, until=house.clock.now + DAY)
    inside = await enter(house, guard, "vehicle", confirmed_by="李梅", plate="京A1234")
    for plate in ("京A1234?", "京A1234", "A12345", "京A123_5", "*A12345", "京", "沪A12", "京A1234５"):
        house.clock.now += 1000
        assert await cam.saw(plate) == platecam.ASKED, plate
        (waits,) = await platecam.standing(house.ctx, guard)
        assert (waits.plate, waits.why) == (plate.upper(), "plate_unread"), plate
        async with house.ctx.store.read() as tx:
            assert (await audits.of_action(tx, "plate.read", 1))[0].detail == "in unread"
        await cam.saw(plate, "out")
        assert inside.id in [one.id for one in await presence.present(house.ctx, guard)], plate
    for plate in ("京A54321", "京AD12345", "粤Z1234港", "WJ12345", "KA123"):
        await cam.saw(plate)
        assert [one.why for one in await platecam.standing(house.ctx, guard)] == ["plate_unknown"], plate


@row("B1", "B6", "B9")
async def test_a_guest_s_vehicle_is_inside_when_the_barrier_has_opened_for_it_and_a_home_s_own_is_no_stay(
    house: House,
) -> None:
    from gatecore import frames

    cam, guard, device = await camera(house), await on_duty(house), await house.enrolled(LANE)
    await approved(house, "temp_parking", plate=PLATE, until=house.clock.now + DAY)
    async with house.ctx.store.write() as tx:
        held = await grants.of_plate(tx, PLATE)
        own = replace(held[0], kind="parking", case=None)
        mine = await grants.put_credential(tx, held[0].party or "", "plate", "active", "京B54321", own.since, own.until)
        await grants.put(tx, replace(own, credential=mine))
    async with device.connect() as line:
        await line.greet()
        for plate in (PLATE, PLATE, "京B54321"):  # the camera sees it twice
            house.clock.now += MINUTE
            opening = asyncio.create_task(cam.saw(plate))
            (ticket,) = await line.take(frames.ASK)
            await line.say(frames.CHALLENGE, ticket, b"c" * 16)
            await line.take(frames.COMMAND)
            await line.say(frames.DONE, b"c" * 16, 1, "")
            assert await opening == platecam.OPENED
    (inside,) = await presence.present(house.ctx, guard)
    assert (inside.kind, inside.plate, inside.home, inside.in_gate) == ("vehicle", PLATE, HOME, GATE)
    assert (inside.in_by, inside.grant) == ("车道一", held[0].id)
    house.clock.now += HOUR
    await cam.saw(PLATE, "out")
    assert await presence.present(house.ctx, guard) == ()


@row("B16", "B6")
async def test_leaving_by_plate_ends_the_stay(house: House) -> None:
    cam, guard = await camera(house), await on_duty(house)
    came = await enter(house, guard, "vehicle", confirmed_by="李梅", plate=PLATE)
    house.clock.now += HOUR
    await cam.saw(PLATE, "out")
    assert came.id not in [one.id for one in await presence.present(house.ctx, guard)]


@row("B16")
async def test_a_forged_old_or_repeated_plate_event_is_not_acted_upon(house: House) -> None:
    cam, guard = await camera(house), await on_duty(house)
    stamp, signature, body = cam.signed(PLATE)
    take = platecam.take
    flipped = f"{int(signature[0], 16) ^ 1:x}" + signature[1:]
    for wrong in (
        (cam.number, stamp, flipped, body),
        (cam.number, stamp, "", body),
        (cam.number, stamp, signature.upper() + "é", body),
        (cam.number, stamp, signature, body.replace(b"12345", b"12346")),
        (cam.number, str(int(stamp) + 1), signature, body),
        (cam.number, "\udcff", signature, body),
        (cam.number + 1, stamp, signature, body),
    ):
        async with house.ctx.store.write():  # who is no camera of ours waits for nobody, and keeps nobody waiting
            with pytest.raises(Denied, match="signature"):
                await asyncio.wait_for(take(house.ctx, *wrong), 5)
    for late in (31, -31, 10**9):
        with pytest.raises(Refused, match="time"):
            await take(house.ctx, cam.number, *cam.signed(PLATE, late_s=late))
    assert await platecam.standing(house.ctx, guard) == ()
    await take(house.ctx, cam.number, stamp, signature, body)
    with pytest.raises(Refused, match="replayed"):
        await take(house.ctx, cam.number, stamp, signature, body)
    for plate, way in (("", "in"), ("x" * 40, "in"), (PLATE, "up")):
        with pytest.raises(BadInput):
            await cam.saw(plate, way)
    await platecam.end(house.ctx, await signed_in(house, "admin"), cam.number)
    with pytest.raises(Denied):
        await cam.saw(PLATE)


@row("B16")
async def test_only_the_admin_gives_a_camera_a_key_and_only_at_a_gate(house: House) -> None:
    for login in ("desk", "guard", "limei"):
        with pytest.raises(Denied):
            await platecam.add(house.ctx, await signed_in(house, login), LANE, "x")
    admin = await signed_in(house, "admin")
    with pytest.raises(NotFound):
        await platecam.add(house.ctx, admin, "b12-door", "x")
    _, key = await platecam.add(house.ctx, admin, LANE, "车道一")
    (held,) = await platecam.cameras(house.ctx, admin)
    assert bytes.fromhex(key) not in held.hidden
    assert key.encode() not in held.hidden


@row("D8")
async def test_the_patrol_compares_with_a_list_of_who_may_park(house: House) -> None:
    guard = await on_duty(house)
    assert await platecam.permitted(house.ctx, guard) == ()
    until = house.clock.now + DAY
    await approved(house, "temp_parking", plate=PLATE, until=until)
    assert await platecam.permitted(house.ctx, guard) == ((PLATE, HOME, until),)
    house.clock.now += 2 * DAY
    assert await platecam.permitted(house.ctx, guard) == ()


@row("B8")
async def test_bulky_waste_is_red_outside_its_hours(house: House) -> None:
    guard, now = await on_duty(house), house.clock.now
    case = await approved(house, "bulky_waste", what="旧沙发", at=now + HOUR)
    home, waste = await search.search(house.ctx, guard, HOME)
    assert (home.what, waste.tone, waste.code) == ("home", "good", "waste_ready")
    house.clock.now += 11 * HOUR  # 21:00
    (paper,) = await search.search(house.ctx, guard, case.number)
    assert (paper.tone, paper.code) == ("bad", "waste_hours")


def jpeg(extra: bytes = b"", side: int = 640) -> bytes:
    """The smallest whole JPEG the law takes, with what a phone adds."""
    frame = b"\x08" + side.to_bytes(2, "big") * 2 + b"\x01\x01\x11\x00"
    parts = [(0xE1, b"Exif\0\0GPS 39.9"), (0xDB, bytes(65)), (0xFE, b"my phone"), (0xC0, frame), (0xDA, bytes(6))]
    made = b"".join(b"\xff" + bytes([kind]) + (len(data) + 2).to_bytes(2, "big") + data for kind, data in parts)
    return b"\xff\xd8" + made + b"scan" + extra + b"\xff\xd9"


@row("B27", "F3")
async def test_a_report_s_photo_loses_where_it_was_taken_and_lies_encrypted(house: House) -> None:
    guard, desk = await on_duty(house), await signed_in(house, "desk")
    case = await incident.report(house.ctx, guard, GATE, "有人翻墙", "东墙", jpeg())
    [(number, paper, who, _)] = await incident.with_photo(house.ctx, desk)
    assert (paper, who) == (case.number, guard.name)
    stored = b"".join(house.ctx.shelf.get(name) for name in house.ctx.shelf.names())
    for plain in (b"scan", b"GPS", b"my phone"):
        assert plain not in stored
    shown = picture_in(await disclosure.show(house.ctx, desk, number, "2026-06-15"))
    assert shown.startswith(b"\xff\xd8")
    assert b"scan" in shown
    assert b"GPS" not in shown
    assert b"my phone" not in shown
    for nobody in (guard, await signed_in(house, "limei")):
        with pytest.raises(NotFound):
            await disclosure.show(house.ctx, nobody, number, "x")
    house.clock.now += 181 * DAY
    await retention.run(house.ctx)
    with pytest.raises(NotFound):
        await disclosure.show(house.ctx, desk, number, "x")
    assert house.ctx.shelf.names() == []


def picture_in(shown: bytes) -> bytes:
    """What lies under the mark."""
    found = re.search(rb"base64,([^\"]+)\"", shown)
    assert found
    return base64.b64decode(found[1])


@row("B27")
async def test_what_is_no_photo_is_refused_and_nothing_is_written(house: House) -> None:
    guard, whole = await on_duty(house), jpeg()
    bad = [b"x", b"GIF89a" + bytes(90), b"\xff\xd8\xff\xd9", whole[:-3], whole[:40] + b"\xff\xd9", jpeg(side=4)]
    bad += [
        jpeg(side=20_000),
        jpeg(side=11_000),
        whole.replace(b"\xff\xdb\x00", b"\xff\xdb\xff"),
        jpeg(bytes(5 << 20)),
        b"<svg/>",
    ]
    for data in bad:
        with pytest.raises(BadInput) as error:
            await incident.report(house.ctx, guard, GATE, "x", "", data)
        assert error.value.field == "photo"
    with pytest.raises(BadInput, match="missing"):
        await incident.report(house.ctx, guard, GATE, " ", "", whole)
    assert await incident.with_photo(house.ctx, await signed_in(house, "desk")) == ()
