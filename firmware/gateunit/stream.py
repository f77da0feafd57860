"""Network cameras (RTSP) and films in any common format, through PyAV: the optional extra `stream`.

RTSP is asked for over TCP, so that a lost packet costs time and not half a picture. Only the newest picture matters:
what a slow door leaves behind is dropped by camera.LiveCamera.
"""

import importlib.util
from collections.abc import Iterator
from time import monotonic
from typing import Any

from gateunit.camera import STALL_MS, Lease
from gateunit.errors import CameraError
from gateunit.ports import Picture

WIDEST = 1280  # a larger picture is reduced before it is turned into RGB: faces need no more


def has_pyav() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("av") is not None


class Stream:
    """camera.Source for an address or a file's path. A file is played in its own time, for ever."""

    def __init__(self, address: str, stall_ms: int = STALL_MS) -> None:
        import av

        self._lease = Lease(self._let_go)
        self._file = "://" not in address
        self._began: float | None = None
        self._wrong = (av.FFmpegError, OSError, ValueError, IndexError)
        options = {"rtsp_transport": "tcp"} if address.startswith("rtsp") else {}
        try:
            self._container: Any = av.open(address, options=options, timeout=(2 * stall_ms / 1000, stall_ms / 1000))
            self._pictures: Iterator[Any] = self._container.decode(video=0)
        except self._wrong as wrong:
            raise CameraError(f"{shown(address)}: {wrong.__class__.__name__}") from wrong

    def read(self) -> Picture:
        """See camera.Source."""
        with self._lease:
            return self._next()

    def _next(self) -> Picture:
        try:
            frame = next(self._pictures, None)
            if frame is None and self._file:
                frame = self._rewound()
            if frame is None:
                raise CameraError("the stream has ended")
            self._pace(float(frame.time or 0))
            width = min(frame.width, WIDEST)
            picture: Picture = frame.to_ndarray(
                format="rgb24", width=width, height=frame.height * width // frame.width // 2 * 2
            )
        except self._wrong as wrong:
            raise CameraError(f"the stream has broken off ({wrong.__class__.__name__})") from wrong
        return picture

    def _rewound(self) -> Any:
        self._container.seek(0)
        self._pictures, self._began = self._container.decode(video=0), None
        return next(self._pictures, None)

    def _pace(self, at_s: float) -> None:
        """A file is played in its own time; a camera sends in its own."""
        if not self._file:
            return
        if self._began is None:
            self._began = monotonic() - at_s
        if self._lease.closed.wait(max(0.0, self._began + at_s - monotonic())):
            raise CameraError("closed")

    def close(self) -> None:
        """See camera.Source. A read that is going on ends by FFmpeg's own time limit."""
        self._lease.close()

    def _let_go(self) -> None:
        self._container.close()


def shown(address: str) -> str:
    """An address without the password it may hold."""
    scheme, found, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else address
