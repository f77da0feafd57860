"""What papers say beside their own declarations: states, duties, acts, limits, and what is wrong with a field."""

from gatehost.service.paper import feedback
from gatehost.web.words.language import counted as C
from gatehost.web.words.language import noted as N

# state -> tone, word
STATES: dict[str, tuple[str, str]] = {
    "draft": ("calm", N("Not handed in yet")),
    "waiting": ("wait", N("Waits for approval")),
    "waiting_owner": ("wait", N("Waits for the owner")),
    "waiting_review": ("wait", N("Waits for signatures")),
    "review": ("wait", N("Being reviewed")),
    "needs_more": ("wait", N("Something is missing")),
    "approved": ("good", N("Approved")),
    "captured": ("good", N("Pictures taken")),
    "confirmed": ("good", N("Confirmed")),
    "active": ("good", N("In force")),
    "at_gate": ("wait", N("At the gate")),
    "released": ("good", N("Released")),
    "mismatch": ("bad", N("Does not match")),
    "amend": ("wait", N("To be completed")),
    "open": ("wait", N("Begun")),
    "assigned": ("wait", N("Being worked on")),
    "solved": ("good", N("Done, not followed up")),
    "closed": ("calm", N("Closed")),
    "filed": ("calm", N("Filed")),
    "expired": ("calm", N("Its time is over")),
    "refused": ("bad", N("Refused")),
    "cancelled": ("calm", N("Cancelled")),
    "withdrawn": ("calm", N("Withdrawn")),
    "away": ("wait", N("Away from the desk")),
}
DUTIES: dict[str, str] = {
    "host": N("Host"),
    "desk": N("Front desk"),
    "guard": N("Guard"),
    "admin": N("Estate admin"),
    "lead": N("Steward lead"),
    "manager": N("Service manager"),
    "security": N("Security lead"),
    "concierge": N("Concierge"),
    "office": N("General office"),
    "finance": N("Finance"),
    "archivist": N("Archivist"),
    "head": N("Head of the office"),
    "supervisor": N("Supervisor"),
    "patrol": N("Patrol"),
}
# acts that no declaration names
STEPS: dict[str, str] = {
    "open": N("Written"),
    "save": N("Changed"),
    "tick": N("Ticked"),
    "untick": N("Tick taken back"),
    "goods": N("Goods added"),
    "strike": N("Goods struck out"),
    "count": N("Counted at the gate"),
    "fee": N("Fee taken"),
    "lend": N("Handed out"),
    "return": N("Given back"),
    "book": N("Time at the desk taken"),
    "unbook": N("Time at the desk given back"),
}
LISTS: dict[str, str] = {
    "mine": N("My turn"),
    "open": N("All open"),
    "late": N("Late"),
    "follow": N("To follow up"),
    "done": N("Closed"),
}
EMPTY: dict[str, str] = {
    "mine": N("Nothing waits for you."),
    "open": N("No paper is open."),
    "late": N("Nothing is late."),
    "follow": N("Everything done was followed up."),
    "done": N("No paper is closed yet."),
}
LIMITS: dict[str, tuple[str, ...]] = {
    "days": C("At most %(number)s day.", "At most %(number)s days."),
    "hours": (N("Between %(number)s."),),
    "seconds": C(
        "While somebody stands before you: at most %(number)s second.",
        "While somebody stands before you: at most %(number)s seconds.",
    ),
    "workdays": C("At least %(number)s working day ahead.", "At least %(number)s working days ahead."),
    "words": (N("Nor does this estate let through: %(number)s."),),
}
OWNER_REACHED = {"present": N("The owner is here"), "phone": N("By phone"), "page": N("On the owner's page")}
HOST_REACHED = {"phone": N("The home said so by phone"), "present": N("Somebody of the home is here")}
SCORES = {"5": N("Very content"), "4": N("Content"), "3": N("So-so"), "2": N("Not content"), "1": N("Not at all")}
ABOUT = {
    "good": N("Something good"),
    "wait": N("Waiting, or too many steps"),
    "data": N("Too much was asked"),
    "manner": N("Manner of staff"),
    "rule": N("A rule here"),
}
assert tuple(ABOUT) == feedback.ABOUT
# what is wrong with a field of any paper, by the word alone
CODES: dict[str, str] = {
    "missing": N("Please fill this in"),
    "long": N("This is too long"),
    "digits": N("Only digits, spaces, + and -"),
    "range": N("Please check this"),
    "time": N("Please choose a day and a time"),
    "characters": N("Please use letters and digits only"),
    "limit": N("Longer than the rule beside the field allows"),
    "hours": N("Outside the allowed hours"),
    "past": N("The end must lie ahead"),
}
FIELDS: dict[tuple[str, str], str] = {
    ("place", "missing"): N("Please write the home's number"),
    ("place", "unknown"): N("There is no such home. Check the number."),
    ("whom", "missing"): N("Please write who takes it"),
    ("person", "missing"): N("Please choose for whom"),
    ("at", "unknown"): N("The desk gives no time then. Choose one below."),
    ("q", "unknown"): N("No paper has this number"),
    ("about", "range"): N("Please choose one of these"),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "no_paper": (
        N("There is no approved paper yet"),
        N("Pictures are taken after the paper is approved: look at what was shown, then sign."),
    ),
    "unattached": (
        N("A document must be with this paper itself"),
        N("Send it ahead, or photograph it at the desk."),
    ),
    "time_taken": (N("Somebody else took this time a moment ago"), N("Choose another one.")),
    "no_time_needed": (N("This paper needs no time at the desk"), N("Come when it suits you, or call.")),
    "appointment": (N("This paper has no time at the desk"), N("Nothing has to be given back.")),
    "on_duty": (N("You are at the desk already"), N("Nothing has to be done.")),
    "saying": (N("Many have written within this hour"), N("Please try again later, or tell the front desk.")),
}
DONE: dict[str, str] = {
    "handed-in": N("Written down. You see here how far it has come."),
    "saved": N("Saved."),
    "moved": N("Done and written down."),
    "ticked": N("The checklist is saved."),
    "goods": N("The goods are on the paper."),
    "deed": N("The deed is noted as seen."),
    "desk-day": N("You are at the desk."),
    "booked": N("The time is yours. Bring the originals along."),
    "unbooked": N("The time is given back."),
    "sent": N("The file is sealed. Only the front desk opens it, while it works on this paper."),
    "dropped": N("The file is gone."),
}
ACTIONS: dict[str, str] = {
    "home.deed": N("noted a deed as seen"),
    "desk.book": N("took a time at the desk"),
    "desk.unbook": N("gave a time at the desk back"),
}
