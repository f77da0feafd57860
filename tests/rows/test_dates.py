"""Rows A6, D5, D7, E9, E16, E25, F5: limits and deadlines on days that are easily counted wrong, in two zones."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import DAY, ESTATE, GATE, HOME, HOUR, MINUTE, do, on_duty, opened, person, row, tick_all
from tests.rows.test_slip import approved, counted, handed_in

from gatecore import codes
from gatecore.clock import HOST, Now
from gatecore.throttle import Memory
from gatehost.model.errors import BadInput
from gatehost.model.place import Estate
from gatehost.service.home import homes
from gatehost.service.office import statistics
from gatehost.store import faces
from gatehost.store import people as people_rows
from gatehost.web.words import moment

SUMMER = """utc_offset_minutes = 60
offsets = [
  {from = 2026-03-29T01:00:00Z, minutes = 120}, {from = 2026-10-25T01:00:00Z, minutes = 60},
  {from = 2027-03-28T01:00:00Z, minutes = 120}, {from = 2027-10-31T01:00:00Z, minutes = 60},
  {from = 2028-03-26T01:00:00Z, minutes = 120}, {from = 2028-10-29T01:00:00Z, minutes = 60},
]"""
ZONES = {"one time": "utc_offset_minutes = 480", "summer time": SUMMER}
# ends of a month, of February in two kinds of year and of a year; the days before the clocks are changed
ODD = ("2027-01-31 23:59", "2027-02-28 23:30", "2027-03-27 23:45", "2027-10-30 23:30", "2027-12-31 23:59",
       "2028-02-28 23:59", "2028-02-29 12:00")  # fmt: skip


@pytest.fixture(params=ZONES)
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """The estate of the rows where clocks are never changed, and where they are twice a year."""
    zone = ZONES[request.param]
    async with running(tmp_path, ESTATE.replace("utc_offset_minutes = 480", zone)) as made:
        yield made


async def at(house: House, told: str) -> tuple[int, Estate]:
    """Sets the clock to a time of the estate's own; (ms UTC, the estate)."""
    estate = await homes.estate(house.ctx)
    assert estate is not None
    house.clock.now = moment.instant(datetime.fromisoformat(told), estate)
    house.__dict__.pop("known", None)  # a session does not last for months
    return house.clock.now, estate


@row("D5", "D7", "E16", "D12")
async def test_no_right_is_a_moment_longer_than_its_limit_on_any_day_of_the_year(house: House) -> None:
    rights = (
        ("temp_pass", 3, {"name": "张"}),
        ("temp_parking", 7, {"plate": "沪C88888"}),
        ("standing_item_pass", 365, {"name": "李梅", "what": "工具箱"}),
    )
    for told in ODD[2:6]:
        now, _ = await at(house, told)
        for kind, days, form in rights:
            case = await opened(house, "desk", kind, of="limei", **form, since=now, until=now + days * DAY)
            assert (await do(house, "desk", case, "apply")).state == "waiting", (told, kind)
            more = await opened(house, "desk", kind, of="limei", **form, since=now, until=now + days * DAY + 1)
            with pytest.raises(BadInput, match="limit"):
                await do(house, "desk", more, "apply")


@row("D5")
async def test_a_pass_over_midnight_and_a_change_of_clocks_ends_at_the_door_when_it_says(house: House) -> None:
    from tests.rows.test_pass import digits, given

    door = await house.enrolled("b12-door")
    for told in ("2027-03-27 22:00", "2027-10-30 22:00", "2027-12-31 23:00"):
        now, _ = await at(house, told)
        case = await opened(house, "desk", "temp_pass", of="limei", name="张", since=now, until=now + 6 * HOUR)
        case = await do(house, "desk", case, "apply")
        await tick_all(house, case)
        right = await given(house, await do(house, "desk", case, "sign"))
        async with door.connect() as link:
            await link.greet()
            state = await link.pull()
        eight = await digits(house, right)
        for after, opens in ((0, True), (3 * HOUR, True), (6 * HOUR - MINUTE, True), (6 * HOUR, False)):
            verdict = codes.check_code(state, Memory(), HOME, eight, Now(1, 1, now + after, HOST), False)
            assert (verdict.reason == codes.OK) is opens, (told, after)


