"""From six points to an upright chip: the least-squares similarity (Umeyama 1991) and dlib's own sampling grid."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .face import Landmarks
from .manifest import Model
from .pixels import Matrix, Picture, Words, corners, read_through

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
        self._fit = fitting(np.array(model.points, np.float64), np.array(model.weights, np.float64))
        self._side = model.side

    def chip(self, picture: Picture, landmarks: Landmarks) -> Chip:
        """The chip around `landmarks` float32[6, 2]; outside the picture it is black."""
        fitted = self._fit @ landmarks.ravel().astype(np.float64)
        along, across, x, y = fitted[:4].tolist()
        missed = fitted[4:]
        residual = math.sqrt(float(missed @ missed)) / math.hypot(along, across)
        grid = dlib_grid(along, across, (x, y), self._side)
        return Chip(read_through(picture, grid, self._side), grid, inside(grid, self._side, picture), residual)


def fitting(points: Points, weights: NDArray[np.float64]) -> Matrix:
    """float64[4 + 2n, 2n]: what makes of n seen points (x, y, x, y, ...) the similarity that takes `points` nearest.

    It is linear in them (Umeyama 1991, two dimensions, no mirroring). Rows 0 to 3: what is seen at (x, y) is
    (along * x - across * y, across * x + along * y) + (shift x, shift y). The rest: how far each point is missed, times
    the root of its share of the weight.
    """
    share = weights / weights.sum()
    middle = share @ points
    x, y = (points - middle).T
    spread = float(share @ (x**2 + y**2))
    along, across = np.stack([x, y], 1) * share[:, None] / spread, np.stack([-y, x], 1) * share[:, None] / spread
    rows = [along.ravel(), across.ravel(), np.kron(share, (1.0, 0.0)), np.kron(share, (0.0, 1.0))]
    rows[2] = rows[2] - middle[0] * rows[0] + middle[1] * rows[1]
    rows[3] = rows[3] - middle[0] * rows[1] - middle[1] * rows[0]
    fit = np.stack(rows)
    carried = [(fit[0] * a - fit[1] * b + fit[2], fit[1] * a + fit[0] * b + fit[3]) for a, b in points]
    missed = np.eye(2 * len(points)) - np.concatenate(carried).reshape(2 * len(points), -1)
    return np.concatenate([fit, missed * np.sqrt(np.repeat(share, 2))[:, None]])


def dlib_grid(along: float, across: float, shift: tuple[float, float], side: int) -> Matrix:
    """The grid dlib samples: its rectangle is one pixel shorter than side * scale (centered_drect in dlib/geometry).

    With this the chips equal dlib's to 0.7 grey levels; without it, to 1.9.
    """
    shorter = (side - 1 / math.hypot(along, across)) / (side - 1)
    a, b = along * shorter, across * shorter
    half, middle = side / 2, (side - 1) / 2
    x = shift[0] + (along - across) * half - (a - b) * middle
    y = shift[1] + (along + across) * half - (a + b) * middle
    return np.array([[a, -b, x], [b, a, y]], np.float64)


def inside(matrix: Matrix, side: int, picture: Picture) -> float:
    """The share of a 9x9 grid over the chip that falls into the picture."""
    height, width = picture.shape[:2]
    left, top, right, bottom = corners(matrix, side)
    if min(left, top) >= -0.5 and right < width - 0.5 and bottom < height - 0.5:
        return 1.0
    places = matrix[:, :2] @ (NINE * (side - 1)) + matrix[:, 2:]
    limit = np.array([[width], [height]])
    return float(((places >= -0.5) & (places < limit - 0.5)).all(0).mean())
