"""hw/boards: the only source of pins, read strictly and held against what the chip can do.

A file that could move a lock unasked is refused with its line: a pin used twice or not there, an output on a pin that
cannot drive, a lock on a pin that the chip pulls while it boots, start unlike shutdown, no longest time.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gateprov.chips import CHIPS, RASPBERRY_PI, Chip
from gateprov.errors import BoardFileError

_BESIDE = Path(__file__).parent / "hw"  # in a wheel; in a checkout at the top
HW = _BESIDE if _BESIDE.is_dir() else Path(__file__).resolve().parents[2] / "hw"
FOLDER = HW / "boards"
INPUTS = ("contact", "exit", "fire", "tamper")
CAMERAS = ("none", "picamera2", "v4l2", "folder")
LONGEST_MS = {"lock": 60_000, "green": 86_400_000, "red": 86_400_000, "buzzer": 10_000}
LIGHTS = ("green", "red", "buzzer")
INTERNAL, EXTERNAL = "internal", "external"
Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Output:
    """A driven pin. `start` and `shutdown` are levels of the load: False is not energised."""

    pin: int
    active_high: bool
    start: bool
    shutdown: bool
    max_on_ms: int


@dataclass(frozen=True, slots=True)
class Input:
    """A wire to ground; normally closed means that the open wire says yes. `pull_up`: internal, or a resistor."""

    pin: int
    normally_closed: bool
    pull_up: str


@dataclass(frozen=True, slots=True)
class Board:
    """One board file. `outputs` has `lock`, on small boards also LIGHTS; `clock` is (bus, SDA, SCL); `flash` in KiB;
    `reader` is (DATA0, DATA1) of a Wiegand reader."""

    name: str
    chip: Chip
    camera: str
    battery_clock: bool
    outputs: dict[str, Output]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    call: int
    inputs: dict[str, Input]
    clock: tuple[int, int, int] | None
    reader: tuple[int, int] | None
    flash: dict[str, int]
    text: str

    def uses(self) -> list[tuple[str, int]]:
        """Every pin with the key it is named by, in the order of the file's tables."""
        found = [(f"{name}.pin", output.pin) for name, output in self.outputs.items()]
        found += [("keypad.rows", pin) for pin in self.rows] + [("keypad.columns", pin) for pin in self.columns]
        found += [("keypad.call", self.call)] + [(f"inputs.{name}", wire.pin) for name, wire in self.inputs.items()]
        if self.reader is not None:
            found += [("reader.data0", self.reader[0]), ("reader.data1", self.reader[1])]
        return found + ([] if self.clock is None else [("clock.sda", self.clock[1]), ("clock.scl", self.clock[2])])

    def pin_of(self, use: str) -> str:
        """The label of the pin a key names, as printed on the carrier."""
        return self.chip.label(dict(self.uses())[use])


@dataclass(frozen=True, slots=True)
class Source:
    """A TOML text that knows its lines."""

    path: Path
    text: str

    def refuse(self, key: str, why: str) -> NoReturn:
        """BoardFileError at the line of a dotted key."""
        raise BoardFileError(f"{self.path}:{self._line(key)}: {key}: {why}")

    def _line(self, key: str) -> int:
        """The line of the key in its table, or of the inline table it stands in, or of the table."""
        *tables, name = key.split(".")
        inside, best = not tables, 1
        for number, line in enumerate(self.text.splitlines(), 1):
            word = line.split("#")[0].split("=")[0].strip()
            if word.startswith("["):
                inside = bool(tables) and word == f"[{tables[0]}]"
                best = number if inside else best
            elif inside and word in (name, *tables[1:]):
                return number
        return best

    def table(self, values: Any, shape: Mapping[str, tuple[Check, str]], prefix: str = "") -> dict[str, Any]:
        """A table's values, each checked; a missing, unknown or unfitting one is refused by name."""
        if not isinstance(values, dict):
            self.refuse(prefix.rstrip("."), "must be a table")
        for key in values:
            if key not in shape:
                self.refuse(prefix + key, f"there is no such setting; there are {', '.join(shape)}")
        for key, (fits, wanted) in shape.items():
            if key not in values:
                self.refuse(prefix + key, f"is missing: it must be {wanted}")
            if not fits(values[key]):
                self.refuse(prefix + key, f"must be {wanted}, not {values[key]!r}")
        return values


