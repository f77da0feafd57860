"""Sampling of pictures: smaller without aliasing, and turned upright. Pictures are uint8[height, width, 3] RGB.

They lie in memory row by row. A pixel travels as one little-endian uint32, red lowest, top byte undefined. Red and blue
share one word with a free byte above each, green has a word of its own, so whole pixels are added and weighted in two
integer operations, several times faster in numpy than arithmetic on three channels.
"""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Words = NDArray[np.uint32]
Part = tuple[int, int, int, int]

EVEN, GREEN = np.uint32(0x00FF00FF), np.uint32(0x0000FF00)
FAR = 16_000.0  # pixels; keeps fixed-point places within 32 bits
HALF, HALF_GREEN = np.uint32(0x00800080), np.uint32(0x00008000)  # half of 256ths


def packed(picture: Picture, left: int, top: int, right: int, bottom: int) -> Words:
    """uint32[bottom - top, right - left]: that part of the picture, one word a pixel."""
    height, width = picture.shape[:2]
    words = np.empty((bottom - top, right - left), np.uint32)
    safe = min(bottom, height - 1)  # a word read at the very last pixel would end behind the buffer
    if safe > top:
        start, strides = (top * width + left) * 3, (3 * width, 3)
        words[: safe - top] = np.ndarray((safe - top, right - left), "<u4", picture, start, strides)
    if bottom > safe:
        last = picture[-1, left:right].astype(np.uint32)
        words[-1] = last[:, 0] | last[:, 1] << 8 | last[:, 2] << 16
    return words


def coloured(words: Words) -> Picture:
    """uint8[h, w, 3] of words."""
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(*words.shape, 4)
    return np.ascontiguousarray(octets[..., :3])


def levels(words: Words, scale: float, less: float = 0) -> NDArray[np.float32]:
    """float32[..., 3]: red, green and blue of words that lie in one piece, times `scale`, and so much less."""
    octets = words.view(np.uint8).reshape(-1).astype(np.float32)
    octets *= np.float32(scale)
    octets -= np.float32(less)
    three = np.empty((words.size, 3), np.float32)
    for channel in range(3):
        three[:, channel] = octets[channel::4]
    return three.reshape(*words.shape, 3)


def green(words: Words) -> NDArray[np.uint8]:
    """uint8[h, w], of any shape of words."""
    return (words >> np.uint32(8)).astype(np.uint8)


def halved(words: Words) -> Words:
    """Every 2x2 block becomes its rounded mean; an odd last row or column is left out."""
    height, width = words.shape[0] // 2 * 2, words.shape[1] // 2 * 2
    blocks = [words[row:height:2, column:width:2] for row in (0, 1) for column in (0, 1)]
    halves = []
    for shift in (np.uint32(0), np.uint32(8)):
        total = np.full(blocks[0].shape, 0x00020002, np.uint32)
        for block in blocks:
            total += (block >> shift) & EVEN
        halves.append((total >> np.uint32(2)) & EVEN)
    return halves[0] | halves[1] << np.uint32(8)


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
    bits = 2 if factor == 2 else 4
    even, odd = np.full(shape, HALF >> np.uint32(8 - bits)), np.full(shape, HALF_GREEN >> np.uint32(8 - bits))
    others = np.empty(shape, np.uint32)
    for row, column, doubled in taps(factor):
        words = _every(picture, factor, (part[1] + row) * picture.shape[1] + part[0] + column, shape)
        np.bitwise_and(words, EVEN, out=others)
        words &= GREEN
        if doubled:
            others <<= np.uint32(doubled)
            words <<= np.uint32(doubled)
        even += others
        odd += words
    even >>= np.uint32(bits)
    even &= EVEN
    odd >>= np.uint32(bits)
    odd &= GREEN
    even |= odd
    return even


def _every(picture: Picture, factor: int, first: int, shape: tuple[int, int]) -> Words:
    """One pixel of each block, from pixel `first` on; a word that would end behind the buffer is read a byte early."""
    strides = (3 * picture.shape[1] * factor, 3 * factor)
    end = 3 * first + (shape[0] - 1) * strides[0] + (shape[1] - 1) * strides[1] + 4
    early = 1 if end > picture.size else 0
    words = np.ndarray(shape, "<u4", picture, 3 * first - early, strides)
    return words >> np.uint32(8) if early else words.copy()


