"""The access log as a file for somebody who believes neither this host nor its administrator (docs/protocol.md 7)."""

from collections.abc import AsyncIterator

from gatecore import bundle
from gatecore.log import genesis
from gatehost.model.account import Actor
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import accesslog, devices
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx

PAGE = 500


async def pieces(ctx: Context, actor: Actor) -> AsyncIterator[bytes]:
    """The export, piece by piece: every device with stored entries, from its first entry to its last seal. Audited.

    Entries that came after the last seal are left out: nothing vouches for them yet. Nothing at all without an entry.
    """
    require(actor, "audit.verify")
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "audit.export")
    async with ctx.store.read() as tx:
        known = [device for device in await devices.in_states(tx) if device.cert is not None and device.seq]
        if known:
            yield bundle.head_line(ctx.keys.estate.public, len(known))
        for device in known:
            async for piece in _device(tx, device):
                yield piece


async def _device(tx: Tx, device: DeviceRow) -> AsyncIterator[bytes]:
    """One device's lines; the entries stored meanwhile wait for the next export."""
    sealed = await accesslog.last_seal(tx, device.no)
    assert sealed is not None, "entries are stored together with a seal"
    assert device.cert is not None
    last, seal = sealed
    yield bundle.device_line(device.cert, 1, genesis(device.public), last)
    done = 0
    while done < last:
        rows = await accesslog.rows_from(tx, device.no, done, min(PAGE, last - done))
        if not rows:
            return
        for row in rows:
            entry, private = row[-2], row[-1]
            assert isinstance(entry, bytes)
            assert private is None or isinstance(private, bytes)
            yield bundle.entry_line(entry, private)
        done += len(rows)
    yield bundle.seal_line(seal)
