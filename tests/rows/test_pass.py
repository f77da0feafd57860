"""Rows D, and what of B, C and G gives somebody a right: its limit at the save, in the database and at the door."""

import pytest
from sqlalchemy.exc import IntegrityError
from tests.host.device import Played
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
    goods,
    on_duty,
    opened,
    paper,
    person,
    row,
    signed_in,
    tick_all,
)

from gatecore import cards, codes, feedback, frames
from gatecore import records as r
from gatecore.clock import HOST, Now, day_of
from gatecore.door import Door
from gatecore.events import Feedback, Log, Told, Unlock
from gatecore.records import Private
from gatecore.state import INWARD, OUTWARD, State
from gatecore.throttle import Memory
from gatehost.model.case import Case
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.grant import TEMP_PASS, Grant
from gatehost.model.paper import MINE, OPEN
from gatehost.service.evidence import visits
from gatehost.service.gate import departure, search
from gatehost.service.home import homes, invite, lost_card, rights, visitor_code
from gatehost.service.office import policy
from gatehost.service.paper import casework, filling, leavers, papers
from gatehost.store import faces, grants, people, pins


async def given(house: House, case: Case) -> Grant:
    """The one right a paper gave."""
    async with house.ctx.store.read() as tx:
        (found,) = await grants.of_cases(tx, [case.id])
    return found


async def digits(house: House, right: Grant) -> str:
    """What its holder types."""
    async with house.ctx.store.read() as tx:
        return await rights.digits(house.ctx, tx, right)


@row("D5")
async def test_a_temporary_pass_is_refused_past_three_days_and_ends_at_the_door_by_itself(house: House) -> None:
    door, now = await house.enrolled("b12-door"), house.clock.now
    too_long = await opened(house, "desk", "temp_pass", of="limei", name="张阿姨", since=now, until=now + 3 * DAY + 1)
    with pytest.raises(BadInput, match="limit"):
        await do(house, "desk", too_long, "apply")
    case = await approved(house, "temp_pass", name="张阿姨", since=now, until=now + 3 * DAY)
    right = await given(house, case)
    assert right.until == now + 3 * DAY
    async with door.connect() as link:
        await link.greet()
        state = await link.pull()
    eight = await digits(house, right)  # from here on the door is alone
    for at, opens in ((now + HOUR, True), (now + 3 * DAY - HOUR, True), (now + 3 * DAY, False), (now + 4 * DAY, False)):
        verdict = codes.check_code(state, Memory(), HOME, eight, Now(1, 1, at, HOST), False)
        assert (verdict.reason == codes.OK) is opens, at
    (answer,) = await search.search(house.ctx, await on_duty(house), eight)
    assert (answer.code, answer.title) == ("code_issued", "张阿姨")


@row("D2")
async def test_an_approved_card_waits_for_the_desk_and_is_handed_over_or_cancelled_never_closed(house: House) -> None:
    desk = await house.actor("desk")
    case = await approved(house, "card_issue", name="李梅", number="0012345678")
    assert [one.case.id for one in await papers.listed(house.ctx, desk, MINE)] == [case.id]
    acts = [one.move.act for one in (await papers.sheet(house.ctx, desk, case.id)).moves]
    assert ("hand_over" in acts, "close" in acts, "cancel" in acts) == (True, False, True)
    with pytest.raises(NotFound, match="act"):
        await do(house, "desk", case, "close")
    case = await do(house, "desk", case, "hand_over")
    assert await papers.listed(house.ctx, desk, MINE) == ()
    assert (await do(house, "desk", case, "close")).state == "closed"  # given back


