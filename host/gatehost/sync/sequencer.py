"""When a checkpoint is made: 5 s after the first leaf that none covers, at most one in 30 s; doors see it then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gatehost.model.errors import HostError
from gatehost.service.context import Context
from gatehost.service.evidence import checkpoints

log = logging.getLogger(__name__)

FIRST_MS, BETWEEN_MS = 5_000, 30_000
LOOK_S = 1.0


@dataclass(slots=True)
class Due:
    """The law of when, on a clock that never goes back (ms)."""

    since: int | None = None  # when the first uncovered leaf was seen
    last: int | None = None

    def look(self, uncovered: bool, now: int) -> bool:
        """Whether a checkpoint is due now."""
        if not uncovered:
            self.since = None
            return False
        if self.since is None:
            self.since = now
        if self.last is not None and now - self.last < BETWEEN_MS:
            return False
        return now - self.since >= FIRST_MS

    def made(self, now: int) -> None:
        """One was made."""
        self.since, self.last = None, now


class Sequencer:
    """One task for the estate; `tell` shows every connected door the newest checkpoint."""

    def __init__(self, ctx: Context, tell: Callable[[], Awaitable[None]], mono: Callable[[], int]) -> None:
        self._ctx, self._tell, self._mono = ctx, tell, mono
        self._due = Due()

    async def run(self) -> None:
        """Looks until cancelled; a database that fails now may work in a second."""
        looked_back = False
        while True:
            try:
                if not looked_back:
                    await checkpoints.look_back(self._ctx)
                    looked_back = True
                await self.step()
            except HostError as wrong:
                log.error("no checkpoint: %s", wrong.code)
            except Exception:
                log.exception("no checkpoint")
            await asyncio.sleep(LOOK_S)

    async def step(self) -> bool:
        """One look; whether a checkpoint was made."""
        leaves, covered = await checkpoints.sizes(self._ctx)
        if not self._due.look(leaves > covered, self._mono()):
            return False
        await checkpoints.sign(self._ctx)
        self._due.made(self._mono())
        await self._tell()
        return True
