"""Cameras that live: one thread reads the source, the newest picture waits, and a fault is seen and survived.

A `Source` is what differs between cameras (v4l2, picamera, stream, film): it blocks, and gives up by itself after
`STALL_MS`. `LiveCamera` makes a port of it: a source that stalls, dies or never begins is closed and opened anew until
it gives pictures again; meanwhile `works` is False and the rest of the door goes on. So it is with a source that gives
one and the same picture again and again: the face on it would stand before the door for ever.
"""

import asyncio
import contextlib
import hashlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from gateface import PictureRefused, read_picture
from gateunit.errors import CameraError, SettingsError
from gateunit.ports import Clock, Picture

ENDINGS = (".jpg", ".jpeg", ".png")
EVERY_MS = 500
FIRST_MS = 20_000  # a small board needs so long to start a camera process, or to join a network camera
STALL_MS, RETRY_MS = 3_000, 1_000
STUCK_MS = 30_000  # equal to the last bit for so long: no sensor is without noise
EVERY, FLAT = 16, 16  # pixels between those compared first; grey levels from dark to bright in which nothing is seen
MOST_BYTES = 8 << 20  # of one picture, whatever a camera says of itself
LEAST_SIDE, MOST_SIDE = 32, 4096

log = logging.getLogger(__name__)


class Source(Protocol):
    """One camera, opened. All calls may block, `read` for STALL_MS at most; `close` from any thread ends a `read`."""

    def read(self) -> Picture:
        """The next picture; CameraError when there will be none."""

    def close(self) -> None:
        """Gives the camera back; may be called twice."""


class Lease:
    """A camera held by one reading thread and closed by another: whoever is last gives it back, once.

    `with lease:` around a read; CameraError where it has been closed. `closed` is also something to wait on.
    """

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = give_back
        self._lock = threading.Lock()
        self._given = False
        self.closed = threading.Event()

    def __enter__(self) -> None:
        self._lock.acquire()
        if self.closed.is_set():
            self._lock.release()
            raise CameraError("closed")

    def __exit__(self, *wrong: object) -> None:
        self._lock.release()
        if self.closed.is_set():
            self.close()

    def close(self) -> None:
        """At once, or when the read that is going on has ended."""
        self.closed.set()
        if not self._lock.acquire(blocking=False):
            return
        try:
            if not self._given:
                self._given = True
                self._give_back()
        finally:
            self._lock.release()


class Unchanging:
    """For how long a camera has given one and the same picture. Of pictures it keeps two hashes."""

    def __init__(self) -> None:
        self._part = self._whole = b""
        self._since: int | None = None

    def ms(self, mono: int, picture: Picture) -> int:
        """0 for one unlike the one before, and for one that shows nothing: darkness may be without noise."""
        few = picture[::EVERY, ::EVERY]
        part = hashlib.sha256(few.tobytes()).digest()
        if part != self._part or int(few.max()) - int(few.min()) < FLAT:
            self._part, self._whole, self._since = part, b"", None
            return 0
        whole = hashlib.sha256(picture.tobytes()).digest()
        if whole != self._whole:
            self._whole, self._since = whole, mono
        return 0 if self._since is None else mono - self._since


