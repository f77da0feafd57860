"""The ingest path's own connection to SQLite: one thread, one transaction a call, many rows a statement.

A statement that inserts GROUP rows steps through SQLite once, so that the event loop's thread and this one do not hand
the interpreter to each other for every row.
"""

import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

GROUP = 64
Rows = Sequence[Sequence[object]]
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
            connection.execute("ROLLBACK")
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
    """`statement` ends in one row's placeholders if it is an INSERT; full groups of rows share a statement."""
    head, values, one = statement.partition(" VALUES ")
    at = 0
    if values:
        many = head + values + ",".join([one] * GROUP)
        while at + GROUP <= len(rows):
            connection.execute(many, list(chain.from_iterable(rows[at : at + GROUP])))
            at += GROUP
    connection.executemany(statement, rows[at:])
