"""Rows F5, L12 and L15: whatever way a name came in, when its time is over no file of the host holds it."""

import json
from pathlib import Path

from sqlalchemy import String, select
from tests.host.house import House
from tests.rows.people import DAY, GATE, HOME, HOUR, approved, do, enter, on_duty, opened, paper, row, signed_in
from tests.rows.test_gatecopy import unit

from gatecore.gatecopy import DECIDED
from gatehost.model.code import Invitation
from gatehost.service.enrol import appointment
from gatehost.service.gate import asking, departure, search
from gatehost.service.home import homes, invite
from gatehost.service.office import daily, retention
from gatehost.service.paper import casework, filling, lapse, leavers
from gatehost.store import cases
from gatehost.store.table.column import metadata

NAME, PHONE, PLATE = "欧阳访客", "13987650432", "沪Z90817"
WAYS = {
    "visit.name", "visit.phone", "visit.plate", "visit.company", "visit.service", "visit.purpose", "visit.reason",
    "code.visitor", "grant.label", "credential.number", "case.form", "case.opened_by", "step.note", "step.who",
    "item.what", "audit.about", "audit.who", "gate_deed.note",
}  # fmt: skip


async def told_of(house: House) -> None:
    """A visitor's name by every way there is."""
    guard, mei = await on_duty(house), await signed_in(house, "limei")
    said = {"company": NAME, "service": NAME, "purpose": NAME, "plate": PLATE, "phone": PHONE}
    came = await enter(house, guard, "vehicle", name=NAME, discretion=f"{NAME}常来", **said)
    await departure.leave(house.ctx, guard, came.id, GATE)
    await invite.invite(house.ctx, mei, HOME, Invitation(NAME))
    asked = [await asking.ask(house.ctx, GATE, HOME, NAME, PHONE, NAME) for _ in range(2)]
    assert len(asked) == 2
    case, _ = await asking.waiting(house.ctx, mei)  # the other one is never answered
    await asking.answer(house.ctx, mei, case.id, yes=True)
    await approved(house, "temp_pass", name=NAME, until=house.clock.now + DAY)
    parking = await approved(house, "temp_parking", plate=PLATE, until=house.clock.now + DAY)
    await do(house, "guard", parking, "give_back")
    for words in (NAME, PHONE[-4:], PLATE, f"{NAME}不在"):
        await search.search(house.ctx, guard, words)
    await homes.find(house.ctx, await signed_in(house, "desk"), f"{NAME}家")
    slip = await opened(house, "desk", "item_release", applicant="owner", direction="out", mover=NAME)
    held = await paper(house, slip)
    await filling.add_goods(
        house.ctx, await signed_in(house, "desk"), slip.id, held.case.version, f"{NAME}的沙发", "", 1
    )
    await do(house, "desk", slip, "cancel", f"{NAME}不搬了")
    at = await unit(house)
    line = await at.connected()
    at.wrote(guard, DECIDED, house.clock.now, home=HOME, name=NAME, phone=PHONE, note=f"{NAME}下雨")
    await at.deliver(line, house.clock.now)
    await line.__aexit__(None, None, None)


async def columns_with(house: House, *words: str) -> set[str]:
    """The columns of every table that hold one of these words."""
    found = set()
    async with house.ctx.store.read() as tx:
        for table in metadata.tables.values():
            texts = [column for column in table.c if isinstance(column.type, String)]
            for values in await tx.execute(select(*texts)) if texts else ():
                said = zip(texts, values, strict=True)
                found |= {str(column) for column, value in said if any(word in (value or "") for word in words)}
    return found


def in_files(folder: Path, *words: str) -> set[str]:
    """What of the words any file holds, as it is or as JSON writes it; freed pages and the write-ahead log included."""
    kept = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    forms = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    return {word for word, written in forms.items() if any(one in kept for one in written)}


@row("F5", "L12", "L15")
async def test_a_visitor_s_name_is_in_no_file_when_its_time_is_over_whichever_way_it_came_in(house: House) -> None:
    await told_of(house)
    assert await columns_with(house, NAME, PHONE, PLATE) == WAYS
    assert in_files(house.folder, NAME, PHONE, PLATE) == {NAME, PHONE, PLATE}
    house.clock.now += 4 * DAY
    await departure.close(house.ctx, await signed_in(house, "desk"), [2], "未见离开")  # whom the unit told of
    house.clock.now += 19 * HOUR
    assert await daily.turn(house.ctx)
    house.clock.now += 240 * DAY
    assert await daily.turn(house.ctx)
    assert await columns_with(house, NAME, PHONE, PLATE) == set()
    assert in_files(house.folder, NAME, PHONE, PLATE) == set()
    (_, report), *_ = await retention.reports(house.ctx, await signed_in(house, "admin"))
    assert (report.stays, report.papers > 3, report.guests > 4, report.searches > 4) == (2, True, True, True)


@row("F5", "B28")
async def test_a_guest_s_paper_ends_with_its_right_and_one_nobody_answered_with_the_time_it_asked_for(
    house: House,
) -> None:
    mei = await signed_in(house, "limei")
    for _ in range(2):
        await asking.ask(house.ctx, GATE, HOME, NAME, "", "")
    answered, waits = await asking.waiting(house.ctx, mei)
    await asking.answer(house.ctx, mei, answered.id, yes=True)
    long = await approved(
        house, "contractor_pass", name="刘师傅", company="x", service="x", until=house.clock.now + 30 * DAY
    )
    house.clock.now += 2 * DAY
    assert await lapse.lapse(house.ctx) == 0  # the visitor's page still says how it ended
    house.clock.now += DAY
    assert await lapse.lapse(house.ctx) == 2
    async with house.ctx.store.read() as tx:
        found = [await cases.get(tx, number) for number in (answered.id, waits.id, long.id)]
    assert [one and (one.state, one.closed_at is None) for one in found] == [
        ("closed", False), ("cancelled", False), ("approved", True),
    ]  # fmt: skip
    assert await lapse.lapse(house.ctx) == 0


@row("F5", "L15")
async def test_who_moved_away_is_nameless_when_the_time_of_their_papers_is_over(house: House) -> None:
    admin, desk, chen = [await signed_in(house, login) for login in ("admin", "desk", "chenzu")]
    case = await opened(house, "chenzu", "face_enrol", kind="deed", name="陈租")
    await do(house, "chenzu", case, "apply")
    await appointment.book(house.ctx, chen, case.id, house.clock.now + HOUR)
    assert "陈租" in str(await homes.find(house.ctx, desk, "陈租"))
    (tie,) = [one.tie.id for one in (await homes.sheet(house.ctx, desk, HOME)).members if one.party.id == chen.party]
    await do(house, "chenzu", await casework_case(house, case.id), "cancel")
    await leavers.person_left(house.ctx, desk, tie)
    house.clock.now += 1095 * DAY - HOUR
    assert (await retention.run(house.ctx)).people == 0
    house.clock.now += 2 * HOUR
    assert (await retention.run(house.ctx)).people == 1
    assert await columns_with(house, "陈租", "139 0000 7788", "chenzu") == set()
    (house.folder / "estate.toml").unlink()  # what the estate was founded from is the technician's to put away
    assert in_files(house.folder, "陈租", "139 0000 7788") == set()
    assert (await retention.run(house.ctx)).people == 0
    assert (await homes.sheet(house.ctx, desk, HOME)).members  # and nobody else's
    assert admin.name


async def casework_case(house: House, number: int) -> casework.Case:
    """A paper's head."""
    return (await casework.paper(house.ctx, await signed_in(house, "desk"), number)).case
