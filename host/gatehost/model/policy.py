"""Rules with an owner."""

from dataclasses import dataclass

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
    "duress_alarm": (("desk", "admin", "off"), "desk"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds at a place for a key, and where it comes from: `place` the ancestor that decided ("": the default)."""

    key: str
    value: str
    place: str
    decided_by: str
    document: str
    why: str
    since: int
    set_by: str
