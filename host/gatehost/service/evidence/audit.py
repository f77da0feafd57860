"""Who looked at what, and whether the stored logs still hold."""

import asyncio
import contextlib
from bisect import bisect_right

from gatecore.bundlelog import Growing
from gatecore.errors import GateError
from gatecore.log import Chain, check_private, genesis, open_seal
from gatecore.records import GAP, Entry
from gatecore.sign import key_id
from gatecore.tree import leaf
from gatehost.keys import verify as ed25519
from gatehost.model.account import COMMITTEE, STAFF, Actor
from gatehost.model.device import DeviceVerdict
from gatehost.model.errors import StoreError
from gatehost.model.sheet import LookUp
from gatehost.service import columns
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accesslog, audits, devices, logs
from gatehost.store.accesslog import seq_of
from gatehost.store.devices import DeviceRow
from gatehost.store.logs import Log, Run
from gatehost.store.store import Store, Tx

PAGE = 500
MOST = 500
_NO_TREE = DeviceVerdict("", "", "", 0, False, None, "tree")
LOOKERS = (*STAFF, COMMITTEE)
DEEDS = ("gate.enter", "gate.leave", "gate.ask", "gate.deny")  # the home's guests are a page of their own


async def look_ups(ctx: Context, actor: Actor, before: int | None = None, limit: int = 100) -> tuple[LookUp, ...]:
    """What people did and looked at, newest first. Admin only."""
    require(actor, "audit.see")
    async with ctx.store.read() as tx:
        return await audits.newest(tx, min(limit, MOST), before)


async def about_home(ctx: Context, actor: Actor, home: str, limit: int = 50) -> tuple[LookUp, ...]:
    """Who of the office, the gate or the committee looked at this home: the residents' own view ("who looked")."""
    require(actor, "home.see", home)
    async with ctx.store.read() as tx:
        return await audits.newest(tx, min(limit, MOST), home=home, roles=LOOKERS, without=DEEDS)


async def verify(ctx: Context, actor: Actor) -> tuple[DeviceVerdict, ...]:
    """Re-verifies every device's stored entries from the stored bytes: chain, commitments, last seal, and the columns
    lists are searched by. One verdict a device; and one, without a device, for every tree whose leaves are no longer
    the entries stored: a device taken out with all it wrote is missed there, and the host's own log is held to it."""
    require(actor, "audit.verify")
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "audit.verify")
    async with ctx.store.read() as tx:
        known = [device for device in await devices.in_states(tx) if device.state != "refused"]
        found = [await _device(ctx.store, tx, device) for device in known]
        return (*found, *[_NO_TREE for held in await logs.all_logs(tx) if not await _grown(tx, held)])


async def _grown(tx: Tx, held: Log) -> bool:
    """Whether the entries stored are the leaves under this log's newest checkpoint."""
    newest = await logs.newest_checkpoint(tx, held.generation)
    size = 0 if newest is None else newest.size
    hashes, at = bytearray(size << 5), 0
    by_device: dict[int, list[Run]] = {}
    while at < size and (runs := await logs.runs(tx, held.generation, at, size, PAGE)):
        for run in runs:
            by_device.setdefault(run.entry >> logs.LEAF_BITS, []).append(run)
        at = runs[-1].index + max(1, runs[-1].count)
    for no, runs in by_device.items():
        await _leaves(tx, no, runs, hashes)
    tree = Growing()
    for at in range(0, len(hashes), 32):
        tree.add(bytes(hashes[at : at + 32]))
    return newest is None or tree.root() == newest.root


async def _leaves(tx: Tx, no: int, runs: list[Run], hashes: bytearray) -> None:
    """The leaves of a device's stored entries, each where its run puts it; nothing where there is none."""
    firsts = [seq_of(run.entry) for run in runs]  # they rise, as the leaves do
    done = firsts[0] - 1
    while rows := await _raw(tx, no, done):
        for number, data in rows:
            done = seq_of(number)
            run = runs[bisect_right(firsts, done) - 1]
            if done <= run.last[0] and isinstance(data, bytes):
                at = run.last[1] - (run.last[0] - done)
                hashes[at << 5 : (at + 1) << 5] = leaf(data)
        await asyncio.sleep(0)


async def _raw(tx: Tx, no: int, after: int) -> list[tuple[int, object]]:
    """The next (id, bytes) of a device; none when they cannot be read, and then no root is the one signed."""
    with contextlib.suppress(StoreError):
        return [(row[0], row[-2]) for row in await accesslog.rows_from(tx, no, after, PAGE)]  # type: ignore[misc]
    return []