@row("D5", "D7")
async def test_a_second_short_right_in_a_row_for_the_same_one_is_told_to_who_signs(house: House) -> None:
    now, desk = house.clock.now, await house.actor("desk")
    first = await approved(house, "temp_pass", name="张阿姨", since=now, until=now + 3 * DAY)
    assert (await papers.sheet(house.ctx, desk, first.id)).earlier == ()
    for name, begins in (("李阿姨", 3), ("张阿姨", 6)):  # three days later is another stay
        since = now + begins * DAY
        other = await opened(house, "desk", "temp_pass", of="limei", name=name, since=since, until=since + DAY)
        assert (await papers.sheet(house.ctx, desk, other.id)).earlier == ()
    next_ = await approved(house, "temp_pass", name="张 阿姨", since=now + 3 * DAY, until=now + 6 * DAY)
    told = (await papers.sheet(house.ctx, desk, next_.id)).earlier
    assert [(one.number, until) for one, until in told] == [(first.number, now + 3 * DAY)]
    house.clock.now += 4 * DAY
    third = await opened(house, "desk", "temp_pass", of="limei", name="张阿姨", until=now + 8 * DAY)
    assert len((await papers.sheet(house.ctx, desk, third.id)).earlier) == 2
    end = now + 9 * DAY
    permit = await approved(house, "temp_parking", plate="京A12345", until=end)
    again = await opened(house, "desk", "temp_parking", of="limei", plate="京A12345", since=end, until=end + DAY)
    assert [one.id for one, _ in (await papers.sheet(house.ctx, desk, again.id)).earlier] == [permit.id]


@row("D5", "C12", "C13")
async def test_an_estate_may_allow_less_and_the_database_itself_refuses_more(house: House) -> None:
    admin, now = await house.actor("admin"), house.clock.now
    with pytest.raises(BadInput, match="unknown"):
        await policy.set_rule(house.ctx, admin, "estate", "card.temp_max_days", "4", "业委会", "2026-1", "方便")
    await policy.set_rule(house.ctx, admin, "estate", "card.temp_max_days", "1", "业委会", "2026-1", "从严")
    case = await opened(house, "desk", "temp_pass", of="limei", name="x", since=now, until=now + 2 * DAY)
    with pytest.raises(BadInput, match="limit"):
        await do(house, "desk", case, "apply")
    made = Grant(
        0, TEMP_PASS, HOME, HOME, None, None, None, None, None, now, now + 2 * DAY, 0, None, None, 0, 1, "", now, "",
        None, "",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="a_right_keeps_its_limit"):
        async with house.ctx.store.write() as tx:
            await grants.put(tx, made)


@row("D7", "B16")
async def test_temporary_parking_is_seven_days_and_given_back(house: House) -> None:
    guard, now = await on_duty(house), house.clock.now
    case = await opened(house, "desk", "temp_parking", of="limei", plate="沪C 88888", since=now, until=now + 8 * DAY)
    with pytest.raises(BadInput, match="limit"):
        await do(house, "desk", case, "apply")
    case = await approved(house, "temp_parking", plate="沪C 88888", since=now, until=now + 7 * DAY)
    (answer,) = await search.search(house.ctx, guard, "沪C88888")
    assert (answer.tone, answer.code) == ("good", "plate_permit")
    house.clock.now = now + 6 * DAY - 1
    assert not any(one.ends for one in await papers.listed(house.ctx, await house.actor("limei"), OPEN))
    house.clock.now = now + 6 * DAY  # a day before it ends its holder and the desk are reminded, and nothing is late
    (row_,) = await papers.listed(house.ctx, await house.actor("limei"), MINE)
    assert (row_.case.id, row_.ends, row_.late) == (case.id, now + 7 * DAY, False)
    assert await papers.late_count(house.ctx, await house.actor("desk")) == 0
    house.clock.now = now + 7 * DAY
    assert await papers.late_count(house.ctx, await house.actor("desk")) == 1
    assert [one.id for one in await casework.overdue(house.ctx, await house.actor("desk"))] == [case.id]
    house.clock.now = now
    assert (await do(house, "guard", case, "give_back")).state == "closed"
    (answer,) = await search.search(house.ctx, guard, "沪C88888")
    assert (answer.tone, answer.code) == ("bad", "plate_ended")


@row("D6")
async def test_a_permit_that_is_over_answers_no_and_why(house: House) -> None:
    guard, now = await on_duty(house), house.clock.now
    await approved(house, "temp_parking", plate="沪C88888", since=now, until=now + DAY)
    house.clock.now += 2 * DAY
    (answer,) = await search.search(house.ctx, guard, "沪c-88888")
    assert (answer.tone, answer.code) == ("bad", "plate_ended")


