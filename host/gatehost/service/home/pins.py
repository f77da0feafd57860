"""Residents' PINs."""

from itertools import pairwise

from gatecore.codes import PIN_DIGITS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.credential import GivenPin, Pin
from gatehost.model.errors import NotFound, Refused, TooMany
from gatehost.service import publish
from gatehost.service.context import Context
from gatehost.service.permissions import may, require
from gatehost.service.trail import note
from gatehost.store import people, pins, places
from gatehost.store.pins import PinRow

MAX_PINS = 3


def weak(digits: str) -> bool:
    """Whether people would try it early: few different digits, runs up or down, repeats, dates, mirrored."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    if len(set(digits)) < 4 or len(steps) < 3:
        return True
    if digits == digits[::-1] or digits[:3] == digits[3:6] or digits[:3] == digits[4:]:
        return True
    if any(run in digits for run in ("0123", "1234", "2345", "3456", "4567", "5678", "6789", "7890")):
        return True
    if any(run in digits for run in ("3210", "4321", "5432", "6543", "7654", "8765", "9876", "0987")):
        return True
    return digits[:2] in ("19", "20")  # a birthday begins like this


async def give_pin(ctx: Context, actor: Actor, home: str, party: str, duress: bool = False) -> GivenPin:
    """A fresh seven-digit PIN for a person of the home, never a weak one. TooMany("pins") at three (a duress PIN does
    not count); Refused("duress_needs_pin"); NotFound("person") if not tied to the home."""
    require(actor, "pin.give", home)
    async with ctx.store.write() as tx:
        if await places.home(tx, home) is None:
            raise NotFound("home")
        if not await people.tied(tx, party, home, ctx.clock()):
            raise NotFound("person")
        held = await pins.of_homes(tx, [home])
        _check_room(held, party, duress)
        digits = _fresh(ctx, {ctx.keys.reveal(pin.hidden) for pin in held})
        hidden, mark = ctx.keys.hide(digits, ctx.random(12)), ctx.random(16)
        number = await pins.put(tx, home, party, hidden, mark, duress, ctx.clock())
        await note(ctx, tx, actor, "pin.give", home, party)
        name = (await people.names(tx, {party}))[party]
        changed = await publish.publish(ctx, tx, home)
    publish.announce(ctx, changed)
    return GivenPin(Pin(number, home, party, name, duress, ctx.clock()), digits)


def _check_room(held: tuple[PinRow, ...], party: str, duress: bool) -> None:
    if duress:
        own = [pin for pin in held if pin.party == party]
        if not any(not pin.duress for pin in own):
            raise Refused("duress_needs_pin")
        if any(pin.duress for pin in own):
            raise TooMany("pins", most=1)
    elif sum(not pin.duress for pin in held) >= MAX_PINS:
        raise TooMany("pins", most=MAX_PINS)


def _fresh(ctx: Context, others: set[str]) -> str:
    for _ in range(1000):
        made = f"{int.from_bytes(ctx.random(8), 'big') % 10**PIN_DIGITS:07}"
        if not weak(made) and made not in others:
            return made
    raise Refused("random")


async def pins_of(ctx: Context, actor: Actor, home: str) -> tuple[Pin, ...]:
    """The home's PINs without digits; a resident sees their own duress PIN only."""
    require(actor, "pin.see", home)
    async with ctx.store.read() as tx:
        held = await pins.of_homes(tx, [home])
        names = await people.names(tx, {pin.party for pin in held})
    shown = [pin for pin in held if not (pin.duress and actor.role == RESIDENT and pin.party != actor.party)]
    return tuple(Pin(p.id, p.home, p.party, names[p.party], p.duress, p.given_at) for p in shown)


async def end_pin(ctx: Context, actor: Actor, pin: int) -> None:
    """Ends a PIN, and with a person's last one their duress PIN; doors are told. NotFound("pin").

    A resident may end their own only."""
    async with ctx.store.write() as tx:
        held = await pins.get(tx, pin)
        if held is None or not may(actor, "pin.end", held.home):
            raise NotFound("pin")
        if actor.role == RESIDENT and held.party != actor.party:
            raise NotFound("pin")
        await pins.end(tx, pin, ctx.clock())
        left = [one for one in await pins.of_homes(tx, [held.home]) if one.party == held.party]
        if all(one.duress for one in left):
            await pins.end_of(tx, held.home, held.party, ctx.clock())
        await note(ctx, tx, actor, "pin.end", held.home, held.party)
        changed = await publish.publish(ctx, tx, held.home)
    publish.announce(ctx, changed)
