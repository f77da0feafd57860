"""What the host gives out as evidence holds for the stand-alone verifier, in every scope, and says for whom it was."""

import asyncio
import io

import pytest
from sqlalchemy import select
from tests.host.device import Played
from tests.host.house import HOUR, START, House
from tests.host.test_verify import alter, delivered
from tests.rows.people import row

from gatecore import bundle
from gatecore import note as notes
from gatecore.clock import FLOOR, HOST, Now
from gatecore.errors import GateError
from gatecore.records import ACCESS, Private
from gatehost.keys import verify
from gatehost.model.account import COMMITTEE, Actor
from gatehost.model.errors import BadInput, Denied, TooMany
from gatehost.service.door import devices
from gatehost.service.evidence import audit, checkpoints, export, report, witness
from gatehost.service.evidence.export import PERSON, PUBLIC, WHOLE, WINDOW, Wanted
from gatehost.service.trail import note
from gatehost.store import audits, logs
from gatehost.store import devices as device_rows
from gatehost.store.accesslog import entry_id
from gatehost.store.devices import DeviceRow
from gatehost.store.logs import Checkpoint, Cosignature
from gatehost.store.table.log import cosignature
from gateverify import standalone

POLICE = ("case 2026-0615", "police station, officer at the desk")


async def exported(house: House, wanted: Wanted, login: str = "admin", why: tuple[str, str] | None = None) -> bytes:
    actor = await house.actor(login)
    if why is None:
        why = POLICE if wanted.scope == WHOLE else ("", "")
    return b"".join([piece async for piece in export.pieces(house.ctx, actor, wanted, *why)])


def judged(house: House, data: bytes) -> standalone.Report:
    """What the stand-alone file says of it under the estate's key."""
    report = standalone.Report()
    for fast in (True, False):
        report = standalone.Report()
        standalone.verify(io.BytesIO(data), standalone.Trust(house.ctx.keys.estate.public), report, fast)
    return report


async def two_doors(house: House) -> tuple[Played, Played]:
    """A building door with eight entries an hour apart, a gate with three; a checkpoint between and after."""
    door, gate = await delivered(house, 2), await house.enrolled("gate-1-in")
    async with gate.connect() as link:
        await link.greet()
        for at in range(3):
            gate.opened(START + at * HOUR, "130101", b"m" * 16)
        await link.deliver(1, 3, START)
    await checkpoints.sign(house.ctx)
    async with door.connect() as link:
        await link.greet()
        for at in range(6):
            door.opened(START + at * HOUR, "120502" if at % 2 else "120601", b"m" * 16)
            await link.deliver(3 + at, 3 + at, START)
    return door, gate


@row("F4", "L15")
async def test_nothing_of_anybody_s_coming_and_going_leaves_without_a_reason_and_whom_it_is_for(house: House) -> None:
    await two_doors(house)
    for wanted in (Wanted(), Wanted(WINDOW, ("b12-door",), START, START + HOUR)):
        for wrong in (("", ""), ("case", " "), (" ", "police"), ("case", "x" * 301)):
            with pytest.raises(BadInput, match="reason"):
                await exported(house, wanted, why=wrong)
        assert await exported(house, wanted, why=POLICE)
        async with house.ctx.store.read() as tx:
            line = (await audits.of_action(tx, "audit.export", 1))[0]
        assert (line.detail, POLICE[1] in line.about) == (POLICE[0], True)
    committee = Actor(1, "", "c", COMMITTEE, (), "en", True)
    with pytest.raises(Denied):
        [piece async for piece in export.pieces(house.ctx, committee, Wanted(), *POLICE)]
    assert [piece async for piece in export.pieces(house.ctx, committee, Wanted(PUBLIC))]


