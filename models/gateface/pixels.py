"""Sampling of pictures: smaller without aliasing, and turned upright. Pictures are uint8[height, width, 3] RGB.

They lie in memory row by row. A pixel travels as one little-endian uint32, red lowest, top byte undefined. Sums lie in
two planes of one array: red and blue in one word with a free byte above each, and the whole words; green is what is
left of these without red and blue, and as arithmetic is modulo 2**32, what runs over does no harm. So whole pixels are
weighted and added in one integer operation, several times faster in numpy than arithmetic on three channels. A call of
numpy costs as much before it begins as a thousand pixels do, so few calls count (docs/adr/0147).
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Words = NDArray[np.uint32]
Part = tuple[int, int, int, int]

EVEN, GREEN = np.uint32(0x00FF00FF), np.uint32(0x0000FF00)
HALVES = np.array([0x00800080, 0x00808080], np.uint32).reshape(2, 1, 1)  # half of 256ths in either plane
FAR = 16_000.0  # pixels; keeps fixed-point places within 32 bits


def packed(picture: Picture, left: int, top: int, right: int, bottom: int, rim: bool = False) -> Words:
    """uint32[bottom - top, right - left]: that part of the picture, one word a pixel; `rim` as `rimmed` has it."""
    height, width = picture.shape[:2]
    rows, columns = bottom - top, right - left
    lying = np.zeros((rows + 3, columns + 3), np.uint32) if rim else np.empty((rows, columns), np.uint32)
    words = lying[1:-2, 1:-2] if rim else lying
    safe = min(bottom, height - 1) - top  # a word read at the very last pixel would end behind the buffer
    if safe > 0:
        start, strides = (top * width + left) * 3, (3 * width, 3)
        words[:safe] = np.ndarray((safe, columns), "<u4", picture, start, strides)
    if safe < rows:
        last = picture[-1, left:right].astype(np.uint32)
        words[-1] = last[:, 0] | last[:, 1] << 8 | last[:, 2] << 16
    return lying


def rimmed(words: Words) -> Words:
    """Black around: one row and column before, two behind, so that what is read there fades out over a pixel."""
    lying = np.zeros((words.shape[0] + 3, words.shape[1] + 3), np.uint32)
    lying[1:-2, 1:-2] = words
    return lying


def octets(words: Words) -> NDArray[np.uint8]:
    """uint8[..., 4]: red, green, blue and any number, of words that lie in one piece."""
    return words.view(np.uint8).reshape(*words.shape, 4)


def coloured(words: Words) -> Picture:
    """uint8[h, w, 3] of words."""
    return np.ascontiguousarray(octets(np.ascontiguousarray(words))[..., :3])


def triples(words: Words, lying: NDArray[np.uint8], first: int = 0, pitch: int = 0) -> None:
    """Writes three bytes a pixel into `lying`, a row every `pitch` bytes, else all in one piece; it needs a byte more.

    Four bytes are written where three belong, and the next pixel writes over the last of them.
    """
    strides = (pitch or 3 * words.shape[1], 3)
    np.ndarray(words.shape, "<u4", lying, first, strides)[...] = words


def halved(words: Words) -> Words:
    """Every 2x2 block becomes its rounded mean; an odd last row or column is left out."""
    height, width = words.shape[0] // 2 * 2, words.shape[1] // 2 * 2
    total, one = planes(height // 2, width // 2), planes(height // 2, width // 2)
    into = total
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        into[1] = words[row:height:2, column:width:2]
        np.bitwise_and(into[1], EVEN, out=into[0])
        if into is one:
            total += one
        into = one
    return joined(total, 2)


def thinned(picture: Picture, factor: int, part: Part | None = None) -> Words:
    """`factor` times smaller, what does not fill a block left out: each pixel is weighted 1-2-1 over 3x3 of its block.

    Enough against aliasing for a detector, at a fifth of the cost of averaging whole blocks; five points of each cost
    less and lost faces (docs/adr/0142). `part` is left, top, right, bottom of what is wanted, the whole picture
    unless given.
    """
    part = part or (0, 0, picture.shape[1], picture.shape[0])
    if factor == 1:
        return packed(picture, *part)
    shape = (part[3] - part[1]) // factor, (part[2] - part[0]) // factor
    total, one = planes(*shape), planes(*shape)
    into, before = total, 0
    for row, column, doubled in taps(factor):
        if doubled < before:
            total <<= np.uint32(1)
        first = (part[1] + row) * picture.shape[1] + part[0] + column
        into[1] = _every(picture, factor, first, shape)
        np.bitwise_and(into[1], EVEN, out=into[0])
        if into is one:
            total += one
        into, before = one, doubled
    return joined(total, 2 if factor == 2 else 4)


def planes(height: int, width: int) -> Words:
    """uint32[2, height, width]: room for red and blue, and for whole words."""
    return np.empty((2, height, width), np.uint32)


def joined(total: Words, bits: int) -> Words:
    """uint32[height, width]: sums in two planes times 2 ** -bits, rounded; `total` is not to be used again."""
    total += HALVES >> np.uint32(8 - bits)
    even: Words = total[0]
    green: Words = total[1]
    green -= even
    green ^= even
    green &= GREEN << np.uint32(bits)
    even ^= green
    even >>= np.uint32(bits)
    return even


def _every(picture: Picture, factor: int, first: int, shape: tuple[int, int]) -> Words:
    """One pixel of each block, from pixel `first` on; a word that would end behind the buffer is read a byte early."""
    strides = (3 * picture.shape[1] * factor, 3 * factor)
    end = 3 * first + (shape[0] - 1) * strides[0] + (shape[1] - 1) * strides[1] + 4
    early = 1 if end > picture.size else 0
    words = np.ndarray(shape, "<u4", picture, 3 * first - early, strides)
    return words >> np.uint32(8) if early else words


@functools.lru_cache(16)
def taps(factor: int) -> tuple[tuple[int, int, int], ...]:
    """(row, column in the block, how often its weight is doubled), heaviest first; their sum is four or sixteen."""
    if factor == 2:
        return tuple((row, column, 0) for row in (0, 1) for column in (0, 1))
    line = ((factor // 6, 0), (factor // 2, 1), (factor - 1 - factor // 6, 0))
    found = ((row, column, down + across) for row, down in line for column, across in line)
    return tuple(sorted(found, key=lambda tap: -tap[2]))


def read_through(picture: Picture, chip_to_picture: Matrix, side: int) -> Words:
    """uint32[side, side] taken through the 2x3 matrix (chip x, y -> picture x, y); black outside the picture.

    The part needed is cut out and halved while the matrix still makes it two times smaller or more, then read
    bilinearly, so the cost follows the chip and not the frame.
    """
    left, top, right, bottom = reach(picture, chip_to_picture, side)
    matrix = chip_to_picture.copy()
    matrix[:, 2] -= left, top
    if _halves(matrix, (bottom - top, right - left)):
        return words_through(thinned(picture, 2, (left, top, right, bottom)), _half(matrix), side)
    return _bilinear(packed(picture, left, top, right, bottom, rim=True), matrix, side)


def words_through(words: Words, chip_to_words: Matrix, side: int) -> Words:
    """The same for words already cut out."""
    matrix = chip_to_words
    while _halves(matrix, words.shape):
        words, matrix = halved(words), _half(matrix)
    return _bilinear(rimmed(words), matrix, side)


def _halves(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    """Whether the matrix makes a picture of that shape two times smaller or more."""
    return math.hypot(matrix[0, 0], matrix[1, 0]) >= 2 and min(shape) >= 4


def _half(matrix: Matrix) -> Matrix:
    """The matrix to a picture two times smaller."""
    smaller = matrix / 2
    smaller[:, 2] -= 0.25
    return smaller


def corners(matrix: Matrix, side: int) -> tuple[float, float, float, float]:
    """left, top, right, bottom of what the middles of the chip's corner pixels span."""
    (a, b, x), (c, d, y) = matrix.tolist()
    last = side - 1
    across, down = sorted((0.0, a * last)), sorted((0.0, b * last))
    along, below = sorted((0.0, c * last)), sorted((0.0, d * last))
    return x + across[0] + down[0], y + along[0] + below[0], x + across[1] + down[1], y + along[1] + below[1]


