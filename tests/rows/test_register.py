"""Rows B7, B10, B24: the gates' register, sealed by the day, and what it says to who asks with a right to."""

import io
import zipfile

import pytest
from sqlalchemy import delete, insert, text, update
from tests.host.house import House
from tests.host.test_export import judged
from tests.rows.people import DAY, GATE, HOME, HOUR, OTHER, enter, on_duty, row, signed_in

from gatecore.clock import day_of
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service.evidence import audit, dispute, register
from gatehost.service.evidence.dispute import Question
from gatehost.service.gate import departure
from gatehost.service.office import daily, policy
from gatehost.store.table.account import audit as audit_rows
from gatehost.store.table.gate import register_line, visit

TODAY = day_of(1_781_488_800_000, [[0, 480]])  # the day the tests begin, at ten


async def sealed(house: House) -> tuple[int, int]:
    """A day with a courier who left and a visitor who stays over midnight, closed the next morning; their numbers."""
    guard = await on_duty(house)
    went = await enter(house, guard, name="小王", phone="13912345678")
    stays = await enter(house, guard, "visitor", confirmed_by="李梅", name="张阿姨", minutes=2000)
    house.clock.now += HOUR
    await departure.leave(house.ctx, guard, went.id, GATE)
    house.clock.now += 19 * HOUR
    assert await daily.turn(house.ctx)  # six in the morning
    return went.id, stays.id


async def day(house: House, number: int = TODAY) -> register.Day:
    """A day as the desk sees it."""
    return await register.of_day(house.ctx, await signed_in(house, "desk"), number)


@row("B24")
async def test_the_early_close_seals_the_day_before_and_says_so(house: House) -> None:
    went, stays = await sealed(house)
    held = await day(house)
    assert held.sealed_at == house.clock.now
    assert [(line.visit, line.way, line.state) for line in held.lines] == [
        (went, "in", "same"), (stays, "in", "same"), (went, "out", "same"),
    ]  # fmt: skip
    assert held.untouched
    open_day = await day(house, TODAY + 1)
    assert (open_day.sealed_at, open_day.untouched) == (None, False)
    assert not await daily.turn(house.ctx)
    assert await day(house) == held  # a second close seals nothing anew


@row("B24")
async def test_a_stay_changed_after_the_day_was_sealed_is_shown_as_changed(house: House) -> None:
    went, stays = await sealed(house)
    for values in (
        {"name": "老王"},
        {"in_gate": "gate-2"},
        {"in_at": house.clock.now - 20 * HOUR + 1},
        {"home": OTHER},
    ):
        async with house.ctx.store.write() as tx:
            (before,) = (await tx.execute(text(f"SELECT {', '.join(values)} FROM visit WHERE id = {went}"))).all()
            await tx.execute(update(visit).where(visit.c.id == went).values(values))
        held = await day(house)
        assert (held.untouched, {line.state for line in held.lines if line.visit == stays}) == (False, {"same"}), values
        assert "changed" in {line.state for line in held.lines if line.visit == went}, values
        async with house.ctx.store.write() as tx:
            back = dict(zip(values, before, strict=True))
            await tx.execute(update(visit).where(visit.c.id == went).values(back))
        assert (await day(house)).untouched


@row("B24")
async def test_a_stay_taken_out_is_shown_as_gone_and_one_put_in_as_added(house: House) -> None:
    went, _ = await sealed(house)
    guard = await signed_in(house, "guard")
    late = await enter(house, guard, name="纸质登记", happened_at=house.clock.now - 18 * HOUR)
    held = await day(house)
    assert held.untouched  # a correction is an added line
    assert [line.state for line in held.lines if line.visit == late.id] == ["added"]
    async with house.ctx.store.write() as tx:
        await tx.execute(delete(visit).where(visit.c.id == went))
    held = await day(house)
    assert [line.state for line in held.lines if line.visit == went] == ["gone", "gone"]
    assert not held.untouched


@row("B24")
async def test_the_lines_cannot_be_written_anew_to_fit_for_the_chain_has_their_digest(house: House) -> None:
    went, _ = await sealed(house)
    desk, before = await signed_in(house, "desk"), await day(house)
    async with house.ctx.store.write() as tx:
        await tx.execute(update(visit).where(visit.c.id == went).values(name="老王"))
        await tx.execute(delete(register_line).where(register_line.c.day == TODAY))
        seals = (await tx.execute(audit_rows.select().where(audit_rows.c.action == register.SEAL))).all()
        await tx.execute(delete(audit_rows).where(audit_rows.c.action == register.SEAL))
        await register.seal(house.ctx, tx, desk)  # anew, with the change in it
        await tx.execute(delete(audit_rows).where(audit_rows.c.action == register.SEAL))
        for one in seals:
            await tx.execute(audit_rows.insert().values(dict(one._mapping)))
    held = await day(house)
    assert (held.digest, held.whole, held.untouched) == (before.digest, False, False)
    async with house.ctx.store.write() as tx:  # nor is the seal hidden with the line of the list that tells of it
        await tx.execute(delete(audit_rows).where(audit_rows.c.action == register.SEAL))
    assert (await day(house)).sealed_at == before.sealed_at


@row("B24", "F5")
async def test_names_emptied_in_time_leave_the_day_whole_and_their_times_provable(house: House) -> None:
    admin = await signed_in(house, "admin")
    await policy.set_rule(house.ctx, admin, "estate", "retention.visit", "2", "业委会", "2026-3", "少留")
    went, _ = await sealed(house)
    house.clock.now += 3 * DAY
    assert await daily.turn(house.ctx)
    held = await day(house)
    assert {line.state for line in held.lines if line.visit == went} == {"emptied"}
    assert held.untouched
    async with house.ctx.store.write() as tx:
        await tx.execute(update(visit).where(visit.c.id == went).values(in_gate="gate-2"))
    assert not (await day(house)).untouched


