"""Pictures judged by their content: what a file is, not what its name says; and shown only under a mark of who looks.

JPEG (ITU-T T.81) and PNG (ISO/IEC 15948). Nothing is decoded here: the host has no code for that, and needs none.
"""

import base64
from xml.sax.saxutils import escape, quoteattr

from gatehost.model.errors import BadInput

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
JPEG, PNG = "image/jpeg", "image/png"
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers that give the size


def judged(data: bytes) -> tuple[str, int, int]:
    """(type, width, height) of a picture. BadInput("file", "empty" | "long" | "picture" | "pixels")."""
    if not data:
        raise BadInput("file", "empty")
    if len(data) > MOST_BYTES:
        raise BadInput("file", "long")
    found = _png(data) or _jpeg(data)
    if found is None or not found[1] or not found[2]:
        raise BadInput("file", "picture")
    if found[1] * found[2] > MOST_PIXELS:
        raise BadInput("file", "pixels")
    return found


def _png(data: bytes) -> tuple[str, int, int] | None:
    whole = data.startswith(_PNG + b"\0\0\0\rIHDR") and data.endswith(b"\0\0\0\0IEND\xaeB`\x82") and len(data) > 45
    return (PNG, int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) if whole else None


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    """Walks the segments to the frame header; the end must be an end of image, padding aside."""
    if not data.startswith(b"\xff\xd8\xff") or not data.rstrip(b"\0\r\n").endswith(b"\xff\xd9"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:
            at += 1
            continue
        if marker in _FRAMES:
            return JPEG, int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if length < 2:
            return None
        at += 2 + length
    return None


def marked(data: bytes, kind: str, width: int, height: int, words: str) -> bytes:
    """The picture within an SVG that writes `words` over all of it, again and again. A mark that is seen on screen, in
    print and in a photo of either; who takes the file apart can take it off."""
    size = max(width, height) / 28
    lines = "".join(
        f'<text x="{-height * 0.2:.0f}" y="{y:.0f}">{escape((words + "   ") * 4)}</text>'
        for y in _steps(-width * 0.1, height * 1.2 + width * 0.3, size * 3.2)
    )
    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href={quoteattr(source)}/>'
        f'<g transform="rotate(-18)" font-family="sans-serif" font-size="{size:.1f}" fill="#a8261d" '
        f'fill-opacity="0.38" stroke="#ffffff" stroke-opacity="0.45" stroke-width="{size / 24:.2f}">{lines}</g></svg>'
    ).encode()


def _steps(first: float, last: float, by: float) -> list[float]:
    return [first + by * number for number in range(int((last - first) / by) + 1)]
