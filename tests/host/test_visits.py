"""Who came, told to whom it concerns: the home sees names and labels, the office numbers, and every look is written."""

from pathlib import Path

import pytest
from tests.host.device import Connection, Played
from tests.host.house import DAY, ESTATE, House
from tests.host.house import house as house_of

from gatecore import codes, events, frames
from gatecore.records import ACCESS, CODE, DERIVED_FLAG, GRANTED, PIN, Private
from gatehost.model.code import Invitation
from gatehost.model.errors import Denied, NotFound
from gatehost.service.evidence import audit, visits
from gatehost.service.home import homes, invite, visitor_code
from gatehost.service.office import policy
from gatehost.service.ports import News
from gatehost.store import codes as code_rows

HOME = "120502"


async def used(house: House, link: Connection, code_id: int) -> None:
    """A visitor opens with an issued code, as the door would write it."""
    async with house.ctx.store.read() as tx:
        row = await code_rows.get(tx, code_id)
    assert row is not None
    await sent(house, link, HOME, row.mark)


async def sent(house: House, link: Connection, home: str, mark: bytes, method: int = CODE, duress: int = 0) -> None:
    """An access written and delivered."""
    device: Played = link.device
    private = Private(bytes(16), home.encode(), [home, None, mark, duress]).to_wire()
    device.write(house.clock.now, ACCESS, [0, GRANTED, method, 0, DERIVED_FLAG], private)
    await link.deliver(device.chain.seq, device.chain.seq, house.clock.now)
    await link.settle()


async def test_the_home_sees_its_visitor_by_the_codes_label_at_once_and_in_the_list(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("快递"))
    async with device.connect() as link, house.ctx.pages.open(limei) as news:
        await link.greet()
        await used(house, link, made.code.id)
        told: News = await anext(news)
        assert (told.kind, told.body["visitor"], told.body["granted"]) == ("entry", "快递", True)
    (line,) = (await visits.who_came(house.ctx, limei, HOME)).lines
    assert (line.visitor, line.code, line.door, line.method) == ("快递", made.code.id, "12栋单元门", CODE)
    assert (await visitor_code.code(house.ctx, limei, made.code.id)).used == 1


async def test_a_code_used_at_an_unconnected_door_is_known_by_its_digits(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("亲戚"))
    mark = codes.digest(house.ctx.keys.list_key(device.dev), HOME, made.code.digits[:7])
    async with device.connect() as link:
        await link.greet()
        await sent(house, link, HOME, mark)
    (line,) = (await visits.who_came(house.ctx, limei, HOME)).lines
    assert (line.visitor, line.flags) == ("亲戚", DERIVED_FLAG)
    assert (await visitor_code.code(house.ctx, limei, made.code.id)).used == 1


async def test_the_office_is_told_of_an_entry_without_home_or_name(house: House) -> None:
    device, limei, desk = await house.enrolled("b12-door"), await house.actor("limei"), await house.actor("desk")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("快递"))
    async with device.connect() as link:
        await link.greet()
        async with house.ctx.pages.open(desk) as news:
            await used(house, link, made.code.id)
            told: News = await anext(news)
    assert (told.kind, told.body["home"], told.body["visitor"], told.body["person"]) == ("entry", "", "", "")
    for lines in (await visits.latest(house.ctx, desk), await visits.door_log(house.ctx, desk, "b12-door")):
        assert [(line.home, line.visitor) for line in lines.lines] == [("", "")]


async def test_another_home_sees_nothing(house: House) -> None:
    with pytest.raises(Denied):
        await visits.who_came(house.ctx, await house.actor("wangfang"), HOME)
    with pytest.raises(Denied):
        await visits.door_log(house.ctx, await house.actor("limei"), "b12-door")


