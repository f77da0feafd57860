"""What the pins of each chip can and cannot do. Sources: the data sheets named at each chip.

Only facts that could open a door or brick a board are kept: which pins there are, which cannot drive, which decide how
the chip boots, and what a pin does between power-on and our first line of code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip on its usual carrier. Pin sets hold GPIO numbers; `header` gives the position printed beside a pin.

    `high_at_reset` are pulled up and `pulsed_at_reset` are driven while the chip boots: a lock there would move.
    """

    name: str
    prefix: str
    pins: frozenset[int]
    machines: tuple[str, ...]
    header: dict[int, int]
    no_output: frozenset[int] = frozenset()
    no_pull: frozenset[int] = frozenset()
    strapping: frozenset[int] = frozenset()
    taken: frozenset[int] = frozenset()
    high_at_reset: frozenset[int] = frozenset()
    pulsed_at_reset: frozenset[int] = frozenset()

    @property
    def small(self) -> bool:
        """Whether it runs MicroPython and is set up over a serial port; else it is a Raspberry Pi with a card."""
        return self.name != RASPBERRY_PI

    def label(self, pin: int) -> str:
        """The pin as printed on the carrier: GP17 (pin 22)."""
        place = self.header.get(pin)
        return f"{self.prefix}{pin}" if place is None else f"{self.prefix}{pin} (pin {place})"


RASPBERRY_PI, PICO_W, PICO_2_W, ESP32 = "raspberry-pi", "rp2040", "rp2350", "esp32"

# Raspberry Pi documentation, "GPIO and the 40-pin header".
_PI_HEADER = {
    2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22, 11: 23,
    8: 24, 7: 26, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40,
}  # fmt: skip
# Raspberry Pi Pico W data sheet, figure "pinout"; the Pico 2 W is the same.
_PICO_HEADER = {
    0: 1, 1: 2, 2: 4, 3: 5, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12, 10: 14, 11: 15, 12: 16, 13: 17, 14: 19, 15: 20,
    16: 21, 17: 22, 18: 24, 19: 25, 20: 26, 21: 27, 22: 29, 26: 31, 27: 32, 28: 34,
}  # fmt: skip
_PICO_PINS = frozenset(range(30)) - {23, 24, 25, 29}
_PICO_RADIO = frozenset({23, 24, 25, 29})

CHIPS = {
    # BCM2711 peripherals, table of default pulls: GPIO 0 to 8 up, 9 to 27 down. RP1 and RP3A0 are the same there.
    RASPBERRY_PI: Chip(
        RASPBERRY_PI,
        "GPIO",
        frozenset(range(2, 28)),
        ("Raspberry Pi",),
        _PI_HEADER,
        high_at_reset=frozenset(range(2, 9)),
    ),
    # RP2040 data sheet 2.19.6: every pin starts as an input with its pull-down on.
    PICO_W: Chip(PICO_W, "GP", _PICO_PINS, ("Pico W with RP2040",), _PICO_HEADER, taken=_PICO_RADIO),
    # RP2350 data sheet 9.11: the same.
    PICO_2_W: Chip(PICO_2_W, "GP", _PICO_PINS, ("Pico 2 W with RP2350",), _PICO_HEADER, taken=_PICO_RADIO),
    # ESP32 data sheet 2.2 (pins 6 to 11 are the flash, 34 to 39 have neither driver nor pull), 3.3 (strapping pins),
    # and the carrier's USB bridge on 1 and 3. 14 carries a clock while the boot ROM runs.
    ESP32: Chip(
        ESP32,
        "IO",
        frozenset((*range(6), *range(12, 20), *range(21, 24), *range(25, 28), *range(32, 40))) - {37, 38},
        ("ESP32 module with ESP32", "Generic ESP32 module"),
        {},
        no_output=frozenset({34, 35, 36, 39}),
        no_pull=frozenset({34, 35, 36, 39}),
        strapping=frozenset({0, 2, 5, 12, 15}),
        taken=frozenset({1, 3, *range(6, 12)}),
        pulsed_at_reset=frozenset({14}),
    ),
}
