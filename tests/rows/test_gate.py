"""Rows B and C7: who comes in, who goes out, and how that is known."""

import pytest
from tests.host.house import House
from tests.host.test_documents import jpeg
from tests.rows.people import DAY, GATE, HOME, HOUR, MINUTE, OTHER, do, enter, on_duty, opened, row

from gatehost.model.errors import BadInput, Denied, NotFound, Refused, SwitchedOff
from gatehost.model.visit import Newcomer
from gatehost.service.evidence import audit, dispute
from gatehost.service.gate import admission, departure, muster, presence, search, shift, visitpicture
from gatehost.service.office import daily, policy, retention, statistics
from gatehost.service.paper import casework, disclosure
from gatehost.service.ports import Audience, News
from gatehost.store import audits, visits


@row("B1", "B2", "B25")
async def test_each_stay_has_its_entry_and_its_exit_or_a_reason_why_not(house: House) -> None:
    guard, desk = await on_duty(house), await house.actor("desk")
    told = {"name": "张阿姨", "phone": "13912345678", "purpose": "看望", "id_seen": True}
    came = await enter(house, guard, "visitor", confirmed_by="李梅", **told)
    assert (came.in_at, came.in_gate, came.in_by, came.id_seen) == (house.clock.now, GATE, "赵门岗", 1)
    house.clock.now += HOUR
    went = await departure.leave(house.ctx, guard, came.id, GATE, "guard")
    assert (went.state, went.out_at, went.out_how, went.out_gate) == ("left", house.clock.now, "guard", GATE)
    other = await enter(house, guard)
    with pytest.raises(BadInput):
        await departure.close(house.ctx, desk, [other.id], " ")
    (closed,) = (await departure.close(house.ctx, desk, [other.id], "夜间巡查未见")).now
    assert (closed.state, closed.reason, closed.out_how) == ("closed_by_staff", "夜间巡查未见", "unseen")


@row("B2", "F1", "L6")
async def test_nothing_but_the_kind_and_where_to_is_demanded_of_a_visitor(house: House) -> None:
    guard = await on_duty(house)
    came = await enter(house, guard, "visitor", confirmed_by="李梅")
    assert (came.name, came.phone, came.plate, came.evidence) == ("", "", "", "")
    assert "id_number" not in Newcomer.__slots__


@row("B4", "C14")
async def test_a_courier_is_in_with_a_kind_and_a_home(house: House) -> None:
    guard = await on_duty(house)
    came = await enter(house, guard)
    assert (came.kind, came.state, came.home) == ("courier", "inside", HOME)
    assert came.planned_until == house.clock.now + 30 * MINUTE


@row("B5")
async def test_a_contractor_s_company_and_work_are_recorded(house: House) -> None:
    guard = await on_duty(house)
    told = {"name": "刘师傅", "company": "安居装饰", "service": "水电改造", "minutes": 240}
    came = await enter(house, guard, "contractor", confirmed_by="李梅", **told)
    assert (came.company, came.service) == ("安居装饰", "水电改造")
    assert came.planned_until == house.clock.now + 4 * HOUR


@row("B6", "D6")
async def test_a_plate_finds_its_open_stay_and_says_whether_it_may_park(house: House) -> None:
    guard = await on_duty(house)
    came = await enter(house, guard, "vehicle", confirmed_by="李梅", plate="京 A·12345")
    found = await search.search(house.ctx, guard, "京A12345")
    assert [(one.code, one.visit) for one in found] == [("visit_inside", came.id)]
    (unknown,) = await search.search(house.ctx, guard, "沪B99999")
    assert (unknown.tone, unknown.code) == ("bad", "plate_unknown")
    with pytest.raises(BadInput, match="missing"):
        await enter(house, guard, "vehicle", confirmed_by="李梅")


