"""Is this face fit to be compared or enrolled, and if not, what should the person do?

The limits were set on public portraits (docs/models.md) and are about use, not about safety: a face that passes them
is only compared, never accepted for it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .align import Chip
from .face import Defect, Landmarks, Quality
from .pixels import Words, octets

GREY = np.array([0.299, 0.587, 0.114, 0], np.float32)  # of a word's four bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a face has a defect."""

    least_eyes: float = 40.0
    most_turn: float = 0.35  # about 28 degrees; nearer to frontal recognised nobody better (docs/adr/0146)
    least_nod: float = 0.15
    most_nod: float = 0.85
    least_sharpness: float = 2.0
    least_brightness: float = 40.0
    most_brightness: float = 225.0
    least_inside: float = 0.80
    most_residual: float = 9.0
    least_mouth: float = 0.35


def judged(chip: Chip, landmarks: Landmarks, picture_size: tuple[int, int], limits: Limits) -> Quality:
    """The quality of one face; `picture_size` is (height, width)."""
    eyes, turn, nod = pose(landmarks)
    face = greys(chip.words[24:132:2, 24:126:2])
    sharpness = steps(octets(chip.words)[30:120, 30:120, 1])
    brightness = float(np.add.reduce(face, None)) / face.size
    height, width = picture_size
    outside = any(not (0 <= x < width and 0 <= y < height) for x, y in landmarks[:4].tolist())
    found = {
        Defect.TOO_SMALL: eyes < limits.least_eyes,
        Defect.CUT_OFF: outside or chip.inside < limits.least_inside,
        Defect.TURNED: abs(turn) > limits.most_turn
        or not limits.least_nod <= nod <= limits.most_nod
        or chip.residual > limits.most_residual,
        Defect.DARK: brightness < limits.least_brightness,
        Defect.BRIGHT: brightness > limits.most_brightness,
        Defect.BLURRED: sharpness < limits.least_sharpness,
        Defect.COVERED: mouth_relief(face) < limits.least_mouth,
    }
    return Quality(eyes, turn, nod, sharpness, brightness, tuple(code for code, wrong in found.items() if wrong))


def pose(landmarks: Landmarks) -> tuple[float, float, float]:
    """Eye distance in pixels; the nose tip's place beside and below the middle of the eyes, in eye distances."""
    (right_x, right_y), (left_x, left_y), (nose_x, nose_y) = landmarks[:3].tolist()
    x, y = left_x - right_x, left_y - right_y
    eyes = math.hypot(x, y)
    aside, below = nose_x - (right_x + left_x) / 2, nose_y - (right_y + left_y) / 2
    square = max(eyes, 1e-6) ** 2
    return eyes, (aside * x + below * y) / square, (below * x - aside * y) / square


def greys(words: Words) -> NDArray[np.float32]:
    """float32[h, w]: how bright each pixel is, 0..255."""
    levels = octets(words.copy()).astype(np.float32)
    grey: NDArray[np.float32] = (levels.reshape(-1, 4) @ GREY).reshape(words.shape)
    return grey


def steps(level: NDArray[np.uint8]) -> float:
    """Mean absolute difference of neighbours in uint8[h, w]."""
    signed = level.astype(np.int16)
    across, down = signed[:, 1:] - signed[:, :-1], signed[1:] - signed[:-1]
    sums = (int(np.add.reduce(np.abs(one, out=one), None, np.int32)) / one.size for one in (across, down))
    return sum(sums) / 2


def mouth_relief(face: NDArray[np.float32]) -> float:
    """How much vertical structure the mouth's area has compared to the eyes' area; low for cloth or a hand."""
    return relief(face[32:51, 12:38]) / max(relief(face[5:19, 3:48]), 1e-3)


def relief(area: NDArray[np.float32]) -> float:
    """The mean absolute step from row to row."""
    down: NDArray[np.float32] = np.abs(area[1:] - area[:-1])
    return float(np.add.reduce(down, None)) / down.size
