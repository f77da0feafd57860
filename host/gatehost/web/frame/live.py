"""What open pages are told at once: which of their parts have changed.

`GET /live` is a WebSocket. The host sends `{"changed": [part, ...]}`; the page fetches itself again and replaces the
elements that carry `data-live` with one of these names. Nothing personal travels here, and a page without JavaScript
shows the same after a reload. The client says nothing; 4401 closes a page whose session or account is not what it was.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import WSMsgType, web

from gatehost.model.account import Actor
from gatehost.service.office import accounts
from gatehost.service.ports import News
from gatehost.web.frame import guarding
from gatehost.web.frame.session import CTX, cookie, of

PARTS: dict[str, tuple[str, ...]] = {
    "ring": ("calls",),
    "picture": ("calls",),
    "call": ("calls", "visits"),
    "entry": ("entries", "visits", "codes", "today"),
    "device": ("doors", "today", "codes", "face"),
    "waiting": ("waiting",),
    "alarm": ("alarms", "today"),
    "codes": ("codes",),
    "capture": ("capture",),
    "face": ("face", "capture"),
    "visit": ("visits",),
    "case": ("visits", "papers"),
    "card": ("visits",),
}
HEARTBEAT_S = 25.0
RECHECK_S = 60.0
ENDED = 4401


async def live(request: web.Request) -> web.StreamResponse:
    """One page's line to the host, for the session it was opened with."""
    origin = request.headers.get("Origin", "")
    ctx = request.app[CTX]
    if not guarding.is_ours(origin, request, ctx.url):
        raise web.HTTPForbidden(reason="other origin")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=1024)
    await socket.prepare(request)
    token = request.cookies.get(cookie(request, "kaimen-session"), "")
    async with ctx.pages.open(of(request).person) as news, asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(tell(socket, news))
        checking = tasks.create_task(end_with_session(socket, request, token))
        await until_closed(socket)
        telling.cancel()
        checking.cancel()
    return socket


async def tell(socket: web.WebSocketResponse, news: AsyncIterator[News]) -> None:
    """Passes on what has changed; a page that fell behind is closed and comes back to see the present."""
    with contextlib.suppress(ConnectionResetError):
        async for one in news:
            if one.kind == "account":
                await socket.close(code=ENDED)
                return
            await socket.send_json({"changed": PARTS.get(one.kind, ("*",))})
        await socket.close()


async def end_with_session(socket: web.WebSocketResponse, request: web.Request, token: str) -> None:
    """Closes the line of a session that was signed out, has ended, or whose homes have changed."""
    actor: Actor = of(request).person
    while await accounts.actor_of(request.app[CTX], token) == actor:  # noqa: ASYNC110 (no event tells of an end of time)
        await asyncio.sleep(RECHECK_S)
    await socket.close(code=ENDED)


async def until_closed(socket: web.WebSocketResponse) -> None:
    """Waits for the page to go; whatever it says is not listened to."""
    async for message in socket:
        if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            await socket.close()
