"""How an embedder takes its chips: the pixels as they are, as scaled floats, or in pairs of columns.

Pairs are for a network whose first layer is a 7x7 convolution with stride 2 and no padding, run on a chip and its
mirror image at once. Two rows of the nine pixels that belong to two neighbouring places of its output lie together (64
bytes, ten without weight), and the convolution becomes 4x1 with stride 1 and twice the outputs: the same products in
the same sums, so the quantised result is equal to the bit, in less time (docs/adr/0015, 0142).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .manifest import Model
from .pixels import Words, coloured, triples

PAIR = 64  # bytes: two rows of nine pixels of three bytes, and five more
ROW = np.dtype("V32")
STEP = 12  # bytes from one pair to the next: four pixels
SIGN = np.uint32(0x00808080)  # uint8 -> int8: less 128


def input_shape(model: Model) -> tuple[int, int, int, int]:
    """What the network must take for one chip; for both of them at once where it takes pairs."""
    if model.input == "pairs":
        return 2, model.side // 2, (model.side - 6) // 4, PAIR
    return 1, model.side, model.side, 3


def input_kind(model: Model) -> str:
    """The numpy name of the numbers it takes."""
    return "int8" if model.input == "pairs" else model.input


def intake(model: Model, chips: Sequence[Words]) -> NDArray[Any]:
    """Chips uint32[side, side] (gateface.pixels) as one batch for the network."""
    if model.input == "pairs":
        return pairs(chips)
    pixels = np.stack([coloured(chip) for chip in chips])
    if model.bgr:
        pixels = np.ascontiguousarray(pixels[..., ::-1])
    if model.input == "float32":
        return (pixels.astype(np.float32) - np.float32(model.mean)) * np.float32(model.scale)
    return pixels


def pairs(chips: Sequence[Words]) -> NDArray[np.int8]:
    """uint32[side, side] each, sides even -> int8[n, side/2, (side-6)/4, 64], each byte less 128."""
    count, side = len(chips), len(chips[0])
    pitch = 3 * side + 6  # what follows a row's last pixel is any number
    lying = np.empty(count * side * pitch, np.uint8)
    for number, chip in enumerate(chips):
        triples(np.ascontiguousarray(chip) ^ SIGN, lying, number * side * pitch, pitch)
    shape = (count, side // 2, (side - 6) // 4)
    cells = np.empty((*shape, 2), ROW)
    for line in (0, 1):
        cells[..., line] = np.ndarray(shape, ROW, lying, line * pitch, (side * pitch, 2 * pitch, STEP))
    return cells.view(np.int8)
