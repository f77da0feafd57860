"""The board's counter: the machine's own, and what a test lets pass. Wraps as a board's does."""

import js

_HALF, _MASK = 1 << 29, (1 << 30) - 1  # small whole numbers: a board's own counter takes no memory
_ahead = 0
_stopped = None


def ticks_ms():
    return (int(js.performance.now() if _stopped is None else _stopped) + _ahead) & _MASK


def ticks_diff(a, b):
    return ((a - b + _HALF) & _MASK) - _HALF


def let_pass(ms):
    global _ahead
    _ahead = (_ahead + ms) & _MASK


def stand_still():
    """From here on only `let_pass` moves the counter: nothing depends on how busy the machine is."""
    global _stopped
    _stopped = js.performance.now()
