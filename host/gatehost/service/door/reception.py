"""What a connected device tells beside its log: that it is there, how it is, and what cannot wait."""

from gatecore.clock import AGREED
from gatecore.events import (
    ALERT_CANCELLED,
    ALERT_DURESS,
    ALERT_GUESSING,
    ALERT_LOST_CARD,
    ALERT_PAUSED,
    ALERT_READER,
)
from gatehost.model.alarm import FORK
from gatehost.model.device import ACTIVE, QUARANTINED
from gatehost.model.errors import DeviceRefused
from gatehost.service import publish, ruling
from gatehost.service.context import Context
from gatehost.service.face import holding
from gatehost.service.ports import Audience, News
from gatehost.store import accesslog, calls, devices, faces, places
from gatehost.store.devices import DeviceRow

OFFICE = ("admin", "desk")
# what a home is told itself
_HOME_ALERTS = (ALERT_PAUSED, ALERT_CANCELLED)  # its codes rest; a code was cancelled


async def known(ctx: Context, kid: str) -> DeviceRow:
    """The device behind a greeting, by its present key's id; DeviceRefused("unknown" | "revoked" | "quarantined")."""
    async with ctx.store.read() as tx:
        row = await devices.by_dev(tx, kid) or await devices.by_current(tx, kid)
    if row is None or row.state in ("pending", "refused"):
        raise DeviceRefused("unknown")
    if row.state != ACTIVE:
        raise DeviceRefused(row.state)
    return row


async def came(ctx: Context, dev: str, generation: int, version: int) -> bytes:
    """A device greeted rightly with this state; the receipt its next seal is to repeat."""
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None:
            raise DeviceRefused("unknown")
        receipt = row.receipt or ctx.random(16)
        told = {"generation": generation, "version": version}
        await devices.change(tx, row.no, last_seen=ctx.clock(), receipt=receipt, **told)
        if (generation, version) > (row.sent_generation, row.sent_version):
            await publish.publish(ctx, tx)  # the host was restored from a backup: a higher version must exist
    _tell(ctx, dev)
    return receipt


def _tell(ctx: Context, dev: str) -> None:
    ctx.pages.tell(Audience(roles=OFFICE), News("device", {"devices": [dev]}))


async def went(ctx: Context, dev: str) -> None:
    """The device's connection ended."""
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is not None:
            await devices.change(tx, row.no, last_seen=ctx.clock())
    _tell(ctx, dev)


async def status(
    ctx: Context, dev: str, generation: int, version: int, quality: int, storage_ok: int, software: str
) -> None:
    """The device's own account of itself; DeviceRefused("field") for what cannot be."""
    if quality > AGREED or storage_ok > 1 or len(software) > 64:
        raise DeviceRefused("field")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None:
            raise DeviceRefused("unknown")
        told = {"generation": generation, "version": version, "quality": quality, "storage_ok": storage_ok}
        await devices.change(tx, row.no, **told, software=software, last_seen=ctx.clock())
        fresh = await devices.by_dev(tx, dev)
        assert fresh is not None
        await holding.applied(ctx, tx, fresh)
    if (row.generation, row.version, row.storage_ok) != (generation, version, storage_ok):
        _tell(ctx, dev)


async def alert(ctx: Context, dev: str, kind: int, home: str) -> None:
    """Something that cannot wait: kept, and told to whom the rules name."""
    if kind < ALERT_GUESSING or kind > ALERT_READER:
        raise DeviceRefused("field")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or (home and await places.home(tx, home) is None):
            raise DeviceRefused("home")
        roles = (*OFFICE, "guard") if kind == ALERT_LOST_CARD else OFFICE
        audience = Audience(roles=roles, homes=(home,) if kind in _HOME_ALERTS and home else ())
        if kind == ALERT_DURESS:
            told = (await ruling.in_force(tx, "duress_alarm", home or row.slot)).value
            if told == "off":
                return
            audience = Audience(roles=OFFICE if told == "desk" else ("admin",))
        number = await calls.put_alarm(tx, row.no, ctx.clock(), kind, home)
    _alarm(ctx, row, number, kind, home, audience)


def _alarm(ctx: Context, row: DeviceRow, number: int, kind: int, home: str, audience: Audience) -> None:
    body = {"id": number, "kind": kind, "slot": row.slot, "door": row.name, "home": home, "at": ctx.clock()}
    ctx.pages.tell(audience, News("alarm", body))


async def forked(ctx: Context, dev: str, seq: int, other: bytes, sealed: bytes) -> None:
    """One number, two contents: the evidence is kept, the device gets nothing new until a person has looked."""
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None:
            return
        await accesslog.put_fork(tx, row.no, seq, ctx.clock(), other, sealed)
        await devices.change(tx, row.no, state=QUARANTINED)
        number = await calls.put_alarm(tx, row.no, ctx.clock(), FORK, "")
    _alarm(ctx, row, number, FORK, "", Audience(roles=OFFICE))
    _tell(ctx, dev)


async def state_for(ctx: Context, dev: str) -> tuple[int, int, bytes] | None:
    """(generation, version, signed header) waiting for a device; None for one that gets nothing."""
    async with ctx.store.read() as tx:
        row = await devices.by_dev(tx, dev)
        return None if row is None or row.state != ACTIVE else await devices.header(tx, row.no)


async def piece(ctx: Context, dev: str, hashed: bytes) -> bytes:
    """A chunk of the device's own state, or sealed templates it holds a key to; empty if there is no such piece."""
    async with ctx.store.read() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.state != ACTIVE:
            return b""
        return await devices.piece(tx, row.no, hashed) or await faces.piece(tx, row.no, hashed) or b""
