"""A grey Video4Linux camera in near infrared beside the colour one: is a face there too?

Screens show next to none of their picture in near infrared; paper often does. So a face that is missing here is no
living one, and a face that is here proves nothing (ports.Infrared, docs/adr/0143). The two cameras look the same way
through lenses of about the same angle; a face may lie one of its widths beside where the other camera has it.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence

import numpy as np

from gateface.detect import Detection
from gateunit.camera import RETRY_MS, Source
from gateunit.errors import CameraError
from gateunit.ports import Box, Clock, Picture

FRESH_MS = 400  # a picture older than this says nothing of now
LIT = 16  # mean grey; below it the lamp is off, or it is a dark picture of a camera whose lamp flashes every other time
NEAR = 1.0  # of the face's width
SIZES = (0.5, 2.0)  # of the face's width

Find = Callable[[Picture], Sequence[Detection]]


class InfraredCamera:
    """ports.Infrared over a source of its own, read by a thread; a source that ends is opened anew until `close`.

    `find` gives the faces of a picture; it is called on the thread that asks.
    """

    def __init__(self, open_source: Callable[[], Source], find: Find, clock: Clock, retry_ms: int = RETRY_MS) -> None:
        self._open, self._find, self._clock, self._retry_s = open_source, find, clock, retry_ms / 1000
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._newest: tuple[int, Picture] | None = None
        self._source: Source | None = None
        self._thread = threading.Thread(target=self._run, name="infrared", daemon=True)
        self._thread.start()

    def sees(self, box: Box, mono: int) -> bool | None:
        """See ports.Infrared."""
        with self._lock:
            newest = self._newest
        if newest is None or abs(mono - newest[0]) > FRESH_MS:
            return None
        height, width = newest[1].shape[:2]
        return any(same_place(box, shares(face.box, width, height)) for face in self._find(newest[1]))

    def forget(self) -> None:
        """See ports.Infrared."""
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is not None:
            self._find(np.zeros(newest[1].shape, np.uint8))

    def close(self) -> None:
        """See ports.Infrared."""
        self._closed.set()
        with self._lock:
            source = self._source
        if source is not None:
            source.close()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(CameraError, OSError, ValueError):
                self._read()
            self._closed.wait(self._retry_s)

    def _read(self) -> None:
        source = self._open()
        with self._lock:
            self._source = source
        try:
            while not self._closed.is_set():
                self._keep(source.read(), self._clock.mono())
        finally:
            source.close()
            with self._lock:
                self._newest = None

    def _keep(self, picture: Picture, mono: int) -> None:
        """A lit picture; a dark one only ends an old one."""
        lit = float(picture[::8, ::8].mean()) >= LIT
        with self._lock:
            if lit:
                self._newest = (mono, picture)
            elif self._newest is not None and mono - self._newest[0] > FRESH_MS:
                self._newest = None


def shares(box: Box, width: int, height: int) -> Box:
    """A box in shares of its picture's width and height."""
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def same_place(box: Box, other: Box) -> bool:
    """Whether two boxes, in shares of their pictures, can be one face seen from two places side by side."""
    sizes = [np.array([one[2] - one[0], one[3] - one[1]]) for one in (box, other)]
    middles = [np.array([one[0] + one[2], one[1] + one[3]]) / 2 for one in (box, other)]
    near = np.abs(middles[0] - middles[1]) <= NEAR * sizes[0]
    alike = (sizes[1] >= SIZES[0] * sizes[0]) & (sizes[1] <= SIZES[1] * sizes[0])
    return bool(near.all() and alike.all())
