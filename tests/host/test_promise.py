"""Promises of doors and faces enrolled twice: counts and single persons only, each for whom it concerns."""

import os
from collections.abc import Sequence

import pytest
from tests.host.house import House

from gatecore import frames, intake
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.service.enrol import capture
from gatehost.service.face import consent, promise, twice

HOME, SHARES = "120502", [1000, 10_000, 500]


def told(photos: Sequence[bytes] = (), alike: Sequence[bytes] = (), why: Sequence[object] = ()) -> list[object]:
    return [intake.WAY_FREE, list(why), 40, list(photos), list(alike), SHARES, "m1"]


async def test_what_a_door_tells_is_shown_to_the_administrator_and_persons_to_the_desk(house: House) -> None:
    door, limei = await house.enrolled("b12-door", box=os.urandom(32)), await house.actor("limei")
    wangfang = await house.actor("wangfang")
    person, other = bytes.fromhex(limei.party), bytes.fromhex(wangfang.party)
    async with door.connect() as link:
        await link.greet()
        await link.say(frames.PROMISE, *told([person, os.urandom(16)], [other]))
        await link.settle()
        [one] = await promise.doors(house.ctx, await house.actor("admin"))
        assert one.promise is not None
        assert (one.slot, one.connected, one.promise.people, one.promise.alike) == ("b12-door", True, 40, 1)
        assert (one.promise.promised, one.promise.worst, one.promise.estimated) == (1000, 10_000, 500)
        assert [wanted.name for wanted in await promise.wanted(house.ctx, await house.actor("desk"))] == ["李梅"]
        await link.say(frames.PROMISE, *told())  # they came: nobody has to come again
        await link.settle()
        assert await promise.wanted(house.ctx, await house.actor("desk")) == ()


@pytest.mark.parametrize(
    "fields",
    [
        [3, *told()[1:]],
        [*told()[:3], [b"short"], *told()[4:]],
        [*told()[:3], [os.urandom(16)] * 1001, *told()[4:]],
        told(why=[7]),
        told(why=["<script>"]),
        told(why=["x" * 33]),
        [*told()[:5], [1, 2], "m1"],
        [*told()[:5], [1, 2, 2_000_000], "m1"],
        [*told()[:5], [1, True, None], "m1"],
        [*told()[:6], "m" * 65],
    ],
)
async def test_a_promise_that_cannot_be_one_ends_the_connection_and_nothing_is_kept(
    house: House, fields: list[object]
) -> None:
    door = await house.enrolled("b12-door", box=os.urandom(32))
    async with door.connect() as link:
        await link.greet()
        await link.say(frames.PROMISE, *fields)
        assert await link.refusal() == "field"
    [one] = await promise.doors(house.ctx, await house.actor("admin"))
    assert one.promise is None


async def test_residents_and_the_desk_do_not_see_what_is_not_theirs(house: House) -> None:
    for login in ("desk", "limei"):
        with pytest.raises(Denied):
            await promise.doors(house.ctx, await house.actor(login))
        with pytest.raises(Denied):
            await twice.cases(house.ctx, await house.actor(login))
    with pytest.raises(Denied):
        await promise.wanted(house.ctx, await house.actor("limei"))


