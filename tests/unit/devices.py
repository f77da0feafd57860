"""A Video4Linux device without hardware, at the level of the kernel's calls: six ioctls on the real structures.

What this does not show: that a certain camera's driver behaves like this one.
"""

import errno
import io
import struct
from collections import deque

import numpy as np
from PIL import Image

from gateunit import v4l2
from gateunit.v4l2 import Kernel

WIDTH, HEIGHT = 320, 240


def jpeg(picture: np.ndarray) -> bytes:  # type: ignore[type-arg]
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=95)
    return out.getvalue()


def two_colours(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:  # type: ignore[type-arg]
    """Red on the left, blue on the right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 0], picture[:, width // 2 :, 2] = 200, 200
    return picture


def yuyv(line: int) -> bytes:
    """The same in YUYV with padded lines: red is (82, 90, 240), blue (41, 240, 110) at full strength."""
    row = bytes([72, 97, 72, 216]) * (WIDTH // 4) + bytes([36, 216, 36, 113]) * (WIDTH // 4)
    return (row + bytes(line - len(row))) * HEIGHT


class FakeDevice:
    """`formats` it has; `spoilt` pictures first; `gone` once it was pulled out; `silent` once it stalls."""

    def __init__(self, formats: tuple[int, ...] = (v4l2.JPEG, v4l2.YUYV), caps: int = 0x0400_0001) -> None:
        self.formats, self.caps = formats, caps
        self.gone = self.silent = False
        self.spoilt = 0
        self.lie: dict[str, int] = {}
        self.streaming = self.is_open = False
        self.opened = 0
        self.grey = np.full((HEIGHT, WIDTH), 90, np.uint8)  # what it shows where grey is asked for
        self._format = 0
        self._memory = [bytearray(1 << 18) for _ in range(4)]
        self._queued: deque[int] = deque()

    @property
    def kernel(self) -> Kernel:
        return Kernel(self._open, self._ioctl, lambda fd, length, offset: self._memory[offset], self._wait, self._close)

    def _open(self, path: str, flags: int) -> int:
        if self.gone:
            raise OSError(errno.ENOENT, "No such file or directory")
        assert not self.is_open, "one at a time"
        self.is_open = True
        self.opened += 1
        self._queued.clear()
        return 99

    def _close(self, fd: int) -> None:
        assert self.is_open
        self.is_open = False

    def _wait(self, fd: int, seconds: float) -> bool:
        return not self.silent

    def _ioctl(self, fd: int, number: int, structure: bytearray) -> int:
        assert self.is_open
        if self.gone:
            raise OSError(errno.ENODEV, "No such device")
        assert number >> 16 & 0x3FFF == len(structure), "the ioctl's number holds its structure's size"
        {
            v4l2.QUERYCAP: self._querycap, v4l2.S_FMT: self._s_fmt, v4l2.REQBUFS: self._reqbufs,
            v4l2.QUERYBUF: self._querybuf, v4l2.QBUF: self._qbuf, v4l2.DQBUF: self._dqbuf,
            v4l2.STREAMON: self._on, v4l2.STREAMOFF: self._off,
        }[number](structure)  # fmt: skip
        return 0

    def _querycap(self, structure: bytearray) -> None:
        struct.pack_into("=II", structure, 84, 0x8000_0000 | self.caps, self.caps)

    def _s_fmt(self, structure: bytearray) -> None:
        kind, _, _, wanted = struct.unpack_from("=i4xIII", structure)
        assert kind == 1
        self._format = wanted if wanted in self.formats else 0x33424752
        line = {v4l2.JPEG: 0, v4l2.GREY: WIDTH + 32}.get(self._format, 2 * WIDTH + 32)
        struct.pack_into("=IIIII", structure, 8, WIDTH, HEIGHT, self._format, 1, line)

    def _reqbufs(self, structure: bytearray) -> None:
        struct.pack_into("=I", structure, 0, self.lie.get("count", len(self._memory)))

    def _querybuf(self, structure: bytearray) -> None:
        struct.pack_into("=I4xI", structure, 64, struct.unpack_from("=I", structure)[0], 1 << 18)

    def _qbuf(self, structure: bytearray) -> None:
        index, kind = struct.unpack_from("=II", structure)
        assert kind == 1
        assert struct.unpack_from("=I", structure, 60) == (1,)
        self._queued.append(index)

    def _dqbuf(self, structure: bytearray) -> None:
        assert self.streaming
        index = self._queued.popleft()
        data = self._shown()
        flags = 0
        if self.spoilt:
            self.spoilt -= 1
            data, flags = data[:50], 0x40
        data = data[: self.lie.get("bytes", len(data))]
        self._memory[index][: len(data)] = data
        used = self.lie.get("used", len(data))
        struct.pack_into("=IIII", structure, 0, self.lie.get("index", index), 1, used, flags)

    def _shown(self) -> bytes:
        if self._format == v4l2.GREY:
            return np.pad(self.grey, ((0, 0), (0, 32))).tobytes()
        return jpeg(two_colours()) if self._format == v4l2.JPEG else yuyv(2 * WIDTH + 32)

    def _on(self, structure: bytearray) -> None:
        self.streaming = True

    def _off(self, structure: bytearray) -> None:
        self.streaming = False
