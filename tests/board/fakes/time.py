"""The board's counter: the machine's own, and what a test lets pass. Wraps as a board's does."""

import js

_PERIOD = 1 << 30
_ahead = 0
_stopped = None


def ticks_ms():
    return (int(js.performance.now() if _stopped is None else _stopped) + _ahead) % _PERIOD


def ticks_diff(a, b):
    return (a - b + _PERIOD // 2) % _PERIOD - _PERIOD // 2


def let_pass(ms):
    global _ahead
    _ahead += ms


def stand_still():
    """From here on only `let_pass` moves the counter: nothing depends on how busy the machine is."""
    global _stopped
    _stopped = js.performance.now()
