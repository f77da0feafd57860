"""Light and sound of a door without a screen: green, red and a buzzer, by the core's table of states."""

from machine import Pin

from gateboard.settings import NONE
from gatecore.compat import TYPE_CHECKING
from gatecore.feedback import LIGHT, SOUND

if TYPE_CHECKING:
    from typing import Any

_TUNES = {"none": 0, "click": 30, "rising": 400, "low": 800, "ring": 200, "siren": 5_000}  # ms of buzzer
BLINK_MS = 250


class Signals:
    """`show` a state; `step` moves what blinks and ends what sounds."""

    def __init__(self, pins: "dict[str, Any]") -> None:
        self._green, self._red, self._buzzer = [_output(pins[name]) for name in ("green", "red", "buzzer")]
        self._light = ""
        self._lit = False
        self._until = self._turn = 0

    def show(self, state: int, mono: int) -> None:
        """Light and sound of one of feedback's states from now on."""
        self._light = LIGHT[state]
        self._lit = True
        self._turn = mono + BLINK_MS
        self._until = mono + _TUNES[SOUND[state]]
        _set(self._buzzer, self._until > mono)
        self._apply()

    def step(self, mono: int) -> None:
        """Called a few times a second."""
        if self._until and mono >= self._until:
            self._until = 0
            _set(self._buzzer, False)
        if self._light.endswith("blink") and mono >= self._turn:
            self._turn = mono + BLINK_MS
            self._lit = not self._lit
            self._apply()

    def _apply(self) -> None:
        _set(self._green, self._lit and self._light.startswith("green"))
        _set(self._red, self._lit and self._light.startswith("red"))


def _output(pin: int) -> "Any":
    return None if pin == NONE else Pin(pin, Pin.OUT, value=0)


def _set(pin: "Any", on: bool) -> None:
    if pin is not None:
        pin.value(1 if on else 0)
