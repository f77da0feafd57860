"""BlazeFace short range (Bazarevsky et al. 2019; mediapipe face_detection): faces within about two metres.

Input 128x128 RGB in -1..1, the whole frame letterboxed. Output, for 896 anchors, a score and 16 numbers: centre, size
and six points in units of 1/128, relative to the anchor's centre. Overlapping answers are averaged by their score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused
from .face import Box, Landmarks, overlap
from .pixels import Picture, Words, thinned, words_through
from .runtime import Network

SIDE = 128
LEAST_SCORE = 0.5
SAME_FACE = 0.3  # overlap (intersection over union) from which two answers are one face
LARGE = 0.22  # of the picture's longer side: larger faces gain little from a second look
CLOSEUP = 2.0  # the second look takes in this many face sizes
GRIDS = ((16, 2), (8, 6))  # cells a side, anchors a cell

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in picture coordinates; see face.Found."""

    box: Box
    landmarks: Landmarks
    score: float


def anchors() -> Values:
    """float32[896, 2]: centres of the cells, 0..1."""
    centres = []
    for cells, copies in GRIDS:
        row, column = np.mgrid[0:cells, 0:cells]
        grid = np.stack([(column + 0.5) / cells, (row + 0.5) / cells], -1).reshape(-1, 2)
        centres.append(np.repeat(grid, copies, 0))
    return np.concatenate(centres).astype(np.float32)


class Detector:
    """Finds faces; the largest first."""

    def __init__(self, network: Network) -> None:
        shapes = sorted(network.output_shapes)
        if network.input_shape != (1, SIDE, SIDE, 3) or shapes != [(1, 896, 1), (1, 896, 16)]:
            raise ModelRefused("model_mismatch", "the detector's inputs and outputs are not BlazeFace's")
        self._network = network
        self._boxes_first = network.output_shapes[0][2] == 16
        self._anchors = anchors()

    def detect(self, picture: Picture) -> list[Detection]:
        """All faces of score >= 0.5 in uint8[H, W, 3]; boxes under an eighth of the longer side are missed."""
        faces = self._seen(*letterboxed(picture))
        return sorted(faces, key=lambda face: face.box[0] - face.box[2])

    def refined(self, picture: Picture, face: Detection) -> Detection:
        """The same face looked at again from near by, if it fills little of the picture; its points get more exact."""
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top)
        if side >= LARGE * max(picture.shape[:2]):
            return face
        again = self._seen(*closeup(picture, ((left + right) / 2, (top + bottom) / 2), CLOSEUP * side))
        near = [one for one in again if overlap(one.box, face.box) >= SAME_FACE]
        return max(near, key=lambda one: overlap(one.box, face.box), default=face)

    def _seen(self, canvas: Words, scale: float, shift: NDArray[np.float64]) -> list[Detection]:
        """Faces on a canvas uint32[128, 128], in the picture's coordinates."""
        values = np.empty((1, SIDE, SIDE, 3), np.float32)
        for channel in range(3):
            level = canvas.view(np.uint8)[:, channel::4]
            np.multiply(level, np.float32(1 / 127.5), out=values[0, :, :, channel])
        values -= 1
        first, second = self._network.run(values)
        boxes, scores = (first[0], second[0, :, 0]) if self._boxes_first else (second[0], first[0, :, 0])
        return [_placed(points, score, scale, shift) for points, score in merged(*self._decoded(boxes, scores))]

    def _decoded(self, boxes: Values, scores: Values) -> tuple[Values, Values]:
        """The likely anchors only: float32[n, 8, 2] (low corner, high corner, six points; 0..1) and float32[n]."""
        likely = (1 / (1 + np.exp(-np.clip(scores, -80, 80)))).astype(np.float32)
        kept = likely >= LEAST_SCORE
        points = boxes[kept].reshape(-1, 8, 2) / np.float32(SIDE)
        centre, half = points[:, 0] + self._anchors[kept], points[:, 1] / 2
        points[:, 2:] += self._anchors[kept][:, None]
        points[:, 0], points[:, 1] = centre - half, centre + half
        return points, likely[kept]


def letterboxed(picture: Picture) -> tuple[Words, float, NDArray[np.float64]]:
    """uint32[128, 128] with the whole picture in its middle, and how to return: picture = canvas * scale + shift.

    Coordinates here are of pixel edges: the canvas is 0..128 wide.
    """
    height, width = picture.shape[:2]
    side = max(height, width)
    factor = max(1, side // SIDE)
    small = thinned(picture, factor)
    if side == SIDE * factor:
        top, left = (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2
        canvas = np.zeros((SIDE, SIDE), np.uint32)
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
        return canvas, float(factor), np.array([-left * factor, -top * factor], np.float64)
    scale = side / SIDE
    shift = (np.array([width, height], np.float64) - side) / 2
    step = scale / factor
    offset = (shift / factor) + step / 2 - 0.5
    matrix = np.array([[step, 0, offset[0]], [0, step, offset[1]]], np.float64)
    return words_through(small, matrix, SIDE), scale, shift


def closeup(picture: Picture, centre: tuple[float, float], side: float) -> tuple[Words, float, NDArray[np.float64]]:
    """The same for a square part of about `side` pixels around `centre`, moved to lie in the picture."""
    factor = max(1, round(side / SIDE))
    whole = factor * SIDE
    height, width = picture.shape[:2]
    left = int(np.clip(round(centre[0] - whole / 2), 0, max(0, width - whole)))
    top = int(np.clip(round(centre[1] - whole / 2), 0, max(0, height - whole)))
    small = thinned(picture, factor, (left, top, min(left + whole, width), min(top + whole, height)))
    canvas = np.zeros((SIDE, SIDE), np.uint32)
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas, float(factor), np.array([left, top], np.float64)


def merged(points: Values, scores: Values) -> list[tuple[Values, float]]:
    """One answer per face: groups around the best, each averaged by score."""
    order = np.argsort(-scores)
    found = []
    while len(order):
        same = overlaps(points[order[0]], points[order]) >= SAME_FACE
        same[0] = True
        group = order[same]
        share = scores[group] / scores[group].sum()
        found.append(((points[group] * share[:, None, None]).sum(0), float(scores[order[0]])))
        order = order[~same]
    return found


def overlaps(one: Values, many: Values) -> Values:
    """face.overlap for boxes given by their two corners: [2+, 2] against [n, 2+, 2]."""
    size = np.clip(np.minimum(one[1], many[:, 1]) - np.maximum(one[0], many[:, 0]), 0, None).prod(1)
    union = (one[1] - one[0]).prod() + (many[:, 1] - many[:, 0]).prod(1) - size
    ratio: Values = size / np.maximum(union, 1e-9)
    return ratio


def _placed(points: Values, score: float, scale: float, shift: NDArray[np.float64]) -> Detection:
    """Back to the picture's pixel centres."""
    placed = points * (SIDE * scale) + shift - 0.5
    left, top, right, bottom = (float(value) for value in placed[:2].ravel())
    return Detection((left, top, right, bottom), placed[2:].astype(np.float32), score)
