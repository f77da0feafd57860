"""Posts the estate's events to whoever the admin named; one at a time, again until they are taken."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from gatehost.service.context import Context
from gatehost.service.evidence import feed

LOOK_S, ANSWER_S = 1.0, 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0

Sleep = Callable[[float], Awaitable[None]]


async def keep_feeding(ctx: Context, sleep: Sleep = asyncio.sleep) -> None:
    """Runs for ever. A receiver that fails is left alone twice as long each time, up to five minutes; others go on."""
    rests: dict[int, tuple[float, int]] = {}  # feed -> how long it rests, until when (ms)
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    connector = aiohttp.TCPConnector(resolver=Receivers())
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False, connector=connector) as http:
        while True:
            for one in await feed.living(ctx):
                if ctx.clock() >= rests.get(one.id, (0, 0))[1]:
                    await _one(ctx, http, one, rests)
            await sleep(LOOK_S)


class Receivers(ThreadedResolver):
    """Names stand for receivers only: an address that is none is not connected to, whatever the name's server says."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name that may be reached. OSError when there is none."""
        found = [one for one in await super().resolve(host, port, family) if feed.may_reach(one["host"])]
        if not found:
            raise OSError("no receiver's address")
        return found


async def _one(ctx: Context, http: aiohttp.ClientSession, one: feed.Feed, rests: dict[int, tuple[float, int]]) -> None:
    made = await feed.batch(ctx, one)
    if made is None:
        return
    why = await _post(http, one.url, made) if made.body else ""
    if not why:
        await feed.delivered(ctx, one, made)
        rests.pop(one.id, None)
        return
    wait = min(rests.get(one.id, (FIRST_WAIT_S / 2, 0))[0] * 2, LONGEST_WAIT_S)
    rests[one.id] = (wait, ctx.clock() + int(wait * 1000))
    await feed.failed(ctx, one, why)


async def _post(http: aiohttp.ClientSession, url: str, made: feed.Batch) -> str:
    """ "" when the receiver took it, else why not; a redirect is not followed, and what it answers is not read."""
    try:
        async with http.post(url, data=made.body, headers=made.headers, allow_redirects=False) as answer:
            return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as wrong:
        logging.getLogger(__name__).debug("a feed did not take its events: %s", type(wrong).__name__)
        return type(wrong).__name__