@row("D1", "D2", "D9")
async def test_a_card_works_from_its_hand_over_and_there_is_one_a_person(house: House) -> None:
    guard = await on_duty(house)
    case = await approved(house, "card_issue", name="李梅", number="0001234567")
    assert (await search.search(house.ctx, guard, "0001234567"))[0].code == "nothing"
    assert (await do(house, "desk", case, "hand_over")).state == "active"
    (answer,) = await search.search(house.ctx, guard, "0001234567")
    assert (answer.tone, answer.code, answer.detail) == ("good", "card_active", "李梅")
    second = await approved(house, "card_issue", name="李梅", number="0001234568")
    with pytest.raises(Refused, match="has_a_card"):
        await do(house, "desk", second, "hand_over")


@row("D2")
async def test_a_card_opens_nothing_before_whoever_took_it_signed_for_it(house: House) -> None:
    case = await approved(house, "card_issue", name="李梅", number="0001234567")
    desk, held = await signed_in(house, "desk"), await paper(house, case)
    await filling.tick(house.ctx, desk, case.id, held.case.version, "received", done=False)
    with pytest.raises(Refused, match="unticked") as refused:
        await do(house, "desk", case, "hand_over")
    assert refused.value.facts["missing"] == ["received"]
    assert await lost_card.mine(house.ctx, await signed_in(house, "limei")) == ()
    held = await paper(house, case)
    await filling.tick(house.ctx, desk, case.id, held.case.version, "received")
    assert (await do(house, "desk", case, "hand_over")).state == "active"


@row("D9")
async def test_two_photos_are_asked_for_where_the_estate_decided_so_and_nowhere_else(house: House) -> None:
    admin, desk = await signed_in(house, "admin"), await signed_in(house, "desk")

    async def without_photos() -> Case:
        case = await do(house, "desk", await opened(house, "desk", "card_issue", of="limei", name="李梅"), "apply")
        for key in ("form", "id_copy"):
            held = await paper(house, case)
            await filling.tick(house.ctx, desk, case.id, held.case.version, key)
        return case

    assert (await do(house, "desk", await without_photos(), "sign")).state == "approved"
    await policy.set_rule(house.ctx, admin, "estate", "card.photos", "on", "业委会", "2026-6", "证件存档")
    case = await without_photos()
    with pytest.raises(Refused, match="unticked") as refused:
        await do(house, "desk", case, "sign")
    assert refused.value.facts["missing"] == ["photos"]
    shown = {check.key: check.required for check, _ in (await papers.sheet(house.ctx, desk, case.id)).checks}
    assert shown == {"form": True, "photos": True, "id_copy": True, "received": False}
    await tick_all(house, case)
    assert (await do(house, "desk", case, "sign")).state == "approved"


@row("D1")
async def test_more_than_one_card_a_person_is_a_decision_with_a_reason_and_never_more_than_it_says(
    house: House,
) -> None:
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, "b12", "card.per_person", "2", "业委会", "2026-6", "一张放车上")
    for number, given_out in (("0001234561", True), ("0001234562", True), ("0001234563", False)):
        case = await approved(house, "card_issue", name="李梅", number=number)
        if given_out:
            await do(house, "desk", case, "hand_over")
        else:
            with pytest.raises(Refused, match="has_a_card"):
                await do(house, "desk", case, "hand_over")
    assert len(await lost_card.mine(house.ctx, await signed_in(house, "limei"))) == 2


@row("D4")
async def test_doors_that_have_not_heard_of_a_loss_are_named_to_who_lost_it_and_to_the_guard(house: House) -> None:
    guard, mei, fang = await on_duty(house), await signed_in(house, "limei"), await signed_in(house, "wangfang")
    case = await approved(house, "card_issue", name="李梅", number="018,54919")
    await do(house, "desk", case, "hand_over")
    devices = {slot: await house.enrolled(slot) for slot in ("gate-1-in", "b12-door")}
    for device in devices.values():
        await swiped(house, device)
    assert await lost_card.behind(house.ctx, mei) == ()
    await lost_card.lose(house.ctx, mei, mei.party, "忘在车上")
    assert {name for name, _ in await lost_card.behind(house.ctx, mei)} == {"1号门入口", "12栋单元门"}
    assert await swiped(house, devices["gate-1-in"]) == feedback.CARD_LOST
    ((name, seen),) = await lost_card.behind(house.ctx, guard)
    assert (name, seen) == ("12栋单元门", house.clock.now)
    assert await lost_card.behind(house.ctx, fang) == ()  # no door of hers


