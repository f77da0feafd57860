"""The label and the acceptance sheet: what was tested with its times, in both languages, and nothing secret."""

from html.parser import HTMLParser

from gateprov import sheet
from gateprov.sheet import BY_HAND, FAILED, OK, SKIPPED, Acceptance, Finding

DEV = "0123456789abcdef0123456789abcdef"


def accepted(**results: str) -> Acceptance:
    """A unit of which everything passed, but for what is said."""
    tests = [Finding(what, results.get(what, OK), n, 0.5, "<b>") for n, what in enumerate(sheet.NAMES)]
    return Acceptance("b12-door", "pico-w", DEV, "MicroPython 1.29.0", "https://gate.lan:8443", "2026-06-15", tests)


def words(page: str) -> str:
    """What a person reads."""
    said: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            said.append(data)

    Reader().feed(page)
    return " ".join(" ".join(said).split())


def test_every_test_is_listed_with_result_and_times_in_both_languages() -> None:
    read = words(sheet.page(accepted(relay=BY_HAND)))
    for english, chinese in sheet.NAMES.values():
        assert english in read
        assert chinese in read
    assert "confirmed by the installer 安装员确认" in read
    assert f"{len(sheet.NAMES) - 1}.0 s" in read


def test_what_failed_or_was_not_tested_says_so_and_is_not_accepted() -> None:
    assert accepted().passed
    assert accepted(relay=BY_HAND).passed
    assert not accepted(keypad=FAILED).passed
    assert not accepted(keypad=SKIPPED).passed
    some = accepted()
    some.tests.pop()
    assert not some.passed
    assert words(sheet.page(some)).count("not tested") == 1
    assert "FAILED 未通过" in words(sheet.page(accepted(keypad=FAILED)))


def test_what_stands_on_the_sheet_cannot_become_markup() -> None:
    page = sheet.page(accepted())
    assert "&lt;b&gt;" in page
    assert "<td><b>" not in page


def test_the_label_names_door_and_device_and_prints_on_its_own() -> None:
    label = sheet.label(accepted())
    assert "<b>b12-door</b>" in label
    assert "0123 4567 89ab cdef" in label
    assert "<svg" in label
    style = sheet.STYLE.read_text(encoding="utf-8")
    assert "@media print" in style
    assert "90mm" in style


def test_exit_fire_and_supply_are_left_to_a_hand_and_a_signature() -> None:
    read = words(sheet.page(accepted()))
    for english, chinese in sheet.HAND:
        assert english in read
        assert chinese in read
    for name in ("Installer 安装员", "Estate 物业", "Date 日期"):
        assert name in read
