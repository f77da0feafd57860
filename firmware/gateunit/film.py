"""A film of JPEG pictures one after another (motion JPEG, *.mjpeg), played at its own pace for ever: for trials."""

from pathlib import Path

from gateunit.camera import MOST_BYTES, Lease, decoded
from gateunit.errors import CameraError
from gateunit.ports import Picture

ENDINGS = (".mjpeg", ".mjpg")
BEGIN, END = b"\xff\xd8", b"\xff\xd9"


class Film:
    """camera.Source. `fps` pictures a second; the file is read piece by piece, so that its length does not matter."""

    def __init__(self, path: Path, fps: float = 10) -> None:
        self._every_s = 1 / fps
        try:
            self._file = path.open("rb")
        except OSError as wrong:
            raise CameraError(f"{path.name}: {wrong.strerror}") from wrong
        self._lease = Lease(self._file.close)
        self._held = b""
        self._shown = False

    def read(self) -> Picture:
        """See camera.Source."""
        with self._lease:
            if self._shown and self._lease.closed.wait(self._every_s):
                raise CameraError("closed")
            self._shown = True
            return decoded(self._next() or self._rewound())

    def _rewound(self) -> bytes:
        self._file.seek(0)
        self._held = b""
        first = self._next()
        if not first:
            raise CameraError("there is no picture in this film")
        return first

    def _next(self) -> bytes:
        """The bytes from one BEGIN to its END, which never stands inside a picture; b"" at the end of the file."""
        while True:
            begin = self._held.find(BEGIN)
            end = self._held.find(END, max(begin, 0))
            if begin >= 0 and end >= 0:
                taken, self._held = self._held[begin : end + 2], self._held[end + 2 :]
                return taken
            if len(self._held) > MOST_BYTES:
                raise CameraError("this is no film of JPEG pictures")
            more = self._file.read(1 << 16)
            if not more:
                return b""
            self._held += more

    def close(self) -> None:
        """See camera.Source."""
        self._lease.close()
