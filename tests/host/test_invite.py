"""Visitor codes: two slots a home a day work everywhere; limits hold; what is taken back stays taken back."""

import pytest
from tests.host.house import DAY, HOUR, House

from gatecore import codes
from gatecore.clock import HOST, Now
from gatecore.throttle import Memory
from gatehost.model.account import Actor
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput, Denied, NotFound, Refused, SwitchedOff, TooMany
from gatehost.service.home import invite, pins, visitor_code
from gatehost.service.office import policy

HOME = "120502"


async def checked(house: House, digits: str) -> int:
    """What a real door's rules say to the digits: its own state, pulled over the link."""
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        state = await link.pull()
    now = Now(1, 0, house.clock.now, HOST)
    return codes.check_code(state, Memory(), HOME, digits, now, True).reason


async def test_a_code_opens_only_on_its_day(house: House) -> None:
    limei = await house.actor("limei")
    today = (house.clock.now + 8 * HOUR) // DAY
    made = await invite.invite(house.ctx, limei, HOME, Invitation("a", day=today + 1))
    assert made.code.works_offline
    assert made.code.state == "early"
    assert await checked(house, made.code.digits) == codes.EARLY_CODE


async def test_a_code_made_now_opens_and_also_with_the_host_away(house: House) -> None:
    limei = await house.actor("limei")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("a"))
    assert len(made.code.digits) == 8
    assert await checked(house, made.code.digits) == codes.OK


async def test_a_slot_nobody_issued_opens_only_where_the_host_is_away(house: House) -> None:
    today = (house.clock.now + 8 * HOUR) // DAY
    key = codes.zone_key(house.ctx.keys.codes, "b12", today // 30)
    digits = codes.with_check(HOME, codes.derive(key, HOME, today, 0))
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        state = await link.pull()
    now = Now(1, 0, house.clock.now, HOST)
    assert codes.check_code(state, Memory(), HOME, digits, now, True).reason == codes.WRONG
    assert codes.check_code(state, Memory(), HOME, digits, now, False).reason == codes.OK


async def test_an_ended_code_is_told_as_ended_a_day_later(house: House) -> None:
    limei = await house.actor("limei")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("a", until=house.clock.now + HOUR))
    house.clock.now += DAY
    assert await checked(house, made.code.digits) == codes.EXPIRED


async def test_the_third_code_of_a_day_says_it_works_only_at_connected_doors(house: House) -> None:
    limei = await house.actor("limei")
    made = [await invite.invite(house.ctx, limei, HOME, Invitation()) for _ in range(3)]
    assert [one.code.works_offline for one in made] == [True, True, False]
    assert len({one.code.digits for one in made}) == 3
    assert [bool(one.code.cancel) for one in made] == [True, True, False]


async def test_at_most_four_codes_of_a_home_live(house: House) -> None:
    limei = await house.actor("limei")
    made = [await invite.invite(house.ctx, limei, HOME, Invitation()) for _ in range(4)]
    with pytest.raises(TooMany):
        await invite.invite(house.ctx, limei, HOME, Invitation())
    await visitor_code.revoke(house.ctx, limei, made[0].code.id)
    await invite.invite(house.ctx, limei, HOME, Invitation())


async def test_a_revoked_slot_is_not_issued_again_that_day(house: House) -> None:
    limei = await house.actor("limei")
    first = await invite.invite(house.ctx, limei, HOME, Invitation())
    await visitor_code.revoke(house.ctx, limei, first.code.id)
    rest = [await invite.invite(house.ctx, limei, HOME, Invitation()) for _ in range(2)]
    assert [one.code.works_offline for one in rest] == [True, False]
    assert first.code.digits not in {one.code.digits for one in rest}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Invitation(day=0), "day"),
        (Invitation(uses=-1), "uses"),
        (Invitation(uses=101), "uses"),
        (Invitation(weekdays=128), "weekdays"),
        (Invitation(visitor="x" * 41), "visitor"),
        (Invitation(visitor="a\nb"), "visitor"),
        (Invitation(until=1), "until"),
        (Invitation(since=1), "until"),
        (Invitation(first_hours=-1), "first_hours"),
        (Invitation(until=1_781_488_800_000 + 32 * DAY), "until"),
        (Invitation(since=1_781_488_800_000 + 40 * DAY, until=1_781_488_800_000 + 41 * DAY), "since"),
    ],
)
async def test_a_wish_out_of_bounds_is_named_and_makes_nothing(house: House, wish: Invitation, field: str) -> None:
    limei = await house.actor("limei")
    with pytest.raises(BadInput) as wrong:
        await invite.invite(house.ctx, limei, HOME, wish)
    assert wrong.value.field == field
    assert await visitor_code.codes_of(house.ctx, limei, HOME) == ()


