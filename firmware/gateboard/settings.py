"""The board's settings: one JSON file, made by the provisioning tool from a file of hw/boards, checked again here.

    {"board": {...}, "wifi": {"ssid": "...", "password": "...", "country": "CN"}}

`board` is the TOML file of hw/boards as it is, table by table:

    name, chip ("rp2" or "esp32")
    lock     pin, active_high, start, shutdown, max_on_ms
    keypad   rows [4], columns [3], call
    inputs   contact, exit, fire, tamper: each {pin, normally_closed}
    signals  green, red, buzzer: each {pin, max_on_ms}; pin -1 for none
    rtc      bus, sda, scl: the DS3231; bus -1 for none
    reader   data0, data1: a Wiegand reader's wires; both -1 for none
    flash    log, state (KiB each, state is one of its two copies)

Pins are GPIO numbers; every pin is used once; a lock's `start` and `shutdown` are the same.
"""

import json

from gateboard.errors import SettingsError
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

HIGHEST_PIN = 48
NONE = -1
INPUTS = ("contact", "exit", "fire", "tamper")
SIGNALS = ("green", "red", "buzzer")
# What a value must be: a table of these; a whole number, by its least and its most; so many pins; or one of some.
_PIN, _PIN_OR_NONE, _KIB = (0, HIGHEST_PIN), (NONE, HIGHEST_PIN), (32, 4096)
_FLAG, _CHIP, _ANY = [True, False], ["rp2", "esp32"], None
_INPUT = {"pin": _PIN, "normally_closed": _FLAG}
_SIGNAL = {"pin": _PIN_OR_NONE, "max_on_ms": (10, 86_400_000)}
_LOCK = {"pin": _PIN, "active_high": _FLAG, "start": _FLAG, "shutdown": _FLAG, "max_on_ms": (500, 60_000)}
_SHAPE: "dict[str, Any]" = {
    "board": {
        "name": _ANY,
        "chip": _CHIP,
        "lock": _LOCK,
        "keypad": {"rows": 4, "columns": 3, "call": _PIN},
        "inputs": {name: _INPUT for name in INPUTS},
        "signals": {name: _SIGNAL for name in SIGNALS},
        "rtc": {"bus": _PIN_OR_NONE, "sda": _PIN_OR_NONE, "scl": _PIN_OR_NONE},
        "reader": {"data0": _PIN_OR_NONE, "data1": _PIN_OR_NONE},
        "flash": {"log": _KIB, "state": _KIB},
    },
    "wifi": {"ssid": _ANY, "password": _ANY, "country": _ANY},
}


def read(path: str) -> "dict[str, Any]":
    """The checked settings in a file; SettingsError names what is wrong."""
    try:
        with open(path) as file:
            values: "dict[str, Any]" = json.load(file)
    except (OSError, ValueError):
        raise SettingsError(path + ": no settings are there, or no JSON; provision this board again")
    check(values)
    return values


def check(values: "Any") -> None:
    """SettingsError unless `values` is the dictionary drawn above."""
    _like(values, _SHAPE, "settings")
    board = values["board"]
    lock, reader = board["lock"], board["reader"]
    if lock["start"] != lock["shutdown"]:
        raise SettingsError("lock: start and shutdown must be the same, a restart must not move the lock")
    if (reader["data0"] == NONE) != (reader["data1"] == NONE):
        raise SettingsError("reader: both wires, or none")
    used = pins(board)
    for n in range(len(used)):
        _like(used[n], _PIN, "pin")
        if used[n] in used[:n]:
            raise SettingsError("pin " + str(used[n]) + ": is used twice")


def pins(board: "dict[str, Any]") -> "list[int]":
    """Every pin the board uses, with repetitions."""
    keypad, rtc = board["keypad"], board["rtc"]
    used: list[int] = [board["lock"]["pin"], keypad["call"]] + keypad["rows"] + keypad["columns"]
    used += [board["inputs"][name]["pin"] for name in INPUTS] + [board["signals"][name]["pin"] for name in SIGNALS]
    used += board["reader"].values()
    used = [pin for pin in used if pin != NONE]
    return used if rtc["bus"] == NONE else used + [rtc["sda"], rtc["scl"]]


def _like(value: "Any", shape: "Any", what: str) -> None:
    """SettingsError, with the name of what it is about, unless a value is as its shape says."""
    wrong = ""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise SettingsError(what + ": must be a table")
        for name in value:
            if name not in shape:
                raise SettingsError(what + ": there is no setting " + str(name))
        for name in shape:
            if name not in value:
                raise SettingsError(what + ": " + name + " is missing")
            _like(value[name], shape[name], name if isinstance(shape[name], dict) else what + " " + name)
    elif isinstance(shape, list):
        if not [one for one in shape if one is value or (one == value and isinstance(one, str))]:
            wrong = str(shape[0]) + " or " + str(shape[1])
    elif isinstance(shape, tuple):
        if value is True or value is False or not isinstance(value, int) or not shape[0] <= value <= shape[1]:
            wrong = str(shape[0]) + " to " + str(shape[1])
    elif shape is not None:
        if not isinstance(value, list) or len(value) != shape:
            wrong = str(shape) + " pins"
        else:
            for pin in value:
                _like(pin, _PIN, what)
    if wrong:
        raise SettingsError(what + ": must be " + wrong)