async def test_the_whole_log_is_every_leaf_of_the_tree(house: House) -> None:
    await two_doors(house)
    report = judged(house, await exported(house, Wanted()))
    assert [(one.slot, one.first, one.last, one.evidence) for one in report.devices[:2]] == [
        ("b12-door", 1, 8, "A"),
        ("gate-1-in", 1, 3, "A"),
    ]
    assert report.devices[2].kind == "host"
    assert report.logs[0].size == report.entries
    assert sum(one.missing for one in report.devices) == 0
    public = judged(house, await exported(house, Wanted(PUBLIC)))
    assert (public.devices[0].disclosed, public.devices[0].withheld) == (0, 8)


async def test_a_window_shows_one_door_and_its_hours_and_is_asked_for_with_a_reason(house: House) -> None:
    await two_doors(house)
    wanted = Wanted(WINDOW, ("b12-door",), START + HOUR, START + 3 * HOUR)
    report = judged(house, await exported(house, wanted, why=POLICE))
    assert [(one.slot, one.first, one.last) for one in report.devices] == [
        ("b12-door", 3, 7),
        ("host", 1, report.devices[1].last),
    ]
    assert (report.devices[0].disclosed, report.devices[0].withheld) == (3, 2)
    assert any("must lie outside" in line for line in standalone.unproven(report))
    data = await exported(house, wanted, why=POLICE)
    assert b"130101" not in data
    assert POLICE[1].encode() not in data
    for wrong in (("", "police"), ("case", " "), ("x" * 301, "police")):
        with pytest.raises(BadInput):
            await exported(house, wanted, why=wrong)
    with pytest.raises(BadInput):
        await exported(house, Wanted(WINDOW, (), 0, 1), why=POLICE)
    with pytest.raises(Denied):
        await exported(house, wanted, "limei", why=POLICE)
    (line, *_) = await audit.look_ups(house.ctx, await house.actor("admin"))
    assert (line.action, line.about, line.detail) == ("audit.export", f"window b12-door {POLICE[1]}", POLICE[0])


async def test_a_home_gets_its_own_records_and_no_other_homes(house: House) -> None:
    await two_doors(house)
    data = await exported(house, Wanted(PERSON, home="120502"), "limei")
    report = judged(house, data)
    assert sum(one.disclosed for one in report.devices if one.kind == "door") == 5
    assert b"120601" not in data
    with pytest.raises(Denied):
        await exported(house, Wanted(PERSON, home="120502"), "wangfang")


async def test_private_halves_of_what_one_seal_covers_too_stay_with_the_house(house: House) -> None:
    """A door seals sixty entries at once: the police ask for two of them, and get two people's, not sixty."""
    device = await house.enrolled("b12-door")
    for at in range(8):
        device.opened(START + at * HOUR, f"12{at}502", b"m" * 16)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 8, START)
    data = await exported(house, Wanted(WINDOW, ("b12-door",), START + 3 * HOUR, START + 4 * HOUR), why=POLICE)
    assert [at for at in range(8) if f"12{at}502".encode() in data] == [3, 4]
    door = judged(house, data).devices[0]
    assert (door.first, door.last, door.disclosed, door.withheld, door.missing) == (3, 8, 2, 4, 0)


async def test_that_a_door_wrote_nothing_then_is_shown_by_the_entries_on_either_side(house: House) -> None:
    await two_doors(house)
    between = Wanted(WINDOW, ("gate-1-in",), START + HOUR + 1, START + 2 * HOUR - 1)
    gate = judged(house, await exported(house, between, why=POLICE)).devices[0]
    assert (gate.first, gate.last, gate.disclosed) == (2, 3, 0)
    later = Wanted(WINDOW, ("b12-door",), START + 100 * HOUR, START + 200 * HOUR)
    door = judged(house, await exported(house, later, why=POLICE)).devices[0]
    assert (door.first, door.last, door.disclosed) == (8, 8, 0)


