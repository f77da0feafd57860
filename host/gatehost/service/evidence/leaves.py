"""Whether the entries stored are still the leaves under the checkpoints that were signed (docs/protocol.md section 8).

Every entry is read once, in the order of its id, and its hash put where its run says: 32 bytes for each, never for more
than are stored. The tiles are made again from these, and what was signed is judged by the keys it was signed with.
"""

import asyncio

from gatecore import note as notes
from gatecore.errors import GateError
from gatecore.log import next_key
from gatecore.records import KEY, Cert, Entry
from gatecore.tree import leaf
from gatecore.wire import open_sign1
from gatehost.keys import verify
from gatehost.model.errors import StoreError
from gatehost.service.check import Check
from gatehost.service.context import Context
from gatehost.store import accesslog, devices, exhibits, logs, witnesses
from gatehost.store.forest import HASH, WIDTH, grown
from gatehost.store.logs import LEAF_BITS, Checkpoint, Log
from gatehost.store.store import Tx

PAGE = 500  # entries read at once
TOGETHER = 16 * WIDTH  # leaves put into a tree between two turns


async def unlike(ctx: Context, tx: Tx, signed: bytes, check: Check) -> int:
    """How many generations' trees are not what is stored, or were not signed so. `signed` is the checkpoint kept beside
    the keys, empty for none. Entries of nobody known are one more."""
    stored, wrong, trees, all_logs = await accesslog.count(tx), 0, dict[int, bytearray](), await logs.all_logs(tx)
    for held in all_logs:
        placed = await logs.placed(tx, held.generation)
        trees[held.generation] = bytearray(held.size * HASH if held.size == placed <= stored else 0)
    try:
        strange = await _filled(tx, trees, {held.no for held in all_logs}, check)
    except StoreError:
        return len(all_logs) or 1
    for held in all_logs:
        newest = await logs.newest_checkpoint(tx, held.generation)
        behind = held is all_logs[-1] and _behind(ctx, held, newest, signed)
        holds = len(trees[held.generation]) == held.size * HASH and await _grown(tx, held, trees[held.generation])
        wrong += behind or not holds or not await _as_signed(ctx, tx, held, newest)
    return wrong + strange


async def _grown(tx: Tx, held: Log, hashes: bytearray) -> bool:
    """Whether tiles and edge are those of these leaves."""
    size, edge = 0, b""
    for at in range(0, len(hashes), TOGETHER * HASH):
        some = bytes(hashes[at : at + TOGETHER * HASH])
        size, edge, full = grown(size, edge, [some[one : one + HASH] for one in range(0, len(some), HASH)])
        if await logs.tiles(tx, held.generation, [(level, number) for level, number, _ in full]) != full:
            return False
        await asyncio.sleep(0)
    return (size, edge) == (held.size, held.edge)


async def _as_signed(ctx: Context, tx: Tx, held: Log, newest: Checkpoint | None) -> bool:
    """Whether the estate certified this log's key, that key signed every checkpoint that is shown as it is kept, the
    newest is of this tree, and every word of a witness under them is its own."""
    estate, origin = ctx.keys.estate, notes.origin(ctx.keys.estate.public, held.generation)
    try:
        cert: Cert = Cert.from_wire(open_sign1(held.cert, estate.key_id, estate.public, verify))
        read = [(one, notes.read(one.note)) for one in await exhibits.checkpoints(tx, held.generation)]
    except GateError:
        return False
    if (cert.public, cert.kind, cert.serial) != (held.public, "host", held.generation):
        return False
    for one, note in read:
        if (note.origin, note.size, note.root) != (origin, one.size, one.root) or not note.by_log(held.public, verify):
            return False
        if not await _cosigned(tx, one, note):
            return False
    if newest is None:
        return True
    return newest.size <= held.size and await logs.reading(tx, held, lambda tree: tree.root(newest.size)) == newest.root


async def _cosigned(tx: Tx, one: Checkpoint, note: notes.Note) -> bool:
    for word in await logs.cosignatures(tx, one.generation, one.size):
        message = notes.cosigned_message(note.text, word.at)
        if not verify(word.public, message, word.signature) or not await _its_key(tx, word.name, word.public):
            return False
    return True


async def _its_key(tx: Tx, name: str, public: bytes) -> bool:
    """Whether a key is, or was, that device's; of witnesses outside only those that have not ended are known."""
    device = await devices.by_dev(tx, name)
    if device is None:
        return (await witnesses.all_keys(tx)).get(name, public) == public
    turns = [await exhibits.raw(tx, device.no, seq) for seq in await exhibits.changes(tx, device.no, KEY)]
    return public in (device.public, *[next_key(Entry.from_wire(turn)) for turn in turns])


def _behind(ctx: Context, held: Log, newest: Checkpoint | None, signed: bytes) -> bool:
    """Whether the checkpoint kept beside the keys is of this log, the newest, and beyond what the database has. (After
    a restore it is of the former generation until the new one has signed.)"""
    try:
        read = notes.read(signed)
    except GateError:
        return False
    mine = read.origin == notes.origin(ctx.keys.estate.public, held.generation)
    return mine and (newest is None or read.size > newest.size)


async def _filled(tx: Tx, trees: dict[int, bytearray], hosts: set[int], check: Check) -> bool:
    """Puts the leaf of every entry stored where its run says; nothing where there is none. Whether there are entries or
    runs of a device or log that nobody knows."""
    known, after, strange = hosts | {one.no for one in await devices.in_states(tx)}, -1, False
    while rows := await accesslog.raw_from(tx, after, PAGE):
        runs = iter(await logs.runs_over(tx, rows[0][0], rows[-1][0]))
        here, following = None, next(runs, None)
        for number, data in rows:
            while following is not None and following[1].entry <= number:
                here, following = following, next(runs, None)
            await check.step()
            strange |= number >> LEAF_BITS not in known
            if here is None or not isinstance(data, bytes) or number >= here[1].entry + here[1].count:
                continue
            strange |= here[0] not in trees
            hashes, at = trees.get(here[0], bytearray()), here[1].index + number - here[1].entry
            if at < len(hashes) // HASH:
                hashes[at * HASH : (at + 1) * HASH] = leaf(data)
        after = rows[-1][0]
    return strange
