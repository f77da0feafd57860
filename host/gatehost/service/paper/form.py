"""What somebody typed into a kind's form, made what its fields are; each thing wrong is said beside its field."""

import re
from datetime import datetime

from gatehost.model.errors import BadInput
from gatehost.model.kind import (
    CHOICE,
    DATE,
    GATE,
    LONG,
    MOMENT,
    MONEY,
    NAME,
    NUMBER,
    PHONE,
    PLATE,
    TEXT,
    YES,
    Field,
    Kind,
    fits,
)

LONGEST = {TEXT: 200, LONG: 4000, NAME: 60, PHONE: 30, PLATE: 12, GATE: 200}
MOST = 1 << 53
FIRST_YEAR, LAST_YEAR = 1900, 2199  # of births and of ends; beyond them an hour more or less is no date any more
_PLATE = re.compile(r"[A-Z0-9一-龥]{2,12}")


def filled(kind: Kind, typed: dict[str, object], role: str = "") -> dict[str, object]:
    """The form of typed values, of the fields that are this role's to fill in ("": all). BadInput(field, "unknown" |
    "long" | "digits" | "range" | "characters") for the first that cannot be. Empty ones are left out: a need asks for
    them when the paper is handed in."""
    return read(tuple(field for field in kind.fields if not role or for_role(field, role)), typed)


def read(fields: tuple[Field, ...], typed: dict[str, object]) -> dict[str, object]:
    """The same for these fields and no others."""
    named = {field.key: field for field in fields}
    for key in typed:
        if key not in named:
            raise BadInput(key[:40], "unknown")
    made = {key: _value(named[key], value) for key, value in typed.items() if value not in ("", None)}
    return {key: value for key, value in made.items() if value not in ("", None)}


def demand(kind: Kind, told: dict[str, object], role: str = "") -> None:
    """BadInput(field, "missing") for the first field that must not be empty and is, of those this role fills in."""
    for field in kind.fields:
        wanted = field.required and fits(field.only, told) and (not role or for_role(field, role))
        if wanted and told.get(field.key) in (None, ""):
            raise BadInput(field.key, "missing")


def for_role(field: Field, role: str) -> bool:
    """Whether somebody of a role fills the field in; some are the desk's, some the host's own."""
    return not field.by or role in field.by


def plate(text: str) -> str:
    """A plate as it is compared: capital letters, digits and Chinese characters, nothing between them."""
    return re.sub(r"[\s·.\-]", "", text).upper()


def _value(field: Field, value: object) -> object:
    if field.type in LONGEST:
        return _text(field, value)
    if field.type in (NUMBER, MONEY, MOMENT):
        return _number(field, value)
    if field.type == YES:
        if value not in (True, False, "yes", "no", "on"):
            raise BadInput(field.key, "range")
        return value in (True, "yes", "on")
    if field.type == CHOICE:
        if not isinstance(value, str) or value not in dict(field.choices):
            raise BadInput(field.key, "range")
        return value
    assert field.type == DATE
    try:
        day = datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        raise BadInput(field.key, "range") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(field.key, "range")
    return day.isoformat()


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise BadInput(field.key, "characters")
    text = value.strip()
    if len(text) > LONGEST[field.type]:
        raise BadInput(field.key, "long")
    if any(ord(char) < 32 and (field.type != LONG or char not in "\n\r\t") for char in text):
        raise BadInput(field.key, "characters")
    if field.type == PHONE and any(char not in "+0123456789 -()" for char in text):
        raise BadInput(field.key, "digits")
    if field.type == PLATE:
        text = plate(text)
        if text and _PLATE.fullmatch(text) is None:
            raise BadInput(field.key, "characters")
    return text


def whole(text: str, digits: int = 16) -> bool:
    """Whether a text is a whole number of at most so many ASCII digits: `isdigit` alone takes "²", which is no number,
    and a number of thousands of digits costs seconds."""
    return text.isascii() and text.isdigit() and len(text) <= digits


def _number(field: Field, value: object) -> int:
    if isinstance(value, str) and whole(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(field.key, "range")
    number = value
    if not 0 <= number <= MOST:
        raise BadInput(field.key, "range")
    return number
