"""The guard's page on its port: HTTPS with the unit's own certificate, plain HTTP on loopback alone."""

import asyncio
import logging
from pathlib import Path

from aiohttp import web

from gateunit import pagetls
from gateunit.gatedesk import Desk
from gateunit.gatepage import GatePage

log = logging.getLogger(__name__)

QUIET_S = 30.0  # a connection on which nothing is asked, or not to the end of its headers, is closed


async def serve(desk: Desk, host: str, port: int, folder: Path) -> None:
    """Until cancelled; the certificate lies in `folder`. OSError where the port is taken."""
    tls = None
    if desk.secure:
        tls, fingerprint = pagetls.context(folder)
        log.info("the guard's page has the certificate %s", fingerprint)
    made = runner(GatePage(desk).app())
    await made.setup()
    try:
        await web.TCPSite(made, host, port, ssl_context=tls).start()
        await asyncio.Event().wait()
    finally:
        await made.cleanup()


def runner(app: web.Application) -> web.AppRunner:
    """What serves the page."""
    return web.AppRunner(app, handle_signals=False, shutdown_timeout=1, access_log=None, keepalive_timeout=QUIET_S)
