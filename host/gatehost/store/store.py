"""The database: one writer with a lock, readers of their own; never one shared connection.

Interleaved transactions on a shared aiosqlite connection lose atomicity (measured); so every write is
`async with store.write() as tx:`, one at a time from BEGIN IMMEDIATE to COMMIT, and reads are `async with store.read()`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Tx = AsyncConnection


class Store:
    """An open database. `close` it, or its threads keep the process alive."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction, alone among the writers; committed at the end, rolled back by any exception."""
        async with self._lock, self._writer.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent view of one moment; nothing can be written through it."""
        async with self._reader.connect() as tx, tx.begin():
            yield tx

    async def close(self) -> None:
        """Waits for the write under way and closes every connection."""
        async with self._lock:
            await self._writer.dispose()
            await self._reader.dispose()
