"""A computer that wakes up in another year: doors keep what they hold, nothing is erased before a person has looked."""

import pytest
from tests.host.house import DAY, HOUR, START, House

from gatehost.model.errors import Denied
from gatehost.service import hostclock, publish
from gatehost.service.home import homes
from gatehost.service.office import daily, retention
from gatehost.store import audits, devices
from gatehost.store.erasures import remembered

YEAR = 365 * DAY
YEAR_2000 = 946_684_800_000


async def newest_state(house: House, dev: str) -> tuple[int, int]:
    """(generation, version) of what waits for a door."""
    async with house.ctx.store.read() as tx:
        row = await devices.by_dev(tx, dev)
    assert row is not None
    return row.sent_generation, row.sent_version


async def erasing(house: House) -> bool:
    """Whether a night's work was done, and left its line."""
    done = await daily.turn(house.ctx)
    async with house.ctx.store.read() as tx:
        last = await audits.last(tx, retention.RUN)
    assert done == (last == house.clock.now)
    return done


async def test_a_host_that_wakes_up_in_2000_tells_no_door_that_everybody_s_right_has_ended(house: House) -> None:
    door = await house.enrolled("b12-door")
    await publish.publish_all(house.ctx)
    assert await hostclock.keep(house.ctx)
    held = await newest_state(house, door.name)
    house.clock.now = YEAR_2000
    assert not await hostclock.keep(house.ctx)
    await homes.add_person(house.ctx, await house.actor("desk"), "120501", "周宁", "owner")  # nor what a person does
    assert await publish.publish_all(house.ctx) == ()
    assert await newest_state(house, door.name) == held
    house.clock.now = START + HOUR  # the time came over the network: nobody has to do anything
    assert await hostclock.keep(house.ctx)
    assert await publish.publish_all(house.ctx) == (door.name,)


async def test_a_host_that_wakes_up_ten_years_ahead_erases_nothing_before_a_person_has_looked(house: House) -> None:
    door = await house.enrolled("b12-door")
    door.opened(START, "120502", bytes(16))
    async with door.connect() as link:
        await link.greet()
        await link.deliver(1, 1, START)
    house.clock.now += DAY
    assert await hostclock.keep(house.ctx)
    assert await erasing(house)
    house.clock.now += 10 * YEAR
    assert not await hostclock.keep(house.ctx)
    assert not await erasing(house)
    assert hostclock.standing(house.ctx).wrong == hostclock.AHEAD
    assert await publish.publish_all(house.ctx) == (door.name,)  # it may just have been off: doors need their keys
    async with house.ctx.store.read() as tx:
        assert await remembered(tx) == {}
    with pytest.raises(Denied):
        await hostclock.say_right(house.ctx, await house.actor("desk"))
    await hostclock.say_right(house.ctx, await house.actor("admin"))
    assert await erasing(house)
    async with house.ctx.store.read() as tx:
        assert await remembered(tx)  # the night after it is like any other: what is over, is over


async def test_two_weeks_off_need_nobody_and_a_day_more_does(house: House) -> None:
    assert await hostclock.keep(house.ctx)
    house.clock.now += hostclock.AHEAD_MS
    assert await erasing(house)
    house.clock.now += 1
    assert hostclock.standing(house.ctx).wrong == hostclock.AHEAD
    assert not await erasing(house)


async def test_a_clock_that_was_wrong_when_it_was_believed_is_put_right_by_a_person(house: House) -> None:
    house.clock.now = START + 10 * YEAR
    assert await hostclock.keep(house.ctx)  # the first start, on a wrong date
    house.clock.now = START
    assert hostclock.standing(house.ctx).wrong == hostclock.BEHIND
    await hostclock.say_right(house.ctx, await house.actor("admin"))
    assert hostclock.standing(house.ctx) == hostclock.Standing(hostclock.RIGHT, START)


@pytest.mark.parametrize("content", [b"", b"x", b"17 Nov", b"\xff\xfe", b"9" * 5000])
async def test_a_spoilt_file_is_written_anew_and_stops_nothing(house: House, content: bytes) -> None:
    (house.folder / "clock").write_bytes(content)
    assert await hostclock.keep(house.ctx)
    assert hostclock.standing(house.ctx) == hostclock.Standing(hostclock.RIGHT, START)


async def test_a_clock_set_back_by_less_than_an_hour_is_no_wrong_clock(house: House) -> None:
    assert await hostclock.keep(house.ctx)
    house.clock.now -= HOUR
    assert await hostclock.keep(house.ctx)
    assert hostclock.standing(house.ctx).last == START  # what was believed never goes back by itself
    house.clock.now -= 1
    assert not await hostclock.keep(house.ctx)
