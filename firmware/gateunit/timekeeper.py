"""The core's clock, fed by the battery clock and the host, and the boot count and floor that outlive the process."""

from gatecore.clock import Clock as CoreClock
from gatecore.clock import Now
from gatecore.errors import GateError
from gatecore.records import UINT, fits
from gatecore.wire import decode, encode
from gateunit.ports import Clock

RECORD = "clock"


class Timekeeper:
    """`now()` for everything that happens; steps are reported in ms, as gatecore.clock does."""

    def __init__(self, clock: Clock, saved: bytes | None, least_boot: int) -> None:
        boot, floor = _saved(saved)
        self._source = clock
        self._clock = CoreClock(max(boot, least_boot) + 1, floor)

    @property
    def boot(self) -> int:
        """How many times this unit has started."""
        return self._clock.boot

    def mono(self) -> int:
        """Powered-on ms."""
        return self._source.mono()

    def now(self) -> Now:
        """The instant, and how well it is known."""
        return self._clock.now(self._source.mono())

    def battery(self) -> int | None:
        """Asks the battery clock; the step made, or None where there is none or it was not believed."""
        utc = self._source.battery()
        return None if utc is None else self._clock.battery(utc, self._source.mono())

    def host(self, utc: int, sent: int) -> int | None:
        """Takes a signed host's time that was asked for at mono `sent`."""
        return self._clock.host(utc, sent, self._source.mono())

    def order(self, utc: int) -> int:
        """Takes a clock order the law book accepted; TrustError for a time that no clock can have."""
        return self._clock.order(utc, self._source.mono())

    def record(self) -> bytes:
        """What is saved: boot count and floor."""
        return encode([self._clock.boot, self._clock.keep_floor(self._source.mono())])


def _saved(data: bytes | None) -> tuple[int, int | None]:
    """Boot count and floor of the last run; nothing is known where the record is missing or spoilt."""
    if data is None:
        return 0, None
    try:
        value = decode(data)
    except GateError:
        return 0, None
    if not isinstance(value, list) or len(value) != 2 or not fits(value[0], UINT):
        return 0, None
    return value[0], value[1] if fits(value[1], UINT) else None
