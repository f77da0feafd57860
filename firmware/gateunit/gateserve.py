"""The guard's page on its port: HTTPS with the unit's own certificate, plain HTTP on loopback alone."""

import asyncio
import logging
from pathlib import Path

from aiohttp import web

from gateunit import pagetls
from gateunit.errors import SettingsError
from gateunit.gatedesk import Desk
from gateunit.gatepage import GatePage

log = logging.getLogger(__name__)


async def serve(desk: Desk, host: str, port: int, folder: Path) -> None:
    """Until cancelled; the certificate lies in `folder`. SettingsError where the port is taken: the door does not stop
    for that, and it is tried again."""
    tls = None
    if desk.secure:
        tls, fingerprint = pagetls.context(folder)
        log.info("the guard's page has the certificate %s", fingerprint)
    runner = web.AppRunner(GatePage(desk).app(), handle_signals=False, shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port, ssl_context=tls))
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite) -> None:
    try:
        await site.start()
    except OSError as wrong:
        raise SettingsError(f"nobody can open it ({wrong}): name another port as gate_page in unit.toml") from wrong
