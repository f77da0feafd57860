"""Are two sets of points one flat thing, seen twice?

A flat picture is carried onto itself by a homography, however it is held (Hartley and Zisserman 2004, section 4.1).
"""

import numpy as np

from .nose import Points

CORNERS = (33, 263)  # of the mesh: the outer corners of the eyes


def flatness_miss(one: Points, other: Points) -> float:
    """How far the best homography misses: mean distance over all points, in outer eye corner distances of `other`."""
    carried = carry(homography(one, other), one)
    eyes = float(np.hypot(*(other[CORNERS[1]] - other[CORNERS[0]])))
    return float(np.hypot(*(carried - other).T).mean()) / max(eyes, 1e-6)


def homography(one: Points, other: Points) -> Points:
    """float64[3, 3] by the normalised direct linear transform (Hartley 1997)."""
    (a, to_a), (b, to_b) = normalised(one), normalised(other)
    x, y = a.T
    u, v = b.T
    unit, none = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([
        np.stack([x, y, unit, none, none, none, -u * x, -u * y, -u], 1),
        np.stack([none, none, none, x, y, unit, -v * x, -v * y, -v], 1),
    ])  # fmt: skip
    found: Points = np.linalg.eigh(rows.T @ rows)[1][:, 0].reshape(3, 3)
    return np.asarray(np.linalg.inv(to_b) @ found @ to_a)


def normalised(points: Points) -> tuple[Points, Points]:
    """The points around 0 at a mean distance of sqrt(2), and the matrix that does it."""
    middle = points.mean(0)
    scale = 2**0.5 / max(float(np.hypot(*(points - middle).T).mean()), 1e-9)
    matrix = np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
    return (points - middle) * scale, matrix


def carry(matrix: Points, points: Points) -> Points:
    """Points through a homography."""
    held = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    away = np.where(np.abs(held[:, 2:]) < 1e-9, 1e-9, held[:, 2:])
    return np.asarray(held[:, :2] / away)
