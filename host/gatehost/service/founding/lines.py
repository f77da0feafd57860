"""What each line of an import must be, column by column; every flaw says its line, its column and what to change."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from gatecore.clock import DAY_MS
from gatehost.model.card import canonical, is_one
from gatehost.model.credential import OLD
from gatehost.model.party import AGENT, CHILD, FAMILY, GUARDIAN, OWNER, TENANT
from gatehost.model.place import BUILDING, HOME, ROOT, Estate, Place
from gatehost.service.calendar import EPOCH, start_of_day

LONGEST_NAME = 60
OLD_CARD_DAYS = 366
LEAST_DIGITS, CARD_DIGITS = 4, 10
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_PHONE = re.compile(r"[+0-9 ()-]{0,30}")
ROLES = {
    "业主": OWNER, "租户": TENANT, "租客": TENANT, "家庭成员": FAMILY, "家属": FAMILY, "未成年人": CHILD, "儿童": CHILD,
    "监护人": GUARDIAN, "受托人": AGENT, "": FAMILY,
} | {role: role for role in (OWNER, TENANT, FAMILY, CHILD, GUARDIAN, AGENT)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the words it may be headed with, in small letters."""

    name: str
    words: tuple[str, ...]
    needed: bool = True


NUMBER = Column("home", ("home", "home number", "房号", "房屋编号"))
NAME = Column("name", ("name", "姓名"))
UNTIL = Column("until", ("until", "有效期至", "租期至", "截止日期"), needed=False)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "buildings": (
        Column("name", ("name", "building", "名称", "楼栋")),
        Column("dial", ("dial", "prefix", "楼号", "前缀")),
    ),
    "homes": (
        Column("building", ("building", "楼栋", "楼号")),
        NUMBER,
        Column("name", ("name", "名称", "门牌"), needed=False),
    ),
    "people": (
        NUMBER,
        NAME,
        Column("role", ("role", "身份", "关系"), needed=False),
        Column("phone", ("phone", "电话", "联系电话", "手机"), needed=False),
        Column("born", ("born", "birth date", "出生日期"), needed=False),
        UNTIL,
    ),
    "cards": (NUMBER, NAME, Column("number", ("card", "number", "card number", "卡号")), UNTIL),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a line cannot be taken: the column ("": the whole line), a word for what is wrong, what stands there."""

    line: int
    column: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line by its number in the file and its cells by column."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def flaw(self, column: str, code: str) -> Flaw:
        """What is wrong with a cell."""
        return Flaw(self.number, column, code, self[column][:40])


@dataclass(frozen=True, slots=True)
class Known:
    """What is in the estate already: `people` by (home, name), the numbers of all cards ever."""

    now: int
    estate: Estate
    buildings: tuple[Place, ...]
    homes: set[str]
    people: dict[tuple[str, str], tuple[str, ...]]
    cards: set[str]

    def building(self, word: str) -> Place | None:
        """A building by id, name or dial prefix."""
        return next((one for one in self.buildings if word and word in (one.id, one.name, one.dial)), None)


@dataclass(slots=True)
class Made:
    """The rows of the lines so far, and what of the file was seen before."""

    places: list[dict[str, object]] = field(default_factory=list)
    parties: list[dict[str, object]] = field(default_factory=list)
    ties: list[dict[str, object]] = field(default_factory=list)
    cards: list[dict[str, object]] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)
    count: int = 0

    def again(self, *what: str) -> bool:
        """Whether an earlier line of the file had the same."""
        if what in self.seen:
            return True
        self.seen.add(what)
        return False


Random = Callable[[int], bytes]


def building(known: Known, line: Line, made: Made, _random: Random) -> Iterator[Flaw]:
    """A building: a name, and the digits its homes' numbers begin with."""
    yield from _name(line)
    dial = line["dial"]
    if not (dial.isascii() and dial.isdigit() and len(dial) < known.estate.dial_length):
        yield line.flaw("dial", "dial")
    elif any(one.dial and (one.dial.startswith(dial) or dial.startswith(one.dial)) for one in known.buildings):
        yield line.flaw("dial", "known")
    elif made.again("dial", dial):
        yield line.flaw("dial", "twice")
    else:
        made.count += 1
        made.places.append(_place(f"b{dial}", ROOT, BUILDING, line["name"], dial, 1000 + len(made.places)))


