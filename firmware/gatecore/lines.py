"""A file as a sequence of items (RFC 8742): each is read whole, at most 1 MiB, and nothing is reserved on its word."""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import RecordError, WireError
from gatecore.records import fits
from gatecore.wire import MAX_BYTES, MAX_DEPTH, decode

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Read = Callable[[int], bytes]  # n -> the next n bytes, fewer only at the end of the file


class Lines:
    """The items of a file, one after another."""

    def __init__(self, read: "Read") -> None:
        self._read = read

    def item(self) -> "Any":
        """The next item; WireError for anything that is none."""
        raw = bytearray()
        self._copy(raw, 0)
        return decode(bytes(raw))

    def shaped(self, kinds: "tuple[int, ...]", word: str) -> "list[Any]":
        """The next item, an array of these kinds of fields that begins with `word`."""
        line = shaped(self.item(), kinds)
        if line[0] != word:
            raise RecordError("purpose")
        return line

    def _copy(self, raw: bytearray, depth: int) -> None:
        """Appends the next item's bytes to `raw`; only where it ends is looked at here, `decode` judges the rest."""
        first = self._bytes(raw, 1)[0]
        major, number = first >> 5, first & 0x1F
        if number > 27:
            raise WireError("length")
        if number > 23:
            number = int.from_bytes(self._bytes(raw, 1 << (number - 24)), "big")
        if major == 2 or major == 3:
            self._bytes(raw, number)
        elif major == 4:
            if depth >= MAX_DEPTH:
                raise WireError("depth")
            for _ in range(number if number <= MAX_BYTES else MAX_BYTES + 1):
                self._copy(raw, depth + 1)

    def _bytes(self, raw: bytearray, number: int) -> bytes:
        if number > MAX_BYTES - len(raw):  # before reading: a hostile length never allocates
            raise WireError("long")
        found = self._read(number)
        if len(found) != number:
            raise WireError("cut")
        raw.extend(found)
        return found


def shaped(value: "Any", kinds: "tuple[int, ...]") -> "list[Any]":
    """`value` if it is an array of these kinds of fields; RecordError("shape") if not."""
    if not isinstance(value, list) or len(value) != len(kinds):
        raise RecordError("shape")
    for one, kind in zip(value, kinds):
        if not fits(one, kind):
            raise RecordError("shape")
    return value
