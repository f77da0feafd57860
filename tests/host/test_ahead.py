"""What time takes away is said while somebody can still act: certificates, clocks, cards, doors away, the disk."""

import asyncio
import datetime
import ssl
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from tests.host.device import Connection
from tests.host.house import DAY, HOUR, START, House
from tests.host.test_outside import committee, cosigned
from tests.host.test_publish import held as rows_of

from gatecore import frames
from gatecore.clock import BATTERY, FLOOR, HOST, MINUTE_MS, day_of
from gatecore.codes import EPOCH_DAYS
from gatecore.records import ClockOrder
from gatecore.state import PEOPLE
from gatehost import authority
from gatehost.__main__ import _keep_certificate
from gatehost.model.account import DESK
from gatehost.model.errors import BadInput, DoorSilent, Refused
from gatehost.model.grant import CARD, CEILINGS
from gatehost.service import calendar, hostclock, publish, ruling, zone
from gatehost.service.door import orders
from gatehost.service.evidence import checkpoints
from gatehost.service.office import ahead, policy, staff
from gatehost.store import accounts as account_rows
from gatehost.store import devices, places
from gatehost.store.table.estate import tie
from gatehost.store.table.right import credential

YEAR = 365 * DAY
NAMES = ("127.0.0.1",)
MADRID = ZoneInfo("Europe/Madrid")


def plenty(_: Path) -> int:
    return 1 << 50


async def told(house: House, *but: str) -> tuple[ahead.Ahead, ...]:
    """What the administrator reads."""
    found = await ahead.ahead(house.ctx, await house.actor("admin"), plenty)
    return tuple(one for one in found if one.kind not in but)


# --- certificates


