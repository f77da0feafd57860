"""Names the two interpreters do not share."""

# MicroPython has no `typing`; type checkers take this name for True, so imports under it cost nothing.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable

    Random = Callable[[int], bytes]  # n -> n random bytes
    Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature -> does it hold
