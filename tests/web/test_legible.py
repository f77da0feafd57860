"""What stands on a page says what it seems to say, whoever wrote it."""

import pytest

from gatehost.model.account import DESK, Actor
from gatehost.model.legible import legible
from gatehost.service.gate import asking
from gatehost.web.frame import page, sent

from .conftest import Open
from .house import HOME, House

DESK_CLERK = Actor(0, "", "desk", DESK, (), "zh_CN", True)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("王芳", "王芳"),
        ("两行\n字\t格", "两行\n字\t格"),
        ("\u202d021-5555 0100\u202c", "021-5555 0100"),  # as a phone copies a number
        ("王\u200b芳\ufeff", "王芳"),
        ("gnaf\u202egnaw", "gnafgnaw"),
        ("\u2066张\u2069三\u200f", "张三"),
        ("a\0b\x1b[31mc\x85", "ab[31mc"),
        ("\u3164\u115f\u2060", ""),
        ("\ud800王\udfff\ufffe", "王"),
        ("\U000e0041王\U000e007f", "王"),
        ("e\u0301te\u0301", "e\u0301te\u0301"),
        ("Z" + "\u0335" * 40 + "a", "Z" + "\u0335" * 3 + "a"),
        ("葛\U000e0100城", "葛\U000e0100城"),  # a variant of the character, as some names have it
        ("👍🏽", "👍🏽"),
    ],
)
def test_what_turns_hides_or_covers_is_left_out_and_every_name_stays(typed: str, read: str) -> None:
    assert legible(typed) == read
    assert legible(read) == read


async def test_a_visitor_s_name_cannot_pass_for_another(house: House, browse: Open) -> None:
    visitor, fang = await browse(""), await browse("wangfang")
    told = {"home": HOME, "name": "\u202e姨\u200b阿张", "phone": "\u202d13800001234\u202c", "reason": "\u2067送货"}
    assert (await visitor.post("/visit/north", told))[0] == 200
    (asked,) = await asking.waiting(house.ctx, DESK_CLERK)
    assert (asked.form["name"], asked.form["phone"], asked.form["reason"]) == ("姨阿张", "13800001234", "送货")
    assert "姨阿张" in (await fang.get("/me"))[1]


def test_what_older_versions_and_devices_wrote_is_shown_without_it_too() -> None:
    shown = page.environment().from_string("{{ name }}<b>{{ n }}{{ nothing }}</b>")
    assert shown.render(name="王\u202e芳<", n=3, nothing=None) == "王芳&lt;<b>3None</b>"


def test_a_password_is_what_was_typed() -> None:
    assert sent.clear("password", "a\u200bb") == "a\u200bb"
    assert sent.clear("name", "a\u200bb") == "ab"
