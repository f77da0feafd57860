"""Light and sound of a door without a screen: green, red and a buzzer, by the core's table of states."""

from machine import Pin

from gateboard.settings import NONE
from gatecore.compat import TYPE_CHECKING
from gatecore.feedback import LIGHT, SOUND

if TYPE_CHECKING:
    from typing import Any

_TUNES = {"none": 0, "click": 30, "rising": 400, "low": 800, "ring": 200, "siren": 5_000}  # ms of buzzer
BLINK_MS = 250
_DAY_MS = 86_400_000  # a light that stays on is cut off by its own longest time


class _Output:
    """A light or the buzzer, on for at most `max_on_ms` at a time; pin -1 is none."""

    def __init__(self, wired: "dict[str, int]") -> None:
        self._pin: "Any" = None if wired["pin"] == NONE else Pin(wired["pin"], Pin.OUT, value=0)
        self._most = wired["max_on_ms"]
        self._until = 0  # while it is on

    def put(self, mono: int, ms: int) -> None:
        """On from `mono` for `ms` unless it is on already; off for 0."""
        if not ms:
            self._until = 0
        elif not self._until:
            self._until = mono + min(ms, self._most)
        if self._pin is not None:
            self._pin.value(1 if self._until else 0)

    def step(self, mono: int) -> None:
        """Ends what has been on for long enough."""
        if self._until and mono >= self._until:
            self.put(mono, 0)


class Signals:
    """`show` a state; `step` moves what blinks and ends what sounds."""

    def __init__(self, pins: "dict[str, Any]") -> None:
        self._outputs = [_Output(pins[name]) for name in ("green", "red", "buzzer")]
        self._green, self._red, self._buzzer = self._outputs
        self._light = ""
        self._lit = False
        self._turn = 0

    def show(self, state: int, mono: int) -> None:
        """Light and sound of one of feedback's states from now on."""
        self._light = LIGHT[state]
        self._lit = True
        self._turn = mono + BLINK_MS
        self._buzzer.put(mono, 0)  # a tune begins anew
        self._buzzer.put(mono, _TUNES[SOUND[state]])
        self._apply(mono)

    def step(self, mono: int) -> None:
        """Called a few times a second."""
        for output in self._outputs:
            output.step(mono)
        if self._light.endswith("blink") and mono >= self._turn:
            self._turn = mono + BLINK_MS
            self._lit = not self._lit
            self._apply(mono)

    def _apply(self, mono: int) -> None:
        for output, name in ((self._green, "green"), (self._red, "red")):
            output.put(mono, _DAY_MS if self._lit and self._light.startswith(name) else 0)
