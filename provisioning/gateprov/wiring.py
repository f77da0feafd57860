"""A board file as a drawing: every wire from the carrier's pin to what hangs on it, and the lock's own circuit.

The drawings of hw/wiring are made here (`python -m gateprov.wiring`) and a test compares them: drawing and board
file cannot disagree. Each has a title and a description that says every wire in words.
"""

from html import escape
from pathlib import Path

from gateprov.boards import EXTERNAL, HW, LIGHTS, Board, shipped
from gateprov.chips import RASPBERRY_PI

FOLDER = HW / "wiring"
WIDTH, ROW, TOP = 940, 26, 96
LEFT, RIGHT = 210, 400
Wire = tuple[str, str, str]  # the carrier's pin, what it goes to, what the wire says
Circuit = tuple[str, str]  # a part of the lock's circuit and what it is

# The maglock's own loop. Nothing in it but the last part hears the processor.
SERIES: tuple[Circuit, ...] = (
    ("Supply 12 V", "battery-backed, by the fire panel's rules"),
    ("Fire relay NC", "the panel's own contact: opens with the alarm"),
    ("Exit button NC", "second pole of the button inside: opens while pressed"),
    ("Door relay NC", "the board's relay: opens for a grant"),
    ("Maglock", "fail-safe: no current, no hold"),
)
IN_WORDS = (
    "The lock's own circuit, in series: 12 V supply, the fire panel's relay (normally closed), the exit button's "
    "second pole (normally closed), the door relay (common and normally closed contacts), the maglock, back to supply. "
    "Fire and exit open the door by breaking this circuit themselves; the processor is only told of it. If the "
    "processor is dead, the door is locked from outside and the exit button, the fire panel and a loss of supply "
    "still open it."
)
INPUT_PARTS = {
    "contact": "reed contact in the frame",
    "exit": "exit button, first pole",
    "fire": "fire panel, second contact",
    "tamper": "case switch",
}


def wires(board: Board) -> list[Wire]:
    """Every wire of a board, in the order of the drawing."""
    label = board.chip.label
    lock = board.outputs["lock"]
    found: list[Wire] = [(label(lock.pin), "relay board IN", "high" if lock.active_high else "low")]
    found += [(label(pin), f"keypad row {n}", "driven low in turn") for n, pin in enumerate(board.rows, 1)]
    found += [(label(pin), f"keypad column {n}", "pull-up") for n, pin in enumerate(board.columns, 1)]
    found.append((label(board.call), "call button", "to ground"))
    for name, wire in board.inputs.items():
        kind = "normally closed" if wire.normally_closed else "normally open"
        pull = ", 10 kΩ to 3.3 V" if wire.pull_up == EXTERNAL else ""
        found.append((label(wire.pin), INPUT_PARTS[name], f"{kind} to ground{pull}"))
    for name in LIGHTS if board.chip.small else ():
        what = "active buzzer, by a transistor" if name == "buzzer" else f"{name} light, 330 Ω"
        found.append((label(board.outputs[name].pin), what, "high"))
    return found + reader_wires(board) + clock_wires(board)


def reader_wires(board: Board) -> list[Wire]:
    """A Wiegand reader's two wires; it drives 5 V, which no pin here bears."""
    names = ("DATA0 (green)", "DATA1 (white)")
    return [
        (board.chip.label(pin), f"card reader {name}", "level shifter 5 V to 3.3 V")
        for pin, name in zip(board.reader or (), names, strict=False)
    ]


def clock_wires(board: Board) -> list[Wire]:
    """The battery clock: on small boards as the file says, on a Raspberry Pi where its own I2C is."""
    if board.clock is not None:
        _, sda, scl = board.clock
        return [(board.chip.label(sda), "DS3231 SDA", "I2C"), (board.chip.label(scl), "DS3231 SCL", "I2C")]
    if board.battery_clock:
        return [("J5", "RTC battery", "the clock is on the board")]
    return [(board.chip.label(2), "DS3231 SDA", "I2C"), (board.chip.label(3), "DS3231 SCL", "I2C")]


def in_words(board: Board) -> str:
    """The whole drawing as one text: for screen readers, and for who cannot print."""
    said = "; ".join(f"{pin} to {to} ({note})" for pin, to, note in wires(board))
    return f"{said}. Supply and ground are common to all. {IN_WORDS}"


def draw(board: Board) -> str:
    """The drawing as SVG: black on white, text as text."""
    drawn = wires(board)
    bottom = TOP + ROW * len(drawn)
    parts = [_text(24, 32, f"{title(board)}", 20), _text(24, 56, "Pins from hw/boards; ground is common.", 13)]
    parts.append(_box(24, TOP - 30, LEFT - 24, ROW * len(drawn) + 30, board.name))
    parts += [line for n, wire in enumerate(drawn) for line in _wire(TOP + ROW * n + 14, wire)]
    parts += _loop(bottom + 60)
    height = bottom + 250
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            'aria-labelledby="title words" font-family="sans-serif">',
            f'<title id="title">{escape(title(board))}</title>',
            f'<desc id="words">{escape(in_words(board))}</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def title(board: Board) -> str:
    """The drawing's heading."""
    kind = "Raspberry Pi" if board.chip.name == RASPBERRY_PI else "MicroPython board"
    return f"Wiring of {board.name} ({kind})"


def _wire(y: int, wire: Wire) -> list[str]:
    pin, to, note = wire
    return [
        _text(LEFT - 12, y + 4, pin, 13, "end"),
        f'<path d="M{LEFT} {y}H{RIGHT}" stroke="#000" stroke-width="1.5"/>',
        f'<circle cx="{RIGHT}" cy="{y}" r="3"/>',
        _text(RIGHT + 12, y + 4, to, 13),
        _text(RIGHT + 240, y + 4, note, 12, colour="#444"),
    ]


def _loop(y: int) -> list[str]:
    """The lock's circuit as boxes in a row, the way back below."""
    step, wide, high = 182, 158, 88
    drawn = [_text(24, y - 24, "The lock's own circuit: exit and fire need no processor", 16)]
    for n, (name, what) in enumerate(SERIES):
        x = 24 + n * step
        drawn.append(_box(x, y, wide, high, name))
        drawn += [_text(x + 8, y + 42 + 15 * k, line, 11, colour="#444") for k, line in enumerate(_lines(what))]
        if n:
            drawn.append(f'<path d="M{x - step + wide} {y + 20}H{x}" stroke="#000" stroke-width="2.5"/>')
    last = 24 + (len(SERIES) - 1) * step + wide // 2
    back = f"M{last} {y + high}V{y + 112}H{24 + wide // 2}V{y + high}"
    drawn.append(f'<path d="{back}" fill="none" stroke="#000" stroke-width="2.5"/>')
    drawn.append(
        _text(24, y + 136, "A diode 1N4007 across the maglock, cathode to plus. Relay contacts COM and NC.", 13)
    )
    return drawn


def _lines(words: str, most: int = 24) -> list[str]:
    """Text broken into lines that fit a box."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _box(x: int, y: int, wide: int, high: int, name: str) -> str:
    outline = f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="none" stroke="#000" stroke-width="2"/>'
    return outline + _text(x + 8, y + 20, name, 13, bold=True)


def _text(
    x: int, y: int, words: str, size: int, anchor: str = "start", colour: str = "#000", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(words)}</text>"
    )


def write(folder: Path = FOLDER) -> None:
    """All drawings anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in shipped():
        (folder / f"{board.name}.svg").write_text(draw(board), encoding="utf-8")


if __name__ == "__main__":
    write()
