"""What an import is checked against, and its rows, many at a time."""

from collections.abc import Sequence

from sqlalchemy import insert, or_, select

from gatehost.model.place import BUILDING, HOME, Estate, Place
from gatehost.store import places
from gatehost.store.store import Tx
from gatehost.store.table.estate import party, place, tie
from gatehost.store.table.right import credential

Rows = Sequence[dict[str, object]]


async def known(
    tx: Tx, now: int
) -> tuple[Estate, tuple[Place, ...], set[str], dict[tuple[str, str], tuple[str, ...]], set[str]]:
    """(the estate, buildings, homes' numbers, people of living ties by home and name, numbers of cards)."""
    estate = await places.the_estate(tx)
    assert estate is not None
    buildings = tuple(one for one in await places.all_but_homes(tx) if one.kind == BUILDING)
    homes = set((await tx.execute(select(place.c.id).where(place.c.kind == HOME))).scalars())
    people: dict[tuple[str, str], tuple[str, ...]] = {}
    lives = or_(tie.c.until.is_(None), tie.c.until > now)
    query = select(tie.c.place, party.c.name, party.c.id).join(party, party.c.id == tie.c.party).where(lives)
    for home, name, one in await tx.execute(query.order_by(tie.c.id)):
        people[home, name] = tuple(dict.fromkeys((*people.get((home, name), ()), one)))
    cards = set((await tx.execute(select(credential.c.number).where(credential.c.kind == "card"))).scalars())
    return estate, buildings, homes, people, cards


async def put(tx: Tx, made: Rows, parties: Rows, ties: Rows, cards: Rows, now: int) -> None:
    """Places, people with their ties, and cards from now on."""
    if made:
        await tx.execute(insert(place), list(made))
    if parties:
        await tx.execute(insert(party), list(parties))
    if ties:
        rest = {"since": now, "callable": 1, "other": None, "proof": ""}
        await tx.execute(insert(tie), [row | rest for row in ties])
    if cards:
        rest = {"since": now, "consent": None, "replaces": None}
        await tx.execute(insert(credential), [row | rest for row in cards])
