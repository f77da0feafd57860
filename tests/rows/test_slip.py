"""Rows E: the item-release slip from the application to the file."""

import pytest
from tests.host.house import House
from tests.host.test_documents import png
from tests.rows.people import DAY, GATE, HOME, HOUR, do, enter, goods, on_duty, opened, paper, row, signed_in, tick_all

from gatehost.model.case import Case
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.service.gate import search
from gatehost.service.office import policy, statistics
from gatehost.service.paper import casework, documents, filling, papers, signature
from gatehost.store import accesslog, logs
from gatehost.store import people as people_rows


def wish(house: House, **more: object) -> dict[str, object]:
    """A slip's form for the next two hours."""
    told: dict[str, object] = {
        "applicant": "owner", "direction": "out", "name": "李梅", "mover": "王搬", "gate": GATE,
        "since": house.clock.now, "until": house.clock.now + 2 * HOUR,
    }  # fmt: skip
    return told | more


async def handed_in(house: House, login: str = "limei", **more: object) -> Case:
    """A slip with two lines, handed in and ticked; what the desk found out about fees is the desk's to write."""
    owing = more.pop("arrears", "")
    case = await opened(house, login, "item_release", **wish(house, **more))
    await goods(house, login, case, ("沙发", 1), ("纸箱", 6))
    case = await do(house, login, case, "apply")
    if owing:
        held = await paper(house, case)
        await filling.save(house.ctx, await house.actor("desk"), case.id, held.case.version, {"arrears": owing})
    await tick_all(house, case)
    return case


async def approved(house: House, **more: object) -> Case:
    """A slip signed by the desk and the steward lead."""
    case = await handed_in(house, **more)
    await do(house, "desk", case, "sign")
    return await do(house, "lead", case, "sign")


async def counted(house: House, case: Case, *numbers: int) -> None:
    """The guard counts each line."""
    guard = await house.actor("guard")
    for position, number in enumerate(numbers):
        held = await paper(house, case)
        line = held.goods()[position]
        await filling.count(house.ctx, guard, case.id, held.case.version, line.id, number)


@row("E1", "E7", "E8", "E15", "E27")
async def test_goods_leave_when_every_line_was_counted_and_is_the_slip_s(house: House) -> None:
    await on_duty(house)
    case = await approved(house)
    assert case.state == "approved"
    case = await do(house, "guard", case, "arrive", gate_id=GATE)
    for numbers in ((), (1,), (1, 5)):
        await counted(house, case, *numbers)
        with pytest.raises(Refused, match="lines_differ"):
            await do(house, "guard", case, "release", verdict="id_seen")
    await counted(house, case, 1, 6)
    with pytest.raises(BadInput, match="id_seen"):
        await do(house, "guard", case, "release")
    out = await do(house, "guard", case, "release", verdict="id_seen")
    last = (await paper(house, case)).steps[-1]
    assert (out.state, last.who, last.at, last.verdict) == ("released", "赵门岗", house.clock.now, "id_seen")


@row("E27", "E12")
async def test_a_mismatch_goes_back_to_the_desk_and_both_versions_stay(house: House) -> None:
    await on_duty(house)
    case = await approved(house)
    await do(house, "guard", case, "arrive", gate_id=GATE)
    await counted(house, case, 1, 7)
    case = await do(house, "guard", case, "mismatch", "多一箱")
    assert case.state == "mismatch"
    case = await do(house, "desk", case, "amend")
    held, desk = await paper(house, case), await house.actor("desk")
    line = held.goods()[1]
    await filling.drop_goods(house.ctx, desk, case.id, held.case.version, line.id)
    await goods(house, "desk", case, ("纸箱", 7))
    held = await paper(house, case)
    await filling.save(house.ctx, desk, case.id, held.case.version, wish(house, mover="王搬家"))
    case = await do(house, "desk", case, "reapply")
    assert case.state == "waiting_owner"  # the list is another one: its owner is asked again
    case = await do(house, "desk", case, "consent", "业主在场", verdict="present")
    with pytest.raises(Denied):  # the earlier signatures are void: the desk signs first again
        await do(house, "security", case, "sign")
    await do(house, "desk", case, "sign")
    await do(house, "lead", case, "sign")
    case = await do(house, "guard", case, "arrive", gate_id=GATE)
    assert [item.checked_qty for item in (await paper(house, case)).goods()] == [None, None]
    await counted(house, case, 1, 7)
    assert (await do(house, "guard", case, "release", verdict="id_seen")).state == "released"
    steps = (await paper(house, case)).steps
    assert any(step.act == "strike" and step.note == "纸箱 × 6" for step in steps)
    assert any(step.act == "save" and "王搬" in step.form and "王搬家" not in step.form for step in steps)