@row("D4")
async def test_a_lost_card_is_dead_for_ever_and_its_number_is_never_given_again(house: House) -> None:
    await on_duty(house)
    case = await approved(house, "card_issue", name="李梅", number="0001234567")
    await do(house, "desk", case, "hand_over")
    lost = await lost_card.lose(house.ctx, await house.actor("limei"), await person(house, "limei"), "忘在车上")
    assert lost == ("0001234567",)
    assert await lost_card.all_lost(house.ctx, await house.actor("guard")) == (("0001234567", "李梅"),)
    again = await approved(house, "card_issue", name="李梅", number="0001234567")
    with pytest.raises(Refused, match="card_used"):
        await do(house, "desk", again, "hand_over")
    with pytest.raises(IntegrityError, match="UNIQUE"):
        async with house.ctx.store.write() as tx:
            await grants.put_credential(tx, await person_in(house), "card", "active", "0001234567", 0, 1)
    fresh = await approved(house, "card_issue", name="李梅", number="0001234569")
    assert (await do(house, "desk", fresh, "hand_over")).state == "active"


@row("D1", "D4")
async def test_a_card_opens_the_doors_on_its_holder_s_way_and_reported_lost_none(house: House) -> None:
    case = await approved(house, "card_issue", name="李梅", number="018,54919")
    await do(house, "desk", case, "hand_over")
    devices = {slot: await house.enrolled(slot) for slot in ("gate-1-in", "b12-door", "b13-door")}
    assert {slot: await swiped(house, device) for slot, device in devices.items()} == {
        "gate-1-in": OPENED, "b12-door": OPENED, "b13-door": feedback.CARD_UNKNOWN,
    }  # fmt: skip
    await lost_card.lose(house.ctx, await signed_in(house, "limei"), await person(house, "limei"), "忘在车上")
    for slot in ("gate-1-in", "b12-door"):
        assert await swiped(house, devices[slot]) == feedback.CARD_LOST, slot


@row("D3")
async def test_swiping_in_and_out_is_in_the_log_with_its_time_and_direction(house: House) -> None:
    case = await approved(house, "card_issue", name="李梅", number="018,54919")
    await do(house, "desk", case, "hand_over")
    device = await house.enrolled("gate-1-in")
    async with device.connect() as link:
        await link.greet()
        state = await link.pull()
        assert state.door is not None
        for direction in (INWARD, OUTWARD):  # the readers of a way in and of a way out
            state.door.direction = direction
            (entry,) = [one for one in shown_by(state, house.clock.now) if isinstance(one, Log)]
            assert entry.subject is not None
            private = Private(bytes(16), entry.subject, entry.detail).to_wire()
            device.write(house.clock.now, entry.typ, entry.pub, private)
            house.clock.now += HOUR
        assert await link.deliver(1, 2, house.clock.now) == 2
    told = await visits.who_came(house.ctx, await signed_in(house, "limei"), HOME)
    lines = [(line.direction, line.method, line.person) for line in reversed(told.lines)]
    assert lines == [(INWARD, r.CARD, "李梅"), (OUTWARD, r.CARD, "李梅")]
    assert told.lines[0].at - told.lines[1].at == HOUR


OPENED = 0


async def swiped(house: House, device: Played, number: int = 1_234_567) -> int:
    """What a door with the state of the next contact makes of the card: OPENED, or why not."""
    async with device.connect() as link:
        await link.greet()
        effects = shown_by(await link.pull(), house.clock.now, number)
    if any(isinstance(one, Unlock) for one in effects):
        return OPENED
    return next(one.reason for one in effects if isinstance(one, Feedback))


def shown_by(state: State, now: int, number: int = 1_234_567) -> list[Told]:
    """A door's answer to a card."""
    door = Door(state, Memory(), None, bytes)  # type: ignore[arg-type]
    cards.fit(door)
    return door.step(cards.CardRead(number), Now(1, 0, now, HOST))


