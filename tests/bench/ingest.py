"""Fully verified durable ingest against raw sqlite3 executemany of the same rows, in one run on one core.

    python -m tests.bench.ingest [ENTRIES [DEVICES]]

Both sides write to a file with WAL and synchronous FULL, batch 64, a primary key and a time index. Ours also reads the
frame, checks seal, chain and commitments, encrypts every private half under the key of its person and month (the keys
in their own file, made in the run), makes every entry a leaf of the estate's tree and moves the device's head in one
transaction; the raw side writes the finished rows and commits per batch. The entries are those of a real door: one of
four tells of nobody, the others of one of 500 residents. CPU is process time, and the process is held on one core: who
else is busy there slows both sides alike.

The sides are not the same in everything. The raw one has it easier: no index of homes, private halves as they came (37
bytes shorter), nothing overwritten with zeros. It has it harder: each batch is committed alone, where ours commits
those that wait together, and its values go through the driver as anybody would hand them over (docs/adr/0144).
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gatecore import frames
from gatecore.clock import HOST, Now
from gatecore.log import Chain, genesis, seal
from gatecore.records import ACCESS, EXIT, Private
from gatecore.sign import key_id
from gatehost import memory
from gatehost.keys import Signer
from gatehost.model.place import BUILDING, DOOR, ESTATE, Estate, Place, Slot
from gatehost.store import accesslog, devices, logs, places
from gatehost.store.accesslog import EntryRow, Verified
from gatehost.store.store import Store, open_store, sqlite_url
from gatehost.sync import batch, reading
from gatehost.sync.ingest import Ingest

BATCH = 64
ROUNDS = 5
START = 1_781_488_800_000
RESIDENTS = [os.urandom(16) for _ in range(500)]


class Sender:
    """A device's finished frames: made before the clock runs."""

    def __init__(self, no: int, batches: int) -> None:
        self.no, self.signer = no, Signer(os.urandom(32))
        self.dev = key_id(self.signer.public)
        chain = Chain(self.dev, genesis(self.signer.public))
        self.frames = [self._frame(chain, number) for number in range(batches)]

    def _half(self) -> bytes:
        """What an opening tells of a resident."""
        person = RESIDENTS[int.from_bytes(os.urandom(2), "big") % len(RESIDENTS)]
        return Private(os.urandom(16), person, ["120502", person, os.urandom(16), 0]).to_wire()

    def _frame(self, chain: Chain, number: int) -> bytes:
        entries, privates = list[bytes](), list[bytes | None]()
        for at in range(BATCH):
            now = Now(7, 1000 * (number * BATCH + at), START + 1000 * (number * BATCH + at), HOST)
            private = self._half() if at % 4 else None
            typ, pub = (EXIT, []) if private is None else (ACCESS, [0, 1, 2, 0, 0])
            data = chain.next(now, typ, pub, private)
            chain.take(data)
            entries.append(data)
            privates.append(private)
        now = Now(7, chain.seq * 1000, START, HOST)
        first = chain.seq - BATCH + 1
        return frames.pack(frames.BATCH, number, first, entries, privates, seal(chain, now, None, self.signer))


async def prepared(path: Path, senders: Sequence[Sender]) -> Store:
    """A database that knows the devices."""
    store = await open_store(sqlite_url(path))
    async with store.write() as tx:
        await places.put_estate(tx, Estate("estate", "bench", 6, ((0, 480),)))
        await places.put_place(tx, Place("estate", None, ESTATE, "bench"))
        await places.put_place(tx, Place("b", "estate", BUILDING, "b", "12"))
        for sender in senders:
            slot = f"door-{sender.no}"
            await places.put_place(tx, Place(slot, "b", DOOR, slot))
            await places.put_slot(tx, Slot(slot, "b", slot, "door"))
            await devices.put(tx, row(sender, slot))
        await logs.put(tx, logs.Log(1, bytes(32), b"", START, 0, bytes(32), 0, b""))
    return store