def _is(kind: type) -> Check:
    return lambda value: type(value) is kind


def _within(low: int, high: int) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _numbers(count: int) -> Check:
    return lambda value: type(value) is list and len(value) == count and all(type(one) is int for one in value)


FLAG = (_is(bool), "true or false")
PIN = (_is(int), "a GPIO number")
TABLE = (_is(dict), "a table")
KEYPAD = {"rows": (_numbers(4), "four GPIO numbers"), "columns": (_numbers(3), "three GPIO numbers"), "call": PIN}
COMMON = {
    "name": (lambda value: isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9-]{1,40}", value)), "a short name"),
    "battery_clock": FLAG,
    "lock": TABLE,
    "keypad": TABLE,
    "inputs": TABLE,
}
PI = COMMON | {"camera": (_one_of(*CAMERAS), f"one of {', '.join(CAMERAS)}"), "reader": TABLE}
READER = {"data0": PIN, "data1": PIN}
SMALL = (
    COMMON
    | {
        "chip": (_one_of(*CHIPS), f"one of {', '.join(CHIPS)}"),
        "clock": TABLE,
        "flash": TABLE,
        "reader": TABLE,
    }
    | dict.fromkeys(LIGHTS, TABLE)
)
CLOCK = {"bus": (_within(0, 1), "0 or 1"), "sda": PIN, "scl": PIN}
FLASH = dict.fromkeys(("log", "state"), (_within(32, 4096), "32 to 4096 KiB"))


def _output(name: str) -> dict[str, tuple[Check, str]]:
    low = 500 if name == "lock" else 10
    longest = (_within(low, LONGEST_MS[name]), f"{low} to {LONGEST_MS[name]}")
    return {"pin": PIN, "active_high": FLAG, "start": FLAG, "shutdown": FLAG, "max_on_ms": longest}


def read(path: Path) -> Board:
    """A board file; BoardFileError with file, line and what to write there."""
    try:
        source = Source(path, path.read_text(encoding="utf-8"))
        values = tomllib.loads(source.text)
    except (OSError, UnicodeDecodeError) as wrong:
        reason = getattr(wrong, "strerror", None) or "is not UTF-8 text"
        raise BoardFileError(f"{path}: {reason}; the boards we know: {', '.join(names())}") from wrong
    except tomllib.TOMLDecodeError as wrong:
        raise BoardFileError(f"{path}: {wrong}") from wrong
    board = _board(source, values)
    _check_pins(source, board)
    _check_outputs(source, board)
    return board


def find(name: str) -> Path:
    """The file of a board by name, or by path for a copy with other pins."""
    return Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"