async def person_in(house: House) -> str:
    """Somebody of the estate, without a transaction of its own."""
    async with house.ctx.store.read() as tx:
        from gatehost.store import people

        return (await people.ties_of_home(tx, OTHER, house.clock.now))[0][0].id


@row("D12", "E16")
async def test_a_standing_item_pass_lasts_a_year_at_most(house: House) -> None:
    now = house.clock.now
    case = await opened(
        house, "desk", "standing_item_pass", of="limei", name="李梅", what="工具箱", since=now, until=now + 366 * DAY
    )
    with pytest.raises(BadInput, match="limit"):
        await do(house, "desk", case, "apply")
    case = await approved(house, "standing_item_pass", name="李梅", what="工具箱", since=now, until=now + 365 * DAY)
    assert (await given(house, case)).until == now + 365 * DAY
    assert case.due_at == now + 335 * DAY  # on the desk's list 30 days before it ends
    house.clock.now = now + 335 * DAY
    (row_,) = await papers.listed(house.ctx, await house.actor("limei"), MINE)
    assert (row_.ends, row_.late) == (now + 365 * DAY, False)


@row("B5", "G5")
async def test_every_pass_of_a_decoration_dies_with_it(house: House) -> None:
    guard, now = await on_duty(house), house.clock.now
    works = await approved(
        house, "decoration", signers=("desk", "manager"), company="安居", what="水电",
        **{"from": "2026-06-15", "until": "2026-08-15"},
    )  # fmt: skip
    desk = await house.actor("desk")
    form: dict[str, object] = {"name": "刘师傅", "company": "安居", "service": "水电", "until": now + 60 * DAY}
    case = await casework.open_case(
        house.ctx, desk, "contractor_pass", HOME, form, await person(house, "limei"), works.id
    )
    case = await do(house, "desk", case, "apply")
    held = await paper(house, case)
    await filling.tick(house.ctx, desk, case.id, held.case.version, "id_seen")
    await do(house, "desk", case, "sign")
    eight = await digits(house, await given(house, case))
    assert (await search.search(house.ctx, guard, f"{HOME}#{eight}"))[0].code == "code_issued"
    assert (await do(house, "desk", works, "close")).state == "closed"
    assert (await given(house, case)).ended_at == house.clock.now
    assert (await search.search(house.ctx, guard, f"{HOME}#{eight}"))[0].code == "code_revoked"


@row("G5")
async def test_no_pass_is_given_for_a_decoration_that_is_over_or_another_home_s(house: House) -> None:
    now = house.clock.now
    works = await approved(
        house, "decoration", signers=("desk", "manager"), company="安居", what="水电",
        **{"from": "2026-06-15", "until": "2026-08-15"},
    )  # fmt: skip
    desk, made = await signed_in(house, "desk"), []
    form: dict[str, object] = {"name": "刘师傅", "company": "安居", "service": "水电", "until": now + 30 * DAY}
    for home, who in ((HOME, "limei"), (OTHER, "wangfang"), (HOME, "limei")):
        one = await casework.open_case(
            house.ctx, desk, "contractor_pass", home, dict(form), await person(house, who), works.id
        )
        one = await do(house, "desk", one, "apply")
        held = await paper(house, one)
        await filling.tick(house.ctx, desk, one.id, held.case.version, "id_seen")
        made.append(one)
    assert (await do(house, "desk", made[0], "sign")).state == "approved"
    with pytest.raises(Refused, match="works_over"):
        await do(house, "desk", made[1], "sign")
    await do(house, "desk", works, "close")
    with pytest.raises(Refused, match="works_over"):
        await do(house, "desk", made[2], "sign")
    assert (await given(house, made[0])).ended_at == now


@row("B32")
async def test_an_event_names_its_heads_and_is_signed_by_a_manager(house: House) -> None:
    now = house.clock.now
    case = await approved(house, "event", signers=("desk", "manager"), what="业主合唱", heads=40, until=now + 6 * HOUR)
    assert (await given(house, case)).heads == 40


