"""First contact and the link over real TLS and a real WebSocket, against a host that speaks docs/protocol.md."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from gatecore import enrol, feedback, frames
from gatecore import records as r
from gatecore.enrol import Enrol, Enrolled
from gatecore.log import Chain, check_batch, genesis
from gatecore.records import Hello
from gatecore.sign import key_id
from gatecore.wire import encode, open_sign1, sign1
from gatesim.ports import FakeInputs, FakeKeypad, FakeLock, FakeScreen
from gateunit import contact, identity
from gateunit.clock import SystemClock
from gateunit.errors import SettingsError
from gateunit.keys import FileKeys
from gateunit.link import jitter_ms
from gateunit.signer import verify
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

TOKEN = b"t" * 16


class Host:
    """One honest host with one claim open."""

    def __init__(self, estate: Any, folder: Path) -> None:
        self.estate, self.folder = estate, folder
        self.asked: Enrol | None = None
        self.refuse = ""
        self.confirmed = False
        self.certify: Callable[[Enrol], bytes] | None = None
        self.url = ""
        self.entries: list[bytes] = []
        self.socket: web.WebSocketResponse | None = None
        self.heard: list[tuple[int, list[Any]]] = []
        self.connections = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Host"]:
        app = web.Application()
        app.router.add_get("/device/v1/authority", self.authority)
        app.router.add_post("/device/v1/enrol", self.enrol)
        app.router.add_post("/device/v1/enrolled", self.enrolled)
        app.router.add_get("/device/v1/link", self.link)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self.estate.server_context(self.folder))
        await site.start()
        self.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def authority(self, request: web.Request) -> web.Response:
        return web.Response(body=self.estate.authority)

    async def enrol(self, request: web.Request) -> web.Response:
        asked = Enrol.from_wire(await request.read())
        if self.refuse or not enrol.proves(asked, TOKEN):
            return web.Response(status=403, text=self.refuse or "proof")
        self.asked = asked
        return web.Response(status=202)

    async def enrolled(self, request: web.Request) -> web.Response:
        asked = Enrol.from_wire(await request.read())
        assert asked == self.asked
        if not self.confirmed:
            return web.Response(status=202)
        cert = self.certify(asked) if self.certify else self.estate.cert(asked.public, asked.box, asked.slot)
        answer = sign1(Enrolled(asked.nonce, cert, self.estate.keys()).to_wire(), self.estate.root)
        return web.Response(body=answer)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        self.connections += 1
        self.socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.say(frames.NONCE, b"h" * 16)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await self.answer(*frames.unpack(message.data))
        return socket

    async def answer(self, kind: int, number: int, fields: list[Any]) -> None:
        self.heard.append((kind, fields))
        if kind == frames.NONCE:
            self.nonce = fields[0]
        elif kind == frames.HELLO:
            public = self.asked.public if self.asked else b""
            hello = Hello.from_wire(open_sign1(fields[0], key_id(public), public, verify))
            self.chain = Chain(hello.dev, genesis(public))
            self.public = public
            await self.say(frames.HOST, self.estate.hello(hello.dev, self.nonce, int(time.time() * 1000)))
            await self.say(frames.ACK, 0, b"r" * 16, None)
        elif kind == frames.BATCH:
            check_batch(self.chain, *fields[1:], self.public, verify)
            self.entries += fields[1]
            await self.say(frames.ACK, self.chain.seq, b"s" * 16, self.chain.seq)

    async def say(self, kind: int, *fields: Any) -> None:
        assert self.socket is not None
        await self.socket.send_bytes(frames.pack(kind, 1, *fields))

    def has_heard(self, kind: int) -> bool:
        return any(heard == kind for heard, _ in self.heard)


class Door:
    """A unit on fake ports, but on the machine's own time and network."""

    def __init__(self, folder: Path, claim: Path | None) -> None:
        self.clock = SystemClock(True)
        self.lock, self.screen = FakeLock(self.clock), FakeScreen(self.clock)
        keypad, inputs = FakeKeypad(self.clock), FakeInputs()
        self.keypad = keypad
        ports = Ports(self.clock, self.lock, keypad, inputs, self.screen, FileStore(folder), FileKeys(folder / "keys"))
        self.unit = Unit(ports, Options(claim=claim, first_retry_ms=10, last_retry_ms=50, poll_ms=10))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Door"]:
        task = asyncio.create_task(self.unit.run())
        try:
            yield self
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], Any]) -> None:
    """Waits for the network, at most 10 s."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - it lies behind a socket, nothing here can set an event
            await asyncio.sleep(0.002)


def claim_file(folder: Path, claim: Any) -> Path:
    path = folder / "claim"
    path.write_bytes(claim.to_wire())
    return path


async def test_a_claim_becomes_a_door_and_wipes_itself(estate: Any, tmp_path: Path) -> None:
    async with Host(estate, tmp_path).serving() as host:
        path = claim_file(tmp_path, estate.claim(host.url))
        async with Door(tmp_path / "unit", path).running() as door:
            await until(lambda: door.screen.compare[1])
            assert host.asked is not None
            assert door.screen.compare == ("Gate 3", enrol.digits(host.asked, estate.public))
            assert door.unit.identity is None  # nobody has confirmed yet
            assert path.exists()
            host.confirmed = True
            await until(lambda: host.entries)
            assert not path.exists()
            assert host.has_heard(frames.STATUS)
        host.heard.clear()
        async with Door(tmp_path / "unit", None).running():  # it stays a door
            await until(lambda: host.has_heard(frames.STATUS))


async def test_a_refused_claim_is_wiped_and_the_door_stays_as_it_was(estate: Any, tmp_path: Path) -> None:
    async with Host(estate, tmp_path).serving() as host:
        host.refuse = "used"
        path = claim_file(tmp_path, estate.claim(host.url))
        async with Door(tmp_path / "unit", path).running() as door:
            await until(lambda: not path.exists())
            assert door.unit.identity is None
            assert door.screen.shown[0] == feedback.NOT_SET_UP


async def test_a_claim_that_has_ended_is_wiped_unused(estate: Any, tmp_path: Path) -> None:
    async with Host(estate, tmp_path).serving() as host:
        path = claim_file(tmp_path, estate.claim(host.url, good_for_s=-1))
        async with Door(tmp_path / "unit", path).running():
            await until(lambda: not path.exists())
            assert host.asked is None


@pytest.mark.parametrize("lie", ["authority", "estate", "key", "slot"])
async def test_an_impostor_host_gets_no_door(estate: Any, tmp_path: Path, lie: str) -> None:
    stranger = type(estate)(99)
    async with Host(stranger if lie == "estate" else estate, tmp_path).serving() as host:
        host.confirmed = True
        claim = estate.claim(host.url, authority=bytes(32) if lie == "authority" else None)
        if lie == "estate":  # its own authority in the claim's place, another estate key
            claim = type(claim)(host.url, r_sha(stranger.authority), estate.public, "Gate 3", TOKEN, claim.until)
        if lie == "key":
            host.certify = lambda asked: estate.cert(b"k" * 32, asked.box, asked.slot)
        if lie == "slot":
            host.certify = lambda asked: estate.cert(asked.public, asked.box, "Gate 4")
        path = claim_file(tmp_path, claim)
        async with Door(tmp_path / "unit", path).running() as door:
            await until(lambda: not path.exists())
            assert door.unit.identity is None
            assert identity.load(door.unit.ports.store) is None


def r_sha(data: bytes) -> bytes:
    from gatecore.sign import sha256

    return sha256(data)


@contextlib.asynccontextmanager
async def connected(estate: Any, folder: Path) -> AsyncIterator[tuple[Host, Door]]:
    async with Host(estate, folder).serving() as host:
        host.confirmed = True
        async with Door(folder / "unit", claim_file(folder, estate.claim(host.url))).running() as door:
            await until(lambda: host.entries)
            yield host, door


async def test_after_the_host_was_away_the_door_dials_again_and_sends_the_rest(estate: Any, tmp_path: Path) -> None:
    async with connected(estate, tmp_path) as (host, door):
        assert host.socket is not None
        await host.socket.close()
        door.unit.ports.inputs.set(tamper=True)  # type: ignore[attr-defined]
        await until(lambda: host.connections == 2 and any(r.Entry.from_wire(e).typ == r.TAMPER for e in host.entries))


async def test_a_remote_open_asks_for_a_challenge_and_opens_once(estate: Any, tmp_path: Path) -> None:
    async with connected(estate, tmp_path) as (host, door):
        rows = [["Gate 3", "", 6, 0, 3000, 30_000, 0, 1, "committee", bytes(32)]]
        chunk = encode([1, rows])
        await host.say(frames.STATE, estate.header(door.unit.dev, [chunk]))
        await until(lambda: host.has_heard(frames.WANT))
        await host.say(frames.PIECE, host.heard[-1][1][0], chunk)
        await host.say(frames.ASK, 5)
        await until(lambda: host.has_heard(frames.CHALLENGE))
        [(ticket, challenge)] = [fields for kind, fields in host.heard if kind == frames.CHALLENGE]
        command = estate.command(door.unit.dev, challenge)
        await host.say(frames.COMMAND, command)
        await until(lambda: host.has_heard(frames.DONE))
        assert ticket == 5
        assert door.lock.unlocked
        await host.say(frames.COMMAND, command)
        await until(lambda: any(r.Entry.from_wire(entry).typ == r.DISTRUST for entry in host.entries))
        assert [what for _, what in door.lock.history] == ["unlock"]


async def test_a_host_that_breaks_the_protocol_is_told_and_left(estate: Any, tmp_path: Path) -> None:
    async with connected(estate, tmp_path) as (host, _):
        assert host.socket is not None
        await host.socket.send_bytes(b"\x00\x00")
        await until(lambda: host.has_heard(frames.REFUSED) and host.connections == 2)


@pytest.mark.parametrize(
    "text", [b"", b"\x00", encode(["gate-claim/1"]), encode(["gate-keys/1", 1, bytes(32), bytes(32)])]
)
def test_what_is_no_claim_is_refused_with_its_name(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "claim").write_bytes(text)
    with pytest.raises(SettingsError, match="claim"):
        contact.read_claim(tmp_path / "claim")


def test_a_claim_that_would_talk_in_the_clear_is_refused(estate: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="https"):
        contact.read_claim(claim_file(tmp_path, estate.claim("http://10.0.0.1")))


def test_waits_between_dials_grow_to_their_bound_and_never_beyond(rng: Any) -> None:
    for tries in range(40):
        waits = [jitter_ms(tries, 1_000, 60_000, rng.randbytes) for _ in range(50)]
        assert min(waits) >= 1_000
        assert max(waits) <= min(60_000, 1_000 * 2**tries)
    assert max(waits) > 50_000