async def test_another_homes_codes_cannot_be_made_seen_or_revoked(house: House) -> None:
    limei, wangfang = await house.actor("limei"), await house.actor("wangfang")
    made = await invite.invite(house.ctx, limei, HOME, Invitation())
    with pytest.raises(Denied):
        await invite.invite(house.ctx, wangfang, HOME, Invitation())
    with pytest.raises(Denied):
        await visitor_code.codes_of(house.ctx, wangfang, HOME)
    for attempt in (visitor_code.code, visitor_code.revoke, visitor_code.new_link):
        with pytest.raises(NotFound):
            await attempt(house.ctx, wangfang, made.code.id)


async def test_the_visitors_link_shows_the_code_until_it_is_taken_back(house: House) -> None:
    limei = await house.actor("limei")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("a"))
    shown = await visitor_code.visitor_pass(house.ctx, made.link)
    assert (shown.digits, shown.home) == (made.code.digits, HOME)
    assert shown.doors == ("1号门入口", "12栋单元门")
    fresh = await visitor_code.new_link(house.ctx, limei, made.code.id)
    with pytest.raises(NotFound):
        await visitor_code.visitor_pass(house.ctx, made.link)
    await visitor_code.revoke(house.ctx, limei, made.code.id)
    assert (await visitor_code.visitor_pass(house.ctx, fresh)).digits == ""


async def test_codes_switched_off_tell_who_decided(house: House) -> None:
    admin, limei = await house.actor("admin"), await house.actor("limei")
    await policy.set_rule(house.ctx, admin, "b12", "visitor_codes", "off", "委员会", "2026-3", "测试")
    with pytest.raises(SwitchedOff) as told:
        await invite.invite(house.ctx, limei, HOME, Invitation())
    assert told.value.facts == {"decided_by": "委员会", "document": "2026-3", "why": "测试", "value": "off"}


async def person_with_pin(house: House) -> tuple[Actor, Actor, str]:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    return desk, limei, (await pins.give_pin(house.ctx, desk, HOME, limei.party)).digits


async def test_a_pin_has_seven_digits_and_at_most_three_live_in_a_home(house: House) -> None:
    desk, limei, digits = await person_with_pin(house)
    assert len(digits) == 7
    for _ in range(2):
        await pins.give_pin(house.ctx, desk, HOME, limei.party)
    with pytest.raises(TooMany):
        await pins.give_pin(house.ctx, desk, HOME, limei.party)
    await pins.give_pin(house.ctx, desk, HOME, limei.party, duress=True)


async def test_a_duress_pin_needs_a_pin_and_is_seen_by_its_owner_only(house: House) -> None:
    desk, limei, liqiang = [await house.actor(login) for login in ("desk", "limei", "liqiang")]
    with pytest.raises(Refused, match="duress_needs_pin"):
        await pins.give_pin(house.ctx, desk, HOME, limei.party, duress=True)
    await pins.give_pin(house.ctx, desk, HOME, limei.party)
    await pins.give_pin(house.ctx, desk, HOME, limei.party, duress=True)
    assert len(await pins.pins_of(house.ctx, limei, HOME)) == 2
    assert len(await pins.pins_of(house.ctx, liqiang, HOME)) == 1


def test_weak_pins_are_known() -> None:
    for digits in ("1111111", "1234567", "7654321", "1231231", "1990615", "2580258", "1122334", "1357913", "1234321"):
        assert pins.weak(digits), digits
    assert not pins.weak("4829016")


async def test_digits_of_pins_and_listed_codes_are_not_in_the_database(house: House) -> None:
    _, limei, digits = await person_with_pin(house)
    made = await invite.invite(house.ctx, limei, HOME, Invitation(uses=1))
    data = b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
    assert HOME.encode() in data
    assert digits.encode() not in data
    assert made.code.digits[:7].encode() not in data
    assert made.link.encode() not in data