@row("C2", "C3", "B28", "C5")
async def test_a_visitor_asks_from_the_poster_and_the_home_says_yes_in_one_act(house: House) -> None:
    now = house.clock.now
    form: dict[str, object] = {"name": "张阿姨", "until": now + DAY}
    case = await casework.asked_for(house.ctx, "张阿姨", "visitor_request", HOME, form)
    assert case.state == "waiting"
    case = await do(house, "limei", case, "sign")
    assert case.state == "approved"
    right = await given(house, case)
    assert (right.home, right.label, len(await digits(house, right))) == (HOME, "张阿姨", 8)


@row("C6")
async def test_who_approves_can_be_chosen_and_approval_never_made_impossible(house: House) -> None:
    admin, now = await house.actor("admin"), house.clock.now
    for value in ("off", "nobody", "committee"):
        with pytest.raises(BadInput, match="unknown"):
            await policy.set_rule(house.ctx, admin, "estate", "visitor.approver", value, "区里", "1", "从严")
    for value, signers in (("host", ("limei",)), ("desk", ("desk",)), ("both", ("limei", "desk"))):
        await policy.set_rule(house.ctx, admin, "estate", "visitor.approver", value, "业委会", "1", "试行")
        case = await casework.asked_for(house.ctx, "张", "visitor_request", HOME, {"name": "张", "until": now + HOUR})
        for signer in signers:
            case = await do(house, signer, case, "sign")
        assert case.state == "approved", value
        await do(house, "desk", case, "cancel", "试完")
    await policy.set_rule(house.ctx, admin, "estate", "visitor.approver", "host", "业委会", "1", "试行")
    by_phone = await casework.asked_for(house.ctx, "张", "visitor_request", HOME, {"name": "张", "until": now + HOUR})
    assert (await do(house, "desk", by_phone, "sign", verdict="phone")).state == "approved"


@row("C11")
async def test_a_code_for_several_times_was_approved_and_counts(house: House) -> None:
    now = house.clock.now
    case = await approved(house, "temp_pass", name="钟点工", uses=5, until=now + 2 * DAY)
    right = await given(house, case)
    assert (right.uses, right.case) == (5, case.id)


@row("B8")
async def test_bulky_waste_goes_within_the_hours(house: House) -> None:
    for hours, fits in ((9 * HOUR + 30 * MINUTE, True), (13 * HOUR, False)):  # 19:30, 23:00
        case = await opened(house, "limei", "bulky_waste", what="旧床垫", at=house.clock.now + hours)
        if fits:
            assert (await do(house, "limei", case, "apply")).state == "waiting"
        else:
            with pytest.raises(BadInput, match="hours"):
                await do(house, "limei", case, "apply")


@row("E25")
async def test_moving_out_is_three_working_days_ahead_and_ends_everything_in_one_step(house: House) -> None:
    guard = await on_duty(house)
    card = await approved(house, "card_issue", name="李梅", number="0001234567")
    await do(house, "desk", card, "hand_over")
    code = await given(house, await approved(house, "temp_pass", name="张", until=house.clock.now + DAY))
    eight = await digits(house, code)
    invited = (await invite.invite(house.ctx, await house.actor("limei"), HOME, Invitation("亲戚"))).code
    for day, fits in (("2026-06-17", False), ("2026-06-18", True)):  # it is Monday the 15th
        case = await opened(house, "limei", "move_out", date=day)
        if not fits:
            with pytest.raises(BadInput, match="notice"):
                await do(house, "limei", case, "apply")
    case = await do(house, "limei", case, "apply")
    await do(house, "manager", case, "sign")
    await do(house, "security", case, "sign")
    assert (await do(house, "desk", case, "close")).state == "closed"
    async with house.ctx.store.read() as tx:
        held = await grants.by_number(tx, "card", "0001234567")
        assert await pins.of_homes(tx, [HOME]) == ()
        assert await grants.of_home(tx, HOME, house.clock.now) == ()
    assert held is not None
    assert held[2] == "revoked"
    assert (await search.search(house.ctx, guard, f"{HOME}#{eight}"))[0].code == "code_revoked"
    assert (await visitor_code.code(house.ctx, await house.actor("admin"), invited.id)).state == "revoked"
    assert (await house.actor("limei")).homes == ()


