"""A host with a real database and real services; only the devices' far end of the link is scripted."""

import asyncio
import itertools
import random
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from tests.host.start import Start

from gatecore import codes, enrol, records
from gatecore.clock import HOST, Now
from gatecore.enrol import Claim
from gatecore.log import Chain, genesis, seal
from gatecore.records import Private
from gatehost import keys
from gatehost.keys import Signer
from gatehost.model.account import Actor
from gatehost.model.errors import DoorSilent, NotFound
from gatehost.service import columns
from gatehost.service.context import Context
from gatehost.service.door import calls, contact, devices, reception
from gatehost.service.enrol import enrolment
from gatehost.service.founding import estate
from gatehost.service.home import homes
from gatehost.service.office import accounts
from gatehost.service.pages import OpenPages
from gatehost.service.ports import Audience, News
from gatehost.store import accesslog
from gatehost.store import accounts as account_rows
from gatehost.store import devices as device_rows
from gatehost.store.accesslog import Verified
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import open_store, sqlite_url
from gatehost.web import app
from gatehost.web.frame import guarding

ESTATE = Path(__file__).with_name("estate.toml")
HOME, OTHER_HOME = "120502", "120503"
MORNING = 1_795_312_800_000  # 2026-11-22 10:00 in the estate
# what is somebody's or something's name, or an address: left out when a page's language is judged
NAMES = (
    "021-5555 0100", "海棠物业", "同意书须写明",
    "海棠苑", "12栋单元门", "12栋", "北门入口", "北门", "前台一号机", "王芳", "王小宝", "刘洋", "张阿姨", "业主大会",
    "2026第7号", "b12-door", "便于老人进门", "Administrator", "Front desk", "表哥", "赵门岗", "周主任", "小王",
    "沙发", "纸箱", "王搬家", "储藏室钥匙", "周末", "探亲", "漏水", "厨房",
)  # fmt: skip


@dataclass
class Doors:
    """The scripted far end (service.ports.DoorLink): devices that are up answer, the others are silent."""

    up: set[str] = field(default_factory=set)
    sent: list[tuple[str, int]] = field(default_factory=list)
    answers: tuple[bool, str] = (True, "")

    def connected(self, dev: str) -> bool:
        return dev in self.up

    async def challenge(self, dev: str, timeout: float) -> bytes:
        if dev not in self.up:
            raise DoorSilent("away")
        return bytes(16)

    async def command(self, dev: str, challenge: bytes, signed: bytes, timeout: float) -> tuple[bool, str]:
        if dev not in self.up:
            raise DoorSilent("away")
        return self.answers

    def push_state(self, dev: str) -> None:
        self.sent.append((dev, -1))

    def send(self, dev: str, kind: int, *fields: object) -> bool:
        self.sent.append((dev, kind))
        return dev in self.up

    def drop(self, dev: str, reason: str) -> None:
        self.up.discard(dev)

    async def show(self, timeout: float = 0.0) -> None:
        self.sent.append(("", 0))


@dataclass
class Door:
    """A device in a slot that keeps its own log and hands it in."""

    house: "House"
    dev: str
    number: int
    signer: Signer
    chain: Chain

    async def let_in(self, home: str, reason: int = 0, *, digits: str = "") -> None:
        """One access entry by visitor code (granted at reason 0), sealed and stored as an ingest would."""
        now = self.house.now()
        list_key = self.house.ctx.keys.list_key(bytes.fromhex(self.dev))
        mark = codes.digest(list_key, home, digits[:7]) if digits else b""
        private = Private(self.house.random(16), home.encode(), [home, None, mark]).to_wire()
        data = self.chain.next(now, records.ACCESS, [0, int(reason == 0), records.CODE, reason, 0], private)
        entry, at = self.chain.take(data), now.utc or 0
        row = columns.row(self.number, at, entry, data, private)
        sealed = seal(self.chain, now, None, self.signer)
        seq, head = self.chain.seq, self.chain.head
        held = Verified(self.number, [row], sealed, 0, seq, head, self.house.random(16), at)
        await accesslog.store(self.house.ctx.store, [held])
        self.house.ctx.pages.tell(Audience(homes=(home,), roles=("admin", "desk")), News("entry", {"home": home}))


