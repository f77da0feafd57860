"""The whole host over PostgreSQL: what has a way of its own into SQLite is as sure and as whole in the portable way."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.bench import estate as bench
from tests.bench.halfyear import SMALL
from tests.host import postgres
from tests.host.house import ESTATE, START, House
from tests.host.house import house as running
from tests.host.safe import Safe
from tests.host.test_documents import ARCHIVIST, filed, png
from tests.host.test_export import exported, judged, two_doors
from tests.host.test_imports import PEOPLE

from gatehost.model.errors import BackupError, DeviceRefused
from gatehost.service.door import devices
from gatehost.service.evidence import audit, erasure
from gatehost.service.evidence.export import Wanted
from gatehost.service.founding import imports
from gatehost.service.office import statistics
from gatehost.service.paper import documents
from gatehost.store import accesslog
from gatehost.store.accesslog import Verified
from gatehost.store.backups import First, Second
from gatehost.store.store import sqlite_url


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A running PostgreSQL."""
    if not postgres.installed():
        pytest.skip("no PostgreSQL here: install it, or set KAIMEN_TEST_POSTGRES")
    with postgres.server() as made:
        yield made


@pytest.fixture
async def house(tmp_path: Path, url: str) -> AsyncIterator[House]:
    """A running host over it."""
    async with running(tmp_path, ESTATE, url) as made:
        yield made


async def test_a_log_is_taken_in_verified_given_out_and_erased(house: House) -> None:
    await two_doors(house)
    admin = await house.actor("admin")
    assert all(one.ok for one in await audit.verify(house.ctx, admin))
    report = judged(house, await exported(house, Wanted()))
    assert [(one.slot, one.last) for one in report.devices[:2]] == [("b12-door", 8), ("gate-1-in", 3)]
    assert await erasure.erase(house.ctx, admin, ["130101"], [], erasure.ASKED) == 3
    after = judged(house, await exported(house, Wanted()))
    assert [one.erased for one in after.devices[:2]] == [0, 3]
    assert all(one.ok for one in await audit.verify(house.ctx, admin))


async def test_a_batch_of_a_revoked_device_takes_the_others_with_it(house: House) -> None:
    door, gate = await two_doors(house)
    await devices.revoke(house.ctx, await house.actor("admin"), gate.name, "stolen")
    async with house.ctx.store.read() as tx:
        heads = [await accesslog.head(tx, device.name) for device in (door, gate)]
    batches = []
    for head in heads:
        assert head is not None
        row = (
            accesslog.entry_id(head.no, head.seq + 1),
            START,
            START,
            3,
            12,
            1,
            1,
            0,
            0,
            None,
            None,
            None,
            1,
            b"x",
            None,
        )
        batches.append(Verified(head.no, [row], b"s", head.epoch, head.seq + 1, bytes(32), bytes(16), START))
    with pytest.raises(DeviceRefused, match="revoked"):
        await accesslog.store(house.ctx.store, batches)
    async with house.ctx.store.read() as tx:
        assert [await accesslog.head(tx, device.name) for device in (door, gate)] == heads


async def test_what_the_office_does_works_there_too(house: House) -> None:
    admin = await house.actor("admin")
    tried = await imports.trial(house.ctx, admin, "people", PEOPLE.encode())
    assert (await imports.take(house.ctx, admin, tried.token)).lines == 2
    made = await documents.file(house.ctx, ARCHIVIST, "130101", "owner", "deed", png())
    assert [one.id for one in (await documents.archive(house.ctx, ARCHIVIST, "130101"))[0]] == [made.id]
    assert await documents.missing(house.ctx, ARCHIVIST)
    assert await documents.retire(house.ctx) == 0
    assert len((await statistics.statistics(house.ctx, admin, 30)).days) == 30


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_the_bench_of_a_large_estate_runs(
    database: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if database == "sqlite":
        found = await bench.on_sqlite(SMALL, 10)
    else:
        found = await bench.on_postgres(request.getfixturevalue("url"), SMALL, 10)
    assert set(found) == set(bench.GOALS)
    assert found["memory"].worst <= bench.GOALS["memory"][0]  # times are for the bench: this machine may be busy
    assert "2000 entries" in capsys.readouterr().out


async def test_a_backup_of_either_database_is_restored_into_either(
    url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One kind of file: taken from a PostgreSQL into an SQLite, and from that into a PostgreSQL again."""
    tmp_path = tmp_path_factory.mktemp("apart")
    async with running(tmp_path / "host", ESTATE, url) as house:  # it has ended before another works on its database
        await two_doors(house)
        await filed(house)
        safe = Safe(tmp_path)
        safe.guard(house)
        told = await safe.backup(house, database=url)
        assert (told.database, told.counts["entries"] > 11, len(told.documents)) == ("postgresql", True, 1)
        with pytest.raises(BackupError, match="there are tables in the database already"):
            await safe.restore(tmp_path / "none", database=url)
        await safe.restore(tmp_path / "new", database=sqlite_url(tmp_path / "new.db"))
    async with safe.started(tmp_path / "new", sqlite_url(tmp_path / "new.db")) as back:
        admin = await back.actor("admin")
        assert all(one.ok for one in await audit.verify(back.ctx, admin))
        safe.second = Second(tmp_path / "second-2")
        safe.first = First(tmp_path / "first-2")
        back.folder = tmp_path / "new"
        await safe.backup(back, database=sqlite_url(tmp_path / "new.db"))
    await safe.restore(tmp_path / "newest", database=await postgres.emptied(url))
    async with safe.started(tmp_path / "newest", url) as back:
        admin = await back.actor("admin")
        assert all(one.ok for one in await audit.verify(back.ctx, admin))
        assert [one.last for one in judged(back, await exported(back, Wanted())).devices[:1]] == [8]
        made = await documents.file(back.ctx, ARCHIVIST, "130101", "owner", "deed", png())
        assert made.id == 2  # numbers go on where they were
