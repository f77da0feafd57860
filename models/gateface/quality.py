"""Is this face fit to be compared or enrolled, and if not, what should the person do?

The limits were set on public portraits (docs/models.md) and are about use, not about safety: a face that passes them
is only compared, never accepted for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .align import Chip
from .face import Defect, Landmarks, Quality
from .pixels import coloured, green

GREY = np.array([0.299, 0.587, 0.114], np.float32)


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
    face = coloured(chip.words[24:132:2, 24:126:2]).astype(np.float32) @ GREY
    sharpness = steps(green(chip.words[30:120, 30:120]))
    brightness = float(face.mean())
    height, width = picture_size
    outside = ((landmarks[:4] < 0) | (landmarks[:4] >= (width, height))).any()
    found = {
        Defect.TOO_SMALL: eyes < limits.least_eyes,
        Defect.CUT_OFF: bool(outside) or chip.inside < limits.least_inside,
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
    right, left, nose = landmarks[:3].astype(np.float64)
    line = left - right
    eyes = float(np.hypot(*line))
    along = line / max(eyes, 1e-6)
    offset = nose - (right + left) / 2
    across = np.array([-along[1], along[0]])
    return eyes, float(offset @ along) / max(eyes, 1e-6), float(offset @ across) / max(eyes, 1e-6)


def steps(level: NDArray[np.uint8]) -> float:
    """Mean absolute difference of neighbours in uint8[h, w]."""
    signed = level.astype(np.int16)
    across, down = signed[:, 1:] - signed[:, :-1], signed[1:] - signed[:-1]
    sums = (int(np.abs(one, out=one).sum(dtype=np.int32)) / one.size for one in (across, down))
    return sum(sums) / 2


def mouth_relief(face: NDArray[np.float32]) -> float:
    """How much vertical structure the mouth's area has compared to the eyes' area; low for cloth or a hand."""
    down = np.abs(np.diff(face, axis=0))
    eyes, mouth = down[5:18, 3:48].mean(), down[32:50, 12:38].mean()
    return float(mouth / max(eyes, 1e-3))
