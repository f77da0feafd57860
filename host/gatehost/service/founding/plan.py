"""The estate file: what a TOML file may say of an estate, read strictly.

name = "Kaimen Garden"            # required
dial_length = 6                   # digits of a home's full number
utc_offset_minutes = 480          # or: offsets = [{from = 2026-03-29T01:00:00Z, minutes = 120}, ...]
[[building]]                      # id, name, dial; homes = ["120502", ...] or floors = 6 and per_floor = 2
[[gate]]                          # id, name, buildings = [ids]
[[door]]                          # slot, at (gate or building id), name; kind, direction, unlock_ms, held_ms
[[person]]                        # name, home; role, phone, born, login, language, callable, card
[[staff]]                         # name, login, role (guard, desk, admin, operator, committee); duties, language
[[policy]]                        # place, key, value, decided_by, why; document
"""

import datetime
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gatehost.model import card
from gatehost.model.account import ADMIN, COMMITTEE, DESK, DUTIES, GUARD, OPERATOR
from gatehost.model.errors import BadInput, SettingsError
from gatehost.model.party import TIE_ROLES
from gatehost.model.place import ROOT
from gatehost.service.founding.table import Table
from gatehost.service.office.policy import check as check_policy

MOST_HOMES = 20_000
HIRED = (GUARD, DESK, ADMIN, OPERATOR, COMMITTEE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HomePlan:
    """A home."""

    dial: str
    name: str


@dataclass(frozen=True, slots=True)
class BuildingPlan:
    """A building and its homes."""

    id: str
    name: str
    dial: str
    homes: tuple[HomePlan, ...]


@dataclass(frozen=True, slots=True)
class GatePlan:
    """A gate and what lies behind it."""

    id: str
    name: str
    buildings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """A slot."""

    slot: str
    at: str
    name: str
    kind: str
    direction: int
    unlock_ms: int
    held_ms: int


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A person of a home; with a login, an account."""

    name: str
    home: str
    role: str
    phone: str
    born: str
    login: str
    language: str
    callable: bool
    card: str = ""


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """Somebody who works for the estate."""

    name: str
    login: str
    role: str
    duties: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """A decision."""

    place: str
    key: str
    value: str
    decided_by: str
    document: str
    why: str


@dataclass(frozen=True, slots=True)
class EstatePlan:
    """The whole file, checked: every reference leads somewhere, every home number is unique."""

    name: str
    dial_length: int
    offsets: tuple[tuple[int, int], ...]
    buildings: tuple[BuildingPlan, ...] = ()
    gates: tuple[GatePlan, ...] = ()
    doors: tuple[DoorPlan, ...] = ()
    people: tuple[PersonPlan, ...] = ()
    policies: tuple[PolicyPlan, ...] = ()
    staff: tuple[StaffPlan, ...] = ()


def empty() -> EstatePlan:
    """An estate nobody has described yet."""
    return EstatePlan("Kaimen", 6, ((0, 480),))


def read(text: str, name: str) -> EstatePlan:
    """The plan in a file's text; SettingsError with file, table and key for anything else."""
    try:
        top = Table(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        raise SettingsError(f"{name}: {wrong}") from wrong
    length = top.number("dial_length", 6, 3, 12)
    plan = EstatePlan(
        name=top.text("name"),
        dial_length=length,
        offsets=_offsets(top),
        buildings=_each(top, "building", lambda table: _building(table, length)),
        gates=_each(top, "gate", _gate),
        doors=_each(top, "door", _door),
        people=_each(top, "person", _person),
        policies=_each(top, "policy", _policy),
        staff=_each(top, "staff", _staff),
    )
    top.close()
    _check(plan, name)
    return plan


def _each(top: Table, key: str, make: Callable[[Table], T]) -> tuple[T, ...]:
    made = []
    for number, values in enumerate(top.array(key), 1):
        table = Table(f"{top.where}: [[{key}]] {number}", values)
        made.append(make(table))
        table.close()
    return tuple(made)


def _offsets(top: Table) -> tuple[tuple[int, int], ...]:
    fixed = (0, top.number("utc_offset_minutes", 480, -14 * 60, 14 * 60))

    def offset(table: Table) -> tuple[int, int]:
        return table.moment("from"), table.number("minutes", 0, -14 * 60, 14 * 60)

    return (fixed, *sorted(_each(top, "offsets", offset)))


def _building(table: Table, length: int) -> BuildingPlan:
    ident, name, dial = table.text("id"), table.text("name"), table.text("dial")
    listed = table.texts("homes")
    floors, each = table.number("floors", 0, 0, 99), table.number("per_floor", 0, 0, 99)
    if not _is_dial(dial) or len(dial) >= length:
        raise table.wrong("dial", f"must be fewer than {length} digits")
    homes = [HomePlan(home, f"{name}{home[len(dial) :].lstrip('0')}") for home in listed]
    made = numbered(name, dial, length, floors, each)
    if made is None:
        raise table.wrong("floors", f"leaves no room in {length} digits")
    homes += [HomePlan(*home) for home in made]
    for home in homes:
        if not _is_dial(home.dial) or len(home.dial) != length or not home.dial.startswith(dial):
            raise table.wrong("homes", f"{home.dial!r} is not {length} digits that begin with {dial}")
    return BuildingPlan(ident, name, dial, tuple(homes))


def numbered(name: str, dial: str, length: int, floors: int, each: int) -> tuple[tuple[str, str], ...] | None:
    """(number, name) of homes numbered floor by floor behind the digits of their building; None where the numbers have
    no room for it."""
    width = length - len(dial) - 2
    if floors and each and width < len(str(floors)):
        return None
    doors = [(floor, door) for floor in range(1, floors + 1) for door in range(1, each + 1)]
    return tuple((f"{dial}{floor:0{width}}{door:02}", f"{name}{floor}{door:02}") for floor, door in doors)


def _is_dial(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _gate(table: Table) -> GatePlan:
    return GatePlan(table.text("id"), table.text("name"), table.texts("buildings"))


def _door(table: Table) -> DoorPlan:
    return DoorPlan(
        slot=table.text("slot", longest=40),
        at=table.text("at"),
        name=table.text("name"),
        kind=table.one_of("kind", ("door", "desk", "board"), "door"),
        direction=("in", "out").index(table.one_of("direction", ("in", "out"), "in")),
        unlock_ms=table.number("unlock_ms", 5_000, 500, 60_000),
        held_ms=table.number("held_ms", 60_000, 5_000, 3_600_000),
    )


def _staff(table: Table) -> StaffPlan:
    duties = table.texts("duties")
    if not set(duties) <= set(DUTIES):
        raise table.wrong("duties", f"must be some of {', '.join(DUTIES)}")
    role = table.one_of("role", HIRED, "guard")
    return StaffPlan(
        table.text("name"), table.text("login"), role, duties, table.one_of("language", ("zh_CN", "en"), "zh_CN")
    )


def _person(table: Table) -> PersonPlan:
    born = table.text("born", "")
    try:
        if born:
            datetime.date.fromisoformat(born)
    except ValueError:
        raise table.wrong("born", "must be a date as 2015-06-01") from None
    number = table.text("card", "")
    if number and not card.is_one(number):
        raise table.wrong("card", 'must be ten digits, as "018,54919", or eight hex digits with a letter')
    return PersonPlan(
        name=table.text("name"),
        home=table.text("home"),
        role=table.one_of("role", TIE_ROLES, "owner"),
        phone=table.text("phone", ""),
        born=born,
        login=table.text("login", ""),
        language=table.one_of("language", ("zh_CN", "en"), "zh_CN"),
        callable=table.flag("callable", True),
        card=card.canonical(number) if number else "",
    )


def _policy(table: Table) -> PolicyPlan:
    made = PolicyPlan(
        place=table.text("place", ROOT),
        key=table.text("key"),
        value=table.text("value", longest=120),
        decided_by=table.text("decided_by", longest=200),
        document=table.text("document", "", longest=200),
        why=table.text("why", longest=200),
    )
    try:
        check_policy(made.key, made.value, made.decided_by, made.document, made.why)
    except BadInput as wrong:
        raise table.wrong(wrong.field, f"is {wrong.code}") from wrong
    return made


def _check(plan: EstatePlan, name: str) -> None:
    homes = [home.dial for building in plan.buildings for home in building.homes]
    if len(homes) > MOST_HOMES:
        raise SettingsError(f"{name}: {len(homes)} homes; at most {MOST_HOMES}")
    buildings = {building.id for building in plan.buildings}
    ids = [ROOT, *(b.id for b in plan.buildings), *(g.id for g in plan.gates), *(d.slot for d in plan.doors), *homes]
    logins = ["admin", "desk", *(one.login for one in plan.people if one.login), *(one.login for one in plan.staff)]
    held = [one.card for one in plan.people if one.card]
    for kind, values in (("id", ids), ("login", logins), ("card", held)):
        twice = (
            next((value for value in values if values.count(value) > 1), None)
            if len(set(values)) < len(values)
            else None
        )
        if twice is not None:
            raise SettingsError(f"{name}: {kind} {twice!r} is used twice")
    known, at = set(ids), buildings | {gate.id for gate in plan.gates}
    for gate in plan.gates:
        _exist(name, f"gate {gate.id}", gate.buildings, buildings)
    for door in plan.doors:
        _exist(name, f"door {door.slot}", (door.at,), at | {ROOT} if door.kind == "desk" else at)
    for person in plan.people:
        _exist(name, f"person {person.name}", (person.home,), set(homes))
    for rule in plan.policies:
        _exist(name, f"policy {rule.key}", (rule.place,), known)


def _exist(name: str, who: str, named: tuple[str, ...], known: set[str]) -> None:
    for one in named:
        if one not in known:
            raise SettingsError(f"{name}: {who} names {one!r}, which is not in the file")
