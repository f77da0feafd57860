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

CHIPS = ("rp2", "esp32")
HIGHEST_PIN = 48
SHORTEST_MS, LONGEST_MS = 500, 60_000
NONE = -1
BOARD = ("name", "chip", "lock", "keypad", "inputs", "signals", "rtc", "reader", "flash")
SIGNALS = ("green", "red", "buzzer")
DAY_MS = 86_400_000
INPUTS = ("contact", "exit", "fire", "tamper")


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
    _table(values, ("board", "wifi"), "settings")
    _table(values["wifi"], ("ssid", "password", "country"), "wifi")
    board = values["board"]
    _table(board, BOARD, "board")
    if board["chip"] not in CHIPS:
        raise SettingsError("chip: must be rp2 or esp32")
    _lock(board["lock"])
    _table(board["keypad"], ("rows", "columns", "call"), "keypad")
    if len(board["keypad"]["rows"]) != 4 or len(board["keypad"]["columns"]) != 3:
        raise SettingsError("keypad: four rows and three columns")
    _table(board["inputs"], INPUTS, "inputs")
    for name in INPUTS:
        _table(board["inputs"][name], ("pin", "normally_closed"), name)
        _flag(board["inputs"][name]["normally_closed"], name)
    _table(board["signals"], SIGNALS, "signals")
    for name in SIGNALS:
        _table(board["signals"][name], ("pin", "max_on_ms"), name)
        _within(board["signals"][name]["max_on_ms"], 10, DAY_MS, name + ": max_on_ms")
    _table(board["rtc"], ("bus", "sda", "scl"), "rtc")
    _table(board["reader"], ("data0", "data1"), "reader")
    if (board["reader"]["data0"] == NONE) != (board["reader"]["data1"] == NONE):
        raise SettingsError("reader: both wires, or none")
    _table(board["flash"], ("log", "state"), "flash")
    for name in ("log", "state"):
        _within(board["flash"][name], 32, 4096, "flash " + name)
    _used_once(pins(board))


def pins(board: "dict[str, Any]") -> "list[int]":
    """Every pin the board uses, with repetitions."""
    keypad, rtc = board["keypad"], board["rtc"]
    used: list[int] = [board["lock"]["pin"], keypad["call"]] + keypad["rows"] + keypad["columns"]
    used += [board["inputs"][name]["pin"] for name in INPUTS]
    wired = [board["signals"][name]["pin"] for name in SIGNALS] + list(board["reader"].values())
    used += [pin for pin in wired if pin != NONE]
    return used if rtc["bus"] == NONE else used + [rtc["sda"], rtc["scl"]]


def _lock(lock: "Any") -> None:
    _table(lock, ("pin", "active_high", "start", "shutdown", "max_on_ms"), "lock")
    for name in ("active_high", "start", "shutdown"):
        _flag(lock[name], name)
    if lock["start"] != lock["shutdown"]:
        raise SettingsError("lock: start and shutdown must be the same, a restart must not move the lock")
    _within(lock["max_on_ms"], SHORTEST_MS, LONGEST_MS, "max_on_ms")


def _table(value: "Any", names: "tuple[str, ...]", what: str) -> None:
    if not isinstance(value, dict):
        raise SettingsError(what + ": must be a table")
    for name in value:
        if name not in names:
            raise SettingsError(what + ": there is no setting " + str(name))
    for name in names:
        if name not in value:
            raise SettingsError(what + ": " + name + " is missing")


def _flag(value: "Any", what: str) -> None:
    if value is not True and value is not False:
        raise SettingsError(what + ": must be true or false")


def _within(value: "Any", low: int, high: int, what: str) -> None:
    if value is True or value is False or not isinstance(value, int) or not low <= value <= high:
        raise SettingsError(what + ": must be " + str(low) + " to " + str(high))


def _used_once(used: "list[int]") -> None:
    for n in range(len(used)):
        _within(used[n], 0, HIGHEST_PIN, "pin")
        if used[n] in used[:n]:
            raise SettingsError("pin " + str(used[n]) + ": is used twice")
