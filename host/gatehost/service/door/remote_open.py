"""Opening a door from a page: the door is asked for a challenge, the order is signed over it, the truth is told."""

from gatehost.model.account import RESIDENT, Actor
from gatehost.model.call import ANSWERED, RINGING, Opening
from gatehost.model.errors import Denied, DoorSilent, NotFound
from gatehost.model.place import Slot
from gatehost.model.policy import CALL_ONLY, OPEN
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.door.orders import order
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import calls, devices, places
from gatehost.store.store import Tx

OPENED, SILENT, REFUSED = "opened", "silent", "refused"


async def open_door(ctx: Context, actor: Actor, slot: str, home: str = "", call_id: str = "") -> Opening:
    """Opens a door now, within seconds: result `opened`, `silent` or `refused`.

    A resident opens doors on the path of `home` if the policy `home_open` is `open`, or, at `call_only`, the door of
    the live call `call_id`. SwitchedOff("home_open", decided_by, document, why); Denied; NotFound("slot")."""
    require(actor, "door.open", home or None)
    async with ctx.store.write() as tx:
        door = await places.get_slot(tx, slot)
        if door is None or door.kind == "desk":
            raise NotFound("slot")
        if actor.role == RESIDENT:
            await _demand(tx, door, home, call_id)
        device = await devices.by_slot(tx, slot)
        await note(ctx, tx, actor, "door.open", home, slot, call_id)
    if device is None or device.state != "active":
        return await _told(ctx, actor, home, Opening(SILENT, "empty", door.name, 0))
    began = ctx.clock()
    result, code = await _order(ctx, device.dev, actor, call_id)
    return await _told(ctx, actor, home, Opening(result, code, door.name, ctx.clock() - began))


async def _demand(tx: Tx, door: Slot, home: str, call_id: str) -> None:
    if not home:
        raise Denied("door.open")
    call = await calls.get(tx, call_id) if call_id else None
    in_call = call is not None and (call.slot, call.home) == (door.id, home) and call.state in (RINGING, ANSWERED)
    await ruling.demand(tx, "home_open", home, (OPEN, CALL_ONLY) if in_call else (OPEN,))
    if not in_call and door.id not in {one.id for one in await places.slots_on_path(tx, home)}:
        raise Denied("door.open")


async def _order(ctx: Context, dev: str, actor: Actor, call_id: str) -> tuple[str, str]:
    try:
        carried = await order(ctx, dev, "open", f"{actor.role}:{actor.account}", call_id)
    except DoorSilent as silent:
        return SILENT, silent.code
    async with ctx.store.write() as tx:
        await note(ctx, tx, actor, "door.order", about=dev, detail=f"{carried.by.hex()} {carried.proof.hex()}")
    return (OPENED, "") if carried.done else (REFUSED, carried.code)


async def _told(ctx: Context, actor: Actor, home: str, opening: Opening) -> Opening:
    if opening.result != OPENED:
        async with ctx.store.write() as tx:
            await note(ctx, tx, actor, "door.not_opened", home, detail=f"{opening.result} {opening.code}")
    return opening
