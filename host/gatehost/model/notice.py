"""What the office tells people: notices and activities, for the estate, a building or a home."""

from dataclasses import dataclass

NOTICE, ACTIVITY = "notice", "activity"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as stored; times in ms UTC. `seats` of an activity (None: any number); `case` the event's paper."""

    id: int
    kind: str
    place: str
    title: str
    body: str
    since: int
    until: int | None
    seats: int | None
    case: int | None
    made_by: str
    made_at: int


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with its place's name, how many read it, how many heads will come, and what the reader answered."""

    notice: Notice
    place: str
    read: int
    coming: int
    mine: int = 0
