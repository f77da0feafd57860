"""A day at the front desk: who is there, what is not finished, what is lent out."""

from dataclasses import dataclass

from gatehost.model.case import Case, Item, Step
from gatehost.model.paper import PaperRow
from gatehost.model.visit import Visit


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody's day at the desk: `since` they are there or away, and who stands in for them."""

    case: Case
    away: bool
    since: int
    deputy: str
    signed: tuple[Step, ...]
    mine: bool
    may_sign: bool


@dataclass(frozen=True, slots=True)
class Lent:
    """Something handed out with a paper and not given back."""

    item: Item
    case: Case
    place: str


@dataclass(frozen=True, slots=True)
class Left:
    """The newest closed day, and what those who signed it wrote for the next."""

    last: Case
    notes: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DeskDay:
    """What the page of the day shows. `last` is the newest closed day: its notes are for whoever begins the next."""

    present: tuple[Presence, ...]
    begun: bool
    last: Case | None
    notes: tuple[Step, ...]
    appointments: tuple[PaperRow, ...]
    today: tuple[PaperRow, ...]
    older: tuple[PaperRow, ...]
    follow: tuple[PaperRow, ...]
    late: tuple[PaperRow, ...]
    lent: tuple[Lent, ...]
    stays: tuple[Visit, ...]
