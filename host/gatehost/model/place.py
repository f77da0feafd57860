"""Places: the tree estate > gate | building > home | door. A home is known everywhere by its dial string."""

from dataclasses import dataclass

ESTATE, GATE, BUILDING, STAIR, HOME, DOOR = "estate", "gate", "building", "stair", "home", "door"
ROOT = "estate"  # the id of the one estate place
INWARD, OUTWARD = 0, 1


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the tree. `id` of a home is its canonical dial string, of a door its slot name; `dial` of a building or
    stair is the prefix its doors put before a short number."""

    id: str
    parent: str | None
    kind: str
    name: str
    dial: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A door place's wiring and behaviour; `kind` is `door`, `desk` or `board`. A device fills it."""

    id: str
    place: str
    name: str
    kind: str
    direction: int = INWARD
    unlock_ms: int = 5_000
    held_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class Estate:
    """What holds for the whole estate; `offsets` = (from UTC ms, minutes east) in rising order."""

    id: str
    name: str
    dial_length: int
    offsets: tuple[tuple[int, int], ...]
