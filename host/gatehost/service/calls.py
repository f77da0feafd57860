"""Calls: who is rung, who answers first, what became of it. Pictures stay in memory."""

from gatehost.model.account import Actor
from gatehost.model.call import Call, Opening
from gatehost.service.context import Context


async def live(ctx: Context, actor: Actor) -> tuple[Call, ...]:
    """Calls ringing or answered now at the actor's homes (the office: all)."""
    raise NotImplementedError


async def call(ctx: Context, actor: Actor, call_id: str) -> Call:
    """One call; NotFound("call")."""
    raise NotImplementedError


async def history(ctx: Context, actor: Actor, home: str, limit: int = 20) -> tuple[Call, ...]:
    """A home's calls, newest first."""
    raise NotImplementedError


async def picture(ctx: Context, actor: Actor, call_id: str) -> bytes | None:
    """The JPEG of a live call; None when there is none."""
    raise NotImplementedError


async def answer(ctx: Context, actor: Actor, call_id: str) -> Call:
    """Takes the call: the first wins, Refused("taken", by=name) for the others, Refused("over", state=...) too late."""
    raise NotImplementedError


async def decline(ctx: Context, actor: Actor, call_id: str) -> Call:
    """Ends the call without opening; the visitor is told."""
    raise NotImplementedError


async def open_door(ctx: Context, actor: Actor, call_id: str) -> Opening:
    """Opens the call's door and ends the call; answers it first if nobody has. As remote_open.open_door."""
    raise NotImplementedError
