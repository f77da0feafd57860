"""Orders to a door: ask for its challenge, sign the action over it, hear whether it was carried out."""

from dataclasses import dataclass

from gatecore.log import commitment
from gatecore.records import Command
from gatecore.wire import encode, sign1
from gatehost.model.errors import DoorSilent
from gatehost.service.context import Context

ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class Carried:
    """`done` and why not; `by` is the commitment the door's log holds, `proof` what it commits to."""

    done: bool
    code: str
    by: bytes
    proof: bytes


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
