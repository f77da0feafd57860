"""Every rule of the estate in words: its name, its value with a unit, as public rules and the assessment say it."""

from gatehost.model import policy
from gatehost.model.policy import GATES, LIMITS, NEEDED, TEXTS, TIMES, ZONES, Rule
from gatehost.web.words.language import Say
from gatehost.web.words.language import counted as C
from gatehost.web.words.language import noted as N

NAMES = {
    "home_open": N("May homes open doors from their phone?"),
    "calls": N("May visitors call homes from the door?"),
    "face_mode": N("Face entry"),
    "face_life": N("Must a face show that it is alive?"),
    "visitor_codes": N("Visitor codes"),
    "gate_pins": N("Residents' PINs at gates"),
    "old_cards": N("Do cards of the former system still work?"),
    "duress_alarm": N("Who is told of a duress PIN?"),
    "visitor.code_days": N("A visitor's code for a day is valid for"),
    "visitor.max_days": N("The longest visitor code"),
    "card.photos": N("A resident card asks for two one-inch photos"),
    "card.per_person": N("Cards one person may have"),
    "card.temp_max_days": N("The longest temporary pass"),
    "parking.temp_max_days": N("The longest temporary parking permit"),
    "item.standing_max_days": N("The longest standing item pass"),
    "item.decide_hours": N("The office answers an application within"),
    "item.copies": N("Copies of an item-release slip"),
    "moveout.notice_workdays": N("Moving out is announced ahead by"),
    "call.soft_limit_s": N("A phone call at the desk lasts about"),
    "overstay.courier": N("A courier is asked about after"),
    "overstay.visitor": N("A visitor is asked about after"),
    "wrong_tries": N("Alarm after wrong tries in a row"),
    "retention.visit": N("Names of visitors are kept for"),
    "retention.log": N("Who came and when is kept for"),
    "retention.document": N("Documents are kept after moving out for"),
    "ticket.answer_days": N("Whoever a matter is given to answers within"),
    "data_request.days": N("A data request is done within"),
    "faces.filing_threshold": N("Faces stored that must be filed with the authority"),
    "archive.view_minutes": N("A lent document can be seen for"),
    "enrol.fee": N("Fee for face enrolment"),
    "visitor.escort": N("Visitors are accompanied by the home"),
    "visitor.id_seen": N("The guard looks at a visitor's ID; nothing of it is written down"),
    "visitor.phone": N("A visitor's phone number"),
    "visitor.approver": N("Who says yes to a visitor"),
    "item.arrears": N("Unpaid fees and item-release slips"),
    "item.directions": N("Goods that need a slip"),
    "item.archive_by": N("Slips are filed the next morning by"),
    "item.hours": N("Goods may be moved from, to"),
    "bulky.hours": N("Bulky waste may be moved from, to"),
    "day.close": N("The day is closed at"),
    "processor.name": N("Who processes faces, as it stands in the consent text"),
    "processor.contact": N("How to reach whoever processes faces"),
    "desk.days": N("Times at the front desk are given"),
    "desk.hours": N("The front desk gives times from, to"),
    "desk.pause": N("The front desk rests from, to"),
    "desk.slot_minutes": N("One time at the front desk lasts"),
    "desk.slot_seats": N("At one time the front desk serves"),
    "desk.book_days": N("Times at the front desk can be taken ahead by"),
    "home.confirm_days": N("A home looks through its people and plates again after"),
    "backup.days": N("A backup is missed when the last is older than"),
    "backup.try_days": N("A backup is tried with its key every"),
    "guests.many": N("Different long-staying guests of one home within a month that raise a question"),
    "visitor.photo": N("The guard may take a visitor's picture, if the visitor agrees"),
    "item.gates": N("Gates that goods go through"),
    "item.forbidden": N("Goods that are not let through here, beside the list that holds everywhere"),
    "face.assessed": N("Faces are taken only once the impact assessment is signed"),
    "occupancy": N("Who may belong to a home"),
    "clock.zone": N("The time zone, for places where clocks are changed twice a year"),
    "visitor.extra": N("One more question to visitors; it need not be answered"),
}
VALUES = {
    ("home_open", policy.OPEN): N("Yes, at any time"),
    ("home_open", policy.CALL_ONLY): N("Only while a visitor is calling"),
    ("home_open", policy.OFF): N("No"),
    ("face_mode", policy.FACE_OFF): N("Off"),
    ("face_mode", policy.FACE_FREE): N("Free: look and enter"),
    ("face_mode", policy.FACE_AT_HOME): N("After dialling the home number"),
    ("face_life", policy.LIFE_OFF): N("Never: a photo of a resident can open"),
    ("face_life", policy.LIFE_UNSURE): N("Only when the match is narrow or the light poor"),
    ("face_life", policy.LIFE_ALWAYS): N("Always: turn the head, and blink or open the mouth, about 3 seconds"),
    ("duress_alarm", "desk"): N("Front desk"),
    ("duress_alarm", "admin"): N("Estate admin"),
    ("duress_alarm", "off"): N("Nobody"),
    ("visitor.phone", "off"): N("is not asked"),
    ("visitor.phone", "optional"): N("may be given, need not be"),
    ("visitor.phone", "required"): N("is asked"),
    ("visitor.approver", "host"): N("the home"),
    ("visitor.approver", "desk"): N("the front desk"),
    ("visitor.approver", "both"): N("the home, and then the front desk"),
    ("item.arrears", "warn"): N("are pointed out and hold nothing back"),
    ("item.arrears", "ignore"): N("are not looked at"),
    ("item.arrears", "hold"): N("hold slips back, never a door"),
    ("item.directions", "out"): N("those going out"),
    ("desk.days", "all"): N("every day"),
    ("desk.days", "not_sunday"): N("Monday to Saturday"),
    ("desk.days", "weekdays"): N("Monday to Friday"),
    ("item.directions", "both"): N("those going out and those coming in"),
    ("occupancy", "any"): N("whoever the office adds"),
    ("occupancy", "family"): N("its applicant and close family only"),
}
ON_OFF = {"on": N("On"), "off": N("Off")}
# what a rule can and cannot do, where that must be said
NOTES = {
    "face_life": N(
        "Stops printed photos and photos on a phone, held still, moved, tilted, bent or rolled, also with eye holes or"
        " swapped for others with shut eyes or an open mouth. Does not stop a screen that shows a video or pictures of"
        " all the asked movements, a live deepfake or a mask that has a nose."
        " Measured on simulated pictures only, never yet on people at a door."
    ),
}
UNITS = {
    "days": C("%(number)s day", "%(number)s days"),
    "hours": C("%(number)s hour", "%(number)s hours"),
    "minutes": C("%(number)s minute", "%(number)s minutes"),
    "seconds": C("%(number)s second", "%(number)s seconds"),
    "copies": C("%(number)s copy", "%(number)s copies"),
    "tries": C("%(number)s try", "%(number)s tries"),
    "faces": C("%(number)s face", "%(number)s faces"),
    "cards": C("%(number)s card", "%(number)s cards"),
    "people": C("%(number)s person", "%(number)s people"),
    "names": C("%(number)s name", "%(number)s names"),
}
REFUSALS: dict[str, tuple[str, str]] = {
    "empty_slots": (
        N("This text cannot be signed yet: the law wants more said in it."),
        N("The administrator fills this in under Rules. Until then PIN, card, code and call let the person in."),
    ),
    "void_clause": (
        N("The consent text has a clause the law makes void"),
        N("Somebody wrote it into the rules: the administrator corrects it under Rules. Nothing was signed."),
    ),
}
FIELDS: dict[tuple[str, str], str] = {
    ("value", "clause"): N("This would stand in the consent text, and the law makes such a clause void"),
    ("value", "unknown"): N("This cannot be decided so: see what may be written"),
    ("value", "last_way"): N("One way in must stay for visitors: leave either calls or visitor codes on here"),
    ("decided_by", "missing"): N("Please write who decided"),
    ("why", "missing"): N("Please write why: residents will read it"),
    ("decided_by", "long"): N("This is too long"),
    ("document", "long"): N("This is too long"),
    ("why", "long"): N("This is too long"),
}
ACTIONS: dict[str, str] = {
    "policy.set": N("decided a policy"),
}
DONE: dict[str, str] = {
    "rule": N("The decision is saved. Connected doors know it at once."),
}