@row("E3", "E4")
async def test_a_tenant_s_slip_waits_for_the_owner(house: House) -> None:
    case = await handed_in(house, "chenzu", applicant="occupant")
    assert case.state == "waiting_owner"
    with pytest.raises(Refused, match="not_the_owner"):
        await do(house, "chenzu", case, "consent", "本人同意")
    with pytest.raises(BadInput, match="how"):
        await do(house, "desk", case, "consent", "业主来电")
    by_phone = await do(house, "desk", case, "consent", "业主来电确认", verdict="phone")
    assert by_phone.state == "waiting_review"
    another = await handed_in(house, "chenzu", applicant="occupant")
    assert (await do(house, "limei", another, "consent", "同意")).state == "waiting_review"


@row("E3", "E4")
async def test_nobody_becomes_the_owner_by_saying_so_and_the_desk_writes_down_how_it_reached_them(house: House) -> None:
    tenant_s = await handed_in(house, "chenzu", applicant="owner")
    assert tenant_s.state == "waiting_owner"
    with pytest.raises(Refused, match="not_the_owner"):
        await do(house, "chenzu", tenant_s, "consent", "我就是业主")
    family_s = await handed_in(house, "liqiang", applicant="owner")
    assert family_s.state == "waiting_owner"
    at_the_desk = await handed_in(house, "desk", applicant="owner")
    assert at_the_desk.state == "waiting_owner"
    for how in ("", "letter"):
        with pytest.raises(BadInput, match="how"):
            await do(house, "desk", at_the_desk, "consent", "业主本人", verdict=how)
    await do(house, "desk", at_the_desk, "consent", "业主本人，出示合同", verdict="present")
    verified = (await paper(house, at_the_desk)).steps[-1]
    assert (verified.act, verified.verdict, verified.became) == ("consent", "present", "waiting_review")


@row("E8", "E18")
async def test_a_release_stands_in_the_host_s_signed_log_under_the_guard_s_own_name(house: House) -> None:
    await on_duty(house)
    case = await approved(house)
    await do(house, "guard", case, "arrive", gate_id=GATE)
    await counted(house, case, 1, 6)
    await do(house, "guard", case, "release", verdict="id_seen")
    async with house.ctx.store.read() as tx:
        held = await logs.newest(tx, alone=True)
        assert held is not None
        (entry,) = await accesslog.rows_from(tx, held.no, held.seq - 1, 2)
    assert house.clock.now in entry
    assert house.ctx.store.halves is not None
    half = house.ctx.store.halves.show(entry[-1])  # type: ignore[arg-type]
    assert half is not None
    assert all(told.encode() in half for told in ("赵门岗", case.number, "release"))


@row("E11")
async def test_who_applied_reads_on_their_first_page_that_it_was_decided(house: House) -> None:
    mei, strong = await signed_in(house, "limei"), await signed_in(house, "liqiang")
    case = await handed_in(house)
    assert await papers.decided(house.ctx, mei) == ()  # what they did themselves is no news
    await do(house, "desk", case, "sign")
    assert await papers.decided(house.ctx, mei) == ()
    await do(house, "lead", case, "sign")
    assert [(one.case.id, one.case.state) for one in await papers.decided(house.ctx, mei)] == [(case.id, "approved")]
    assert await papers.decided(house.ctx, strong) == ()  # whose home it is, and not whose paper
    no = await handed_in(house)
    await do(house, "desk", no, "refuse", "所报物品与实际不符")
    assert [one.case.id for one in await papers.decided(house.ctx, mei)] == [no.id, case.id]
    house.clock.now += 3 * DAY
    assert await papers.decided(house.ctx, await house.actor("limei")) == ()


@row("E5")
async def test_a_company_s_slip_is_signed_by_a_signer_it_named(house: House) -> None:
    with pytest.raises(Refused, match="specimen"):
        await handed_in(house, applicant="company", signer="路人")
    async with house.ctx.store.write() as tx:
        (_, tie), *_ = await people_rows.ties_of_home(tx, HOME, house.clock.now)
        await people_rows.set_proof(tx, tie.id, "李梅, 李经理")
    case = await handed_in(house, applicant="company", signer="李经理")
    assert case.state == "waiting_review"


@row("E6", "L8")
async def test_owing_fees_is_a_notice_and_holds_nothing_back(house: House) -> None:
    case = await handed_in(house, arrears="owing")
    await do(house, "desk", case, "sign")
    assert (await do(house, "lead", case, "sign")).state == "approved"