def reach(picture: Picture, matrix: Matrix, side: int) -> Part:
    """left, top, right, bottom of the picture's part the chip can touch; at least one pixel."""
    room = 2 + math.hypot(matrix[0, 0], matrix[1, 0])
    height, width = picture.shape[:2]
    least_x, least_y, most_x, most_y = corners(matrix, side)
    left, top = _within(least_x - room, 0, width - 1), _within(least_y - room, 0, height - 1)
    return left, top, _within(most_x + room, left, width - 1) + 1, _within(most_y + room, top, height - 1) + 1


def _within(place: float, least: int, most: int) -> int:
    """The pixel `place` lies in, or the nearest of those allowed."""
    return math.floor(min(max(least, place), most))


def _bilinear(rimmed: Words, matrix: Matrix, side: int) -> Words:
    """Reads with 8-bit weights from words with a rim."""
    height, width = rimmed.shape
    places = _places(matrix, side, (width - 2, height - 2))
    rest = places.view(np.uint8)[..., 1::4].astype(np.uint32)
    places >>= np.int32(16)
    x, y = places
    y *= np.int32(width)
    x += y
    at = x.astype(np.intp)
    right, down = rest
    both = right * down
    both >>= np.uint32(8)
    rest -= both
    neither = np.uint32(256) - both
    neither -= right
    neither -= down
    lying = rimmed.ravel()
    total, one = planes(side, side), places.view(np.uint32)  # these are not needed any more
    for step, weight in ((0, neither), (1, right), (width, down), (width + 1, both)):
        into = one if step else total
        lying[step:].take(at, out=into[1], mode="wrap")  # in range anyway; the quickest way
        np.bitwise_and(into[1], EVEN, out=into[0])
        into *= weight
        if step:
            total += one
    return joined(total, 8)


def _places(matrix: Matrix, side: int, limits: tuple[int, int]) -> NDArray[np.int32]:
    """int32[2, side, side]: x and y of every chip pixel in words with a rim, in 65536ths, from 0 to the limits."""
    fixed = matrix.clip(-FAR, FAR) * 65536
    steps = np.arange(side, dtype=np.float64)
    across = np.rint(fixed[:, :1] * steps + (fixed[:, 2:] + 65536)).astype(np.int32)
    down = np.rint(fixed[:, 1:2] * steps).astype(np.int32)
    places: NDArray[np.int32] = across[:, None, :] + down[:, :, None]
    for line, most in zip(places, limits, strict=True):
        ends = line[:: side - 1, :: side - 1].ravel().tolist()
        if min(ends) < 0 or max(ends) > most << 16:
            np.clip(line, 0, most << 16, out=line)
    return places
