"""`machine` of the board on the desk: pins end in the process that plays the desk."""

import _wires


class Pin:
    IN, OUT, OPEN_DRAIN = 0, 1, 2
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_FALLING = 4

    def __init__(self, id, mode=-1, pull=-1, value=None):
        self.id = id
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, value=None):
        self.mode = mode
        if value is not None:
            _wires.write(self.id, 1 if value else 0)

    def value(self, level=None):
        if level is None:
            return _wires.read(self.id)
        _wires.write(self.id, 1 if level else 0)

    def irq(self, handler, trigger=0, *, hard=False):
        pass

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


class I2C:
    """One DS3231 at 0x68, which runs."""

    def __init__(self, id=0, scl=None, sda=None, freq=400000):
        self._set = {}

    def scan(self):
        return [0x68]

    def readfrom_mem(self, address, register, size):
        buffer = bytearray(size)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    def readfrom_mem_into(self, address, register, buffer):
        if address != 0x68:
            raise OSError(5)
        now = _registers()
        for n in range(len(buffer)):
            buffer[n] = self._set.get(register + n, now[(register + n) % 19])

    def writeto_mem(self, address, register, data):
        if address != 0x68:
            raise OSError(5)
        for n, byte in enumerate(data):
            self._set[register + n] = byte


SoftI2C = I2C


def _registers():
    import time

    year, month, day, hour, minute, second, weekday, _ = time.gmtime(int(_wires.clock()))
    time_of_day = [second, minute, hour, weekday + 1, day, month, year % 100]
    return [n // 10 * 16 + n % 10 for n in time_of_day] + [0] * 12


class WDT:
    def __init__(self, id=0, timeout=5000):
        self.timeout = timeout

    def feed(self):
        if _wires.fed():
            raise KeyboardInterrupt


PWRON_RESET, WDT_RESET = 1, 3


def reset_cause():
    return PWRON_RESET


def unique_id():
    return b"desk-one"


def reset():
    _wires.reset()
    raise SystemExit


def freq(hz=125_000_000):
    return hz


class Timer:
    """Never goes off: nothing runs here while nobody calls."""

    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, id=-1):
        pass

    def init(self, mode=ONE_SHOT, period=0, callback=None):
        pass

    def deinit(self):
        pass
