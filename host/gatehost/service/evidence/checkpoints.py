"""Checkpoints of the estate's log: signed, kept, shown to doors, cosigned (docs/protocol.md section 8)."""

from collections.abc import Container
from dataclasses import dataclass

from gatecore import note as notes
from gatecore.clock import DAY_MS, HOST, Now
from gatecore.errors import GateError
from gatecore.log import Chain, seal
from gatecore.sign import key_id
from gatehost.keys import verify
from gatehost.model.alarm import WITNESS
from gatehost.model.errors import DeviceRefused, StoreError
from gatehost.service import chronicle, publish
from gatehost.service.context import Context
from gatehost.service.ports import Audience, News
from gatehost.store import accesslog, calls, devices, logs, thinning, witnesses
from gatehost.store.forest import Forest
from gatehost.store.logs import Checkpoint, Cosignature, Log
from gatehost.store.store import Tx

OFFICE = ("admin", "desk")
WORDS_MS = 31 * DAY_MS  # how long every checkpoint is kept


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a door is shown: the fields of a RECEIPT."""

    note: bytes
    first: int
    path: list[bytes]
    seq: int
    index: int
    inclusion: list[bytes]


async def sizes(ctx: Context) -> tuple[int, int]:
    """(leaves of the tree in use, size of its newest checkpoint)."""
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        if held is None:
            return 0, 0
        newest = await logs.newest_checkpoint(tx, held.generation)
        return held.size, 0 if newest is None else newest.size


async def sign(ctx: Context) -> Checkpoint | None:
    """A checkpoint over everything stored; None if there is nothing new. StoreError("rewritten"), and nothing signed,
    if the tree does not begin with the newest one in the database. A database behind the one kept beside the keys was
    put under the running host: nothing is signed over it, a new log begins. One whose tree has it lost a row alone."""
    async with ctx.store.write() as tx:
        held = await logs.newest(tx, alone=True)
        kept = None if held is None else _kept(ctx, held)
        former = None if held is None else await logs.newest_checkpoint(tx, held.generation)
        behind = kept is not None and (former is None or former.size < kept.size)
        if held is not None and kept is not None and behind and await _reaches(tx, held, kept):
            lost = Checkpoint(held.generation, kept.size, kept.root, ctx.clock(), ctx.keys.logs.head())
            await logs.put_checkpoint(tx, lost)
            behind = False
    if held is not None and behind:
        await renew(ctx, held, ctx.keys.logs.head())
        return None
    return await _sign(ctx)


async def _reaches(tx: Tx, held: Log, kept: notes.Note) -> bool:
    """Whether the tree begins with the one of this checkpoint."""
    if kept.size > held.size:
        return False
    return await logs.reading(tx, held, lambda forest: forest.root(kept.size)) == kept.root


def _kept(ctx: Context, held: Log) -> notes.Note | None:
    """The checkpoint kept beside the keys, if it is of this log."""
    try:
        read = notes.read(ctx.keys.logs.head())
    except GateError:
        return None  # none yet, or spoilt: then doors are the ones who remember
    return read if read.origin == notes.origin(ctx.keys.estate.public, held.generation) else None


async def _sign(ctx: Context) -> Checkpoint | None:
    async with ctx.store.write() as tx:
        held = await logs.newest(tx, alone=True)
        former = None if held is None else await logs.newest_checkpoint(tx, held.generation)
        if held is None or held.size == (former.size if former else 0):
            return None
        if former is not None and await logs.reading(tx, held, lambda forest: forest.root(former.size)) != former.root:
            raise StoreError("rewritten")
        await _seal(ctx, tx, held)
        made = await _signed(ctx, tx, held)
        await logs.put_checkpoint(tx, made)
    ctx.keys.logs.put_head(made.note)
    return made


async def _seal(ctx: Context, tx: Tx, held: Log) -> None:
    """The host's own chain, sealed to its end."""
    last = await accesslog.last_seal(tx, held.no)
    if last is not None and last[0] == held.seq:
        return
    now, signer = ctx.clock(), ctx.keys.logs.signer(held.generation)
    chain = Chain(key_id(held.public), held.head, held.seq)
    await accesslog.put_seal(tx, held.no, held.seq, seal(chain, Now(held.generation, now, now, HOST), None, signer))


