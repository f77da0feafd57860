"""Whether the entries stored are still the leaves under the checkpoints that were signed (docs/protocol.md section 8).

Every entry is read once, in the order of its id, and its hash put where its run says. What is believed of a tree before
that is what its own key signed, and no more than there are entries: 32 bytes for each.
"""

import asyncio

from gatecore import note as notes
from gatecore.bundlelog import Growing
from gatecore.errors import GateError
from gatecore.records import Cert
from gatecore.tree import leaf
from gatecore.wire import open_sign1
from gatehost.keys import verify
from gatehost.model.errors import StoreError
from gatehost.service.check import Check
from gatehost.service.context import Context
from gatehost.store import accesslog, exhibits, logs
from gatehost.store.logs import Checkpoint, Log
from gatehost.store.store import Tx

PAGE = 500  # entries read at once
HASH = 32


async def unlike(ctx: Context, tx: Tx, signed: bytes, check: Check) -> int:
    """Of how many generations' trees the leaves are not the entries stored. `signed` is the checkpoint kept beside the
    keys, empty for none."""
    stored, wrong = await accesslog.count(tx), 0
    trees = dict[int, tuple[bytes, bytearray]]()  # by generation: the root signed, the leaves
    for held in (all_logs := await logs.all_logs(tx)):
        newest = await logs.newest_checkpoint(tx, held.generation)
        behind = held is all_logs[-1] and _behind(ctx, held, newest, signed)
        size = 0 if newest is None else newest.size
        placed = await logs.placed(tx, held.generation)
        if behind or not size <= held.size == placed <= stored or not await _as_signed(ctx, tx, held):
            wrong += 1
        elif newest is not None:
            trees[held.generation] = newest.root, bytearray(size * HASH)
    try:
        await _filled(tx, {generation: hashes for generation, (_, hashes) in trees.items()}, check)
    except StoreError:
        return wrong + len(trees)
    for root, hashes in trees.values():
        wrong += await _root(hashes) != root
    return wrong


async def _as_signed(ctx: Context, tx: Tx, held: Log) -> bool:
    """Whether the estate certified this log's key, and that key signed every checkpoint that is shown as it is kept."""
    estate, origin = ctx.keys.estate, notes.origin(ctx.keys.estate.public, held.generation)
    try:
        cert: Cert = Cert.from_wire(open_sign1(held.cert, estate.key_id, estate.public, verify))
        read = [(one, notes.read(one.note)) for one in await exhibits.checkpoints(tx, held.generation)]
    except GateError:
        return False
    if (cert.public, cert.kind, cert.serial) != (held.public, "host", held.generation):
        return False
    return all(
        (note.origin, note.size, note.root) == (origin, one.size, one.root) and note.by_log(held.public, verify)
        for one, note in read
    )


def _behind(ctx: Context, held: Log, newest: Checkpoint | None, signed: bytes) -> bool:
    """Whether the checkpoint kept beside the keys is of this log, the newest, and beyond what the database has. (After
    a restore it is of the former generation until the new one has signed.)"""
    try:
        read = notes.read(signed)
    except GateError:
        return False
    mine = read.origin == notes.origin(ctx.keys.estate.public, held.generation)
    return mine and (newest is None or read.size > newest.size)


async def _filled(tx: Tx, trees: dict[int, bytearray], check: Check) -> None:
    """Puts the leaf of every entry stored where its run says; nothing where there is none."""
    after = -1
    while rows := await accesslog.raw_from(tx, after, PAGE):
        runs = iter(await logs.runs_over(tx, rows[0][0], rows[-1][0]))
        here, following = None, next(runs, None)
        for number, data in rows:
            while following is not None and following[1].entry <= number:
                here, following = following, next(runs, None)
            await check.step()
            if here is None or not isinstance(data, bytes) or number >= here[1].entry + here[1].count:
                continue
            hashes, at = trees.get(here[0], bytearray()), here[1].index + number - here[1].entry
            if at < len(hashes) // HASH:
                hashes[at * HASH : (at + 1) * HASH] = leaf(data)
        after = rows[-1][0]


async def _root(hashes: bytearray) -> bytes:
    tree = Growing()
    for at in range(0, len(hashes), HASH):
        tree.add(bytes(hashes[at : at + HASH]))
        if tree.size % 1024 == 0:
            await asyncio.sleep(0)
    return tree.root()