class LiveCamera:
    """ports.Camera over a source that may fail at any time. `open_source` raises CameraError where there is none. A
    film may stand still: `stuck_ms` None."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        clock: Clock,
        stall_ms: int = STALL_MS,
        retry_ms: int = RETRY_MS,
        first_ms: int = FIRST_MS,
        stuck_ms: int | None = STUCK_MS,
    ) -> None:
        self._open, self._clock = open_source, clock
        self._stall_ms, self._retry_ms, self._first_ms = stall_ms, retry_ms, first_ms
        self._stuck_ms, self._unchanging = stuck_ms, Unchanging()
        self._closed = asyncio.Event()
        self.works = True

    async def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """See ports.Camera."""
        while not self._closed.is_set():
            reading = Reading(self._open, self._clock)
            patience = self._first_ms
            try:
                while (newest := await reading.newest(patience, self._closed)) is not None:
                    patience = self._stall_ms
                    if self._stuck_ms is not None and self._unchanging.ms(*newest) >= self._stuck_ms:
                        raise CameraError("it gives the same picture again and again")
                    self._say(True)
                    yield newest
            except CameraError as wrong:
                self._say(False, str(wrong))
            finally:
                reading.stop()
            await self._wait(reading)

    async def _wait(self, reading: "Reading") -> None:
        """Until the old thread has let go of the camera, and a little longer."""
        while not self._closed.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._retry_ms / 1000)
            if reading.over:
                return

    def _say(self, works: bool, why: str = "") -> None:
        if works != self.works:
            log.warning("the camera %s", "gives pictures again" if works else f"gives no pictures: {why}")
        self.works = works

    def close(self) -> None:
        """See ports.Camera."""
        self._closed.set()


class Reading:
    """One source on a thread of its own, from opening to the end."""

    def __init__(self, open_source: Callable[[], Source], clock: Clock) -> None:
        self._open, self._clock = open_source, clock
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._newest: tuple[int, Picture] | None = None
        self._wrong: CameraError | None = None
        self._source: Source | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    async def newest(self, stall_ms: int, closed: asyncio.Event) -> tuple[int, Picture] | None:
        """The newest picture nobody took; None once closed; CameraError when the source fails or stalls."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._news, closed)]
        try:
            await asyncio.wait(waits, timeout=stall_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if closed.is_set():
            return None
        self._news.clear()
        taken, self._newest = self._newest, None
        if taken is None:
            raise self._wrong or CameraError("it has stopped")
        return taken

    def stop(self) -> None:
        """Ends the thread as soon as the source lets it go."""
        self._stopped = True
        if self._source is not None:
            self._source.close()

    def _read(self) -> None:
        try:
            self._source = source = self._open()
            while not self._stopped:
                picture = checked(source.read())
                self._tell((self._clock.mono(), picture), None)
        except (CameraError, OSError, ValueError) as wrong:
            failed = wrong if isinstance(wrong, CameraError) else CameraError(f"{wrong.__class__.__name__}: {wrong}")
            self._tell(None, failed)
        finally:
            if self._source is not None:
                self._source.close()

    def _tell(self, newest: tuple[int, Picture] | None, wrong: CameraError | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before this thread
            self._loop.call_soon_threadsafe(self._arrive, newest, wrong)

    def _arrive(self, newest: tuple[int, Picture] | None, wrong: CameraError | None) -> None:
        self._newest, self._wrong = newest, wrong
        self._news.set()


def checked(picture: Picture) -> Picture:
    """The same picture; CameraError if a source gave something else."""
    good = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
    if not good or picture.shape[2] != 3 or not all(LEAST_SIDE <= side <= MOST_SIDE for side in picture.shape[:2]):
        raise CameraError("what it gives is no picture of a usable size")
    return picture


def decoded(data: bytes) -> Picture:
    """A JPEG a camera made; CameraError if it is none."""
    if len(data) > MOST_BYTES:
        raise CameraError(f"a picture of more than {MOST_BYTES >> 20} MB")
    try:
        return read_picture(data)
    except PictureRefused as wrong:
        raise CameraError(f"a picture that is none ({wrong.code})") from wrong


class FolderCamera:
    """ports.Camera. Pictures of a folder, one after another: all are read at the start, and one that is no picture is
    refused with its name."""

    works = True

    def __init__(self, folder: Path, clock: Clock, every_ms: int = EVERY_MS) -> None:
        self._clock, self._every_ms = clock, every_ms
        self._closed = False
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
        if not paths:
            raise SettingsError(f"{folder}: there is no picture (.jpg, .png) here")
        self._pictures = [_picture(path) for path in paths]

    async def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """See ports.Camera."""
        while not self._closed:
            for picture in self._pictures:
                if self._closed:
                    return
                yield self._clock.mono(), picture
                await self._clock.sleep(self._every_ms)

    def close(self) -> None:
        """See ports.Camera."""
        self._closed = True


def _picture(path: Path) -> Picture:
    try:
        return read_picture(path.read_bytes())
    except (OSError, PictureRefused) as wrong:
        raise SettingsError(f"{path}: this picture cannot be read ({wrong})") from wrong