def home(known: Known, line: Line, made: Made, _random: Random) -> Iterator[Flaw]:
    """A home of a building that is there."""
    number, inside = line["home"], known.building(line["building"])
    wrong = inside is None
    if inside is None:
        yield line.flaw("building", "building")
    if len(line["name"]) > LONGEST_NAME:
        wrong = True
        yield line.flaw("name", "long")
    if not (number.isascii() and number.isdigit() and len(number) == known.estate.dial_length):
        yield line.flaw("home", "digits")
    elif inside is not None and not number.startswith(inside.dial):
        yield line.flaw("home", "prefix")
    elif number in known.homes:
        yield line.flaw("home", "known")
    elif made.again("home", number):
        yield line.flaw("home", "twice")
    elif not wrong and inside is not None:
        made.count += 1
        name = line["name"] or inside.name + number[len(inside.dial) :]
        made.places.append(_place(number, inside.id, HOME, name, number, 0))


def person(known: Known, line: Line, made: Made, random: Random) -> Iterator[Flaw]:
    """Somebody of a home that is there, and is not there yet."""
    found = [*_home(known, line), *_name(line), *_person_cells(known, line)]
    if not found and (line["home"], line["name"]) in known.people:
        found.append(line.flaw("name", "known"))
    elif not found and made.again("person", line["home"], line["name"]):
        found.append(line.flaw("name", "twice"))
    yield from found
    if found:
        return
    made.count += 1
    one, born, role = random(16).hex(), _day(line["born"]), ROLES[line["role"].lower()]
    made.parties.append(
        {"id": one, "name": line["name"], "phone": line["phone"], "born": f"{born:%Y-%m-%d}" if born else ""}
    )
    made.ties.append(
        {
            "party": one,
            "place": line["home"],
            "role": role,
            "until": _until(known, line["until"]),
        }
    )


def _person_cells(known: Known, line: Line) -> Iterator[Flaw]:
    if line["role"].lower() not in ROLES:
        yield line.flaw("role", "role")
    if _PHONE.fullmatch(line["phone"]) is None:
        yield line.flaw("phone", "phone")
    born = _day(line["born"])
    if line["born"] and (born is None or _ms(known, born) > known.now):
        yield line.flaw("born", "date")
    yield from _ends(known, line)


def card(known: Known, line: Line, made: Made, _random: Random) -> Iterator[Flaw]:
    """An old card of somebody who is there."""
    found = [*_home(known, line), *_ends(known, line)]
    people = known.people.get((line["home"], line["name"]), ())
    if not found and len(people) != 1:
        found.append(line.flaw("name", "several" if people else "person"))
    number = card_number(line["number"])
    if number is None:
        found.append(line.flaw("number", "card"))
    elif number in known.cards:
        found.append(line.flaw("number", "known"))
    elif made.again("card", number):
        found.append(line.flaw("number", "twice"))
    yield from found
    if not found:
        made.count += 1
        until = _until(known, line["until"]) or known.now + OLD_CARD_DAYS * DAY_MS
        made.cards.append({"party": people[0], "kind": "card", "state": OLD, "number": number, "until": until})


CHECKS: dict[str, Callable[[Known, Line, Made, Random], Iterator[Flaw]]] = {
    "buildings": building,
    "homes": home,
    "people": person,
    "cards": card,
}


def card_number(text: str) -> str | None:
    """A card's number in the form it is kept in (gatehost.model.card); None for none. A table's program has dropped the
    zeros before decimal digits: they are put back."""
    plain = re.sub(r"\s", "", text).replace("/", ",")
    if plain.isascii() and plain.isdigit() and LEAST_DIGITS <= len(plain) <= CARD_DIGITS:
        plain = plain.zfill(CARD_DIGITS)
    return canonical(plain) if is_one(plain) else None


def _home(known: Known, line: Line) -> Iterator[Flaw]:
    if line["home"] not in known.homes:
        yield line.flaw("home", "home")


def _name(line: Line) -> Iterator[Flaw]:
    name = line["name"]
    if not name:
        yield line.flaw("name", "empty")
    elif len(name) > LONGEST_NAME or any(ord(char) < 32 for char in name):
        yield line.flaw("name", "long")


def _ends(known: Known, line: Line) -> Iterator[Flaw]:
    """An end, where one is written, is a day that has not passed."""
    if line["until"] and (_until(known, line["until"]) or 0) <= known.now:
        yield line.flaw("until", "ended" if _day(line["until"]) else "date")


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _ms(known: Known, day: date, after: int = 0) -> int:
    """The beginning of a day in the estate, or of one so many days after it, ms UTC."""
    return start_of_day((day - EPOCH).days + after, known.estate.offsets)


def _until(known: Known, text: str) -> int | None:
    """The end of that day."""
    day = _day(text)
    return None if day is None else _ms(known, day, 1)


def _place(number: str, parent: str, kind: str, name: str, dial: str, position: int) -> dict[str, object]:
    return {"id": number, "parent": parent, "kind": kind, "name": name, "dial": dial, "position": position}
