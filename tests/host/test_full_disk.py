"""A disk that takes no more: what was acknowledged stays, the rest is refused in words, and it goes on when there is
room. Real limits: SQLite's own page limit (SQLITE_FULL), and the process's file size limit in the middle of a write."""

import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.core import oracle
from tests.host.device import Connection, Played
from tests.host.house import HOUR, START, House
from tests.host.house import house as running
from tests.host.test_checkpoints import checkpoint, leaves, the_log
from tests.host.test_link import filled, stored
from tests.rows.people import ESTATE as OFFICE
from tests.rows.people import enter, on_duty, signed_in

from gatecore.clock import day_of
from gatecore.records import ACCESS, CODE, GRANTED, Private
from gatehost.model.errors import StoreError
from gatehost.service.evidence import audit, register
from gatehost.service.gate import presence
from gatehost.service.office import daily, retention
from gatehost.store import audits
from gatehost.store import register as lines
from gatehost.store.halves import Halves
from gatehost.web.words.refusals import explain

LIMIT = 1 << 30  # pages: none


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[House]:
    """A running host of an estate with guards and desk."""
    async with running(tmp_path, OFFICE) as made:
        yield made


async def room(house: House, spare: int | None) -> None:
    """From now on the database may grow by so many pages; None: as it likes."""
    store = house.ctx.store
    async with store.write() as tx:
        held = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
        most = LIMIT if spare is None else held + spare
        await tx.exec_driver_sql(f"PRAGMA max_page_count={most}")
    await store.write_directly(lambda connection: connection.execute(f"PRAGMA max_page_count={most}").fetchone())


def keys_room(halves: Halves, spare: int | None) -> None:
    """The same for the file of keys."""
    connection = halves._connection
    held = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={LIMIT if spare is None else held + spare}")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes; what would is written as far as that, then fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def whole(house: House, device: Played) -> None:
    """The database holds the device's log as it is, in order, sealed, and as leaves of the tree."""
    assert await stored(house, device) == [entry for entry, _ in device.log]
    verdicts = await audit.verify(house.ctx, await house.actor("admin"))
    assert [one.ok for one in verdicts if one.dev == device.name] == [True]
    assert (await checkpoint(house)).root == oracle.mth(await leaves(house))


async def turned(house: House) -> bool:
    """Whether the night's work was done; False if there was no room for it."""
    try:
        return await daily.turn(house.ctx)
    except StoreError as wrong:
        if wrong.code != "disk_full":
            raise
        return False


async def delivered(link: Connection, first: int, last: int) -> str:
    """ "" if a batch was acknowledged, else why it was refused."""
    try:
        assert await link.deliver(first, last, START) == last
    except ConnectionError as wrong:
        return str(wrong)
    return ""


async def test_a_batch_without_room_is_refused_whole_and_taken_when_there_is(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 128)
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, 64, START) == 64
        await room(house, 0)
        assert await delivered(link, 65, 128) == "disk_full"
    assert "the disk is full: nothing of this was stored" in caplog.text
    assert await stored(house, device) == [entry for entry, _ in device.log[:64]]
    await room(house, None)
    async with device.connect() as link:
        assert (await link.greet()).resumes == 64
        assert await link.deliver(65, 128, START) == 128
    await whole(house, device)


async def test_a_door_that_tries_again_while_the_disk_is_full_loses_nothing(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 300)
    held, spare = 0, 0
    while held < 300:
        await room(house, spare)  # a little more each time, so that every place of the transaction runs out once
        async with device.connect() as link:
            held = (await link.greet()).resumes
            assert await stored(house, device) == [entry for entry, _ in device.log[:held]]
            why = await delivered(link, held + 1, min(held + 64, 300))
        assert why in ("", "disk_full")
        held, spare = (min(held + 64, 300), 0) if not why else (held, spare + 1)
    await room(house, None)
    await whole(house, device)


async def test_a_write_that_breaks_off_anywhere_in_the_file_leaves_what_was_acknowledged(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 64)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 64, START)
    log, held, refused = house.folder / "kaimen.db-wal", 64, 0
    for step in range(1, 16):
        filled(device, 24)
        size = os.stat(log).st_size + 4300 * step  # of a batch's frames: none, some, half of one, all
        async with device.connect() as link:
            assert (await link.greet()).resumes == held
            with no_file_beyond(size):
                why = await delivered(link, held + 1, held + 24)
        assert why in ("", "disk_full")
        refused += bool(why)
        async with device.connect() as link:
            now = (await link.greet()).resumes
            assert now == held + 24 if not why else now in (held, held + 24)
            if now == held:
                assert await link.deliver(held + 1, held + 24, START) == held + 24
        held += 24
    assert 0 < refused < 15
    await whole(house, device)


async def test_without_room_for_a_key_nothing_is_stored_in_the_open(house: House) -> None:
    halves = house.ctx.store.halves
    assert halves is not None
    device = await house.enrolled("b12-door")
    for _ in range(64):  # everybody's first time in a month
        half = Private(os.urandom(16), os.urandom(16), ["120502", None, b"", 0])
        device.write(START, ACCESS, [0, GRANTED, CODE, 0, 0], half.to_wire())
    before = halves._connection.execute("SELECT count(*) FROM held").fetchone()
    async with device.connect() as link:
        await link.greet()
        keys_room(halves, 0)
        assert await delivered(link, 1, 64) == "disk_full"
    assert await stored(house, device) == []
    assert halves._connection.execute("SELECT count(*) FROM held").fetchone() == before
    keys_room(halves, None)
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, 64, START) == 64
    await whole(house, device)


def test_a_page_says_that_the_disk_is_full_and_what_to_do() -> None:
    told = explain(StoreError("disk_full"), lambda text, **_: text, lambda _: "")
    assert (told.status, told.why) == (503, "The host's disk is full")
    assert told.next.startswith("Nothing was saved.")


async def test_a_day_of_the_register_is_sealed_whole_or_not_at_all_and_the_night_s_work_is_made_up_for(
    office: House,
) -> None:
    house, guard, desk = office, await on_duty(office), await signed_in(office, "desk")
    for _ in range(12):
        await enter(house, guard, name="小王", phone="13912345678")
    house.clock.now += 20 * HOUR
    today, chain, log = day_of(START, [[0, 480]]), await the_log(house), house.folder / "kaimen.db-wal"
    found = set()
    for step in range(100):
        with no_file_beyond(os.stat(log).st_size + 4300 * step):
            done = await turned(house)
        async with house.ctx.store.read() as tx:
            held, closes = await lines.of_day(tx, today), await audits.of_action(tx, "day.close", 9)
            erased = await audits.of_action(tx, retention.RUN, 9)
        assert (len(held), len(closes)) in ((0, 0), (12, 1))
        assert bool(held) or (await the_log(house)) == chain
        assert len(await presence.present(house.ctx, desk)) == 12
        found.add((len(held), len(erased)))
        if done:
            break
    assert found == {(0, 0), (12, 0), (12, 1)}  # neither, the close alone, both
    day = await register.of_day(house.ctx, desk, today)
    assert (day.sealed_at, day.untouched, len(day.lines)) == (house.clock.now, True, 12)
    assert (await checkpoint(house)).root == oracle.mth(await leaves(house))
    assert not await daily.turn(house.ctx)
