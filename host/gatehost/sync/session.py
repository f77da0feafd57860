"""One device's connection: nonces, greeting, then frames until something ends it (docs/protocol.md section 5).

dialled   both sides send a NONCE
greeting  the device says HELLO over ours; we answer HOST over its own, and an ACK from which it resumes
up        batches are verified, stored, acknowledged; everything else goes to the services
Whatever is not understood, not believed or out of its order is answered with REFUSED and ends the connection.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gatecore import feedback, frames, intake
from gatecore.errors import GateError
from gatecore.log import Chain, check_batch
from gatecore.records import GATE, Entry, Hello, HostHello
from gatecore.sign import key_id
from gatecore.wire import open_sign1, sign1, signed_by
from gatehost.keys import verify
from gatehost.model.errors import DeviceRefused, Forked, HostError
from gatehost.service import (
    calls,
    checkpoints,
    claim_slip,
    enrol,
    gatecopy,
    gatedeed,
    promise,
    reception,
    twice,
    visits,
)
from gatehost.service.context import Context
from gatehost.store import accesslog
from gatehost.store.accesslog import Verified
from gatehost.sync import batch, reading
from gatehost.sync.ingest import Ingest
from gatehost.sync.pace import Pace

log = logging.getLogger(__name__)

DIALLED, GREETING, UP = "dialled", "greeting", "up"
GREETING_S = 15.0
SLOW_MS = 500
MOST_OUT = 8192  # frames that wait to be sent; a device that does not take them is gone
_STATE, _RECEIPT = b"", b"receipt"  # stand in the queue for "the newest state", "the newest checkpoint"
LARGEST = 1 << 53  # versions and sequence numbers a real device cannot reach


class Socket(Protocol):
    """The connection: whole binary messages."""

    async def receive(self, timeout: float) -> bytes | None:
        """The next message; None when the other end is gone."""
        ...

    async def send(self, data: bytes) -> None:
        """Sends one message."""
        ...


@dataclass(frozen=True, slots=True)
class Log:
    """Where a device's stored log stands; `chain` moves with it."""

    source: batch.Source
    chain: Chain
    receipts: tuple[bytes, ...]


class Taker(Protocol):
    """Who keeps the live connections."""

    async def take_over(self, dev: str, session: "Session") -> None:
        """The session speaks for the device from now on."""
        ...


