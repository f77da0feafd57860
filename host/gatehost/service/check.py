"""How far a verification of the stored log is, and what it found."""

import asyncio
from dataclasses import dataclass

from gatehost.model.device import DeviceVerdict

TURN = 32  # entries looked at in a row: a millisecond or two, then doors and pages have theirs


@dataclass(slots=True)
class Check:
    """Since `at` (ms UTC) everything stored is verified: `done` of `total` looks at entries, two each. Once it does not
    run any more `verdicts` are what was found; None if it could not be ended."""

    at: int
    total: int = 0
    done: int = 0
    running: bool = True
    verdicts: tuple[DeviceVerdict, ...] | None = None

    async def step(self) -> None:
        """One entry was looked at."""
        self.done += 1
        if self.done % TURN == 0:
            await asyncio.sleep(0)

    @property
    def percent(self) -> int:
        """How much is done."""
        return min(99, self.done * 100 // self.total) if self.total else 0
