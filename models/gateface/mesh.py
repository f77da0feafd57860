"""468 points of one face (Kartynnik et al. 2019; mediapipe face_landmark), for liveness only: recognition needs none.

Input 192x192 pixels of four bytes, RGB and one without weight: a square of 1.5 times the detector's box, turned so that
the eyes lie level. Output: x, y, z of every point in input pixels and whether there is a face at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused
from .face import Found
from .manifest import SHIPPED, Model, read_manifest
from .pixels import Matrix, Picture, read_through
from .runtime import Network

COUNT = 468
ROOM = 1.5  # of the box's longer side
SURE = 0.9  # presence from which the points are believed

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sight:
    """`points` float64[468, 2] in picture pixels; `presence` 0..1."""

    points: Points
    presence: float


class Mesh:
    """Threads may share it; they take turns."""

    def __init__(self, model: Model, network: Network) -> None:
        sizes = sorted(int(np.prod(shape)) for shape in network.output_shapes)
        taken = network.input_shape, network.input_kind
        if taken != ((1, model.side, model.side, 4), "uint8") or sizes != [1, 3 * COUNT]:
            raise ModelRefused("model_mismatch", f"{model.id}: inputs and outputs are not a face mesh's")
        self._side, self._network = model.side, network
        self._points_first = int(np.prod(network.output_shapes[0])) > 1

    def points(self, picture: Picture, face: Found) -> Sight:
        """The points of a face the detector found in uint8[H, W, 3]."""
        matrix = square_around(face, self._side)
        chip = read_through(picture, matrix, self._side)
        first, second = self._network.run(chip.view(np.uint8).reshape(1, self._side, self._side, 4))
        raw, likely = (first, second) if self._points_first else (second, first)
        placed = raw.reshape(COUNT, 3)[:, :2].astype(np.float64) - 0.5
        presence = 1 / (1 + np.exp(-np.clip(float(likely.ravel()[0]), -80, 80)))
        return Sight(placed @ matrix[:, :2].T + matrix[:, 2], float(presence))


def square_around(face: Found, side: int) -> Matrix:
    """The 2x3 matrix from input pixels to picture pixels."""
    left, top, right, bottom = face.box
    step = ROOM * max(right - left, bottom - top) / side
    across, down = (face.landmarks[1] - face.landmarks[0]).astype(np.float64)
    angle = np.arctan2(down, across)
    turn = step * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    return np.concatenate([turn, (middle - turn @ np.full(2, (side - 1) / 2))[:, None]], 1)


def open_mesh(threads: int = 1) -> Mesh:
    """The shipped face mesh, whatever embedder is in use; ModelRefused if its hash is not the manifest's."""
    model = read_manifest(SHIPPED).mesh
    if model is None:
        raise ModelRefused("manifest_invalid", "the shipped manifest names no face mesh")
    return Mesh(model, Network(model.content(), threads))