async def _signed(ctx: Context, tx: Tx, held: Log) -> Checkpoint:
    root = await logs.reading(tx, held, lambda forest: forest.root(held.size))
    origin = notes.origin(ctx.keys.estate.public, held.generation)
    signed = notes.signed(origin, held.size, root, ctx.keys.logs.signer(held.generation))
    return Checkpoint(held.generation, held.size, root, ctx.clock(), signed)


async def certificate(ctx: Context) -> tuple[int, bytes]:
    """(generation, certificate) of the log in use."""
    async with ctx.store.write() as tx:
        held = await chronicle.ensure(ctx, tx)
    return held.generation, held.cert


async def receipt(ctx: Context, generation: int, no: int, first: int) -> Receipt | None:
    """What shows a device, which took a tree of `first` leaves, the newest checkpoint; None if it took that already."""
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        newest = await logs.newest_checkpoint(tx, generation)
        if held is None or held.generation != generation or newest is None or newest.size <= first:
            return None
        run = await logs.newest_run(tx, generation, no, first, newest.size)
        seq, index = (0, 0) if run is None else run.last

        def proofs(forest: Forest) -> tuple[list[bytes], list[bytes]]:
            inclusion = forest.path(index, newest.size) if seq else []
            return forest.consistency(first, newest.size), inclusion

        path, inclusion = await logs.reading(tx, held, proofs)
    return Receipt(newest.note, first, path, seq, index, inclusion)


async def place(ctx: Context, generation: int, no: int, seq: int) -> int | None:
    """The leaf of a device's entry in this generation's tree; None if it has none."""
    async with ctx.store.read() as tx:
        return await logs.place_of(tx, generation, no, seq)


async def took(ctx: Context, generation: int, data: bytes) -> int:
    """The size of the checkpoint a device says it took; 0 for none.

    One that our own key signed and the tree does not reach, or does not begin with, tells that this database was
    restored: a new generation begins, every device is to connect again, and DeviceRefused("restored") is raised.
    """
    if not data:
        return 0
    async with ctx.store.read() as tx:
        held = await logs.newest(tx)
        if held is None or held.generation != generation:
            raise DeviceRefused("generation")
        read = _ours(ctx, held, data)
        if read.size <= held.size and await logs.reading(tx, held, lambda forest: forest.root(read.size)) == read.root:
            return read.size
    await renew(ctx, held, data)
    raise DeviceRefused("restored")


def _ours(ctx: Context, held: Log, data: bytes) -> notes.Note:
    try:
        read = notes.read(data)
    except GateError as wrong:
        raise DeviceRefused(wrong.code) from wrong
    if read.origin != notes.origin(ctx.keys.estate.public, held.generation) or not read.by_log(held.public, verify):
        raise DeviceRefused("signature")
    return read


async def renew(ctx: Context, old: Log, former: bytes) -> None:
    """A new generation after `old` was found restored: the log begins anew and so do the states; connected devices
    connect again. Who finds the same thing a moment later finds it done."""
    async with ctx.store.write() as tx:
        held = await logs.newest(tx, alone=True)
        if held is None or held.generation != old.generation:
            return
        await chronicle.begin(ctx, tx, former)
        changed = await publish.publish(ctx, tx)
        known = [device.dev for device in await devices.in_states(tx)]
    for dev in known:
        ctx.doors.drop(dev, "generation")
    publish.announce(ctx, changed)


