"""Rows B30, C1, C4, C11, C17, F1: who may come in, when, how often, and what is asked of them."""

import pytest
from tests.host.house import House
from tests.rows.people import (
    DAY,
    GATE,
    HOME,
    HOUR,
    approved,
    do,
    enter,
    on_duty,
    opened,
    person,
    row,
    signed_in,
    tick_all,
)
from tests.rows.test_pass import digits, given

from gatecore import codes
from gatecore.clock import HOST, Now
from gatecore.throttle import Memory
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput, Refused, SwitchedOff
from gatehost.model.visit import Newcomer
from gatehost.service.gate import admission, asking, presence, search
from gatehost.service.home import homes, invite
from gatehost.service.office import policy
from gatehost.service.paper import casework, papers


async def decide(house: House, key: str, value: str) -> None:
    """The operator's decision, which binds the estate."""
    await policy.set_rule(
        house.ctx, await signed_in(house, "operator"), "estate", key, value, "住建委", "京建发2026-9", "公租房管理", 1
    )


@row("B30")
async def test_where_the_rule_says_so_a_visitor_comes_in_with_the_host_or_not_at_all(house: House) -> None:
    guard, mei = await on_duty(house), await signed_in(house, "limei")
    who = Newcomer("visitor", HOME, "张阿姨")
    assert (await admission.enter(house.ctx, guard, GATE, who, confirmed_by="李梅")).state == "inside"  # off by default
    await decide(house, "visitor.escort", "on")
    with pytest.raises(Refused, match="escort"):
        await admission.enter(house.ctx, guard, GATE, who, confirmed_by="李梅")
    waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "王叔"))
    assert (await admission.answer(house.ctx, mei, waits.id, let_in=True)).state == "waiting"  # the host says: I come
    assert [one.id for one in await presence.fetched(house.ctx, guard)] == [waits.id]
    came = await admission.enter(
        house.ctx, guard, GATE, Newcomer("visitor", HOME), visit=waits.id, confirmed_by="家人到场", host_here=True
    )
    assert (came.id, came.state, came.name) == (waits.id, "inside", "王叔")
    assert await presence.fetched(house.ctx, guard) == ()
    spared = await enter(house, guard, "visitor", name="孕妇", discretion="雨大，住户电话里同意")
    assert (spared.state, spared.discretion) == ("inside", 1)
    assert (await enter(house, guard)).state == "inside"  # a courier is no visitor


@row("B30", "C6")
async def test_with_an_escort_no_code_opens_for_a_visitor_alone_and_the_home_still_says_yes(house: House) -> None:
    mei = await signed_in(house, "limei")
    await decide(house, "visitor.escort", "on")
    with pytest.raises(SwitchedOff) as off:
        await invite.invite(house.ctx, mei, HOME, Invitation("张阿姨"))
    assert (off.value.facts["decided_by"], off.value.facts["document"]) == ("住建委", "京建发2026-9")
    link = await asking.ask(house.ctx, GATE, HOME, "张阿姨", "", "")
    (case,) = await asking.waiting(house.ctx, mei)
    await asking.answer(house.ctx, mei, case.id, yes=True)
    held = await asking.followed(house.ctx, link)
    assert (held.state, held.digits) == ("approved", "")
    assert (await given(house, await approved(house, "temp_pass", name="护工", until=house.clock.now + DAY))).code
    guard = await on_duty(house)
    assert (await enter(house, guard, "visitor", name="护工", confirmed_by="通行码")).state == "inside"


@row("C1")
async def test_a_public_rental_home_takes_its_applicant_and_family_and_no_other(house: House) -> None:
    desk = await signed_in(house, "desk")
    await homes.add_person(house.ctx, desk, HOME, "房客乙", "tenant")  # any, by default
    await decide(house, "occupancy", "family")
    for name, role in (("孩子", "child"), ("配偶", "family"), ("外婆", "guardian")):
        await homes.add_person(house.ctx, desk, HOME, name, role)
    for name, role in (("二房客", "tenant"), ("中介", "agent"), ("二业主", "owner")):
        with pytest.raises(SwitchedOff) as refused:
            await homes.add_person(house.ctx, desk, HOME, name, role)
        assert refused.value.facts["why"] == "公租房管理"


@row("C1")
async def test_who_may_not_live_there_gets_neither_face_nor_card(house: House) -> None:
    desk = await signed_in(house, "desk")
    agent = await homes.add_person(house.ctx, desk, HOME, "中介", "agent")
    await decide(house, "occupancy", "family")
    case = await casework.open_case(
        house.ctx, desk, "card_issue", HOME, {"name": "中介", "number": "0001234567"}, agent.id
    )
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    case = await do(house, "desk", case, "sign")
    with pytest.raises(SwitchedOff, match="occupancy"):
        await do(house, "desk", case, "hand_over")
    told: dict[str, object] = {"kind": "deed", "name": "中介"}
    face = await casework.open_case(house.ctx, desk, "face_enrol", HOME, told, agent.id)
    face = await do(house, "desk", face, "apply")
    await tick_all(house, face)
    with pytest.raises(SwitchedOff, match="occupancy"):
        await do(house, "desk", face, "approve")
    mei = await approved(house, "card_issue", name="李梅", number="0001234567", of="limei")
    assert (await do(house, "desk", mei, "hand_over")).state == "active"


