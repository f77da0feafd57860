"""Who may sign in, and who is acting."""

from dataclasses import dataclass

ADMIN, DESK, RESIDENT, GUARD, OPERATOR, COMMITTEE, VISITOR = (
    "admin", "desk", "resident", "guard", "operator", "committee", "visitor",
)  # fmt: skip
ROLES = (ADMIN, DESK, RESIDENT, GUARD, OPERATOR, COMMITTEE, VISITOR)
STAFF = (ADMIN, DESK, GUARD, OPERATOR)  # their look-ups are written down and shown to the home
# what of the office somebody may sign for, beside their role
DUTIES = ("lead", "manager", "security", "concierge", "office", "finance", "archivist", "head", "supervisor", "patrol")
SIGN_IN, ACTIVATE = "sign_in", "activate"


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person behind a request: `homes` are the dial strings of a resident's live ties."""

    account: int
    party: str
    name: str
    role: str
    homes: tuple[str, ...]
    language: str
    has_password: bool
    duties: tuple[str, ...] = ()


HOST = Actor(0, "", "Kaimen", ADMIN, (), "zh_CN", False)  # the host itself, where a rule acts and no person


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: `token` goes into the cookie and is kept nowhere else; `until` in ms UTC."""

    token: str
    actor: Actor
    until: int


@dataclass(frozen=True, slots=True)
class SignInLink:
    """What an unused one-use link is for, told without using it up."""

    purpose: str
    name: str
    role: str
    until: int
