"""Rows B1, B9, B26 and B29 of visitors who let themselves in: a code opened a door, so somebody is inside."""

import os

from tests.host.device import Played
from tests.host.house import House
from tests.rows.people import DAY, GATE, HOME, HOUR, MINUTE, do, enter, on_duty, row, signed_in

from gatecore.records import ACCESS, CODE, GRANTED, Private
from gatehost.model.code import Invitation, VisitorCode
from gatehost.model.visit import Visit
from gatehost.service.gate import bycode, departure, muster, presence, search
from gatehost.service.home import invite, visitor_code
from gatehost.service.paper import casework
from gatehost.store import codes as code_rows
from gatehost.store import grants, visits

IN, OUT = 0, 1


async def invited(house: House, name: str = "张阿姨") -> VisitorCode:
    """A code for today, made by a resident."""
    return (await invite.invite(house.ctx, await signed_in(house, "limei"), HOME, Invitation(name))).code


async def typed(house: House, door: Played, code: int, at: int, way: int = IN) -> None:
    """A door's entry that a code opened it."""
    async with house.ctx.store.read() as tx:
        held = await code_rows.get(tx, code)
    assert held is not None
    private = Private(os.urandom(16), held.home.encode(), [held.home, None, held.mark, 0])
    door.write(at, ACCESS, [way, GRANTED, CODE, 0, 0], private.to_wire())


async def told(house: House, door: Played, first: int = 1) -> None:
    """The door's log, delivered from an entry on."""
    async with door.connect() as link:
        await link.greet()
        await link.deliver(first, len(door.log), house.clock.now)
        await link.settle()


async def stays(house: House, code: int) -> tuple[Visit, ...]:
    """Every stay of a code."""
    async with house.ctx.store.read() as tx:
        return await visits.of_code(tx, code)


@row("B1", "B9", "B29")
async def test_who_lets_themselves_in_by_a_code_is_inside_and_answered_for_until_they_leave_by_it(house: House) -> None:
    gate, guard, code = await house.enrolled("gate-1-in"), await on_duty(house), await invited(house)
    came, went = house.clock.now + MINUTE, house.clock.now + 2 * HOUR
    await typed(house, gate, code.id, came)
    house.clock.now = came + MINUTE
    await told(house, gate)
    (line,) = (await muster.muster(house.ctx, guard)).lines
    assert (line.visit.name, line.certainty, line.building, line.home) == ("张阿姨", "certain", "12栋", "12栋502")
    assert (line.visit.in_at, line.visit.in_gate, line.visit.in_by) == (came, GATE, "1号门入口")
    assert line.visit.confirmed_by == "李梅"
    assert line.visit.notice == "visitor-notice/1"
    (mine,) = await presence.of_home(house.ctx, await signed_in(house, "limei"), HOME)
    (answer,) = await search.search(house.ctx, guard, code.digits)
    assert (mine.id, answer.visit) == (line.visit.id, line.visit.id)
    await typed(house, gate, code.id, went, OUT)
    house.clock.now = went + MINUTE
    await told(house, gate, 2)
    (left,) = await stays(house, code.id)
    assert (left.state, left.out_at, left.out_gate, left.out_how) == ("left", went, GATE, "code")
    assert left.keep_until is not None
    assert (await muster.muster(house.ctx, guard)).lines == ()


@row("B1", "B9", "C17")
async def test_every_door_on_the_way_tells_of_one_stay_in_whatever_order_and_however_often(house: House) -> None:
    gate, building, code = await house.enrolled("gate-1-in"), await house.enrolled("b12-door"), await invited(house)
    came = house.clock.now
    await typed(house, gate, code.id, came)
    await typed(house, building, code.id, came + 3 * MINUTE)
    house.clock.now += HOUR
    await told(house, building)  # the gate was without network
    (first,) = await stays(house, code.id)
    assert (first.in_at, first.in_gate) == (came + 3 * MINUTE, None)
    await told(house, gate)
    (one,) = await stays(house, code.id)
    assert (one.id, one.in_at, one.in_gate) == (first.id, came, GATE)
    await bycode.take_all(house.ctx)  # the host was killed between storing and taking
    await departure.leave(house.ctx, await on_duty(house), one.id, GATE)
    await bycode.take_all(house.ctx)
    assert [stay.state for stay in await stays(house, code.id)] == ["left"]


