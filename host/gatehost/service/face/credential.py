"""A person's face credential: begun under a consent, and what may be shown of it; never a picture, never a template."""

from datetime import UTC, datetime

from gatecore.clock import local_ms
from gatehost.model.account import RESIDENT, Actor
from gatehost.model.credential import ACTIVE, CAPTURING, WAITING, Consent, Face, Refusal
from gatehost.model.errors import NotFound
from gatehost.service import passage
from gatehost.service.calendar import right_until
from gatehost.service.context import Context
from gatehost.service.permissions import may, require
from gatehost.service.trail import looked
from gatehost.store import faces as rows
from gatehost.store import people, places, promises, slips
from gatehost.store.store import Tx

MOST_SHOWN = 100


async def begin(ctx: Context, tx: Tx, party: str, consent: Consent) -> None:
    """A fresh credential under this consent, or the one already begun under it."""
    held = await rows.face_of(tx, party)
    if held is not None and held.consent == consent.id and held.state in (WAITING, CAPTURING, ACTIVE):
        return
    estate = await places.the_estate(tx)
    assert estate is not None
    now = ctx.clock()
    year = datetime.fromtimestamp(local_ms(now, estate.offsets) / 1000, UTC).year
    number = f"{year}-{await rows.count(tx) + 1:05}"
    await rows.put_face(tx, party, WAITING, consent.id, number, now, right_until(now, estate.offsets))


async def face(ctx: Context, actor: Actor, party: str) -> Face | None:
    """A person's face credential (the receipt slip is printed from it); None without one. A resident sees their own
    and those of their homes."""
    async with ctx.store.read() as tx:
        await may_see(ctx, tx, actor, "face.see", party)
        found = await shown(ctx, tx, party)
    await looked(ctx, actor, "face.see", about=party)
    return found


async def may_see(ctx: Context, tx: Tx, actor: Actor, action: str, party: str) -> None:
    """NotFound("person") unless the actor may do this with a person: their own, or of one of their homes; Denied."""
    require(actor, action)
    if actor.role != RESIDENT or party == actor.party:
        return
    homes = await people.homes_of(tx, party, ctx.clock())
    if not any(may(actor, action, home) for home in homes):
        raise NotFound("person")


async def shown(ctx: Context, tx: Tx, party: str, ways: passage.Passage | None = None) -> Face | None:
    """The same inside a transaction, without permission or audit; `ways` where many are asked about."""
    row, person = await rows.face_of(tx, party), await people.get(tx, party)
    if row is None or person is None:
        return None
    held, homes = await rows.sealed_of(tx, party), await people.homes_of(tx, party, ctx.clock())
    doors = await passage.ask(tx, ways or await passage.load(tx), homes)
    keyed = set(await rows.devices_with_key(tx, party))
    ready = sum(d.no in keyed and (d.generation, d.version) >= (d.sent_generation, d.sent_version) for d in doors)
    return Face(
        party=party,
        name=person.name,
        homes=homes,
        state=row.state,
        number=row.number,
        photos=0 if held is None else held.photos,
        model="" if held is None else held.model,
        consent=await rows.get_consent(tx, row.consent),
        doors_ready=ready,
        doors_all=len(doors),
        until=row.until,
        needs=await promises.needs_of(tx, party),
        twice=await slips.is_twice(tx, party),
        refused=await refusal(tx, party),
    )


async def refusal(tx: Tx, party: str) -> Refusal | None:
    """Why the person's last sitting at a door was for nothing; None when it was not, or that is over."""
    slip = await slips.refusal(tx, party)
    if slip is None or slip.refused is None or slip.refused_at is None:
        return None
    slot = await places.get_slot(tx, slip.slot)
    door = slip.slot if slot is None else slot.name
    return Refusal(slip.refused, slip.refused_at, door, slip.sealed is not None)


async def my_refusal(ctx: Context, actor: Actor) -> Refusal | None:
    """The same for the reader's own first page."""
    require(actor, "face.see")
    async with ctx.store.read() as tx:
        return await refusal(tx, actor.party)


async def faces(ctx: Context, actor: Actor) -> tuple[Face, ...]:
    """Face credentials, the newest MOST_SHOWN; others are found by their home. Office only."""
    require(actor, "home.find")
    async with ctx.store.read() as tx:
        ways = await passage.load(tx)
        found = [await shown(ctx, tx, row.party, ways) for row in await rows.all_faces(tx, MOST_SHOWN)]
    return tuple({one.party: one for one in found if one is not None}.values())
