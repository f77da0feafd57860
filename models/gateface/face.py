"""What is seen in one picture. Coordinates are pixels of that picture, x to the right and y down."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Landmarks = NDArray[np.float32]
Template = NDArray[np.float32]


class Defect(StrEnum):
    """Why a face is not used. The values are stable codes for texts."""

    TOO_SMALL = "too_small"
    TURNED = "turned"
    BLURRED = "blurred"
    DARK = "dark"
    BRIGHT = "bright"
    COVERED = "covered"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured on one face.

    `eyes` is the distance of the eyes in pixels; `turn` is how far the nose tip lies to the side of the middle of the
    eyes, in eye distances (0 frontal, positive towards the picture's right); `nod` how far below the eyes the nose tip
    lies, likewise; `sharpness` the mean absolute step between neighbouring grey pixels of the chip; `brightness` the
    chip's mean grey, 0..255.
    """

    eyes: float
    turn: float
    nod: float
    sharpness: float
    brightness: float
    defects: tuple[Defect, ...]

    @property
    def usable(self) -> bool:
        return not self.defects


@dataclass(frozen=True, slots=True)
class Found:
    """One face as the detector gives it: `box` is (left, top, right, bottom), `score` 0.5..1.

    `landmarks` float32[6, 2]: the person's right eye, left eye, nose tip, mouth, right ear, left ear.
    """

    box: Box
    landmarks: Landmarks
    score: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class Face(Found):
    """A face with its template, float32[D] of unit length, comparable only within one embedder id."""

    template: Template


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    whole = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared
    return shared / whole if whole > 0 else 0.0
