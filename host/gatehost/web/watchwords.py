"""What the register, disputes, signs of intrusion, feedback and a home's month say."""

from gatehost.model import call
from gatehost.service.evidence import register
from gatehost.service.home import sharing
from gatehost.service.office import monthly
from gatehost.service.paper import feedback
from gatehost.web.language import noted as N

LINES = {
    register.SAME: ("good", N("as it was")),
    register.CHANGED: ("bad", N("changed since")),
    register.EMPTIED: ("calm", N("names erased in time")),
    register.GONE: ("bad", N("gone")),
    register.ADDED: ("wait", N("added later")),
}
WAYS = {register.IN: N("in"), register.OUT: N("out")}
HINTS = {
    sharing.TWO_GATES: N("At two gates within two minutes"),
    sharing.NO_EXIT: N("In again and again without a way out"),
}
ABOUT = {
    "good": N("Something good"),
    "wait": N("Waiting, or too many steps"),
    "data": N("Too much was asked"),
    "manner": N("Manner of staff"),
    "rule": N("A rule here"),
}
assert tuple(ABOUT) == feedback.ABOUT
HAPPENED = {monthly.STAY: N("Visit"), monthly.CALL: N("Call from a door"), monthly.PAPER: N("Paper")}
CALLS = {
    call.RINGING: N("Ringing"),
    call.ANSWERED: N("Answered"),
    call.OPENED: N("Opened"),
    call.DECLINED: N("Not opened"),
    call.NO_ANSWER: N("No answer"),
    call.CANCELLED: N("The visitor left"),
    call.LOST: N("Connection lost"),
}
DONE = {"feed_ended": N("Nothing more is sent there.")}
REFUSALS: dict[str, tuple[str, str]] = {
    "feeds": (N("Five receivers are the most"), N("End one first.")),
    "feed": (N("There is no such receiver"), N("It may have been ended already.")),
    "saying": (N("Many have written within this hour"), N("Please try again later, or tell the front desk.")),
}
FIELDS: dict[tuple[str, str], str] = {
    ("about", "range"): N("Please choose one of these"),
    ("url", "url"): N("This is no address that events can be sent to"),
    ("url", "nobody"): N("No other system can be there: give the address of one of the estate's network or outside"),
    ("what", "long"): N("This is too long"),
    ("month", "range"): N("Write the month as 2026-06"),
    ("day", "unknown"): N("Write the day as 2026-06-30"),
    ("requester", "missing"): N("Please write who asked"),
    ("requester", "long"): N("This is too long"),
    ("paper", "missing"): N("Please write the number of the paper that asked"),
    ("paper", "long"): N("This is too long"),
}
ACTIONS = {
    "feed.edit": N("changed where events are sent"),
    "card.hint.see": N("looked at hints about lent cards"),
    "home.month": N("looked at the home's month"),
    "register.see": N("looked at a day of the register"),
    "register.seal": N("sealed a day of the register"),
    "visit.export": N("gave earlier visits out"),
}
