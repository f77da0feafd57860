"""A host within the test's own process: real database, keys, TLS port and services; the clock is the test's."""

import os
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web
from tests.host import postgres
from tests.host.device import Played
from tests.host.start import Start

from gatehost import keys
from gatehost.model.account import Actor
from gatehost.service.context import Context
from gatehost.service.door import devices
from gatehost.service.enrol import enrolment
from gatehost.service.founding import estate
from gatehost.service.office import accounts
from gatehost.service.pages import OpenPages
from gatehost.store import accesslog
from gatehost.store import accounts as account_rows
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import HALVES, open_store, sqlite_url
from gatehost.sync.api import DevicePort
from gatehost.sync.ingest import Ingest
from gatehost.sync.live import Doors
from gatehost.sync.tls import small_buffers

START = 1_781_488_800_000  # 2026-06-15 10:00 in the estate, a Monday
HOUR, DAY = 3_600_000, 86_400_000
ESTATE = """
name = "春江花园"
dial_length = 6
utc_offset_minutes = 480
[[policy]]
key = "processor.name"
value = "春江物业服务有限公司"
decided_by = "物业"
why = "同意书须写明"
[[policy]]
key = "processor.contact"
value = "前台 021-5555 0100"
decided_by = "物业"
why = "同意书须写明"
[[building]]
id = "b12"
name = "12栋"
dial = "12"
floors = 6
per_floor = 2
[[building]]
id = "b13"
name = "13栋"
dial = "13"
homes = ["130101"]
[[gate]]
id = "gate-1"
name = "1号门"
buildings = ["b12", "b13"]
[[door]]
slot = "gate-1-in"
at = "gate-1"
name = "1号门入口"
[[door]]
slot = "b12-door"
at = "b12"
name = "12栋单元门"
[[door]]
slot = "b13-door"
at = "b13"
name = "13栋单元门"
[[door]]
slot = "desk-1"
at = "estate"
kind = "desk"
name = "前台"
[[person]]
name = "李梅"
home = "120502"
login = "limei"
[[person]]
name = "李强"
home = "120502"
login = "liqiang"
role = "family"
[[person]]
name = "王芳"
home = "130101"
login = "wangfang"
"""


class Clock:
    """UTC in ms, moved by hand."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class House:
    """A running host and the people of its estate."""

    def __init__(self, ctx: Context, clock: Clock, doors: Doors, folder: Path, port: ssl.SSLContext) -> None:
        self.ctx, self.clock, self.doors, self.folder, self.port = ctx, clock, doors, folder, port

    async def actor(self, login: str) -> Actor:
        """A signed-in person: `admin`, `desk` or a resident's login."""
        async with self.ctx.store.write() as tx:
            account = await account_rows.by_login(tx, login)
            assert account is not None
            token = await accounts.put_link(self.ctx, tx, account.id, activated=False)
        return (await accounts.use_link(self.ctx, token)).actor

    async def approved(self, desk: Actor, party: str, home: str = "120502") -> None:
        """The paper that must be approved before a picture, as the desk writes it in one go."""
        await enrolment.at_the_desk(self.ctx, desk, party, home, {"kind": "deed"})

    async def claim(self, slot: str) -> bytes:
        """A fresh claim for a slot."""
        return (await devices.make_claim(self.ctx, await self.actor("admin"), slot)).data

    async def enrolled(self, slot: str, box: bytes | None = None) -> Played:
        """A device that a person has let into a slot."""
        device = Played(await self.claim(slot), box=box)
        assert (await device.post("enrol", device.asked.to_wire()))[0] == 202
        await devices.confirm(self.ctx, await self.actor("admin"), device.name, device.digits)
        assert await device.fetch_answer() == 200
        return device


_STARTS: dict[str, Start] = {}


async def _first_start(text: str) -> Start:
    """The folder of a host that has read this estate; every one made in this process has the same keys."""
    if text not in _STARTS:
        with tempfile.TemporaryDirectory() as name:
            folder, clock = Path(name), Clock()
            ctx = await _context(folder, clock, Doors(), "https://127.0.0.1:9")
            (folder / "estate.toml").write_text(text, encoding="utf-8")
            await estate.seed(ctx, folder / "estate.toml")
            await ctx.store.close()
            _STARTS[text] = Start.of(folder)
    return _STARTS[text]


async def _context(folder: Path, clock: Clock, doors: Doors, url: str, database: str = "") -> Context:
    ring = keys.load(folder, ("127.0.0.1",), clock.now, os.urandom)
    store = await open_store(database or sqlite_url(folder / "kaimen.db"), folder / HALVES)
    shelf = Shelf(folder / DOCUMENTS)
    return Context(store, ring, clock, os.urandom, doors, OpenPages(), "http://127.0.0.1:8080", url, shelf)


async def _over(database: str, folder: Path, clock: Clock, doors: Doors, url: str, text: str) -> Context:
    """A first start over a database whose tables are dropped before."""
    await postgres.emptied(database)
    ctx = await _context(folder, clock, doors, url, database)
    (folder / "estate.toml").write_text(text, encoding="utf-8")
    await estate.seed(ctx, folder / "estate.toml")
    return ctx


@asynccontextmanager
async def house(folder: Path, text: str = ESTATE, database: str = "", kept: bool = False) -> AsyncIterator[House]:
    """A host with the estate above, its device port on a free port of loopback; again, if it has run in this folder.

    Over SQLite, or over `database`, whose tables are dropped first unless they are `kept`: KAIMEN_TEST_HOUSE names one
    for every house (python -m tests.host.postgres)."""
    small_buffers()
    clock, doors, database = Clock(), Doors(), database or os.environ.get("KAIMEN_TEST_HOUSE", "")
    if not database and not (folder / "keys").exists():
        (await _first_start(text)).copy_to(folder)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"https://127.0.0.1:{listening.getsockname()[1]}"
    if database and not kept:
        ctx = await _over(database, folder, clock, doors, url, text)
    else:
        ctx = await _context(folder, clock, doors, url, database)
    runner = web.AppRunner(
        DevicePort(ctx, doors, Ingest(partial(accesslog.store, ctx.store))).app(),
        handle_signals=False,
        shutdown_timeout=0.5,
    )
    await runner.setup()
    port = ctx.keys.tls()
    await web.SockSite(runner, listening, ssl_context=port).start()
    try:
        yield House(ctx, clock, doors, folder, port)
    finally:
        ctx.pages.close()  # type: ignore[attr-defined]
        await runner.cleanup()
        await ctx.store.close()
