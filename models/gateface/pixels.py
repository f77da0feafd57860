"""Sampling of pictures: smaller without aliasing, and turned upright. Pictures are uint8[height, width, 3] RGB."""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Matrix = NDArray[np.float64]


def halved(picture: Picture) -> Picture:
    """Every 2x2 block becomes its rounded mean; an odd last row or column is left out."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    rows = picture[0 : 2 * height : 2, : 2 * width].astype(np.uint16)
    rows += picture[1 : 2 * height : 2, : 2 * width]
    blocks = rows.reshape(height, width, 2, 3)
    total = blocks[:, :, 0] + blocks[:, :, 1]
    total += 2
    total >>= 2
    return total.astype(np.uint8)


def thinned(picture: Picture, factor: int) -> Picture:
    """`factor` times smaller: each pixel the mean of (at most) 3x3 spread over its block.

    Enough against aliasing for a detector, at a fifth of the cost of averaging whole blocks.
    """
    if factor == 1:
        return picture
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    picture = picture[: height * factor, : width * factor]
    steps = range(2) if factor == 2 else (0, factor // 2, factor - 1)
    total = np.zeros((height, width, 3), np.uint16)
    for row in steps:
        for column in steps:
            total += picture[row::factor, column::factor]
    return (total // len(steps) ** 2).astype(np.uint8)


def sampled(picture: Picture, chip_to_picture: Matrix, side: int) -> Picture:
    """uint8[side, side, 3] taken through the 2x3 matrix (chip x, y -> picture x, y); black outside the picture.

    The part needed is cut out and halved while the matrix still makes it two times smaller or more, then read
    bilinearly, so the cost follows the chip and not the frame.
    """
    matrix = chip_to_picture.copy()
    picture, matrix = _cut(picture, matrix, side)
    while np.hypot(matrix[0, 0], matrix[1, 0]) >= 2 and min(picture.shape[:2]) >= 4:
        picture = halved(picture)
        matrix /= 2
        matrix[:, 2] -= 0.25
    return _bilinear(picture, matrix, side)


def _cut(picture: Picture, matrix: Matrix, side: int) -> tuple[Picture, Matrix]:
    """The rectangle of the picture the chip can touch, and the matrix into it."""
    last = side - 1
    corners = matrix @ np.array([[0, last, 0, last], [0, 0, last, last], [1, 1, 1, 1]], np.float64)
    room = 2 + np.hypot(matrix[0, 0], matrix[1, 0])
    limit = np.array([picture.shape[1], picture.shape[0]])
    low = np.clip(np.floor(corners.min(1) - room), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(corners.max(1) + room), low + 1, limit).astype(int)
    matrix[:, 2] -= low
    return picture[low[1] : high[1], low[0] : high[0]], matrix


def _bilinear(picture: Picture, matrix: Matrix, side: int) -> Picture:
    """Reads with 7-bit weights in int16. A black rim is added first, so the picture fades out over one pixel."""
    height, width = picture.shape[:2]
    rimmed = np.zeros((height + 2, width + 2, 4), np.uint8)
    rimmed[1:-1, 1:-1, :3] = picture
    packed = rimmed.view(np.uint32).ravel()
    steps = np.arange(side, dtype=np.float32)
    turn, shift = matrix[:, :2].astype(np.float32), matrix[:, 2].astype(np.float32)
    x = (turn[0, 0] * steps + (shift[0] + 1))[None, :] + (turn[0, 1] * steps)[:, None]
    y = (turn[1, 0] * steps + (shift[1] + 1))[None, :] + (turn[1, 1] * steps)[:, None]
    np.clip(x, 0, width + 0.99, out=x)
    np.clip(y, 0, height + 0.99, out=y)
    column, row = x.astype(np.int32), y.astype(np.int32)
    right = ((x - column) * 128).astype(np.int16)[..., None]
    down = ((y - row) * 128).astype(np.int16)[..., None]
    at = row * (width + 2) + column
    upper = _mix(packed, at, right)
    lower = _mix(packed, at + (width + 2), right)
    lower -= upper
    lower *= down
    lower += 64
    lower >>= 7
    lower += upper
    return np.ascontiguousarray(lower.astype(np.uint8)[..., :3])


def _mix(packed: NDArray[np.uint32], at: NDArray[np.int32], right: NDArray[np.int16]) -> NDArray[np.int16]:
    """Between the pixels at `at` and to the right of them; `right` in 128ths. int16[side, side, 4]."""
    shape = (*at.shape, 4)
    left = packed.take(at).view(np.uint8).reshape(shape).astype(np.int16)
    mixed = packed.take(at + 1).view(np.uint8).reshape(shape).astype(np.int16)
    mixed -= left
    mixed *= right
    mixed += 64
    mixed >>= 7
    mixed += left
    return mixed
