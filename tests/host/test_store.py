"""Writes are whole or not at all, one after another; a database from the future is refused."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from gatehost.model.errors import StoreError
from gatehost.model.party import Party
from gatehost.store import faces, people
from gatehost.store.schema import VERSION, party
from gatehost.store.store import open_store, sqlite_url


async def test_many_writers_at_once_leave_only_whole_transactions(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))

    async def writer(number: int) -> None:
        for turn in range(20):
            try:
                async with store.write() as tx:
                    for row in range(10):
                        await people.put_party(tx, Party(f"{number}-{turn}-{row}", "x"))
                        await asyncio.sleep(0)
                    if turn % 4 == 3:
                        raise KeyError
            except KeyError:
                pass

    async def reader() -> None:
        for _ in range(100):
            async with store.read() as tx:
                count = (await tx.execute(select(func.count()).select_from(party))).scalar_one()
                assert count % 10 == 0
            await asyncio.sleep(0)

    await asyncio.gather(*[writer(number) for number in range(8)], reader(), reader())
    async with store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(party))).scalar_one() == 8 * 15 * 10
    await store.close()


async def test_a_cancelled_write_leaves_nothing_and_blocks_nobody(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    inside = asyncio.Event()

    async def slow() -> None:
        async with store.write() as tx:
            await people.put_party(tx, Party("1", "x"))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with store.write() as tx:
        assert await people.get(tx, "1") is None
    await store.close()


async def test_nothing_can_be_written_through_a_read(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    with pytest.raises(Exception, match="readonly"):
        async with store.read() as tx:
            await tx.execute(insert(party).values(id="1", name="x", phone="", born=""))
    await store.close()


async def test_the_promised_pragmas_hold_on_every_connection(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    for way in (store.write, store.read):
        async with way() as tx:
            told = [(await tx.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous")]
            assert [*told, (await tx.execute(text("PRAGMA foreign_keys"))).scalar()] == ["wal", 2, 1]
    await store.close()


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await (await open_store(sqlite_url(path))).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE schema_version SET version = ?", (VERSION + 1,))
    connection.close()
    with pytest.raises(StoreError, match="newer"):
        await open_store(sqlite_url(path))


async def test_something_else_is_not_taken_for_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="unreadable"):
        await open_store(sqlite_url(path))


async def test_the_database_itself_refuses_a_face_without_a_consent(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    async with store.write() as tx:
        await people.put_party(tx, Party("1", "x"))
    with pytest.raises(IntegrityError, match="a_face_needs_a_consent"):
        async with store.write() as tx:
            await faces.put_face(tx, "1", "active", None, "1", 0, 1)
    await store.close()


async def test_closing_waits_for_what_a_cancelled_reader_left_at_work(tmp_path: Path) -> None:
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n"
    begun = asyncio.Event()

    async def reader() -> None:
        async with store.read() as tx:
            begun.set()
            await tx.execute(text(long))

    before = set(threading.enumerate())
    reading = asyncio.create_task(reader())
    await begun.wait()
    await asyncio.sleep(0)
    reading.cancel()
    await store.close()
    assert not [one for one in threading.enumerate() if "_connection_worker" in one.name and one not in before]
    with pytest.raises(asyncio.CancelledError):
        await reading
