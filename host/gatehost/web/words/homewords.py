"""What pages say of a home and its ways in: how people belong to it, codes, PINs, cards, its month."""

from gatehost.model import call, party
from gatehost.service.home import sharing
from gatehost.service.office import monthly
from gatehost.web.words.language import noted as N

TIES = {
    party.OWNER: N("Owner"),
    party.TENANT: N("Tenant"),
    party.FAMILY: N("Family"),
    party.CHILD: N("Child"),
    party.GUARDIAN: N("Guardian"),
    party.AGENT: N("Authorised person"),
    party.STAFF: N("Staff"),
}
HINTS = {
    sharing.TWO_GATES: N("At two gates within two minutes"),
    sharing.NO_EXIT: N("In again and again without a way out"),
}
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
REFUSALS: dict[str, tuple[str, str]] = {
    "duress_needs_pin": (N("A duress PIN comes second"), N("Give the person an ordinary PIN first.")),
    "codes": (N("This home has four live codes"), N("Take one back, then invite again.")),
    "pins": (N("This home has three PINs"), N("End one of them first.")),
    "code": (N("There is no such code"), N("It may belong to another home, or have ended long ago.")),
    "home": (N("There is no such home"), N("Check the number and search again.")),
    "person": (N("There is no such person"), N("Search for the home and pick the person there.")),
    "pin": (N("There is no such PIN"), N("It may have been ended already.")),
    "tie": (N("This has ended already"), N("Nothing has to be done.")),
}
FIELDS: dict[tuple[str, str], str] = {
    ("month", "range"): N("Write the month as 2026-06"),
    ("name", "missing"): N("Please write a name"),
    ("phone", "digits"): N("Only digits, spaces, + and -"),
    ("visitor", "long"): N("This is too long"),
    ("uses", "range"): N("From 1 to 100, or any number"),
    ("day", "range"): N("From today to 31 days ahead"),
    ("until", "range"): N("The end must lie ahead"),
    ("until", "long"): N("At most 31 days"),
    ("until", "lease"): N("Your own time at this home ends before that"),
    ("day", "lease"): N("Your own time at this home ends before that"),
}
ACTIONS: dict[str, str] = {
    "card.hint.see": N("looked at hints about lent cards"),
    "home.month": N("looked at the home's month"),
    "code.lift": N("lifted a pause of codes"),
    "code.link": N("made a visitor's link"),
    "code.make": N("made a visitor code"),
    "code.revoke": N("took a visitor code back"),
    "code.see": N("looked at visitor codes"),
    "home.add": N("added a person"),
    "home.correct": N("corrected a name or a phone number"),
    "home.end": N("ended that a person belongs here"),
    "home.find": N("searched"),
    "home.see": N("looked at the home"),
    "pin.end": N("ended a PIN"),
    "pin.give": N("gave a PIN"),
    "pin.see": N("looked at PINs"),
}
DONE: dict[str, str] = {
    "revoked": N("The code is taken back. Connected doors know it at once."),
    "person": N("The person is added."),
    "tie": N(
        "The person no longer belongs to this home. Their ways in here end; a door that is offline learns it later."
    ),
    "corrected": N("Saved. What was signed under the old name stays as it was signed."),
    "pin": N("The PIN no longer works."),
    "card_lost": N(
        "Your card is dead at every connected door, and guards know its number. The desk gives you a new one."
    ),
    "lifted": N("Codes of this home work at that door again."),
}
