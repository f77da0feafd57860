"""Names the two interpreters do not share."""

from collections import namedtuple

# MicroPython has no `typing`; type checkers take this name for True, so imports under it cost nothing.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple as NamedTuple

    Random = Callable[[int], bytes]  # n -> n random bytes
    Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature -> does it hold
else:

    def NamedTuple(name, fields):
        """typing.NamedTuple, called with (field, type) pairs: what a type checker reads there is not kept."""
        return namedtuple(name, [field for field, _ in fields])