class Session:
    """Drives one connection; `run` returns when it has ended."""

    def __init__(self, ctx: Context, ingest: Ingest, taker: Taker, socket: Socket) -> None:
        self._ctx, self._ingest, self._taker, self._socket = ctx, ingest, taker, socket
        self.dev = ""
        self.state = DIALLED
        self.ended = asyncio.Event()
        self._mine = ctx.random(16)
        self._theirs = b""
        self._number = 0
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._expected: dict[object, asyncio.Future[Any]] = {}
        self._log: Log | None = None
        self._told = (0, 0)
        self._generation = 0
        self._word: asyncio.Future[None] | None = None  # of the device about a checkpoint
        self._took: int | None = None  # the size of the checkpoint the device took last; None until it has said
        self._pace = Pace(mono())
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
        held = await reception.state_for(self._ctx, self.dev)
        if held is not None and held[:2] > self._told:
            self._number += 1
            await self._socket.send(frames.pack(frames.STATE, self._number, held[2]))

    async def _send_receipt(self) -> None:
        if self._log is None or self._took is None:
            return
        made = await checkpoints.receipt(self._ctx, self._generation, self._log.source.no, self._took)
        if made is None:
            return
        self._number += 1
        fields = (made.note, made.first, made.path, made.seq, made.index, made.inclusion)
        await self._socket.send(frames.pack(frames.RECEIPT, self._number, *fields))

    async def _receive(self) -> None:
        try:
            while True:
                limit = frames.ALIVE_MS / 1000 if self.state == UP else GREETING_S
                data = await self._socket.receive(limit)
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
        self.dev = hello.dev.hex()
        await self._taker.take_over(self.dev, self)
        self._log = await self._resume(hello, no, public)
        receipt = await reception.came(self._ctx, self.dev, hello.generation, hello.version)
        self._log = replace(self._log, receipts=self._log.receipts or (receipt,))
        self._told = (hello.generation, hello.version)
        self.state = UP
        self._say_host(self._theirs)
        self._generation, cert = await checkpoints.certificate(self._ctx)
        self.send(frames.LOG, cert)
        await self._acknowledge(receipt)
        self.offer_state()
        for party in await enrol.owed(self._ctx, self.dev):
            self.send(frames.FORGET, bytes.fromhex(party))
        await claim_slip.offer(self._ctx, self.dev)

    async def _believe(self, data: bytes) -> tuple[Hello, int, bytes]:
        """The greeting, if an active device signed it over our nonce."""
        try:
            device = await reception.known(self._ctx, _named(data))
            public = device.current or device.public
            hello: Hello = Hello.from_wire(open_sign1(data, key_id(public), public, verify))
        except GateError as wrong:
            raise DeviceRefused(wrong.code) from wrong
        if hello.dev.hex() != device.dev:
            raise DeviceRefused("device")
        if hello.nonce != self._mine:
            raise DeviceRefused("nonce")
        if max(hello.version, hello.generation, hello.seq, hello.boot) > LARGEST:
            raise DeviceRefused("range")
        return hello, device.no, public

    async def _resume(self, hello: Hello, no: int, public: bytes) -> Log:
        """Where the stored log stands; a device whose own is shorter, or other at the same place, is a fork."""
        await self._ingest.barrier()
        async with self._ctx.store.read() as tx:
            held = await accesslog.head(tx, self.dev)
        if held is None:
            raise DeviceRefused("unknown")
        if hello.seq < held.seq or (hello.seq == held.seq and hello.head != held.head):
            await reception.forked(self._ctx, self.dev, hello.seq, hello.to_wire(), b"")
            raise Forked("fork")
        return Log(batch.Source(no, public), Chain(hello.dev, held.head, held.seq, held.epoch), held.receipts)

    def _say_host(self, nonce: bytes) -> None:
        hello = HostHello(bytes.fromhex(self.dev), nonce, self._ctx.clock())
        self.send(frames.HOST, sign1(hello.to_wire(), self._ctx.keys.policy))

    async def _on_later_nonce(self, nonce: bytes) -> None:
        self._say_host(nonce)

    # --- the log --------------------------------------------------------------------------

    async def _acknowledge(self, receipt: bytes) -> None:
        """Up to where the log is stored, and which leaf that entry is."""
        assert self._log is not None
        seq, index = self._log.chain.seq, None
        if seq:
            index = await checkpoints.place(self._ctx, self._generation, self._log.source.no, seq)
        self.send(frames.ACK, seq, receipt, index)

    async def _on_batch(self, first: int, entries: list[Any], privates: list[Any], seal: bytes) -> None:
        _check_shape(first, entries, privates)
        assert self._log is not None
        known = min(max(self._log.chain.seq - first + 1, 0), len(entries))
        if known:
            await self._compare(first, entries, privates, seal, known)
        if known == len(entries):
            await self._acknowledge(self._log.receipts[0])
            return
        jumped = first > self._log.chain.seq + 1
        await self._store(first + known, entries[known:], privates[known:], seal, jumped=jumped)
        if self._ingest.busy:
            self.send(frames.SLOW, SLOW_MS)

    async def _store(
        self, first: int, entries: list[bytes], privates: list[bytes | None], seal: bytes, *, jumped: bool
    ) -> None:
        """Verifies, makes durable, acknowledges: in this order and no other. A log that `jumped` begins anew here: its
        device was full, or this host was restored."""
        assert self._log is not None
        held, now, ctx = self._log, self._ctx.clock(), self._ctx
        chain, jump = held.chain, None
        if jumped:
            chain = _anew(chain, entries[0], first)
            jump = chain.head, chain.epoch
        rows = batch.check(held.source, chain, entries, privates, seal, held.receipts, now)
        receipt, place = ctx.random(16), (chain.epoch, chain.seq, chain.head)
        made = Verified(held.source.no, rows, seal, *place, receipt, now, chain.key, jump)
        index = await self._ingest.put(made)
        source = held.source if chain.key is None else replace(held.source, public=chain.key)
        self._log = Log(source, chain, (receipt, held.receipts[0]))
        self.send(frames.ACK, chain.seq, receipt, index)
        await visits.arrived(ctx, rows)
        if any(row[4] == GATE for row in rows) and await gatedeed.take(ctx, self.dev):
            await gatecopy.offer(ctx)

    # --- the estate's log -----------------------------------------------------------------

    async def _on_witnessed(self, note: bytes, why: str) -> None:
        if why and why != "size":
            self._took = None
            self._said()
            await checkpoints.refused(self._ctx, self.dev, why)
            return
        self._took = await checkpoints.took(self._ctx, self._generation, note)
        self.offer_receipt()

    async def _on_cosigned(self, generation: int, size: int, time: int, signature: bytes) -> None:
        if generation != self._generation:
            raise DeviceRefused("generation")
        await checkpoints.cosigned(self._ctx, self.dev, generation, size, time, signature)
        self._took = size
        self._said()
        self.offer_receipt()

    def _said(self) -> None:
        if self._word is not None and not self._word.done():
            self._word.set_result(None)

    async def _compare(
        self, first: int, entries: list[bytes], privates: list[bytes | None], seal: bytes, known: int
    ) -> None:
        """Entries that are stored already must be the same bytes; a second history sealed by the device is a fork."""
        assert self._log is not None
        async with self._ctx.store.read() as tx:
            stored = await accesslog.stored(tx, self._log.source.no, first, first + known - 1)
        if stored == entries[:known]:
            return
        other = next(n for n, (a, b) in enumerate(zip(stored, entries, strict=False)) if a != b)
        try:
            start = Entry.from_wire(entries[0])
            chain = Chain(self._log.chain.dev, start.prev, first - 1, start.epoch)
            check_batch(chain, entries, privates, seal, self._log.source.public, verify)
        except GateError as wrong:
            raise DeviceRefused(wrong.code) from wrong
        await reception.forked(self._ctx, self.dev, first + other, entries[other], seal)
        raise Forked("fork")

    # --- state and faces ------------------------------------------------------------------

    async def _on_status(self, seq: int, generation: int, version: int, quality: int, storage: int, told: str) -> None:
        if max(seq, generation, version) > LARGEST:
            raise DeviceRefused("range")
        self._told = max(self._told, (generation, version))
        await reception.status(self._ctx, self.dev, generation, version, quality, storage, told)

    async def _on_want(self, digest: bytes) -> None:
        self.send(frames.PIECE, digest, await reception.piece(self._ctx, self.dev, digest))

    async def _on_capture_news(self, task: bytes, step: int, photos: int, reasons: list[Any]) -> None:
        if step > intake.CAPTURE_TWICE or photos > 100:
            raise DeviceRefused("field")
        if not await claim_slip.progressed(self._ctx, self.dev, task.hex(), step):
            await enrol.progressed(self._ctx, self.dev, task.hex(), step, photos, reasons)

    async def _on_sealed(self, person: bytes, model: str, photos: int, data: bytes, keys: list[Any]) -> None:
        if photos > 100:
            raise DeviceRefused("field")
        await enrol.sealed(self._ctx, self.dev, person.hex(), model, photos, data, keys)

    async def _on_confirmed(self, dev: bytes) -> None:
        await enrol.box_confirmed(self._ctx, self.dev, dev.hex())
        await claim_slip.offer(self._ctx, self.dev, dev.hex())

    async def _on_forgotten(self, person: bytes) -> None:
        await enrol.forgotten(self._ctx, self.dev, person.hex())

    async def _on_promise(self, way: int, why: list[Any], people: int, photos: list[Any], *told: Any) -> None:
        await promise.told(self._ctx, self.dev, way, why, people, photos, *told)

    async def _on_slip(self, ticket: bytes, digits: str) -> None:
        if len(digits) > intake.SLIP_DIGITS:
            raise DeviceRefused("field")
        await claim_slip.typed(self._ctx, self.dev, ticket.hex(), digits)

    async def _on_taken(self, ticket: bytes, data: bytes) -> None:
        await claim_slip.taken(self._ctx, self.dev, ticket.hex(), data)

    async def _on_keep(self, generation: int, number: int) -> None:
        if max(generation, number) > LARGEST:
            raise DeviceRefused("range")
        await gatecopy.asked(self._ctx, self.dev, generation, number)

    async def _on_same(self, person: bytes, other: bytes, verdict: int) -> None:
        await twice.answered(self._ctx, self.dev, person.hex(), other.hex(), verdict)

    # --- calls and commands ---------------------------------------------------------------

    async def _on_call(self, call: bytes, home: str) -> None:
        try:
            await calls.ring(self._ctx, self.dev, call.hex(), home)
        except DeviceRefused:  # a home or rule the door has not heard of yet
            self.send(frames.CALL_NEWS, call, feedback.REFUSED, feedback.NOBODY)

    async def _on_snapshot(self, call: bytes, jpeg: bytes) -> None:
        await calls.snapshot(self._ctx, self.dev, call.hex(), jpeg)

    async def _on_hangup(self, call: bytes) -> None:
        await calls.hung_up(self._ctx, self.dev, call.hex())

    async def _on_alert(self, kind: int, home: str) -> None:
        await reception.alert(self._ctx, self.dev, kind, home)

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


