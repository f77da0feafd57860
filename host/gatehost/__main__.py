"""`kaimen host`: wires store, services, device port and pages, and runs until it is told to stop."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import resource
import shutil
import signal
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from gatehost import keys, memory, settings
from gatehost.files import check_owner, write_private
from gatehost.model.errors import HostError, SettingsError, StoreError
from gatehost.service import gone, hostclock, publish, zone
from gatehost.service.context import Context
from gatehost.service.evidence import erasure
from gatehost.service.founding import estate, practice
from gatehost.service.gate import bycode, gatecopy, gatedeed, incident, presence
from gatehost.service.office import daily
from gatehost.service.pages import OpenPages
from gatehost.service.paper import kinds
from gatehost.service.safekeeping import restored
from gatehost.service.safekeeping.restored import UNFINISHED
from gatehost.settings import Address, Settings
from gatehost.store import accesslog
from gatehost.store.backups import Second
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import HALVES, Store, open_store
from gatehost.sync import feeder
from gatehost.sync.api import DevicePort
from gatehost.sync.ingest import Ingest
from gatehost.sync.live import Doors
from gatehost.sync.tls import small_buffers

VERBS = ("backup-key", "backup", "backup-verify", "restore")  # gatehost.safekeeping
LINK = "link"  # gatehost.letin
PUBLISH_S = 600.0
Work = Callable[[Context], Awaitable[object]]
# what time changes though nobody does anything
ROUND: tuple[Work, ...] = (
    hostclock.keep, zone.keep, publish.publish_all, presence.ask_overstays, daily.turn, gone.keep,
)  # fmt: skip
GOODBYE_S = 2.0
QUIET_S = 30.0  # a connection on which nothing is asked, or not to the end of its headers, is closed
_STORE_ERRORS = {
    "newer": "was written by a newer version of this program: install that version, or restore an older backup",
    "disk_full": "cannot be opened, for the disk is full: make room and start again; nothing of it is lost",
    "unknown": "has no address that can be used: --database is sqlite+aiosqlite:///FILE, or with the extra `postgres` "
    "postgresql+asyncpg://USER@/NAME?host=FOLDER",
    "unreadable": "is not a database of this program, or is damaged: restore a backup, or name another with --database",
}


def main(argv: Sequence[str]) -> int:
    """Runs the host; 0 after a clean stop, 1 when it could not start or go on, 2 for a wrong command line."""
    if argv and argv[0] in VERBS:
        from gatehost import safekeeping

        return safekeeping.main(argv)
    if argv and argv[0] == LINK:
        from gatehost import letin

        return letin.main(argv[1:])
    began = time.monotonic()
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    try:
        chosen = settings.read(argv)
        asyncio.run(practise(chosen, began) if chosen.practice else run(chosen, began))
    except (HostError, OSError) as wrong:  # a file that cannot be made or read, a disk without room, and what we refuse
        print(f"kaimen host: {wrong}", file=sys.stderr)
        return 1
    return 0


async def practise(chosen: Settings, began: float) -> None:
    """A host to practise on, and nothing of it left when it ends (docs/adr/0115)."""
    try:
        await run(chosen, began)
    finally:
        shutil.rmtree(chosen.folder, ignore_errors=True)


async def run(chosen: Settings, began: float) -> None:
    """The host from start to SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    small_buffers()
    _many_connections()
    _make_folder(chosen.folder)
    with _alone(chosen.folder):
        await _run(chosen, stop, began)


async def _run(chosen: Settings, stop: asyncio.Event, began: float) -> None:
    ring = keys.load(chosen.folder, chosen.names(), _clock(), os.urandom)
    store = await _open(chosen)
    try:
        doors, pages, shelf = Doors(), OpenPages(), Shelf(chosen.folder / DOCUMENTS)
        second = None if chosen.second is None else Second(chosen.second)
        ctx = Context(
            store, ring, _clock, os.urandom, doors, pages, chosen.url, chosen.device_url, shelf, second=second
        )
        await _prepare(ctx, chosen)
        await _serve(ctx, chosen, doors, pages, stop, began)
    finally:
        await store.close()


