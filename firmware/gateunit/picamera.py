"""The Raspberry Pi's own camera, in a process of its own under the system's Python: that is where picamera2 is.

The child (picamera_child.py) writes frames to its standard output: b"KF1" | width u16 | height u16 | length u32, big
endian, then length = 3 * width * height bytes of RGB. Anything else ends it. It ends by itself when its standard input
closes, so no camera process outlives its unit.
"""

import os
import select
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

import numpy as np

from gateunit.camera import MOST_BYTES, STALL_MS, Lease
from gateunit.errors import CameraError
from gateunit.ports import Picture

CHILD = Path(__file__).with_name("picamera_child.py")
PYTHON = "/usr/bin/python3"
HEAD = struct.Struct(">3sHHI")
MAGIC = b"KF1"


class ChildCamera:
    """camera.Source. `command` starts the child; its words to standard error go to the unit's own."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, stall_ms: int = STALL_MS
    ) -> None:
        self._stall_s = stall_ms / 1000
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment
            )
        except OSError as wrong:
            raise CameraError(f"{command[0]}: {wrong.strerror}") from wrong
        self._lease = Lease(self._let_go)

    @property
    def pid(self) -> int:
        """The child's."""
        return self._child.pid

    def read(self) -> Picture:
        """See camera.Source."""
        with self._lease:
            magic, width, height, length = HEAD.unpack(self._exactly(HEAD.size))
            if magic != MAGIC or length != 3 * width * height or not 0 < length <= MOST_BYTES:
                raise CameraError("the camera process does not speak as agreed")
            return np.frombuffer(self._exactly(length), np.uint8).reshape(height, width, 3)

    def _exactly(self, count: int) -> bytearray:
        """So many bytes, all within the time."""
        until, held, got = monotonic() + self._stall_s, bytearray(count), 0
        assert self._child.stdout is not None
        pipe = self._child.stdout.fileno()
        while got < count:
            if not select.select([pipe], [], [], max(0.0, until - monotonic()))[0]:
                raise CameraError("the camera process is silent")
            read = os.readv(pipe, [memoryview(held)[got:]])
            if not read:
                raise CameraError(f"the camera process has ended ({self._child.poll()})")
            got += read
        return held

    def close(self) -> None:
        """See camera.Source."""
        if self._child.poll() is None:
            self._child.kill()  # a read that is going on ends with it
        self._lease.close()

    def _let_go(self) -> None:
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()
        self._child.wait()


def command(python: str = PYTHON, width: int = 640, height: int = 480, fps: int = 10) -> list[str]:
    """What starts the child."""
    return [python, str(CHILD), str(width), str(height), str(fps)]


def has_picamera2(python: str = PYTHON, environment: Mapping[str, str] | None = None) -> bool:
    """Whether that Python has picamera2."""
    asked = "import importlib.util, sys; sys.exit(importlib.util.find_spec('picamera2') is None)"
    try:
        return subprocess.run([python, "-c", asked], env=environment, check=False, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
