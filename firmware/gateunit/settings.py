"""Settings and boards as TOML: every key with its bounds, unknown keys refused, pins used once.

A refusal names the file, the line and what to write there. Boards (hw/boards) are the only source of pins.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gateface.manifest import SHIPPED
from gateunit import eyes
from gateunit.errors import SettingsError

LOWEST_PIN, HIGHEST_PIN = 2, 27  # BCM numbers on the 40-pin header, less the two of the identity EEPROM
CAMERAS = ("none", "picamera2", "v4l2", "rtsp", "file", "folder")
READERS = ("none", "wiegand", "usb")
Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class LockPin:
    """The lock's output. `start` and `shutdown` are levels of the load: False is not energised."""

    pin: int
    active_high: bool
    start: bool
    shutdown: bool
    max_on_ms: int


@dataclass(frozen=True, slots=True)
class KeypadPins:
    """Four row outputs, three column inputs and the call button."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    call: int


@dataclass(frozen=True, slots=True)
class InputPin:
    """A wire to ground; normally closed means that the open wire says yes."""

    pin: int
    normally_closed: bool


@dataclass(frozen=True, slots=True)
class ReaderPins:
    """The two wires of a Wiegand reader, brought down to 3.3 V."""

    data0: int
    data1: int


@dataclass(frozen=True, slots=True)
class Board:
    """One file of hw/boards."""

    name: str
    camera: str
    battery_clock: bool
    lock: LockPin
    keypad: KeypadPins
    inputs: dict[str, InputPin]
    reader: ReaderPins | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One unit: the folder of its file, where it keeps its data, its board, where its pictures and cards come from,
    and the manifest of the models that tell faces apart."""

    home: Path
    folder: Path
    board: Board
    camera: str
    camera_folder: Path | None
    camera_source: str
    language: int
    face_model: Path = SHIPPED
    gate_page: tuple[str, int] | None = None
    reader: str = "none"
    reader_device: str = ""
    infrared: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A TOML file that knows its lines."""

    path: Path
    text: str

    def refuse(self, key: str, why: str) -> NoReturn:
        """SettingsError at the line of `key`."""
        raise SettingsError(f"{self.path}:{self._line(key)}: {key}: {why}")

    def _line(self, key: str) -> int:
        """The line of a dotted key: of its own name in its table, else of the inline table it stands in."""
        *tables, name = key.split(".")
        inside = not tables
        for number, line in enumerate(self.text.splitlines(), 1):
            word = line.strip().split("=")[0].strip()
            if word.startswith("["):
                inside = bool(tables) and word.startswith(f"[{tables[0]}]")
            elif inside and word in (name, *tables[1:]):
                return number
        return 1

    def table(self, values: Any, shape: Mapping[str, tuple[Check, str]], prefix: str = "") -> dict[str, Any]:
        """The values of a table, each one checked; a missing, unknown or unfitting one is refused."""
        if not isinstance(values, dict):
            self.refuse(prefix.rstrip("."), "must be a table")
        for key in values:
            if key not in shape:
                self.refuse(prefix + key, f"there is no such setting; there are {', '.join(shape)}")
        for key, (fits, wanted) in shape.items():
            if key not in values:
                raise SettingsError(f"{self.path}: {prefix}{key} is missing: it must be {wanted}")
            if not fits(values[key]):
                self.refuse(prefix + key, f"must be {wanted}, not {values[key]!r}")
        return values


def flag(value: Any) -> bool:
    """true or false."""
    return isinstance(value, bool)


def number(low: int, high: int) -> Check:
    """A whole number within bounds."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def pins(count: int) -> Check:
    """So many pins."""
    return lambda value: isinstance(value, list) and len(value) == count and all(map(PIN[0], value))


def one_of(*words: str) -> Check:
    """One of some words."""
    return lambda value: isinstance(value, str) and value in words


def any_table(value: Any) -> bool:
    """A table, looked at later."""
    return isinstance(value, dict)


def text(value: Any) -> bool:
    """Some text."""
    return isinstance(value, str) and value != ""


