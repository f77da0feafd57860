"""Visitor codes: made, shown, taken back."""

from gatehost.model.account import Actor
from gatehost.model.code import Invitation, NewCode, VisitorCode, VisitorPass
from gatehost.service.context import Context

MAX_LIVE = 4


async def invite(ctx: Context, actor: Actor, home: str, wish: Invitation) -> NewCode:
    """A code for a visitor of the home.

    A plain wish (one day, default uses) takes one of the home's two derivable slots of that day, good at every door
    even when the host is away; when none is left, or for another window or number of uses, the code is listed and
    `works_offline` is False. TooMany("codes") at 4 live codes; SwitchedOff("visitor_codes") by policy;
    BadInput("day" | "since" | "until" | "uses" | "weekdays" | "first_hours" | "visitor", why)."""
    raise NotImplementedError


async def codes_of(ctx: Context, actor: Actor, home: str) -> tuple[VisitorCode, ...]:
    """The home's codes, live ones first, then those ended in the last 30 days."""
    raise NotImplementedError


async def code(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """One code; NotFound("code") also for another home's."""
    raise NotImplementedError


async def new_link(ctx: Context, actor: Actor, code_id: int) -> str:
    """A fresh visitor-page token for a code; the former stops working. Page: `ctx.url + "/v/" + token`."""
    raise NotImplementedError


async def revoke(ctx: Context, actor: Actor, code_id: int) -> VisitorCode:
    """Takes a code back: doors are told at once, its slot is not issued again that day. Twice is no error."""
    raise NotImplementedError


async def visitor_pass(ctx: Context, link: str) -> VisitorPass:
    """What the holder of the link may see; NotFound("link") for an unknown one or one ended two days ago."""
    raise NotImplementedError


async def lift_pause(ctx: Context, actor: Actor, home: str, slot: str) -> bool:
    """Ends the pause of a home's codes at a door (after ten wrong tries); False if the door refused; DoorSilent."""
    raise NotImplementedError
