"""Resident cards that end soon: listed for the desk, and renewed together before their 400 days are over."""

from dataclasses import dataclass

from gatecore.clock import DAY_MS
from gatehost.model.account import Actor
from gatehost.model.errors import BadInput
from gatehost.model.grant import CARD, CEILINGS
from gatehost.service import publish
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import grants, people, places
from gatehost.store.grants import EndingCard
from gatehost.store.store import Tx

SOON_MS, PAST_MS = 45 * DAY_MS, 30 * DAY_MS
MOST = 500  # renewed in one act


@dataclass(frozen=True, slots=True)
class Ending:
    """A card that ends soon, or did a short while ago; `until` and `renewed` (what an act would make of it) ms UTC."""

    id: int
    number: str
    name: str
    home: str
    place: str
    until: int
    renewed: int


async def ending(ctx: Context, actor: Actor) -> tuple[Ending, ...]:
    """Cards that end within 45 days, or did in the last 30, of people who live here longer; the next one first."""
    require(actor, "card.renew")
    async with ctx.store.read() as tx:
        return await _ending(ctx, tx)


async def _ending(ctx: Context, tx: Tx) -> tuple[Ending, ...]:
    now = ctx.clock()
    held = await grants.ending_cards(tx, now - PAST_MS, now + SOON_MS)
    found = [one for card in held if (one := await _renewable(ctx, tx, card)) is not None]
    names = await places.names(tx, {one[1] for one in found})
    return tuple(
        Ending(card.id, card.number, card.name, home, names.get(home, home), card.until, until)
        for card, home, until in found
    )


async def _renewable(ctx: Context, tx: Tx, card: EndingCard) -> tuple[EndingCard, str, int] | None:
    """(card, home, until when it may be renewed); None for who leaves before it would end anyway."""
    now, ties = ctx.clock(), []
    for home in await people.homes_of(tx, card.party, ctx.clock()):
        ties += [tie for party, tie in await people.ties_of_home(tx, home, now) if party.id == card.party]
    if not ties:
        return None
    last = max(ties, key=lambda tie: tie.until or now + CEILINGS[CARD])
    until = min(now + CEILINGS[CARD], last.until or now + CEILINGS[CARD])
    return (card, last.place, until) if until > card.until else None


async def renew(ctx: Context, actor: Actor, chosen: tuple[int, ...]) -> tuple[Ending, ...]:
    """Renews these cards in one act; those that were, for one that is lost, ended or renewed meanwhile is left alone.
    BadInput("cards", "none" | "many")."""
    require(actor, "card.renew")
    if not chosen:
        raise BadInput("cards", "none")
    if len(chosen) > MOST:
        raise BadInput("cards", "many")
    async with ctx.store.write() as tx:
        done = tuple(one for one in await _ending(ctx, tx) if one.id in set(chosen))
        for one in done:
            await grants.renew_card(tx, one.id, one.renewed)
            await note(ctx, tx, actor, "card.renew", one.home, detail=one.number)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    return done
