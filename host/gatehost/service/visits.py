"""Who came: the access log as lines."""

from gatehost.model.account import Actor
from gatehost.model.visit import Alarm, Lines, Today
from gatehost.service.context import Context


async def who_came(ctx: Context, actor: Actor, home: str, before: int | None = None, limit: int = 50) -> Lines:
    """Access and call lines of a home, newest first, from the line id `before` on. Audited for staff; duress is never
    shown."""
    raise NotImplementedError


async def door_log(ctx: Context, actor: Actor, slot: str, before: int | None = None, limit: int = 100) -> Lines:
    """Every line of a door, newest first; homes and persons are left out for the desk. Audited."""
    raise NotImplementedError


async def latest(ctx: Context, actor: Actor, limit: int = 30) -> Lines:
    """The estate's newest access, call and alarm lines without homes and persons."""
    raise NotImplementedError


async def today(ctx: Context, actor: Actor) -> Today:
    """The day so far in numbers, and the alarms nobody has looked at."""
    raise NotImplementedError


async def seen(ctx: Context, actor: Actor, alarm: int) -> Alarm:
    """Marks an alarm as looked at by the actor; NotFound("alarm")."""
    raise NotImplementedError
