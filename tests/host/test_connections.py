"""Connections on which nothing is asked are closed, at the host and at the gate's own page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gatehost import __main__ as program
from gateunit import gateserve

PATIENCE_S = 10


async def _hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


@contextlib.asynccontextmanager
async def listening(runner: web.AppRunner) -> AsyncIterator[int]:
    """The port on which it serves."""
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def served() -> web.Application:
    app = web.Application()
    app.router.add_get("/", _hello)
    return app


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
    ],
    ids=["nothing", "half a line", "headers without end", "one and no more", "one and a half"],
)
@pytest.mark.parametrize("whose", [program, gateserve], ids=["host", "gate"])
async def test_a_connection_on_which_nothing_is_asked_is_closed(
    monkeypatch: pytest.MonkeyPatch, said: bytes, whose: object
) -> None:
    monkeypatch.setattr(whose, "QUIET_S", 0.2)
    runner = program._runner(served()) if whose is program else gateserve.runner(served())
    async with listening(runner) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(said)
            answer = await asyncio.wait_for(reader.read(), PATIENCE_S)  # to its end: the other side has hung up
            assert answer.count(b"hello") == (b"\r\n\r\n" in said)
        finally:
            writer.close()
