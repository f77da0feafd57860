"""One moment of a database as an SQLite file, taken while the host runs; and such a file back into PostgreSQL.

SQLite's own online backup copies its pages. Of a PostgreSQL every row is read in one REPEATABLE READ transaction into
the same schema: a backup is one kind of file, whatever it was taken from, and may be restored into either.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Table, create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gatehost.model.errors import StoreError
from gatehost.store import schema, trigger

_DISK = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}
ROWS = 2_000  # carried at a time
_COUNTED = {"homes": "place WHERE kind = 'home'", "people": "party", "entries": "entry", "documents": "doc"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a copied database holds: numbers, the log's newest time (ms UTC), and the files of its documents."""

    title: str
    schema: int
    generation: int
    newest: int
    counts: dict[str, int]
    documents: tuple[str, ...]


def is_sqlite(url: str) -> bool:
    """Whether the address is that of an SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


async def take(url: str, target: Path) -> Facts:
    """Copies the database at `url` into the new file `target`. StoreError("unreadable") if there is none, it is
    damaged, or (PostgreSQL) not of this program's version; OSError if the disk is full."""
    try:
        if is_sqlite(url):
            _copy(Path(make_url(url).database or ""), target)
        else:
            await _dump(url, target)
        return look(target)
    except sqlite3.Error as wrong:
        if (number := _DISK.get(getattr(wrong, "sqlite_errorcode", 0) & 0xFF)) is not None:
            raise OSError(number, os.strerror(number), str(target)) from wrong
        raise StoreError("unreadable") from wrong
    except DBAPIError as wrong:
        raise StoreError("unreadable") from wrong


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=30.0)) as held,
        closing(sqlite3.connect(target)) as copied,
    ):
        held.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")


def look(path: Path) -> Facts:
    """What a copy holds. StoreError("unreadable") if it is no database of this program, or damaged."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as held:
            if held.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise StoreError("unreadable")
            (version,) = held.execute("SELECT version FROM schema_version").fetchone()
            return _facts(held, version)
    except (sqlite3.Error, TypeError) as wrong:
        raise StoreError("unreadable") from wrong


def _facts(held: sqlite3.Connection, version: int) -> Facts:
    def one(query: str) -> Any:
        row = held.execute(query).fetchone()
        return row[0] if row and row[0] is not None else 0

    tables = {row[0] for row in held.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    counts = {name: one(f"SELECT count(*) FROM {what}") for name, what in _COUNTED.items() if what.split()[0] in tables}
    generation = one("SELECT max(generation) FROM log") if "log" in tables else 0
    living = (
        held.execute("SELECT DISTINCT sha256 FROM doc WHERE erased_at IS NULL ORDER BY 1") if "doc" in tables else ()
    )
    title = one("SELECT name FROM estate") or ""
    return Facts(title, version, generation, one("SELECT max(at) FROM entry"), counts, tuple(row[0] for row in living))


async def _dump(url: str, target: Path) -> None:
    engine = create_async_engine(url, isolation_level="REPEATABLE READ")
    made = create_engine(f"sqlite:///{target}")
    try:
        async with engine.connect() as tx:
            await _same_version(tx)
            with made.begin() as connection:
                schema.metadata.create_all(connection)
            with closing(sqlite3.connect(target)) as copied:
                for table in schema.metadata.sorted_tables:
                    await _dumped(tx, table, copied)
                copied.commit()
        with made.begin() as connection:
            trigger.renew(connection)
    finally:
        made.dispose()
        await engine.dispose()


async def _same_version(tx: AsyncConnection) -> None:
    found = await tx.run_sync(lambda connection: inspect(connection).has_table("schema_version"))
    if not found or (await tx.execute(select(schema.schema_version.c.version))).scalar() != schema.VERSION:
        raise StoreError("unreadable")


async def _dumped(tx: AsyncConnection, table: Table, copied: sqlite3.Connection) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(table.columns))})'
    async with tx.stream(select(table)) as rows:
        async for some in rows.partitions(ROWS):
            copied.executemany(statement, [tuple(row) for row in some])


async def load(path: Path, url: str) -> None:
    """Fills an empty PostgreSQL from a copy of today's schema, in one transaction. StoreError("occupied") if there
    are tables in it, ("unreadable") if it cannot be reached or filled."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as tx:
            if await tx.run_sync(lambda connection: inspect(connection).get_table_names()):
                raise StoreError("occupied")
            await tx.run_sync(schema.metadata.create_all)
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as held:
                for table in schema.metadata.sorted_tables:
                    await _loaded(tx, table, held)
            await tx.run_sync(trigger.renew)  # after the rows: a law judges what happens, not what has happened
    except (DBAPIError, OSError) as wrong:
        raise StoreError("unreadable") from wrong
    finally:
        await engine.dispose()


async def _loaded(tx: AsyncConnection, table: Table, held: sqlite3.Connection) -> None:
    names = [column.name for column in table.columns]
    quoted = ", ".join(f'"{name}"' for name in names)
    rows: Iterator[tuple[object, ...]] = held.execute(f'SELECT {quoted} FROM "{table.name}"')
    driver: Any = (await tx.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table.name, records=rows, columns=names)  # one statement: rows may point at rows
    (key, *more) = table.primary_key.columns
    if not more and isinstance(key.type, Integer):
        await tx.execute(_next_number(table.name, key.name))


def _next_number(table: str, key: str) -> Any:
    sequence = f"pg_get_serial_sequence('\"{table}\"', '{key}')"
    asked = f'SELECT setval({sequence}, (SELECT max("{key}") FROM "{table}")) WHERE {sequence} IS NOT NULL'
    return text(asked)
