"""How an embedder takes its chips: the pixels as they are, as scaled floats, or in strips.

Strips are for a network whose first layer is a 7x7 convolution with stride 2 and no padding. Two rows of eight pixels
that belong to one place of its output lie side by side (64 bytes, every fourth without weight), and the convolution
becomes 4x1 with stride 1: the same products in the same sums, so the quantised result is equal to the bit, in less
time (docs/adr/0015).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .manifest import Model
from .pixels import Words, coloured

STRIP = 64  # bytes: two rows of eight pixels
EIGHT = np.dtype("V32")  # eight pixels
SIGN = np.uint32(0x80808080)  # uint8 -> int8: less 128


def input_shape(model: Model) -> tuple[int, int, int, int]:
    """What the network must take for one chip."""
    if model.input == "strips":
        return 1, model.side // 2, (model.side - 6) // 2, STRIP
    return 1, model.side, model.side, 3


def input_kind(model: Model) -> str:
    """The numpy name of the numbers it takes."""
    return "int8" if model.input == "strips" else model.input


def intake(model: Model, chips: Sequence[Words]) -> NDArray[Any]:
    """Chips uint32[side, side] (gateface.pixels) as one batch for the network."""
    if model.input == "strips":
        return strips(np.stack(chips))
    pixels = np.stack([coloured(chip) for chip in chips])
    if model.bgr:
        pixels = np.ascontiguousarray(pixels[..., ::-1])
    if model.input == "float32":
        return (pixels.astype(np.float32) - np.float32(model.mean)) * np.float32(model.scale)
    return pixels


def strips(chips: Words) -> NDArray[np.int8]:
    """uint32[n, side, side] -> int8[n, side/2, (side-6)/2, 64], each byte less 128; eight pixels copied at once."""
    count, side = chips.shape[:2]
    signed = chips ^ SIGN
    shape = (count, side // 2, (side - 6) // 2)
    row = 4 * side
    cells = np.empty((*shape, 2), EIGHT)
    for line in (0, 1):
        cells[..., line] = np.ndarray(shape, EIGHT, signed, line * row, (side * row, 2 * row, 8))
    return cells.view(np.int8)
