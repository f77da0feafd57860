"""The device port: first contact over three requests, and the link."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import WSMsgType, web

from gatehost.model.errors import DeviceRefused
from gatehost.service.context import Context
from gatehost.service.door import calls, contact, reception
from gatehost.service.enrol import capture
from gatehost.service.gate import gatecopy
from gatehost.sync import reading
from gatehost.sync.ingest import Ingest
from gatehost.sync.live import Doors
from gatehost.sync.sequencer import Sequencer
from gatehost.sync.session import GREETING_S, Session, mono
from gatehost.sync.stranger import Stranger, Strangers

MOST_REQUEST = 4096
OVERDUE_S = 1.0


class _WebSocket:
    """session.Socket over aiohttp."""

    def __init__(self, socket: web.WebSocketResponse, stranger: Stranger) -> None:
        self._socket, self._stranger = socket, stranger

    def believed(self) -> None:
        """Whole batches may come."""
        self._stranger.known()

    async def receive(self, timeout: float) -> bytes | None:
        """The next binary message; None at the end; DeviceRefused("text") for any other kind of message."""
        async with asyncio.timeout(timeout):
            message = await self._socket.receive()
        if message.type is WSMsgType.BINARY:
            return bytes(message.data)
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            return None
        raise DeviceRefused("text")

    async def send(self, data: bytes) -> None:
        """Sends one binary message."""
        await self._socket.send_bytes(data)


class DevicePort:
    """The routes under /device/v1, and the tasks that belong to them."""

    def __init__(self, ctx: Context, doors: Doors, ingest: Ingest) -> None:
        self._ctx, self._doors, self._ingest = ctx, doors, ingest
        self._strangers = Strangers()
        self.sequencer = Sequencer(ctx, doors.show, mono)

    def app(self) -> web.Application:
        """The application to serve under TLS."""
        app = web.Application(client_max_size=MOST_REQUEST)
        app.router.add_get("/device/v1/authority", self._authority)
        app.router.add_post("/device/v1/enrol", self._enrol)
        app.router.add_post("/device/v1/enrolled", self._enrolled)
        app.router.add_get("/device/v1/link", self._link)
        app.cleanup_ctx.append(self._tasks)
        app.on_shutdown.append(self._hang_up)  # before the server waits for what is still open, not after
        return app

    async def _hang_up(self, _app: web.Application) -> None:
        await self._doors.close()

    async def _tasks(self, _app: web.Application) -> AsyncIterator[None]:
        work = (self._ingest.run(), self._watch_calls(), self.sequencer.run())
        tasks = [asyncio.create_task(one) for one in work]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch_calls(self) -> None:
        while True:
            await asyncio.sleep(OVERDUE_S)
            await calls.end_overdue(self._ctx)

    async def _authority(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._ctx.keys.authority.ca_der, content_type="application/pkix-cert")

    async def _enrol(self, request: web.Request) -> web.Response:
        try:
            await contact.request(self._ctx, await _body(request))
        except DeviceRefused as wrong:
            return web.Response(status=403, text=wrong.code)
        return web.Response(status=202)

    async def _enrolled(self, request: web.Request) -> web.Response:
        try:
            answer = await contact.answer(self._ctx, await _body(request))
        except DeviceRefused as wrong:
            return web.Response(status=403, text=wrong.code)
        if answer is None:
            return web.Response(status=202)
        return web.Response(body=answer, content_type="application/octet-stream")

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if self._doors.closing or not self._strangers.has_room(request):
            return web.Response(status=503)
        stranger = self._strangers.let_in(request)
        try:
            return await self._talk(request, stranger)
        finally:
            stranger.gone()

    async def _talk(self, request: web.Request, stranger: Stranger) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=reading.MOST_BYTES + 1, compress=False, timeout=2.0)
        await socket.prepare(request)
        session = Session(self._ctx, self._ingest, self._doors, _WebSocket(socket, stranger))
        try:
            await session.run()
        finally:
            if session.dev and self._doors.gone(session.dev, session):
                await self._went(session.dev)
            await socket.close()
        return socket

    async def _went(self, dev: str) -> None:
        """A connection ended, and no new one took its place: so does what hung on it."""
        await calls.door_lost(self._ctx, dev)
        await reception.went(self._ctx, dev)
        await capture.went(self._ctx, dev)
        gatecopy.went(self._ctx, dev)


async def _body(request: web.Request) -> bytes:
    """The whole of it; 408 when it trickles, 400 when it cannot be unpacked."""
    try:
        async with asyncio.timeout(GREETING_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest from None
