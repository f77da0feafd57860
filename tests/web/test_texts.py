"""Nothing is left unsaid: each text in both languages, each refusal and each act of the services in words."""

import re
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

from gatecore import events
from gatehost.model import alarm
from gatehost.model.account import ADMIN, Actor
from gatehost.model.policy import LIMITS
from gatehost.service.office import policy
from gatehost.web.words import doorwords, language, subjects

from .conftest import Open
from .house import House
from .texts import WEB, Text, spoken
from .tour import tour

SERVICES = [path.read_text(encoding="utf-8") for path in sorted((WEB.parent / "service").rglob("*.py"))]
PLACE = re.compile(r"%\((\w+)\)s")
# a fact, and a word in the plural that may belong to it
NAMED = "name|who|whom|door|plate|home|place|time|what|about|at|then"
COUNTS = re.compile(rf"%\((?!(?:{NAMED})\))(\w+)\)s (?!MB )(?:\w+ ){{0,2}}?(\w{{2,}}s|people|have|are|were)\b")
AFTER = re.compile(r"%\((number)\)s (?:\w+ )?(\w{2,}s|people)\b")
NO_COUNT = {  # which entry it is; so many pictures, and so many lines, are always more than one
    "%(door)s: entry %(number)s does not hold",
    "%(done)s of %(all)s good pictures.",
    "UTF-8 or GBK, at most %(most)s lines; the first line names the columns.",
}
ADMINISTRATOR = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)
# refusals that reach a device or a log, never a page
NOT_SHOWN = {"credentials", "tries", "page", "alarm"}


def chinese() -> dict[Text, str]:
    """The catalogue, read as translators write it; what is counted has two texts and one translation."""
    with Path(language.CATALOGUE).open("rb") as source:
        held = [one for one in read_po(source, locale="zh_CN") if one.id]
    assert all(len(one.string) == 1 for one in held if isinstance(one.string, tuple))
    return {
        (one.id if isinstance(one.id, tuple) else (one.id,)): "".join(one.string)  # type: ignore[dict-item]
        for one in held
    }


def test_every_text_is_there_in_chinese() -> None:
    assert not sorted(spoken() - set(chinese()))


def test_the_catalogue_holds_no_text_nobody_says() -> None:
    assert not sorted(set(chinese()) - spoken())


def test_a_translation_names_the_same_facts() -> None:
    facts = [sorted(PLACE.findall(text)) for texts, said in chinese().items() for text in (*texts, said)]
    each = [len(texts) + 1 for texts in chinese()]
    told = iter(facts)
    groups = [[next(told) for _ in range(many)] for many in each]
    assert not [group for group in groups if any(one != group[0] for one in group)]


def test_no_translation_is_empty_or_left_in_english() -> None:
    assert not [
        texts for texts, said in chinese().items() if not said or (said in texts and re.search("[A-Za-z]{3}", said))
    ]


def test_what_is_counted_is_one_thing_or_many_things() -> None:
    """Said with 1 and with 2, in both languages; a text of one form alone counts nothing."""
    counted = [texts for texts in chinese() if len(texts) == 2]
    assert len(counted) > 30
    facts = {name: "x" for texts in counted for name in PLACE.findall(texts[0])}
    for one, many in counted:
        said = [language.say("en", one, many, **facts | {"number": number}) for number in (1, 2, 0)]
        assert said == [one % (facts | {"number": 1}), many % (facts | {"number": 2}), many % (facts | {"number": 0})]
        assert "%(number)s" in one
        in_chinese = [language.say("zh-CN", one, many, **facts | {"number": number}) for number in (1, 2)]
        assert in_chinese[0].replace("1", "2") == in_chinese[1] != said[1]
    alone = [texts[0] for texts in chinese() if len(texts) == 1]
    assert not [text for text in alone if COUNTS.search(text) and text not in NO_COUNT]
    assert set(alone) >= NO_COUNT


async def test_no_page_says_one_of_many(house: House, browse: Open) -> None:
    """The nouns of the catalogue after a 1, on every page of the tour, with rules that say 1."""
    many = {found[1] for texts in chinese() if len(texts) == 2 for found in AFTER.findall(texts[1])}
    assert {"days", "homes", "doors", "lines", "people"} <= many
    wrong_ = re.compile(rf"(?<![\d.,:])1 ({'|'.join(sorted(many))})\b")
    walk = await tour(house)
    for key, limit in LIMITS.items():
        if limit.least == 1 != limit.value:
            await policy.set_rule(house.ctx, ADMINISTRATOR, "estate", key, "1", "业主大会", "", "便于老人进门")
    met, wrong = 0, []
    for path, name in walk:
        _, text = await (await browse(name)).get(path)
        shown = re.sub(r"<[^>]+>", " ", text)
        met += len(re.findall(r"(?<![\d.,:])1 (?:day|minute|copy|home|door)\b", shown))
        wrong += [(path, one[0]) for one in wrong_.finditer(shown)]
    assert not wrong
    assert met > 10


def test_every_refusal_of_the_services_has_its_own_words() -> None:
    found = {code for text in SERVICES for code in re.findall(r'(?:Refused|TooMany|NotFound)\("(\w+)"', text)}
    devices_only = set(re.findall(r'DeviceRefused\("(\w+)"', "".join(SERVICES)))
    assert not found - devices_only - set(subjects.REFUSALS) - NOT_SHOWN


def test_no_two_subjects_say_the_same_code() -> None:
    """Gathered, one of the two would never be read, and the other where it is not meant."""
    tables = ("REFUSALS", "FIELDS", "ACTIONS", "DONE")
    said = Counter((name, code) for one in subjects.SUBJECTS for name in tables for code in vars(one)[name])
    assert not [code for code, times in said.items() if times > 1]


def test_every_field_that_can_be_wrong_has_its_own_words() -> None:
    found = {pair for text in SERVICES for pair in re.findall(r'BadInput\("(\w+)", "(\w+)"', text)}
    # fields a page offers as choices or never sends cannot be mistyped by a person
    offered = {
        "key",
        "value",
        "kind",
        "direction",
        "role",
        "weekdays",
        "first_hours",
        "since",
        "language",
        "duties",
        "how",
        "check",
    }
    missing = {pair for pair in found if pair[0] not in offered} - set(subjects.FIELDS) - {("read", "unread")}
    assert missing <= {("day", "both")}


def test_every_alarm_of_a_door_or_of_the_host_has_words_of_its_own() -> None:
    doors = {value for name, value in vars(events).items() if name.startswith("ALERT_")}
    own = [value for name, value in vars(alarm).items() if name.isupper()]
    assert len(own) == len(set(own)) == 3
    assert not doors & set(own)
    assert doors | set(own) == set(doorwords.ALARMS)
    assert len({why for why, _ in doorwords.ALARMS.values()}) == len(doorwords.ALARMS)


def test_every_act_the_services_write_down_has_a_name() -> None:
    found = {act for text in SERVICES for act in re.findall(r'(?:note|looked)\([^"]*"([a-z]+\.[a-z_]+)"', text)}
    assert found
    assert not found - set(subjects.ACTIONS)
