"""One device's connection: nonces, greeting, then frames until something ends it (docs/protocol.md section 5).

dialled   both sides send a NONCE
greeting  the device says HELLO over ours; we answer HOST over its own, and an ACK from which it resumes
up        batches go to sync.arriving, what is for a service to sync.heard; the rest is here
Whatever is not understood, not believed or out of its order is answered with REFUSED and ends the connection.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any, Protocol

from gatecore import frames
from gatecore.errors import GateError
from gatecore.records import Hello, HostHello
from gatecore.sign import key_id
from gatecore.wire import open_sign1, sign1, signed_by
from gatehost.keys import verify
from gatehost.model.errors import DeviceRefused, HostError
from gatehost.service.context import Context
from gatehost.service.door import reception
from gatehost.service.enrol import claim_slip
from gatehost.service.evidence import checkpoints
from gatehost.service.face import holding
from gatehost.sync import reading
from gatehost.sync.arriving import Arriving, resumed
from gatehost.sync.heard import SERVICES, Handler, in_range
from gatehost.sync.ingest import Ingest
from gatehost.sync.pace import Pace

log = logging.getLogger(__name__)

DIALLED, GREETING, UP = "dialled", "greeting", "up"
GREETING_S = 15.0
MOST_OUT = 8192  # frames that wait to be sent; a device that does not take them is gone
_STATE, _RECEIPT = b"", b"receipt"  # stand in the queue for "the newest state", "the newest checkpoint"


class Socket(Protocol):
    """The connection: whole binary messages."""

    async def receive(self, timeout: float) -> bytes | None:
        """The next message; None when the other end is gone."""
        ...

    async def send(self, data: bytes) -> None:
        """Sends one message."""
        ...

    def believed(self) -> None:
        """The other end has shown its key."""
        ...


class Taker(Protocol):
    """Who keeps the live connections."""

    async def take_over(self, dev: str, session: "Session") -> None:
        """The session speaks for the device from now on."""
        ...


class Session:
    """Drives one connection; `run` returns when it has ended."""

    def __init__(self, ctx: Context, ingest: Ingest, taker: Taker, socket: Socket) -> None:
        self.ctx, self._ingest, self._taker, self._socket = ctx, ingest, taker, socket
        self.dev = ""
        self.state = DIALLED
        self.ended = asyncio.Event()
        self._mine = ctx.random(16)
        self._theirs = b""
        self._number = 0
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._expected: dict[object, asyncio.Future[Any]] = {}
        self._log: Arriving | None = None
        self._told = (0, 0)
        self._word: asyncio.Future[None] | None = None  # of the device about a checkpoint
        self._took: int | None = None  # the size of the checkpoint the device took last; None until it has said
        self._begun = mono()
        self._pace = Pace(self._begun)
        self._receiver: asyncio.Task[None] | None = None
        self._why = ""

    # --- outwards -------------------------------------------------------------------------

    def send(self, kind: int, *fields: object) -> bool:
        """Queues a frame; False, and the connection ends, when the device takes no more."""
        if self._out.qsize() >= MOST_OUT:
            self.stop()
            return False
        self._number += 1
        self._out.put_nowait(frames.pack(kind, self._number, *fields))
        return True

    def offer_state(self) -> None:
        """Queues the newest state header; what it is, is looked up when it is sent."""
        if self.state == UP:
            self._out.put_nowait(_STATE)

    def offer_receipt(self) -> asyncio.Future[None] | None:
        """Queues the newest checkpoint; which it is, is looked up when it is sent. Returns what the device says of it
        next; None if it is no witness."""
        if self.state != UP or self._took is None:
            return None
        self._out.put_nowait(_RECEIPT)
        if self._word is None or self._word.done():
            self._word = asyncio.get_running_loop().create_future()
        return self._word

    def expect(self, key: object) -> asyncio.Future[Any]:
        """The answer that will come for a ticket or challenge."""
        self._expected[key] = asyncio.get_running_loop().create_future()
        return self._expected[key]

    def forget(self, key: object) -> None:
        """Nobody waits for that answer any more."""
        self._expected.pop(key, None)

    def refuse(self, code: str) -> None:
        """Ends the connection from outside with REFUSED."""
        self._why = self._why or code
        self.stop()

    def stop(self) -> None:
        """Ends the connection from outside."""
        if self._receiver is not None:
            self._receiver.cancel()

    # --- the two tasks --------------------------------------------------------------------

    async def run(self) -> None:
        """Talks until the end; every way out leaves `ended` set."""
        sender = asyncio.create_task(self._sender())
        self._receiver = asyncio.create_task(self._receive())
        self.send(frames.NONCE, self._mine)
        try:
            await asyncio.wait((sender, self._receiver), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._receiver.cancel()
            await asyncio.gather(self._receiver, return_exceptions=True)
            if self._why:
                self.send(frames.REFUSED, self._why[:64])
            self._out.put_nowait(None)
            await _quietly(sender)
            for waiting in (*self._expected.values(), *filter(None, (self._word,))):
                waiting.cancel()
            self.ended.set()

    async def _sender(self) -> None:
        while (data := await self._out.get()) is not None:
            if data == _STATE:
                await self._send_state()
            elif data == _RECEIPT:
                await self._send_receipt()
            else:
                await self._socket.send(data)

    async def _send_state(self) -> None:
        held = await reception.state_for(self.ctx, self.dev)
        if held is not None and held[:2] > self._told:
            self._number += 1
            await self._socket.send(frames.pack(frames.STATE, self._number, held[2]))

    async def _send_receipt(self) -> None:
        if self._log is None or self._took is None:
            return
        made = await checkpoints.receipt(self.ctx, self._log.generation, self._log.no, self._took)
        if made is None:
            return
        self._number += 1
        fields = (made.note, made.first, made.path, made.seq, made.index, made.inclusion)
        await self._socket.send(frames.pack(frames.RECEIPT, self._number, *fields))

    async def _receive(self) -> None:
        try:
            while True:
                data = await self._socket.receive(self._patience())
                if data is None:
                    return
                kind, _, fields = reading.read(data, self.state == UP)
                self._pace.take(kind, mono())
                await self._handle(kind, fields)
        except TimeoutError:
            self._why = "silent"
        except DeviceRefused as wrong:
            self._why = self._why or wrong.code
        except HostError as wrong:
            self._why = self._why or wrong.code
        except Exception:
            self._why = "failure"
            log.exception("a device's frame could not be handled")

    def _patience(self) -> float:
        """How long (s) the next frame is waited for. The greeting has its time as a whole: nobody holds a connection by
        pinging before it."""
        if self.state == UP:
            return frames.ALIVE_MS / 1000
        return max(0.0, GREETING_S - (mono() - self._begun) / 1000)

    async def _handle(self, kind: int, fields: list[Any]) -> None:
        handle = (_RECEIVE_UP if self.state == UP else _RECEIVE_BEFORE).get(kind)
        if handle is None:
            raise DeviceRefused("order")
        await handle(self, *fields)

    # --- greeting -------------------------------------------------------------------------

    async def _on_first_nonce(self, nonce: bytes) -> None:
        if self.state != DIALLED:
            raise DeviceRefused("order")
        self._theirs = nonce
        self.state = GREETING

    async def _on_hello(self, data: bytes) -> None:
        if self.state != GREETING:
            raise DeviceRefused("order")
        hello, no, public = await self._believe(data)
        self._socket.believed()
        self.dev = hello.dev.hex()
        await self._taker.take_over(self.dev, self)
        self._log = log = await resumed(self.ctx, self._ingest, self.send, hello, no, public)
        receipt = await reception.came(self.ctx, self.dev, hello.generation, hello.version)
        log.receipts = log.receipts or (receipt,)
        self._told = (hello.generation, hello.version)
        self.state = UP
        self._say_host(self._theirs)
        log.generation, cert = await checkpoints.certificate(self.ctx)
        self.send(frames.LOG, cert)
        await log.acknowledge(receipt)
        self.offer_state()
        for party in await holding.owed(self.ctx, self.dev):
            self.send(frames.FORGET, bytes.fromhex(party))
        await claim_slip.offer(self.ctx, self.dev)

    async def _believe(self, data: bytes) -> tuple[Hello, int, bytes]:
        """The greeting, if an active device signed it over our nonce."""
        try:
            device = await reception.known(self.ctx, _named(data))
            public = device.current or device.public
            hello: Hello = Hello.from_wire(open_sign1(data, key_id(public), public, verify))
        except GateError as wrong:
            raise DeviceRefused(wrong.code) from wrong
        if hello.dev.hex() != device.dev:
            raise DeviceRefused("device")
        if hello.nonce != self._mine:
            raise DeviceRefused("nonce")
        in_range(hello.version, hello.generation, hello.seq, hello.boot)
        return hello, device.no, public

    def _say_host(self, nonce: bytes) -> None:
        hello = HostHello(bytes.fromhex(self.dev), nonce, self.ctx.clock())
        self.send(frames.HOST, sign1(hello.to_wire(), self.ctx.keys.policy))

    async def _on_later_nonce(self, nonce: bytes) -> None:
        self._say_host(nonce)

    # --- the log --------------------------------------------------------------------------

    async def _on_batch(self, first: int, entries: list[Any], privates: list[Any], seal: bytes) -> None:
        assert self._log is not None
        await self._log.take(first, entries, privates, seal)

    # --- the estate's log -----------------------------------------------------------------

    async def _on_witnessed(self, note: bytes, why: str) -> None:
        if why and why != "size":
            self._took = None
            self._said()
            await checkpoints.refused(self.ctx, self.dev, why)
            return
        assert self._log is not None
        self._took = await checkpoints.took(self.ctx, self._log.generation, note)
        self.offer_receipt()

    async def _on_cosigned(self, generation: int, size: int, time: int, signature: bytes) -> None:
        if self._log is None or generation != self._log.generation:
            raise DeviceRefused("generation")
        await checkpoints.cosigned(self.ctx, self.dev, generation, size, time, signature)
        self._took = size
        self._said()
        self.offer_receipt()

    def _said(self) -> None:
        if self._word is not None and not self._word.done():
            self._word.set_result(None)

    # --- status and commands --------------------------------------------------------------

    async def _on_status(self, seq: int, generation: int, version: int, quality: int, storage: int, told: str) -> None:
        in_range(seq, generation, version)
        self._told = max(self._told, (generation, version))
        await reception.status(self.ctx, self.dev, generation, version, quality, storage, told)

    async def _on_challenge(self, ticket: int, challenge: bytes) -> None:
        self._answer(ticket, challenge)

    async def _on_done(self, challenge: bytes, done: int, code: str) -> None:
        self._answer(challenge, (done, code[:64]))

    def _answer(self, key: object, value: object) -> None:
        waiting = self._expected.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(value)

    async def _on_ping(self) -> None:
        self.send(frames.PONG)

    async def _on_pong(self) -> None:
        return

    async def _on_refused(self, why: str) -> None:
        log.info("a device refused the host: %s", why[:64].encode("ascii", "replace").decode())
        self.stop()


def _named(data: bytes) -> str:
    """The key a signed greeting names, by its id."""
    return signed_by(data).hex()


def mono() -> int:
    """ms on a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


async def _quietly(sender: "asyncio.Task[None]") -> None:
    """Lets the last frames out, for a second."""
    with contextlib.suppress(TimeoutError, ConnectionError, Exception):
        await asyncio.wait_for(sender, 1.0)


_RECEIVE_BEFORE: dict[int, Handler] = {
    frames.NONCE: Session._on_first_nonce,
    frames.HELLO: Session._on_hello,
    frames.PING: Session._on_ping,
    frames.REFUSED: Session._on_refused,
}
_RECEIVE_UP: dict[int, Handler] = SERVICES | {
    frames.NONCE: Session._on_later_nonce,
    frames.PING: Session._on_ping,
    frames.PONG: Session._on_pong,
    frames.REFUSED: Session._on_refused,
    frames.BATCH: Session._on_batch,
    frames.STATUS: Session._on_status,
    frames.WITNESSED: Session._on_witnessed,
    frames.COSIGNED: Session._on_cosigned,
    frames.CHALLENGE: Session._on_challenge,
    frames.DONE: Session._on_done,
}
