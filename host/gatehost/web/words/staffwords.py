"""What pages say of staff and of the computer all of it lies on: roles, backups, refusals, acts, in words."""

from gatehost.model.account import ADMIN, COMMITTEE, DESK, GUARD, OPERATOR
from gatehost.web.words.language import noted as N

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
# what is wrong with the backups: why it matters, and what to do next
BACKUPS: dict[str, tuple[str, str]] = {
    "keyless": (N("No backup can be made yet"), N("The technician makes the key for backups first: step 1 below.")),
    "none": (N("No backup was made yet"), N("If this computer breaks, everything on it is gone. See step 2 below.")),
    "strange": (
        N("The word of the last backup cannot be believed"),
        N("It was altered, or is another estate's. Make a backup now, and ask who had their hands on this computer."),
    ),
    "future": (
        N("The last backup says it was made later than now"),
        N("A clock was wrong. Set the clock of this computer right, then make a backup."),
    ),
    "old": (
        N("The last backup is too old"),
        N("See whether the nightly backup still runs, and whether its disk is there and has room. Make one now."),
    ),
    "lost": (
        N("Documents were missing or damaged when the backup was made"),
        N("The backup names them. Look whether an older backup still has them: ask the technician."),
    ),
    "untried": (
        N("No backup was tried yet"),
        N("A backup nobody has opened may be none. Fetch the stick with the key and try it: step 3 below."),
    ),
    "tried_long_ago": (
        N("The last trial was too long ago"),
        N("Fetch the stick with the key and try the newest backup: step 3 below."),
    ),
    "no_second": (
        N("What was erased since a backup is kept nowhere else"),
        N("A restored backup would bring it back. The technician sets the second place: step 1 below."),
    ),
}
TONES = {"keyless": "wait", "none": "wait", "untried": "wait", "tried_long_ago": "wait", "no_second": "wait"}
DONE = {
    "staff_role": N("The role is changed. It counts at once."),
    "staff_closed": N("The account is closed. Whoever was signed in with it is signed out."),
}