async def spelt(house: House, *entries: tuple[int | None, str], floor: int = 0) -> Played:
    """A door with entries of these times, one without one where it is None, for these homes; all delivered later. Of
    entry `floor` the time is a floor."""
    device = await house.enrolled("b12-door")
    for at, home in entries:
        private = Private(bytes(16), home.encode(), [home, None, b"m" * 16, 0]).to_wire()
        quality = FLOOR if len(device.log) + 1 == floor else HOST if at else 0
        now = Now(3, len(device.log), at, quality)
        data = device.chain.next(now, ACCESS, [0, 1, 2, 0, 0], private)
        device.chain.take(data)
        device.log.append((data, private))
        device.starts.append((device.chain.head, len(device.log)))
    house.clock.now = START + 50 * HOUR
    async with device.connect() as link:
        await link.greet()
        for seq in range(1, len(entries) + 1):
            await link.deliver(seq, seq, START)
    return device


async def test_what_a_clock_that_went_back_put_between_is_shown_without_its_people(house: House) -> None:
    """Entries of the hours asked for may stand on both sides of others: those are somebody else's time."""
    await spelt(
        house, (START, "120101"), (START + 9 * HOUR, "120502"), (START + HOUR, "120601"), (START + 30 * HOUR, "1")
    )
    wanted = Wanted(WINDOW, ("b12-door",), START, START + 2 * HOUR)
    data = await exported(house, wanted, why=POLICE)
    door = judged(house, data).devices[0]
    assert (door.first, door.last, door.disclosed, door.withheld) == (1, 4, 2, 2)
    assert [home for home in (b"120101", b"120502", b"120601") if home in data] == [b"120101", b"120601"]
    made = await report.make(house.ctx, await house.actor("admin"), wanted, *POLICE, "letter 7")
    assert [(line.line.home, line.private) for line in made.parts[0].lines] == [
        ("120101", "disclosed"), ("", "beside"), ("120601", "disclosed"), ("", "beside"),
    ]  # fmt: skip
    assert made.parts[0].asked == 2


async def test_the_ends_of_the_hours_are_entries_whose_time_is_known(house: House) -> None:
    """An entry of no time shows nothing of where the hours end: it may be one of them."""
    told = (
        (START, "1"),
        (START + 1, "2"),
        (START + 3 * HOUR, "120502"),
        (None, "4"),
        (None, "5"),
        (START + 9 * HOUR, "6"),
    )
    await spelt(house, *told, floor=2)
    for since, until in ((START + 2 * HOUR, START + 4 * HOUR), (START + 4 * HOUR, START + 5 * HOUR)):
        data = await exported(house, Wanted(WINDOW, ("b12-door",), since, until), why=POLICE)
        door = judged(house, data).devices[0]
        quiet = since == START + 4 * HOUR
        assert (door.first, door.last, door.disclosed) == ((3, 6, 0) if quiet else (1, 6, 1))


async def test_what_was_done_under_duress_is_in_no_file_that_its_home_may_read(house: House) -> None:
    device = await house.enrolled("b12-door")
    for duress in (0, 1, 0):
        private = Private(bytes([duress]) * 16, b"120502", ["120502", None, b"m" * 16, duress])
        device.write(START, ACCESS, [0, 1, 3, 0, 0], private.to_wire())
    async with device.connect() as link:
        await link.greet()
        for seq in (1, 2, 3):
            await link.deliver(seq, seq, START)
    for login, why in (("limei", ("", "")), ("admin", ("asked for a copy", "Li Mei"))):
        data = await exported(house, Wanted(PERSON, home="120502"), login, why)
        assert sum(one.disclosed for one in judged(house, data).devices if one.kind == "door") == 2
        assert device.log[1][1] not in data
    whole = await exported(house, Wanted(WINDOW, ("b12-door",), START, START + HOUR), why=POLICE)
    assert device.log[1][1] in whole


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (START - 900 * HOUR, START - 800 * HOUR, (1, 2, 0)),  # before it was enrolled
        (START - 900 * HOUR, START, (1, 4, 3)),
        (START + 900 * HOUR, START + 999 * HOUR, (8, 8, 0)),  # to come
        (START + 2, START + 1, None),
        (START + HOUR // 2, START + HOUR // 2, (3, 4, 0)),  # an instant
        (-(10**9), 10**18, (1, 8, 8)),
    ],
)
async def test_hours_anywhere_are_a_file_that_holds(
    house: House, since: int, until: int, found: tuple[int, int, int] | None
) -> None:
    await two_doors(house)
    wanted = Wanted(WINDOW, ("b12-door",), since, until)
    if found is None:
        with pytest.raises(BadInput, match="window"):
            await exported(house, wanted, why=POLICE)
        return
    data = await exported(house, wanted, why=POLICE)
    door = judged(house, data).devices[0]
    assert bundle.check(io.BytesIO(data).read, verify).entries
    assert (door.first, door.last, door.disclosed) == found


