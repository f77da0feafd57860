"""Bills of materials: what one door needs besides its lock, with prices that are orders of magnitude only.

The lists of hw/bom are made here (`python -m gateprov.parts`) from the board files, and a test compares them.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateprov.boards import EXTERNAL, HW, Board, shipped

FOLDER = HW / "bom"
COLUMNS = ("part", "quantity", "for", "about_usd_each", "about_usd")
NOTE = "about: orders of magnitude for single pieces, no offers; ask your supplier"


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the list; `about` is US dollars for one."""

    name: str
    count: int
    use: str
    about: float


CARRIERS = {
    "raspberry-pi-4": ("Raspberry Pi 4 Model B 2 GB", 45),
    "raspberry-pi-5": ("Raspberry Pi 5 2 GB", 50),
    "zero-2w": ("Raspberry Pi Zero 2 W", 15),
    "pico-w": ("Raspberry Pi Pico W with headers", 7),
    "pico-2-w": ("Raspberry Pi Pico 2 W with headers", 8),
    "pico-2-w-reader": ("Raspberry Pi Pico 2 W with headers", 8),
    "esp32": ("ESP32 DevKitC with WROOM-32", 6),
}
EVERY_DOOR = (
    Part("Relay board, one relay, 3.3 V input, opto-isolated", 1, "lock: COM and NC in the lock's own circuit", 2),
    Part("Keypad 4x3, matrix, metal", 1, "home numbers and codes", 9),
    Part("Push button, vandal-proof, lit", 1, "call", 4),
    Part("Reed contact, normally closed", 1, "door shut or not", 2),
    Part(
        "Exit button, two poles, marked and lit", 1, "one pole breaks the lock's circuit; the other tells the board", 8
    ),
    Part("Micro switch", 1, "case opened", 1),
    Part("Diode 1N4007", 1, "across the maglock", 0.1),
    Part("Supply 12 V 3 A with battery, EN 54-4 or the local rule", 1, "lock and board", 40),
    Part("Converter 12 V to 5 V 3 A", 1, "board", 4),
)


def parts(board: Board) -> Iterator[Part]:
    """What a door with this board needs."""
    carrier, about = CARRIERS[board.name]
    yield Part(carrier, 1, "runs the door", about)
    if board.clock is not None or not board.battery_clock:
        yield Part("DS3231 module with CR2032 (RTC)", 1, "codes after a power cut without the network", 3)
    else:
        yield Part("RTC battery for J5", 1, "codes after a power cut without the network", 5)
    if board.chip.small:
        yield Part("LED with resistor 330 Ohm", 2, "green and red", 0.1)
        yield Part("Active buzzer 3.3 V with transistor", 1, "sound beside light", 1)
    else:
        yield Part("microSD card 32 GB, industrial", 1, "system and log", 12)
        yield Part("Camera module 3 or USB camera", 1, "faces and calls", 25)
    if board.reader is not None:
        yield Part("Wiegand reader, 34 bits, outdoor", 1, "cards", 20)
        yield Part("Level shifter 5 V to 3.3 V, two channels", 1, "the reader's wires", 1)
    outside = sum(wire.pull_up == EXTERNAL for wire in board.inputs.values())
    if outside:
        yield Part("Resistor 10 kOhm", outside, "pull-up of inputs that have none", 0.1)
    yield from EVERY_DOOR


def listed(board: Board) -> str:
    """The list as CSV; its last line says what the prices are."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    rows = list(parts(board))
    for part in rows:
        table.writerow((part.name, part.count, part.use, f"{part.about:g}", f"{part.count * part.about:g}"))
    table.writerow(("sum without lock and case", "", NOTE, "", f"{sum(part.count * part.about for part in rows):.0f}"))
    return out.getvalue()


def write(folder: Path = FOLDER) -> None:
    """All lists anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in shipped():
        (folder / f"{board.name}.csv").write_text(listed(board), encoding="utf-8")


if __name__ == "__main__":
    write()