@row("E6")
async def test_only_a_decision_with_a_reason_makes_a_slip_wait_for_fees(house: House) -> None:
    admin = await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", "item.arrears", "hold", "项目部", "2026-8", "合同约定")
    case = await handed_in(house, arrears="owing")
    with pytest.raises(Refused, match="arrears"):
        await do(house, "desk", case, "sign")


@row("E6")
async def test_the_chain_is_signed_in_order_and_by_different_people(house: House) -> None:
    case = await handed_in(house)
    with pytest.raises(Denied):
        await do(house, "manager", await do(house, "desk", case, "sign"), "sign")
    lead_only = await handed_in(house)
    await do(house, "lead", lead_only, "sign")  # a desk clerk who is also the lead signs once
    with pytest.raises(Refused, match="signed_already"):
        await do(house, "lead", lead_only, "sign")


@row("E9")
async def test_a_slip_is_back_at_the_desk_by_half_past_eight(house: House) -> None:
    await on_duty(house)
    case = await approved(house)
    await do(house, "guard", case, "arrive", gate_id=GATE)
    await counted(house, case, 1, 6)
    out, desk = await do(house, "guard", case, "release", verdict="id_seen"), await house.actor("desk")
    due = house.clock.now - 10 * HOUR + DAY + 8 * HOUR + HOUR // 2  # it is 10:00
    assert out.archive_due_at == due
    assert await casework.overdue(house.ctx, desk) == ()
    house.clock.now = due
    assert [late.number for late in await casework.overdue(house.ctx, desk)] == [case.number]
    filed = await do(house, "desk", case, "file")
    assert (filed.state, filed.archived_at) == ("filed", due)
    assert await casework.overdue(house.ctx, desk) == ()


@row("E10", "E17")
async def test_what_must_be_shown_depends_on_who_and_which_way(house: House) -> None:
    admin = await house.actor("admin")
    with pytest.raises(Refused, match="no_slip_needed"):
        await handed_in(house, direction="in")
    await policy.set_rule(house.ctx, admin, "estate", "item.directions", "both", "项目部", "2026-9", "大件较多")
    case = await opened(house, "limei", "item_release", **wish(house, direction="in", applicant="visitor"))
    await goods(house, "limei", case, ("冰箱", 1))
    case = await do(house, "limei", case, "apply")
    with pytest.raises(Refused, match="unticked") as refused:
        await do(house, "desk", case, "sign")
    assert refused.value.facts["missing"] == ["id_seen", "letter", "proof"]
    await tick_all(house, case)
    with pytest.raises(Refused, match="unattached") as refused:
        await do(house, "desk", case, "sign")
    assert refused.value.facts["missing"] == ["letter"]
    await documents.attach(house.ctx, await house.actor("limei"), case.id, "authorisation", png())
    assert (await do(house, "desk", case, "sign")).state == "waiting_review"


@row("E11")
async def test_an_answer_is_due_within_a_day(house: House) -> None:
    case, desk = await handed_in(house), await house.actor("desk")
    assert case.due_at == house.clock.now + DAY
    house.clock.now += DAY
    assert [late.id for late in await casework.overdue(house.ctx, desk)] == [case.id]


@row("E13", "E26")
async def test_only_the_named_gate_and_only_within_the_time(house: House) -> None:
    guard = await on_duty(house)
    case = await approved(house)
    with pytest.raises(Refused, match="wrong_gate"):
        await do(house, "guard", case, "arrive", gate_id="gate-2")
    (answer,) = await search.search(house.ctx, guard, case.number, "gate-2")
    assert (answer.tone, answer.code) == ("wait", "slip_wrong_gate")
    house.clock.now += 3 * HOUR
    (answer,) = await search.search(house.ctx, guard, case.number, GATE)
    assert (answer.tone, answer.code) == ("wait", "slip_outside_window")
    with pytest.raises(Refused, match="outside_window"):
        await do(house, "guard", case, "arrive", gate_id=GATE)
    assert (await do(house, "guard", case, "expire")).state == "expired"


@row("E18")
async def test_only_a_guard_releases_and_only_at_the_gate(house: House) -> None:
    case = await approved(house)
    for login in ("desk", "limei", "admin"):
        with pytest.raises((Denied, NotFound)):
            await do(house, login, case, "arrive", gate_id=GATE)
    with pytest.raises(NotFound):
        await do(house, "guard", case, "release", verdict="id_seen")


