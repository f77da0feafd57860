"""Curves as SVG 1.1 text: shares that open, over shares of strangers let in on a logarithmic axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 400, 60, 40, 200, 50
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # told apart by the colour-blind too


@dataclass(frozen=True, slots=True)
class Curve:
    """`points` are (share of strangers, share of residents), 0..1 each."""

    name: str
    points: tuple[tuple[float, float], ...]


def chart(title: str, across: str, down: str, curves: Sequence[Curve], least: float = 1e-5) -> str:
    """The picture; points left of `least` are left out."""
    decades = [10.0**power for power in range(round(math.log10(least)), 1)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, 20, title, size=15),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, across, "middle"),
        text(LEFT, TOP - 8, down),
    ]
    for share in decades:
        x = place(share, least)
        parts += [line(x, TOP, x, HEIGHT - BOTTOM), text(x, HEIGHT - BOTTOM + 16, f"{share * 100:g} %", "middle")]
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        y = level(share)
        parts += [line(LEFT, y, WIDTH - RIGHT, y), text(LEFT - 6, y + 4, f"{share * 100:g} %", "end")]
    for at, curve in enumerate(curves):
        colour = COLOURS[at % len(COLOURS)]
        dots = " ".join(f"{place(x, least):.1f},{level(y):.1f}" for x, y in curve.points if x >= least)
        parts.append(f'<polyline points="{dots}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(text(WIDTH - RIGHT + 12, TOP + 16 * at, curve.name, colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def place(share: float, least: float) -> float:
    """Across, logarithmic from `least` to 1."""
    return LEFT + (WIDTH - LEFT - RIGHT) * (1 - math.log10(max(share, least)) / math.log10(least))


def level(share: float) -> float:
    """Down, 1 at the top."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def text(x: float, y: float, words: str, anchor: str = "start", size: int = 12, colour: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
        f"{escape(words)}</text>"
    )
