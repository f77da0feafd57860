"""Card readers: Wiegand on two inputs, and USB readers that type a number and Enter. Nothing here decides.

A Wiegand reader pulls DATA0 low for a 0 and DATA1 for a 1, for 20 to 100 us, a bit every 0.2 to 3 ms; a frame is over
when the line has been silent for a while (HID, "Understanding Card Data Formats"; gatecore.cards reads the frame).
A USB reader is a keyboard to the kernel: <linux/input.h>, 64-bit.
"""

import fcntl
import os
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock as Mutex
from typing import Any

from gpiozero import DigitalInputDevice

from gatecore import cards
from gatecore.events import Told
from gateunit.ports import Clock
from gateunit.settings import ReaderPins

GAP_MS = 25  # of silence, and the frame is over
MOST_BITS = 64  # a line that never falls silent fills no memory: one more is a frame of no known length
RETRY_MS = 1_000  # from one try to open a reader that is gone to the next
TYPED_MS = 1_000  # digits without an Enter are forgotten
MOST_DIGITS = 10

_EVENT = struct.Struct("=qqHHi")
_GRAB = 0x40044590  # EVIOCGRAB: what the reader types goes nowhere else
_KEY_DOWN = (1, 1)  # EV_KEY, pressed
_ENTER = (28, 96)
_DIGITS = {2: "1", 3: "2", 4: "3", 5: "4", 6: "5", 7: "6", 8: "7", 9: "8", 10: "9", 11: "0"}
_DIGITS |= {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0"}


class WiegandReader:
    """ports.Reader on two inputs; a bit's edge is counted in the pins' own thread."""

    works = True  # a Wiegand reader that is gone is as silent as one nobody holds a card to

    def __init__(self, pins: ReaderPins, clock: Clock, factory: Any = None) -> None:
        self._clock, self._mutex = clock, Mutex()
        self._bits = self._value = self._last = 0
        self._wires = [DigitalInputDevice(pin, pull_up=True, pin_factory=factory) for pin in (pins.data0, pins.data1)]
        for bit, wire in enumerate(self._wires):
            wire.when_activated = self._told(bit)

    def _told(self, bit: int) -> Callable[[], None]:
        def one() -> None:
            with self._mutex:
                self._last = self._clock.mono()
                self._bits = min(self._bits + 1, MOST_BITS + 1)
                self._value = (self._value << 1 | bit) & ((1 << MOST_BITS) - 1)

        return one

    def read(self) -> Told | None:
        """See ports.Reader."""
        with self._mutex:
            if not self._bits or self._clock.mono() - self._last < GAP_MS:
                return None
            bits, value, self._bits, self._value = self._bits, self._value, 0, 0
        return cards.frame(bits, value)

    def close(self) -> None:
        """See ports.Reader."""
        for wire in self._wires:
            wire.close()


@dataclass(frozen=True, slots=True)
class Input:
    """The calls an event device is made of; a test puts its own there."""

    open: Callable[[str, int], int] = os.open
    grab: Callable[[int, int, int], int] = fcntl.ioctl
    read: Callable[[int, int], bytes] = os.read
    close: Callable[[int], None] = os.close


class UsbReader:
    """ports.Reader for /dev/input/...; one that was pulled out is looked for again."""

    def __init__(self, path: str, clock: Clock, input: Input | None = None) -> None:
        self._path, self._clock, self._input = path, clock, input or Input()
        self._file = -1
        self._typed, self._typed_at, self._tried_at = "", 0, -RETRY_MS
        self._read: deque[Told] = deque()

    @property
    def works(self) -> bool:
        """See ports.Reader."""
        return self._file >= 0

    def read(self) -> Told | None:
        """See ports.Reader."""
        if self._file < 0:
            self._open()
        else:
            self._take()
        return self._read.popleft() if self._read else None

    def _open(self) -> None:
        if self._clock.mono() - self._tried_at < RETRY_MS:
            return
        self._tried_at = self._clock.mono()
        try:
            self._file = self._input.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
            self._input.grab(self._file, _GRAB, 1)
        except OSError:
            self.close()

    def _take(self) -> None:
        try:
            told = self._input.read(self._file, 64 * _EVENT.size)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        for at in range(0, len(told) - _EVENT.size + 1, _EVENT.size):
            _, _, kind, code, value = _EVENT.unpack_from(told, at)
            if (kind, value) == _KEY_DOWN:
                self._key(code)

    def _key(self, code: int) -> None:
        mono = self._clock.mono()
        if mono - self._typed_at > TYPED_MS:
            self._typed = ""
        self._typed_at = mono
        if code not in _ENTER:
            self._typed = (self._typed + _DIGITS.get(code, "?"))[: MOST_DIGITS + 1]
            return
        typed, self._typed = self._typed, ""
        if typed.isdigit() and len(typed) <= MOST_DIGITS and int(typed) <= cards.MOST:
            self._read.append(cards.CardRead(int(typed)))

    def close(self) -> None:
        """See ports.Reader."""
        if self._file >= 0:
            self._input.close(self._file)
        self._file, self._typed = -1, ""


def open_reader(kind: str, pins: ReaderPins | None, path: str, clock: Clock) -> WiegandReader | UsbReader | None:
    """The reader of a unit whose settings are good; None for "none"."""
    if kind == "wiegand" and pins is not None:
        return WiegandReader(pins, clock)
    return UsbReader(path, clock) if kind == "usb" else None
