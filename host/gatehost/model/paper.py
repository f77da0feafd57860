"""Papers as pages show them: a line of a list, and everything one person may see and do about one paper."""

from dataclasses import dataclass

from gatehost.model.case import Case, Item, Paper, Step
from gatehost.model.document import Document
from gatehost.model.kind import Check, Field, Kind, Move
from gatehost.model.party import Party
from gatehost.model.place import Place
from gatehost.model.policy import Rule

MINE, OPEN, LATE, FOLLOW, DONE = "mine", "open", "late", "follow", "done"
LISTS = (MINE, OPEN, LATE, FOLLOW, DONE)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A line of a list: `turn` says that the reader is the one it waits for, `ends` when a right that is to be renewed
    or given back ends."""

    case: Case
    place: str
    applicant: str
    late: bool
    turn: bool
    ends: int | None


@dataclass(frozen=True, slots=True)
class Signer:
    """One of a paper's chain: the duty, and the signature once it is given."""

    duty: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class Possible:
    """A move this reader may try. `ask` is what they say with it: "" nothing, `owner` and `host` how those were
    reached, `whom` and `superior` who takes it, `score` how content the person is."""

    move: Move
    ask: str


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A paper as one person sees it; `elsewhere` are moves made on pages of their own, `digits` its live code,
    `fields` those the reader may change, `writing` whether its goods may be changed too."""

    paper: Paper
    kind: Kind
    place: Place
    applicant: str
    chain: tuple[Signer, ...]
    moves: tuple[Possible, ...]
    elsewhere: tuple[tuple[Move, str], ...]
    checks: tuple[tuple[Check, Item | None], ...]
    fields: tuple[Field, ...]
    writing: bool
    may_tick: bool
    late: bool
    ends: int | None  # of a right that is to be renewed or given back by then
    digits: str
    uses: tuple[tuple[str, int], ...]  # (door, ms UTC) of each time its code let in, oldest first
    code: str  # the number of the form, as the estate has it
    fee: Rule | None
    children: tuple[Case, ...]
    documents: tuple[Document, ...]  # sent ahead or brought along, that this reader may see
    may_send: bool
    may_book: bool
    appointment: int | None
    earlier: tuple[tuple[Case, int], ...]  # papers that gave the same one such a right just before, and until when


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty form of a kind: the limits in force at its place, and whom of the place it may be for."""

    kind: Kind
    place: Place | None
    members: tuple[Party, ...]
    roles: tuple[str, ...]  # how each of them belongs to the home
    limits: tuple[tuple[str, str], ...]  # field -> "days 3", "hours 08:00-20:00", "workdays 3"
    fee: Rule | None