@row("B24")
async def test_the_register_is_the_office_s_and_a_night_that_was_missed_is_sealed_later(house: House) -> None:
    await sealed(house)
    for login in ("guard", "limei", "committee"):
        with pytest.raises(Denied):
            await register.of_day(house.ctx, await signed_in(house, login), TODAY)
    house.clock.now += 3 * DAY
    assert await daily.turn(house.ctx)
    assert all([(await day(house, TODAY + ahead)).sealed_at is not None for ahead in range(4)])


async def traffic(house: House) -> int:
    """A visitor at the home, a courier at another; when it began."""
    guard, began = await on_duty(house), house.clock.now
    came = await enter(house, guard, "visitor", confirmed_by="李梅", name="=张阿姨", phone="13912345678")
    await enter(house, guard, home=OTHER, name="小李")
    house.clock.now += HOUR
    await departure.leave(house.ctx, guard, came.id, GATE)
    return began


@row("B10")
async def test_a_dispute_is_answered_for_a_home_a_building_or_a_gate_and_each_home_reads_it(house: House) -> None:
    began, desk = await traffic(house), await signed_in(house, "desk")

    async def names(place: str) -> list[str]:
        asked = Question(place, began, began + HOUR)
        return [one.name for one in await dispute.answered(house.ctx, desk, asked, "走廊物品丢失")]

    assert (await names(HOME), await names("b13")) == (["=张阿姨"], ["小李"])
    assert (await names(GATE), await names("gate-2")) == (["=张阿姨", "小李"], [])
    for login, home, places in (("wangfang", OTHER, {"b13", GATE}), ("limei", HOME, {HOME, GATE})):
        looked = await audit.about_home(house.ctx, await signed_in(house, login), home)
        assert {(one.action, one.detail) for one in looked if one.about} == {("visit.history", "走廊物品丢失")}
        assert {one.about for one in looked if one.action == "visit.history"} == places
    for place, start, why, wrong in (
        ("estate", began, "x", NotFound), (HOME, began, " ", BadInput), (HOME, began + 2 * HOUR, "x", BadInput),
    ):  # fmt: skip
        with pytest.raises(wrong):
            await dispute.answered(house.ctx, desk, Question(place, start, began + HOUR), why)
    for login in ("guard", "limei", "operator", "committee"):
        with pytest.raises(Denied):
            await dispute.answered(house.ctx, await signed_in(house, login), Question(HOME, began, began + 1), "x")


@row("B10")
async def test_an_answer_too_long_for_a_page_is_refused_and_never_cut(house: House) -> None:
    desk, admin, began = await signed_in(house, "desk"), await signed_in(house, "admin"), house.clock.now
    stay = {"kind": "visitor", "state": "left", "home": HOME, "asked_at": began, "in_gate": GATE, "out_at": began + 9}
    asked = Question(GATE, began, began + HOUR)
    async with house.ctx.store.write() as tx:
        await tx.execute(insert(visit), [{**stay, "in_at": began}] * 1000)
    assert len(await dispute.answered(house.ctx, desk, asked, "走廊物品丢失")) == 1000
    async with house.ctx.store.write() as tx:
        await tx.execute(insert(visit), [{**stay, "in_at": began + 1}])
    with pytest.raises(BadInput, match="many"):
        await dispute.answered(house.ctx, desk, asked, "走廊物品丢失")
    made = zipfile.ZipFile(io.BytesIO(await dispute.exported(house.ctx, admin, asked, "分局", "沪公 18", "刑诉法 54")))
    assert made.read(dispute.TABLE).decode("utf-8-sig").count("visitor") == 1001


@row("B7", "B10")
async def test_the_police_get_a_gate_s_hours_with_the_signed_log_and_who_asked_by_what_law_is_written_down(
    house: House,
) -> None:
    device, admin = await house.enrolled("gate-1-in"), await signed_in(house, "admin")
    began = await traffic(house)
    for _ in range(3):
        device.write(house.clock.now, 10, [0, 1, 2, 0, 0])
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 3, house.clock.now)
    asked = Question(GATE, began, house.clock.now + 1)
    for whom, paper, basis in (("", "沪公 18", "刑诉法"), ("分局", "", "刑诉法"), ("分局", "沪公 18", " ")):
        with pytest.raises(BadInput, match="missing"):
            await dispute.exported(house.ctx, admin, asked, whom, paper, basis)
    made = zipfile.ZipFile(io.BytesIO(await dispute.exported(house.ctx, admin, asked, "分局", "沪公 18", "刑诉法 54")))
    table = made.read(dispute.TABLE).decode("utf-8-sig")
    assert "'=张阿姨" in table  # no spreadsheet calculates a name
    assert "小李" in table
    report = judged(house, made.read(dispute.EXPORT))
    assert (report.scope, 3 in [device.last for device in report.devices]) == ("window", True)
    lines = [one for one in await audit.look_ups(house.ctx, admin) if one.action in ("visit.export", "audit.export")]
    assert {line.action for line in lines} == {"visit.export", "audit.export"}
    assert all(word in f"{lines[-1].about} {lines[-1].detail}" for word in ("分局", "沪公 18", "刑诉法 54"))
    for login in ("desk", "guard", "operator", "committee"):
        with pytest.raises(Denied):
            await dispute.exported(house.ctx, await signed_in(house, login), asked, "分局", "沪公 18", "刑诉法 54")
