"""Papers: a case with its steps and lines."""

from dataclasses import dataclass

GOODS, CHECK, FEE, LENT = "goods", "check", "fee", "lent"
SCORES = ("1", "2", "3", "4", "5")  # how content somebody is: not at all to very


@dataclass(frozen=True, slots=True)
class Case:
    """A paper as stored; times in ms UTC. `form` holds the fields its kind declares; `version` counts its steps."""

    id: int
    kind: str
    number: str
    place: str
    parent: int | None
    applicant: str | None
    form: dict[str, object]
    state: str
    version: int
    opened_by: str
    opened_at: int
    due_at: int | None
    archive_due_at: int | None
    closed_at: int | None
    archived_at: int | None
    keep_until: int | None
    assigned: str

    def window(self, now: int, since: str = "since", until: str = "until") -> tuple[int, int]:
        """(from, until) as these fields of the form say; from now, and until nothing, where they do not."""
        begin, end = self.form.get(since), self.form.get(until)
        return (begin if isinstance(begin, int) else now), (end if isinstance(end, int) else 0)


@dataclass(frozen=True, slots=True)
class Step:
    """Something somebody did about a paper; `form` is what it said before, where this step changed it."""

    id: int
    case: int
    version: int
    act: str
    was: str
    became: str
    at: int
    account: int | None
    who: str
    role: str
    duty: str
    verdict: str
    note: str
    form: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a paper: goods, a tick of the checklist, a fee (`amount` in cents), something lent."""

    id: int
    case: int
    kind: str
    what: str
    spec: str
    qty: int | None
    checked_qty: int | None
    verdict: str
    amount: int | None
    receipt: str | None
    done_at: int | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A case with everything on it."""

    case: Case
    steps: tuple[Step, ...]
    items: tuple[Item, ...]

    def goods(self) -> tuple[Item, ...]:
        """The lines of goods."""
        return tuple(item for item in self.items if item.kind == GOODS)
