"""Orders to a door: ask for its challenge, sign the action over it, hear whether it was carried out."""

from dataclasses import dataclass

from gatecore.log import commitment
from gatecore.records import ClockOrder, Command, EpochOrder
from gatecore.wire import encode, sign1
from gatehost.model.account import Actor
from gatehost.model.device import ACTIVE
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused
from gatehost.service import hostclock
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import devices

ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class Carried:
    """`done` and why not; `by` is the commitment the door's log holds, `proof` what it commits to."""

    done: bool
    code: str
    by: bytes
    proof: bytes


async def change_key(ctx: Context, actor: Actor, dev: str, why: str) -> bool:
    """Has a device change its signing key: the next one is in its log, certified by the old. Whether it took the order;
    DoorSilent as above. BadInput("why", "missing"); NotFound("device")."""
    require(actor, "device.revoke")
    if not why.strip():
        raise BadInput("why", "missing")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.state != ACTIVE:
            raise NotFound("device")
        await note(ctx, tx, actor, "device.key", about=row.slot, detail=f"{dev} {why.strip()[:100]}")
    challenge = await ctx.doors.challenge(dev, ANSWER_S)
    signed = sign1(EpochOrder(bytes.fromhex(dev), row.epoch + 1, challenge).to_wire(), ctx.keys.policy)
    done, _ = await ctx.doors.command(dev, challenge, signed, ANSWER_S)
    return done


async def set_clock(ctx: Context, actor: Actor, dev: str, why: str) -> bool:
    """Has a device take this computer's time, however far from its own; it alone may set a door's clock back. Whether
    it took the order; DoorSilent as above. BadInput("why", "missing"); NotFound("device"); Refused("clock") while this
    computer's own clock is not believed."""
    require(actor, "device.revoke")
    if not why.strip():
        raise BadInput("why", "missing")
    if hostclock.standing(ctx).wrong:
        raise Refused("clock")
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.state != ACTIVE:
            raise NotFound("device")
        await note(ctx, tx, actor, "device.clock", about=row.slot, detail=f"{dev} {why.strip()[:100]}")
    challenge = await ctx.doors.challenge(dev, ANSWER_S)
    signed = sign1(ClockOrder(bytes.fromhex(dev), ctx.clock(), challenge).to_wire(), ctx.keys.policy)
    done, _ = await ctx.doors.command(dev, challenge, signed, ANSWER_S)
    return done


async def order(ctx: Context, dev: str, action: str, who: str, why: str) -> Carried:
    """Has the door carry out `action` now; DoorSilent if it is away or does not answer within ANSWER_S a step."""
    if not ctx.doors.connected(dev):
        raise DoorSilent("away")
    challenge = await ctx.doors.challenge(dev, ANSWER_S)
    proof = encode([ctx.random(16), who, why])
    command = Command(bytes.fromhex(dev), action, challenge, commitment(proof))
    signed = sign1(command.to_wire(), ctx.keys.operator)
    done, code = await ctx.doors.command(dev, challenge, signed, ANSWER_S)
    return Carried(done, code, command.by, proof)
