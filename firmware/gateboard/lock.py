"""The lock's output. A timer cuts every pulse off, whatever the loop does; a release is no pulse.

The timer's call runs between two steps of the interpreter, so also in a loop that never ends. A program that hangs
outside of the interpreter is ended by the watchdog, and the pin rests then: at most WATCHDOG_MS later.
"""

from machine import Pin, Timer

from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

LEAST_MS = 100  # a shorter pulse could end before it has begun, and then nothing would end it
TIMER = -1  # a virtual timer on the rp2; the first hardware timer on an esp32 is 0


class Lock:
    """`unlock` and `release` as the door says; nothing is on longer than `max_on_ms` at a time but a release."""

    def __init__(self, pin: "dict[str, Any]", timer: int = TIMER) -> None:
        self._on = 1 if pin["active_high"] else 0
        self._rest = self._on if pin["shutdown"] else 1 - self._on
        self._most = pin["max_on_ms"]
        self._pin = Pin(pin["pin"], Pin.OUT, value=self._on if pin["start"] else 1 - self._on)
        self._timer = Timer(timer)
        self._released = False
        self._ends = self._cut_off  # one bound method, not one for each pulse

    def unlock(self, ms: int) -> None:
        """Energised from now for `ms`, LEAST_MS to `max_on_ms`; a later call starts the time anew."""
        self._timer.deinit()
        self._timer.init(mode=Timer.ONE_SHOT, period=min(max(ms, LEAST_MS), self._most), callback=self._ends)
        self._pin.value(self._on)  # last: nothing is on whose end is not set

    def release(self, on: bool) -> None:
        """Held open (fire) or no longer."""
        self._released = on
        if on:
            self._pin.value(self._on)
        else:
            self.close()

    def close(self) -> None:
        """To the shutdown level."""
        self._timer.deinit()
        self._pin.value(self._rest)

    def _cut_off(self, timer: "Any") -> None:
        if not self._released:
            self._pin.value(self._rest)
