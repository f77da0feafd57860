"""Places, slots and the estate row."""

import json
import re

from sqlalchemy import Row, case, func, insert, or_, select, update

from gatehost.model.place import BUILDING, GATE, HOME, ROOT, STAIR, Estate, Place, Slot
from gatehost.store.store import Tx
from gatehost.store.table.estate import estate, gate_building, party, place, slot, tie

LEAST_OF_A_PHONE = 4  # digits: fewer would find half the estate


def _place(row: Row[tuple[object, ...]]) -> Place:
    return Place(row.id, row.parent, row.kind, row.name, row.dial)


_SLOT = (slot.c.id, slot.c.place, place.c.name, slot.c.kind, slot.c.direction, slot.c.unlock_ms, slot.c.held_ms)


async def the_estate(tx: Tx) -> Estate | None:
    """The one estate, None before a seed."""
    row = (await tx.execute(select(estate))).first()
    if row is None:
        return None
    return Estate(row.id, row.name, row.dial_length, tuple((at, minutes) for at, minutes in json.loads(row.offsets)))


async def raise_generation(tx: Tx, least: int) -> None:
    """New states are issued in a later generation: the next one, or `least` if that is higher."""
    later = case((estate.c.generation + 1 > least, estate.c.generation + 1), else_=least)
    await tx.execute(update(estate).values(generation=later))


async def generation(tx: Tx) -> int:
    """The generation new states are issued in."""
    return int((await tx.execute(select(estate.c.generation))).scalar_one())


async def put_estate(tx: Tx, made: Estate) -> None:
    """The estate row of a fresh database."""
    offsets = json.dumps(made.offsets)
    values = {"id": made.id, "name": made.name, "dial_length": made.dial_length, "offsets": offsets, "generation": 1}
    await tx.execute(insert(estate).values(values))


async def set_offsets(tx: Tx, offsets: tuple[tuple[int, int], ...]) -> None:
    """Another table of the wall clock."""
    await tx.execute(update(estate).values(offsets=json.dumps(offsets)))


async def put_place(tx: Tx, made: Place, position: int = 0) -> None:
    """A new place."""
    values = {"id": made.id, "parent": made.parent, "kind": made.kind, "name": made.name, "dial": made.dial}
    await tx.execute(insert(place).values(**values, position=position))


async def put_slot(tx: Tx, made: Slot) -> None:
    """A new slot; its place row exists."""
    await tx.execute(
        insert(slot).values(
            id=made.id,
            place=made.place,
            kind=made.kind,
            direction=made.direction,
            unlock_ms=made.unlock_ms,
            held_ms=made.held_ms,
        )
    )


async def put_gate_building(tx: Tx, gate: str, building: str) -> None:
    """The building lies behind the gate."""
    await tx.execute(insert(gate_building).values(gate=gate, building=building))


async def set_behind(tx: Tx, gate: str, buildings: tuple[str, ...]) -> None:
    """These buildings lie behind the gate, and no others."""
    await tx.execute(gate_building.delete().where(gate_building.c.gate == gate))
    for building in dict.fromkeys(buildings):
        await put_gate_building(tx, gate, building)


async def rename(tx: Tx, place_id: str, name: str) -> None:
    """Another name."""
    await tx.execute(update(place).where(place.c.id == place_id).values(name=name))


async def home_counts(tx: Tx) -> dict[str, int]:
    """How many homes each building has, those under its stairs too."""
    above = place.alias()
    building = case((above.c.kind == STAIR, above.c.parent), else_=above.c.id)
    query = select(building, func.count()).join(above, above.c.id == place.c.parent).where(place.c.kind == HOME)
    return {row[0]: row[1] for row in await tx.execute(query.group_by(building))}


async def get(tx: Tx, place_id: str) -> Place | None:
    """A place."""
    row = (await tx.execute(select(place).where(place.c.id == place_id))).first()
    return None if row is None else _place(row)


async def called(tx: Tx, name: str, kinds: tuple[str, ...]) -> tuple[Place, ...]:
    """The places of these kinds that people call so."""
    rows = await tx.execute(select(place).where(place.c.name == name, place.c.kind.in_(kinds)).limit(2))
    return tuple(_place(row) for row in rows)


async def home(tx: Tx, dial: str) -> Place | None:
    """A home by its dial string."""
    found = await get(tx, dial)
    return found if found is not None and found.kind == HOME else None


async def home_numbers(tx: Tx) -> tuple[str, ...]:
    """The number of every home."""
    return tuple((await tx.execute(select(place.c.id).where(place.c.kind == HOME).order_by(place.c.id))).scalars())


async def path_up(tx: Tx, place_id: str) -> tuple[Place, ...]:
    """The place and all above it, nearest first."""
    found: list[Place] = []
    at: str | None = place_id
    while at is not None and len(found) < 8:
        one = await get(tx, at)
        if one is None:
            break
        found.append(one)
        at = one.parent
    return tuple(found)


async def building_of(tx: Tx, place_id: str) -> Place | None:
    """The building a home or building door is in."""
    return next((one for one in await path_up(tx, place_id) if one.kind == BUILDING), None)


async def all_but_homes(tx: Tx) -> tuple[Place, ...]:
    """Estate, gates, buildings, stairs and doors, in the order of the file."""
    rows = await tx.execute(select(place).where(place.c.kind != HOME).order_by(place.c.position))
    return tuple(_place(row) for row in rows)


