"""The open pages of one process: a bounded queue each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gatehost.model.account import Actor
from gatehost.service.ports import Audience, News

QUEUE = 100  # a page that has not taken so many is dropped: it reloads and sees the present


class OpenPages:
    """Pages (service.ports) within one process."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Queue[News | None], Actor] = {}

    def tell(self, audience: Audience, news: News) -> None:
        """Queues the news for every page concerned."""
        for queue, actor in list(self._open.items()):
            if not concerns(actor, audience):
                continue
            if queue.qsize() >= QUEUE:
                self._end(queue)
            else:
                queue.put_nowait(news)

    @asynccontextmanager
    async def open(self, actor: Actor) -> AsyncIterator[AsyncIterator[News]]:
        """A page's news; the iteration ends when the page fell behind or the host stops."""
        queue: asyncio.Queue[News | None] = asyncio.Queue()
        self._open[queue] = actor
        try:
            yield _news(queue)
        finally:
            self._open.pop(queue, None)

    def close(self) -> None:
        """Ends every page's news."""
        for queue in list(self._open):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[News | None]) -> None:
        self._open.pop(queue, None)
        queue.put_nowait(None)


async def _news(queue: asyncio.Queue[News | None]) -> AsyncIterator[News]:
    while (news := await queue.get()) is not None:
        yield news


def concerns(actor: Actor, audience: Audience) -> bool:
    """Whether the actor belongs to the audience."""
    return (
        actor.account in audience.accounts
        or actor.role in audience.roles
        or any(home in audience.homes for home in actor.homes)
    )