def _clock() -> int:
    return time.time_ns() // 1_000_000


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_owner(folder)
        unfinished = (folder / UNFINISHED).exists()
    except OSError as wrong:
        raise SettingsError(f"--dir {folder} cannot be used: {wrong.strerror}") from wrong
    if unfinished:
        raise SettingsError(f"a restore into {folder} was cut off: empty the folder and restore again")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder is this host's: of two on one folder each would know half of the doors and of the people's pages."""
    with (folder / "running").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"a host runs on --dir {folder} already: stop it, or name another folder") from None
        yield


async def _open(chosen: Settings) -> Store:
    try:
        return await open_store(chosen.database, chosen.folder / HALVES)
    except StoreError as wrong:
        raise SettingsError(f"the database {_STORE_ERRORS[wrong.code]}") from wrong


async def _prepare(ctx: Context, chosen: Settings) -> None:
    """Reads the kinds of paper, seeds an empty database, ends what a restore brought back, and writes first links and
    claims when asked. What time has changed is published when the host is ready (`_publish`): doors hold what was told
    to them, and with thousands of homes it takes longer than all of this."""
    kinds.kinds()  # a wrong declaration stops the host before anybody can use it
    if chosen.estate is not None:
        await estate.seed(ctx, chosen.estate)
    await estate.ensure_estate(ctx)
    if not await restored.finish(ctx, chosen.folder):
        await erasure.again(ctx)
    await gone.keep(ctx)
    await incident.take_over(ctx)
    await gatedeed.take_all(ctx)
    await bycode.take_all(ctx)
    if chosen.practice:
        await practice.fill(ctx)
    if chosen.links is not None:
        await _write_links(ctx, chosen.links)
    if chosen.claims is not None:
        chosen.claims.mkdir(mode=0o700, parents=True, exist_ok=True)
        for slot, claim in (await estate.first_claims(ctx)).items():
            write_private(chosen.claims / f"{slot}.claim", claim)


async def _write_links(ctx: Context, path: Path) -> None:
    links = await estate.first_links(ctx)
    told = {one.name: {"role": one.role, "home": one.home, "url": f"{ctx.url}/link/{one.token}"} for one in links}
    write_private(path, json.dumps(told, ensure_ascii=False, indent=1).encode())


async def _serve(
    ctx: Context, chosen: Settings, doors: Doors, pages: OpenPages, stop: asyncio.Event, began: float
) -> None:
    # the pages are the largest import: settings and keys fail before it
    from gatehost.web.app import make_app
    from gatehost.web.frame.guarding import AccessLog

    if chosen.practice:
        runner = _runner(make_app(ctx, practice=True))
        try:
            await runner.setup()
            await _listen(runner, "listen", chosen.listen, None)
            print(f"practice ready: pages {ctx.url}, no doors; all of it is thrown away at the end", flush=True)
            await stop.wait()
        finally:
            pages.close()
            await runner.cleanup()
        return
    devices = DevicePort(ctx, doors, Ingest(partial(accesslog.store, ctx.store)))
    runners = [_runner(devices.app()), _runner(make_app(ctx), access_log_class=AccessLog)]
    try:
        for runner in runners:
            await runner.setup()
        port = ctx.keys.tls()
        await _listen(runners[0], "device-listen", chosen.device_listen, port)
        await _listen(runners[1], "listen", chosen.listen, None)
        memory.settle()
        print(f"ready in {time.monotonic() - began:.2f} s: pages {ctx.url}, devices {ctx.device_url}", flush=True)
        certificate = partial(_keep_certificate, names=chosen.names(), port=port)
        works = (_publish(ctx, certificate), gatecopy.keep_sending(ctx, asyncio.sleep), _feed(ctx))
        tasks = [asyncio.create_task(one) for one in works]
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        pages.close()
        for runner in runners:
            await runner.cleanup()


def _runner(app: web.Application, **more: Any) -> web.AppRunner:
    return web.AppRunner(app, handle_signals=False, shutdown_timeout=GOODBYE_S, keepalive_timeout=QUIET_S, **more)


def _many_connections() -> None:
    """As many as the system lets this process have: the usual 1,024 are fewer than a large estate's doors."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _feed(ctx: Context) -> None:
    """Events go out for as long as the host runs, whatever one round ran into."""
    while True:
        try:
            await feeder.keep_feeding(ctx)
        except Exception:
            logging.getLogger(__name__).exception("the event feed failed and is begun again")
            await asyncio.sleep(PUBLISH_S)


async def _listen(runner: web.AppRunner, option: str, address: Address, tls: ssl.SSLContext | None) -> None:
    site = web.TCPSite(runner, address.host, address.port, ssl_context=tls)
    try:
        await site.start()
    except OSError as wrong:
        reason = os.strerror(wrong.errno) if wrong.errno else str(wrong)
        raise SettingsError(f"cannot listen on {address} ({reason}): choose another with --{option}") from wrong


async def _keep_certificate(ctx: Context, names: tuple[str, ...], port: ssl.SSLContext) -> None:
    """A host that runs for years shows doors a certificate that holds, without being started again."""
    if ctx.keys.renew(names, ctx.clock()):
        ctx.keys.present(port)


async def _publish(ctx: Context, certificate: Work) -> None:
    """New days and epochs reach the doors, and a day is closed, without anybody changing anything. What time has
    changed while the host was away is published first, and keeps nobody waiting: doors have what was told before."""
    works: tuple[Work, ...] = (hostclock.keep, zone.keep, publish.publish_all)
    while True:
        for work in works:
            try:
                await work(ctx)
            except Exception:
                # a full disk tonight must not end the days after it: doors go on being told, and it is tried again
                name = getattr(work, "__name__", "the certificate of the device port")
                logging.getLogger(__name__).exception("%s failed and will be tried again", name)
        works = (*ROUND, certificate)
        await asyncio.sleep(PUBLISH_S)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
