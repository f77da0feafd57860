"""What kinds of paper there are: each is one declaration (service/paper/declared/*.toml), read strictly at start."""

from dataclasses import dataclass

Words = tuple[str, str]  # English, Chinese
Only = tuple[tuple[str, tuple[str, ...]], ...]  # field -> values it must have one of; empty: always

TEXT, LONG, NAME, PHONE, DATE, MOMENT, NUMBER, MONEY, YES, CHOICE, PLATE, GATE = (
    "text", "long", "name", "phone", "date", "moment", "number", "money", "yes", "choice", "plate", "gate",
)  # fmt: skip
TYPES = (TEXT, LONG, NAME, PHONE, DATE, MOMENT, NUMBER, MONEY, YES, CHOICE, PLATE, GATE)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form; `help` is the one line beside it (row A10), `by` who fills it in (empty: whoever may)."""

    key: str
    type: str
    label: Words
    help: Words
    required: bool
    choices: tuple[tuple[str, Words], ...]
    only: Only
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the checklist; it is ticked by a person, with name and time. `doc` is the kind of document that can be
    sent ahead for it; "" where there is none."""

    key: str
    label: Words
    required: bool
    only: Only
    doc: str = ""
    attach: bool = False  # the document itself must be with the paper before it is signed (row E17)
    rule: str = ""  # the line is demanded where this rule is on, whatever `required` says (row D9)


@dataclass(frozen=True, slots=True)
class Move:
    """An act that takes a paper from one state to another. `needs` and `does` are names of service.paper's needs and
    effects; `page` is the address of the page that does it, where it is more than a button: {case}, {place} and
    {applicant} are filled in."""

    act: str
    label: Words
    was: tuple[str, ...]
    to: str
    detour: str  # where an effect sends it instead
    by: tuple[str, ...]
    duty: str
    reason: bool
    needs: tuple[str, ...]
    does: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Who signs, in this order, when the form says so; nobody signs twice."""

    only: Only
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightOf:
    """The right an approved paper gives: its kind, and the fields it is read from ("" for none)."""

    kind: str
    since: str
    until: str
    uses: str
    heads: str
    label: str
    plate: str
    code: bool
    first: str = ""  # hours of the day it holds from and to
    last: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of paper."""

    key: str
    name: Words
    prefix: str
    form_code: str
    opens: tuple[str, ...]
    sees: tuple[str, ...]
    places: tuple[str, ...]
    start: str
    ends: tuple[str, ...]
    fields: tuple[Field, ...]
    checks: tuple[Check, ...]
    moves: tuple[Move, ...]
    chains: tuple[Chain, ...]
    right: RightOf | None
    due: str  # policy key of the time to decide, in hours or days
    keep: str  # policy key of how long it is kept after its end
    fee: str  # policy key of what it costs, in cents; "" for nothing
    copies: tuple[Words, ...]
    files: bool = False  # its documents belong into the home's archive (row D10)
    lapses: bool = False  # it ends by itself with the right it gives
    begins: tuple[str, ...] = ()  # what its being written brings about, by names of service.paper.effects

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, the first one first."""
        named = [self.start, *(state for move in self.moves for state in (*move.was, move.to, move.detour))]
        return tuple(state for state in dict.fromkeys(named) if state)

    def move(self, act: str, state: str) -> Move | None:
        """The move of that name from that state."""
        return next((move for move in self.moves if move.act == act and state in move.was), None)


def fits(only: Only, form: dict[str, object]) -> bool:
    """Whether a form meets a condition."""
    return all(str(form.get(key, "")) in values for key, values in only)
