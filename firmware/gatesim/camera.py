"""A camera that lives in a browser or in a folder: JPEG bytes come in, the unit takes pictures out.

A live camera keeps the newest frame only and stamps it with the unit's own time. A played one keeps every frame with
the time it was said to be taken at, and `taken` tells when the unit has finished with it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from gateunit.ports import Clock, Picture

MOST_BYTES = 1024 * 1024
JPEG = b"\xff\xd8\xff"
WAITING = 8  # frames of a played camera on their way at most

Read = Callable[[bytes], Picture]


@dataclass(slots=True)
class Frame:
    """One frame on its way: `at` is ms of the camera's clock, `answer` the outcome: "" or why it was refused."""

    data: bytes
    at: int | None
    answer: asyncio.Future[str]


class PageCamera:
    """ports.Camera. `read` decodes; what it raises of `refusals` (with a `code`) is the answer to that frame.

    It always `works`: a page whose camera is off shows nobody, and that is no fault.
    """

    works = True

    def __init__(self, clock: Clock, read: Read, refusals: type[Exception]) -> None:
        self._clock, self._read, self._refusals = clock, read, refusals
        self._waiting: deque[Frame] = deque()
        self._there = asyncio.Event()
        self._closed = False
        self.seen_at = 0  # mono ms at which the unit took the newest frame
        self.taken = 0

    async def offer(self, data: bytes, at: int | None = None) -> str:
        """Waits until the unit has finished with the frame, or a newer one replaced it; why it was refused, or ""."""
        if len(data) > MOST_BYTES:
            return "too_large"
        if not data.startswith(JPEG):
            return "not_a_jpeg"
        if at is None:
            self._drop()
        elif len(self._waiting) >= WAITING:
            return "too_many"
        frame = Frame(data, at, asyncio.get_running_loop().create_future())
        self._waiting.append(frame)
        self._there.set()
        return await frame.answer

    def _drop(self) -> None:
        """Frames nobody has taken yet are dropped."""
        while self._waiting:
            _answer(self._waiting.popleft(), "")

    async def frames(self) -> AsyncIterator[tuple[int, Picture]]:
        """See ports.Camera; a frame that is no picture is answered and left out."""
        while True:
            await self._there.wait()
            if self._closed:
                return
            if not self._waiting:
                self._there.clear()
                continue
            frame = self._waiting.popleft()
            picture = await self._decoded(frame)
            if picture is None:
                continue
            self.taken += 1
            self.seen_at = self._clock.mono()
            yield self._clock.mono() if frame.at is None else frame.at, picture
            _answer(frame, "")

    async def _decoded(self, frame: Frame) -> Picture | None:
        try:
            return await asyncio.to_thread(self._read, frame.data)
        except self._refusals as wrong:
            _answer(frame, str(getattr(wrong, "code", "not_a_picture")))
            return None

    def close(self) -> None:
        """See ports.Camera."""
        self._closed = True
        self._there.set()
        self._drop()


def _answer(frame: Frame, code: str) -> None:
    if not frame.answer.done():
        frame.answer.set_result(code)
