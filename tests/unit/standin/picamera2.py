"""Stands in for the Raspberry Pi's camera library, which needs the hardware: the calls picamera_child.py makes, and
their order. PICAMERA_STANDIN says how it misbehaves."""

import os
import time
from typing import Any

import numpy as np

HOW = os.environ.get("PICAMERA_STANDIN", "")


class Picamera2:
    """A camera that shows red on the left and blue on the right."""

    def __init__(self) -> None:
        self._size: tuple[int, int] | None = None
        self._started = False
        self._given = 0

    def create_video_configuration(self, main: dict[str, Any], controls: dict[str, Any]) -> dict[str, Any]:
        assert main["format"] == "BGR888", "picamera2's name for red, green, blue in memory"
        assert controls["FrameRate"] > 0
        return {"main": main, "controls": controls}

    def configure(self, configuration: dict[str, Any]) -> None:
        self._size = configuration["main"]["size"]

    def start(self) -> None:
        assert self._size is not None
        self._started = True

    def capture_array(self, name: str) -> Any:
        assert self._started
        assert name == "main"
        assert self._size is not None
        time.sleep(0.02)
        self._given += 1
        if HOW == "dies" and self._given > 3:
            os._exit(7)
        if HOW == "stalls" and self._given > 3:
            time.sleep(1000)
        width, height = self._size
        picture = np.zeros((height, width + 32, 3), np.uint8)  # rows are padded, as the hardware's are
        picture[:, : width // 2, 0] = 200
        picture[:, width // 2 :, 2] = 200
        return picture

    def close(self) -> None:
        self._started = False
