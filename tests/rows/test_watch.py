"""Rows L12, L15, L16: what is watched over, who looked, and what no door keeps."""

import pytest
from tests.host.house import House
from tests.rows.people import GATE, HOME, HOUR, OTHER, enter, on_duty, row, signed_in

from gatecore import events
from gatehost.model.errors import Denied, TooMany
from gatehost.service.door import reception
from gatehost.service.evidence import audit, dispute
from gatehost.service.evidence.dispute import Question
from gatehost.service.gate import presence, search
from gatehost.service.office import accounts, watch
from gatehost.service.paper import casework


async def looks(house: House, login: str = "limei", home: str = HOME) -> list[tuple[str, str]]:
    """(who, what) a home reads of look-ups, newest first."""
    return [(one.who, one.action) for one in await audit.about_home(house.ctx, await signed_in(house, login), home)]


@row("L15")
async def test_a_home_reads_that_a_guard_s_search_showed_it(house: House) -> None:
    guard = await on_duty(house)
    await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨")
    assert await looks(house) == []
    await search.search(house.ctx, guard, "张阿姨")
    await search.search(house.ctx, guard, OTHER)
    await search.search(house.ctx, guard, "张阿")
    assert await looks(house) == [("赵门岗", "gate.search")] * 2
    assert await looks(house, "wangfang", OTHER) == [("赵门岗", "gate.search")]


@row("L15")
async def test_an_answer_about_a_whole_building_is_read_by_every_home_it_showed(house: House) -> None:
    guard, began = await on_duty(house), house.clock.now
    await enter(house, guard, name="小王")
    await enter(house, guard, home=OTHER, name="小李")
    house.clock.now += HOUR
    asked = Question("b12", began, house.clock.now)
    await dispute.answered(house.ctx, await signed_in(house, "desk"), asked, "单车被盗")
    assert [what for _, what in await looks(house)] == ["visit.history"]
    assert await looks(house, "wangfang", OTHER) == []


@row("L15")
async def test_the_committee_sees_numbers_and_proofs_and_no_home_s_coming_and_going(house: House) -> None:
    guard, committee = await on_duty(house), await signed_in(house, "committee")
    came = await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨")
    for look in (
        presence.of_home(house.ctx, committee, HOME), presence.present(house.ctx, committee),
        search.search(house.ctx, committee, "张阿姨"), casework.paper(house.ctx, committee, came.id),
        dispute.answered(house.ctx, committee, Question(GATE, 0, 1), "好奇"), audit.look_ups(house.ctx, committee),
    ):  # fmt: skip
        with pytest.raises(Denied):
            await look


@row("L12")
async def test_signs_of_intrusion_stand_on_one_page_with_how_often_and_where(house: House) -> None:
    device, admin = await house.enrolled("gate-1-in"), await signed_in(house, "admin")
    assert (await watch.signs(house.ctx, admin)).alarms == ()
    for kind in (events.ALERT_GUESSING, events.ALERT_GUESSING, events.ALERT_TAMPER, events.ALERT_DISTRUST):
        await reception.alert(house.ctx, device.name, kind, "")
        house.clock.now += 1000
    await reception.alert(
        house.ctx, device.name, events.ALERT_DURESS, HOME
    )  # is told elsewhere, to whom the rule names
    found = {one.kind: (one.count, one.door, one.open) for one in (await watch.signs(house.ctx, admin)).alarms}
    assert found == {
        events.ALERT_GUESSING: (2, "1号门入口", 2), events.ALERT_TAMPER: (1, "1号门入口", 1),
        events.ALERT_DISTRUST: (1, "1号门入口", 1),
    }  # fmt: skip
    house.clock.now += 31 * 24 * HOUR
    assert (await watch.signs(house.ctx, admin)).alarms == ()


@row("L12")
async def test_sign_ins_that_are_refused_again_and_again_are_told_without_a_password(house: House) -> None:
    admin = await signed_in(house, "admin")
    desk = await signed_in(house, "desk")
    await accounts.set_password(house.ctx, desk, "four ordinary words here")
    for name in ("desk", "nobody-here"):
        for _ in range(12):
            house.clock.now += 1000
            with pytest.raises((Denied, TooMany)):
                await accounts.sign_in(house.ctx, name, "guess")
    held = await watch.signs(house.ctx, admin)
    assert [(one.name, one.wrong >= 5, one.rests_until is not None) for one in held.sign_ins] == [("desk", True, True)]
    assert held.unknown_names == 1  # how many, not which: somebody may have typed a password as a name
    for login in ("desk", "guard", "limei", "operator"):
        with pytest.raises(Denied):
            await watch.signs(house.ctx, await signed_in(house, login))


@row("L12")
async def test_whether_the_logs_were_checked_and_what_was_found_is_told(house: House) -> None:
    committee = await signed_in(house, "committee")
    assert (await watch.signs(house.ctx, committee)).checked_at is None
    await audit.verify(house.ctx, committee)
    assert (await watch.signs(house.ctx, committee)).checked_at == house.clock.now