@row("E25")
async def test_papers_of_who_moved_out_end_with_it_and_their_plate_and_face_too(house: House) -> None:
    guard, mei, now = await on_duty(house), await person(house, "limei"), house.clock.now
    slip = await opened(
        house, "limei", "item_release", applicant="owner", direction="out", name="李梅", mover="王搬", since=now,
        until=now + 2 * HOUR,
    )  # fmt: skip
    await goods(house, "limei", slip, ("沙发", 1))
    slip = await do(house, "limei", slip, "apply")
    waiting = await do(
        house, "desk", await opened(house, "desk", "temp_pass", of="limei", name="张", until=now + DAY), "apply"
    )
    request = await opened(house, "limei", "data_request", wish="erase", what="全部")
    other = await opened(house, "wangfang", "temp_pass", OTHER, name="周", until=now + DAY)
    await approved(house, "temp_parking", plate="沪C88888", since=now, until=now + DAY)
    await house.enrolled("desk-1")
    async with house.ctx.store.write() as tx:
        signed = await faces.put_consent(tx, mei, "face-entry", "face-consent/1", "李梅", now)
        await faces.put_face(tx, mei, "active", signed, "1", now, now + 400 * DAY)
        await faces.put_sealed(tx, mei, "m", 5, b"sealed", b"h", now)
    case = await opened(house, "limei", "move_out", date="2026-06-18")
    case = await do(house, "limei", case, "apply")
    await do(house, "manager", case, "sign")
    await do(house, "security", case, "sign")
    await do(house, "desk", case, "close")
    states = [(await paper(house, one)).case.state for one in (slip, waiting, request, other)]
    assert states == ["cancelled", "cancelled", "open", "draft"]
    ended = (await paper(house, slip)).steps[-1]
    assert (ended.act, ended.note, ended.who) == ("cancel", case.number, "Front desk")
    assert (await search.search(house.ctx, guard, "沪C88888"))[0].code == "plate_ended"
    async with house.ctx.store.read() as tx:
        assert await faces.sealed_of(tx, mei) is None


@row("E25")
async def test_only_a_manager_who_writes_why_lets_somebody_move_out_sooner(house: House) -> None:
    case = await opened(house, "desk", "move_out", of="limei", date="2026-06-16", override="家中急事")
    with pytest.raises(BadInput, match="notice"):
        await do(house, "desk", case, "apply")
    assert (await do(house, "manager", case, "apply")).state == "waiting"
    with pytest.raises(BadInput, match="unknown"):  # the reason is not a resident's to write
        await opened(house, "limei", "move_out", date="2026-06-16", override="家中急事")
    plain = await opened(house, "manager", "move_out", of="limei", date="2026-06-16")
    with pytest.raises(BadInput, match="notice"):
        await do(house, "manager", plain, "apply")


@row("E25", "E3")
async def test_a_tenant_who_moves_out_leaves_the_landlord_the_home_and_the_vault_is_told_at_once(house: House) -> None:
    owner, tenant, now = await person(house, "limei"), await person(house, "chenzu"), house.clock.now
    card = await approved(house, "card_issue", of="limei", name="李梅", number="0001234567")
    await do(house, "desk", card, "hand_over")
    vault = await house.enrolled("desk-1")
    async with house.ctx.store.write() as tx:
        consent = await faces.put_consent(tx, tenant, "face-entry", "face-consent/1", "陈租", now)
        await faces.put_face(tx, tenant, "active", consent, "1", now, now + 400 * DAY)
        await faces.put_sealed(tx, tenant, "m", 5, b"sealed", b"h", now)
    told: list[tuple[str, int, object]] = []
    house.ctx.doors.send = lambda dev, kind, *more: told.append((dev, kind, *more)) or True  # type: ignore
    case = await opened(house, "desk", "move_out", of="chenzu", date="2026-06-18")
    case = await do(house, "desk", case, "apply")
    await do(house, "manager", case, "sign")
    await do(house, "security", case, "sign")
    await do(house, "desk", case, "close")
    assert (await house.actor("chenzu")).homes == ()
    assert (await house.actor("limei")).homes == (HOME,)
    assert (vault.dev.hex(), frames.FORGET, bytes.fromhex(tenant)) in told
    async with house.ctx.store.read() as tx:
        held = await grants.by_number(tx, "card", "0001234567")
    assert held is not None
    assert (held[1], held[2]) == (owner, "active")


