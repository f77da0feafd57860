"""Opening a door from a page: the door is asked for a challenge, the order is signed over it, the truth is told."""

from gatehost.model.account import Actor
from gatehost.model.call import Opening
from gatehost.service.context import Context

ANSWER_S = 3.0


async def open_door(ctx: Context, actor: Actor, slot: str, home: str = "", call_id: str = "") -> Opening:
    """Opens a door now, within seconds: result `opened`, `silent` or `refused`.

    A resident opens doors on the path of `home` if the policy `home_open` is `open`, or, at `call_only`, the door of
    the live call `call_id`. SwitchedOff("home_open", decided_by, document, why); Denied; NotFound("slot")."""
    raise NotImplementedError
