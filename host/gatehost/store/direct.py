"""The ingest path's own connection to SQLite: one thread, one transaction a call, many rows a statement.

A statement that inserts GROUP rows steps through SQLite once, so that the event loop's thread and this one do not hand
the interpreter to each other for every row. Python's driver asks of each `bytes` and each None whether somebody wants
it adapted, which takes five times as long as handing it over: so bytes go as bytearrays, and nulls by not being named.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

GROUP = 16
Rows = Sequence[Sequence[Any]]
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


def insert_rows(connection: sqlite3.Connection, statement: str, rows: Rows) -> None:
    """`statement` is `INSERT INTO table (columns) VALUES (?,...)`; the rows have no null, and all values of a column
    are of one type."""
    if not rows:
        return
    values, width = list(chain.from_iterable(rows)), len(rows[0])
    for column, value in enumerate(rows[0]):
        if type(value) is bytes:
            values[column::width] = map(bytearray, values[column::width])
    for at in range(0, len(values), GROUP * width):
        some = values[at : at + GROUP * width]
        connection.execute(_times(statement, len(some) // width), some)


@lru_cache(1024)
def _times(statement: str, many: int) -> str:
    """The statement for so many rows."""
    head, values, one = statement.partition(" VALUES ")
    return head + values + ",".join([one] * many)
