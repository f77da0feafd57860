"""How fast a device may talk: buckets that refill with time. Batches pace themselves by their acknowledgements."""

from gatecore import frames
from gatehost.model.errors import DeviceRefused

# bucket: (most at once, per second)
_CHUNKS, _OTHERS = (8192, 512), (240, 24)


class Pace:
    """DeviceRefused("rate") when a device floods."""

    def __init__(self, now: int) -> None:
        self._at = now
        self._left = [float(_CHUNKS[0]), float(_OTHERS[0])]

    def take(self, kind: int, now: int) -> None:
        """Counts a frame of a kind at `now` (ms, monotonic)."""
        if kind == frames.BATCH:
            return
        passed, self._at = max(0, now - self._at) / 1000, now
        for bucket, (most, rate) in enumerate((_CHUNKS, _OTHERS)):
            self._left[bucket] = min(most, self._left[bucket] + passed * rate)
        bucket = 0 if kind == frames.WANT else 1
        self._left[bucket] -= 1
        if self._left[bucket] < 0:
            raise DeviceRefused("rate")
