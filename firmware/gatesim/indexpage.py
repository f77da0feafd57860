"""The demo's first page: where to go, what to try, and the button that stops and starts the host."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web

from gatesim.errors import DemoError
from gatesim.estate import BUILDING_DOOR, DESK, GATE, HOME
from gatesim.page import HEADERS, STATIC, is_local
from gatesim.rig import Rig

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Browsers keep cookies by host name: three names of this machine let three people be signed in at once.
NAMES = {"admin": "127.0.0.1", "resident": "localhost", "desk": "desk.localhost"}


def named(link: str, login: str) -> str:
    """The link under the name of this machine that is this person's."""
    parts = urlsplit(link)
    return parts._replace(netloc=f"{NAMES[login]}:{parts.port}").geturl()


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """This machine's own names and this page's own requests only."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if not is_local(request.host) or foreign or request.headers.get("Sec-Fetch-Site", "same-origin") == "cross-site":
        raise web.HTTPForbidden(text="This page answers on this machine only.")
    return await handler(request)


class IndexPage:
    """Serves links and the host's button. `visitor` is the page of a visitor who is expected today."""

    def __init__(self, rig: Rig, visitor: str) -> None:
        self._rig, self._visitor = rig, visitor
        self._busy = False

    def links(self) -> dict[str, str]:
        """Where everything is."""
        places = self._rig.places
        signed = {login: named(self._rig.links[login], login) for login in NAMES}
        doors = {"gate": places.page(GATE), "building": places.page(BUILDING_DOOR), "vault": places.page(DESK)}
        return {**signed, **doors, "visitor": self._visitor}

    def told(self) -> str:
        """What the terminal says when everything is ready."""
        links = self.links()
        return "\n".join(
            [
                "",
                f"Open this first            先打开  http://127.0.0.1:{self._rig.places.index}/",
                "",
                f"  THE DOOR (gate)          大门    {links['gate']}",
                f"  the building's door      单元门  {links['building']}",
                f"  the desk unit's camera   前台机  {links['vault']}",
                f"  admin page, one use      管理员  {links['admin']}",
                f"  front desk, one use      前台    {links['desk']}",
                f"  resident's page, one use 住户    {links['resident']}",
                f"  visitor page             访客    {links['visitor']}",
                "",
                f"Resident A lives in {HOME}. Ctrl-C ends everything and removes its files.",
            ]
        )

    @asynccontextmanager
    async def serving(self, port: socket.socket) -> AsyncIterator[None]:
        """Serves on a listening port while this lasts."""
        app = web.Application(middlewares=[guard])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/now", self._now),
                web.post("/host/{wish:stop|start}", self._host),
                web.static("/static", STATIC),
            ]
        )
        app.on_response_prepare.append(_dress)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.SockSite(runner, port).start()
            yield
        finally:
            await runner.cleanup()

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _now(self, request: web.Request) -> web.Response:
        told = {"host": self._rig.host.running, "busy": self._busy, "home": HOME, "links": self.links()}
        return web.Response(text=json.dumps(told), content_type="application/json")

    async def _host(self, request: web.Request) -> web.Response:
        """Stops or starts the host; a form of another site cannot send this header."""
        if request.headers.get("X-Demo") != "1":
            raise web.HTTPForbidden(text="Press the button on the demo's page.")
        if self._busy:
            raise web.HTTPConflict(text="The host is just being stopped or started.")
        self._busy = True
        try:
            stop = request.match_info["wish"] == "stop"
            await (self._rig.stop_host() if stop else self._rig.restart_host())
        except DemoError as wrong:
            return web.Response(status=500, text=str(wrong))
        finally:
            self._busy = False
        return await self._now(request)


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