def address(value: str) -> tuple[str, int] | None:
    """(host, port) of `host:port` or `[IPv6]:port`; None for anything else."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        return None
    return host.strip("[]"), int(port)


FLAG = (flag, "true or false")
PIN = (number(LOWEST_PIN, HIGHEST_PIN), f"a GPIO number from {LOWEST_PIN} to {HIGHEST_PIN}")
TABLE = (any_table, "a table")
CAMERA = (one_of(*CAMERAS), f"one of {', '.join(CAMERAS)}")

BOARD = {
    "name": (text, "the board's name"),
    "camera": CAMERA,
    "battery_clock": FLAG,
    "lock": TABLE,
    "keypad": TABLE,
    "inputs": TABLE,
    "reader": TABLE,
}
LOCK = {
    "pin": PIN,
    "active_high": FLAG,
    "start": FLAG,
    "shutdown": FLAG,
    "max_on_ms": (number(500, 60_000), "500 to 60000"),
}
KEYPAD = {"rows": (pins(4), "four GPIO numbers"), "columns": (pins(3), "three GPIO numbers"), "call": PIN}
READER = {"data0": PIN, "data1": PIN}
INPUTS = dict.fromkeys(("contact", "exit", "fire", "tamper"), TABLE)
INPUT = {"pin": PIN, "normally_closed": FLAG}
SETTINGS = {
    "folder": (text, "the folder for this unit's data"),
    "board": (text, "a file of hw/boards"),
    "camera": CAMERA,
    "camera_folder": (lambda value: isinstance(value, str), 'a folder of pictures, or "" for none'),
    "camera_source": (
        lambda value: isinstance(value, str),
        'a device (v4l2), an address (rtsp), a film (file), a Python with picamera2, or "" for the usual one',
    ),
    "infrared": (lambda value: isinstance(value, str), 'a grey camera in infrared (v4l2), or "" for none'),
    "reader": (one_of(*READERS), f"one of {', '.join(READERS)}"),
    "reader_device": (
        lambda value: isinstance(value, str),
        'the USB reader, as /dev/input/by-id/..., or "" for none',
    ),
    "face_model": (lambda value: isinstance(value, str), 'what `kaimen face adopt` wrote, or "" for the built-in one'),
    "language": (one_of("zh-CN", "en"), "zh-CN or en"),
    "gate_page": (
        lambda value: isinstance(value, str) and (not value or address(value) is not None),
        'where the guard\'s own page is served, like "127.0.0.1:8480" or "0.0.0.0:8443", or "" for nowhere',
    ),
}

# settings a unit from before they were there need not have
OPTIONAL = {
    "camera_source": "",
    "face_model": "",
    "gate_page": "",
    "infrared": "",
    "reader": "none",
    "reader_device": "",
}


def read_board(path: Path) -> Board:
    """A board file; SettingsError for anything that could move a lock unasked."""
    source = _source(path)
    values = source.table({"reader": {}, **_parsed(source)}, BOARD)
    lock = LockPin(**source.table(values["lock"], LOCK, "lock."))
    keypad = source.table(values["keypad"], KEYPAD, "keypad.")
    wired = source.table(values["inputs"], INPUTS, "inputs.")
    inputs = {name: InputPin(**source.table(wired[name], INPUT, f"inputs.{name}.")) for name in INPUTS}
    made = KeypadPins(tuple(keypad["rows"]), tuple(keypad["columns"]), keypad["call"])
    if lock.start != lock.shutdown:
        source.refuse("lock.shutdown", "must be the same as start: a crash or a restart must not move the lock")
    reader = ReaderPins(**source.table(values["reader"], READER, "reader.")) if values["reader"] else None
    _used_once(source, lock, made, inputs, reader)
    return Board(values["name"], values["camera"], values["battery_clock"], lock, made, inputs, reader)


def read_settings(path: Path) -> Settings:
    """A settings file and the board it names; SettingsError where either, camera or reader, is not usable."""
    source = _source(path)
    values = source.table({**OPTIONAL, **_parsed(source)}, SETTINGS)
    board = read_board(path.parent / values["board"])
    folder = path.parent / values["camera_folder"] if values["camera_folder"] else None
    kind, where = values["camera"], values["camera_source"]
    hindrance = eyes.hindrance(kind, path.parent, where)
    if hindrance:
        source.refuse("camera_source" if where else "camera", f'{hindrance}; or write camera = "none"')
    if kind == "folder" and (folder is None or not folder.is_dir()):
        source.refuse("camera_folder", 'there is no such folder; name one, or write camera = "none"')
    blind = eyes.infrared_hindrance(values["infrared"])
    if blind:
        source.refuse("infrared", f'{blind}; or write infrared = ""')
    face_model = path.parent / values["face_model"] if values["face_model"] else SHIPPED
    unfit = eyes.face_hindrance(face_model)
    if unfit:
        source.refuse("face_model", f'{unfit}; or write face_model = "" for the built-in one')
    reader, device = _reader(source, values, board)
    language = 0 if values["language"] == "zh-CN" else 1
    return Settings(
        *(path.parent, path.parent / values["folder"], board, kind, folder, where, language, face_model),
        *(address(values["gate_page"]), reader, device, values["infrared"]),
    )


def _reader(source: Source, values: dict[str, Any], board: Board) -> tuple[str, str]:
    """Which reader and its device; refused where it can be neither found nor wired."""
    reader, device = values["reader"], values["reader_device"]
    if reader == "wiegand" and board.reader is None:
        source.refuse("reader", 'the board has no wires for one: add [reader] to it, or write reader = "none"')
    if reader == "usb" and not device.startswith("/dev/"):
        source.refuse("reader_device" if device else "reader", 'name it: reader_device = "/dev/input/by-id/..."')
    return reader, device


def _source(path: Path) -> Source:
    try:
        return Source(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as wrong:
        reason = getattr(wrong, "strerror", None) or "is not UTF-8 text"
        raise SettingsError(f"{path}: {reason}") from wrong


def _parsed(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as wrong:
        raise SettingsError(f"{source.path}: {wrong}") from wrong


def _used_once(
    source: Source, lock: LockPin, keypad: KeypadPins, inputs: dict[str, InputPin], reader: ReaderPins | None
) -> None:
    users = [("lock.pin", lock.pin)]
    users += [("keypad.rows", pin) for pin in keypad.rows] + [("keypad.columns", pin) for pin in keypad.columns]
    users += [("keypad.call", keypad.call)] + [(f"inputs.{name}", wire.pin) for name, wire in inputs.items()]
    users += [] if reader is None else [("reader.data0", reader.data0), ("reader.data1", reader.data1)]
    seen: dict[int, str] = {}
    for user, pin in users:
        if pin in seen:
            source.refuse(user, f"GPIO {pin} is already {seen[pin]}")
        seen[pin] = user
