"""The page server of one simulated unit: static files and one WebSocket, on loopback only.

The page is the door itself, not a way to manage it: who can reach it can press its keys and stand before its camera.
Messages are JSON text, a frame is a binary message with a JPEG; `played` units take 8 bytes of time before it.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from gatesim.camera import MOST_BYTES, PageCamera
from gatesim.stage import Stage

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
REDRAW_S = 0.1
SOCKET_BYTES = 8 * MOST_BYTES  # what is larger closes the socket before it is read whole
MOST_SOCKETS = 16
WHY = {
    "too_large": ("画面太大，最多 1 MB。", "This frame is too large: at most 1 MB."),
    "not_a_jpeg": ("这不是 JPEG 画面。", "This frame is not a JPEG."),
    "not_a_picture": ("这不是能读的图片。", "This is not a picture that can be read."),
    "truncated": ("画面不完整。", "This frame ends early."),
    "too_small": ("画面太小。", "This frame is too small."),
    "too_many": ("画面来得太快。", "Frames come too fast."),
    "too_few_bytes": ("画面缺少时间。", "This frame lacks its time."),
    "not_understood": ("看不懂的消息。", "This message is not understood."),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


def is_local(host: str) -> bool:
    """Whether a Host header names this machine: a foreign name that resolves here (DNS rebinding) does not."""
    name = urlsplit(f"//{host}").hostname or ""
    return name in LOOPBACK or name.endswith(".localhost")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only this machine's own names, only from the page's own origin; every answer carries the headers."""
    origin = request.headers.get("Origin")
    if not is_local(request.host) or (origin is not None and urlsplit(origin).netloc != request.host):
        raise web.HTTPForbidden(text="This page answers on this machine only.")
    return await handler(request)


async def nothing() -> None:
    """Nothing to wait for."""


class Page:
    """Serves one stage. `hear` is given to the stage; `extra` handles messages the stage knows nothing of."""

    def __init__(self, name: str, camera: PageCamera, played: bool = False) -> None:
        self._name, self._camera, self._played = name, camera, played
        self._sockets: set[web.WebSocketResponse] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.stage: Stage | None = None
        self.settled: Callable[[], Awaitable[None]] = nothing
        self.extra: Callable[[dict[str, Any]], bool] = lambda message: False

    def app(self) -> web.Application:
        """The application to run."""
        app = web.Application(middlewares=[guard])
        app.add_routes([web.get("/", self._index), web.get("/ws", self._socket), web.static("/static", STATIC)])
        app.on_response_prepare.append(_dress)
        return app

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / f"{self._name}.html")

    # --- telling --------------------------------------------------------------------------

    def hear(self, message: dict[str, Any]) -> None:
        """Sends a message to every open page."""
        for socket in list(self._sockets):
            self._begin(_send(socket, message))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Tells every change of the view until cancelled."""
        assert self.stage is not None
        last: dict[str, Any] = {}
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stage.changed.wait(), REDRAW_S)
            self.stage.changed.clear()
            view = self.stage.view()
            if view != last:
                last = view
                self.hear(view)

    # --- listening ------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._sockets) >= MOST_SOCKETS:
            raise web.HTTPServiceUnavailable(text="Too many pages of this unit are open.")
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=SOCKET_BYTES)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            assert self.stage is not None
            await socket.send_json(self.stage.view())
            await self._listen(socket)
        except ConnectionResetError:
            log.info("a page went away")
        finally:
            self._sockets.discard(socket)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                self._begin(self._see(socket, message.data))  # keys are heard while a frame is looked at
            elif message.type is WSMsgType.TEXT and not self._obey(message.data):
                await _send(socket, _answer("not_understood"))

    async def _see(self, socket: web.WebSocketResponse, data: bytes) -> None:
        """Answers a frame; a played one only when everything it led to has been carried out and shown."""
        code = await self._frame(data)
        if self._played and self.stage is not None:
            await self.settled()
            await _send(socket, self.stage.view())
        await _send(socket, _answer(code))

    async def _frame(self, data: bytes) -> str:
        if not self._played:
            return await self._camera.offer(data)
        if len(data) < 8:
            return "too_few_bytes"
        return await self._camera.offer(data[8:], int.from_bytes(data[:8], "big"))

    def _obey(self, text: str) -> bool:
        """Does what a page's message asks; False if it asks for nothing we know."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(message, dict) or self.stage is None:
            return False
        return self._act(self.stage, message) or self.extra(message)

    def _act(self, stage: Stage, message: dict[str, Any]) -> bool:
        match message:
            case {"do": "key", "key": str(key)}:
                return stage.key(key)
            case {"do": "card", "number": int(number)} if not isinstance(number, bool):
                return stage.card(number)
            case {"do": "leaf", "open": bool(is_open)}:
                stage.leaf(is_open)
            case {"do": "fire", "on": bool(on)}:
                stage.fire(on)
            case {"do": "exit"}:
                stage.exit()
            case _:
                return False
        return True

    async def close(self) -> None:
        """Says goodbye to open pages."""
        for task in list(self._tasks):
            task.cancel()
        for socket in list(self._sockets):
            await socket.close()


def _answer(code: str) -> dict[str, Any]:
    """What a page is told about its frame or message."""
    if not code:
        return {"kind": "frame", "ok": True}
    return {"kind": "frame", "ok": False, "code": code, "text": list(WHY.get(code, WHY["not_a_picture"]))}


async def _send(socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
    """A page that has gone is no error."""
    try:
        if not socket.closed:
            await socket.send_str(json.dumps(message, ensure_ascii=False))
    except (ConnectionError, RuntimeError):
        log.info("a page went away")


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
