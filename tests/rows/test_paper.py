"""Rows A, C, F, G, H and L that papers, rules and tickets carry."""

from dataclasses import replace

import pytest
from tests.host.house import House
from tests.rows.people import DAY, GATE, HOME, HOUR, approved, do, on_duty, opened, paper, person, row, tick_all

from gatecore import frames
from gatehost.model.account import Actor
from gatehost.model.case import CHECK
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, SwitchedOff
from gatehost.model.paper import MINE
from gatehost.model.policy import AUTHORITY_RANK, KEYS, LIMITS, TIMES, WORDS
from gatehost.service.enrol import capture, enrolment
from gatehost.service.evidence import audit
from gatehost.service.face import consent, withdrawal
from gatehost.service.home import homes
from gatehost.service.office import day, policy
from gatehost.service.paper import casework, filling, kinds, needs, papers
from gatehost.store import faces

KINDS = {"deed": "deed", "contract": "purchase", "tenant": "lease", "minor": "household"}


def form(kind: str) -> dict[str, object]:
    """What an applicant of a kind fills in."""
    told: dict[str, object] = {"kind": kind, "name": "李梅"}
    if kind == "tenant":
        told |= {"lease_from": "2026-01-01", "lease_until": "2026-12-31"}
    return told | ({"guardian": "李梅", "born": "2015-06-01"} if kind == "minor" else {})


@row("A1", "A4", "A5")
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_each_kind_of_applicant_has_its_own_checklist_and_none_may_be_missing(house: House, kind: str) -> None:
    case = await opened(house, "desk", "face_enrol", of="limei", **form(kind))
    case = await do(house, "desk", case, "apply")
    held = await paper(house, case)
    wanted = {check.key for check in needs.unticked(casework.kind_of("face_enrol"), held)}
    assert {one for one in KINDS.values() if one in wanted} == {KINDS[kind]}
    with pytest.raises(Refused, match="unticked") as refused:
        await do(house, "desk", case, "approve")
    assert set(refused.value.facts["missing"]) == wanted  # type: ignore[call-overload]
    await tick_all(house, case)
    assert (await do(house, "desk", case, "approve")).state == "approved"


@row("A2")
async def test_that_the_document_was_seen_is_a_tick_with_name_and_time(house: House) -> None:
    case = await do(house, "desk", await opened(house, "desk", "face_enrol", of="limei", **form("deed")), "apply")
    desk, held = await house.actor("desk"), await paper(house, case)
    done = await filling.tick(house.ctx, desk, case.id, held.case.version, "id_seen")
    (line,) = [item for item in done.items if item.kind == CHECK]
    assert (line.what, line.done_by, line.done_at) == ("id_seen", "Front desk", house.clock.now)
    fields = {field.key for kind in kinds.kinds().values() for field in kind.fields}
    assert not {key for key in fields if "id_number" in key or key in ("idcard", "sex", "health_code")}


@row("A3")
async def test_a_minor_cannot_be_handed_in_without_a_guardian(house: House) -> None:
    for told in ({"kind": "minor", "name": "小宝"}, {"kind": "deed", "name": "小宝", "born": "2012-01-01"}):
        case = await opened(house, "desk", "face_enrol", of="limei", **told)
        with pytest.raises(BadInput, match="missing"):
            await do(house, "desk", case, "apply")


@row("A10", "H12")
async def test_every_field_of_every_paper_has_a_line_of_help_in_both_languages(house: House) -> None:
    for kind in kinds.kinds().values():
        for field in kind.fields:
            assert all(field.label), (kind.key, field.key)
            assert all(field.help), (kind.key, field.key)
    prefixes = [kind.prefix for kind in kinds.kinds().values()]
    assert len(set(prefixes)) == len(prefixes)


@row("A11", "A12")
async def test_a_fee_is_a_rule_with_a_reason_and_its_receipt_has_its_own_number(house: House) -> None:
    desk = await house.actor("desk")
    assert (await policy.rule(house.ctx, "enrol.fee", "estate")).value == "0"
    case = await opened(house, "desk", "face_enrol", of="limei", **form("deed"))
    receipts = set()
    for _ in range(2):
        held = await paper(house, case)
        line = await filling.take_fee(house.ctx, desk, case.id, held.case.version, "设备维护", 500)
        receipts.add(line.receipt)
    assert receipts == {f"{case.number}/1", f"{case.number}/2"}


