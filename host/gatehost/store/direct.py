"""The ingest path's own connection to SQLite: one thread, one transaction a call, many rows a statement.

A statement that inserts GROUP rows steps through SQLite once, so that the event loop's thread and this one do not hand
the interpreter to each other for every row. Python's driver asks of each `bytes` and each None whether somebody wants
it adapted, which takes five times as long as handing it over: so bytes go as bytearrays, and nulls as what is not a
number, which SQLite stores as NULL (its test/nan.test). So rows with and without nulls go in one statement, in the
order of their ids: pages fill up one after another.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

GROUP = 64
NULL = float("nan")
Rows = Sequence[Sequence[Any]]
Columns = Sequence[Iterable[Any]]
Result = TypeVar("Result")


class Direct:
    """Opened at its first use; used from one thread at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def run(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        """All that `act` writes, durable, or nothing and what it raised."""
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = act(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()  # nothing if SQLite did it itself, as it does when the disk is full
            raise
        return done

    def sweep(self) -> None:
        """Copies the write-ahead log into the database and truncates it."""
        self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Closes the connection; the next use opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5.0)
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
        return self._connection


def plain(column: Iterable[Any]) -> list[Any]:
    """Numbers or texts, some of them None, as the driver takes them quickly."""
    return [NULL if value is None else value for value in column]


def blobs(column: Iterable[bytes | None]) -> list[Any]:
    """Bytes, some of them None, as the driver takes them quickly."""
    return [NULL if value is None else bytearray(value) for value in column]


def insert_rows(connection: sqlite3.Connection, statement: str, rows: Rows) -> None:
    """`statement` is `INSERT INTO table (columns) VALUES (?,...)`; the values of a column are of one type, or None."""
    if rows:
        columns = [blobs(one) if bytes in set(map(type, one)) else plain(one) for one in zip(*rows, strict=True)]
        insert_columns(connection, statement, columns, len(rows))


def insert_columns(connection: sqlite3.Connection, statement: str, columns: Columns, many: int) -> None:
    """The same for `many` rows that are given as columns without bytes or None in them."""
    width = len(columns)
    values: list[Any] = [None] * (many * width)
    for at, column in enumerate(columns):
        values[at::width] = column
    for at in range(0, len(values), GROUP * width):
        some = values[at : at + GROUP * width]
        connection.execute(_times(statement, len(some) // width), some)


@lru_cache(1024)
def _times(statement: str, many: int) -> str:
    """The statement for so many rows."""
    head, values, one = statement.partition(" VALUES ")
    return head + values + ",".join([one] * many)
