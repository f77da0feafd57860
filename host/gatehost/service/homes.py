"""Homes and their people, as the office and the residents see them."""

from gatehost.model.account import Actor
from gatehost.model.party import Party, Tie
from gatehost.model.place import Estate, Place, Slot
from gatehost.model.sheet import HomeRow, HomeSheet
from gatehost.service.context import Context


async def estate(ctx: Context) -> Estate | None:
    """The estate, None before a seed."""
    raise NotImplementedError


async def find(ctx: Context, actor: Actor, words: str = "", limit: int = 50) -> tuple[HomeRow, ...]:
    """Homes whose number, name or people contain the words, by number. Audited when words are given."""
    raise NotImplementedError


async def sheet(ctx: Context, actor: Actor, home: str) -> HomeSheet:
    """The home sheet. Audited for staff. NotFound("home")."""
    raise NotImplementedError


async def places(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """Estate, gates, buildings and stairs (not homes): where policies can be set."""
    raise NotImplementedError


async def my_homes(ctx: Context, actor: Actor) -> tuple[Place, ...]:
    """The actor's homes with their names."""
    raise NotImplementedError


async def my_doors(ctx: Context, actor: Actor, home: str) -> tuple[Slot, ...]:
    """The doors on the path to a home: its building's doors and the gates before it."""
    raise NotImplementedError


async def add_person(ctx: Context, actor: Actor, home: str, name: str, role: str, phone: str = "") -> Party:
    """A new person tied to a home. BadInput("name" | "role", ...), NotFound("home")."""
    raise NotImplementedError


async def end_tie(ctx: Context, actor: Actor, tie: int) -> Tie:
    """Ends a tie now: their PINs of that home end, sessions lose the home, doors are told. NotFound("tie")."""
    raise NotImplementedError
