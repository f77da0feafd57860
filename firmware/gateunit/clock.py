"""The machine's own clock behind ports.Clock."""

import asyncio
import time

_MS = 1_000_000


class SystemClock:
    """Counts from its making, through suspension. `battery` says whether the machine keeps time while it is off."""

    def __init__(self, battery: bool) -> None:
        self._battery = battery
        self._start = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def mono(self) -> int:
        """See ports.Clock."""
        return (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - self._start) // _MS

    async def sleep(self, ms: int) -> None:
        """See ports.Clock."""
        await asyncio.sleep(ms / 1000)

    def battery(self) -> int | None:
        """See ports.Clock."""
        return time.time_ns() // _MS if self._battery else None
