"""Who looked at what, and whether the stored logs still hold."""

from gatehost.model.account import Actor
from gatehost.model.device import DeviceVerdict
from gatehost.model.sheet import LookUp
from gatehost.service.context import Context


async def look_ups(ctx: Context, actor: Actor, before: int | None = None, limit: int = 100) -> tuple[LookUp, ...]:
    """What people did and looked at, newest first. Admin only."""
    raise NotImplementedError


async def about_home(ctx: Context, actor: Actor, home: str, limit: int = 50) -> tuple[LookUp, ...]:
    """Who of the staff looked at this home: the residents' own view ("who looked")."""
    raise NotImplementedError


async def verify(ctx: Context, actor: Actor) -> tuple[DeviceVerdict, ...]:
    """Re-verifies every device's stored entries from the stored bytes: chain, commitments, last seal, and the columns
    lists are searched by. One verdict a device."""
    raise NotImplementedError
