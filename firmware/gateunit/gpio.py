"""The wired ports through gpiozero: lock, matrix keypad, inputs. Nothing here decides, and nothing here waits.

The lock is cut off after `max_on_ms` by a timer of its own, whatever the rest of the program does, and falls to its
shutdown level when it is closed. Debouncing is the core's.
"""

from threading import Lock as Mutex
from threading import Timer
from typing import Any

from gpiozero import DigitalInputDevice, DigitalOutputDevice

from gatecore.keypad import KEYS
from gateunit.errors import SettingsError
from gateunit.ports import Clock, Levels
from gateunit.settings import Board, InputPin, KeypadPins, LockPin

CALL_BIT = 1 << KEYS.index("C")


class GpioLock:
    """ports.Lock on one output."""

    def __init__(self, pin: LockPin, clock: Clock, factory: Any = None) -> None:
        self._pin, self._clock = pin, clock
        self._out = DigitalOutputDevice(
            pin.pin, active_high=pin.active_high, initial_value=pin.start, pin_factory=factory
        )
        self._mutex = Mutex()
        self._until = 0
        self._released = False
        self._closed = False
        self._timer: Timer | None = None

    def unlock(self, ms: int) -> None:
        """See ports.Lock."""
        with self._mutex:
            if self._closed:
                return
            self._until = max(self._until, self._clock.mono() + min(ms, self._pin.max_on_ms))
            self._out.on()
            self._cut_off_later()

    def release(self, on: bool) -> None:
        """See ports.Lock."""
        with self._mutex:
            if self._closed:
                return
            self._released = on
            if on:
                self._out.on()
            else:
                self._until = 0
                self._out.off()

    def close(self) -> None:
        """See ports.Lock."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            self._out.value = self._pin.shutdown
            self._out.close()

    def _cut_off_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Timer((self._until - self._clock.mono()) / 1000, self._cut_off)
        self._timer.daemon = True
        self._timer.start()

    def _cut_off(self) -> None:
        with self._mutex:
            if self._closed or self._released:
                return
            if self._clock.mono() < self._until:
                self._cut_off_later()
            else:
                self._out.off()


class GpioKeypad:
    """ports.Keypad: rows are driven low one at a time, a pressed key pulls its column low."""

    def __init__(self, pins: KeypadPins, factory: Any = None) -> None:
        self._rows = [
            DigitalOutputDevice(pin, active_high=False, initial_value=False, pin_factory=factory) for pin in pins.rows
        ]
        self._columns = [DigitalInputDevice(pin, pull_up=True, pin_factory=factory) for pin in pins.columns]
        self._call = DigitalInputDevice(pins.call, pull_up=True, pin_factory=factory)

    def read(self) -> int:
        """See ports.Keypad."""
        down = CALL_BIT if self._call.value else 0
        for row, out in enumerate(self._rows):
            out.on()
            for column, wire in enumerate(self._columns):
                if wire.value:
                    down |= 1 << (row * len(self._columns) + column)
            out.off()
        return down


class GpioInputs:
    """ports.Inputs: wires to ground with pull-ups."""

    def __init__(self, pins: dict[str, InputPin], factory: Any = None) -> None:
        self._pins = pins
        self._wires = {
            name: DigitalInputDevice(pin.pin, pull_up=True, pin_factory=factory) for name, pin in pins.items()
        }

    def read(self) -> Levels:
        """See ports.Inputs."""
        return Levels(self._says("contact"), self._says("exit"), self._says("fire"), self._says("tamper"))

    def _says(self, name: str) -> bool:
        return bool(self._wires[name].value) != self._pins[name].normally_closed


def open_gpio(board: Board, clock: Clock, factory: Any = None) -> tuple[GpioLock, GpioKeypad, GpioInputs]:
    """The board's wires; the lock first, so that it is at its start level before anything else happens. SettingsError
    on a machine that has no such pins, or does not let this user have them."""
    try:
        lock = GpioLock(board.lock, clock, factory)
        return lock, GpioKeypad(board.keypad, factory), GpioInputs(board.inputs, factory)
    except Exception as wrong:  # what drives the pins (lgpio, ...) has errors of its own, with nothing in common
        raise SettingsError(
            f"the pins of {board.name} cannot be used ({wrong}): a Raspberry Pi has them, with the system's package "
            "python3-lgpio and this user in the group gpio; elsewhere `kaimen door` is a door without pins"
        ) from wrong