@dataclass
class House:
    """The running host. `at` is its clock in ms UTC; tests move it."""

    ctx: Context
    doors: Doors
    links: dict[str, str]
    times: dict[str, int]
    random: Callable[[int], bytes]
    url: str = ""

    def now(self) -> Now:
        """The instant as a door with sure time knows it."""
        return Now(1, next(TICKS), self.times["at"], HOST)

    def later(self, ms: int) -> None:
        """Lets time pass."""
        self.times["at"] += ms

    async def actor(self, name: str) -> Actor:
        """The person behind a first link, signed in once."""
        signed_in = await accounts.use_link(self.ctx, self.links[name])
        return signed_in.actor

    async def session(self, name: str) -> str:
        """A session token of somebody who came by their first link, or by another once that has ended."""
        try:
            return (await accounts.use_link(self.ctx, self.links[name])).token
        except NotFound:
            async with self.ctx.store.write() as tx:
                account = await account_rows.by_login(tx, name)
                assert account is not None
                fresh = await accounts.put_link(self.ctx, tx, account.id, activated=False)
            return (await accounts.use_link(self.ctx, fresh)).token

    async def give_password(self, name: str) -> str:
        """Sets PASSWORD for somebody and gives their one session's token."""
        signed_in = await accounts.use_link(self.ctx, self.links[name])
        return (await accounts.set_password(self.ctx, signed_in.actor, PASSWORD)).token

    async def person(self, name: str) -> str:
        """The party id of somebody in the home."""
        desk = Actor(0, "", "desk", "desk", (), "zh_CN", True)
        sheet = await homes.sheet(self.ctx, desk, HOME)
        return next(member.party.id for member in sheet.members if member.party.name == name)

    async def approved(self, party: str) -> None:
        """The paper that must be approved before pictures, as the desk writes it in one go."""
        desk = Actor(0, "Front desk", "Front desk", "desk", (), "zh_CN", True)
        told: dict[str, object] = {"kind": "deed", "guardian": "王芳"}
        await enrolment.at_the_desk(self.ctx, desk, party, HOME, told)

    async def ask_in(self, slot: str) -> tuple[str, Signer]:
        """A device that shows the slot's claim and waits to be confirmed; its name and key."""
        admin = Actor(0, "", "admin", "admin", (), "zh_CN", True)
        claim: Claim = Claim.from_wire((await devices.make_claim(self.ctx, admin, slot)).data)
        signer = Signer(self.random(32))
        box = self.random(31) + b"\x00"
        asked = enrol.request(claim, signer.public, box, self.random(16), "Raspberry Pi 4")
        await contact.request(self.ctx, asked.to_wire())
        return signer.key_id.hex(), signer

    async def fill(self, slot: str, *, up: bool = True) -> Door:
        """A confirmed device in the slot, connected or not."""
        admin = Actor(0, "", "admin", "admin", (), "zh_CN", True)
        dev, signer = await self.ask_in(slot)
        waiting = next(one for one in await devices.waiting(self.ctx, admin) if one.dev == dev)
        await devices.confirm(self.ctx, admin, dev, waiting.digits)
        if up:
            self.doors.up.add(dev)
            await reception.came(self.ctx, dev, 0, 0)
        async with self.ctx.store.read() as tx:
            row = await device_rows.by_dev(tx, dev)
        assert row is not None
        return Door(self, dev, row.no, signer, Chain(signer.key_id, genesis(signer.public)))

    async def ring(self, door: Door, home: str = HOME) -> str:
        """A visitor calls from the door; the call's id."""
        call = await calls.ring(self.ctx, door.dev, self.random(16).hex(), home)
        return call.id


TICKS = itertools.count(1)
PASSWORD = "four ordinary words here"


@dataclass(frozen=True, slots=True)
class Seeded:
    """A first start with its links, and how the dice lay after it."""

    start: Start
    links: dict[str, str]
    dice: tuple[Any, ...]


_SEEDED: dict[int, Seeded] = {}


async def _seeded(seed: int) -> Seeded:
    """The seeded folder, made once in a process; another seed is an estate with other keys."""
    if seed not in _SEEDED:
        dice = random.Random(seed)
        with tempfile.TemporaryDirectory() as name:
            ctx = await _context(Path(name), {"at": MORNING}, dice, Doors())
            await estate.seed(ctx, ESTATE)
            links = {link.name: link.token for link in await estate.first_links(ctx)}
            await ctx.store.close()
            _SEEDED[seed] = Seeded(Start.of(Path(name)), links, dice.getstate())
    return _SEEDED[seed]


async def _context(folder: Path, times: dict[str, int], dice: random.Random, doors: Doors) -> Context:
    ring = keys.load(folder, ("localhost",), MORNING, dice.randbytes)
    store = await open_store(sqlite_url(folder / "kaimen.db"))
    here, devices_at = "http://gate.test", "wss://gate.test"
    shelf = Shelf(folder / DOCUMENTS)
    return Context(store, ring, lambda: times["at"], dice.randbytes, doors, OpenPages(), here, devices_at, shelf)


@asynccontextmanager
async def open_house(folder: Path, seed: int = 7) -> AsyncIterator[House]:
    """A seeded host without its pages."""
    seeded, dice, times, doors = await _seeded(seed), random.Random(), {"at": MORNING}, Doors()
    dice.setstate(seeded.dice)
    seeded.start.copy_to(folder)
    ctx = await _context(folder, times, dice, doors)
    try:
        yield House(ctx, doors, dict(seeded.links), times, dice.randbytes)
    finally:
        await ctx.store.close()


@asynccontextmanager
async def serve(house: House) -> AsyncIterator[House]:
    """The house's pages on a port of this machine."""
    runner = web.AppRunner(app.make_app(house.ctx), access_log_class=guarding.AccessLog)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    here = f"http://127.0.0.1:{port}"
    try:
        # the address is known only now; every page made from here on names it
        object.__setattr__(house.ctx, "url", here)
        yield replace(house, url=here)
    finally:
        house.ctx.pages.close()  # type: ignore[attr-defined]
        await asyncio.wait_for(runner.cleanup(), 10)
