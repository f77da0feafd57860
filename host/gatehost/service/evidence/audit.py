"""Who looked at what, and whether the stored logs still hold."""

import contextlib
from functools import partial

from sqlalchemy.exc import DBAPIError

from gatecore.errors import GateError
from gatecore.log import Chain, check_private, genesis, link, open_seal
from gatecore.records import GAP, KEY, Cert, Entry
from gatecore.sign import key_id
from gatecore.wire import open_sign1
from gatehost.keys import verify as ed25519
from gatehost.model.account import COMMITTEE, STAFF, Actor
from gatehost.model.device import DeviceVerdict
from gatehost.model.errors import Refused, StoreError
from gatehost.model.sheet import LookUp
from gatehost.service import columns, tenure
from gatehost.service.check import Check
from gatehost.service.context import Context
from gatehost.service.evidence import leaves
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accesslog, audits, devices, logs
from gatehost.store.accesslog import seq_of
from gatehost.store.devices import DeviceRow
from gatehost.store.logs import Log
from gatehost.store.store import Store, Tx

PAGE = 500  # entries read at once
MOST = 500
_ESTATE = partial(DeviceVerdict, "", "", "", 0, False, None)  # of no device: what is wrong
# what rows that somebody wrote by hand may raise before they can be judged
_SPOILT = (StoreError, GateError, DBAPIError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
LOOKERS = (*STAFF, COMMITTEE)
DEEDS = ("gate.enter", "gate.leave", "gate.ask", "gate.deny")  # the home's guests are a page of their own


async def look_ups(ctx: Context, actor: Actor, before: int | None = None, limit: int = 100) -> tuple[LookUp, ...]:
    """What people did and looked at, newest first. Admin only."""
    require(actor, "audit.see")
    async with ctx.store.read() as tx:
        return await audits.newest(tx, min(limit, MOST), before)


async def about_home(ctx: Context, actor: Actor, home: str, limit: int = 50) -> tuple[LookUp, ...]:
    """Who of the office, the gate or the committee looked at this home: the residents' own view ("who looked"),
    each of their own time there."""
    require(actor, "home.see", home)
    async with ctx.store.read() as tx:
        since = await tenure.since(ctx, tx, actor, home)
        return await audits.newest(tx, min(limit, MOST), home=home, roles=LOOKERS, without=DEEDS, since=since)


async def verify(ctx: Context, actor: Actor) -> tuple[DeviceVerdict, ...]:
    """Re-verifies every device's stored entries from the stored bytes: chain, commitments, last seal, and the columns
    lists are searched by. One verdict a device; and one, without a device, for every tree whose leaves are no longer
    the entries stored: a device taken out with all it wrote is missed there, and the host's own log is held to it.
    Refused("verifying") while it is done already."""
    return await carry_out(ctx, await begin(ctx, actor))


async def begin(ctx: Context, actor: Actor) -> Check:
    """Says that everything stored is about to be verified, which `carry_out` then does; one at a time, since it takes a
    core. Refused("verifying")."""
    require(actor, "audit.verify")
    former = ctx.live.check
    if former is not None and former.running:
        raise Refused("verifying")
    ctx.live.check = made = Check(ctx.clock())
    try:
        async with ctx.store.write() as tx:
            await note(ctx, tx, actor, "audit.verify")
    except BaseException:
        ctx.live.check = former
        raise
    return made


async def carry_out(ctx: Context, check: Check) -> tuple[DeviceVerdict, ...]:
    """What `begin` announced; `check` tells how far it is, and in the end what was found."""
    try:
        signed = ctx.keys.logs.head()  # before the moment that is read, which reaches it then
        async with ctx.store.read() as tx:
            check.total = 2 * await accesslog.count(tx)
            known = [device for device in await devices.in_states(tx) if device.state != "refused"]
            found = [await _judged(ctx, tx, device, check) for device in known]
            try:
                own = [one for held in await logs.all_logs(tx) if (one := await _own(ctx.store, tx, held, check))]
                found += own + [_ESTATE("tree")] * await leaves.unlike(ctx, tx, signed, check)
            except _SPOILT:
                found.append(_ESTATE("tree"))
            check.verdicts = tuple(found)
        return check.verdicts
    finally:
        check.running = False


async def _own(store: Store, tx: Tx, held: Log, check: Check) -> DeviceVerdict | None:
    """What is wrong with the host's own chain of a generation, if anything is."""
    chain, named = Chain(key_id(held.public), genesis(held.public)), dict[int, int]()
    while rows := await accesslog.rows_from(tx, held.no, chain.seq, PAGE):
        for row in rows:
            wrong = _entry(chain, held.no, _in_the_clear(store, row), named)
            if wrong:
                return _ESTATE(wrong)
            await check.step()
    return None if (chain.seq, chain.head) == (held.seq, held.head) else _ESTATE("head")


def _in_the_clear(store: Store, row: tuple[object, ...]) -> tuple[object, ...]:
    return (*row[:-1], store.shown(row[-1]) if isinstance(row[-1], bytes) else row[-1])


async def _judged(ctx: Context, tx: Tx, device: DeviceRow, check: Check) -> DeviceVerdict:
    """The verdict; of rows that are of no kind a host writes, that they are not."""
    try:
        found = await _device(ctx.store, tx, device, check)
        if found.ok and device.cert is not None and not _certified(ctx, device):
            return _bad(device, 1, "cert")
        return found
    except _SPOILT:
        return DeviceVerdict(str(device.dev), str(device.slot), str(device.name), 0, False, None, "entry")


def _certified(ctx: Context, device: DeviceRow) -> bool:
    """Whether the certificate is the estate's, of this very key."""
    estate = ctx.keys.estate
    cert: Cert = Cert.from_wire(open_sign1(device.cert or b"", estate.key_id, estate.public, ed25519))
    return (cert.dev.hex(), cert.public) == (device.dev, device.public)


async def _device(store: Store, tx: Tx, device: DeviceRow, check: Check) -> DeviceVerdict:
    """Walks a device's log; stops at the first entry that does not hold."""
    chain = Chain(key_id(device.public), genesis(device.public))
    seal, sealed_head = await _seal(tx, device), b""
    jumps, holes, named = await accesslog.jumps(tx, device.no), dict[int, int](), dict[int, int]()
    public = device.current or device.public
    keys = {0: device.public}  # by epoch, as the log itself says
    while (rows := await _rows(tx, device, chain.seq)) != []:
        if rows is None:
            return _bad(device, chain.seq + 1, "entry")
        for row in rows:
            anew = seq_of(row[0]) if isinstance(row[0], int) else 0
            if anew in jumps and anew > chain.seq + 1:
                holes[chain.seq + 1] = anew - 1
                chain = Chain(chain.dev, jumps[anew][0], anew - 1, jumps[anew][1])
            wrong = _entry(chain, device.no, _in_the_clear(store, row), named)
            if wrong:
                return _bad(device, chain.seq + 1, wrong)
            if chain.key is not None:
                keys[chain.epoch] = chain.key
            if seal is not None and chain.seq == seal[0]:
                sealed_head = chain.head
            await check.step()
    for first, last in holes.items():
        if not _replaced(first, last, named):
            return _bad(device, first, "missing")
    if chain.seq < device.seq or (seal is not None and seal[0] > chain.seq):
        return _bad(device, chain.seq + 1, "missing")
    if chain.seq and not _sealed(device, seal, chain, sealed_head, keys.get(chain.sealed, public)):
        return _bad(device, chain.seq, "seal")
    if (chain.seq, chain.head, chain.epoch) != (device.seq, device.head, device.epoch):
        return _bad(device, chain.seq + 1, "head")
    if keys.get(chain.epoch, public) != public:
        return _bad(device, chain.seq + 1, "head")
    return DeviceVerdict(device.dev, device.slot, device.name, chain.seq, True, None, "")


async def _rows(tx: Tx, device: DeviceRow, after: int) -> list[tuple[object, ...]] | None:
    """The next rows; None when the very next one cannot even be read."""
    for many in (PAGE, 1):
        with contextlib.suppress(StoreError):
            return await accesslog.rows_from(tx, device.no, after, many)
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
    if not _follow(chain, entry, data):
        return "chain"
    if entry.typ == GAP and len(entry.pub) == 2:
        named[entry.pub[0]] = entry.pub[1]
    return ""


def _follow(chain: Chain, entry: Entry, data: bytes) -> bool:
    """Moves the chain over an entry that was found to join it, without reading it a second time; whether it may."""
    if entry.typ != KEY:
        chain.follow(link(data))
        chain.sealed, chain.key = chain.epoch, None
        return True
    try:
        chain.take(data)
    except GateError:
        return False
    return True


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