@row("A16", "A17")
async def test_what_is_missing_is_told_and_second_trips_are_counted(house: House) -> None:
    case = await do(house, "limei", await opened(house, "limei", "face_enrol", **form("deed")), "apply")
    with pytest.raises(BadInput, match="missing"):
        await do(house, "desk", case, "ask")
    case = await do(house, "desk", case, "ask", "请带房产证原件")
    seen = await casework.paper(house.ctx, await house.actor("limei"), case.id)
    assert (seen.case.state, seen.steps[-1].note) == ("needs_more", "请带房产证原件")
    assert (await do(house, "limei", case, "apply")).form["visits"] == 2


@row("A18", "A19")
async def test_pictures_come_after_approval_and_consent_and_the_resident_confirms(house: House) -> None:
    case = await do(house, "desk", await opened(house, "desk", "face_enrol", of="limei", **form("deed")), "apply")
    with pytest.raises(NotFound, match="act"):
        await do(house, "desk", case, "capture")
    await tick_all(house, case)
    await do(house, "desk", case, "approve")
    with pytest.raises(Refused, match="no_consent"):
        await do(house, "desk", case, "capture")
    async with house.ctx.store.write() as tx:
        party = case.applicant
        assert party is not None
        await faces.put_consent(tx, party, "face-entry", "face-consent/1", "李梅", house.clock.now)
    await do(house, "desk", case, "capture")
    assert (await do(house, "limei", case, "correct", "姓名有误")).state == "review"


@row("A18")
async def test_no_picture_is_taken_before_the_paper_is_approved(house: House) -> None:
    unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    case = await do(house, "limei", await opened(house, "limei", "face_enrol", **form("deed")), "apply")
    await consent.give(house.ctx, desk, limei.party, "李梅", True)
    async with unit.connect() as link:
        await link.greet()
        with pytest.raises(Refused, match="no_paper"):
            await capture.start(house.ctx, desk, limei.party, HOME, unit.name)
        await tick_all(house, case)
        await do(house, "desk", case, "approve")
        await capture.start(house.ctx, desk, limei.party, HOME, unit.name)
        await link.say(frames.SEALED, bytes.fromhex(limei.party), "m1", 5, b"sealed", [])
        await link.settle()
        assert (await paper(house, case)).case.state == "captured"
        await do(house, "limei", await do(house, "desk", case, "confirm"), "correct", "姓名有误")
        with pytest.raises(Refused, match="no_paper"):  # an edit opens the review anew
            await capture.start(house.ctx, desk, limei.party, HOME, unit.name)


@row("A18")
async def test_a_withdrawn_consent_ends_the_paper_and_a_new_face_needs_a_new_one(house: House) -> None:
    unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", True)
    await house.approved(desk, limei.party)
    async with unit.connect() as link:
        await link.greet()
        await capture.start(house.ctx, desk, limei.party, HOME, unit.name)
        await withdrawal.withdraw(house.ctx, limei, limei.party)
        await consent.give(house.ctx, desk, limei.party, "李梅", True)
        with pytest.raises(Refused, match="no_paper"):
            await capture.start(house.ctx, desk, limei.party, HOME, unit.name)


@row("A3", "L4")
async def test_nobody_under_fourteen_signs_for_their_own_face_however_their_age_is_known(house: House) -> None:
    desk = await house.actor("desk")
    nameless = await homes.add_person(house.ctx, desk, HOME, "小宝", "child")  # added without a birth date
    written = await homes.add_person(house.ctx, desk, HOME, "小贝", "family")
    told: dict[str, object] = {"kind": "minor", "name": "小贝", "guardian": "李梅", "born": "2012-06-16"}
    await casework.open_case(house.ctx, desk, "face_enrol", HOME, told, written.id)
    for child in (nameless, written):
        with pytest.raises(Refused, match="guardian"):
            await consent.give(house.ctx, desk, child.id, f" {child.name} ", True)
        assert await consent.standing(house.ctx, desk, child.id) is None
        assert (await consent.give(house.ctx, desk, child.id, "李梅", True)).signer == "李梅"
    house.clock.now += DAY  # the fourteenth birthday
    assert (await consent.give(house.ctx, desk, written.id, "小贝", True)).signer == "小贝"