async def test_pages_of_a_list_join_without_gap_or_repeat(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    for number in range(25):
        device.opened(house.clock.now + number // 3, HOME, bytes(16))
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 25, house.clock.now)
    seen, before = [], None
    while True:
        page = await visits.who_came(house.ctx, limei, HOME, before, 4)
        seen += [line.seq for line in page.lines]
        if page.older is None:
            break
        before = page.older
    assert seen == list(range(25, 0, -1))


async def test_a_look_by_staff_is_written_and_the_home_can_read_who(house: House) -> None:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await visits.who_came(house.ctx, desk, HOME)
    await homes.sheet(house.ctx, desk, HOME)
    await visits.who_came(house.ctx, limei, HOME)
    looked = await audit.about_home(house.ctx, limei, HOME)
    assert [(one.who, one.action) for one in looked] == [("Front desk", "home.see"), ("Front desk", "visit.see")]


async def test_duress_alarms_those_the_rule_names_and_shows_on_no_list(house: House) -> None:
    device, limei, desk = await house.enrolled("b12-door"), await house.actor("limei"), await house.actor("desk")
    async with device.connect() as link:
        await link.greet()
        await sent(house, link, HOME, bytes(16), PIN, duress=1)
        async with house.ctx.pages.open(limei) as home_news, house.ctx.pages.open(desk) as desk_news:
            await link.say(frames.ALERT, events.ALERT_DURESS, HOME)
            await link.settle()
            assert (await anext(desk_news)).body["kind"] == events.ALERT_DURESS
            house.ctx.pages.close()
            assert [one async for one in home_news] == []
    (line,) = (await visits.who_came(house.ctx, limei, HOME)).lines
    assert "duress" not in str(line).lower()
    assert [alarm.kind for alarm in (await visits.today(house.ctx, desk)).alarms] == [events.ALERT_DURESS]
    admin = await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", "duress_alarm", "admin", "x", "", "y")
    assert (await visits.today(house.ctx, desk)).alarms == ()
    assert len((await visits.today(house.ctx, admin)).alarms) == 1


async def test_the_day_in_numbers_and_an_alarm_looked_at(house: House) -> None:
    device, desk = await house.enrolled("b12-door"), await house.actor("desk")
    device.opened(house.clock.now, HOME, bytes(16))
    device.opened(house.clock.now - DAY, HOME, bytes(16))
    device.write(house.clock.now, ACCESS, [0, 0, CODE, codes.WRONG, 0])
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 3, house.clock.now)
        await link.say(frames.ALERT, events.ALERT_TAMPER, "")
        await link.settle()
        today = await visits.today(house.ctx, desk)
        assert (today.doors, today.doors_connected, today.granted, today.refused) == (1, 1, 1, 1)
        assert today.by_reason == ((codes.WRONG, 1),)
    seen = await visits.seen(house.ctx, desk, today.alarms[0].id)
    assert seen.seen_by == "Front desk"
    assert (await visits.today(house.ctx, desk)).alarms == ()
    with pytest.raises(NotFound):
        await visits.seen(house.ctx, desk, 999)


TWO_GATES = (
    ESTATE
    + """
[[gate]]
id = "gate-2"
name = "2号门"
buildings = ["b12", "b13"]
[[door]]
slot = "gate-2-in"
at = "gate-2"
name = "2号门入口"
"""
)


async def let_in(house: House, device: Played, digits: str) -> None:
    """A door that was not connected opened by the code, and has come back."""
    mark = codes.digest(house.ctx.keys.list_key(device.dev), HOME, digits[:7])
    async with device.connect() as link:
        await link.greet()
        await sent(house, link, HOME, mark)


@pytest.mark.parametrize(
    ("uses", "slots", "conflicts"),
    [
        (1, ("gate-1-in", "b12-door"), 0),  # the visitor's way
        (1, ("gate-1-in", "b12-door", "gate-2-in"), 1),
        (3, ("gate-1-in", "gate-2-in"), 0),
    ],
)
async def test_a_code_for_one_visit_that_let_in_twice_is_told_to_the_home_and_the_office(
    tmp_path: Path, uses: int, slots: tuple[str, ...], conflicts: int
) -> None:
    async with house_of(tmp_path, TWO_GATES) as house:
        limei, admin = await house.actor("limei"), await house.actor("admin")
        made = await invite.invite(house.ctx, limei, HOME, Invitation("快递", uses=uses))
        async with house.ctx.pages.open(limei) as news:
            for slot in slots:
                await let_in(house, await house.enrolled(slot), made.code.digits)
            heard = [await anext(news) for _ in range(len(slots) + conflicts)]
        told = [one.body for one in heard if one.kind == "alarm"]
        assert [(body["kind"], body["home"], body["code"]) for body in told] == [(101, HOME, made.code.id)] * conflicts
        alarms = (await visits.today(house.ctx, admin)).alarms
        assert [(alarm.kind, alarm.home) for alarm in alarms] == [(101, HOME)] * conflicts
        assert (await visitor_code.code(house.ctx, limei, made.code.id)).twice is bool(conflicts)


async def test_a_conflict_is_told_once_however_often_the_code_opens_after_it(tmp_path: Path) -> None:
    async with house_of(tmp_path, TWO_GATES) as house:
        limei, admin = await house.actor("limei"), await house.actor("admin")
        made = await invite.invite(house.ctx, limei, HOME, Invitation("快递", uses=1))
        one, other = await house.enrolled("gate-1-in"), await house.enrolled("gate-2-in")
        for device in (one, other, one):
            await let_in(house, device, made.code.digits)
        assert len((await visits.today(house.ctx, admin)).alarms) == 1
