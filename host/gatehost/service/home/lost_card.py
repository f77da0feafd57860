"""A lost card: dead from the moment it is reported, and its number before the guards' eyes."""

from gatecore.events import ALERT_LOST_CARD
from gatehost.model import card
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.credential import OLD
from gatehost.model.device import ACTIVE
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service import gone, publish
from gatehost.service.context import Context
from gatehost.service.home import rights
from gatehost.service.permissions import may, require
from gatehost.service.ports import Audience, News
from gatehost.service.trail import note
from gatehost.store import calls, devices, grants, people, places
from gatehost.store.store import Tx

HOUR_MS = 3_600_000
Cards = tuple[tuple[int, str, str], ...]  # row, number, state


async def lose(ctx: Context, actor: Actor, person: str, why: str) -> tuple[str, ...]:
    """A person's card is lost: it is dead from now on, for ever, and guards are shown its number. The numbers.

    A resident reports for the people of their own homes. NotFound("card")."""
    async with ctx.store.write() as tx:
        homes = await people.homes_of(tx, person, ctx.clock())
        if not any(may(actor, "card.lose", home) for home in homes):
            raise Denied("card.lose")
        held = await grants.credentials_of(tx, person, "card", "active", OLD)
        if not held:
            raise NotFound("card")
        await kill(ctx, tx, held)
        await note(ctx, tx, actor, "card.lose", homes[0] if homes else "", person, why[:200])
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    await gone.keep(ctx)
    return tuple(number for _, number, _ in held)


async def kill(ctx: Context, tx: Tx, held: Cards) -> None:
    """These cards open nothing from now on, for ever; publish after it. Pages of guards are told their numbers."""
    given = await grants.of_people(tx, [], [number for number, _, _ in held])
    await rights.end(ctx, tx, list(given), "lost")
    for number, _, _ in held:
        await grants.set_credential(tx, number, "lost")
    ctx.pages.tell(Audience(roles=("desk", "guard")), News("card", {"numbers": [number for _, number, _ in held]}))


async def meant(ctx: Context, tx: Tx, home: str, person: str | None, number: str) -> Cards:
    """The cards a paper about a home means: the one with this number, or without one the person's own. A card reported
    lost before is none to kill again. BadInput("number", ...) when nobody of the home has such a card."""
    if not number.strip():
        held = await grants.credentials_of(tx, person, "card", "active", OLD, "lost") if person else ()
    else:
        plain = card.canonical(number) if card.is_one(number) else number.replace(" ", "").upper()
        named = await grants.by_number(tx, "card", plain)
        known = named is not None and await people.tied(tx, named[1], home, ctx.clock())
        held = ((named[0], plain, named[2]),) if named is not None and known else ()
    if not any(state in ("active", OLD, "lost") for _, _, state in held):
        raise BadInput("number", "no_card")
    return tuple(one for one in held if one[2] in ("active", OLD))


async def behind(ctx: Context, actor: Actor) -> tuple[tuple[str, int | None], ...]:
    """(door, when it was last heard of) of the doors that have not taken the newest changes yet: a card reported lost
    since then still opens them (row D4). A resident is told of the doors on their own way."""
    if actor.role != RESIDENT:
        require(actor, "card.see")
    async with ctx.store.read() as tx:
        way = {slot.id for home in actor.homes for slot in await places.slots_on_path(tx, home)}
        held = [one for one in await devices.in_states(tx, ACTIVE) if one.kind != "desk"]
    told = [one for one in held if (one.generation, one.version) < (one.sent_generation, one.sent_version)]
    return tuple((one.name, one.last_seen) for one in told if actor.role != RESIDENT or one.slot in way)


async def mine(ctx: Context, actor: Actor) -> tuple[tuple[str, str], ...]:
    """(number, active or lost) of the actor's own cards."""
    async with ctx.store.read() as tx:
        held = await grants.credentials_of(tx, actor.party, "card", "active", "lost")
    return tuple((number, state) for _, number, state in held)


async def all_lost(ctx: Context, actor: Actor) -> tuple[tuple[str, str], ...]:
    """(number, whose) of lost cards, for the guard's page."""
    require(actor, "card.see")
    async with ctx.store.read() as tx:
        return await grants.lost_cards(tx)


async def held_somewhere(ctx: Context, actor: Actor) -> tuple[tuple[str, int], ...]:
    """(door, ms UTC) where a lost card was held to a reader within the hour and nobody has looked; newest first."""
    require(actor, "card.see")
    async with ctx.store.read() as tx:
        rows = await calls.of_kind(tx, ALERT_LOST_CARD, ctx.clock() - HOUR_MS)
    return tuple((row.door, row.at) for row in rows)
