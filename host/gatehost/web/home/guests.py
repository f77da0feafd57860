"""A home's guests: it answers for who stands at the gate, says who may stay longer, and who has left.

The desk answers for a home that said so by phone. Whoever is faster wins; the other is told.
"""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.account import RESIDENT
from gatehost.model.place import Place
from gatehost.model.visit import INSIDE, WAITING, Visit
from gatehost.service.gate import admission, departure, presence
from gatehost.web.frame.page import go
from gatehost.web.frame.session import Asked, of
from gatehost.web.words import gatewords

LONGER_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Guests:
    """Who stands at a gate and asks for a home, who of its guests is inside; names of gates, words of kinds."""

    waiting: tuple[Visit, ...]
    inside: tuple[Visit, ...]
    gates: dict[str, str]
    kinds: dict[str, str]


async def of_homes(asked: Asked, homes: tuple[Place, ...]) -> Guests:
    """The guests of a resident's homes."""
    found = [one for home in homes for one in await presence.of_home(asked.ctx, asked.person, home.id)]
    waiting = tuple(one for one in found if one.state == WAITING and not one.confirmed_by)  # else they come themselves
    inside = tuple(one for one in found if one.state == INSIDE)
    kinds = asked.words(gatewords.KINDS)
    return Guests(waiting, inside, await presence.gate_names(asked.ctx, asked.person), kinds)


def number_of(request: web.Request) -> int:
    """The visit in the address; the route lets digits through only."""
    return int(request.match_info["visit"])


def first_page(asked: Asked) -> str:
    """Where whoever answered came from."""
    return "/me" if asked.person.role == RESIDENT else "/gate"


async def let_in(request: web.Request) -> web.StreamResponse:
    """The home lets a waiting visitor in, or will come for them where they do not go in alone."""
    asked = of(request)
    told = await admission.answer(asked.ctx, asked.person, number_of(request), True)
    return go(first_page(asked), "meet" if told.state == WAITING else "guest_in")


async def not_now(request: web.Request) -> web.StreamResponse:
    """The home cannot have them now; the guard's page says so."""
    asked = of(request)
    why = "" if asked.person.role == RESIDENT else asked.say(gatewords.BY_PHONE)
    await admission.answer(asked.ctx, asked.person, number_of(request), False, why)
    return go(first_page(asked), "not_now")


async def left(request: web.Request) -> web.StreamResponse:
    """The host says that a guest has left."""
    asked = of(request)
    await departure.leave(asked.ctx, asked.person, number_of(request), "", "host")
    return go("/me", "out")


async def stay(request: web.Request) -> web.StreamResponse:
    """A guest may stay an hour longer."""
    asked = of(request)
    await departure.extend(asked.ctx, asked.person, number_of(request), LONGER_MINUTES)
    return go(first_page(asked), "longer")