@row("B9")
async def test_the_muster_names_everybody_by_building_with_how_sure_it_is(house: House) -> None:
    guard, desk = await on_duty(house), await house.actor("desk")
    await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨", heads=3)
    late = await enter(house, guard, name="小王")
    gone = await enter(house, guard, home=OTHER, name="小李")
    house.clock.now += HOUR
    await departure.close(house.ctx, desk, [gone.id], "未见离开")
    out = await enter(house, guard, name="小赵")
    await departure.leave(house.ctx, guard, out.id, GATE)
    list_ = await muster.muster(house.ctx, guard)
    assert (list_.certain, list_.unconfirmed, list_.possible) == (3, 1, 1)
    assert {(line.visit.name, line.certainty, line.building) for line in list_.lines} == {
        ("张阿姨", "certain", "12栋"), ("小王", "unconfirmed", "12栋"), ("小李", "possible", "13栋"),
    }  # fmt: skip
    assert [line.visit.name for line in (await muster.muster(house.ctx, guard, "b13")).lines] == ["小李"]
    met = await muster.safe(house.ctx, guard, late.id)
    assert (met.safe_at, met.safe_by) == (house.clock.now, "赵门岗")
    house.clock.now += DAY + 1
    assert (await muster.muster(house.ctx, guard)).possible == 0


@row("B1", "B9", "B24")
async def test_who_left_unseen_is_closed_with_a_reason_by_whoever_is_first_and_may_still_be_met(house: House) -> None:
    guard, desk, admin = await on_duty(house), await house.actor("desk"), await house.actor("admin")
    known = await enter(house, guard, "visitor", name="张阿姨", discretion="常来的亲戚")
    other = await enter(house, guard, name="小王")
    with pytest.raises(BadInput, match="missing"):
        await departure.close(house.ctx, guard, [], "巡查未见")
    with pytest.raises(NotFound):
        await departure.close(house.ctx, guard, [other.id, 999], "巡查未见")
    with pytest.raises(Denied):
        await departure.close(house.ctx, admin, [other.id], "巡查未见")
    assert (await muster.muster(house.ctx, guard)).certain == 2
    done = await departure.close(house.ctx, guard, [known.id, known.id], "巡查未见")
    assert ([one.id for one in done.now], done.before) == ([known.id], ())
    assert (done.now[0].reason, done.now[0].out_by) == ("常来的亲戚 · 巡查未见", "赵门岗")
    house.clock.now += MINUTE
    done = await departure.close(house.ctx, desk, [known.id, other.id], "电话无人接听")
    assert ([one.id for one in done.now], [one.id for one in done.before]) == ([other.id], [known.id])
    assert (done.before[0].reason, done.before[0].out_by) == ("常来的亲戚 · 巡查未见", "赵门岗")
    assert (await muster.muster(house.ctx, guard)).possible == 2
    met = await departure.leave(house.ctx, guard, known.id, GATE)
    assert (met.state, met.out_how) == ("left", "guard")
    assert (await muster.muster(house.ctx, guard)).possible == 1


@row("B10")
async def test_who_was_there_in_a_time_is_answered_for_a_reason_and_written_down(house: House) -> None:
    guard, admin, began = await on_duty(house), await house.actor("admin"), house.clock.now
    came = await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨")
    house.clock.now += HOUR
    await departure.leave(house.ctx, guard, came.id, GATE)
    await enter(house, guard, home=OTHER, name="小李")
    asked = dispute.Question(HOME, began, began + HOUR)
    found = await dispute.answered(house.ctx, admin, asked, "走廊物品丢失")
    assert [one.name for one in found] == ["张阿姨"]
    with pytest.raises(BadInput, match="missing"):
        await dispute.answered(house.ctx, admin, asked, "")


@row("B11")
async def test_entries_per_hour_and_gate_have_no_names(house: House) -> None:
    guard = await on_duty(house)
    for hour in range(2):
        for _ in range(5 + hour):  # fewer than five are not shown
            await enter(house, guard, heads=2)
        house.clock.now += HOUR
    house.clock.now += DAY
    for login in ("admin", "operator", "committee"):
        found = await statistics.statistics(house.ctx, await house.actor(login))
        shown = {hour: kinds["courier"] for hour, kinds in found.hours.items() if kinds["courier"]}
        gates = {gate: kinds["courier"] for gate, kinds in found.gates.items() if kinds["courier"]}
        assert (shown, list(gates.values())) == ({"10": 5, "11": 6}, [11])
    with pytest.raises(Denied):
        await statistics.statistics(house.ctx, guard)


