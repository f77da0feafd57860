"""The database: one writer with a lock, readers of their own; never one shared connection.

Interleaved transactions on a shared aiosqlite connection lose atomicity (measured). So every write is
`async with store.write() as tx:`, one at a time from BEGIN IMMEDIATE to COMMIT; a read is `async with store.read()`.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from gatehost.model.errors import StoreError
from gatehost.store import schema, trigger
from gatehost.store.connections import Connections
from gatehost.store.direct import Direct
from gatehost.store.halves import Halves

log = logging.getLogger(__name__)

Tx = AsyncConnection
Shape = TypeVar("Shape")
Result = TypeVar("Result")
READERS = 4
HALVES = "erasure.db"
_NO_ROOM = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}  # of the files, and of the log's index


class Store:
    """An open database. `close` it, or its threads keep the process alive."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        connections: Connections | None = None,
        direct: Direct | None = None,
        halves: Halves | None = None,
    ) -> None:
        self.halves = halves
        self._connections = connections
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock()
        self._direct = direct
        self._thread = ThreadPoolExecutor(1, "store")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction, alone among the writers; committed at the end, rolled back by any exception.
        StoreError("disk_full") if there is no room for it."""
        async with self._lock:
            with _told_when_full():
                async with self._writer.begin() as tx:
                    yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A view of one moment; nothing can be written through it."""
        async with self._reader.connect() as tx, tx.begin():
            yield tx

    async def write_directly(self, act: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Runs `act` on the driver itself as one durable transaction, in one step off the event loop.

        None, and nothing done, when the database is none that has such a way in. StoreError("disk_full") as above."""
        if self._direct is None:
            return None
        async with self._lock:
            with _told_when_full():
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._direct.run, act)

    def shown(self, stored: object) -> bytes | None:
        """The private half behind what an entry's row holds; None if it was erased or never was."""
        assert stored is None or isinstance(stored, bytes)
        return stored if self.halves is None else self.halves.show(stored)

    async def sweep(self) -> None:
        """Empties the write-ahead log into the database, so that no former page stays behind in it."""
        if self._direct is None:
            return
        async with self._lock:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._direct.sweep)

    async def close(self) -> None:
        """Waits for the write under way and closes every connection."""
        async with self._lock:
            await self._writer.dispose()
            await self._reader.dispose()
            if self._connections is not None:
                await self._connections.ended()
            if self._direct is not None:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._direct.close)
            if self.halves is not None:
                self.halves.close()
            self._thread.shutdown(wait=False)


@contextmanager
def _told_when_full() -> Iterator[None]:
    """Says of a disk that takes no more what it is; every other error stays what it was."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as wrong:
        if _without_room(wrong):
            log.error("the disk is full: nothing of this was stored")
            raise StoreError("disk_full") from wrong
        raise


def _without_room(wrong: Exception) -> bool:
    """Whether SQLite or PostgreSQL says that the disk is full."""
    orig = wrong.orig if isinstance(wrong, DBAPIError) else wrong
    number = getattr(orig, "sqlite_errorcode", 0)
    return number & 0xFF == sqlite3.SQLITE_FULL or number in _NO_ROOM or getattr(orig, "sqlstate", "") == "53100"


def shaped(shape: type[Shape], row: Sequence[Any]) -> Shape:
    """A row as a dataclass whose fields stand in the order of its columns."""
    return shape(*tuple(row))


def sqlite_url(path: Path) -> str:
    """The default database of a folder."""
    return f"sqlite+aiosqlite:///{path}"


async def open_store(url: str, halves: Path | None = None) -> Store:
    """The database at `url`: its tables made if it is new, its missing steps taken if it is old; `halves` is the file
    of the keys that private halves are under, by default beside an SQLite database.

    StoreError("newer") for a database written by a later version, ("disk_full") where there is no room to open it,
    ("unreadable") for something that is none or cannot be brought up to date, ("unknown") for an address of no database
    that is at hand; it is then as it was.
    """
    try:
        path = make_url(url).database if make_url(url).get_backend_name() == "sqlite" else None
        opened = Connections(path) if path else None
        await _bring(url, opened)
        kept = halves or (Path(path).with_name(HALVES) if path else None)
        table = Halves(kept) if kept else None
    except (DBAPIError, sqlite3.Error, OSError) as wrong:
        raise StoreError("disk_full" if _without_room(wrong) else "unreadable") from wrong
    except (ArgumentError, ImportError) as wrong:
        raise StoreError("unknown") from wrong
    writer, reader = _engine(url, "BEGIN IMMEDIATE", 1, opened), _engine(url, "BEGIN", READERS, opened)
    return Store(writer, reader, opened, Direct(path) if path else None, table)


async def _bring(url: str, opened: Connections | None) -> None:
    """Today's schema, in one transaction on a connection of its own: steps may rebuild tables, for which SQLite's
    foreign keys must be off."""
    engine = _engine(url, "BEGIN IMMEDIATE", 1, opened, foreign_keys=False)
    try:
        async with engine.begin() as tx:
            await tx.run_sync(_prepare)
    finally:
        await engine.dispose()


def _engine(url: str, begin: str, most: int, opened: Connections | None, foreign_keys: bool = True) -> AsyncEngine:
    if opened is None:
        isolation = "SERIALIZABLE" if begin == "BEGIN IMMEDIATE" else "REPEATABLE READ"
        return create_async_engine(url, pool_size=most, max_overflow=0, isolation_level=isolation)
    engine = create_async_engine(
        url, async_creator=opened.open, poolclass=AsyncAdaptedQueuePool, pool_size=most, max_overflow=0
    )
    keys = "ON" if foreign_keys else "OFF"

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"foreign_keys={keys}",
            "busy_timeout=5000",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA query_only={'OFF' if begin == 'BEGIN IMMEDIATE' else 'ON'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7302)")  # one process at a time
    version = _version(connection)
    if version > schema.VERSION:
        raise StoreError("newer")
    if version == 0:
        schema.metadata.create_all(connection, checkfirst=False)
        trigger.renew(connection)
        connection.execute(insert(schema.schema_version).values(version=schema.VERSION))
    elif version < schema.VERSION:
        from gatehost.store import migration  # Alembic is only needed here, and takes its time to load

        migration.migrate(connection)


def _version(connection: Connection) -> int:
    tables = inspect(connection).get_table_names()
    if "schema_version" in tables:
        return int(connection.execute(select(schema.schema_version.c.version)).scalar_one())
    if tables:
        raise StoreError("unreadable")
    return 0
