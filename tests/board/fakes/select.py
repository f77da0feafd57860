"""Whether a stream can be written to: at once, unless a test says that it is not there yet."""

POLLOUT = 4


class poll:
    def register(self, stream, wanted):
        self._stream = stream

    def poll(self, ms=-1):
        return [(self._stream, POLLOUT)] if getattr(self._stream, "reached", True) else []