def names() -> list[str]:
    """The boards that are shipped."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def shipped() -> Iterator[Board]:
    """Every shipped board, read."""
    return (read(find(name)) for name in names())


def _board(source: Source, values: dict[str, Any]) -> Board:
    small = "chip" in values and values["chip"] != RASPBERRY_PI
    source.table({"reader": {}, **values}, SMALL if small else PI)
    chip = CHIPS[values["chip"] if small else RASPBERRY_PI]
    outputs = {
        name: Output(**source.table(values[name], _output(name), f"{name}."))
        for name in (("lock", *LIGHTS) if small else ("lock",))
    }
    keypad = source.table(values["keypad"], KEYPAD, "keypad.")
    wired = source.table(values["inputs"], dict.fromkeys(INPUTS, TABLE), "inputs.")
    inputs = {name: _input(source, name, wired[name], small) for name in INPUTS}
    reader = source.table(values["reader"], READER, "reader.") if values.get("reader") else None
    clock = source.table(values["clock"], CLOCK, "clock.") if small else None
    return Board(
        name=values["name"],
        chip=chip,
        camera=values.get("camera", "none"),
        battery_clock=values["battery_clock"],
        outputs=outputs,
        rows=tuple(keypad["rows"]),
        columns=tuple(keypad["columns"]),
        call=keypad["call"],
        inputs=inputs,
        clock=None if clock is None else (clock["bus"], clock["sda"], clock["scl"]),
        reader=None if reader is None else (reader["data0"], reader["data1"]),
        flash=source.table(values["flash"], FLASH, "flash.") if small else {},
        text=source.text,
    )


def _input(source: Source, name: str, values: dict[str, Any], small: bool) -> Input:
    shape = {"pin": PIN, "normally_closed": FLAG}
    if small and "pull_up" in values:
        shape["pull_up"] = (_one_of(INTERNAL, EXTERNAL), f'"{INTERNAL}" or "{EXTERNAL}"')
    source.table(values, shape, f"inputs.{name}.")
    return Input(values["pin"], values["normally_closed"], values.get("pull_up", INTERNAL))


def _check_pins(source: Source, board: Board) -> None:
    """Every pin is there, free, used once, and not one that decides how the chip boots."""
    seen: dict[int, str] = {}
    for use, pin in board.uses():
        chip = board.chip
        if pin in chip.taken:
            source.refuse(use, f"{chip.prefix}{pin} is used on this board by radio, flash or serial port")
        if pin not in chip.pins:
            source.refuse(use, f"{chip.name} has no pin {pin} for this")
        if pin in chip.strapping:
            source.refuse(use, f"{chip.prefix}{pin} is a strapping pin: it decides how the chip boots")
        if pin in seen:
            source.refuse(use, f"{chip.prefix}{pin} is already {seen[pin]}")
        seen[pin] = use


def _check_outputs(source: Source, board: Board) -> None:
    """Outputs can drive, hold still from power-on to power-off, and inputs have something that pulls them up."""
    chip = board.chip
    for use, pin in board.uses():
        if pin in chip.no_output and not use.startswith("inputs."):
            source.refuse(use, f"{chip.prefix}{pin} can only be read: it has no driver and no pull-up")
    for name, output in board.outputs.items():
        if name != "lock" and not output.active_high:
            source.refuse(f"{name}.active_high", "must be true: lights and buzzer are driven high")
        if name != "lock" and output.start:
            source.refuse(f"{name}.start", "must be false: a light is off until the program says more")
        if output.start != output.shutdown:
            source.refuse(f"{name}.shutdown", "must be the same as start: a crash or a restart must not move it")
        if output.pin in chip.pulsed_at_reset:
            source.refuse(f"{name}.pin", f"{chip.prefix}{output.pin} is pulsed while the chip boots")
    _check_lock_at_reset(source, board)
    for name, wire in board.inputs.items():
        if wire.pin in chip.no_pull and wire.pull_up != EXTERNAL:
            source.refuse(f"inputs.{name}", f'{chip.prefix}{wire.pin} needs 10 kOhm to 3.3 V and pull_up = "external"')


def _check_lock_at_reset(source: Source, board: Board) -> None:
    """Between power-on and our first line the pin is where the chip pulls it: that must be the lock's start level."""
    lock, chip = board.outputs["lock"], board.chip
    if lock.start:
        source.refuse("lock.start", "must be false: a lock is not energised before a door has decided")
    if lock.active_high and lock.pin in chip.high_at_reset:
        source.refuse("lock.pin", f"{chip.prefix}{lock.pin} is pulled up while the board starts: the lock would move")
    if not lock.active_high and lock.pin not in chip.high_at_reset:
        source.refuse("lock.active_high", f"{chip.prefix}{lock.pin} is low while the board starts: the lock would move")
