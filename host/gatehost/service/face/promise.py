"""What doors promise with the faces they carry: taken as told, shown to the administrator, whom to call to the desk."""

from collections.abc import Sequence

from gatecore import intake
from gatecore.records import UINT, fits
from gatehost.model.account import Actor
from gatehost.model.errors import DeviceRefused
from gatehost.model.promise import DoorPromise, Promise, Wanted
from gatehost.service.context import Context
from gatehost.service.permissions import require
from gatehost.service.ports import Audience, News
from gatehost.store import devices, people, promises
from gatehost.store.store import Tx

MOST_WHY, MOST_NAMED, MILLION = 16, 1_000, 1_000_000
OFFICE = ("admin", "desk")


async def told(
    ctx: Context,
    dev: str,
    way: int,
    why: list[object],
    carried: int,
    more_photos: list[object],
    alike: list[object],
    shares: list[object],
    model: str,
) -> None:
    """A door's own account; DeviceRefused("field" | "kind") and nothing kept for what cannot be one."""
    photos, lookalikes = _persons(more_photos), _persons(alike)
    if way > intake.WAY_HOME or carried > MILLION or len(model) > 64 or len(why) > MOST_WHY:
        raise DeviceRefused("field")
    reasons = tuple(one for one in why if isinstance(one, str) and one.replace("_", "").isalpha() and len(one) <= 32)
    if len(reasons) != len(why):
        raise DeviceRefused("field")
    promised, worst, estimated = _shares(shares)
    account = Promise(
        ctx.clock(), way, reasons, carried, promised, worst, estimated, model, tuple(photos), len(lookalikes)
    )
    async with ctx.store.write() as tx:
        row = await devices.by_dev(tx, dev)
        if row is None or row.kind == "desk":
            raise DeviceRefused("kind")
        await promises.put(tx, row.no, account)
        await promises.put_needs(tx, row.no, promises.PHOTOS, photos)
        await promises.put_needs(tx, row.no, promises.ALIKE, lookalikes)
    ctx.pages.tell(Audience(roles=OFFICE), News("device", {"devices": [dev]}))


def _persons(named: Sequence[object]) -> list[str]:
    if len(named) > MOST_NAMED or not all(isinstance(one, bytes) and fits(one, 16) for one in named):
        raise DeviceRefused("field")
    return sorted({one.hex() for one in named if isinstance(one, bytes)})


def _shares(shares: Sequence[object]) -> tuple[int, int, int | None]:
    match shares:
        case [int() as promised, int() as worst, (int() | None) as estimated] if all(
            one is None or (fits(one, UINT) and one <= MILLION) for one in (promised, worst, estimated)
        ):
            return promised, worst, estimated
        case _:
            raise DeviceRefused("field")


async def doors(ctx: Context, actor: Actor) -> tuple[DoorPromise, ...]:
    """Every door in service with its promise. Administrator only."""
    require(actor, "promise.see")
    async with ctx.store.read() as tx:
        known = await promises.all_told(tx)
        rows = [row for row in await devices.in_states(tx, "active") if row.kind != "desk"]
    return tuple(DoorPromise(row.slot, row.name, ctx.doors.connected(row.dev), known.get(row.no)) for row in rows)


async def wanted(ctx: Context, actor: Actor) -> tuple[Wanted, ...]:
    """Whom the desk calls back for more photos, because a door in service said so. Office only."""
    require(actor, "face.wanted")
    async with ctx.store.read() as tx:
        active = {row.no for row in await devices.in_states(tx, "active")}
        known = await promises.all_told(tx)
        named = sorted({one for no, told in known.items() if no in active for one in told.more_photos})
        return tuple([one for party in named if (one := await _wanted(ctx, tx, party)) is not None])


async def _wanted(ctx: Context, tx: Tx, party: str) -> Wanted | None:
    person, homes = await people.get(tx, party), await people.homes_of(tx, party, ctx.clock())
    return None if person is None or not homes else Wanted(party, person.name, homes, person.phone)
