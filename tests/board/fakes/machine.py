"""Pins, timers, the battery clock and the watchdog of a board, played: what is on a wire and when it changed."""

import time

_levels = {}  # pin -> level driven or pulled
_shorted = {}  # input pin -> output pin a pressed key joins it to, or -1 for ground
history = []  # [pin, level] of every change of an output
_edges = {}  # input pin -> what its falling edge calls
_timers = []
clock = {"registers": None}  # the DS3231's 19 bytes; None: no chip answers
fed = [0]


class Pin:
    IN, OUT, PULL_UP, IRQ_FALLING = 0, 1, 2, 4

    def __init__(self, id, mode=0, pull=None, *, value=None):
        self.id = id
        self._output = mode == Pin.OUT
        if self._output:
            self._drive(value)

    def value(self, level=None):
        if level is not None:
            return self._drive(level)
        joined = _shorted.get(self.id)
        if joined is None:
            return 1
        return 0 if joined == -1 else _levels[joined]

    def irq(self, handler, trigger=0, *, hard=False):
        _edges[self.id] = handler

    def _drive(self, level):
        if _levels.get(self.id) != level:
            history.append([self.id, level])
        _levels[self.id] = level


def join(pin, to):
    """A wire from an input pin to an output pin, or to ground (-1)."""
    _shorted[pin] = to


def fall(pin):
    """A short pulse to ground on an input."""
    if _edges.get(pin) is not None:
        _edges[pin](pin)


def part(pin):
    _shorted.pop(pin, None)


def level(pin):
    return _levels.get(pin)


class Timer:
    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, id=-1):
        self._due = None
        _timers.append(self)

    def init(self, *, mode=0, period=0, callback=None):
        self._due = (time.ticks_ms() + period, callback)

    def deinit(self):
        self._due = None

    def look(self):
        if self._due is not None and time.ticks_diff(time.ticks_ms(), self._due[0]) >= 0:
            callback, self._due = self._due[1], None
            callback(self)


def run_timers():
    """What the hardware does by itself, whatever the loop is busy with."""
    for timer in _timers:
        timer.look()


class I2C:
    def __init__(self, id, *, sda, scl, freq=400000):
        pass

    def readfrom_mem(self, address, register, count):
        if clock["registers"] is None:
            raise OSError(5)
        return bytes(clock["registers"][register : register + count])

    def writeto_mem(self, address, register, data):
        if clock["registers"] is None:
            raise OSError(5)
        clock["registers"][register : register + len(data)] = data


class WDT:
    def __init__(self, id=0, timeout=0):
        self.timeout = timeout

    def feed(self):
        fed[0] += 1
