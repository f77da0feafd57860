"""The host's own chain: what people and the host did, as entries of one more device, in the transaction of the deed.

Each generation of the log has its own key and chain; the first entry of a later one names the newest checkpoint known
of the former (docs/protocol.md sections 4 and 8).
"""

from collections.abc import Sequence

from gatecore import note as notes
from gatecore import records
from gatecore.clock import HOST, Now
from gatecore.errors import GateError
from gatecore.log import Chain, genesis
from gatecore.records import Cert, Entry, Private
from gatecore.sign import key_id
from gatecore.wire import sign1
from gatecore.witness import numbers
from gatehost.model.device import ACTIVE, QUARANTINED
from gatehost.service import columns
from gatehost.service.context import Context
from gatehost.store import devices, logs, places
from gatehost.store.accesslog import EntryRow
from gatehost.store.logs import Log
from gatehost.store.store import Tx

HOST_KIND, HOST_SLOT = "host", "host"
NOBODY = [0] * 6
PERSON = 1  # why a device was revoked

Told = tuple[int, list[int], Private | None]  # an entry to be: its type, what anybody may read, its private half


async def write(ctx: Context, tx: Tx, *told: Told) -> None:
    """Appends entries, at least one, to the host's chain and to the tree; the first one of an estate begins its log."""
    await _append(ctx, tx, await ensure(ctx, tx), told)


async def ensure(ctx: Context, tx: Tx) -> Log:
    """The log in use; the first one begins if there is none."""
    return await logs.newest(tx, alone=True) or await begin(ctx, tx, b"")


async def begin(ctx: Context, tx: Tx, former: bytes, least: int = 1) -> Log:
    """A new generation: key, certificate, first entry, one entry for every device in service. `former` is the newest
    checkpoint known of the one before (its note), empty if there is none; the number is `least` or higher."""
    held = await logs.newest(tx, alone=True)
    known = _generation(ctx, former) if former else 0
    generation = max(max(held.generation if held else 0, ctx.keys.logs.newest(), known) + 1, least)
    now, signer = ctx.clock(), ctx.keys.logs.signer(generation)
    dev = key_id(signer.public)
    cert = Cert(dev, signer.public, None, HOST_SLOT, HOST_KIND, generation, now // 1000)
    signed = sign1(cert.to_wire(), ctx.keys.estate)
    made = Log(generation, signer.public, signed, now, 0, genesis(signer.public), 0, b"")
    await logs.put(tx, made)
    told: list[Told] = [(records.GENERATION, [generation, *_named(ctx, former)], None)]
    for device in await devices.in_states(tx, ACTIVE, QUARANTINED):
        pub = [*numbers(bytes.fromhex(device.dev)), device.no, device.since // 1000, device.seq]
        told.append((records.ENROLLED, pub, None))
    made = await _append(ctx, tx, made, told)
    if former or held is not None:
        await places.raise_generation(tx, generation)
    return made


def _generation(ctx: Context, note: bytes) -> int:
    """The generation of one of this estate's checkpoints; 0 for anything else."""
    try:
        front, _, number = notes.read(note).origin.rpartition("/")
    except GateError:
        return 0
    return int(number) if f"{front}/{number}" == notes.origin(ctx.keys.estate.public, int(number or 0)) else 0


def _named(ctx: Context, former: bytes) -> list[int]:
    if not former:
        return NOBODY
    read = notes.read(former)
    return [_generation(ctx, former), read.size, *numbers(read.root)]


async def _append(ctx: Context, tx: Tx, held: Log, told: Sequence[Told]) -> Log:
    chain, now = Chain(key_id(held.public), held.head, held.seq), ctx.clock()
    made, rows = list[Entry](), list[EntryRow]()
    for typ, pub, private in told:
        half = None if private is None else private.to_wire()
        data = chain.next(Now(held.generation, now, now, HOST), typ, pub, half)
        made.append(chain.take(data))
        rows.append(columns.row(held.no, now, made[-1], data, half))
    if ctx.store.halves is not None:
        rows = ctx.store.halves.hide(rows)
    return await logs.append(tx, held, rows, made, chain.head)


async def enrolled(ctx: Context, tx: Tx, dev: str, serial: int, since: int, after: int = 0) -> None:
    """A device is in service from now on; what it wrote up to `after` does not belong to this log."""
    await write(ctx, tx, (records.ENROLLED, [*numbers(bytes.fromhex(dev)), serial, since, after], None))


async def revoked(ctx: Context, tx: Tx, dev: str, last: int) -> None:
    """What the device wrote after its entry `last` does not count."""
    await write(ctx, tx, (records.REVOKED, [*numbers(bytes.fromhex(dev)), last, PERSON], None))