def taps(factor: int) -> tuple[tuple[int, int, int], ...]:
    """(row, column in the block, how often its weight is doubled); the weights add up to four or to sixteen."""
    if factor == 2:
        return tuple((row, column, 0) for row in (0, 1) for column in (0, 1))
    line = ((factor // 6, 0), (factor // 2, 1), (factor - 1 - factor // 6, 0))
    return tuple((row, column, down + across) for row, down in line for column, across in line)


def read_through(picture: Picture, chip_to_picture: Matrix, side: int) -> Words:
    """uint32[side, side] taken through the 2x3 matrix (chip x, y -> picture x, y); black outside the picture.

    The part needed is cut out and halved while the matrix still makes it two times smaller or more, then read
    bilinearly, so the cost follows the chip and not the frame.
    """
    matrix = chip_to_picture.copy()
    left, top, right, bottom = reach(picture, matrix, side)
    words = packed(picture, left, top, right, bottom)
    matrix[:, 2] -= left, top
    return words_through(words, matrix, side)


def words_through(words: Words, chip_to_words: Matrix, side: int) -> Words:
    """The same for words already cut out."""
    matrix = chip_to_words.copy()
    while np.hypot(matrix[0, 0], matrix[1, 0]) >= 2 and min(words.shape) >= 4:
        words = halved(words)
        matrix /= 2
        matrix[:, 2] -= 0.25
    return _bilinear(words, matrix, side)


def reach(picture: Picture, matrix: Matrix, side: int) -> tuple[int, int, int, int]:
    """left, top, right, bottom of the picture's part the chip can touch; at least one pixel."""
    last = side - 1
    corners = matrix @ np.array([[0, last, 0, last], [0, 0, last, last], [1, 1, 1, 1]], np.float64)
    room = 2 + np.hypot(matrix[0, 0], matrix[1, 0])
    limit = np.array([picture.shape[1], picture.shape[0]])
    low = np.clip(np.floor(corners.min(1) - room), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(corners.max(1) + room), low + 1, limit).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _bilinear(words: Words, matrix: Matrix, side: int) -> Words:
    """Reads with 8-bit weights. A black rim is added first, so the picture fades out over one pixel."""
    height, width = words.shape
    rimmed = np.zeros((height + 3, width + 3), np.uint32)
    rimmed[1:-2, 1:-2] = words
    column, right = _places(matrix[0], side, width)
    row, down = _places(matrix[1], side, height)
    row *= np.int32(width + 3)
    row += column
    at = row.astype(np.intp)
    both = (right * down) >> np.uint32(8)
    weights = np.uint32(256) - right - down + both, right - both, down - both, both
    even, odd, part = np.full(at.shape, HALF), np.full(at.shape, HALF_GREEN), np.empty(at.shape, np.uint32)
    lying = rimmed.ravel()
    for step, weight in zip((0, 1, width + 3, width + 4), weights, strict=True):
        found = lying[step:].take(at, mode="clip")  # in range anyway; the quicker way
        np.bitwise_and(found, EVEN, out=part)
        part *= weight
        even += part
        found &= GREEN
        found *= weight
        odd += found
    even >>= np.uint32(8)
    even &= EVEN
    odd >>= np.uint32(8)
    odd &= GREEN
    even |= odd
    return even


def _places(line: Matrix, side: int, size: int) -> tuple[NDArray[np.int32], Words]:
    """One coordinate of every chip pixel: its whole part in the rimmed picture and the rest in 256ths."""
    steps = np.arange(side)
    across = np.rint(np.clip(line[0] * steps + line[2] + 1, -FAR, FAR) * 65536).astype(np.int32)
    down = np.rint(line[1] * steps * 65536).astype(np.int32)
    place = across[None, :] + down[:, None]
    least, most = across.min() + down.min(), across.max() + down.max()
    if least < 0 or most > (size + 1) << 16:
        np.clip(place, 0, (size + 1) << 16, out=place)
    rest = place.view(np.uint32) >> np.uint32(8)
    rest &= np.uint32(255)
    place >>= np.int32(16)
    return place, rest