@row("B12", "B19")
async def test_a_paper_form_is_typed_in_afterwards_with_its_own_time(house: House) -> None:
    guard = await on_duty(house)
    then = house.clock.now - 5 * HOUR
    came = await enter(house, guard, name="小王", happened_at=then)
    assert (came.in_at, came.keyed_at) == (then, house.clock.now)
    for wrong in (house.clock.now + 1, house.clock.now - 8 * DAY):
        with pytest.raises(BadInput, match="range"):
            await enter(house, guard, happened_at=wrong)


@row("B23", "B27", "H18")
async def test_a_guard_sees_nothing_older_than_the_shift(house: House) -> None:
    earlier = await on_duty(house, "guard2")
    gone = await enter(house, earlier, name="小王")
    await departure.leave(house.ctx, earlier, gone.id, GATE)
    (over,) = await casework.queue(house.ctx, earlier, ("shift",))
    await do(house, "guard2", over, "close", "3号道闸不灵")
    house.clock.now += HOUR
    guard = await house.actor("guard")
    with pytest.raises(Refused, match="no_shift"):
        await shift.of_shift(house.ctx, guard)
    await on_duty(house)
    assert (await shift.of_shift(house.ctx, guard)).stays == ()
    with pytest.raises(NotFound):
        await casework.paper(house.ctx, guard, over.id)
    with pytest.raises(Denied):
        await dispute.answered(house.ctx, guard, dispute.Question(HOME, 0, 1), "好奇")
    assert await search.search(house.ctx, guard, "小王") == (search.Answer("bad", "nothing", "nothing", "小王", ""),)


@row("B24")
async def test_the_early_close_lists_who_is_still_open_and_ends_what_did_not_come(house: House) -> None:
    guard, desk = await on_duty(house), await house.actor("desk")
    still = await enter(house, guard, name="小王")
    waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "客人", minutes=30))
    house.clock.now += 18 * HOUR
    assert not await daily.turn(house.ctx)  # it is 04:00, and the day closes at 05:00
    house.clock.now += HOUR
    open_, emptied = await daily.close_day(house.ctx, desk)
    assert ([one.id for one in open_], emptied) == ([still.id], 0)
    async with house.ctx.store.read() as tx:
        ended = await visits.get(tx, waits.id)
    assert ended is not None
    assert ended.state == "cancelled"
    house.clock.now += MINUTE
    assert await daily.turn(house.ctx)  # the desk closed already; what is over is erased all the same
    async with house.ctx.store.read() as tx:
        assert await audits.last(tx, "day.close") == house.clock.now - MINUTE
    assert not await daily.turn(house.ctx)
    house.clock.now += DAY
    assert await daily.turn(house.ctx)
    assert not await daily.turn(house.ctx)


@row("B26")
async def test_a_guest_stays_longer_only_when_the_host_or_the_desk_says_so(house: House) -> None:
    guard, limei = await on_duty(house), await house.actor("limei")
    came = await enter(house, guard, "visitor", confirmed_by="李梅", minutes=60)
    house.clock.now += 2 * HOUR
    assert (await presence.present(house.ctx, guard))[0].overstayed(house.clock.now)
    with pytest.raises(Denied):
        await departure.extend(house.ctx, guard, came.id, 60)
    with pytest.raises(Denied):
        await departure.extend(house.ctx, await house.actor("wangfang"), came.id, 60)
    longer = await departure.extend(house.ctx, limei, came.id, 60)
    assert longer.planned_until == house.clock.now + HOUR


