"""From six points to an upright chip: the least-squares similarity (Umeyama 1991) and dlib's own sampling grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .face import Landmarks
from .manifest import Model
from .pixels import Matrix, Picture, Words, read_through

Points = NDArray[np.float64]
NINE: Points = np.stack([step.ravel() for step in np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))])


@dataclass(frozen=True, slots=True)
class Chip:
    """A face, upright, and how well it fits.

    `words` uint32[side, side], one pixel each (gateface.pixels); `matrix` takes chip to picture; `inside` is the share
    of the chip that lies in the picture; `residual` the weighted distance in chip pixels by which the six points miss
    the template.
    """

    words: Words
    matrix: Matrix
    inside: float
    residual: float


class Aligner:
    """Cuts chips as one embedder wants them."""

    def __init__(self, model: Model) -> None:
        self._points = np.array(model.points, np.float64)
        self._weights = np.array(model.weights, np.float64) / sum(model.weights)
        self._side = model.side

    def chip(self, picture: Picture, landmarks: Landmarks) -> Chip:
        """The chip around `landmarks` float32[6, 2]; outside the picture it is black."""
        seen = landmarks.astype(np.float64)
        matrix = similarity(self._points, seen, self._weights)
        missed = seen - self._points @ matrix[:, :2].T - matrix[:, 2]
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        residual = float(np.sqrt((self._weights * (missed**2).sum(1)).sum())) / scale
        grid = dlib_grid(matrix, self._side)
        return Chip(read_through(picture, grid, self._side), grid, inside(grid, self._side, picture), residual)


def similarity(source: Points, target: Points, weights: NDArray[np.float64]) -> Matrix:
    """The 2x3 turn, scale and shift (no mirroring) that takes source points nearest to the target, weights of sum 1."""
    middle_source, middle_target = weights @ source, weights @ target
    a, b = source - middle_source, target - middle_target
    spread = (weights * (a**2).sum(1)).sum()
    along = (weights * (a * b).sum(1)).sum() / spread
    across = (weights * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])).sum() / spread
    turn = np.array([[along, -across], [across, along]])
    return np.concatenate([turn, (middle_target - turn @ middle_source)[:, None]], 1)


def dlib_grid(matrix: Matrix, side: int) -> Matrix:
    """The grid dlib samples: its rectangle is one pixel shorter than side * scale (centered_drect in dlib/geometry).

    With this the chips equal dlib's to 0.7 grey levels; without it, to 1.9.
    """
    scale = np.hypot(matrix[0, 0], matrix[1, 0])
    centre = matrix[:, :2] @ np.full(2, side / 2) + matrix[:, 2]
    turn = matrix[:, :2] * ((side - 1 / scale) / (side - 1))
    return np.concatenate([turn, (centre - turn @ np.full(2, (side - 1) / 2))[:, None]], 1)


def inside(matrix: Matrix, side: int, picture: Picture) -> float:
    """The share of a 9x9 grid over the chip that falls into the picture."""
    places = matrix[:, :2] @ (NINE * (side - 1)) + matrix[:, 2:]
    limit = np.array([[picture.shape[1]], [picture.shape[0]]])
    return float(((places >= -0.5) & (places < limit - 0.5)).all(0).mean())
