"""What evidence says: the register, disputes, exports, witnesses, events for other systems."""

from gatehost.service.evidence import register
from gatehost.web.words.language import noted as N

LINES = {
    register.SAME: ("good", N("as it was")),
    register.CHANGED: ("bad", N("changed since")),
    register.EMPTIED: ("calm", N("names erased in time")),
    register.GONE: ("bad", N("gone")),
    register.ADDED: ("wait", N("added later")),
}
WAYS = {register.IN: N("in"), register.OUT: N("out")}
DONE = {
    "feed_ended": N("Nothing more is sent there."),
    "witness": N("The witness is added. It counts from the next hand-over on."),
    "witness_ended": N("The witness is ended: print a new trust file for the committee."),
    "cosigned": N("The witness's word is kept beside the log."),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "exporting": (
        N("Other files are being given out"),
        N("Three at once are the most. Wait until one of them has been saved, then ask again."),
    ),
    "verifying": (
        N("The log is being verified already"),
        N("Look at the page again in a minute: it says how far it is, and then what was found."),
    ),
    "feeds": (N("Five receivers are the most"), N("End one first.")),
    "feed": (N("There is no such receiver"), N("It may have been ended already.")),
    "witness": (N("There is no such witness"), N("Add it first, by the line its program prints.")),
    "head": (N("There is no tree head yet"), N("It comes with the first entry. Try again in a minute.")),
}
FIELDS: dict[tuple[str, str], str] = {
    ("url", "url"): N("This is no address that events can be sent to"),
    ("url", "nobody"): N("No other system can be there: give the address of one of the estate's network or outside"),
    ("what", "long"): N("This is too long"),
    ("day", "unknown"): N("Write the day as 2026-06-30"),
    ("requester", "missing"): N("Please write who asked"),
    ("requester", "long"): N("This is too long"),
    ("paper", "missing"): N("Please write the number of the paper that asked"),
    ("paper", "long"): N("This is too long"),
    ("reason", "reason"): N("Please say for whom and why, in at most 300 characters each"),
    ("reason", "keyless"): N("This database keeps no keys of private parts"),
    ("paper", "paper"): N("Please say on what paper it was asked: its number and date"),
    ("window", "large"): N("These hours hold too much for one report: choose fewer, or export the file alone"),
    ("window", "window"): N("Choose a door and two times, the earlier one first"),
    ("home", "nothing"): N("The doors wrote nothing of such a home"),
    ("took", "took"): N("This is no number of leaves that this log has had"),
    ("scope", "unknown"): N("There is no such export"),
    ("name", "name"): N("A witness's name has no blanks and only plain letters and digits"),
    ("name", "taken"): N("There is such a witness already"),
    ("public", "key"): N("This is not the line that kaimen witness new prints"),
    ("line", "cosignature"): N("This is no word of a known witness for the newest head. Let it judge again."),
    ("head", "head"): N("This is no printed head: the word head, two numbers, and 64 characters"),
}
ACTIONS = {
    "feed.edit": N("changed where events are sent"),
    "register.see": N("looked at a day of the register"),
    "register.seal": N("sealed a day of the register"),
    "visit.export": N("gave earlier visits out"),
    "witness.add": N("added a witness"),
    "witness.end": N("ended a witness"),
    "witness.answer": N("kept a witness's word"),
    "audit.erase": N("erased private parts of the log"),
    "audit.export": N("exported the logs"),
    "audit.verify": N("verified the logs"),
    "visit.see": N("looked at who came"),
}
