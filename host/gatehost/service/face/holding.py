"""Which doors hold a person's face, since when, and which have told that it is gone from them: the door's own word."""

from gatehost.model.account import Actor
from gatehost.model.credential import ACTIVE, ERASED, WITHDRAWN, Erasure, Loaded
from gatehost.model.policy import FACE_OFF
from gatehost.service import passage, ruling
from gatehost.service.context import Context
from gatehost.service.face.credential import may_see
from gatehost.store import devices, people
from gatehost.store import faces as rows
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx


async def loads(ctx: Context, actor: Actor, party: str) -> tuple[Loaded, ...]:
    """Door by door that lets faces in, since when it holds the person's, as the door itself told; empty without an
    active face."""
    async with ctx.store.read() as tx:
        await may_see(ctx, tx, actor, "face.see", party)
        row = await rows.face_of(tx, party)
        if row is None or row.state != ACTIVE:
            return ()
        homes = await people.homes_of(tx, party, ctx.clock())
        doors, held = await passage.ask(tx, await passage.load(tx), homes), await rows.loads(tx, party)
        doors = tuple([one for one in doors if (await ruling.in_force(tx, "face_mode", one.slot)).value != FACE_OFF])
    return tuple(
        Loaded(
            door.slot, door.name, ctx.doors.connected(door.dev), door.last_seen,
            door.no in held and (_newest(door) or held[door.no] is not None), held.get(door.no),
        )
        for door in doors
    )  # fmt: skip


def _newest(door: DeviceRow) -> bool:
    return (door.generation, door.version) >= (door.sent_generation, door.sent_version)


async def applied(ctx: Context, tx: Tx, device: DeviceRow) -> None:
    """A door told that it holds the newest state: whoever is not in it is gone there. A vault keeps faces beside its
    state and must say so itself."""
    if device.kind == "desk" or (device.generation, device.version) < (device.sent_generation, device.sent_version):
        return
    if (await ruling.in_force(tx, "face_mode", device.slot)).value == FACE_OFF:
        await rows.unloaded(tx, device.no)
    else:
        await rows.loaded(tx, device.no, ctx.clock())
    for party in await rows.to_forget(tx, device.no):
        await rows.erased(tx, party, device.no, ctx.clock())
        await _finish(tx, party)


async def erasure(ctx: Context, actor: Actor, party: str) -> tuple[Erasure, ...]:
    """Per door: has it confirmed that the face is gone? Empty when no door ever had it."""
    async with ctx.store.read() as tx:
        await may_see(ctx, tx, actor, "face.see", party)
        done = dict(await rows.erasures(tx, party))
        held = [row for row in await devices.in_states(tx) if row.no in done]
    return tuple(Erasure(row.slot, row.name, ctx.doors.connected(row.dev), row.last_seen, done[row.no]) for row in held)


async def forgotten(ctx: Context, dev: str, party: str) -> None:
    """The vault says a person's key is off its storage."""
    async with ctx.store.write() as tx:
        unit = await devices.by_dev(tx, dev)
        if unit is not None and await rows.erased(tx, party, unit.no, ctx.clock()):
            await _finish(tx, party)


async def _finish(tx: Tx, party: str) -> None:
    row = await rows.face_of(tx, party)
    if row is not None and row.state == WITHDRAWN and all(done for _, done in await rows.erasures(tx, party)):
        await rows.set_state(tx, row.id, ERASED)


async def owed(ctx: Context, dev: str) -> tuple[str, ...]:
    """People a vault that just connected has still to forget."""
    async with ctx.store.read() as tx:
        unit = await devices.by_dev(tx, dev)
        return () if unit is None or unit.kind != "desk" else await rows.to_forget(tx, unit.no)
