"""Two people, or two doors, at the same moment: one wins, the other is told, and what the log says is what was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
from tests.core.estate import Bench, Rows, at, day_code, opened
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import DAY, ESTATE, GATE, HOME, do, on_duty, paper, signed_in, tick_all
from tests.rows.people import opened as paper_opened

from gatecore.events import Link
from gatehost.model.errors import NotFound, Refused
from gatehost.model.visit import Newcomer
from gatehost.service.evidence import audit
from gatehost.service.gate import admission, departure, presence
from gatehost.service.office import policy
from gatehost.service.paper import casework

WHO = Newcomer("visitor", HOME, "张阿姨")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running host with two guards and all the others."""
    async with running(tmp_path, ESTATE) as made:
        yield made


async def both(*acts: Awaitable[object]) -> list[object]:
    """What came of acts begun at the same moment; a refusal is what came of one, and of exactly one of them."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    assert sum(isinstance(one, Refused) for one in done) == len(done) - 1, done
    assert not [one for one in done if isinstance(one, Exception) and not isinstance(one, Refused)]
    return list(done)


async def said(house: House, action: str) -> list[tuple[str, str]]:
    """(who, about) of the host's log about one kind of act, oldest first."""
    looked = await audit.look_ups(house.ctx, await signed_in(house, "admin"))
    return [(one.who, one.about) for one in reversed(looked) if one.action == action]


async def test_two_guards_who_let_in_the_same_visitor_write_one_stay(house: House) -> None:
    one, other = await on_duty(house), await on_duty(house, "guard2", "gate-2")
    waits = await admission.ask(house.ctx, one, GATE, WHO)
    done = await both(
        admission.enter(house.ctx, one, GATE, WHO, confirmed_by="电话", visit=waits.id),
        admission.enter(house.ctx, other, "gate-2", WHO, confirmed_by="电话", visit=waits.id),
    )
    (inside,) = await presence.present(house.ctx, one)
    assert inside.id == waits.id
    winner = "赵门岗" if isinstance(done[1], Refused) else "钱门岗"
    assert (inside.in_by, await said(house, "gate.enter")) == (winner, [(winner, str(waits.id))])


@pytest.mark.parametrize("first", ["in", "not"])
async def test_of_a_guard_who_lets_in_and_one_who_turns_away_the_first_holds(house: House, first: str) -> None:
    one, other = await on_duty(house), await on_duty(house, "guard2", "gate-2")
    waits = await admission.ask(house.ctx, one, GATE, WHO)
    acts = [
        admission.enter(house.ctx, one, GATE, WHO, visit=waits.id, confirmed_by="电话"),
        admission.deny(house.ctx, other, waits.id, "住户不认识"),
    ]
    done = await both(*(acts if first == "in" else reversed(acts)))
    refused = next(one for one in done if isinstance(one, Refused))
    assert refused.code == "visit_over"
    inside = await presence.present(house.ctx, one)
    assert [one.id for one in inside] == ([waits.id] if first == "in" else [])
    assert len(await said(house, "gate.enter") + await said(house, "gate.deny")) == 1


async def test_whom_the_home_has_refused_no_page_of_before_lets_in(house: House) -> None:
    guard, mei = await on_duty(house), await signed_in(house, "limei")
    waits = await admission.ask(house.ctx, guard, GATE, WHO)
    await admission.answer(house.ctx, mei, waits.id, let_in=False)
    for more in ({}, {"confirmed_by": "电话"}, {"discretion": "认识"}):
        with pytest.raises(Refused, match="visit_over"):
            await admission.enter(house.ctx, guard, GATE, WHO, visit=waits.id, **more)
    with pytest.raises(NotFound, match="visit"):
        await admission.enter(house.ctx, guard, GATE, WHO, visit=waits.id + 100)
    assert await presence.present(house.ctx, guard) == ()


async def test_of_a_home_s_yes_and_no_at_once_one_holds(house: House) -> None:
    guard, mei, qiang = await on_duty(house), await signed_in(house, "limei"), await signed_in(house, "liqiang")
    waits = await admission.ask(house.ctx, guard, GATE, WHO)
    done = await both(
        admission.answer(house.ctx, mei, waits.id, let_in=True),
        admission.answer(house.ctx, qiang, waits.id, let_in=False),
    )
    came = not isinstance(done[0], Refused)
    assert len(await presence.present(house.ctx, guard)) == came
    assert await said(house, "visit.confirm") == [("李梅" if came else "李强", str(waits.id))]


async def test_a_stay_that_two_guards_end_ends_once(house: House) -> None:
    one, other = await on_duty(house), await on_duty(house, "guard2", "gate-2")
    came = await admission.enter(house.ctx, one, GATE, Newcomer("courier", HOME, "小递"))
    await both(
        departure.leave(house.ctx, one, came.id, GATE),
        departure.leave(house.ctx, other, came.id, "gate-2"),
    )
    assert len(await said(house, "gate.leave")) == 1


@pytest.mark.parametrize("first", ["sign", "cancel"])
async def test_of_an_approval_and_a_withdrawal_of_one_paper_the_first_holds(house: House, first: str) -> None:
    desk, mei, now = await signed_in(house, "desk"), await signed_in(house, "limei"), house.clock.now
    case = await paper_opened(house, "desk", "temp_pass", of="limei", name="张阿姨", since=now, until=now + DAY)
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    version = (await paper(house, case)).case.version
    acts = [
        casework.act(house.ctx, desk, case.id, version, "sign"),
        casework.act(house.ctx, mei, case.id, version, "cancel", "不来了"),
    ]
    done = await both(*(acts if first == "sign" else reversed(acts)))
    (refused,) = [one for one in done if isinstance(one, Refused)]
    assert (refused.code, refused.facts["act"]) == ("changed", first)
    assert [step.act for step in (await paper(house, case)).steps][-1] == first


async def test_of_two_admins_who_decide_one_rule_one_is_told_of_the_other(house: House) -> None:
    admin = await signed_in(house, "admin")

    def decides(value: str, seen: int) -> Awaitable[object]:
        return policy.set_rule(house.ctx, admin, "estate", "home_open", value, "业委会", "", "夜间", was=seen)

    done = await both(decides("call_only", 0), decides("off", 0))
    (refused,) = [one for one in done if isinstance(one, Refused)]
    first = (await policy.history(house.ctx, admin, "estate", "home_open"))[0]
    assert (refused.code, refused.facts) == ("decided", {"by": first.set_by, "at": first.since})
    await decides("open", first.id)  # having seen it
    held = await policy.history(house.ctx, admin, "estate", "home_open")
    assert [one.value for one in held] == ["open", first.value]
    assert len(await said(house, "policy.set")) == 2


@pytest.mark.parametrize("connected", [True, False])
async def test_a_code_for_one_visit_opens_two_gates_within_a_second_each_once(connected: bool) -> None:
    """A door asks nobody, so each counts alone: what the host does about it is in test_visits.py."""
    rows = Rows()
    code = day_code()
    rows.issue("120502", code, at(8), at(20), uses=1)
    gates = [Bench(rows), Bench(rows)]
    for gate in gates:
        gate.do(Link(connected))
    assert [opened(gate.type(f"120502#{code}")) for gate in gates] == [True, True]
    assert [opened(gate.type(f"120502#{code}")) for gate in gates] == [False, False]
