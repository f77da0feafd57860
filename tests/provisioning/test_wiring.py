"""Drawings and lists say what the board files say, also to who cannot see them; exit and fire need no processor."""

import csv
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from gateprov import boards, parts, wiring

SVG = "{http://www.w3.org/2000/svg}"
NAMES = boards.names()


def drawn(name: str) -> xml.Element:
    """A shipped drawing."""
    return xml.parse(wiring.FOLDER / f"{name}.svg").getroot()


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_drawing_is_the_board_files_own(name: str) -> None:
    board = boards.read(boards.find(name))
    assert (wiring.FOLDER / f"{name}.svg").read_text(encoding="utf-8") == wiring.draw(board)
    assert (parts.FOLDER / f"{name}.csv").read_text(encoding="utf-8") == parts.listed(board)


def test_no_drawing_and_no_list_is_left_over() -> None:
    assert sorted(path.stem for path in wiring.FOLDER.iterdir()) == NAMES
    assert sorted(path.stem for path in parts.FOLDER.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_of_the_board_file_is_drawn_once(name: str) -> None:
    board = boards.read(boards.find(name))
    shown = [text.text for text in drawn(name).iter(f"{SVG}text")]
    for _, pin in board.uses():
        assert shown.count(board.chip.label(pin)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_tells_in_words_what_it_shows(name: str) -> None:
    root = drawn(name)
    assert root.get("role") == "img"
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert words.text is not None
    for pin, to, note in wiring.wires(boards.read(boards.find(name))):
        assert f"{pin} to {to} ({note})" in words.text


@pytest.mark.parametrize("name", NAMES)
def test_fire_and_exit_break_the_locks_circuit_before_the_processors_relay(name: str) -> None:
    shown = [text.text or "" for text in drawn(name).iter(f"{SVG}text")]
    order = ["Supply 12 V", "Fire relay NC", "Exit button NC", "Door relay NC", "Maglock"]
    assert [text for text in shown if text in order] == order
    assert "Fire and exit open the door by breaking this circuit themselves" in wiring.IN_WORDS


def test_a_changed_pin_changes_the_drawing(tmp_path: Path) -> None:
    text = boards.find("pico-w").read_text(encoding="utf-8").replace("pin = 17", "pin = 16")
    (tmp_path / "board.toml").write_text(text, encoding="utf-8")
    changed = wiring.draw(boards.read(tmp_path / "board.toml"))
    assert "GP16 (pin 21)" in changed
    assert changed != (wiring.FOLDER / "pico-w.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_door_has_a_battery_clock_and_an_exit_button_on_its_list(name: str) -> None:
    with (parts.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["part"] for row in rows]
    assert any("RTC" in part for part in names)
    assert any(part.startswith("Exit button, two poles") for part in names)
    *single, whole = rows
    assert "about" in whole["for"]
    assert abs(sum(float(row["about_usd"]) for row in single) - float(whole["about_usd"])) < 0.51


def test_every_input_without_a_pull_up_has_its_resistor() -> None:
    (resistors,) = [part for part in parts.parts(boards.read(boards.find("esp32"))) if "10 kOhm" in part.name]
    assert resistors.count == 3
