"""Board files: every shipped one compiles, and whatever could move a lock or brick a chip is refused at its line."""

from pathlib import Path

import pytest

from gateprov import boards
from gateprov.chips import ESP32, RASPBERRY_PI
from gateprov.errors import BoardFileError


def line_of(text: str, start: str) -> int:
    """The line on which a key stands."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def refused(folder: Path, name: str, changes: list[tuple[str, str]]) -> tuple[str, str]:
    """What is said of a shipped board after changes, and the changed text."""
    text = boards.find(name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "board.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BoardFileError) as wrong:
        boards.read(path)
    return str(wrong.value).removeprefix(str(path)), text


@pytest.mark.parametrize("name", boards.names())
def test_every_shipped_board_compiles(name: str) -> None:
    board = boards.read(boards.find(name))
    assert board.name == name
    for output in board.outputs.values():
        assert output.start is output.shutdown is False
        assert output.max_on_ms > 0
    assert (board.clock is not None) == board.chip.small


def test_all_seven_boards_are_shipped() -> None:
    assert boards.names() == [
        "esp32", "pico-2-w", "pico-2-w-reader", "pico-w", "raspberry-pi-4", "raspberry-pi-5", "zero-2w",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "why"),
    [
        ("pico-w", "pin = 17", "pin = 2", "rows", "GP2 is already lock.pin"),
        ("pico-w", "call = 11", "call = 10", "call", "GP10 is already keypad.columns"),
        ("pico-w", "scl = 5", "scl = 4", "scl", "GP4 is already clock.sda"),
        ("pico-w", "pin = 17", "pin = 23", "pin", "GP23 is used on this board by radio"),
        ("pico-w", "pin = 17", "pin = 30", "pin", "rp2040 has no pin 30"),
        ("pico-w", "pin = 17", "pin = -1", "pin", "rp2040 has no pin -1"),
        ("pico-w", "pin = 17", "pin = true", "pin", "must be a GPIO number, not True"),
        ("pico-w", "pin = 17", 'pin = "17"', "pin", "must be a GPIO number"),
        ("pico-w", 'chip = "rp2040"', 'chip = "rp2041"', "chip", "one of raspberry-pi, rp2040"),
        ("pico-w", "max_on_ms = 30000", "max_on_ms = 60001", "max_on_ms", "500 to 60000"),
        ("pico-w", "max_on_ms = 30000", "#", "[lock]", "max_on_ms: is missing"),
        ("pico-w", "shutdown = false", "shutdown = true", "shutdown", "same as start"),
        ("pico-w", "active_high = true", "active_high = false", "active_high", "low while the board starts"),
        ("pico-w", "sda = 4", "sdaa = 4", "sdaa", "no such setting; there are bus, sda, scl"),
        ("pico-w", "battery_clock = true", "battery_cluck = true", "battery_cluck", "no such setting"),
        ("pico-w", "rows = [2, 3, 6, 7]", "rows = [2, 3, 6]", "rows", "four GPIO numbers"),
        ("pico-2-w", "pin = 17", "pin = 29", "pin", "used on this board by radio"),
        ("pico-2-w-reader", "data1 = 27", "data1 = 26", "data1", "GP26 is already reader.data0"),
        ("pico-2-w-reader", "data0 = 26", "data0 = 17", "data0", "GP17 is already lock.pin"),
        ("pico-2-w-reader", "data1 = 27", "data1 = 25", "data1", "GP25 is used on this board by radio"),
        ("pico-2-w-reader", "data1 = 27", "", "[reader]", "reader.data1: is missing"),
        ("pico-2-w-reader", "data1 = 27", "data2 = 27", "data2", "no such setting; there are data0, data1"),
        ("esp32", "[flash]", "[reader]\ndata0 = 5\ndata1 = 39\n[flash]", "data0", "IO5 is a strapping pin"),
        ("esp32", "pin = 25", "pin = 39", "pin", "IO39 can only be read"),
        ("esp32", "rows = [16", "rows = [39", "rows", "IO39 can only be read"),
        ("esp32", "columns = [23", "columns = [39", "columns", "IO39 can only be read"),
        ("esp32", "pin = 25", "pin = 12", "pin", "IO12 is a strapping pin"),
        ("esp32", "exit = { pin = 4", "exit = { pin = 0", "exit", "IO0 is a strapping pin"),
        ("esp32", "pin = 25", "pin = 6", "pin", "used on this board by radio, flash"),
        ("esp32", "pin = 25", "pin = 1", "pin", "used on this board by radio, flash"),
        ("esp32", "pin = 25", "pin = 24", "pin", "esp32 has no pin 24"),
        ("esp32", ', pull_up = "external"', "", "contact", "10 kOhm to 3.3 V"),
        ("esp32", 'pull_up = "external"', 'pull_up = "outside"', "contact", '"internal" or "external"'),
        ("raspberry-pi-4", "pin = 17", "pin = 8", "pin", "pulled up while the board starts"),
        ("raspberry-pi-4", "active_high = true", "active_high = false", "active_high", "low while the board starts"),
        ("raspberry-pi-4", "pin = 17", "pin = 28", "pin", "raspberry-pi has no pin 28"),
        ("raspberry-pi-5", "fire = { pin = 24", "fire = { pin = 23", "fire", "GPIO23 is already inputs.exit"),
        ("zero-2w", 'camera = "picamera2"', 'camera = "webcam"', "camera", "one of none"),
    ],
)
def test_a_bad_board_is_refused_by_name_and_line(
    tmp_path: Path, name: str, old: str, new: str, line: str, why: str
) -> None:
    told, text = refused(tmp_path, name, [(old, new)])
    assert told.startswith(f":{line_of(text, line)}: ")
    assert why in told


def test_a_buzzer_on_the_locks_pin_is_refused_at_the_buzzer(tmp_path: Path) -> None:
    told, text = refused(tmp_path, "pico-w", [("pin = 14", "pin = 17")])
    assert told == f":{line_of(text, '[buzzer]') + 1}: buzzer.pin: GP17 is already lock.pin"


@pytest.mark.parametrize(
    ("old", "new"), [("active_high = true", "active_high = false"), ("start = false", "start = true")]
)
def test_a_light_or_buzzer_that_would_be_on_at_rest_is_refused_and_not_only_ignored(
    tmp_path: Path, old: str, new: str
) -> None:
    found = boards.find("pico-w").read_text(encoding="utf-8")
    table = found[found.index("[buzzer]") : found.index("[keypad]")]
    told, _ = refused(tmp_path, "pico-w", [(table, table.replace(old, new))])
    assert f"buzzer.{old.split(' ', maxsplit=1)[0]}: must be" in told


def test_a_lock_on_a_pin_that_is_pulsed_while_the_chip_boots_is_refused(tmp_path: Path) -> None:
    told, text = refused(tmp_path, "esp32", [("pin = 25", "pin = 14"), ("call = 14", "call = 25")])
    assert told == f":{line_of(text, 'pin = 14')}: lock.pin: IO14 is pulsed while the chip boots"


def test_a_lock_energised_from_the_start_is_refused(tmp_path: Path) -> None:
    told, _ = refused(tmp_path, "pico-w", [("start = false", "start = true"), ("shutdown = false", "shutdown = true")])
    assert "lock.start: must be false" in told


@pytest.mark.parametrize("text", [b"name = ", b"\x00", b"\xff\xfe", b"[", b"name = 1\nname = 2", b""])
def test_what_is_no_board_file_is_refused_with_the_file(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "board.toml"
    path.write_bytes(text)
    with pytest.raises(BoardFileError, match=r"board\.toml"):
        boards.read(path)


def test_an_unknown_board_is_answered_with_the_boards_there_are() -> None:
    with pytest.raises(BoardFileError, match=r"No such file.*pico-w, raspberry-pi-4"):
        boards.read(boards.find("pico-x"))


def test_the_header_position_is_the_one_printed_on_the_carrier() -> None:
    assert boards.read(boards.find("pico-w")).pin_of("lock.pin") == "GP17 (pin 22)"
    assert boards.read(boards.find("raspberry-pi-5")).pin_of("lock.pin") == "GPIO17 (pin 11)"
    for chip in boards.CHIPS.values():
        assert len(set(chip.header.values())) == len(chip.header)
        assert chip.name == ESP32 or set(chip.header) == chip.pins
        assert (chip.name == RASPBERRY_PI) is not chip.small