async def _device(store: Store, tx: Tx, device: DeviceRow) -> DeviceVerdict:
    """Walks a device's log; stops at the first entry that does not hold."""
    chain = Chain(key_id(device.public), genesis(device.public))
    seal, sealed_head = await _seal(tx, device), b""
    jumps, holes, named = await accesslog.jumps(tx, device.no), dict[int, int](), dict[int, int]()
    keys = {0: device.public, device.epoch: device.current or device.public}  # by epoch
    while (rows := await _rows(store, tx, device, chain.seq)) != []:
        if rows is None:
            return _bad(device, chain.seq + 1, "entry")
        for row in rows:
            anew = seq_of(row[0]) if isinstance(row[0], int) else 0
            if anew in jumps and anew > chain.seq + 1:
                holes[chain.seq + 1] = anew - 1
                chain = Chain(chain.dev, jumps[anew][0], anew - 1, jumps[anew][1])
            wrong = _entry(chain, device.no, row, named)
            if wrong:
                return _bad(device, chain.seq + 1, wrong)
            if chain.key is not None:
                keys[chain.epoch] = chain.key
            if seal is not None and chain.seq == seal[0]:
                sealed_head = chain.head
        await asyncio.sleep(0)
    for first, last in holes.items():
        if not _replaced(first, last, named):
            return _bad(device, first, "missing")
    if chain.seq < device.seq or (seal is not None and seal[0] > chain.seq):
        return _bad(device, chain.seq + 1, "missing")
    if chain.seq and not _sealed(device, seal, chain, sealed_head, keys.get(chain.sealed)):
        return _bad(device, chain.seq, "seal")
    if (chain.seq, chain.head) != (device.seq, device.head):
        return _bad(device, chain.seq + 1, "head")
    return DeviceVerdict(device.dev, device.slot, device.name, chain.seq, True, None, "")


async def _rows(store: Store, tx: Tx, device: DeviceRow, after: int) -> list[tuple[object, ...]] | None:
    """The next rows with their private halves as they were; None when the very next one cannot even be read."""
    for many in (PAGE, 1):
        with contextlib.suppress(StoreError):
            rows = await accesslog.rows_from(tx, device.no, after, many)
            return [(*row[:-1], store.shown(row[-1]) if isinstance(row[-1], bytes) else row[-1]) for row in rows]
    return None


async def _seal(tx: Tx, device: DeviceRow) -> tuple[int, bytes] | None:
    try:
        return await accesslog.last_seal(tx, device.no)
    except StoreError:
        return device.seq, b""  # there is one, and it is none


def _replaced(first: int, last: int, named: dict[int, int]) -> bool:
    """Whether the device itself said, gap by gap, that it had to drop first..last."""
    while first <= last and first in named:
        first = named[first] + 1
    return first > last


def _entry(chain: Chain, no: int, row: tuple[object, ...], named: dict[int, int]) -> str:
    """What is wrong with the next stored row; "" if it holds, and the chain has moved over it. A gap the entry names is
    added to `named`: first -> last."""
    number, received_at, data, private = row[0], row[2], row[-2], row[-1]
    assert isinstance(number, int)
    assert isinstance(received_at, int)
    if not isinstance(data, bytes) or not (private is None or isinstance(private, bytes)):
        return "entry"
    if number != accesslog.entry_id(no, chain.seq + 1):
        return "missing"
    try:
        entry = Entry.from_wire(data)
    except GateError:
        return "entry"
    if (entry.dev, entry.seq, entry.prev, entry.epoch) != (chain.dev, chain.seq + 1, chain.head, chain.epoch):
        return "chain"
    try:
        check_private(entry, private)
    except GateError:
        return "commitment"
    if columns.row(no, received_at, entry, data, private) != row:
        return "columns"
    chain.take(data)
    if entry.typ == GAP and len(entry.pub) == 2:
        named[entry.pub[0]] = entry.pub[1]
    return ""


def _sealed(device: DeviceRow, seal: tuple[int, bytes] | None, chain: Chain, head: bytes, public: bytes | None) -> bool:
    """Whether the device's own signature covers the stored chain to its end; `public` is the key of its last entry's
    epoch, which for a key change is the one that ends there."""
    if seal is None or public is None:
        return False
    try:
        record = open_seal(seal[1], public, ed25519, bytes.fromhex(device.dev))
    except GateError:
        return False
    return (record.seq, record.head) == (chain.seq, head)


def _bad(device: DeviceRow, seq: int, what: str) -> DeviceVerdict:
    return DeviceVerdict(device.dev, device.slot, device.name, seq - 1, False, seq, what)