async def test_a_door_that_never_came_is_told_as_one_that_has_nothing(house: House) -> None:
    await two_doors(house)
    await house.enrolled("b13-door")
    wanted = Wanted(WINDOW, ("b13-door",), START, START + HOUR)
    assert [one.kind for one in judged(house, await exported(house, wanted, why=POLICE)).devices] == ["host"]
    made = await report.make(house.ctx, await house.actor("admin"), wanted, *POLICE, "letter 7")
    assert (made.flaw, made.parts) == ("", ())


async def test_a_device_that_was_gone_before_these_hours_is_not_in_the_file(house: House) -> None:
    await two_doors(house)
    (gate,) = [one for one in await doors(house) if one.slot == "gate-1-in"]
    await devices.revoke(house.ctx, await house.actor("admin"), gate.dev, "moved")
    wanted = Wanted(WINDOW, ("gate-1-in",), START + 100 * HOUR, START + 200 * HOUR)
    assert [one.kind for one in judged(house, await exported(house, wanted, why=POLICE)).devices] == ["host"]
    wanted = Wanted(WINDOW, ("gate-1-in",), START, START + HOUR)
    assert judged(house, await exported(house, wanted, why=POLICE)).devices[0].last == 3


async def doors(house: House) -> tuple[DeviceRow, ...]:
    """Every device the host has."""
    async with house.ctx.store.read() as tx:
        return await device_rows.in_states(tx)


async def test_staff_give_a_home_its_records_for_a_reason_and_say_when_there_are_none(house: House) -> None:
    await two_doors(house)
    for why in (("", ""), ("asked", " "), (" ", "Li Mei")):
        with pytest.raises(BadInput, match="reason"):
            await exported(house, Wanted(PERSON, home="120502"), why=why)
    assert await exported(house, Wanted(PERSON, home="120502"), why=("asked for a copy", "Li Mei"))
    with pytest.raises(BadInput, match="nothing"):
        await exported(house, Wanted(PERSON, home="999999"), why=("asked for a copy", "Li Mei"))


async def test_nothing_stored_is_still_a_log_of_the_host(house: House) -> None:
    report = judged(house, await exported(house, Wanted()))
    assert [one.kind for one in report.devices] == ["host"]


async def test_an_export_ends_with_a_checkpoint_that_connected_doors_cosigned(house: House) -> None:
    """Else its own entry would always be beyond what is witnessed."""
    device = await house.enrolled("b12-door")
    device.opened(START, "120502", b"m" * 16)
    async with device.connect() as link:
        await link.greet()
        await link.witnessed()
        await link.deliver(1, 1, START)
        making = asyncio.create_task(exported(house, Wanted()))
        await link.cosign()
        data = await making
    trust = await witness.trust_file(house.ctx, await house.actor("admin"))
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.trust_of(trust.encode()), report)
    assert standalone.against(report) == ""
    assert "need 1" in trust


async def test_a_file_of_more_witnesses_than_a_checkpoint_has_lines_for_holds(house: House) -> None:
    """Seventy doors cosign within a second; whose word finds no line is not shown as a witness either."""
    device = await house.enrolled("b12-door")
    device.opened(START, "120502", b"m" * 16)
    async with device.connect() as link:
        await link.greet()
        await link.witnessed()
        await link.deliver(1, 1, START)
        making = asyncio.create_task(exported(house, Wanted()))
        await link.cosign()
        assert device.dev.hex().encode() in await making
    async with house.ctx.store.write() as tx:
        await tx.execute(cosignature.update().values(at=START))
        for size in (await tx.execute(select(cosignature.c.size))).scalars().all():
            for number in range(70):
                await logs.put_cosignature(tx, Cosignature(1, size, f"{number:032x}", 9, bytes(32), bytes(64)))
    data = await exported(house, Wanted())
    judged(house, data)
    assert bundle.check(io.BytesIO(data).read, verify).entries
    assert f"{69:032x}".encode() not in data


