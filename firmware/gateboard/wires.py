"""What people and the door do to wires: the keypad's bitmap and the inputs' bits. Reading allocates nothing."""

from machine import Pin

from gatecore.compat import TYPE_CHECKING
from gatecore.keypad import KEYS

if TYPE_CHECKING:
    from typing import Any

CONTACT, EXIT, FIRE, TAMPER = 1, 2, 4, 8
NAMES = ("contact", "exit", "fire", "tamper")
CALL = 1 << (len(KEYS) - 1)


class Keypad:
    """Rows are driven low one at a time; a pressed key pulls its column low. The call button is on its own."""

    def __init__(self, pins: "dict[str, Any]") -> None:
        self._rows = [Pin(pin, Pin.OUT, value=1) for pin in pins["rows"]]
        self._columns = [Pin(pin, Pin.IN, Pin.PULL_UP) for pin in pins["columns"]]
        self._call = Pin(pins["call"], Pin.IN, Pin.PULL_UP)

    def read(self) -> int:
        """Bit n is keypad.KEYS[n]."""
        down = 0 if self._call.value() else CALL
        bit = 1
        for row in self._rows:
            row.value(0)
            for column in self._columns:
                if not column.value():
                    down |= bit
                bit <<= 1
            row.value(1)
        return down


class Inputs:
    """Wires to ground with pull-ups; bits are CONTACT (leaf open), EXIT, FIRE, TAMPER."""

    def __init__(self, pins: "dict[str, Any]") -> None:
        self._pins = [Pin(pins[name]["pin"], Pin.IN, Pin.PULL_UP) for name in NAMES]
        self._closed = 0  # bits that mean yes when their wire is open
        for n in range(len(NAMES)):
            if pins[NAMES[n]]["normally_closed"]:
                self._closed |= 1 << n

    def read(self) -> int:
        """The bits that say yes."""
        low = 0
        bit = 1
        for pin in self._pins:
            if not pin.value():
                low |= bit
            bit <<= 1
        return low ^ self._closed