async def begin_again(ctx: Context, generation: int) -> None:
    """After a restore the log and the states go on in this generation or a higher one; publish after it.

    What the backup holds of the former log is signed to its end first, so that none of it is beyond a checkpoint: it is
    the beginning of whatever was signed since. Nothing may have been written into it."""
    former = ctx.keys.logs.head()
    async with ctx.store.write() as tx:
        held = await chronicle.ensure(ctx, tx)
    if held.generation >= generation:
        return
    made = await _sign(ctx)
    if made is not None and (not former or notes.read(former).size < made.size):
        former = made.note
    async with ctx.store.write() as tx:
        await chronicle.begin(ctx, tx, former, generation)


async def look_back(ctx: Context) -> None:
    """At the start: is this database the one whose tree was signed last? If not it was restored, and a log begins."""
    async with ctx.store.write() as tx:
        held = await chronicle.ensure(ctx, tx)
    former = ctx.keys.logs.head()
    try:
        read = notes.read(former)
    except GateError:
        return  # none yet, or spoilt: then doors are the ones who remember
    async with ctx.store.read() as tx:
        same = read.origin == notes.origin(ctx.keys.estate.public, held.generation)
        if same and read.size <= held.size:
            same = await _reaches(tx, held, read)
        elif same or held.generation < ctx.keys.logs.newest():
            same = False
        else:
            same = True  # the checkpoint is of a former generation: this one has signed none yet
    if not same:
        await renew(ctx, held, former)


async def cosigned(ctx: Context, dev: str, generation: int, size: int, time: int, signature: bytes) -> None:
    """Keeps a device's cosignature; DeviceRefused("cosignature") if it is none under a checkpoint of ours."""
    async with ctx.store.write() as tx:
        row, under = await devices.by_dev(tx, dev), await logs.checkpoint_at(tx, generation, size)
        if row is None or under is None or not 0 < time < notes.MAX_SIZE:
            raise DeviceRefused("cosignature")
        public = row.current or row.public
        text = notes.body(notes.origin(ctx.keys.estate.public, generation), size, under.root)
        if not verify(public, notes.cosigned_message(text, time), signature):
            raise DeviceRefused("cosignature")
        await logs.put_cosignature(tx, Cosignature(generation, size, dev, time, public, signature))


async def note_of(tx: Tx, under: Checkpoint, names: Container[str] | None = None) -> bytes:
    """The checkpoint's note with the cosignatures kept, or those of `names`: of witnesses outside first, since a note
    has 64 lines."""
    outside, words = await witnesses.all_keys(tx), await logs.cosignatures(tx, under.generation, under.size)
    kept = sorted([one for one in words if names is None or one.name in names], key=lambda one: one.name not in outside)
    lines = [notes.cosignature_line(one.name, one.public, one.at, one.signature) for one in kept]
    return under.note + b"".join(lines[: notes.MAX_LINES - 1])


async def refused(ctx: Context, dev: str, why: str) -> None:
    """A door does not take our checkpoint: an alarm, for it means that the log is not what it was."""
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None:
            return
        number = await calls.put_alarm(tx, row.no, ctx.clock(), WITNESS, "")
    body = {"id": number, "kind": WITNESS, "slot": row.slot, "door": row.name, "home": "", "at": ctx.clock()}
    ctx.pages.tell(Audience(roles=OFFICE), News("alarm", body))


async def thin(ctx: Context) -> int:
    """Of days more than a month past one checkpoint stays; how many went. A few at a time, so that nobody waits."""
    before, count = ctx.clock() - WORDS_MS, 0
    async with ctx.store.read() as tx:
        kept = {held.generation: await thinning.needed(tx, held.generation) for held in await logs.all_logs(tx)}
    for generation, keep in kept.items():
        done: tuple[int, int] | None = (0, 0)
        while done is not None:
            async with ctx.store.write() as tx:
                done = await thinning.thin(tx, generation, done[0], before, keep)
            count += 0 if done is None else done[1]
    return count