def row(sender: Sender, slot: str) -> dict[str, object]:
    """The device row."""
    zeros = dict.fromkeys(("since", "generation", "version", "quality", "epoch", "seq"), 0)
    texts = {"dev": sender.dev.hex(), "slot": slot, "kind": "door", "model": "b", "digits": "", "state": "active"}
    blobs = {"public": sender.signer.public, "request": b"", "nonce": b"", "head": genesis(sender.signer.public)}
    return zeros | texts | blobs | {"no": sender.no, "storage_ok": 1, "software": ""}


async def send(ingest: Ingest, sender: Sender) -> None:
    """What sync.arriving does with each frame, without the socket."""
    source = batch.Source(sender.no, sender.signer.public)
    chain = Chain(sender.dev, genesis(sender.signer.public))
    for data in sender.frames:
        _, _, (_, entries, privates, sealed) = reading.read(data, known=True)
        rows = batch.check(source, chain, entries, privates, sealed, (), START)
        await ingest.put(Verified(sender.no, rows, sealed, 0, chain.seq, chain.head, bytes(16), START))


async def ours(folder: Path, senders: Sequence[Sender]) -> tuple[float, float]:
    """(CPU s, wall s) of our path."""
    store = await prepared(folder / "ours.db", senders)
    memory.settle()  # as the host does
    ingest = Ingest(partial(accesslog.store, store))
    writer = asyncio.create_task(ingest.run())
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*[send(ingest, sender) for sender in senders])
    spent = time.process_time() - cpu, time.perf_counter() - wall
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()
    return spent


def finished(senders: Sequence[Sender]) -> list[EntryRow]:
    """The rows our path writes, for the raw side to write."""
    made = []
    for sender in senders:
        chain = Chain(sender.dev, genesis(sender.signer.public))
        for data in sender.frames:
            _, _, (_, entries, privates, sealed) = reading.read(data, known=True)
            source = batch.Source(sender.no, sender.signer.public)
            made += batch.check(source, chain, entries, privates, sealed, (), START)
    return made


def raw(folder: Path, rows: Sequence[EntryRow]) -> tuple[float, float]:
    """(CPU s, wall s) of the driver alone writing the same rows."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, at INTEGER, received_at INTEGER, tq INTEGER, typ INTEGER,"
        " result INTEGER, method INTEGER, reason INTEGER, flags INTEGER, home TEXT, person BLOB, mark BLOB,"
        " verdict INTEGER, entry BLOB, private BLOB)"
    )
    connection.execute("CREATE INDEX entry_at ON entry (at)")
    cpu, wall = time.process_time(), time.perf_counter()
    for start in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(accesslog._INSERT, rows[start : start + BATCH])
        connection.execute("COMMIT")
    spent = time.process_time() - cpu, time.perf_counter() - wall
    connection.close()
    return spent


def main(argv: Sequence[str]) -> int:
    """Prints the best of alternating rounds on each side; 0 always: what is enough is for the goals to say."""
    total = int(argv[0]) if argv else 50_000
    many = int(argv[1]) if len(argv) > 1 else 8
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    senders = [Sender(number + 1, total // BATCH // many) for number in range(many)]
    rows = finished(senders)
    mine, bare = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            mine.append(asyncio.run(ours(Path(folder), senders)))
            bare.append(raw(Path(folder), rows))
    (cpu, wall), (raw_cpu, raw_wall) = map(best, (mine, bare))
    count = len(rows)
    print(f"{count} entries of {many} devices, batch {BATCH}, WAL, FULL, best of {ROUNDS}")
    print(f"ours {count / cpu:9.0f}/s CPU {count / wall:9.0f}/s wall   {cpu / count * 1e6:.1f} us CPU an entry")
    print(f"raw  {count / raw_cpu:9.0f}/s CPU {count / raw_wall:9.0f}/s wall")
    print(f"ratio {raw_cpu / cpu:.2f} CPU {raw_wall / wall:.2f} wall")
    return 0


def best(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The least CPU and the least wall time of the rounds."""
    return min(cpu for cpu, _ in rounds), min(wall for _, wall in rounds)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
