"""From an entry in a door to two doors' cosignatures over it, on real services and stores; simulated time, 24 h.

    python -m tests.bench.witness [HOURS [DOORS]]

Doors write at any moment, hold up to two batches back, lose their connection and come back; the host's sequencer
follows its own law of when. Every receipt goes through the witness rule: an honest one that is refused ends the run.
Time is simulated, so the figure is the protocol's own waiting: 5 s, 30 s and what connections cost.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.ingest import row

from gatecore.clock import HOST, Now
from gatecore.log import Chain, genesis, seal
from gatecore.records import ACCESS
from gatecore.sign import key_id
from gatecore.witness import Proof, Witness
from gatehost import keys
from gatehost.keys import Signer, verify
from gatehost.service.context import Context
from gatehost.service.evidence import checkpoints
from gatehost.service.founding import estate
from gatehost.service.pages import OpenPages
from gatehost.store import accesslog, devices, places
from gatehost.store.accesslog import Verified
from gatehost.store.shelf import Shelf
from gatehost.store.store import open_store, sqlite_url
from gatehost.sync import batch
from gatehost.sync.live import Doors
from gatehost.sync.sequencer import Sequencer

START = 1_781_488_800_000
LIMIT_S = 60
ENTRIES_A_DAY = 300  # of a busy door
AWAY = 0.0005  # of all seconds a door loses its connection
BACK = 1 / 20
DELAY_S = 2  # of an answer at most


class Door:
    """A door as a witness: its log, what it took, and what is under way to it."""

    def __init__(self, no: int, estate_key: bytes) -> None:
        self.no, self.up, self.refused, self.taken, self.generation = no, True, 0, 0, 0
        self.log: list[bytes] = []
        self.waiting: list[tuple[int, checkpoints.Receipt]] = []
        self.signer = Signer(os.urandom(32))
        self.dev = key_id(self.signer.public)
        self.chain = Chain(self.dev, genesis(self.signer.public))
        self.stored = self.chain.copy()
        self.witness = Witness(estate_key)

    def write(self, utc: int) -> None:
        data = self.chain.next(Now(1, utc - START, utc, HOST), ACCESS, [0, 1, 2, 0, 0], None)
        self.chain.take(data)
        self.log.append(data)


class World:
    """A host's services and its doors on one simulated clock."""

    def __init__(self, ctx: Context, chance: random.Random, doors: list[Door]) -> None:
        self.ctx, self.chance, self.doors = ctx, chance, doors
        self.now = START
        self.sequencer = Sequencer(ctx, self.show, lambda: self.now)
        self.written: dict[tuple[int, int], int] = {}  # (door, seq) -> when
        self.covered: dict[int, list[int]] = {}  # checkpoint size -> when each cosignature came
        self.leaves: list[tuple[int, int]] = []  # (leaf, when the entry was written), by rising leaf
        self.waits: list[float] = []
        self.fresh = True  # there are leaves no checkpoint covers

    def clock(self) -> int:
        return self.now

    async def show(self) -> None:
        for door in self.doors:
            await self.offer(door)

    async def offer(self, door: Door) -> None:
        if door.up:
            made = await checkpoints.receipt(self.ctx, door.generation, door.no, door.witness.size)
            if made is not None:
                door.waiting.append((self.now + 1000 * self.chance.randint(0, DELAY_S), made))

    async def second(self) -> None:
        """One second of everybody's life."""
        self.now += 1000
        for door in self.doors:
            await self.live(door)
        if self.fresh and await self.sequencer.step():
            self.fresh = False
        for door in self.doors:
            while door.waiting and door.waiting[0][0] <= self.now:
                await self.answer(door, door.waiting.pop(0)[1])

    async def live(self, door: Door) -> None:
        if door.up and self.chance.random() < AWAY:
            door.up, door.waiting = False, []
        elif not door.up and self.chance.random() < BACK:
            door.up = True
            await self.offer(door)
        if self.chance.random() < ENTRIES_A_DAY / 86_400:
            door.write(self.now)
            self.written[door.no, door.chain.seq] = self.now if door.up else 0
        if door.up and len(door.log) > door.stored.seq and self.chance.random() < 0.8:
            await self.deliver(door)

    async def deliver(self, door: Door) -> None:
        entries = door.log[door.stored.seq : door.stored.seq + 64]
        first = door.stored.seq
        head = door.stored.copy()
        for entry in entries:
            head.take(entry)
        sealed = seal(head, Now(1, self.now - START, self.now, HOST), None, door.signer)
        source = batch.Source(door.no, door.signer.public)
        rows = batch.check(source, door.stored, entries, [None] * len(entries), sealed, (), self.now)
        place = (door.stored.epoch, door.stored.seq, door.stored.head)
        [index] = await accesslog.store(self.ctx.store, [Verified(door.no, rows, sealed, *place, bytes(16), self.now)])
        door.witness.acknowledged(door.stored.seq, index, self.now)
        self.fresh = True
        for at in range(len(entries)):
            self.leaves.append((index - len(entries) + 1 + at, self.written[door.no, first + at + 1]))

    async def answer(self, door: Door, made: checkpoints.Receipt) -> None:
        """The witness rule; then two cosignatures over a size settle every leaf below it."""
        if made.first != door.witness.size:
            return  # overtaken: the door says WITNESSED "size", and is shown the newest
        proof = Proof(made.note, made.first, made.path, made.seq, made.index, made.inclusion)
        try:
            door.witness.take(proof, door.log[made.seq - 1] if made.seq else None, verify)
        except Exception as wrong:
            door.refused += 1
            raise SystemExit(f"an honest checkpoint was refused: {wrong}") from wrong
        door.taken += 1
        signature = door.witness.cosign(self.now // 1000, door.signer)
        fields = (door.generation, door.witness.size, self.now // 1000, signature)
        await checkpoints.cosigned(self.ctx, door.dev.hex(), *fields)
        came = self.covered.setdefault(door.witness.size, [])
        came.append(self.now)
        if len(came) == 2:
            self._settle(door.witness.size)

    def _settle(self, size: int) -> None:
        left = []
        for leaf, when in self.leaves:
            if leaf >= size:
                left.append((leaf, when))
            elif when:
                self.waits.append((self.now - when) / 1000)
        self.leaves = left


async def run(hours: float, many: int, folder: Path, seed: int = 1) -> World:
    """The simulated run."""
    chance = random.Random(seed)
    ring = keys.load(folder, ("127.0.0.1",), START, os.urandom)
    store = await open_store(sqlite_url(folder / "kaimen.db"))
    ready: list[World] = []
    ctx = Context(
        store,
        ring,
        lambda: ready[0].clock() if ready else START,
        os.urandom,
        Doors(),
        OpenPages(),
        "",
        "",
        Shelf(folder),
    )
    (folder / "estate.toml").write_text(_estate(many), encoding="utf-8")
    await estate.seed(ctx, folder / "estate.toml")
    doors = [Door(number + 1, ring.estate.public) for number in range(many)]
    async with store.write() as tx:
        for door in doors:
            await devices.put(tx, row(door, f"door-{door.no}"))  # type: ignore[arg-type]
        assert await places.generation(tx)
    world = World(ctx, chance, doors)
    ready.append(world)
    generation, _ = await checkpoints.certificate(ctx)
    for door in doors:
        door.generation = generation
        door.witness.follow(generation, ring.logs.signer(generation).public, 0)
    for _ in range(int(hours * 3600)):
        await world.second()
    await store.close()
    return world


def _estate(many: int) -> str:
    head = (
        'name = "bench"\ndial_length = 6\nutc_offset_minutes = 480\n[[building]]\nid = "b"\nname = "b"\ndial = "12"\n'
    )
    head += 'homes = ["120101"]\n'
    return head + "".join(f'[[door]]\nslot = "door-{n + 1}"\nat = "b"\nname = "{n + 1}"\n' for n in range(many))


def p95(waits: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(waits)[int(len(waits) * 0.95)]


def main(argv: Sequence[str]) -> int:
    """Prints the figures; 1 if an entry of a connected door waits longer than a minute at the 95th percentile."""
    hours, many = float(argv[0]) if argv else 24.0, int(argv[1]) if len(argv) > 1 else 4
    with tempfile.TemporaryDirectory() as folder:
        world = asyncio.run(run(hours, many, Path(folder)))
    taken = sum(door.taken for door in world.doors)
    worst, middle = max(world.waits), sorted(world.waits)[len(world.waits) // 2]
    print(
        f"{hours:g} h simulated, {many} doors, {len(world.waits)} online entries, {taken} checkpoints taken, 0 refused"
    )
    print(f"entry -> two doors' cosignatures: median {middle:.0f} s, p95 {p95(world.waits):.0f} s, worst {worst:.0f} s")
    return 0 if p95(world.waits) <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
