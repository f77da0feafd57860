"""People and how they belong to homes."""

from dataclasses import dataclass

OWNER, TENANT, FAMILY, CHILD, GUARDIAN, AGENT, STAFF = (
    "owner",
    "tenant",
    "family",
    "child",
    "guardian",
    "agent",
    "staff",
)
TIE_ROLES = (OWNER, TENANT, FAMILY, CHILD, GUARDIAN, AGENT, STAFF)


@dataclass(frozen=True, slots=True)
class Party:
    """A person. `id` is 32 hex digits: the 16 random bytes doors know the person by."""

    id: str
    name: str
    phone: str = ""
    born: str = ""  # YYYY-MM-DD, only where a guardian's consent depends on it
    kind: str = "person"  # or org
    id_kind: str = ""  # of the document staff saw; its number is not kept
    id_tail: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """A person belongs to a place in a role from `since` until `until` (ms UTC; None: open)."""

    id: int
    party: str
    place: str
    role: str
    since: int
    until: int | None
    callable: bool = True
    other: str | None = None  # the child of a guardian, whom an authorised person acts for
    proof: str = ""  # deed, contract or lease; of a company: who may sign for its goods