@row("A4", "A5")
async def test_what_proved_the_residence_stays_with_the_person_and_a_deed_still_to_come_is_remembered(
    house: House,
) -> None:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await enrolment.at_the_desk(house.ctx, desk, limei.party, HOME, {"kind": "contract"})
    sheet = await homes.sheet(house.ctx, desk, HOME)
    (tie,) = [member.tie for member in sheet.members if member.party.id == limei.party]
    assert tie.proof == "contract"
    await homes.deed_seen(house.ctx, desk, tie.id)
    sheet = await homes.sheet(house.ctx, desk, HOME)
    assert [member.tie.proof for member in sheet.members if member.party.id == limei.party] == ["deed"]
    with pytest.raises(NotFound):
        await homes.deed_seen(house.ctx, desk, tie.id)
    with pytest.raises(Denied):
        await enrolment.at_the_desk(house.ctx, limei, limei.party, HOME, {"kind": "deed"})


@row("A9")
async def test_the_form_asks_what_is_needed_and_unsigned_it_is_not_approved(house: House) -> None:
    kind = casework.kind_of("face_enrol")
    assert {"name", "phone"} <= {field.key for field in kind.fields}  # the address is the paper's home
    case = await do(house, "limei", await opened(house, "limei", "face_enrol", **form("deed")), "apply")
    await tick_all(house, case)
    held = await paper(house, case)
    await filling.tick(house.ctx, await house.actor("desk"), case.id, held.case.version, "signed", False)
    with pytest.raises(Refused, match="unticked") as refused:
        await do(house, "desk", case, "approve")
    assert refused.value.facts["missing"] == ["signed"]


@row("B18", "B20", "B19")
@pytest.mark.parametrize("kind", ["training", "drill", "review"])
async def test_training_drills_and_reviews_are_on_record(house: House, kind: str) -> None:
    case = await opened(house, "admin", kind, "estate", what="断网断电演练", date="2026-06-20", who="全体门岗")
    assert (await do(house, "admin", case, "close", "纸质登记 10 分钟内补录")).state == "closed"


@row("B21")
async def test_a_complaint_of_each_kind_is_one_paper_and_not_closed_without_a_follow_up(house: House) -> None:
    field = next(one for one in kinds.kinds()["complaint"].fields if one.key == "about")
    assert [key for key, _ in field.choices][:4] == ["over_collection", "leak", "attitude", "suspicious"]
    case = await opened(house, "limei", "complaint", about="leak", what="访客电话被门岗念出")
    with pytest.raises(NotFound, match="act"):
        await do(house, "desk", case, "follow_up", "已回访")
    await do(house, "desk", case, "solve", "已培训")
    assert (await do(house, "limei", case, "reopen", "仍然如此")).state == "assigned"


@row("C9", "C12", "C13")
async def test_an_authority_s_decision_binds_below_and_says_who_and_by_which_document(house: House) -> None:
    admin, operator = await house.actor("admin"), await house.actor("operator")
    with pytest.raises(Denied):
        await policy.set_rule(house.ctx, admin, "b12", "home_open", "off", "住建委", "京建〔2026〕7号", "公租房", 2)
    with pytest.raises(BadInput, match="missing"):
        await policy.set_rule(house.ctx, operator, "b12", "home_open", "off", "住建委", "", "公租房", AUTHORITY_RANK)
    await policy.set_rule(house.ctx, admin, HOME, "home_open", "call_only", "业委会", "", "先前的决定")
    await policy.set_rule(
        house.ctx, operator, "b12", "home_open", "off", "住建委", "京建〔2026〕7号", "公租房", AUTHORITY_RANK
    )
    with pytest.raises(SwitchedOff) as refused:
        await policy.set_rule(house.ctx, admin, HOME, "home_open", "open", "业委会", "", "方便")
    assert refused.value.facts["document"] == "京建〔2026〕7号"
    assert (await policy.rule(house.ctx, "home_open", HOME)).decided_by == "住建委"  # not the earlier one below
    assert (await policy.rule(house.ctx, "home_open", "130101")).value == "open"
    await policy.set_rule(
        house.ctx, operator, "b12", "home_open", "", "住建委", "京建〔2027〕1号", "解除", AUTHORITY_RANK
    )
    await policy.set_rule(house.ctx, admin, HOME, "home_open", "open", "业委会", "", "方便")
    assert len(await policy.history(house.ctx, admin, "b12", "home_open")) == 2