async def test_a_face_enrolled_twice_is_resolved_by_naming_one_person(house: House) -> None:
    desk_unit, desk, admin = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("admin")
    limei, wangfang = await house.actor("limei"), await house.actor("wangfang")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    await consent.give(house.ctx, desk, wangfang.party, "王芳", read=True)
    await house.approved(desk, wangfang.party, "130101")
    async with desk_unit.connect() as link:
        await link.greet()
        await capture.start(house.ctx, desk, wangfang.party, "130101", desk_unit.name)
        other, mine = bytes.fromhex(wangfang.party), bytes.fromhex(limei.party)
        await link.say(frames.SEALED, other, "m1", 5, b"sealed", [])
        begun = await capture.start(house.ctx, desk, limei.party, HOME, desk_unit.name)
        await link.say(frames.CAPTURE_NEWS, bytes.fromhex(begun.task), intake.CAPTURE_TWICE, 5, [])
        await link.settle()
        [case] = await twice.cases(house.ctx, admin)
        assert (case.name, case.state, case.guess) == ("李梅", "open", "")
        with pytest.raises(BadInput):
            await twice.ask(house.ctx, admin, limei.party, "130101", " ")
        with pytest.raises(NotFound):
            await twice.ask(house.ctx, admin, limei.party, "130101", "李强")
        with pytest.raises(Refused, match="not_same"):
            await twice.same_person(house.ctx, admin, limei.party)
        await twice.ask(house.ctx, admin, limei.party, "130101", "王芳")
        assert await link.take(frames.ASK_SAME) == [mine, other]
        await link.say(frames.SAME, mine, os.urandom(16), intake.SAME_YES)  # not what was asked
        await link.settle()
        assert (await twice.cases(house.ctx, admin))[0].verdict is None
        await link.say(frames.SAME, mine, other, intake.SAME_YES)
        await link.settle()
        await twice.same_person(house.ctx, admin, limei.party)
        assert (await link.take(frames.FORGET))[0] == other
        await link.say(frames.SEALED, mine, "m1", 5, b"sealed too", [])
        await link.settle()
    assert await twice.cases(house.ctx, admin) == ()


async def test_two_people_who_look_alike_are_let_through_with_a_reason(house: House) -> None:
    desk_unit, desk, admin = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("admin")
    limei = await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    async with desk_unit.connect() as link:
        await link.greet()
        begun = await capture.start(house.ctx, desk, limei.party, HOME, desk_unit.name)
        await link.say(frames.CAPTURE_NEWS, bytes.fromhex(begun.task), intake.CAPTURE_TWICE, 5, [])
        await link.settle()
        with pytest.raises(BadInput):
            await twice.two_people(house.ctx, admin, limei.party, "")
        await twice.two_people(house.ctx, admin, limei.party, "双胞胎姐妹，已看证件")
        assert await link.take(frames.ALLOW_TWICE) == [bytes.fromhex(limei.party)]
        await capture.start(house.ctx, desk, limei.party, HOME, desk_unit.name)
        assert await link.take(frames.ALLOW_TWICE) == [bytes.fromhex(limei.party)]  # the unit may have been restarted


async def test_a_capture_whose_unit_goes_says_so_and_goes_on_when_it_comes_back(house: House) -> None:
    desk_unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    async with desk_unit.connect() as link:
        await link.greet()
        task = (await capture.start(house.ctx, desk, limei.party, HOME, desk_unit.name)).task
    await capture.went(house.ctx, desk_unit.name)
    held = await capture.held(house.ctx, desk, task)
    assert (held.step, held.reasons) == (intake.CAPTURE_FAILED, (intake.VAULT_AWAY,))
    async with desk_unit.connect() as link:
        await link.greet()
        await link.say(frames.CAPTURE_NEWS, bytes.fromhex(task), intake.CAPTURE_READY, 2, [intake.OTHER_LIGHT])
        await link.settle()
        assert (await capture.held(house.ctx, desk, task)).photos == 2
        await link.say(frames.CAPTURE_NEWS, os.urandom(16), intake.CAPTURE_READY, 2, [])  # of before a restart
        assert await link.take(frames.CAPTURE_STOP)


async def test_an_uploaded_photo_goes_to_the_unit_in_parts_and_is_written_nowhere(house: House) -> None:
    desk_unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    photo = os.urandom(intake.MAX_PHOTO_PART + 5)
    async with desk_unit.connect() as link:
        await link.greet()
        task = (await capture.start(house.ctx, desk, limei.party, HOME, desk_unit.name)).task
        for wrong, code in ((b"", "empty"), (bytes(intake.MAX_PHOTO + 1), "long")):
            with pytest.raises(BadInput, match=code):
                await capture.upload(house.ctx, desk, task, wrong)
        await capture.upload(house.ctx, desk, task, photo)
        parts = [await link.take(frames.PHOTO) for _ in range(2)]
        assert [part[1:3] for part in parts] == [[0, 2], [1, 2]]
        assert b"".join(part[3] for part in parts) == photo
    assert not any(photo[:64] in path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