async def homes_of(tx: Tx, building: str) -> tuple[Place, ...]:
    """A building's homes, by number; those under its stairs too."""
    stairs = select(place.c.id).where(place.c.parent == building, place.c.kind == STAIR)
    rows = await tx.execute(
        select(place)
        .where(place.c.kind == HOME, or_(place.c.parent == building, place.c.parent.in_(stairs)))
        .order_by(place.c.id)
    )
    return tuple(_place(row) for row in rows)


async def homes_below(tx: Tx, wanted: set[str]) -> tuple[tuple[str, ...], ...]:
    """Each home that is one of these places or lies in one: its path up, nearest first, without the estate."""
    above = place.alias()
    query = select(place.c.id, above.c.id, above.c.parent).join(above, above.c.id == place.c.parent)
    inside = or_(place.c.id.in_(wanted), above.c.id.in_(wanted), above.c.parent.in_(wanted))
    rows = await tx.execute(query.where(place.c.kind == HOME, inside).order_by(place.c.id))
    return tuple(tuple(one for one in row if one is not None and one != ROOT) for row in rows)


async def find_homes(tx: Tx, words: str, now: int, limit: int) -> tuple[Place, ...]:
    """Homes whose number, name or living ties' names contain the words, or of whose people a phone ends with them (four
    digits at least), by number."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    digits = re.sub(r"[\s+()-]", "", words)
    about = [party.c.name.like(like, escape="\\")]
    if digits.isdigit() and len(digits) >= LEAST_OF_A_PHONE:
        phone = func.replace(func.replace(party.c.phone, " ", ""), "-", "")
        about.append(phone.like(f"%{digits}"))
    people = (
        select(tie.c.place)
        .join(party, party.c.id == tie.c.party)
        .where(or_(*about), or_(tie.c.until.is_(None), tie.c.until > now))
    )
    rows = await tx.execute(
        select(place)
        .where(
            place.c.kind == HOME,
            or_(place.c.id.like(like, escape="\\"), place.c.name.like(like, escape="\\"), place.c.id.in_(people)),
        )
        .order_by(place.c.id)
        .limit(limit)
    )
    return tuple(_place(row) for row in rows)


async def slots(tx: Tx) -> tuple[Slot, ...]:
    """Every slot, in the order of the file."""
    rows = await tx.execute(select(*_SLOT).join(place, place.c.id == slot.c.id).order_by(place.c.position))
    return tuple(Slot(*row) for row in rows)


async def get_slot(tx: Tx, slot_id: str) -> Slot | None:
    """One slot."""
    row = (await tx.execute(select(*_SLOT).join(place, place.c.id == slot.c.id).where(slot.c.id == slot_id))).first()
    return None if row is None else Slot(*row)


async def buildings_behind(tx: Tx, place_id: str) -> tuple[str, ...]:
    """The buildings a door at this place leads to: itself, or those behind the gate."""
    found = await get(tx, place_id)
    if found is None:
        return ()
    if found.kind == BUILDING:
        return (found.id,)
    if found.kind == STAIR and found.parent is not None:
        return (found.parent,)
    rows = await tx.execute(
        select(gate_building.c.building).where(gate_building.c.gate == place_id).order_by(gate_building.c.building)
    )
    return tuple(rows.scalars())


async def slots_on_path(tx: Tx, home_id: str) -> tuple[Slot, ...]:
    """The doors on the way to a home: gates before its building, the building's doors, its stair's."""
    up = [one.id for one in await path_up(tx, home_id)]
    gates = select(gate_building.c.gate).where(gate_building.c.building.in_(up))
    rows = await tx.execute(
        select(*_SLOT)
        .join(place, place.c.id == slot.c.id)
        .where(or_(slot.c.place.in_(up[1:-1]), slot.c.place.in_(gates)), slot.c.kind != "desk")
        .order_by(place.c.position)
    )
    return tuple(Slot(*row) for row in rows)


async def names(tx: Tx, wanted: set[str]) -> dict[str, str]:
    """Names by id."""
    rows = await tx.execute(select(place.c.id, place.c.name).where(place.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}


async def gates(tx: Tx) -> tuple[Place, ...]:
    """The estate's gates, in the order of the file."""
    rows = await tx.execute(select(place).where(place.c.kind == GATE).order_by(place.c.position))
    return tuple(_place(row) for row in rows)


async def parents(tx: Tx, wanted: set[str]) -> dict[str, str]:
    """What each of these places lies in."""
    query = select(place.c.id, place.c.parent).where(place.c.id.in_(wanted), place.c.parent.is_not(None))
    return {row.id: row.parent for row in await tx.execute(query)}


async def behind_gates(tx: Tx) -> dict[str, set[str]]:
    """The buildings behind each gate."""
    found: dict[str, set[str]] = {}
    for row in await tx.execute(select(gate_building)):
        found.setdefault(row.gate, set()).add(row.building)
    return found


async def buildings_of(tx: Tx, homes: set[str]) -> dict[str, str]:
    """The building of each of these homes, in one question: it lies above the home or above its stair."""
    above = place.alias()
    query = select(place.c.id, place.c.parent, above.c.kind, above.c.parent).join(above, above.c.id == place.c.parent)
    found = {}
    for start in range(0, len(some := sorted(homes)), 500):
        for home, parent, kind, higher in await tx.execute(query.where(place.c.id.in_(some[start : start + 500]))):
            found[home] = parent if kind == BUILDING else higher
    return found