@row("B9")
async def test_who_comes_in_anew_without_a_way_out_that_was_seen_is_lost_by_no_list(house: House) -> None:
    gate, guard, code = await house.enrolled("gate-1-in"), await on_duty(house), await invited(house)
    for at in (0, 5 * HOUR):
        await typed(house, gate, code.id, house.clock.now + at)
    house.clock.now += 6 * HOUR
    await told(house, gate)
    assert [(one.state, one.reason) for one in await stays(house, code.id)] == [
        ("closed_by_staff", "again"),
        ("inside", ""),
    ]
    held = await muster.muster(house.ctx, guard)
    assert (held.certain, held.possible) == (1, 1)


@row("B9", "B24")
async def test_a_door_that_tells_a_day_late_begins_nobody_s_stay_of_today(house: House) -> None:
    gate, guard, code = await house.enrolled("gate-1-in"), await on_duty(house), await invited(house)
    await typed(house, gate, code.id, house.clock.now)
    house.clock.now += 30 * HOUR
    await told(house, gate)
    (one,) = await stays(house, code.id)
    assert (one.state, one.reason, one.out_at) == ("closed_by_staff", "late", one.in_at)
    assert (await muster.muster(house.ctx, guard)).lines == ()


@row("B1")
async def test_a_guest_whom_a_guard_let_in_does_not_become_two_at_the_building_s_door(house: House) -> None:
    building, guard, code = await house.enrolled("b12-door"), await on_duty(house), await invited(house)
    await enter(house, guard, "visitor", name="张阿姨", confirmed_by="访客码")
    await typed(house, building, code.id, house.clock.now + MINUTE)
    house.clock.now += HOUR
    await told(house, building)
    assert len(await presence.present(house.ctx, guard)) == 1
    assert await stays(house, code.id) == ()


@row("B1", "B9")
async def test_a_code_for_several_counts_them_all_when_the_first_types_it(house: House) -> None:
    gate, guard = await house.enrolled("gate-1-in"), await on_duty(house)
    told_: dict[str, object] = {"name": "张阿姨一家", "heads": 3, "until": house.clock.now + 6 * HOUR}
    case = await casework.asked_for(house.ctx, "张阿姨一家", "visitor_request", HOME, told_)
    await do(house, "limei", case, "sign")
    async with house.ctx.store.read() as tx:
        (given,) = await grants.of_cases(tx, [case.id])
    assert given.code is not None
    await typed(house, gate, given.code, house.clock.now)
    await typed(house, gate, given.code, house.clock.now + MINUTE // 2)  # the door fell shut between them
    house.clock.now += HOUR
    await told(house, gate)
    (line,) = (await muster.muster(house.ctx, guard)).lines
    assert (line.visit.name, line.visit.heads, line.visit.grant) == ("张阿姨一家", 3, given.id)


@row("B1", "B26")
async def test_a_visitor_says_that_they_leave_and_nobody_takes_it_for_seen(house: House) -> None:
    gate, guard, code = await house.enrolled("gate-1-in"), await on_duty(house), await invited(house)
    link = await visitor_code.new_link(house.ctx, await signed_in(house, "limei"), code.id)
    assert (await visitor_code.visitor_pass(house.ctx, link)).code == code.id
    assert not await bycode.is_inside(house.ctx, code.id)
    await typed(house, gate, code.id, house.clock.now)
    house.clock.now += HOUR
    await told(house, gate)
    assert await bycode.is_inside(house.ctx, code.id)
    await bycode.says_leaving(house.ctx, code.id)
    await bycode.says_leaving(house.ctx, code.id)  # twice is no error
    (line,) = (await muster.muster(house.ctx, guard)).lines
    assert (line.certainty, line.visit.reason, line.visit.out_by) == ("possible", "said", "1号门入口")
    house.clock.now += DAY + 1
    assert (await muster.muster(house.ctx, guard)).lines == ()
