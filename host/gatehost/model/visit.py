"""What the access log tells people: lines, never raw entries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One log entry in words pages can render. `typ`, `method`, `reason`: numbers of gatecore.records/codes/feedback;
    method and reason are None but for access entries. `granted` None: not an access entry. `at`: ms UTC, None when the
    door had no time; `quality` 0..4. `visitor`: label of the code used; `person`: name of the resident, where known."""

    id: int
    device: str
    slot: str
    door: str
    seq: int
    at: int | None
    quality: int
    received_at: int
    typ: int
    granted: bool | None
    direction: int | None
    method: int | None
    reason: int | None
    flags: int
    home: str
    person: str
    visitor: str
    code: int | None
    pub: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of lines, newest first; `older` is the id to go on from, None at the end."""

    lines: tuple[Line, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Today:
    """The office's day in numbers; `alarms` are the unread ones."""

    doors: int
    doors_connected: int
    granted: int
    refused: int
    by_reason: tuple[tuple[int, int], ...]
    alarms: "tuple[Alarm, ...]"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person has to look at: `kind` is events.ALERT_*, or 100 for a fork (a cloned device)."""

    id: int
    at: int
    slot: str
    door: str
    kind: int
    home: str
    seen_by: str
    seen_at: int | None


VISITOR, COURIER, CONTRACTOR, HOME_HELP, VEHICLE, OFFICIAL = (
    "visitor", "courier", "contractor", "home_help", "vehicle", "official",
)  # fmt: skip
VISIT_KINDS = (VISITOR, COURIER, CONTRACTOR, HOME_HELP, VEHICLE, OFFICIAL)
EXPECTED, WAITING, DENIED, INSIDE, LEFT, CLOSED, NO_SHOW, CANCELLED = (
    "expected", "waiting", "denied", "inside", "left", "closed_by_staff", "no_show", "cancelled",
)  # fmt: skip
# why a stay by code was closed unseen: they came in anew, the door told of it a day late, they said that they leave
AGAIN, LATE, SAID = "again", "late", "said"
CERTAIN, UNCONFIRMED, POSSIBLE = "certain", "unconfirmed", "possible"


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay as stored; times in ms UTC. `in_by` and `out_by` name the guard, or the door that a code opened;
    `keyed_at`: typed in from paper later."""

    id: int
    kind: str
    state: str
    version: int
    name: str
    phone: str
    plate: str
    company: str
    service: str
    purpose: str
    heads: int
    home: str | None
    building: str | None
    grant: int | None
    case: int | None
    code: int | None
    confirmed_by: str
    id_seen: int
    evidence: str
    notice: str
    asked_at: int
    planned_until: int | None
    in_at: int | None
    in_gate: str | None
    in_by: str
    out_at: int | None
    out_gate: str | None
    out_by: str
    out_how: str
    reason: str
    discretion: int
    keyed_at: int | None
    safe_at: int | None
    safe_by: str
    keep_until: int | None

    def overstayed(self, now: int) -> bool:
        """Whether it lasts longer than was planned."""
        return self.state == INSIDE and self.planned_until is not None and now > self.planned_until


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What is asked of who comes in: nothing here is demanded but a kind and where to (law L6)."""

    kind: str
    home: str = ""
    name: str = ""
    phone: str = ""
    plate: str = ""
    company: str = ""
    service: str = ""
    purpose: str = ""
    heads: int = 1
    minutes: int = 0  # how long they mean to stay; 0: what the rules say of the kind
    id_seen: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of what the guard's one box found: `tone` good, wait or bad; `code` says why, in words of the pages.
    `visit`, `case` or `code_id` is what can be acted upon."""

    tone: str
    what: str
    code: str
    title: str
    detail: str
    home: str = ""
    visit: int | None = None
    case: int | None = None
    code_id: int | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A line of the muster list: a visit and how sure it is that they are still inside."""

    visit: Visit
    certainty: str
    building: str
    home: str


@dataclass(frozen=True, slots=True)
class Muster:
    """Who may be inside: heads by certainty, and the lines by building."""

    at: int
    certain: int
    unconfirmed: int
    possible: int
    lines: tuple[Present, ...]
