"""One device's log as a connection brings it: where the stored one stands, and batches verified, stored, acknowledged.

In this order and no other: what was acknowledged is on storage, and what is on storage held.
"""

from collections.abc import Callable
from typing import Any

from gatecore import frames
from gatecore.errors import GateError
from gatecore.log import Chain, check_batch
from gatecore.records import GATE, Entry, Hello
from gatehost.keys import verify
from gatehost.model.errors import DeviceRefused, Forked, StoreError
from gatehost.service.context import Context
from gatehost.service.door import reception
from gatehost.service.evidence import checkpoints, visits
from gatehost.service.gate import bycode, gatecopy, gatedeed
from gatehost.store import accesslog
from gatehost.store.accesslog import Verified
from gatehost.sync import batch
from gatehost.sync.heard import LARGEST
from gatehost.sync.ingest import Ingest

SLOW_MS = 500
Send = Callable[..., bool]


class Arriving:
    """Made by `resumed`; `acknowledge` and `take` answer through `send`."""

    def __init__(self, ctx: Context, ingest: Ingest, send: Send, no: int, public: bytes, held: Chain) -> None:
        self._ctx, self._ingest, self._send = ctx, ingest, send
        self._source, self._chain = batch.Source(no, public), held
        self.receipts: tuple[bytes, ...] = ()
        self.generation = 0  # of the estate's log

    @property
    def no(self) -> int:
        """The device's row number."""
        return self._source.no

    @property
    def dev(self) -> str:
        """The device's name."""
        return self._chain.dev.hex()

    async def acknowledge(self, receipt: bytes) -> None:
        """Up to where the log is stored, and which leaf that entry is."""
        seq, index = self._chain.seq, None
        if seq:
            index = await checkpoints.place(self._ctx, self.generation, self.no, seq)
        self._send(frames.ACK, seq, receipt, index)

    async def take(self, first: int, entries: list[Any], privates: list[Any], seal: bytes) -> None:
        """A batch: what is stored already is compared, the rest stored."""
        _check_shape(first, entries, privates)
        known = min(max(self._chain.seq - first + 1, 0), len(entries))
        if known:
            await self._compare(first, entries, privates, seal, known)
        if known == len(entries):
            await self.acknowledge(self.receipts[0])
            return
        jumped = first > self._chain.seq + 1
        await self._store(first + known, entries[known:], privates[known:], seal, jumped=jumped)
        if self._ingest.busy:
            self._send(frames.SLOW, SLOW_MS)

    async def _store(
        self, first: int, entries: list[bytes], privates: list[bytes | None], seal: bytes, *, jumped: bool
    ) -> None:
        """Verifies, makes durable, acknowledges. A log that `jumped` begins anew here: its device was full, or this
        host was restored."""
        now, ctx, chain, jump = self._ctx.clock(), self._ctx, self._chain, None
        if jumped:
            chain = _anew(chain, entries[0], first)
            jump = chain.head, chain.epoch
        rows = batch.check(self._source, chain, entries, privates, seal, self.receipts, now)
        receipt, place = ctx.random(16), (chain.epoch, chain.seq, chain.head)
        index = await self._ingest.put(Verified(self.no, rows, seal, *place, receipt, now, chain.key, jump))
        if chain.key is not None:
            self._source = batch.Source(self.no, chain.key)
        self._chain, self.receipts = chain, (receipt, self.receipts[0])
        self._send(frames.ACK, chain.seq, receipt, index)
        await visits.arrived(ctx, rows)
        await bycode.take(ctx, rows)
        if any(row[4] == GATE for row in rows) and await gatedeed.take(ctx, self.dev):
            await gatecopy.offer(ctx)

    async def _compare(
        self, first: int, entries: list[bytes], privates: list[bytes | None], seal: bytes, known: int
    ) -> None:
        """Entries that are stored already must be the same bytes; a second history sealed by the device is a fork."""
        async with self._ctx.store.read() as tx:
            stored = await accesslog.stored(tx, self.no, first, first + known - 1)
        if stored == entries[:known]:
            return
        other = next((n for n, (a, b) in enumerate(zip(stored, entries, strict=False)) if a != b), None)
        if other is None:
            raise StoreError("missing")  # somebody took entries out
        try:
            start = Entry.from_wire(entries[0])
            chain = Chain(self._chain.dev, start.prev, first - 1, start.epoch)
            check_batch(chain, entries, privates, seal, self._source.public, verify)
        except GateError as wrong:
            raise DeviceRefused(wrong.code) from wrong
        await reception.forked(self._ctx, self.dev, first + other, entries[other], seal)
        raise Forked("fork")


async def resumed(ctx: Context, ingest: Ingest, send: Send, hello: Hello, no: int, public: bytes) -> Arriving:
    """Where the stored log stands; a device whose own is shorter, or other at the same place, is a fork."""
    await ingest.barrier()
    dev = hello.dev.hex()
    async with ctx.store.read() as tx:
        held = await accesslog.head(tx, dev)
    if held is None:
        raise DeviceRefused("unknown")
    if hello.seq < held.seq or (hello.seq == held.seq and hello.head != held.head):
        await reception.forked(ctx, dev, hello.seq, hello.to_wire(), b"")
        raise Forked("fork")
    log = Arriving(ctx, ingest, send, no, public, Chain(hello.dev, held.head, held.seq, held.epoch))
    log.receipts = held.receipts
    return log


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
