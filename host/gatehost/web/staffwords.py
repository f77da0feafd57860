"""What pages say of staff and of the computer they work with: roles, refusals, acts and what was done, in words."""

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR
from gatehost.web.language import noted as N

ROLES = {
    GUARD: N("Works at a gate: who comes and goes, during the shift only"),
    DESK: N("Works at the front desk: homes, cards, papers"),
    ADMIN: N("Runs this estate: doors, rules, staff, the log"),
    COMMITTEE: N("Looks after the owners: numbers and the log, no homes"),
    OPERATOR: N("Stands above the estate: decisions that bind it"),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "staff": (N("There is no such account"), N("It may have been closed. See the list of staff.")),
    "own_account": (
        N("Nobody changes their own account"),
        N("Ask another administrator or the operator. Your password you change yourself."),
    ),
    "operators": (N("Only an operator changes an operator's account"), N("Ask an operator of this estate.")),
    "last_admin": (
        N("Nobody else could run this estate then"),
        N("Give somebody else the role first; it counts once they have signed in and chosen a password."),
    ),
}
FIELDS: dict[tuple[str, str], str] = {
    ("login", "missing"): N("Please write what the person types to sign in"),
    ("login", "taken"): N("Somebody signs in with this already"),
    ("login", "long"): N("This is too long"),
    ("login", "characters"): N("No blanks, please"),
    ("name", "characters"): N("This has a character that cannot be shown"),
    ("role", "unknown"): N("Please choose a role"),
    ("why", "unsaid"): N("Please write why"),
}
ACTIONS = {
    "staff.add": N("let somebody into the staff"),
    "staff.role": N("changed a role"),
    "staff.link": N("made a new sign-in link for staff"),
    "staff.close": N("closed an account of the staff"),
}
DONE = {
    "staff_role": N("The role is changed. It counts at once."),
    "staff_closed": N("The account is closed. Whoever was signed in with it is signed out."),
}