@row("E1")
async def test_who_shows_a_number_that_is_no_slip_s_has_no_slip(house: House) -> None:
    guard, case = await on_duty(house), await approved(house)
    (answer,) = await search.search(house.ctx, guard, "IR-2026-09999", GATE)
    assert (answer.tone, answer.code) == ("bad", "slip_none")
    (answer,) = await search.search(house.ctx, guard, case.number.lower(), GATE)
    assert (answer.tone, answer.code) == ("good", "slip_ready")


@row("E19")
async def test_forbidden_goods_are_refused_with_their_name(house: House) -> None:
    with pytest.raises(Refused, match="forbidden_goods"):
        await handed_in(house, forbidden="explosive")


@row("E21")
async def test_goods_move_only_in_the_estate_s_hours(house: House) -> None:
    late = house.clock.now + 9 * HOUR + HOUR  # 20:00
    with pytest.raises(BadInput, match="hours"):
        await handed_in(house, since=late, until=late + HOUR)


@row("E22", "E24")
@pytest.mark.parametrize(
    ("applicant", "signers"),
    [("contractor", ("desk", "manager", "security")), ("developer", ("desk", "lead", "office", "finance"))],
)
async def test_who_signs_depends_on_whose_goods_they_are(
    house: House, applicant: str, signers: tuple[str, ...]
) -> None:
    case = await handed_in(house, applicant=applicant)
    for signer in signers[:-1]:
        assert (await do(house, signer, case, "sign")).state == "waiting_review"
    assert (await do(house, signers[-1], case, "sign")).state == "approved"
    assert [step.duty for step in signature.given(await paper(house, case))] == list(signers)


@row("E23", "E29")
async def test_a_slip_is_printed_three_times_each_marked_and_carries_its_form_s_number(house: House) -> None:
    kind = casework.kind_of("item_release")
    assert (kind.form_code, [zh for _, zh in kind.copies]) == ("R-KF001", ["客服中心联", "保安部联", "搬运人联"])


@row("E28")
async def test_the_gate_is_told_of_an_approved_slip(house: House) -> None:
    guard, case = await on_duty(house), await handed_in(house)
    await do(house, "desk", case, "sign")
    async with house.ctx.pages.open(guard) as news:
        approved_ = await do(house, "lead", case, "sign")
        told = await anext(news)
    assert (told.kind, told.body["state"]) == ("case", "approved")
    assert approved_.assigned == "concierge"
    assert [one.number for one in await search.slips_at_exit(house.ctx, guard, HOME)] == [case.number]


@row("E12")
async def test_a_refusal_has_a_reason_and_is_kept(house: House) -> None:
    case = await handed_in(house)
    with pytest.raises(BadInput, match="missing"):
        await do(house, "desk", case, "refuse")
    refused = await do(house, "desk", case, "refuse", "所报物品与实际不符")
    assert refused.keep_until == house.clock.now + 180 * DAY
    assert (await paper(house, case)).steps[-1].note == "所报物品与实际不符"


@row("E14", "E30")
async def test_the_month_s_slips_are_reported_with_mismatches_and_late_filing(house: House) -> None:
    await on_duty(house)
    for boxes in (5, 5, 5, 5, 5, 6, 6, 6, 6, 6):  # fewer than five of a kind are not shown
        case = await approved(house)
        await do(house, "guard", case, "arrive", gate_id=GATE)
        await counted(house, case, 1, boxes)
        if boxes < 6:
            await do(house, "guard", case, "mismatch", "少一箱")
        else:
            await do(house, "guard", case, "release", verdict="id_seen")
    house.clock.now += 2 * DAY
    await do(house, "desk", case, "file")
    found = await statistics.statistics(house.ctx, await house.actor("admin"))
    assert (found.slips, found.differing, found.late_slips) == (10, 5, 5)


@row("E14", "H7")
async def test_what_guards_decided_and_how_content_people_are_is_counted_and_a_few_are_not(
    house: House,
) -> None:
    guard = await on_duty(house)
    for number in range(5):
        await enter(house, guard, "visitor", name=f"客{number}", discretion="老住户的亲戚")
        case = await opened(house, "limei", "repair", what="灯", where="3楼", urgency="day")
        await do(house, "desk", case, "solve", "已换")
        with pytest.raises(BadInput, match="score"):
            await do(house, "limei", case, "follow_up", "满意", verdict="6")
        await do(house, "limei", case, "follow_up", "满意", verdict="5" if number else "3")
        house.clock.now += DAY
        found = await statistics.statistics(house.ctx, await house.actor("admin"))
        if number < 4:
            assert (found.discretions, found.scores, found.content) == (None, None, None)
    assert (found.discretions, found.scores, found.content) == (5, 5, 4.6)
