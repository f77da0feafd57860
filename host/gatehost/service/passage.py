"""Which devices stand on the way to a home: read once for any number of people."""

from dataclasses import dataclass, field

from gatehost.store import devices, places
from gatehost.store.devices import DeviceRow
from gatehost.store.store import Tx


@dataclass(slots=True)
class Passage:
    """Active devices at doors, and of each the places it leads into; `parents` grows with the homes asked about."""

    doors: tuple[DeviceRow, ...]
    leads: dict[str, frozenset[str]]  # slot -> buildings, stairs and gates' buildings
    above: dict[str, str | None]  # place -> the place it lies in, homes excluded
    parents: dict[str, str] = field(default_factory=dict)  # home -> what it lies in

    def passes(self, homes: tuple[str, ...]) -> tuple[DeviceRow, ...]:
        """The devices whoever belongs to these homes goes through."""
        inside = {place for home in homes for place in self._up(self.parents.get(home))}
        return tuple(door for door in self.doors if self.leads.get(door.slot, frozenset()) & inside)

    def _up(self, place: str | None) -> list[str]:
        found: list[str] = []
        while place is not None and self.above.get(place) is not None:  # the estate itself has no door
            found.append(place)
            place = self.above[place]
        return found


async def load(tx: Tx) -> Passage:
    """The estate's doors."""
    above = {one.id: one.parent for one in await places.all_but_homes(tx)}
    behind = await places.behind_gates(tx)
    leads = {one.id: frozenset({one.place, *behind.get(one.place, ())}) for one in await places.slots(tx)}
    doors = tuple(one for one in await devices.in_states(tx, "active") if one.kind != "desk")
    return Passage(doors, leads, above)


async def ask(tx: Tx, passage: Passage, homes: tuple[str, ...]) -> tuple[DeviceRow, ...]:
    """The devices on the way to these homes."""
    unknown = {home for home in homes if home not in passage.parents}
    if unknown:
        passage.parents |= await places.parents(tx, unknown)
    return passage.passes(homes)