@row("E25")
async def test_one_person_who_leaves_takes_every_way_in_of_theirs_and_nobody_else_s(house: House) -> None:
    guard, desk = await on_duty(house), await signed_in(house, "desk")
    for login, name, number in (("limei", "李梅", "0001234567"), ("chenzu", "陈租", "0007654321")):
        card = await approved(house, "card_issue", of=login, name=name, number=number)
        await do(house, "desk", card, "hand_over")
    waiting = await do(
        house, "chenzu", await opened(house, "chenzu", "temp_pass", name="张", until=house.clock.now + DAY), "apply"
    )
    sheet = await homes.sheet(house.ctx, desk, HOME)
    tie = next(one.tie.id for one in sheet.members if one.party.name == "陈租")
    assert (await leavers.person_left(house.ctx, desk, tie)).place == HOME
    assert (await paper(house, waiting)).case.state == "cancelled"
    answers = [(await search.search(house.ctx, guard, number))[0].code for number in ("0007654321", "0001234567")]
    assert answers == ["card_revoked", "card_active"]
    with pytest.raises(NotFound, match="tie"):
        await leavers.person_left(house.ctx, desk, 999)


@row("A6", "G4")
async def test_a_tenant_s_ways_in_end_with_the_lease_at_the_door(house: House) -> None:
    door, tenant = await house.enrolled("b12-door"), await person(house, "chenzu")
    case = await opened(
        house, "desk", "face_enrol", of="chenzu", kind="tenant", name="陈租", lease_from="2026-01-01",
        lease_until="2026-06-30",
    )  # fmt: skip
    async with house.ctx.store.write() as tx:
        await faces.put_consent(tx, tenant, "face-entry", "face-consent/1", "陈租", house.clock.now)
    case = await do(house, "desk", case, "apply")
    desk = await house.actor("desk")
    for check in ("id_seen", "lease", "lease_landlord", "lease_tenant", "signed", "rules_read"):
        held = await paper(house, case)
        await filling.tick(house.ctx, desk, case.id, held.case.version, check)
    for act in ("approve", "capture", "confirm", "activate"):
        case = await do(house, "desk", case, act)
    async with door.connect() as link:
        await link.greet()
        state = await link.pull()
    row_ = state.person(bytes.fromhex(tenant))
    assert row_ is not None
    assert row_[3] == (house.clock.now - 10 * HOUR + 16 * DAY) // 1000  # the end of June 30th


@row("A6", "C6")
async def test_no_guest_of_a_tenant_outstays_the_lease_and_until_then_each_may_come(house: House) -> None:
    chen, mei, now = await signed_in(house, "chenzu"), await signed_in(house, "limei"), house.clock.now
    lease = now - 10 * HOUR + 5 * DAY  # the midnight it ends at
    async with house.ctx.store.write() as tx:
        await people.tie_until(tx, chen.party, HOME, lease)
    today = day_of(now, [[0, 480]])
    for wish, field in (
        (Invitation("客", since=now, until=lease + 1), "until"), (Invitation("客", day=today + 5), "day"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match="lease") as refused:
            await invite.invite(house.ctx, chen, HOME, wish)
        assert refused.value.field == field
        made = await invite.invite(house.ctx, mei, HOME, wish)  # the owner's guest stays as long as the owner likes
        await visitor_code.revoke(house.ctx, mei, made.code.id)
    for wish in (Invitation("客", since=now, until=lease), Invitation("客", day=today + 4), Invitation("客")):
        assert (await invite.invite(house.ctx, chen, HOME, wish)).code.state in ("issued", "early")


@row("D11")
async def test_the_guard_is_told_name_and_home_and_no_picture(house: House) -> None:
    guard = await on_duty(house)
    came = await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨", phone="13912347788")
    found = await search.search(house.ctx, guard, "7788")
    assert {(one.code, one.title, one.home) for one in found} == {
        ("visit_inside", "张阿姨", HOME), ("resident", "陈租", HOME),
    }  # fmt: skip
    assert (await departure.leave(house.ctx, guard, came.id, GATE, "card")).out_how == "card"
