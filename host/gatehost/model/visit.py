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
