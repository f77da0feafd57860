"""Connections to an SQLite database; each has a thread of the driver's, and closing waits for those threads too.

A task that is ended in the middle of a query, or while it connects, leaves its connection to be closed behind its back.
The thread then answers to a loop that may be gone, and the file stays open for a moment longer than the store.
"""

import asyncio
import logging
from threading import Thread
from time import monotonic
from weakref import WeakSet

import aiosqlite

log = logging.getLogger(__name__)

PATIENCE_S = 5.0  # what a query under way may still take


class Connections:
    """Opens them; `ended` waits for all that were opened."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads: WeakSet[Thread] = WeakSet()

    async def open(self) -> aiosqlite.Connection:
        """A connection of its own thread."""
        connection = aiosqlite.connect(self._path, check_same_thread=False)
        connection._thread.daemon = True  # as SQLAlchemy has it: no thread keeps a process that wants to end
        self._threads.add(connection._thread)
        return await connection

    async def ended(self) -> None:
        """Returns when no thread is left, or says after `PATIENCE_S` that one is."""
        await asyncio.get_running_loop().run_in_executor(None, self._join)

    def _join(self) -> None:
        until = monotonic() + PATIENCE_S
        for thread in list(self._threads):
            thread.join(max(0.0, until - monotonic()))
        if left := sum(thread.is_alive() for thread in self._threads):
            log.warning("%d connections to the database are still at work while it closes", left)
