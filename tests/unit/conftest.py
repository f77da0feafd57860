"""An estate that signs, and a house: one unit on a real store with fake ports and simulated time."""

import asyncio
import contextlib
import datetime
import errno
import os
import random as seeded
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gatecore import codes, state
from gatecore.enrol import Claim
from gatecore.records import Cert, ClockOrder, Command, Entry, HostHello, Keys, StateHeader
from gatecore.sign import key_id, sha256
from gatecore.wire import encode, sign1
from gatesim.clock import SimClock
from gatesim.ports import FakeInputs, FakeKeypad, FakeLock, FakeReader, FakeScreen, FaultyStore, PushedCamera
from gateunit.identity import Identity
from gateunit.keys import FileKeys
from gateunit.signer import Ed25519Signer
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

UTC = 1_790_000_000_000  # a Monday in September 2026
LIST_KEY = bytes(range(32))
HOME = "120502"
VISITOR = codes.with_check(HOME, "1069380")
PIN = "4711042"
PERSON = bytes([7]) * 16


def digest(home: str, digits: str) -> bytes:
    return codes.digest(LIST_KEY, home, digits)


def read_only(monkeypatch: Any, folder: Path) -> None:
    """The card under a folder takes nothing any more, as ext4 answers after an error."""
    real = os.open

    def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).startswith(str(folder)) and flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", opened)


