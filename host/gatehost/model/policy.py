"""Rules with an owner."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OPEN, CALL_ONLY, OFF = "open", "call_only", "off"
FACE_OFF, FACE_FREE, FACE_AT_HOME = "off", "free", "at_home"
LIFE_OFF, LIFE_UNSURE, LIFE_ALWAYS = "off", "unsure", "always"
# key -> (allowed values, value when nobody decided)
KEYS: dict[str, tuple[tuple[str, ...], str]] = {
    "home_open": ((OPEN, CALL_ONLY, OFF), OPEN),  # may a home open doors from its page: any time, in a call, never
    "calls": (("on", "off"), "on"),
    "face_mode": ((FACE_OFF, FACE_FREE, FACE_AT_HOME), FACE_AT_HOME),
    "face_life": ((LIFE_OFF, LIFE_UNSURE, LIFE_ALWAYS), LIFE_OFF),  # must a face show that it is alive (docs/adr/0064)
    "visitor_codes": (("on", "off"), "on"),
    "gate_pins": (("on", "off"), "off"),
    "old_cards": (("on", "off"), "off"),  # do imported cards of the former system still work
    "duress_alarm": (("desk", "admin", "off"), "desk"),
}
ESTATE_RANK, OPERATOR_RANK, AUTHORITY_RANK = 0, 1, 2  # who decided; a higher rank's value binds everything below it


@dataclass(frozen=True, slots=True)
class Limit:
    """A number a rule may hold: from `least` to `most`, `value` when nobody decided."""

    least: int
    most: int
    value: int
    unit: str


# numbers, with the sources' and the law's own values; `most` is a ceiling nobody's decision lifts
LIMITS: dict[str, Limit] = {
    "visitor.code_days": Limit(1, 1, 1, "days"),
    "visitor.max_days": Limit(1, 31, 31, "days"),
    "card.per_person": Limit(1, 3, 1, "cards"),
    "card.temp_max_days": Limit(1, 3, 3, "days"),
    "parking.temp_max_days": Limit(1, 7, 7, "days"),
    "item.standing_max_days": Limit(1, 365, 365, "days"),
    "item.decide_hours": Limit(1, 24, 24, "hours"),
    "item.copies": Limit(1, 5, 3, "copies"),
    "moveout.notice_workdays": Limit(0, 10, 3, "days"),
    "call.soft_limit_s": Limit(30, 600, 180, "seconds"),
    "overstay.courier": Limit(5, 240, 30, "minutes"),
    "overstay.visitor": Limit(60, 1440, 720, "minutes"),
    "wrong_tries": Limit(3, 5, 5, "tries"),
    "retention.visit": Limit(1, 365, 90, "days"),
    "retention.log": Limit(30, 730, 180, "days"),
    "ticket.answer_days": Limit(1, 14, 2, "days"),  # for whoever a matter is given to
    "retention.document": Limit(30, 3650, 1095, "days"),  # after the person's last tie to the home ended
    "data_request.days": Limit(1, 30, 7, "days"),
    "faces.filing_threshold": Limit(1, 100_000, 100_000, "faces"),
    "archive.view_minutes": Limit(1, 120, 30, "minutes"),
    "enrol.fee": Limit(0, 100_000, 0, "cents"),
    "desk.slot_minutes": Limit(10, 120, 30, "minutes"),
    "desk.slot_seats": Limit(1, 10, 1, "people"),
    "desk.book_days": Limit(1, 60, 14, "days"),
    "home.confirm_days": Limit(90, 730, 365, "days"),
    "backup.days": Limit(1, 7, 2, "days"),  # made every night: one may be missed before the page warns
    "backup.try_days": Limit(7, 92, 31, "days"),
    "guests.many": Limit(2, 50, 5, "names"),  # of one home within a month: worth a question
}
# how long what is known of people is kept: decided for the whole estate, on the page of rules
RETENTION = ("retention.visit", "retention.log", "retention.document")
WHOLE = (*RETENTION, "face.assessed", "clock.zone")  # decided for the whole estate alone
# words, one of a few; what these mean to a person is the pages' business
WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "visitor.escort": (("off", "on"), "off"),
    "visitor.id_seen": (("off", "on"), "off"),
    "visitor.phone": (("off", "optional", "required"), "optional"),
    "visitor.approver": (("host", "desk", "both"), "host"),  # nobody can make approval impossible
    "item.arrears": (("warn", "ignore", "hold"), "warn"),
    "item.directions": (("out", "both"), "out"),
    "desk.days": (("all", "not_sunday", "weekdays"), "all"),
    "visitor.photo": (("off", "on"), "off"),
    "card.photos": (("off", "on"), "off"),
    "face.assessed": (("off", "on"), "off"),  # faces only once the impact assessment is signed (L7, L19)
    "occupancy": (("any", "family"), "any"),  # who may belong to a home: anybody, or its applicant and close family
}
# texts checked by their own form
TIMES = {
    "item.archive_by": "08:30", "item.hours": "08:00-20:00", "bulky.hours": "08:00-20:00", "day.close": "05:00",
    "desk.hours": "08:30-17:30", "desk.pause": "12:00-13:30",
}  # fmt: skip
GATES = {"item.gates": ""}  # gates by id, between commas; none: any gate
# an estate's own words: key -> the longest; "" when nobody decided, and nobody's guess stands in for them
NEEDED = ("processor.name", "processor.contact")  # the consent text cannot do without (L1)
TEXTS = dict.fromkeys(NEEDED, 120) | {
    "item.forbidden": 120,  # goods that are not let through beside the fixed list, between commas
    "visitor.extra": 60,  # one more question to visitors; nobody can make it one that must be answered
}
# the time zone by its name in the IANA's list; "": the table the estate was founded with holds for ever
ZONES = {"clock.zone": ""}
# the number printed on a kind of paper, `form.<kind>`; none: the number its declaration has
FORM = re.compile(r"form\.[a-z_]{1,40}")
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"


def default(key: str) -> str:
    """What holds when nobody decided; KeyError for an unknown key."""
    if key in KEYS:
        return KEYS[key][1]
    if key in WORDS:
        return WORDS[key][1]
    if key in LIMITS:
        return str(LIMITS[key].value)
    if FORM.fullmatch(key) or key in TEXTS:
        return ""
    return (TIMES | GATES | ZONES)[key]


def allowed(key: str, value: str) -> bool:
    """Whether a decision may say this."""
    if key in KEYS or key in WORDS:
        return value in (KEYS | WORDS)[key][0]
    if key in LIMITS:
        return (
            value.isascii()
            and value.isdigit()
            and len(value) < 16
            and LIMITS[key].least <= int(value) <= LIMITS[key].most
        )
    if key in TIMES:
        first, _, last = value.partition("-")
        clock = re.fullmatch(f"{_CLOCK}-{_CLOCK}" if "-" in TIMES[key] else _CLOCK, value) is not None
        return clock and (not last or first <= last)  # hours over midnight would let nothing through
    if FORM.fullmatch(key):
        return re.fullmatch(r"[\w.-]{1,20}", value) is not None
    if key in TEXTS:
        words = len(value) <= TEXTS[key] and value.strip() == value and value.isprintable()
        return words and (value != "" or key not in NEEDED)
    if key in ZONES:
        return len(value) <= 40 and _is_zone(value)
    return key in GATES and re.fullmatch(r"[\w.-]*(,[\w.-]+)*", value) is not None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # not in the list, no name at all, or a folder of the list
        return False
    return True


def known(key: str) -> bool:
    """Whether there is such a rule."""
    tables = (KEYS, WORDS, LIMITS, TIMES, GATES, TEXTS, ZONES)
    return any(key in table for table in tables) or FORM.fullmatch(key) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds at a place for a key, and where it comes from: `place` the ancestor that decided ("": the default).
    A value "" takes an earlier decision of the same place back."""

    key: str
    value: str
    place: str
    decided_by: str
    document: str
    why: str
    since: int
    set_by: str
    rank: int = ESTATE_RANK
    id: int = 0  # of the decision; 0: nobody decided
