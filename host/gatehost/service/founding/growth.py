"""An estate that grows after its founding: gates and what lies behind them, buildings and their homes, names.

What was built is not taken down here: a gate's short name and a home's number stand in logs for ever. A gate that
nobody uses any more leads to nothing, and its devices are revoked.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gatehost.model.account import Actor
from gatehost.model.errors import BadInput, NotFound, Refused
from gatehost.model.place import BUILDING, GATE, HOME, ROOT, Estate, Place
from gatehost.service import publish
from gatehost.service.context import Context
from gatehost.service.door.devices import check_name, check_short
from gatehost.service.founding.plan import MOST_HOMES, numbered
from gatehost.service.permissions import require
from gatehost.service.trail import note
from gatehost.store import places
from gatehost.store.store import Tx

AT_GATES, AT_BUILDINGS = 100, 1000  # where the positions of their kind begin, as in the estate's file


@dataclass(frozen=True, slots=True)
class Ground:
    """Gates with the buildings behind them, and buildings with how many homes they have and through which gates they
    are reached."""

    gates: tuple[tuple[Place, tuple[Place, ...]], ...]
    buildings: tuple[tuple[Place, int, tuple[Place, ...]], ...]


async def ground(ctx: Context, actor: Actor) -> Ground:
    """What there is."""
    require(actor, "place.edit")
    async with ctx.store.read() as tx:
        held = await places.all_but_homes(tx)
        gates, buildings = ([one for one in held if one.kind == kind] for kind in (GATE, BUILDING))
        behind, homes = await places.behind_gates(tx), await places.home_counts(tx)
    return Ground(
        tuple((gate, tuple(one for one in buildings if one.id in behind.get(gate.id, ()))) for gate in gates),
        tuple(
            (one, homes.get(one.id, 0), tuple(gate for gate in gates if one.id in behind.get(gate.id, ())))
            for one in buildings
        ),
    )


async def add_gate(ctx: Context, actor: Actor, gate: str, name: str, behind: tuple[str, ...]) -> Place:
    """A gate that leads to these buildings. BadInput("slot" | "name" | "behind", why)."""
    require(actor, "place.edit")
    check_short(gate)
    check_name(name)
    async with ctx.store.write() as tx:
        if await places.get(tx, gate) is not None:
            raise BadInput("slot", "taken")
        made = Place(gate, ROOT, GATE, name.strip())
        await places.put_place(tx, made, AT_GATES + len(await places.gates(tx)))
        await _lead(tx, gate, behind)
        await note(ctx, tx, actor, "place.edit", about=gate, detail=f"new, leads to {' '.join(behind)}")
    return made


def seen(place: Place, behind: Iterable[str]) -> str:
    """What a page showed of a gate or building, for who changes it (docs/adr/0170)."""
    return hashlib.sha256("\0".join((place.name, *sorted(behind))).encode()).hexdigest()[:16]


async def change(
    ctx: Context, actor: Actor, place: str, name: str, behind: tuple[str, ...] | None, was: str | None = None
) -> Place:
    """Another name for a gate or building, and of a gate what it leads to from now on: its doors are told.
    BadInput("name" | "behind", why), NotFound("place"), Refused("changed") when it is no more as it was `seen`."""
    require(actor, "place.edit")
    check_name(name)
    async with ctx.store.write() as tx:
        held = await one(tx, place)
        leads = (await places.behind_gates(tx)).get(place, ())
        if was not in (None, seen(held, leads)):
            raise Refused("changed")
        await places.rename(tx, place, name.strip())
        if held.kind == GATE and behind is not None:
            await _lead(tx, place, behind)
        told = f"{name.strip()}: {' '.join(behind or ())}" if held.kind == GATE else name.strip()
        await note(ctx, tx, actor, "place.edit", about=place, detail=told)
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    return held


async def one(tx: Tx, place: str) -> Place:
    """A gate or building. NotFound("place")."""
    held = await places.get(tx, place)
    if held is None or held.kind not in (GATE, BUILDING):
        raise NotFound("place")
    return held


async def _lead(tx: Tx, gate: str, behind: tuple[str, ...]) -> None:
    for building in behind:
        held = await places.get(tx, building)
        if held is None or held.kind != BUILDING:
            raise BadInput("behind", "unknown")
    await places.set_behind(tx, gate, behind)


async def add_building(
    ctx: Context, actor: Actor, name: str, dial: str, floors: int, per_floor: int, behind: tuple[str, ...]
) -> tuple[Place, int]:
    """(the building, how many homes it has): its homes are numbered floor by floor, and these gates lead to it.
    BadInput("name" | "dial" | "floors" | "per_floor" | "behind", why)."""
    require(actor, "place.edit")
    check_name(name)
    async with ctx.store.write() as tx:
        estate = await places.the_estate(tx)
        assert estate is not None
        made = Place(f"b{dial}", ROOT, BUILDING, name.strip(), dial)
        await _free(tx, estate, made)
        homes = _homes(estate, made, floors, per_floor)
        if len(await places.home_numbers(tx)) + len(homes) > MOST_HOMES:
            raise BadInput("floors", "many")
        count = len([one for one in await places.all_but_homes(tx) if one.kind == BUILDING])
        await places.put_place(tx, made, AT_BUILDINGS + count)
        for number, home in homes:
            await places.put_place(tx, Place(number, made.id, HOME, home, number))
        await _reached(tx, made.id, behind)
        await note(ctx, tx, actor, "place.edit", about=made.id, detail=f"new, {len(homes)} homes")
        changed = await publish.publish(ctx, tx)
    publish.announce(ctx, changed)
    return made, len(homes)


async def _free(tx: Tx, estate: Estate, made: Place) -> None:
    """The digits a building's homes begin with are digits, and nobody else's."""
    dial = made.dial
    if not (dial.isascii() and dial.isdigit() and len(dial) < estate.dial_length):
        raise BadInput("dial", "dial")
    others = [one.dial for one in await places.all_but_homes(tx) if one.kind == BUILDING and one.dial]
    numbers = await places.home_numbers(tx)
    if any(one.startswith(dial) or dial.startswith(one) for one in others) or await places.get(tx, made.id):
        raise BadInput("dial", "taken")
    if any(number.startswith(dial) for number in numbers):
        raise BadInput("dial", "taken")


def _homes(estate: Estate, made: Place, floors: int, per_floor: int) -> tuple[tuple[str, str], ...]:
    for field, number in (("floors", floors), ("per_floor", per_floor)):
        if not 0 <= number <= 99:
            raise BadInput(field, "floors")
    homes = numbered(made.name, made.dial, estate.dial_length, floors, per_floor)
    if homes is None:
        raise BadInput("floors", "digits")
    return homes


async def _reached(tx: Tx, building: str, gates: tuple[str, ...]) -> None:
    for gate in gates:
        held = await places.get(tx, gate)
        if held is None or held.kind != GATE:
            raise BadInput("behind", "unknown")
        await places.put_gate_building(tx, gate, building)