def _anew(chain: Chain, entry: bytes, first: int) -> Chain:
    """Where a log that lost its middle goes on, by its own account; what it holds is sealed all the same."""
    try:
        return Chain(chain.dev, Entry.from_wire(entry).prev, first - 1, chain.epoch)
    except GateError as wrong:
        raise DeviceRefused(wrong.code) from wrong


def _check_shape(first: int, entries: list[Any], privates: list[Any]) -> None:
    if not entries or len(entries) > frames.MAX_BATCH or len(privates) != len(entries) or not 0 < first <= LARGEST:
        raise DeviceRefused("batch")
    if not all(isinstance(entry, bytes) for entry in entries):
        raise DeviceRefused("batch")
    if not all(private is None or isinstance(private, bytes) for private in privates):
        raise DeviceRefused("batch")


def mono() -> int:
    """ms on a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


async def _quietly(sender: "asyncio.Task[None]") -> None:
    """Lets the last frames out, for a second."""
    with contextlib.suppress(TimeoutError, ConnectionError, Exception):
        await asyncio.wait_for(sender, 1.0)


Handler = Callable[..., Awaitable[None]]
_RECEIVE_BEFORE: dict[int, Handler] = {
    frames.NONCE: Session._on_first_nonce,
    frames.HELLO: Session._on_hello,
    frames.PING: Session._on_ping,
    frames.REFUSED: Session._on_refused,
}
_RECEIVE_UP: dict[int, Handler] = {
    frames.NONCE: Session._on_later_nonce,
    frames.PING: Session._on_ping,
    frames.PONG: Session._on_pong,
    frames.REFUSED: Session._on_refused,
    frames.BATCH: Session._on_batch,
    frames.STATUS: Session._on_status,
    frames.WITNESSED: Session._on_witnessed,
    frames.COSIGNED: Session._on_cosigned,
    frames.CALL: Session._on_call,
    frames.SNAPSHOT: Session._on_snapshot,
    frames.HANGUP: Session._on_hangup,
    frames.ALERT: Session._on_alert,
    frames.CHALLENGE: Session._on_challenge,
    frames.DONE: Session._on_done,
    frames.WANT: Session._on_want,
    frames.CAPTURE_NEWS: Session._on_capture_news,
    frames.SEALED: Session._on_sealed,
    frames.CONFIRMED: Session._on_confirmed,
    frames.FORGOTTEN: Session._on_forgotten,
    frames.PROMISE: Session._on_promise,
    frames.SLIP: Session._on_slip,
    frames.TAKEN: Session._on_taken,
    frames.SAME: Session._on_same,
    frames.KEEP: Session._on_keep,
}
