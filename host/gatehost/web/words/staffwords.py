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
    "clock.right": N("said that the computer's clock is right"),
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
# what time takes away unless somebody acts (service.office.ahead): what ends, and what to do
AHEAD: dict[str, tuple[str, str]] = {
    "behind": (
        N("This computer's clock says %(at)s, but it was later already: %(then)s"),
        N("Doors are told nothing new, and nothing is erased. Set the computer's clock, or say that it is right."),
    ),
    "ahead": (
        N("This computer's clock says %(at)s; it last ran at %(then)s"),
        N("Nothing is closed or erased before you have compared the date. Say that it is right, or set the clock."),
    ),
    "room": (
        N("The disk is nearly full: %(many)s MB are left"),
        N("The next backup finds no room, and some day nothing is saved. Take old backups away, or get a larger disk."),
    ),
    "away": (
        N("%(about)s has not been heard of for more than a week"),
        N(
            "Without this computer visitor codes hold there until %(at)s, residents' faces, cards and PINs until"
            " %(then)s. See whether it has power and network."
        ),
    ),
    "astray": (
        N("%(about)s does not take this computer's time"),
        N("Visitor codes may be refused there. Compare the clocks, then set the door's on its page."),
    ),
    "cards": (
        N("Cards that end within 30 days: %(many)s, the first on %(at)s"),
        N("Their people stay longer. Renew the cards together."),
    ),
    "seasons": (
        N("The table of summer time ends on %(at)s"),
        N("After the next change of clocks every time here would be an hour wrong. Name the time zone under Rules."),
    ),
    "certificate": (
        N("The certificate doors are shown ends on %(at)s"),
        N("It is renewed by itself and was not. Start the host again; if this stays, ask the technician."),
    ),
    "dormant": (
        N("Staff who have not signed in for half a year: %(many)s"),
        N("Whoever left still has a key to these pages. Close what nobody needs."),
    ),
    "witness": (
        N("No witness outside has spoken since %(at)s"),
        N("What was written since is proved by this estate's own doors alone. Ask the owners' committee."),
    ),
}
AHEAD_AT = {
    "room": "/admin/backups", "cards": "/desk/cards", "seasons": "/admin/rules/estate/clock.zone",
    "certificate": "/admin/doors", "dormant": "/admin/staff", "witness": "/admin/evidence",
}  # fmt: skip
TONES = {"keyless": "wait", "none": "wait", "untried": "wait", "tried_long_ago": "wait", "no_second": "wait"}
DONE = {
    "clock_right": N("The clock counts as right. What was held back is done within ten minutes."),
    "staff_role": N("The role is changed. It counts at once."),
    "staff_closed": N("The account is closed. Whoever was signed in with it is signed out."),
}
