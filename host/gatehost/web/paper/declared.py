"""Forms of papers, made from their kind's declaration: what a browser sends back, and what stands in it again."""

from dataclasses import dataclass

from aiohttp import web

from gatehost.model.case import Case
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
)
from gatehost.model.place import Estate
from gatehost.service.gate import presence
from gatehost.web.frame.session import Asked
from gatehost.web.words import moment

PREFIX = "field-"
MAY_STAY_EMPTY = "May stay empty"
LINES = 5  # empty lines of goods on a new form
Typed = dict[str, str]
Gates = dict[str, str]  # id -> name
# type -> input's type, and what helps to fill it in
INPUTS: dict[str, tuple[str, dict[str, str]]] = {
    TEXT: ("text", {"maxlength": "200"}),
    NAME: ("text", {"maxlength": "60", "autocomplete": "off"}),
    PHONE: ("tel", {"maxlength": "30", "autocomplete": "off"}),
    PLATE: ("text", {"maxlength": "12", "autocomplete": "off", "autocapitalize": "characters"}),
    DATE: ("date", {}),
    MOMENT: ("datetime-local", {}),
    NUMBER: ("text", {"inputmode": "numeric", "maxlength": "9"}),
    MONEY: ("text", {"inputmode": "decimal", "maxlength": "12"}),
    LONG: ("long", {"maxlength": "4000"}),
    YES: ("yes", {}),
    CHOICE: ("choice", {}),
    GATE: ("gate", {}),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as a page shows it, in the reader's language; `only` is `field=value,value` or ""."""

    name: str
    kind: str
    label: str
    help: str
    required: bool
    value: str
    wrong: str
    choices: tuple[tuple[str, str], ...]
    options: dict[str, str]
    only: str
    theirs: str  # what somebody else wrote meanwhile


async def sent(request: web.Request) -> Typed:
    """What the browser sent, as text; a field sent twice counts once."""
    return {name: str(value).strip() for name, value in (await request.post()).items()}


def told(asked: Asked, fields: tuple[Field, ...], typed: Typed) -> dict[str, object]:
    """The form's values for service.paper.form. BadInput(field, "time" | "range")."""
    found = {field.key: _read(field, typed.get(PREFIX + field.key, ""), asked.estate) for field in fields}
    return {key: value for key, value in found.items() if value is not None}


def _read(field: Field, text: str, estate: Estate | None) -> object:
    if field.type == YES:
        return True if text else None
    if text == "":
        return None
    if field.type == MOMENT:
        return moment.typed(field.key, text, estate)
    if field.type == MONEY:
        return cents(field.key, text)
    return text


def cents(name: str, text: str) -> int:
    """An amount of money as people write it; BadInput(name, "range")."""
    whole, _, part = text.replace("，", ".").replace(",", ".").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 8 and len(part) <= 2 and (part + "0").isdigit()):
        raise BadInput(name, "range")
    return int(whole) * 100 + int((part + "00")[:2])


def typed_of(case: Case, kind: Kind, estate: Estate | None) -> Typed:
    """A stored form as it stands in the browser."""
    return {PREFIX + field.key: text(field, case.form.get(field.key), estate) for field in kind.fields}


def text(field: Field, value: object, estate: Estate | None) -> str:
    """A stored value as its input takes it."""
    if value is None or value is False:
        return ""
    if field.type == MOMENT and isinstance(value, int):
        return f"{moment.local(value, estate):%Y-%m-%dT%H:%M}"
    if field.type == MONEY and isinstance(value, int):
        return f"{value / 100:.2f}"
    return "yes" if value is True else str(value)


async def gates(asked: Asked, declared: tuple[Field, ...]) -> Gates:
    """What gates are called, where a field names one."""
    return await presence.gate_names(asked.ctx, asked.person) if any(one.type == GATE for one in declared) else {}


async def fields(
    asked: Asked,
    declared: tuple[Field, ...],
    typed: Typed,
    wrong: dict[str, str],
    limits: dict[str, str],
    theirs: dict[str, str] | None = None,
) -> list[Shown]:
    """Declared fields for the page."""
    known = await gates(asked, declared)
    return [_shown(asked, field, typed, wrong, limits, known, theirs or {}) for field in declared]


def _shown(
    asked: Asked,
    field: Field,
    typed: Typed,
    wrong: dict[str, str],
    limits: dict[str, str],
    gates: Gates,
    theirs: dict[str, str],
) -> Shown:
    kind, options = INPUTS[field.type]
    told = "" if field.help[0] == MAY_STAY_EMPTY else asked.declared(field.help)  # the label says so already
    help = " · ".join(part for part in (told, limits.get(field.key, "")) if part)
    only = " ".join(f"{PREFIX}{key}={','.join(values)}" for key, values in field.only)
    choices = tuple((key, asked.declared(words)) for key, words in field.choices)
    name, held = PREFIX + field.key, typed.get(PREFIX + field.key, "")
    if field.type == GATE:
        choices = (("", asked.say("Any gate")), *gates.items())
        choices += ((held, gate_names(held, gates)),) if held not in dict(choices) else ()
    other = theirs.get(name, held)
    return Shown(
        name, kind, asked.declared(field.label), help, field.required, held, wrong.get(field.key, ""), choices, options,
        only, value(asked, field, other, gates) if other != held else "",
    )  # fmt: skip


def gate_names(told: str, gates: Gates) -> str:
    """What the gates are called that a paper names by their ids; an id nobody knows stays as it is."""
    return " · ".join(gates.get(one, one) for one in told.split(",") if one)


def value(asked: Asked, field: Field, told: object, gates: Gates, printed: bool = False) -> str:
    """A value in words, as a paper or a print shows it."""
    if told in (None, "", False):
        return "–"
    if field.type == CHOICE:
        return next((asked.declared(words) for key, words in field.choices if key == told), str(told))
    if field.type == MOMENT and isinstance(told, int):
        return moment.whole(asked.language, told, asked.estate) if printed else asked.moment(told)
    if field.type == MONEY and isinstance(told, int):
        return f"¥ {told / 100:.2f}"
    if field.type == GATE:
        return gate_names(str(told), gates)
    if told is True or field.type == YES:
        return asked.say("Yes")
    return str(told).replace("T", " ") if field.type == MOMENT else str(told)


def goods(typed: Typed) -> tuple[tuple[str, str, int], ...]:
    """The lines of goods that were filled in. BadInput("what" | "qty", ...)."""
    made = []
    for line in range(LINES):
        what, spec, qty = (typed.get(f"{name}-{line}", "") for name in ("what", "spec", "qty"))
        if not what and not spec and not qty:
            continue
        if not what:
            raise BadInput("what", "missing")
        if not (qty.isascii() and qty.isdigit() and len(qty) < 7):
            raise BadInput("qty", "range")
        made.append((what, spec, int(qty)))
    return tuple(made)
