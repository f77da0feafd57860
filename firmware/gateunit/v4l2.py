"""USB and other Video4Linux cameras by six ioctls: motion JPEG, or YUYV where a camera has no JPEG; grey for infrared.

Structures and numbers are those of <linux/videodev2.h> on 64-bit Linux (Linux media userspace API, chapter 3.2:
streaming I/O with memory mapping); units need a 64-bit system anyway.
"""

import contextlib
import fcntl
import mmap
import os
import select
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateunit.camera import LEAST_SIDE, MOST_SIDE, STALL_MS, Lease, decoded
from gateunit.errors import CameraError
from gateunit.ports import Picture

QUERYCAP, S_FMT, REQBUFS = 0x80685600, 0xC0D05605, 0xC0145608
QUERYBUF, QBUF, DQBUF = 0xC0585609, 0xC058560F, 0xC0585611
STREAMON, STREAMOFF = 0x40045612, 0x40045613
CAPTURE, MMAP = 1, 1
HAS_CAPTURE, HAS_STREAMING, HAS_DEVICE_CAPS = 0x1, 0x0400_0000, 0x8000_0000
SPOILT = 0x40  # a buffer's flag: its picture is damaged
JPEG, YUYV, GREY = (int.from_bytes(name, "little") for name in (b"MJPG", b"YUYV", b"GREY"))
NAMES = {JPEG: "motion JPEG", YUYV: "YUYV", GREY: "grey of 8 bits"}
COLOUR = (JPEG, YUYV)
BYTES = {YUYV: 2, GREY: 1}  # of a pixel
BUFFERS = 4

Buffer = bytearray | mmap.mmap


@dataclass(frozen=True, slots=True)
class Kernel:
    """The calls a camera is made of; a test puts its own there."""

    open: Callable[[str, int], int] = os.open
    ioctl: Callable[[int, int, bytearray], int] = fcntl.ioctl
    map: Callable[[int, int, int], Buffer] = lambda fd, length, offset: mmap.mmap(fd, length, offset=offset)
    wait: Callable[[int, float], bool] = lambda fd, seconds: bool(select.select([fd], [], [], seconds)[0])
    close: Callable[[int], None] = os.close


