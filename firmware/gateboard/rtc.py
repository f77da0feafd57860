"""The DS3231 battery clock (Maxim 19-5170): UTC to the second. It says itself when it has stood still."""

from machine import I2C, Pin

from gateboard.settings import NONE
from gatecore.clock import is_possible
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

ADDRESS = 0x68
_STATUS, _STOPPED = 0x0F, 0x80
_DAY_S = 86_400
_TO_2000_S = 946_684_800


class BatteryClock:
    """Read and set over I2C; a chip that does not answer, or says what no clock of ours says, is as none: a register of
    the twelve-hour kind, digits that are none, a 31st of April, a year before there were doors."""

    def __init__(self, pins: "dict[str, Any]") -> None:
        self._bus: "Any" = None
        if pins["bus"] != NONE:
            self._bus = I2C(pins["bus"], sda=Pin(pins["sda"]), scl=Pin(pins["scl"]))

    def read(self) -> "int | None":
        """UTC in ms, or None: no chip, its oscillator has stood still, or no time that can be."""
        if self._bus is None:
            return None
        try:
            if self._bus.readfrom_mem(ADDRESS, _STATUS, 1)[0] & _STOPPED:
                return None
            raw = self._bus.readfrom_mem(ADDRESS, 0, 7)
        except OSError:
            return None
        second, minute, hour = _number(raw[0]), _number(raw[1]), _number(raw[2])
        day, month, year = _number(raw[4]), _number(raw[5]), _number(raw[6])
        if second > 59 or minute > 59 or hour > 23 or not 1 <= month <= 12:
            return None
        days = _days(year, month) + day - 1
        if day < 1 or days >= _days(year + month // 12, month % 12 + 1):
            return None
        utc = (_TO_2000_S + days * _DAY_S + hour * 3600 + minute * 60 + second) * 1000
        return utc if is_possible(utc) else None

    def write(self, utc: int) -> bool:
        """Sets it to `utc` (ms) and clears the mark of having stood still; whether it answered."""
        if self._bus is None or not is_possible(utc):
            return False
        days, rest = divmod(utc // 1000 - _TO_2000_S, _DAY_S)
        year, month = days // 366, 1
        while _days(year + 1, 1) <= days:
            year += 1
        while month < 12 and _days(year, month + 1) <= days:
            month += 1
        day = days - _days(year, month) + 1
        values = (rest % 60, rest // 60 % 60, rest // 3600, (days + 5) % 7 + 1, day, month, year)
        try:
            self._bus.writeto_mem(ADDRESS, 0, bytes([value // 10 << 4 | value % 10 for value in values]))
            self._bus.writeto_mem(ADDRESS, _STATUS, b"\x00")
        except OSError:
            return False
        return True


def _number(bcd: int) -> int:
    """Of two decimal digits; more than any field may say where one is none."""
    return (bcd >> 4) * 10 + (bcd & 15) if bcd & 15 < 10 and bcd >> 4 < 10 else 100


def _days(year: int, month: int) -> int:
    """Days from 2000-01-01 to the first of a month, 2000 .. 2099."""
    long = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
    return year * 365 + (year + 3) // 4 + long[month - 1] + (year % 4 == 0 and month > 2)