@row("F10", "L8", "L9", "C6")
async def test_no_rule_can_make_face_the_only_way_tie_a_payment_to_a_door_or_fine_anybody(house: House) -> None:
    keys = {*KEYS, *WORDS, *LIMITS, *TIMES}
    assert not {key for key in keys if any(word in key for word in ("pay", "penalty", "fine", "debt", "only"))}
    assert set(KEYS["face_mode"][0]) == {"off", "free", "at_home"}
    assert "off" not in WORDS["visitor.approver"][0]
    fields = {field.key for kind in kinds.kinds().values() for field in kind.fields}
    assert not {key for key in fields if "penalty" in key or "fine" in key}


@row("F5", "L20")
async def test_a_data_request_is_due_in_seven_days(house: House) -> None:
    case = await opened(house, "limei", "data_request", wish="erase", what="删除我的人脸")
    assert case.due_at == house.clock.now + 7 * DAY
    desk = await house.actor("desk")
    house.clock.now += 7 * DAY
    assert [late.id for late in await casework.overdue(house.ctx, desk)] == [case.id]


@row("F4", "L15")
async def test_a_home_reads_who_of_the_office_looked(house: House) -> None:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await homes.sheet(house.ctx, desk, HOME)
    await opened(house, "desk", "repair", what="灯", where="3楼", urgency="day")
    looked = await audit.about_home(house.ctx, limei, HOME)
    assert {one.action for one in looked} == {"home.see", "case.open"}


