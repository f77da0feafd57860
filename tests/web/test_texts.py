"""Nothing is left unsaid: each text in both languages, each refusal and each act of the services in words."""

import re
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

from gatecore import events
from gatehost.model import alarm
from gatehost.web.words import doorwords, language, subjects

from .texts import WEB, spoken

SERVICES = [path.read_text(encoding="utf-8") for path in sorted((WEB.parent / "service").rglob("*.py"))]
PLACE = re.compile(r"%\((\w+)\)s")
# refusals that reach a device or a log, never a page
NOT_SHOWN = {"credentials", "tries", "page", "alarm"}


def chinese() -> dict[str, str]:
    """The catalogue, read as translators write it."""
    with Path(language.CATALOGUE).open("rb") as source:
        return {str(one.id): str(one.string) for one in read_po(source, locale="zh_CN") if one.id}


def test_every_text_is_there_in_chinese() -> None:
    assert not sorted(spoken() - set(chinese()))


def test_the_catalogue_holds_no_text_nobody_says() -> None:
    assert not sorted(set(chinese()) - spoken())


def test_a_translation_names_the_same_facts() -> None:
    wrong = [text for text, said in chinese().items() if sorted(PLACE.findall(text)) != sorted(PLACE.findall(said))]
    assert not wrong


def test_no_translation_is_empty_or_left_in_english() -> None:
    assert not [
        text for text, said in chinese().items() if not said or (said == text and re.search("[A-Za-z]{3}", text))
    ]


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