async def test_doors_that_each_ended_at_a_checkpoint_of_their_own_go_into_one_line(house: House) -> None:
    """Doors are replaced over the years, and each one's last word is shown for ever; a line has 1 MiB."""
    many, admin = range(160), await house.actor("admin")
    async with house.ctx.store.write() as tx:
        for _ in many:
            await note(house.ctx, tx, admin, "audit.verify")
        held = await logs.newest(tx)
        assert held is not None
        signer, words = house.ctx.keys.logs.signer(1), list[dict[str, object]]()
        origin = notes.origin(house.ctx.keys.estate.public, 1)
        for number in many:
            size = held.size - len(many) + number + 1
            root = await logs.reading(tx, held, lambda forest, size=size: forest.root(size))  # type: ignore[misc]
            await logs.put_checkpoint(tx, Checkpoint(1, size, root, START, notes.signed(origin, size, root, signer)))
            word = {"generation": 1, "size": size, "at": 9, "public": bytes(32), "signature": bytes(64)}
            words += [word | {"name": f"{name:032x}"} for name in many[number:]]
        await tx.execute(cosignature.insert(), words)
    data = await exported(house, Wanted())
    judged(house, data)
    assert [name for name in many if f"{name:032x}".encode() not in data] == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry WHERE id = {last}",
        "DELETE FROM entry WHERE id = {first}",
        "DELETE FROM entry WHERE id BETWEEN {first} AND {last}",
        "DELETE FROM seal WHERE id BETWEEN {first} AND {last}",
        "DELETE FROM device WHERE no = 1",
        "DELETE FROM run WHERE entry BETWEEN {first} AND {last}",
        "UPDATE run SET count = 0 WHERE entry BETWEEN {first} AND {last}",
        "UPDATE run SET count = 0 WHERE id = (SELECT max(id) FROM run)",
        "UPDATE entry SET entry = x'' WHERE id = {first}",
    ],
)
async def test_an_altered_log_can_be_given_to_whoever_verifies_it(house: House, statement: str) -> None:
    """The page asks for an export then: it ends, and both readers refuse it."""
    await two_doors(house)
    await exported(house, Wanted())
    alter(house, statement.format(first=entry_id(1, 1), last=entry_id(1, 8)))
    for wanted in (Wanted(), Wanted(PUBLIC), Wanted(WINDOW, ("b12-door",), START, START + 9 * HOUR)):
        async with asyncio.timeout(20):
            data = await exported(house, wanted, why=POLICE)
        whole = wanted.scope != WINDOW
        if not whole and ("device" in statement or "run" in statement):
            continue  # a window of a door that is not there any more shows the host alone
        with pytest.raises(standalone.Refused):
            standalone.verify(io.BytesIO(data), None, standalone.Report())
        with pytest.raises(GateError):
            bundle.check(io.BytesIO(data).read, verify)


async def test_files_nobody_reads_do_not_keep_the_host_from_its_database(house: House) -> None:
    """There are four views of it: three files may hold one each, and each gives it back when it is closed."""
    await two_doors(house)
    admin = await house.actor("admin")
    begun = [export.pieces(house.ctx, admin, Wanted(), *POLICE) for _ in range(export.AT_ONCE)]
    for one in begun:
        assert await anext(one)
    with pytest.raises(TooMany, match="exporting"):
        await exported(house, Wanted())
    async with asyncio.timeout(20):
        assert await audit.look_ups(house.ctx, admin)
    for one in begun:
        await one.aclose()
    assert await exported(house, Wanted())
    assert house.ctx.live.exporting == 0