def name(say: Say, key: str) -> str:
    """What a rule is called."""
    return say(NAMES[key])


def value(say: Say, rule: Rule) -> str:
    """What it says."""
    return said(say, rule.key, rule.value)


def said(say: Say, key: str, told: str, *, taken_back: bool = False) -> str:
    """What a value of a rule says; that nobody has said it yet, or that the decision was `taken_back`, of none."""
    if told == "":
        return say(N("taken back")) if taken_back else say(N("Not said yet")) if key in NEEDED else say(N("none"))
    if key in LIMITS:
        return measured(say, LIMITS[key].unit, int(told))
    known = VALUES.get((key, told)) or ON_OFF.get(told)
    return say(known) if known else told.replace("-", "–") if key in TIMES else told


def measured(say: Say, unit: str, number: int) -> str:
    """A number with its unit."""
    return f"{number / 100:.2f}" if unit == "cents" else say(*UNITS[unit], number=number)


def bounds(say: Say, key: str) -> str:
    """What may be written where there is nothing to choose from."""
    if key in LIMITS:
        held = LIMITS[key]
        least, most = (measured(say, held.unit, number) for number in (held.least, held.most))
        return say(N("A number, from %(least)s to %(most)s."), least=least, most=most)
    if key in NEEDED:
        return say(N("As it shall stand in the consent text; at most 120 characters."))
    if key in TEXTS or key in GATES:
        return say(N("Words between commas; empty for none."))
    if key in ZONES:
        return say(N("As Europe/Madrid in the list of time zones; empty where clocks are never changed."))
    return say(N("As 08:30, or from and to of one day as 08:30-17:30."))
