"""Simulated time: it passes only when a test says so, and every sleeper wakes at its own instant, in order."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

SETTLE = 25  # turns of the loop in which everything that can happen at one instant happens
SPINS = 20  # turns in which a short piece of work elsewhere, a record on its way to the disk, is waited for awake
NAP_S = 0.001  # and how long it sleeps at a time while a longer one goes on, which needs the core itself


class SimClock:
    """ports.Clock. Real work on other threads is waited for while any of the `watch`ed says it is busy."""

    def __init__(self, utc: int | None = None) -> None:
        self._mono = 0
        self._utc = utc
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._busy: list[Callable[[], bool]] = []

    def mono(self) -> int:
        """ms since this clock was made."""
        return self._mono

    def battery(self) -> int | None:
        """utc in ms, if this clock was given one."""
        return None if self._utc is None else self._utc + self._mono

    def watch(self, busy: Callable[[], bool]) -> None:
        """Time stands still while `busy()`."""
        self._busy.append(busy)

    async def sleep(self, ms: int) -> None:
        """Returns when time has been moved on by `ms`."""
        if ms <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono + ms, next(self._order), woken))
        await woken

    async def advance(self, ms: int) -> None:
        """Moves time on by `ms`, waking sleepers on the way."""
        end = self._mono + ms
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._mono = max(self._mono, at)
            woken.set_result(None)
            await self.settle()
        self._mono = end
        await self.settle()

    async def settle(self) -> None:
        """Lets happen what can happen now."""
        turns = waited = 0
        while turns < SETTLE:
            if any(busy() for busy in self._busy):
                turns, waited = 0, waited + 1
            else:
                turns, waited = turns + 1, 0
            await asyncio.sleep(NAP_S if waited > SPINS else 0)
