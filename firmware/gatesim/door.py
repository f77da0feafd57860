"""`kaimen door`: a unit with fake ports and a page of its own. The rules, store, keys, link and eyes are the real ones.

    kaimen door --dir DIR --page 127.0.0.1:8703 [--claim FILE] [--played]

`--played` is for stories: frames carry their own time, none is dropped, and nobody walks through by themselves.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gatecore.errors import GateError
from gatesim.camera import PageCamera
from gatesim.errors import PortTaken
from gatesim.page import LOOPBACK, Page
from gatesim.ports import FakeInputs, FakeLock, FakeReader, FakeScreen
from gatesim.presses import Presses
from gatesim.stage import Facts, Props, Stage
from gatesim.vaultpage import VaultPage
from gateunit.clock import SystemClock
from gateunit.errors import UnitError
from gateunit.keys import FileKeys
from gateunit.link import WebLink
from gateunit.oblivion import overwrite_what_is_freed
from gateunit.still import PictureRefused, read_picture
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

SETTLE_S, SETTLE_MS = 2.0, 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    folder: Path
    host: str
    port: int
    claim: Path | None
    played: bool
    desk: bool


def wish_of(words: Sequence[str]) -> Wish:
    """Reads the command line; argparse ends the process with status 2 when it cannot be understood."""
    parser = argparse.ArgumentParser(
        "kaimen door", description="A door without hardware, as a page.", allow_abbrev=False
    )
    parser.add_argument("--dir", type=Path, required=True, help="the unit's folder: keys, log, records")
    parser.add_argument(
        "--page", default="127.0.0.1:8703", metavar="HOST:PORT", help="where its page listens (loopback)"
    )
    parser.add_argument("--claim", type=Path, help="claim file for first contact; it is wiped when used")
    parser.add_argument("--desk", action="store_true", help="show the front desk's page instead of a door's")
    parser.add_argument("--played", action="store_true", help="frames carry their own time (for played stories)")
    told = parser.parse_args(words)
    host, _, port = told.page.rpartition(":")
    if host not in LOOPBACK or not port.isdigit() or not 0 < int(port) < 65536:
        parser.error("--page: the page is the door itself and listens on this machine only, as 127.0.0.1:PORT")
    return Wish(told.dir, host, int(port), told.claim, told.played, told.desk)


class SimDoor:
    """One unit, its fake ports and its page."""

    def __init__(self, wish: Wish) -> None:
        self._clock = clock = SystemClock(battery=True)
        self._wish = wish
        camera = PageCamera(clock, read_picture, PictureRefused)
        self.props = Props(FakeLock(clock), Presses(clock), FakeInputs(), FakeScreen(clock), camera, FakeReader(clock))
        ports = Ports(
            clock, self.props.lock, self.props.keypad, self.props.inputs, self.props.screen,
            FileStore(wish.folder / "store"), FileKeys(wish.folder / "keys"), camera,
            reader=None if wish.desk else self.props.reader,
        )  # fmt: skip
        options = Options(claim=wish.claim, model="gatesim", first_retry_ms=300, last_retry_ms=2_000, poll_ms=300)
        self.unit = Unit(ports, options)
        self.page = Page("desk" if wish.desk else "door", camera, wish.played)
        vault = VaultPage(self.unit)
        facts = Facts(self._label, self._linked, lambda: self.unit.ledger.seq, self._closed, vault.view)
        self.page.stage = self.stage = Stage(clock, self.props, facts, self.page.hear, played=wish.played)
        self.page.extra = vault.act
        self.page.settled = self._settled
        self.unit.watch(self.stage.see)

    def _linked(self) -> bool:
        link = self.unit.carrier.link
        return isinstance(link, WebLink) and link.up

    def _label(self) -> str:
        row = self.unit.door.state.door
        if row is not None and row.label:
            return row.label
        return "" if self.unit.identity is None else self.unit.identity.certificate().slot

    def _closed(self) -> list[str]:
        """Why faces are not searched freely here."""
        return [] if self.unit.sight is None else [str(reason) for reason in self.unit.sight.closed]

    async def _settled(self) -> None:
        """Returns when every event so far has been carried out, at the latest after SETTLE_S."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                while not self.unit.quiet:
                    await self._clock.sleep(SETTLE_MS)

    async def run(self) -> None:
        """Serves door and page until cancelled."""
        runner = web.AppRunner(self.page.app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await self._listen(runner)
            print(f"page http://{self._wish.host}:{self._wish.port}/", flush=True)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.page.run())
                tasks.create_task(self.unit.run())
        finally:
            self.props.camera.close()
            await self.stage.close()
            await self.page.close()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._wish.host, self._wish.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as wrong:
            raise PortTaken(f"nothing can listen at {host}:{port} ({wrong.strerror}): name another --page") from wrong


async def serve(wish: Wish) -> None:
    """Runs until SIGINT or SIGTERM."""
    door = asyncio.ensure_future(SimDoor(wish).run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, door.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await door


def main(words: Sequence[str]) -> int:
    """Status 0 when asked to end, 1 when the door could not go on, 2 for a command line or folder of no use."""
    wish = wish_of(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    os.umask(0o077)
    overwrite_what_is_freed()
    try:
        asyncio.run(serve(wish))
    except (UnitError, GateError) as wrong:
        print(f"kaimen door: {wrong}", file=sys.stderr)
        return 2
    except (PortTaken, OSError) as wrong:
        print(f"kaimen door: {wrong}", file=sys.stderr)
        return 1
    return 0