class Estate:
    """Holds the keys a real host would hold, and signs what a test asks for."""

    def __init__(self, seed: int = 1) -> None:
        self.random = seeded.Random(seed).randbytes
        self.root, self.policy, self.operator = (Ed25519Signer(self.random(32)) for _ in range(3))

    @cached_property
    def tls_key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The TLS authority; in these tests it is the server's certificate as well."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "estate")])
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.tls_key.public_key())
        made = made.serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return made.sign(self.tls_key, hashes.SHA256())

    @property
    def authority(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def server_context(self, folder: Path) -> ssl.SSLContext:
        pem = folder / "server.pem"
        key = self.tls_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(self.certificate.public_bytes(Encoding.PEM) + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def claim(self, url: str, authority: bytes | None = None, good_for_s: int = 1800) -> Claim:
        until = int(time.time()) + good_for_s  # first contact is tested on the machine's own clock
        return Claim(url, authority or sha256(self.authority), self.public, "Gate 3", b"t" * 16, until)

    @property
    def public(self) -> bytes:
        return self.root.public

    def keys(self, number: int = 1) -> bytes:
        return sign1(Keys(number, self.policy.public, self.operator.public).to_wire(), self.root)

    def cert(self, public: bytes, box: bytes | None, slot: str = "Gate 3", kind: str = "door") -> bytes:
        return sign1(Cert(key_id(public), public, box, slot, kind, 1, UTC // 1000).to_wire(), self.root)

    def identity(self, keys: FileKeys, kind: str = "door", url: str = "https://127.0.0.1:9") -> Identity:
        cert = self.cert(keys.signer().public, keys.box_public(), "Gate 3", kind)
        return Identity(url, self.authority, self.public, cert, self.keys())

    def header(self, dev: bytes, chunks: list[bytes], version: int = 1, generation: int = 1, by: Any = None) -> bytes:
        record = StateHeader(dev, generation, version, UTC // 1000, [sha256(chunk) for chunk in chunks])
        return sign1(record.to_wire(), by or self.policy)

    def command(self, dev: bytes, challenge: bytes, action: str = "open", by: Any = None) -> bytes:
        return sign1(Command(dev, action, challenge, bytes(32)).to_wire(), by or self.operator)

    def hello(self, dev: bytes, nonce: bytes, utc: int = UTC, by: Any = None) -> bytes:
        return sign1(HostHello(dev, nonce, utc).to_wire(), by or self.policy)

    def clock_order(self, dev: bytes, utc: int, challenge: bytes, by: Any = None) -> bytes:
        return sign1(ClockOrder(dev, utc, challenge).to_wire(), by or self.policy)


def chunks_of(rows: dict[int, list[list[Any]]]) -> list[bytes]:
    return [chunk for kind in sorted(rows) for chunk in state.chunks(kind, rows[kind])]


def usual_rows() -> dict[int, list[list[Any]]]:
    """A door that knows one home, one visitor code, one PIN and one person who may pass by face."""
    start, end = UTC // 1000 - 3600, UTC // 1000 + 86_400
    return {
        state.DOOR: [["Gate 3", "", 6, 0, 3000, 30_000, state.FACE_FREE, 1, "committee", LIST_KEY]],
        state.OFFSETS: [[0, 480]],
        state.HOMES: [[HOME, "12", state.CALLABLE]],
        state.CODES: [[HOME, digest(HOME, VISITOR[:7]), bytes([1]) * 16, start, end, 0, 0, 0]],
        state.PINS: [[HOME, digest(HOME, PIN), PERSON, end, 0]],
        state.PEOPLE: [[PERSON, HOME, start, end, state.WAY_FACE | state.WAY_FACE_AT_HOME, 0]],
    }


@dataclass
class House:
    """One unit and the ports around it. `start` runs it; `story` are the effects carried out, in order."""

    folder: Path
    estate: Estate
    clock: SimClock = field(default_factory=lambda: SimClock(UTC))
    kind: str = "door"
    rows: dict[int, list[list[Any]]] | None = field(default_factory=usual_rows)
    enrolled: bool = True
    options: Options = field(default_factory=lambda: Options(scan_ms=20))
    story: list[Any] = field(default_factory=list)
    seed: int = 2
    eyes: bool = False
    reads: bool = False
    infrared: Any = None
    keys: Any = None

    def build(self) -> Unit:
        self.files = FileStore(self.folder)
        self.clock.watch(lambda: self.files.busy)
        self.store = FaultyStore(self.files, self.clock)
        random = seeded.Random(self.seed).randbytes
        self.keys = self.keys or FileKeys(self.folder / "keys", random)
        self.lock, self.keypad = FakeLock(self.clock), FakeKeypad(self.clock)
        self.inputs, self.screen = FakeInputs(), FakeScreen(self.clock)
        self.camera = PushedCamera(self.clock)
        if self.enrolled:
            self.write("identity", self.estate.identity(self.keys, self.kind).to_wire())
        if self.enrolled and self.rows is not None and not (self.folder / "records" / "state-0").exists():
            self.publish(self.keys)
        self.reader = FakeReader(self.clock)
        camera, reader = self.camera if self.eyes else None, self.reader if self.reads else None
        ports = Ports(
            self.clock, self.lock, self.keypad, self.inputs, self.screen, self.store, self.keys, camera, self.infrared,
            reader
        )  # fmt: skip
        self.unit = Unit(ports, self.options, random)
        if self.unit.sight is not None:
            self.clock.watch(lambda: self.unit.sight is not None and self.unit.sight.busy)
        self.clock.watch(lambda: self.unit.vault is not None and self.unit.vault.busy)
        self.unit.watch(lambda effect: self.story.append((self.clock.mono(), effect)))
        return self.unit

    def build_with(self, keys: FileKeys) -> Unit:
        """On keys that lie elsewhere."""
        self.keys = keys
        return self.build()

    def publish(self, keys: FileKeys) -> None:
        """The rows as a signed state in the unit's records."""
        assert self.rows is not None
        chunks = chunks_of(self.rows)
        header = self.estate.header(keys.signer().key_id, chunks)
        self.write("state-0", b"".join(len(part).to_bytes(4, "big") + part for part in [header, *chunks]))

    def write(self, name: str, data: bytes) -> None:
        (self.folder / "records" / name).write_bytes(data)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["House"]:
        self.build()
        task = asyncio.create_task(self.unit.run())
        await self.clock.advance(100)
        try:
            yield self
            assert not task.done(), task.exception()
        finally:
            self.store.slow_ms = 0
            task.cancel()
            while not task.done():
                await self.clock.advance(1_000)
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def type(self, keys: str) -> None:
        self.keypad.type(keys)
        while not self.keypad.idle:
            await self.clock.advance(20)
        await self.clock.settle()

    async def see(self, picture: Any, frames: int = 1, gap_ms: int = 500) -> None:
        """Holds a picture before the camera for some frames."""
        for _ in range(frames):
            self.camera.push(picture)
            await self.clock.advance(gap_ms)

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        while (batch := self.unit.ledger.batch(found[-1].seq if found else 0, 10_000)) is not None:
            found += [Entry.from_wire(entry) for entry in batch.entries]
        return found

    def unlocks(self) -> list[int]:
        return [at for at, what in self.lock.history if what == "unlock"]


@pytest.fixture
def estate() -> Estate:
    return Estate()


@pytest.fixture
def house(tmp_path: Path, estate: Estate) -> House:
    return House(tmp_path / "unit", estate)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> seeded.Random:
    return seeded.Random(request.node.name)


@pytest.fixture
def cbor() -> Any:
    return encode
