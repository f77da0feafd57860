"""Group commit: verified batches of all devices that wait at the same moment become one durable transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gatehost.store.accesslog import Verified

MOST_TOGETHER = 64
BUSY = 128  # waiting batches at which devices are asked to slow down


@dataclass(slots=True)
class _Waiting:
    batch: Verified | None  # None: only wait until everything before is settled
    stored: "asyncio.Future[int]"


class Ingest:
    """One writer task; `run` owns it. `store` makes batches durable, all or none, and tells the index of each one's
    last leaf (accesslog.store of a database)."""

    def __init__(self, store: Callable[[Sequence[Verified]], Awaitable[Sequence[int]]]) -> None:
        self._store = store
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    @property
    def busy(self) -> bool:
        """Whether devices should wait a little before their next batch."""
        return self._queue.qsize() > BUSY

    async def put(self, batch: Verified) -> int:
        """Returns when the batch is on storage: the index of its last leaf. Raises what the database raised, and then
        nothing of it is."""
        waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.stored

    async def barrier(self) -> None:
        """Returns when everything put before has been settled."""
        waiting = _Waiting(None, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        await waiting.stored

    async def run(self) -> None:
        """Commits until cancelled."""
        while True:
            group = [await self._queue.get()]
            while len(group) < MOST_TOGETHER and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)

    async def _commit(self, group: list[_Waiting]) -> None:
        try:
            batches = [one.batch for one in group if one.batch is not None]
            last = iter(await self._store(batches) if batches else ())
        except Exception as wrong:  # one device's trouble must not be another's: each is tried alone
            if len(group) == 1:
                _settle(group[0], 0, wrong)
                return
            for one in group:
                await self._commit([one])
            return
        for one in group:
            _settle(one, 0 if one.batch is None else next(last), None)


def _settle(one: _Waiting, index: int, wrong: Exception | None) -> None:
    if one.stored.done():
        return
    if wrong is None:
        one.stored.set_result(index)
    else:
        one.stored.set_exception(wrong)
