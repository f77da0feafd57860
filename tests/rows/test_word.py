"""Rows B20 and H15: what people say of the work, and what a home's month was."""

import pytest
from tests.host.house import House
from tests.rows.people import DAY, HOME, HOUR, MINUTE, OTHER, do, enter, on_duty, opened, row, signed_in

from gatehost.model.errors import BadInput, Denied, NotFound, TooMany
from gatehost.service.evidence import audit
from gatehost.service.office import monthly
from gatehost.service.paper import casework, feedback, papers
from gatehost.store import cases


@row("B20")
async def test_a_word_from_a_slip_s_link_reaches_the_office_without_a_name_and_comes_back_answered(
    house: House,
) -> None:
    link = feedback.link(house.ctx, "item_release", "IR-2026-00007")
    mine = await feedback.say(house.ctx, link, "等了四十分钟", "wait")
    assert (await feedback.said(house.ctx, mine)).answer == ""
    (seen,) = await papers.listed(house.ctx, await signed_in(house, "desk"), "open", keys=("feedback",))
    assert (seen.case.form["what"], seen.case.form["slip"], seen.applicant) == ("等了四十分钟", "item_release", "")
    async with house.ctx.store.read() as tx:
        paper = await cases.paper(tx, seen.case.id)
    assert "IR-2026-00007" not in repr(paper)  # nobody is found by what they said
    with pytest.raises(BadInput, match="missing"):
        await do(house, "desk", seen.case, "close")
    await do(house, "desk", seen.case, "close", "周末已加开一个窗口，抱歉让您久等")
    assert (await feedback.said(house.ctx, mine)).answer == "周末已加开一个窗口，抱歉让您久等"
    for login in ("guard", "limei"):
        with pytest.raises(NotFound):
            await casework.paper(house.ctx, await signed_in(house, login), seen.case.id)
    house.clock.now += 91 * DAY
    with pytest.raises(NotFound):
        await feedback.said(house.ctx, mine)


@row("B20")
async def test_no_link_is_made_up_no_answer_read_by_another_and_nobody_floods_the_office(house: House) -> None:
    link = feedback.link(house.ctx, "temp_pass", "TP-2026-00001")
    mine = await feedback.say(house.ctx, link, "很好")
    kind, number, mark = link.split(".")
    for wrong in ("", ".", link[:-1], f"{kind}.TP-2026-00002.{mark}", f"move_in.{number}.{mark}", f"{link}.x", "é.é.é"):
        with pytest.raises(NotFound):
            await feedback.say(house.ctx, wrong, "x")
    case, _, own = mine.partition(".")
    for wrong in ("", ".", case, f"{int(case) + 1}.{own}", f"{case}.{mark}", f"٣.{own}", f"{case}.{own}0"):
        with pytest.raises(NotFound):
            await feedback.said(house.ctx, wrong)
    for what, about, field in (("  ", "", "what"), ("x" * 1001, "", "what"), ("x", "praise", "about")):
        with pytest.raises(BadInput) as told:
            await feedback.say(house.ctx, link, what, about)
        assert told.value.field == field
    for _ in range(2):
        await feedback.say(house.ctx, link, "再来")
    with pytest.raises(TooMany):
        await feedback.say(house.ctx, link, "再来")
    for at in range(57):
        await feedback.say(house.ctx, feedback.link(house.ctx, "repair", f"R-{at}"), "x")
    with pytest.raises(TooMany):
        await feedback.say(house.ctx, feedback.link(house.ctx, "repair", "R-99"), "x")
    house.clock.now += HOUR
    await feedback.say(house.ctx, link, "一小时后")


@row("H15")
async def test_a_home_s_month_counts_its_visits_calls_and_papers_without_a_name(house: House) -> None:
    guard, mei = await on_duty(house), await signed_in(house, "limei")
    await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨")
    for _ in range(2):
        await enter(house, guard, name="小王")
        house.clock.now += MINUTE
    await enter(house, guard, home=OTHER, name="小李")
    repair = await opened(house, "limei", "repair", what="漏水", where="厨房", urgency="day")
    await opened(house, "desk", "call", what="问物业费")
    made = await monthly.of_home(house.ctx, mei, HOME)
    assert (made.home, made.first) == (HOME, "2026-06-01")
    assert made.counts == (
        ("paper", "call", 1), ("paper", "repair", 1), ("stay", "courier", 2), ("stay", "visitor", 1),
    )  # fmt: skip
    assert [line.number for line in made.lines if line.kind == "repair"] == [repair.number]
    assert "张阿姨" not in repr(made)
    assert (await monthly.of_home(house.ctx, mei, HOME, "2026-05")).lines == ()
    house.clock.now += 20 * DAY
    assert (await monthly.of_home(house.ctx, mei, HOME)).lines == ()  # it is July
    assert len((await monthly.of_home(house.ctx, mei, HOME, "2026-06")).lines) == 5


@row("H15", "L15")
async def test_a_month_is_the_home_s_own_and_the_desk_says_why(house: House) -> None:
    desk, mei = await signed_in(house, "desk"), await signed_in(house, "limei")
    for login in ("wangfang", "guard", "committee", "operator"):
        with pytest.raises(Denied):
            await monthly.of_home(house.ctx, await signed_in(house, login), HOME, why="好奇")
    with pytest.raises(BadInput, match="missing"):
        await monthly.of_home(house.ctx, desk, HOME)
    await monthly.of_home(house.ctx, desk, HOME, why="业主要求汇总")
    (line,) = await audit.about_home(house.ctx, mei, HOME)
    assert (line.action, line.detail) == ("home.month", "业主要求汇总")
    for month in ("2026", "2026-13", "jun", "2026-06-01"):
        with pytest.raises(BadInput, match="range"):
            await monthly.of_home(house.ctx, mei, HOME, month)
