"""RFC 6962 section 2.1 as it is written there: recursive, slow, and nothing of the code under test in it."""

import hashlib
from collections.abc import Sequence


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """2.1: the Merkle tree hash."""
    if not leaves:
        return h(b"")
    if len(leaves) == 1:
        return h(b"\x00" + leaves[0])
    k = split(len(leaves))
    return h(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """2.1.1: the audit path of leaf m."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """2.1.2: the consistency proof from the first m leaves; empty from none and from all."""
    if m in (0, len(leaves)):
        return []
    return _sub(m, leaves, whole=True)


def _sub(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*_sub(m, leaves[:k], whole), mth(leaves[k:])]
    return [*_sub(m - k, leaves[k:], whole=False), mth(leaves[:k])]
