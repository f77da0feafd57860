"""Once a year a home looks through its people and plates: one tap for "all still right", or what is different (G8).

What a home said is a paper (home_review), so that the desk works on a change as on any other; the newest one of a home
says since when its file is known to be true. A home nobody has asked yet is due a year after its people came.
"""

from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.case import Case
from gatehost.model.errors import BadInput, NotFound
from gatehost.model.place import ROOT
from gatehost.service import ruling
from gatehost.service.context import Context
from gatehost.service.paper import casework, form
from gatehost.service.paper.needs import Act
from gatehost.service.permissions import require
from gatehost.store import cases, grants, people, places
from gatehost.store.store import Tx

KIND, RULE = "home_review", "home.confirm_days"


@dataclass(frozen=True, slots=True)
class Look:
    """A home as its people see it: (name, how they belong) and plates; `last` is when somebody last said it is right,
    `due` whether that is too long ago."""

    home: str
    name: str
    members: tuple[tuple[str, str], ...]
    plates: tuple[str, ...]
    last: int | None
    due: bool


async def mine(ctx: Context, actor: Actor) -> tuple[Look, ...]:
    """The actor's homes."""
    require(actor, "home.confirm")
    async with ctx.store.read() as tx:
        return tuple([look for home in actor.homes if (look := await _look(ctx, tx, home)) is not None])


async def _look(ctx: Context, tx: Tx, home: str) -> Look | None:
    place, now = await places.home(tx, home), ctx.clock()
    if place is None:
        return None
    ties = await people.ties_of_home(tx, home, now)
    last, since = await _last(tx, home), min((tie.since for _, tie in ties), default=now)
    days = await ruling.number(tx, RULE, home)
    plates = tuple(plate for plate, at, _ in await grants.plates(tx, now) if at == home)
    members = tuple((party.name, tie.role) for party, tie in ties)
    return Look(home, place.name, members, plates, last, bool(ties) and (last or since) + days * DAY_MS <= now)


async def _last(tx: Tx, home: str) -> int | None:
    found = await cases.listed(tx, (KIND,), (), [home], limit=1)
    return found[0].opened_at if found else None


async def still_right(ctx: Context, actor: Actor, home: str) -> Case:
    """Everything about the home is as the file says. NotFound("home")."""
    async with ctx.store.write() as tx:
        case = await _said(ctx, tx, actor, home, {})
        kind, held = casework.kind_of(KIND), await cases.paper(tx, case.id)
        move = kind.move("still_right", case.state)
        assert held is not None
        assert move is not None
        case = await casework.moved(ctx, tx, Act(ctx, tx, actor, kind, held, move, "", ""))
    casework.tell(ctx, case)
    return case


async def different(ctx: Context, actor: Actor, home: str, what: str) -> Case:
    """Something is not: for the desk to change. BadInput("what", "missing" | "long"), NotFound("home")."""
    if not what.strip():
        raise BadInput("what", "missing")
    async with ctx.store.write() as tx:
        case = await _said(ctx, tx, actor, home, {"what": what})
    casework.tell(ctx, case)
    return case


async def _said(ctx: Context, tx: Tx, actor: Actor, home: str, typed: dict[str, object]) -> Case:
    require(actor, "home.confirm", home)
    if await places.home(tx, home) is None:
        raise NotFound("home")
    kind = casework.kind_of(KIND)
    told = form.filled(kind, typed, actor.role)
    who = actor.party if actor.role == RESIDENT else None
    return await casework.opened(ctx, tx, actor, kind, home, told, who, None)


async def unconfirmed(ctx: Context, actor: Actor) -> tuple[tuple[str, str, int | None], ...]:
    """(home, name, when last confirmed) of homes with people whose look is due, the longest ago first."""
    require(actor, "home.find")
    async with ctx.store.read() as tx:
        now, days = ctx.clock(), await ruling.number(tx, RULE, ROOT)
        last, since = await cases.newest_of_homes(tx, KIND), await people.first_ties(tx, now)
        due = [home for home, came in since.items() if last.get(home, came) + days * DAY_MS <= now]
        names = await places.names(tx, set(due))
    found = [(home, names.get(home, home), last.get(home)) for home in due]
    return tuple(sorted(found, key=lambda one: (one[2] or 0, one[0])))
