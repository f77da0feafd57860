"""A device played by a test: real keys, real records, real TLS; only the lock is missing."""

import hashlib
import os
import ssl
from collections import deque
from types import TracebackType
from typing import Any, Self

import aiohttp

from gatecore import enrol, frames
from gatecore.clock import HOST, Now
from gatecore.enrol import Claim, Enrol
from gatecore.log import Chain, genesis, link, seal
from gatecore.records import ACCESS, CODE, GRANTED, Hello, HostHello, Private, StateHeader
from gatecore.sign import key_id
from gatecore.state import State
from gatecore.trust import Trust
from gatecore.wire import open_sign1, sign1
from gatecore.witness import Proof, Witness
from gatehost.keys import Signer, verify

PATIENCE_S = 5.0
START_S = 1_781_488_800
Pair = tuple[bytes, bytes | None]


class Played:
    """A device with its key, its log in memory, and at most one connection."""

    def __init__(self, claim: bytes, model: str = "played 1", box: bytes | None = None) -> None:
        self.claim: Claim = Claim.from_wire(claim)
        self.signer = Signer(os.urandom(32))
        self.dev = key_id(self.signer.public)
        self.name = self.dev.hex()
        self.box, self.model = box, model
        self.chain = Chain(self.dev, genesis(self.signer.public))
        self.log: list[Pair] = []
        self.starts: list[tuple[bytes, int]] = [(self.chain.head, 0)]
        self.trust = Trust(self.dev, self.claim.estate, verify, os.urandom)
        self.witness = Witness(self.claim.estate)
        self.state = State()
        self.receipt: bytes | None = None
        self.asked = self.request()
        self._mono = 1000

    # --- first contact --------------------------------------------------------------------

    def request(self) -> Enrol:
        """A fresh gate-enrol/1."""
        return enrol.request(self.claim, self.signer.public, self.box, os.urandom(16), self.model)

    async def authority(self) -> bytes:
        """The host's CA certificate, if it is the one the claim names."""
        async with aiohttp.ClientSession() as client:
            got = await client.get(f"{self.claim.url}/device/v1/authority", ssl=False)
            der = await got.read()
        assert hashlib.sha256(der).digest() == self.claim.authority
        return der

    async def tls(self) -> ssl.SSLContext:
        """TLS that trusts the estate's authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(await self.authority()))
        return context

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """(status, body) of a request."""
        async with aiohttp.ClientSession() as client:
            got = await client.post(f"{self.claim.url}/device/v1/{path}", data=body, ssl=await self.tls())
            return got.status, await got.read()

    @property
    def digits(self) -> str:
        """What the device shows."""
        return enrol.digits(self.asked, self.claim.estate)

    async def fetch_answer(self) -> int:
        """Asks for the answer; a good one is taken by the law book. The status."""
        status, body = await self.post("enrolled", self.asked.to_wire())
        if status == 200:
            enrol.accept(body, self.asked, self.trust, verify)
        return status

    # --- the log --------------------------------------------------------------------------

    def now(self, utc: int) -> Now:
        """An instant of good quality."""
        self._mono += 7
        return Now(3, self._mono, utc, HOST)

    def write(self, utc: int, typ: int, pub: list[int], private: bytes | None = None) -> None:
        """Appends an entry."""
        data = self.chain.next(self.now(utc), typ, pub, private)
        self.chain.take(data)
        self.log.append((data, private))
        self.starts.append((link(data), len(self.log)))

    def opened(self, utc: int, home: str, mark: bytes, person: bytes | None = None) -> None:
        """Appends an access granted by a code."""
        private = Private(os.urandom(16), home.encode(), [home, person, mark, 0])
        self.write(utc, ACCESS, [0, GRANTED, CODE, 0, 0], private.to_wire())

    def sealed(self, upto: int, utc: int, ack: bytes | None = None) -> bytes:
        """A seal over the first `upto` entries."""
        head, seq = self.starts[upto]
        return seal(Chain(self.dev, head, seq), self.now(utc), ack if ack is not None else self.receipt, self.signer)

    def batch(self, first: int, last: int, utc: int) -> list[object]:
        """The fields of a BATCH of the entries first..last."""
        pairs = self.log[first - 1 : last]
        return [first, [pair[0] for pair in pairs], [pair[1] for pair in pairs], self.sealed(last, utc)]

    def connect(self, **altered: object) -> "Connection":
        """A connection to be entered; `altered` fields replace those of the greeting."""
        return Connection(self, altered)


class Connection:
    """A link that has said its greeting; what is not asked for waits in `stash`."""

    def __init__(self, device: Played, altered: dict[str, object]) -> None:
        self.device, self.altered = device, altered
        self.stash: deque[tuple[int, list[Any]]] = deque()
        self.mine, self.theirs = os.urandom(16), b""
        self.index: int | None = None  # the leaf of the entry acknowledged last
        self._number = 0

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        try:
            url = f"{self.device.claim.url}/device/v1/link"
            self._socket = await self._client.ws_connect(url, ssl=await self.device.tls(), max_msg_size=1 << 20)
            await self.say(frames.NONCE, self.mine)
            self.theirs = (await self.take(frames.NONCE))[0]
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._client.close()

    async def greet(self) -> Self:
        """HELLO, and the host's answer checked; the receipt is kept."""
        await self.say(frames.HELLO, self.hello())
        signed = (await self.take(frames.HOST))[0]
        keys = self.device.trust.keys
        assert keys is not None
        hello = HostHello.from_wire(open_sign1(signed, key_id(keys.policy), keys.policy, verify))
        assert (hello.dev, hello.nonce) == (self.device.dev, self.mine)
        log = self.device.trust.accept_log((await self.take(frames.LOG))[0])
        self.device.witness.follow(log.serial, log.public, self.device.chain.seq)
        self.resumes, self.device.receipt, self.index = await self.take(frames.ACK)
        self.device.witness.connected(0)
        self.device.witness.acknowledged(self.resumes, self.index, 0)
        return self

    async def witnessed(self, why: str = "") -> None:
        """Tells which checkpoint was taken last."""
        await self.say(frames.WITNESSED, self.device.witness.note, why)

    async def cosign(self, time: int = START_S) -> Proof:
        """Takes the next receipt by the witness rule and answers it; what it was."""
        note, first, path, seq, index, inclusion = await self.take(frames.RECEIPT)
        proof = Proof(note, first, path, seq, index, inclusion)
        device = self.device
        device.witness.take(proof, device.log[seq - 1][0] if seq else None, verify)
        signature = device.witness.cosign(time, device.signer)
        await self.say(frames.COSIGNED, device.witness.generation, device.witness.size, time, signature)
        await self.settle()
        return proof

    def hello(self, signer: Signer | None = None) -> bytes:
        """The signed greeting over the host's nonce."""
        device = self.device
        fields = {
            "dev": device.dev,
            "nonce": self.theirs,
            "boot": 3,
            "seq": device.chain.seq,
            "head": device.chain.head,
            "generation": device.state.generation,
            "version": device.state.version,
        } | self.altered
        return sign1(Hello(*fields.values()).to_wire(), signer or device.signer)

    async def say(self, kind: int, *fields: object) -> None:
        """Sends a frame."""
        self._number += 1
        await self._socket.send_bytes(frames.pack(kind, self._number, *fields))

    async def say_raw(self, data: bytes) -> None:
        """Sends bytes that may be anything."""
        await self._socket.send_bytes(data)

    async def take(self, kind: int) -> list[Any]:
        """The next frame of a kind; ConnectionError(reason) when the host refused instead."""
        for held in list(self.stash):
            if held[0] == kind:
                self.stash.remove(held)
                return held[1]
        while True:
            got = await self.receive()
            if got[0] == kind:
                return got[1]
            if got[0] == frames.REFUSED:
                raise ConnectionError(got[1][0])
            self.stash.append(got)

    async def receive(self) -> tuple[int, list[Any]]:
        """The next frame; ConnectionError("closed") at the end."""
        message = await self._socket.receive(PATIENCE_S)
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise ConnectionError("closed")
        kind, _, fields = frames.unpack(message.data)
        return kind, fields

    async def refusal(self) -> str:
        """Why the host ended the connection."""
        try:
            while True:
                kind, fields = await self.receive()
                if kind == frames.REFUSED:
                    return str(fields[0])
        except ConnectionError as wrong:
            return str(wrong)

    async def deliver(self, first: int, last: int, utc: int) -> int:
        """Sends a batch and waits until it is acknowledged; up to where."""
        await self.say(frames.BATCH, *self.device.batch(first, last, utc))
        upto, self.device.receipt, self.index = await self.take(frames.ACK)
        self.device.witness.acknowledged(upto, self.index, 0)
        return int(upto)

    async def pull(self) -> State:
        """Takes the newest state by header and chunks, as the law book demands."""
        signed = (await self.take(frames.STATE))[0]
        header: StateHeader = self.device.trust.accept_header(signed, self.device.state)
        chunks = []
        for digest in header.chunks:
            await self.say(frames.WANT, digest)
            chunks.append((await self.take(frames.PIECE))[1])
        self.device.state = self.device.trust.build_state(header, chunks)
        await self.tell()
        return self.device.state

    async def tell(self) -> None:
        """STATUS, and a round trip after it, so that it has been taken."""
        state = self.device.state
        await self.say(frames.STATUS, self.device.chain.seq, state.generation, state.version, 3, 1, "played 1")
        await self.settle()

    async def settle(self) -> None:
        """Returns when the host has handled everything said before."""
        await self.say(frames.PING)
        await self.take(frames.PONG)
