"""The estate's tree as it grows and as it is read: tiles of 64 hashes, written once, and the edge that is not full yet.

A hash at level q stands for 64^q leaves. 64 of them, once complete, are a tile: one row that never changes again. What
does not fill a tile waits, level by level, in the edge: one value beside the tree's size, replaced with it in the same
transaction. So appending writes little, and any proof reads at most a few tiles a level.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from gatehost.digests import digests

WIDTH_BITS = 6
WIDTH = 1 << WIDTH_BITS
HASH = 32

Tile = tuple[int, int, bytes]  # level, number, hashes
Tiles = Callable[[int, int], bytes]  # level, number -> the hashes that are there


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962's hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """Those of many."""
    return digests(b"\x00", entries)


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962's hash above two others."""
    return sha256(b"\x01" + left + right).digest()


def grown(size: int, edge: bytes, leaves: Sequence[bytes]) -> tuple[int, bytes, list[Tile]]:
    """The size, edge and newly full tiles of a tree after these leaf hashes."""
    levels, full = _levels(size, edge), list[Tile]()
    _append(levels, full, 0, size >> WIDTH_BITS, b"".join(leaves))
    return size + len(leaves), b"".join(levels), full


def _levels(size: int, edge: bytes) -> list[bytes]:
    """The edge cut into its levels: at level q lie size // 64^q mod 64 hashes."""
    cut, at = list[bytes](), 0
    while size:
        length = (size % WIDTH) * HASH
        cut.append(edge[at : at + length])
        at, size = at + length, size >> WIDTH_BITS
    return cut


def _append(levels: list[bytes], full: list[Tile], level: int, number: int, hashes: bytes) -> None:
    if level == len(levels):
        levels.append(b"")
    held, above = levels[level] + hashes, list[bytes]()
    at = 0
    while len(held) - at >= WIDTH * HASH:
        tile = held[at : at + WIDTH * HASH]
        full.append((level, number + len(above), tile))
        above.append(_top(tile))
        at += WIDTH * HASH
    levels[level] = held[at:]
    if above:
        _append(levels, full, level + 1, number >> WIDTH_BITS, b"".join(above))


def _top(row: bytes) -> bytes:
    """The hash above a power of two of hashes."""
    begun = sha256(b"\x01").copy
    while len(row) > HASH:
        above = []
        for at in range(0, len(row), 2 * HASH):
            whole = begun()
            whole.update(row[at : at + 2 * HASH])
            above.append(whole.digest())
        row = b"".join(above)
    return row


def edge_tile(size: int, edge: bytes, level: int, number: int) -> bytes | None:
    """The hashes of a tile that is not full yet; None for one that is full or does not exist."""
    levels = _levels(size, edge)
    if level >= len(levels) or number != size >> WIDTH_BITS * (level + 1):
        return None
    return levels[level]


class Forest:
    """One tree as it was at any size up to its own; `tiles` gives the hashes of a tile, or raises."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles

    def root(self, size: int) -> bytes:
        """The tree's hash (RFC 6962 2.1)."""
        return self._hash(0, size) if size else sha256(b"").digest()

    def path(self, index: int, size: int) -> list[bytes]:
        """The audit path of a leaf (2.1.1); its order is from the leaf to the root."""
        made, low, high = list[bytes](), 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                made.append(self._hash(middle, high))
                high = middle
            else:
                made.append(self._hash(low, middle))
                low = middle
        return made[::-1]

    def consistency(self, first: int, size: int) -> list[bytes]:
        """The proof that the tree of `size` leaves begins with that of `first` (2.1.2); empty from none or all."""
        made, low, high = list[bytes](), 0, size
        if first in (0, size):
            return made
        while first != high:
            middle = low + _split(high - low)
            if first <= middle:
                made.append(self._hash(middle, high))
                high = middle
            else:
                made.append(self._hash(low, middle))
                low = middle
        return [*([self._hash(low, high)] if low else []), *made[::-1]]

    def _hash(self, low: int, high: int) -> bytes:
        """The hash over leaves low..high-1; low is a multiple of the largest power of two in the range."""
        count = high - low
        if count & (count - 1) == 0:
            return self._whole(low, count)
        middle = low + _split(count)
        return node_hash(self._hash(low, middle), self._hash(middle, high))

    def _whole(self, low: int, count: int) -> bytes:
        level = (count.bit_length() - 1) // WIDTH_BITS
        first, many = low >> WIDTH_BITS * level, count >> WIDTH_BITS * level
        at = first % WIDTH * HASH
        return _top(self._tiles(level, first >> WIDTH_BITS)[at : at + many * HASH])


def _split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1