class V4l2Camera:
    """camera.Source for a device such as /dev/video0; CameraError where it is no camera. The first of `formats` that
    it has is taken."""

    def __init__(
        self,
        path: str,
        width: int = 640,
        height: int = 480,
        kernel: Kernel | None = None,
        stall_ms: int = STALL_MS,
        formats: tuple[int, ...] = COLOUR,
    ) -> None:
        self._kernel = kernel or Kernel()
        self._stall_s = stall_ms / 1000
        try:
            self._fd = self._kernel.open(path, os.O_RDWR | os.O_NONBLOCK)
        except OSError as wrong:
            raise CameraError(f"{path}: {wrong.strerror}") from wrong
        self._lease = Lease(self._let_go)
        try:
            self._require_camera(path)
            self.width, self.height, self._format, self._line = self._agree(width, height, formats)
            self._buffers = [self._mapped(index) for index in range(self._requested())]
            for index in range(len(self._buffers)):
                self._queue(index)
            self._call(STREAMON, bytearray(struct.pack("=i", CAPTURE)))
        except BaseException:
            self.close()
            raise

    def _call(self, number: int, structure: bytearray) -> bytearray:
        try:
            self._kernel.ioctl(self._fd, number, structure)
        except OSError as wrong:
            raise CameraError(f"the camera refuses ({wrong.strerror})") from wrong
        return structure

    def _require_camera(self, path: str) -> None:
        told = self._call(QUERYCAP, bytearray(104))
        all_caps, device = struct.unpack_from("=II", told, 84)
        caps = device if all_caps & HAS_DEVICE_CAPS else all_caps
        if not caps & HAS_CAPTURE or not caps & HAS_STREAMING:
            raise CameraError(f"{path}: this device gives no pictures")

    def _agree(self, width: int, height: int, formats: tuple[int, ...]) -> tuple[int, int, int, int]:
        """Size, format and bytes a line, as the camera will have it."""
        for wanted in formats:
            asked = bytearray(208)
            struct.pack_into("=i4xIII", asked, 0, CAPTURE, width, height, wanted)
            told = self._call(S_FMT, asked)
            wide, high, pixels, _, line = struct.unpack_from("=IIIII", told, 8)
            if pixels == wanted and all(LEAST_SIDE <= side <= MOST_SIDE for side in (wide, high)):
                return wide, high, pixels, max(line, BYTES.get(pixels, 0) * wide)
        raise CameraError(f"the camera has not {' or '.join(NAMES[wanted] for wanted in formats)}")

    def _requested(self) -> int:
        told = self._call(REQBUFS, bytearray(struct.pack("=III8x", BUFFERS, CAPTURE, MMAP)))
        count = int(struct.unpack_from("=I", told)[0])
        if not 0 < count <= 32:
            raise CameraError("the camera lends no memory")
        return count

    def _described(self, index: int) -> bytearray:
        structure = bytearray(88)
        struct.pack_into("=II", structure, 0, index, CAPTURE)
        struct.pack_into("=I", structure, 60, MMAP)
        return structure

    def _mapped(self, index: int) -> Buffer:
        told = self._call(QUERYBUF, self._described(index))
        offset, length = struct.unpack_from("=I4xI", told, 64)
        try:
            return self._kernel.map(self._fd, length, offset)
        except (OSError, ValueError) as wrong:
            raise CameraError(f"the camera's memory cannot be read ({wrong})") from wrong

    def _queue(self, index: int) -> None:
        self._call(QBUF, self._described(index))

    def read(self) -> Picture:
        """See camera.Source. A picture the driver calls damaged is left out."""
        with self._lease:
            while (data := self._data()) is None:
                pass
        return decoded(data) if self._format == JPEG else self._coloured(data)

    def _data(self) -> bytes | None:
        """One buffer's bytes; None for one the driver calls damaged."""
        if not self._kernel.wait(self._fd, self._stall_s):
            raise CameraError("the camera is silent")
        told = self._call(DQBUF, self._described(0))
        index, _, used, flags = struct.unpack_from("=IIII", told)
        if index >= len(self._buffers) or used > len(self._buffers[index]):
            raise CameraError("the camera names memory it never lent")
        data = bytes(memoryview(self._buffers[index])[:used])
        self._queue(index)
        return data if used and not flags & SPOILT else None

    def _coloured(self, data: bytes) -> Picture:
        if len(data) < self._line * self.height:
            raise CameraError("a picture that ends early")
        lines = np.frombuffer(data, np.uint8)[: self._line * self.height].reshape(self.height, self._line)
        if self._format == GREY:
            return np.broadcast_to(lines[:, : self.width, None], (self.height, self.width, 3))
        return rgb(lines[:, : 2 * self.width].reshape(self.height, self.width // 2, 4))

    def close(self) -> None:
        """See camera.Source."""
        self._lease.close()

    def _let_go(self) -> None:
        with contextlib.suppress(OSError):  # a camera that was pulled out has stopped by itself
            self._kernel.ioctl(self._fd, STREAMOFF, bytearray(struct.pack("=i", CAPTURE)))
        self._kernel.close(self._fd)


def rgb(pairs: NDArray[np.uint8]) -> Picture:
    """uint8[H, W / 2, 4] of Y U Y V -> uint8[H, W, 3], by ITU-R BT.601 with 16..235."""
    height, half = pairs.shape[:2]
    values = pairs.astype(np.int32)
    grey = 298 * (values[:, :, 0::2].reshape(height, 2 * half) - 16) + 128
    blue, red = (np.repeat(values[:, :, index] - 128, 2, 1) for index in (1, 3))
    planes = (grey + 409 * red, grey - 100 * blue - 208 * red, grey + 516 * blue)
    picture: Picture = np.clip(np.stack(planes, -1) >> 8, 0, 255).astype(np.uint8)
    return picture