async def shown(house: House) -> tuple[bytes, ssl.SSLObject | None]:
    """The certificate the device port shows whoever connects now."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(house.ctx.device_url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    held = writer.get_extra_info("ssl_object")
    writer.close()
    return held.getpeercert(binary_form=True), held


async def test_a_host_that_runs_for_years_shows_doors_a_certificate_that_holds(house: House) -> None:
    """Nobody starts it again: the leaf of 800 days is made anew 60 days before its end, and doors come back."""
    door = await house.enrolled("b12-door")
    first, _ = await shown(house)
    port = house.port
    house.clock.now += 739 * DAY
    await _keep_certificate(house.ctx, NAMES, port)
    assert (await shown(house))[0] == first
    house.clock.now += 2 * DAY
    await _keep_certificate(house.ctx, NAMES, port)
    second, _ = await shown(house)
    assert second != first
    ends = x509.load_der_x509_certificate(second).not_valid_after_utc.timestamp() * 1000
    assert ends - house.clock.now == 800 * DAY
    async with door.connect() as link:  # by the authority it was given on its first day
        await link.greet()


async def test_a_leaf_that_was_not_renewed_is_told_a_month_before_its_end(house: House) -> None:
    house.clock.now = house.ctx.keys.ends() - 30 * DAY
    assert await told(house, ahead.SEASONS) == ()
    house.clock.now += 1
    assert [one.kind for one in await told(house)] == [ahead.CERTIFICATE]


def test_the_authority_no_door_can_be_given_anew_does_not_end(tmp_path: Path) -> None:
    made = authority.authority(tmp_path, NAMES, START)
    held = x509.load_der_x509_certificate(made.ca_der)
    assert held.not_valid_after_utc == datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
    x509.load_pem_x509_certificate(made.leaf_path.read_bytes()).verify_directly_issued_by(held)


# --- the table of clocks


def test_a_zone_s_table_goes_on_where_the_old_one_ended_and_leaves_what_was() -> None:
    held = ((0, 60), (1_774_746_000_000, 120))  # 2026-03-29, and nobody wrote what comes after it
    made = zone.table(MADRID, held, START)
    assert made[:2] == held
    assert made[2:] == (
        (1_792_890_000_000, 60),  # 2026-10-25 01:00 UTC
        (1_806_195_600_000, 120),  # 2027-03-28
        (1_824_944_400_000, 60),  # 2027-10-31
        (1_837_645_200_000, 120),  # 2028-03-26
    )
    assert zone.table(MADRID, made, START) == made


@pytest.mark.parametrize("name", ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "UTC"])
def test_over_five_years_every_hour_is_the_zone_s_and_no_row_moves(name: str) -> None:
    """Looked at once in a fortnight, as a host that is switched on now and then; 2028 is a leap year."""
    there, held = ZoneInfo(name), ((0, 480),)
    for now in range(START, START + 5 * YEAR, 14 * DAY):
        made = zone.table(there, held, now)
        assert made[: len([row for row in held if row[0] <= now])] == tuple(row for row in held if row[0] <= now)
        held = made
        turns = [at for since, _ in held if since > now for at in (since - MINUTE_MS, since)]
        for hour in (*range(now, now + 14 * DAY, 3 * HOUR), *turns):
            local = datetime.datetime.fromtimestamp(hour // 1000, there)
            shift = local.utcoffset()
            assert shift is not None
            assert calendar.local_ms(hour, held) - hour == shift.total_seconds() * 1000


async def test_doors_are_told_the_summer_time_of_years_that_were_not_written_down(house: House) -> None:
    door, admin = await house.enrolled("b12-door"), await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", zone.RULE, "Europe/Madrid", "物业", "", "这里实行夏令时")
    versions = 0
    for year in range(5):
        house.clock.now = START + year * YEAR
        await zone.keep(house.ctx)
        async with door.connect() as link:
            await link.greet()
            state = await link.pull()
        versions, before = state.version, versions
        assert versions > before
        future = [row for row in state.offsets if row[0] > house.clock.now]
        assert future[-1][0] > house.clock.now + YEAR, "more than a year ahead, for a door that is then cut off"
        assert not await zone.keep(house.ctx), "once is enough"
    assert ahead.SEASONS not in {one.kind for one in await told(house)}


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../../etc/passwd", "Europe", "/etc/localtime", "x" * 41, "UTC+8"])
async def test_what_is_no_zone_is_refused(house: House, name: str) -> None:
    with pytest.raises(BadInput):
        await policy.set_rule(house.ctx, await house.actor("admin"), "estate", zone.RULE, name, "物业", "", "测试")
    async with house.ctx.store.read() as tx:
        estate = await places.the_estate(tx)
        assert (await ruling.in_force(tx, zone.RULE, "estate")).value == ""
    assert estate is not None
    assert estate.offsets == ((0, 480),)


async def test_a_table_of_summer_time_that_ends_is_told_before_the_first_wrong_hour(house: House) -> None:
    async with house.ctx.store.write() as tx:
        await places.set_offsets(tx, zone.table(MADRID, ((0, 60),), START))
    last = 1_837_645_200_000
    house.clock.now = last - 241 * DAY
    assert ahead.SEASONS not in {one.kind for one in await told(house)}
    house.clock.now = last - 239 * DAY
    assert ahead.Ahead(ahead.SEASONS, at=last) in await told(house)


# --- doors


async def gone(house: House, dev: str) -> None:
    """Returns when the host has written down that a door has left now."""
    seen = None
    while seen != house.clock.now:
        async with house.ctx.store.read() as tx:
            row = await devices.by_dev(tx, dev)
        seen = row and row.last_seen


async def test_a_door_that_is_away_is_told_with_what_ends_there_and_when(house: House) -> None:
    door = await house.enrolled("b12-door")
    async with door.connect() as link:
        await link.greet()
        await link.pull()
        house.clock.now += 8 * DAY
        assert await told(house) == ()
    await gone(house, door.name)
    house.clock.now += 7 * DAY
    assert await told(house) == ()
    house.clock.now += 1
    [one] = await told(house)
    assert (one.kind, one.slot) == (ahead.AWAY, "b12-door")
    offsets, left = ((0, 480),), START + 8 * DAY
    epoch = day_of(left, offsets) // EPOCH_DAYS
    assert one.at is not None
    assert one.then is not None
    assert {day_of(one.at - 1, offsets) // EPOCH_DAYS, day_of(one.at, offsets) // EPOCH_DAYS} == {epoch + 1, epoch + 2}
    rights = {int(str(row[3])) for row in rows_of(door.state, PEOPLE)}
    assert max(rights) * 1000 <= one.then


@pytest.mark.parametrize(("quality", "astray"), [(FLOOR, True), (BATTERY, True), (HOST, False)])
async def test_a_door_that_does_not_take_the_host_s_time_is_told_and_can_be_ordered_to(
    house: House, quality: int, astray: bool
) -> None:
    """A floor of another year, or a battery clock more than an hour away: only the order sets it right."""
    door, admin = await house.enrolled("b12-door"), await house.actor("admin")
    with pytest.raises(DoorSilent):
        await orders.set_clock(house.ctx, admin, door.name, "电池没电")
    async with door.connect() as link:
        await link.greet()
        async with house.ctx.store.write() as tx:
            row = await devices.by_dev(tx, door.name)
            assert row is not None
            await devices.change(tx, row.no, quality=quality)
        assert [one.kind for one in await told(house)] == ([ahead.ASTRAY] if astray else [])
        with pytest.raises(BadInput):
            await orders.set_clock(house.ctx, admin, door.name, " ")
        ordered = asyncio.create_task(orders.set_clock(house.ctx, admin, door.name, "电池没电"))
        order = await taken(link)
        assert order == ClockOrder(door.dev, house.clock.now, order.challenge)
        assert await ordered


async def taken(link: Connection) -> ClockOrder:
    """The order, believed by the law book with the challenge it was asked for, and carried out."""
    (ticket,) = await link.take(frames.ASK)
    await link.say(frames.CHALLENGE, ticket, link.device.trust.challenge(0))
    (signed,) = await link.take(frames.COMMAND)
    order = link.device.trust.accept_clock(signed, 0)
    await link.say(frames.DONE, order.challenge, 1, "")
    return order


async def test_a_host_whose_own_clock_is_not_believed_sets_no_door_s(house: House) -> None:
    door, admin = await house.enrolled("b12-door"), await house.actor("admin")
    await hostclock.keep(house.ctx)
    house.clock.now += YEAR
    with pytest.raises(Refused, match="clock"):
        await orders.set_clock(house.ctx, admin, door.name, "电池没电")


# --- cards and the disk


async def leaves(house: House, until: int) -> None:
    """The lease of the one who holds the cards."""
    person = (await house.actor("limei")).party
    async with house.ctx.store.write() as tx:
        await tx.execute(tie.update().where(tie.c.party == person).values(until=until))


async def test_cards_that_end_are_told_a_month_before_unless_their_people_leave_then(house: House) -> None:
    person, until = (await house.actor("limei")).party, START + CEILINGS[CARD]
    async with house.ctx.store.write() as tx:
        for number, end in (("1111", until), ("2222", until + DAY), ("3333", until + 40 * DAY)):
            row = {"party": person, "kind": CARD, "state": "active", "number": number}
            await tx.execute(credential.insert().values(**row, since=START, until=end))
    house.clock.now = until - 30 * DAY - 1
    assert await told(house) == ()
    house.clock.now += DAY
    assert await told(house) == (ahead.Ahead(ahead.CARDS, many=1, at=until),)
    house.clock.now += DAY
    assert await told(house) == (ahead.Ahead(ahead.CARDS, many=2, at=until),)
    await leaves(house, until + DAY)
    assert await told(house) == (ahead.Ahead(ahead.CARDS, many=1, at=until),)
    await leaves(house, until)
    assert await told(house) == ()


async def test_a_disk_without_room_for_one_more_copy_is_told(house: House) -> None:
    await publish.publish_all(house.ctx)
    held = sum(path.stat().st_size for path in house.folder.glob("*.db*"))
    admin = await house.actor("admin")
    for left, wanted in ((held + ahead.SPARE + (1 << 20), ()), (1 << 29, (ahead.Ahead(ahead.ROOM, many=512),))):
        assert await ahead.ahead(house.ctx, admin, lambda _, left=left: left) == wanted
    assert ahead.free_bytes(house.folder) > 0


# --- people


async def test_an_account_nobody_signed_in_with_for_half_a_year_is_told(house: House) -> None:
    admin = await house.actor("admin")
    for login in ("former", "there"):
        number, _ = await staff.add(house.ctx, admin, login, login, DESK, (), "入职")
        async with house.ctx.store.write() as tx:
            await account_rows.set_password(tx, number, "x")
            await account_rows.signed_in(tx, number, day_of(START, ((0, 480),)))
    await staff.add(house.ctx, admin, "never", "never", DESK, (), "从未登录")
    house.clock.now += 183 * DAY
    assert ahead.DORMANT not in {one.kind for one in await told(house)}
    house.clock.now += DAY
    assert ahead.Ahead(ahead.DORMANT, many=2) in await told(house)
    async with house.ctx.store.write() as tx:
        await account_rows.signed_in(tx, number, day_of(house.clock.now, ((0, 480),)))
    assert ahead.Ahead(ahead.DORMANT, many=1) in await told(house)


async def test_a_witness_outside_that_fell_silent_is_told_and_none_is_missed_where_there_never_was_one(
    house: House,
) -> None:
    house.clock.now += 400 * DAY
    assert ahead.WITNESS not in {one.kind for one in await told(house)}
    outside = await committee(house)
    await checkpoints.sign(house.ctx)
    house.clock.now += 100 * DAY
    outside = await cosigned(house, outside)
    spoke = house.clock.now
    house.clock.now += 183 * DAY
    assert ahead.WITNESS not in {one.kind for one in await told(house)}
    house.clock.now += 1
    assert ahead.Ahead(ahead.WITNESS, at=spoke) in await told(house)
    await cosigned(house, outside)
    assert ahead.WITNESS not in {one.kind for one in await told(house)}
