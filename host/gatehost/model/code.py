"""Visitor codes."""

from dataclasses import dataclass

DAY, LISTED = "day", "listed"
ISSUED, REVOKED, ENDED, EARLY = "issued", "revoked", "ended", "early"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a resident wishes. All None or 0: a code for `day` (days since 1970, local; None: today).

    `since`/`until` (ms UTC, at most 31 days apart) ask for a window of its own; `uses` per door (0: any number; None:
    the default 3); `weekdays` a mask (bit 0 Monday; 0: any); `first_hours`: ends so long after its first use.
    """

    visitor: str = ""
    day: int | None = None
    since: int | None = None
    until: int | None = None
    uses: int | None = None
    weekdays: int = 0
    first_hours: int = 0


@dataclass(frozen=True, slots=True)
class VisitorCode:
    """An issued code. `digits` is what the visitor types after `home` and `#`; `cancel` the home's own cancel code of
    a day code, else "". `works_offline` False: only doors that are connected or already hold the list know it.
    `uses` per door, 0 = any. Times in ms UTC; `state` is ISSUED, EARLY, ENDED or REVOKED now; `twice`
    when a code for one visit has let in at two doors of one kind."""

    id: int
    home: str
    home_name: str
    visitor: str
    kind: str
    digits: str
    cancel: str
    since: int
    until: int
    uses: int
    weekdays: int
    first_hours: int
    works_offline: bool
    state: str
    made_at: int
    revoked_at: int | None
    used: int
    twice: bool
    doors_ready: int
    doors_all: int


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code just made: `link` is the visitor page's secret token, shown now and never again."""

    code: VisitorCode
    link: str


@dataclass(frozen=True, slots=True)
class VisitorPass:
    """What the visitor's page may show to whoever holds the link; no resident's name. `code` is the code's number."""

    code: int
    estate: str
    home: str
    home_name: str
    visitor: str
    digits: str
    since: int
    until: int
    uses: int
    weekdays: int
    works_offline: bool
    state: str
    doors: tuple[str, ...]
