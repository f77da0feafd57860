"""The estate's tree as a door sees it: RFC 6962 hashes, and what a proof must be to hold (RFC 9162 2.1.3.2, 2.1.4.2).

Nothing here builds a tree: that is the host's business (gatehost.store.forest). A proof holds only to its last hash.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.sign import equal, sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAF_DOMAIN, NODE_DOMAIN = b"\x00", b"\x01"
MAX_PATH = 64  # hashes of an audit path; a consistency proof has at most one more


def leaf(entry: bytes) -> bytes:
    """The hash of the leaf that is this entry."""
    return sha256(LEAF_DOMAIN, entry)


def node(left: bytes, right: bytes) -> bytes:
    """The hash above two others."""
    return sha256(NODE_DOMAIN, left, right)


def included(hashed: bytes, index: int, size: int, path: "Sequence[bytes]", root: bytes) -> bool:
    """Whether the leaf with this hash is number `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size or len(path) > MAX_PATH:
        return False
    at, last = index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            hashed = node(sibling, hashed)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            hashed = node(hashed, sibling)
        at >>= 1
        last >>= 1
    return last == 0 and equal(hashed, root)


def consistent(first: int, first_root: bytes, second: int, second_root: bytes, path: "Sequence[bytes]") -> bool:
    """Whether the tree of `second` leaves begins with the tree of `first` leaves; every tree begins with none."""
    if first < 0 or first > second or len(path) > MAX_PATH + 1:
        return False
    if first == 0:
        return not path
    if first == second:
        return not path and equal(first_root, second_root)
    return _joined(first, first_root, second, second_root, list(path))


def _joined(first: int, first_root: bytes, second: int, second_root: bytes, path: "list[bytes]") -> bool:
    if first & (first - 1) == 0:  # a whole subtree of the second tree: its own root is where the path begins
        path = [first_root] + path
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(sibling, old), node(sibling, new)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            new = node(new, sibling)
        at >>= 1
        last >>= 1
    return last == 0 and equal(old, first_root) and equal(new, second_root)
