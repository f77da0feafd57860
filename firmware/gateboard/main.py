"""The entry point: `gateboard.main.main()` is all that the board's own main.py calls."""

import time

from gateboard.board import Board, Ports
from gateboard.errors import SettingsError
from gateboard.flash import SECTOR, Region, open_device
from gateboard.keys import load
from gateboard.link import Link, Wifi
from gateboard.lock import Lock
from gateboard.notes import Note
from gateboard.ring import Ring
from gateboard.rtc import BatteryClock
from gateboard.settings import NONE
from gateboard.shelf import NOT_HERE, WITH_READER, Shelf
from gateboard.signals import Signals
from gateboard.wires import Inputs, Keypad
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Random

SETTINGS_FILE = "settings.json"
WATCHDOG_MS = 8_000  # the rp2 takes at most 8388
KEYS, CLOCK, MEMORY = 2, 2, 12  # sectors of the small records
_COUNT = 4  # ioctl: how many sectors


class Ticks:
    """ms since start, 64 bits wide, out of a counter that wraps; asked at least once in six days.

    After 12.4 days these are no small integers any more: each that is read or reckoned with takes memory."""

    def __init__(self) -> None:
        self._last = self._told = time.ticks_ms()  # type: ignore[attr-defined]
        self._mono = 0

    def passed(self, ms: int) -> bool:
        """Whether so many ms are over since this last said so; takes no memory however long the board has run."""
        now = time.ticks_ms()  # type: ignore[attr-defined]
        if time.ticks_diff(now, self._told) < ms:  # type: ignore[attr-defined]
            return False
        self._told = now
        return True

    def __call__(self) -> int:
        now = time.ticks_ms()  # type: ignore[attr-defined]
        self._mono += time.ticks_diff(now, self._last)  # type: ignore[attr-defined]
        self._last = now
        return self._mono


class Areas:
    """Where on the flash everything lies: our area is its end, so that the file system may keep the start."""

    def __init__(self, device: "Any", sizes: "dict[str, int]") -> None:
        count = device.ioctl(_COUNT, 0)
        self._device = device
        self._next = count - sectors(sizes)
        if self._next < 0:
            raise SettingsError("flash: this chip is too small for these sizes")
        self.keys, self.saved, self.memory = self._take(KEYS), self._take(CLOCK), self._take(MEMORY)
        half = sizes["state"] * 1024 // SECTOR
        self.states = (self._take(half), self._take(half))
        self.log = self._take(sizes["log"] * 1024 // SECTOR)

    def _take(self, count: int) -> Region:
        region = Region(self._device, self._next, count)
        self._next += count
        return region


def sectors(sizes: "dict[str, int]") -> int:
    """How many sectors at the end of the flash are ours; the file system must end before them."""
    return KEYS + CLOCK + MEMORY + (2 * sizes["state"] + sizes["log"]) * 1024 // SECTOR


def build(values: "dict[str, Any]", random: "Random") -> Board:
    """The board on its real ports: the lock first, so that it is at its start level before anything else happens."""
    wired = values["board"]
    chip = wired["chip"]
    lock = Lock(wired["lock"], -1 if chip == "rp2" else 0)
    areas = Areas(open_device(chip), wired["flash"])
    kept = load(Note(areas.keys))
    if kept is None:
        raise SettingsError("this board has no keys; provision it again")
    mono = Ticks()
    has_reader = wired["reader"]["data0"] != NONE
    ports = Ports(
        mono, lock, Keypad(wired["keypad"]), Inputs(wired["inputs"]), Signals(wired["signals"]),
        BatteryClock(wired["rtc"]), Ring(areas.log, kept.public, random),
        Shelf(areas.states, WITH_READER if has_reader else NOT_HERE), Note(areas.memory), Note(areas.saved),
    )  # fmt: skip
    board = Board(ports, kept, random)
    if has_reader:  # the modules are loaded here alone: a board without a reader has no memory for them
        from gateboard.reader import Reader
        from gatecore.cards import fit

        ports.reader = Reader(wired["reader"], mono)
        fit(board.door)
    if kept.keys is not None:  # and with them all that the estate signed
        assert kept.url is not None
        assert kept.authority is not None
        board.link = Link(board.parts, kept.url, kept.authority, Wifi(values["wifi"]).ready, board.address)
        board.carrier.say = board.link.say
    return board


def configured() -> "dict[str, Any]":
    """The settings, checked. What checks them goes again: it is 3 KB where code lies in memory."""
    import sys

    import gateboard.settings

    values = gateboard.settings.read(SETTINGS_FILE)
    del sys.modules["gateboard.settings"], gateboard.settings
    return values


def main() -> None:
    """Serves the door until the power goes. The watchdog is fed by a whole turn of the loop, by nothing else."""
    from os import urandom

    from machine import WDT

    board = build(configured(), urandom)
    board.start()
    watchdog = WDT(timeout=WATCHDOG_MS)
    while True:
        board.turn()
        watchdog.feed()