@row("B26", "B1")
async def test_the_home_is_asked_once_when_a_guest_s_time_ends_and_its_answer_ends_the_stay(house: House) -> None:
    guard, limei = await on_duty(house), await house.actor("limei")
    await presence.ask_overstays(house.ctx)
    came = await enter(house, guard, "visitor", confirmed_by="李梅", minutes=60)
    async with house.ctx.pages.open(limei) as news, house.ctx.pages.open(await house.actor("wangfang")) as others:
        house.clock.now += HOUR
        assert await presence.ask_overstays(house.ctx) == 0  # the minute it ends it is not over
        house.clock.now += MINUTE
        assert [await presence.ask_overstays(house.ctx) for _ in range(2)] == [1, 0]
        told = await anext(news)
        assert (told.kind, told.body) == ("visit", {"visit": came.id})
        house.ctx.pages.tell(Audience(homes=(OTHER,)), News("codes", {}))
        assert (await anext(others)).kind == "codes"  # no other home was asked
    assert (await departure.leave(house.ctx, limei, came.id, "", "host")).out_how == "question"


@row("B29", "C5")
async def test_a_waiting_visitor_is_in_when_their_host_says_so(house: House) -> None:
    guard, limei = await on_duty(house), await house.actor("limei")
    waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "张阿姨"))
    assert waits.state == "waiting"
    with pytest.raises(Denied):
        await admission.answer(house.ctx, await house.actor("wangfang"), waits.id, True)
    came = await admission.answer(house.ctx, limei, waits.id, True)
    assert (came.state, came.confirmed_by) == ("inside", "李梅")
    with pytest.raises(Refused, match="over"):
        await admission.answer(house.ctx, limei, waits.id, False)


@row("B31")
async def test_nobody_is_turned_away_without_a_reason(house: House) -> None:
    guard = await on_duty(house)
    waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "推销"))
    with pytest.raises(BadInput, match="missing"):
        await admission.deny(house.ctx, guard, waits.id, "")
    assert (await admission.deny(house.ctx, guard, waits.id, "住户不认识")).reason == "住户不认识"


@row("C7")
async def test_letting_somebody_in_by_discretion_is_said_with_a_reason(house: House) -> None:
    guard = await on_duty(house)
    with pytest.raises(Refused, match="not_confirmed"):
        await enter(house, guard, "visitor", name="面熟的人")
    came = await enter(house, guard, "visitor", name="面熟的人", discretion="穿制服，住户电话不通")
    assert (came.discretion, came.reason) == (1, "穿制服，住户电话不通")


@row("B1")
async def test_the_host_s_my_guest_left_closes_the_stay(house: House) -> None:
    guard, limei = await on_duty(house), await house.actor("limei")
    came = await enter(house, guard, "visitor", confirmed_by="李梅")
    with pytest.raises(NotFound):
        await departure.leave(house.ctx, await house.actor("wangfang"), came.id, "", "host")
    assert (await departure.leave(house.ctx, limei, came.id, "", "host")).out_how == "host"


@row("B1")
async def test_an_awaited_guest_never_becomes_two(house: House) -> None:
    guard = await on_duty(house)
    waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "张阿姨", "13912345678"))
    came = await enter(house, guard, "visitor", phone="13912345678", confirmed_by="李梅")
    assert came.id == waits.id
    assert came.name == "张阿姨"


@row("B27", "E20")
async def test_a_guard_s_report_reaches_the_office(house: House) -> None:
    await on_duty(house)
    case = await opened(house, "guard", "incident", GATE, what="陌生人徘徊", where="2号门外")
    reported = await do(house, "guard", case, "report", "请巡逻查看", verdict="security")
    assert (reported.state, reported.assigned) == ("open", "security")
    closed = await do(house, "desk", case, "close", "已报警，民警到场处理")
    assert closed.state == "closed"


@row("B31")
async def test_waiting_at_the_gate_is_measured_for_everybody_alike(house: House) -> None:
    guard, limei = await on_duty(house), await house.actor("limei")
    for seconds in (10, 20, 20, 20, 30):
        waits = await admission.ask(house.ctx, guard, GATE, Newcomer("visitor", HOME, "张阿姨"))
        house.clock.now += seconds * 1000
        await admission.answer(house.ctx, limei, waits.id, True)
    house.clock.now += DAY
    found = await statistics.statistics(house.ctx, await house.actor("admin"))
    assert {hour: wait for hour, wait in found.waits.items() if wait} == {"10": 20}


