"""A Wiegand reader on two inputs: gatecore.cards reads the frames, a door fitted by it decides.

DATA0 is pulled low for a 0 and DATA1 for a 1, 20 to 100 us, a bit every 0.2 to 3 ms; a frame is over when the line has
been silent for a while. Each edge interrupts the loop and puts one bit into a buffer made before: no memory is taken
there. While a sector is erased (45 ms) no interrupt is served, and a card held just then must be held again.
"""

from machine import Pin

from gatecore.cards import frame
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gatecore.events import Told

GAP_MS = 25  # of silence, and the frame is over
MOST_BITS = 64  # no frame is so long: a line that never falls silent is none


class Reader:
    """`read()` is what was held to the reader, None while there is nothing; a reader that is gone is as silent."""

    works = True

    def __init__(self, pins: "dict[str, int]", mono: "Callable[[], int]") -> None:
        self._mono = mono
        self._bits = bytearray(MOST_BITS)
        self._count = 0
        self._seen = self._since = 0  # bits when it was last looked, and when there was a new one
        self._pins = [Pin(pins[name], Pin.IN, Pin.PULL_UP) for name in ("data0", "data1")]
        _on_fall(self._pins[0], self._zero)
        _on_fall(self._pins[1], self._one)

    @property
    def busy(self) -> bool:
        """Whether a frame is coming in."""
        return self._count > 0

    def read(self) -> "Told | None":
        """A card, a key of a reader that has some, or None. Allocates nothing while the line is silent."""
        if not self._count:
            return None
        mono = self._mono()
        if self._count != self._seen:
            self._seen, self._since = self._count, mono
            return None
        if mono - self._since < GAP_MS:
            return None
        bits, self._count, self._seen = self._count, 0, 0
        value = 0
        for n in range(bits):
            value = value << 1 | self._bits[n]
        return frame(bits, value)

    def close(self) -> None:
        """No more bits."""
        for pin in self._pins:
            pin.irq(None)

    def _zero(self, pin: "Any") -> None:
        if self._count < MOST_BITS:
            self._bits[self._count] = 0
            self._count += 1

    def _one(self, pin: "Any") -> None:
        if self._count < MOST_BITS:
            self._bits[self._count] = 1
            self._count += 1


def _on_fall(pin: "Any", told: "Callable[[Any], None]") -> None:
    """At once where the port can do that, else as soon as the interpreter gets to it."""
    try:
        pin.irq(told, Pin.IRQ_FALLING, hard=True)
    except TypeError:  # an esp32 whose firmware knows no `hard`
        pin.irq(told, Pin.IRQ_FALLING)