@row("E9")
async def test_half_past_eight_is_half_past_eight_on_the_day_the_clocks_are_changed(house: House) -> None:
    for told, due in (("2027-03-27 10:00", "2027-03-28 08:30"), ("2028-02-28 10:00", "2028-02-29 08:30")):
        _, estate = await at(house, told)
        await on_duty(house)
        case = await approved(house)
        await do(house, "guard", case, "arrive", gate_id=GATE)
        await counted(house, case, 1, 6)
        out = await do(house, "guard", case, "release", verdict="id_seen")
        assert out.archive_due_at is not None
        assert moment.local(out.archive_due_at, estate) == datetime.fromisoformat(due)


@row("E13", "E21")
async def test_goods_never_get_a_night_by_a_time_that_ends_the_next_morning(house: House) -> None:
    for told in ("2027-01-31 19:00", "2027-03-27 19:00"):
        now, _ = await at(house, told)
        with pytest.raises(BadInput, match="day"):
            await handed_in(house, since=now, until=now + 14 * HOUR)
        assert (await handed_in(house, since=now, until=now + HOUR)).state == "waiting_review"


@row("E21", "B8")
def test_hours_that_would_let_nothing_through_are_no_decision() -> None:
    from gatehost.model.policy import TIMES, allowed

    spans = ("08:00-20:00", "00:00-23:59", "20:00-08:00", "24:00-25:00", "8-20")
    for key in (key for key, value in TIMES.items() if "-" in value):
        assert [told for told in spans if allowed(key, told)] == ["08:00-20:00", "00:00-23:59"]


@row("A6")
async def test_a_lease_ends_at_the_end_of_its_last_day_by_the_clock_of_that_day(house: House) -> None:
    tenant, last = await person(house, "chenzu"), "2027-07-31"
    _, estate = await at(house, "2026-12-15 10:00")
    form = {"kind": "tenant", "name": "陈租", "lease_from": "2026-01-01", "lease_until": last}
    case = await opened(house, "desk", "face_enrol", of="chenzu", **form)
    async with house.ctx.store.write() as tx:
        await faces.put_consent(tx, tenant, "face-entry", "face-consent/1", "陈租", house.clock.now)
    case = await do(house, "desk", case, "apply")
    await tick_all(house, case)
    for act in ("approve", "capture", "confirm", "activate"):
        case = await do(house, "desk", case, act)
    async with house.ctx.store.read() as tx:
        held = await people_rows.ties_of_home(tx, HOME, house.clock.now)
    (end,) = [tie.until for party, tie in held if party.id == tenant]
    assert end is not None
    assert f"{moment.local(end - 1, estate):%Y-%m-%d %H:%M}" == f"{last} 23:59"
    assert f"{moment.local(end, estate):%Y-%m-%d %H:%M}" == "2027-08-01 00:00"


@row("E25")
async def test_working_days_are_counted_over_the_end_of_a_month_and_a_year(house: House) -> None:
    for told, sooner, soonest in (
        ("2027-02-25 23:30", "2027-03-01", "2027-03-02"),  # a Thursday: Friday, Monday, Tuesday
        ("2027-12-30 00:10", "2028-01-03", "2028-01-04"),
        ("2028-02-28 10:00", "2028-03-01", "2028-03-02"),
    ):
        await at(house, told)
        early = await opened(house, "limei", "move_out", date=sooner)
        with pytest.raises(BadInput, match="notice"):
            await do(house, "limei", early, "apply")
        case = await opened(house, "limei", "move_out", date=soonest)
        assert (await do(house, "limei", case, "apply")).state == "waiting"


@row("F5")
async def test_a_data_request_is_due_seven_days_later_whatever_the_month(house: House) -> None:
    for told in ODD:
        now, _ = await at(house, told)
        case = await opened(house, "limei", "data_request", wish="see", what="全部")
        assert case.due_at == now + 7 * DAY


@row("B11")
async def test_entries_are_counted_in_their_own_hour_and_day_before_and_after_the_clocks_are_changed(
    house: House,
) -> None:
    from tests.rows.people import enter

    for told in ("2027-03-27 00:10", "2027-03-29 00:10"):
        await at(house, told)
        guard = await on_duty(house)
        for _ in range(6):
            await enter(house, guard)
    await at(house, "2027-03-30 12:00")
    found = await statistics.statistics(house.ctx, await house.actor("admin"), 7)
    assert found.hours["00"]["courier"] == 12
    assert [day["courier"] for day in found.days.values()] == [0, 0, 0, 0, 6, 0, 6]
