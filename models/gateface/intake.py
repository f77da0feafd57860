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

WINDOW = 4  # pairs of pixels
SIGN = np.uint32(0x80808080)  # uint8 -> int8: less 128


def input_shape(model: Model) -> tuple[int, int, int, int]:
    """What the network must take for one chip."""
    if model.input == "strips":
        return 1, model.side // 2, (model.side - 6) // 2, 16 * WINDOW
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
    """uint32[n, side, side] -> int8[n, side/2, (side-6)/2, 64], each byte less 128; two pixels are copied at a time."""
    count, side = chips.shape[:2]
    pairs = (chips ^ SIGN).view(np.uint64).reshape(count, side // 2, 2, side // 2)
    across = (side - 6) // 2
    cells = np.empty((count, side // 2, across, 2 * WINDOW), np.uint64)
    for line in (0, 1):
        for pair in range(WINDOW):
            cells[..., line * WINDOW + pair] = pairs[:, :, line, pair : pair + across]
    return cells.view(np.int8)
