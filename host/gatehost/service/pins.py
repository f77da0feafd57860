"""Residents' PINs."""

from gatehost.model.account import Actor
from gatehost.model.credential import GivenPin, Pin
from gatehost.service.context import Context

MAX_PINS = 3


async def give_pin(ctx: Context, actor: Actor, home: str, party: str, duress: bool = False) -> GivenPin:
    """A fresh seven-digit PIN for a person of the home, never a weak one. TooMany("pins") at three (a duress PIN does
    not count); Refused("duress_needs_pin"); NotFound("person") if not tied to the home."""
    raise NotImplementedError


async def pins_of(ctx: Context, actor: Actor, home: str) -> tuple[Pin, ...]:
    """The home's PINs without digits; a resident sees their own duress PIN only."""
    raise NotImplementedError


async def end_pin(ctx: Context, actor: Actor, pin: int) -> None:
    """Ends a PIN; doors are told. NotFound("pin")."""
    raise NotImplementedError