@row("C4")
async def test_a_daily_courier_is_let_in_at_their_hours_and_gate_and_else_the_home_is_asked(house: House) -> None:
    guard, until = await on_duty(house), house.clock.now + 90 * DAY
    form = {"name": "王小递", "company": "快运", "until": until, "first_hour": 7, "last_hour": 20, "gate": GATE}
    for wrong in ({"first_hour": 24}, {"first_hour": 9, "last_hour": 9}, {"last_hour": 25}):
        case = await opened(house, "desk", "courier_pass", "estate", **(form | wrong))
        with pytest.raises(BadInput, match="hour"):
            await do(house, "desk", case, "apply")
    case = await opened(house, "desk", "courier_pass", "estate", **form)
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    await do(house, "desk", case, "sign")
    for hours, gate_id, code in (
        (0, GATE, "courier_known"), (0, "gate-2", "courier_gate"), (10, GATE, "courier_hours"),
        (20, GATE, "courier_hours"), (21, GATE, "courier_known"),
    ):  # fmt: skip
        house.clock.now = until - 90 * DAY + hours * HOUR  # it is ten in the morning
        (answer,) = await search.search(house.ctx, guard, "王小递", gate_id)
        assert answer.code == code, (hours, gate_id)


@row("C11")
async def test_every_use_of_an_approved_code_stands_on_its_paper_for_the_home_and_the_office(house: House) -> None:
    door = await house.enrolled("b12-door")
    case = await approved(house, "temp_pass", name="钟点工", uses=5, until=house.clock.now + 2 * DAY)
    eight = await digits(house, await given(house, case))
    from gatecore import records as r
    from gatecore.records import Private

    mark = codes.digest(house.ctx.keys.list_key(bytes.fromhex(door.name)), HOME, eight[:7])
    for _ in range(2):
        house.clock.now += HOUR
        private = Private(bytes(16), HOME.encode(), [HOME, None, mark]).to_wire()
        door.write(house.clock.now, r.ACCESS, [0, r.GRANTED, r.CODE, 0, 0], private)
    async with door.connect() as link:
        await link.greet()
        await link.deliver(1, 2, house.clock.now)
    for login in ("desk", "limei"):
        sheet = await papers.sheet(house.ctx, await signed_in(house, login), case.id)
        assert sheet.digits == eight
        assert sheet.uses == (("12栋单元门", house.clock.now - HOUR), ("12栋单元门", house.clock.now))


@row("C17", "B30")
async def test_one_right_of_a_visitor_opens_every_door_on_the_way_and_none_beside_it(house: House) -> None:
    devices = {slot: await house.enrolled(slot) for slot in ("gate-1-in", "b12-door", "b13-door")}
    case = await casework.asked_for(
        house.ctx, "张阿姨", "visitor_request", HOME, {"name": "张阿姨", "until": house.clock.now + DAY}
    )
    case = await do(house, "limei", case, "sign")
    eight = await digits(house, await given(house, case))
    opens = {}
    for slot, device in devices.items():
        async with device.connect() as link:
            await link.greet()
            state = await link.pull()
        verdict = codes.check_code(state, Memory(), HOME, eight, Now(1, 1, house.clock.now + 1, HOST), False)
        opens[slot] = verdict.reason == codes.OK
    assert opens == {"gate-1-in": True, "b12-door": True, "b13-door": False}
    house.clock.now += 2 * DAY  # and nobody registers twice: the one right ends everywhere
    for device in devices.values():
        verdict = codes.check_code(device.state, Memory(), HOME, eight, Now(1, 1, house.clock.now, HOST), False)
        assert verdict.reason != codes.OK


@row("F1", "B5")
async def test_the_estate_s_own_question_need_not_be_answered_and_says_why_it_is_asked(house: House) -> None:
    admin, mei = await signed_in(house, "admin"), await signed_in(house, "limei")
    assert (await asking.rules_of(house.ctx, GATE)).extra == ""  # none, until somebody decides on one
    await asking.ask(house.ctx, GATE, HOME, "甲", "", "", "绿码")
    for why in ("", " "):
        with pytest.raises(BadInput, match="missing"):
            await policy.set_rule(house.ctx, admin, "estate", "visitor.extra", "健康码", "街道", "2026-3", why)
    await policy.set_rule(house.ctx, admin, "estate", "visitor.extra", "健康码", "街道", "2026-3", "流感高发")
    rules = await asking.rules_of(house.ctx, GATE)
    assert (rules.extra, rules.extra_why) == ("健康码", "流感高发")
    await asking.ask(house.ctx, GATE, HOME, "乙", "", "")
    await asking.ask(house.ctx, GATE, HOME, "丙", "", "", "绿码")
    told = {case.form["name"]: case.form.get("extra") for case in await asking.waiting(house.ctx, mei)}
    assert told == {"甲": None, "乙": None, "丙": "绿码"}


@row("F1", "L6")
async def test_a_number_that_is_demanded_says_why_and_no_rule_can_demand_another(house: House) -> None:
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, "estate", "visitor.phone", "required", "业委会", "2026-1", "包裹联系")
    assert (await asking.rules_of(house.ctx, GATE)).phone_why == "包裹联系"
    for key in ("visitor.id_number", "visitor.extra_required", "visitor.face"):
        with pytest.raises(BadInput, match="unknown"):
            await policy.set_rule(house.ctx, admin, "estate", key, "required", "业委会", "2026-1", "从严")
    with pytest.raises(BadInput, match="missing"):
        await asking.ask(house.ctx, GATE, HOME, "张", "", "")
    await policy.set_rule(house.ctx, admin, "estate", "visitor.extra", "身份证号", "业委会", "2026-1", "从严")
    await asking.ask(house.ctx, GATE, HOME, "张", "13900000000", "")  # asked for, and still not demanded
    assert await person(house, "limei")
