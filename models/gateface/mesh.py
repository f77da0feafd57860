"""468 points of one face (Kartynnik et al. 2019; mediapipe face_landmark), for liveness only: recognition needs none.

Input 192x192 pixels of four bytes, RGB and one without weight: a square of 1.5 times the detector's box, turned so that
the eyes lie level. Output: x and y of every point in input pixels and whether there is a face at all (models/build).
"""

import math
from dataclasses import dataclass

import numpy as np

from .errors import ModelRefused
from .face import Found
from .manifest import SHIPPED, Model, read_manifest
from .nose import SPOTS, Chip, Points
from .pixels import Matrix, Picture, octets, read_through
from .runtime import Network

COUNT = 468
ROOM = 1.5  # of the box's longer side
SURE = 0.9  # presence from which the points are believed
GREEN = 1


@dataclass(frozen=True, slots=True)
class Sight:
    """`points` float64[468, 2] in picture pixels; `presence` 0..1; `chip` what the mesh was shown."""

    points: Points
    presence: float
    chip: Chip


class Mesh:
    """Threads may share it; they take turns."""

    def __init__(self, model: Model, network: Network) -> None:
        sizes = sorted(int(np.prod(shape)) for shape in network.output_shapes)
        taken = network.input_shape, network.input_kind
        if taken != ((1, model.side, model.side, 4), "uint8") or sizes != [1, 2 * COUNT]:
            raise ModelRefused("model_mismatch", f"{model.id}: inputs and outputs are not a face mesh's")
        self._side, self._network = model.side, network
        self._points_first = int(np.prod(network.output_shapes[0])) > 1

    def points(self, picture: Picture, face: Found) -> Sight:
        """The points of a face the detector found in uint8[H, W, 3]."""
        matrix = square_around(face, self._side)
        shown = octets(read_through(picture, matrix, self._side))
        first, second = self._network.run(shown[None])
        raw, likely = (first, second) if self._points_first else (second, first)
        placed = np.subtract(raw.reshape(COUNT, 2), 0.5, dtype=np.float64)
        presence = 1 / (1 + math.exp(-min(max(-80.0, likely.item()), 80.0)))
        return Sight(placed @ matrix[:, :2].T + matrix[:, 2], presence, Chip(shown[..., GREEN].copy(), placed[SPOTS]))


def square_around(face: Found, side: int) -> Matrix:
    """The 2x3 matrix from input pixels to picture pixels."""
    left, top, right, bottom = face.box
    step = ROOM * max(right - left, bottom - top) / side
    (right_x, right_y), (left_x, left_y) = face.landmarks[:2].tolist()
    angle = math.atan2(left_y - right_y, left_x - right_x)
    along, across, half = step * math.cos(angle), step * math.sin(angle), (side - 1) / 2
    x, y = (left + right) / 2 - (along - across) * half, (top + bottom) / 2 - (across + along) * half
    return np.array([[along, -across, x], [across, along, y]], np.float64)


def open_mesh(threads: int = 1) -> Mesh:
    """The shipped face mesh, whatever embedder is in use; ModelRefused if its hash is not the manifest's."""
    model = read_manifest(SHIPPED).mesh
    if model is None:
        raise ModelRefused("manifest_invalid", "the shipped manifest names no face mesh")
    return Mesh(model, Network(model.content(), threads))