@row("G7")
async def test_a_sealed_document_is_seen_for_a_reason_by_leave_of_the_archivist_and_for_a_time(house: House) -> None:
    case = await opened(house, "desk", "archive_lend", doc="业主资料 身份证复印件", reason="核对签名")
    case = await do(house, "desk", case, "apply")
    with pytest.raises(Denied):
        await do(house, "manager", case, "sign")
    case = await do(house, "office", case, "sign")
    assert (case.state, case.due_at) == ("approved", house.clock.now + HOUR // 2)


@row("H1", "H2", "H3", "H15")
async def test_a_visit_a_call_and_a_question_become_papers_of_the_home(house: House) -> None:
    desk = await house.actor("desk")
    await opened(house, "desk", "desk_visit", name="李梅", what="换卡")
    await opened(house, "desk", "call", what="问停车", seconds=95)
    case = await opened(house, "desk", "enquiry", what="几时收垃圾")
    assert (await do(house, "desk", case, "assign", "请答复", verdict="manager")).assigned == "manager"
    held = [one.kind for one in await casework.queue(house.ctx, desk) if one.place == HOME]
    assert held == ["enquiry", "call", "desk_visit"]


@row("H4")
async def test_a_call_s_soft_limit_is_three_minutes(house: House) -> None:
    assert (await policy.rule(house.ctx, "call.soft_limit_s", "estate")).value == "180"
    case = await opened(house, "desk", "call", what="x", seconds=200)
    assert case.form["seconds"] == 200


@row("H5", "H6", "H7", "G6")
async def test_a_repair_is_sent_done_seen_by_the_resident_and_followed_up(house: House) -> None:
    case = await opened(house, "limei", "repair", what="漏水", where="厨房", urgency="now")
    await do(house, "desk", case, "assign", "立即上门", verdict="维修王师傅")
    await do(house, "desk", case, "solve", "换密封圈")
    seen = await casework.paper(house.ctx, await house.actor("limei"), case.id)
    assert [step.act for step in seen.steps] == ["open", "assign", "solve"]
    with pytest.raises(BadInput, match="missing"):
        await do(house, "desk", case, "follow_up")
    assert (await do(house, "limei", case, "follow_up", "满意", verdict="5")).state == "closed"


@row("H11")
async def test_what_waits_for_who_left_the_desk_waits_for_who_stands_in_until_they_are_back(house: House) -> None:
    desk, manager, office = [await house.actor(login) for login in ("desk", "manager", "office")]
    case = await opened(house, "limei", "repair", what="漏水", where="厨房", urgency="now")
    await do(house, "manager", case, "assign", "请处理", verdict=desk.name)

    async def waits_for(actor: Actor) -> bool:
        return case.id in [one.case.id for one in await papers.listed(house.ctx, actor, MINE)]

    day_ = await day.begin(house.ctx, desk)
    assert [await waits_for(actor) for actor in (desk, manager)] == [True, False]
    assert manager.name in await day.colleagues(house.ctx, desk)
    await do(house, "desk", day_, "away", manager.name)
    assert [await waits_for(actor) for actor in (desk, manager, office)] == [True, True, False]
    await do(house, "desk", day_, "back")
    assert not await waits_for(manager)


@row("H8")
async def test_what_the_last_close_left_is_told_to_whoever_signs_in_and_has_not_come_to_the_desk(house: House) -> None:
    desk, manager = await house.actor("desk"), await house.actor("manager")
    assert await day.left(house.ctx, desk) is None
    case = await opened(house, "limei", "repair", what="漏水", where="厨房", urgency="now")
    begun = await day.begin(house.ctx, desk)
    await do(house, "desk", begun, "sign", "厨房漏水明早来人")
    held, supervisor = await paper(house, begun), replace(manager, duties=("supervisor",))
    await casework.act(house.ctx, supervisor, begun.id, held.case.version, "sign")
    for actor in (desk, manager):
        left = await day.left(house.ctx, actor)
        assert left is not None
        assert case.number in str(left.last.form["unfinished"])
        assert [step.note for step in left.notes] == ["厨房漏水明早来人"]
    assert await day.left(house.ctx, await house.actor("admin")) is None
    await day.begin(house.ctx, manager)
    assert await day.left(house.ctx, manager) is None
    assert await day.left(house.ctx, desk) is not None


@row("H10")
async def test_what_one_cannot_solve_goes_to_the_superior(house: House) -> None:
    case = await opened(house, "limei", "complaint", about="other", what="噪音")
    assert (await do(house, "desk", case, "escalate", "需协调", verdict="manager")).assigned == "manager"


@row("H18", "B23")
async def test_a_shift_is_handed_over_with_a_note_by_whoever_had_it(house: House) -> None:
    guard = await on_duty(house)
    (shift,) = await casework.queue(house.ctx, guard, ("shift",))
    with pytest.raises(BadInput, match="missing"):
        await do(house, "guard", shift, "close")
    over = await do(house, "guard", shift, "close", "2号门锁芯松")
    assert over.closed_at == house.clock.now
    assert (await paper(house, shift)).steps[-1].note == "2号门锁芯松"


@row("C12")
async def test_a_rule_needs_who_decided_and_why_and_keeps_its_history(house: House) -> None:
    admin = await house.actor("admin")
    for by, why, field in (("", "x", "decided_by"), ("x", "", "why")):
        with pytest.raises(BadInput) as refused:
            await policy.set_rule(house.ctx, admin, "estate", "retention.visit", "30", by, "", why)
        assert refused.value.field == field
    for days in ("30", "60"):
        await policy.set_rule(house.ctx, admin, "estate", "retention.visit", days, "业委会", "2026-4", "够用")
    kept = await policy.history(house.ctx, admin, "estate", "retention.visit")
    assert [one.value for one in kept] == ["60", "30"]


@row("D8")
async def test_a_parked_vehicle_without_a_permit_is_recorded_and_costs_nothing(house: House) -> None:
    await on_duty(house)
    case = await opened(house, "guard", "incident", GATE, what="沪B99999 无证停放，已贴提示")
    assert "amount" not in case.form
    assert (await do(house, "guard", case, "close", "车主已移车")).state == "closed"


@row("G3", "H16")
async def test_moving_in_lists_what_must_be_seen_and_handed_over(house: House) -> None:
    case = await opened(house, "desk", "move_in", of="wangfang", name="王芳", role="owner")
    case = await do(house, "desk", case, "apply")
    missing = {check.key for check in needs.unticked(casework.kind_of("move_in"), await paper(house, case))}
    assert missing == {"id_seen", "deed", "keys", "meters"}


@row("E2")
async def test_nothing_asks_a_slip_of_who_carries_a_bag(house: House) -> None:
    from tests.rows.people import enter

    from gatehost.service.gate import departure

    guard = await on_duty(house)
    came = await enter(house, guard, name="小王")
    assert (await departure.leave(house.ctx, guard, came.id, GATE)).state == "left"


@row("C17")
async def test_one_right_of_a_visitor_opens_the_gate_and_the_building(house: House) -> None:
    gate_door, door = await house.enrolled("gate-1-in"), await house.enrolled("b12-door")
    await approved(house, "temp_pass", name="张", until=house.clock.now + DAY)
    for unit in (gate_door, door):
        async with unit.connect() as link:
            await link.greet()
            state = await link.pull()
        assert len(state._keyed.get(5, {})) == 1  # kind CODES
    assert await person(house, "limei")