@row("F2")
async def test_every_stay_names_the_notice_the_visitor_was_told(house: House) -> None:
    guard = await on_duty(house)
    assert (await enter(house, guard)).notice == "visitor-notice/1"


@row("F5")
async def test_a_stay_s_names_are_emptied_when_their_time_is_over_and_the_count_stays(house: House) -> None:
    guard, desk, admin = await on_duty(house), await house.actor("desk"), await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", "retention.visit", "2", "业委会", "2026-3", "少留")
    came = await enter(house, guard, name="小王", phone="13912345678", discretion="李梅的表弟")
    await departure.close(house.ctx, guard, [came.id], "小王电话说已走")
    house.clock.now += DAY
    assert (await daily.close_day(house.ctx, desk))[1] == 0
    house.clock.now += DAY
    assert (await daily.close_day(house.ctx, desk))[1] == 1
    async with house.ctx.store.read() as tx:
        left = await visits.get(tx, came.id)
    assert left is not None
    assert (left.name, left.phone, left.home, left.kind, left.in_gate) == ("", "", None, "courier", GATE)
    assert (left.discretion, left.reason) == (1, "–")  # that there was a reason; no longer whose words


@row("F4", "F8", "E18")
async def test_every_search_at_the_gate_is_written_down_without_the_code_itself(house: House) -> None:
    guard, admin = await on_duty(house), await house.actor("admin")
    await search.search(house.ctx, guard, "1069 3800")
    await search.search(house.ctx, guard, "张阿姨")
    lines = [one for one in await audit.look_ups(house.ctx, admin) if one.action == "gate.search"]
    assert [(one.who, one.about) for one in lines] == [("赵门岗", "张阿姨"), ("赵门岗", "1069…")]


@row("B3")
async def test_a_document_looked_at_and_a_picture_are_two_switches_and_off_at_first(house: House) -> None:
    guard, admin = await on_duty(house), await house.actor("admin")
    assert await visitpicture.asked_at(house.ctx, GATE) == visitpicture.Asked(id_seen=False, photo=False)
    came = await enter(house, guard, "visitor", confirmed_by="李梅", id_seen=True)
    assert (came.id_seen, came.evidence) == (1, "")  # looked at, and nothing of it kept
    with pytest.raises(SwitchedOff):
        await visitpicture.keep(house.ctx, guard, came.id, jpeg(64, 64))
    for key in ("visitor.id_seen", "visitor.photo"):
        await policy.set_rule(house.ctx, admin, GATE, key, "on", "业委会", "2026-9", "夜间安全")
    assert await visitpicture.asked_at(house.ctx, GATE) == visitpicture.Asked(id_seen=True, photo=True)
    assert await visitpicture.asked_at(house.ctx, "gate-2") == visitpicture.Asked(id_seen=False, photo=False)


@row("B3", "L12")
async def test_a_visitor_s_picture_is_for_the_auditors_and_ends_with_the_stay(house: House) -> None:
    guard, admin, lead = await on_duty(house), await house.actor("admin"), await house.actor("lead")
    await policy.set_rule(house.ctx, admin, GATE, "visitor.photo", "on", "业委会", "2026-9", "夜间安全")
    came = await enter(house, guard, "visitor", confirmed_by="李梅")
    with pytest.raises(BadInput):
        await visitpicture.keep(house.ctx, guard, came.id, b"no picture")
    made = await visitpicture.keep(house.ctx, guard, came.id, jpeg(64, 64))
    with pytest.raises(Refused, match="photo_kept"):
        await visitpicture.keep(house.ctx, guard, came.id, jpeg(64, 64))
    assert (await disclosure.show(house.ctx, lead, made.id, "x")).startswith(b"<svg")
    for login in ("limei", "guard", "operator"):
        with pytest.raises(NotFound):
            await disclosure.show(house.ctx, await house.actor(login), made.id, "x")
    with pytest.raises(Denied):
        await disclosure.show(house.ctx, await house.actor("desk"), made.id, "x")
    house.clock.now += 91 * DAY
    assert (await retention.run(house.ctx)).documents == 1
    with pytest.raises(NotFound):
        await disclosure.show(house.ctx, lead, made.id, "x")
