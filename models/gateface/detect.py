"""BlazeFace short range (Bazarevsky et al. 2019; mediapipe face_detection): faces within about two metres.

Input uint8[1, rows / 2, columns / 2, 12]: RGB of 2x2 pixels, trained at 128x128. Output, for each anchor, a
score and 16 numbers: centre, size and six points in input pixels, relative to the anchor's centre. The network is the
same at every size, so a frame is not padded to a square and a second look takes a small canvas (docs/adr/0016).
Overlapping answers are averaged by their score.
"""

import math
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import ModelRefused
from .face import Box, Landmarks, overlap
from .pixels import Picture, Words, thinned, triples, words_through
from .runtime import Network

SIDE = 128
SHAPES = ((80, 128), (96, 128), (128, 128), (128, 96), (128, 80))  # whole frames: the first that holds them
CLOSE = (96, 96)
LEAST_SCORE = 0.5
LEAST_LOGIT = math.log(LEAST_SCORE / (1 - LEAST_SCORE))
SAME_FACE = 0.3  # overlap (intersection over union) from which two answers are one face
LARGE = 0.22  # of the picture's longer side: larger faces gain little from a second look
CLOSEUP = 2.0  # the second look takes in this many face sizes
GRIDS = ((8, 2), (16, 6))  # pixels a cell, anchors a cell
CHANNELS = [2, 6, 32, 96]  # scores of both grids, boxes and points of both

Values = NDArray[np.float32]
Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in picture coordinates; see face.Found."""

    box: Box
    landmarks: Landmarks
    score: float


@dataclass(frozen=True, slots=True)
class Canvas:
    """What the network sees, and the way back: picture = canvas * scale + shift, in coordinates of pixel edges."""

    words: Words
    scale: float
    shift: tuple[float, float]


def anchors(shape: Shape) -> Values:
    """float32[n, 2]: centres of the cells in pixels, n = 896 for 128x128."""
    centres = []
    for cell, copies in GRIDS:
        row, column = np.mgrid[0 : shape[0] // cell, 0 : shape[1] // cell]
        grid = np.stack([(column + 0.5) * cell, (row + 0.5) * cell], -1).reshape(-1, 2)
        centres.append(np.repeat(grid, copies, 0))
    return np.concatenate(centres).astype(np.float32)


def cells(canvas: Words) -> NDArray[np.uint8]:
    """uint8[1, rows / 2, columns / 2, 12]: 2x2 pixels lie together, row after row."""
    rows, columns = canvas.shape
    two = canvas.view(np.uint64).reshape(rows // 2, 2, columns // 2).transpose(0, 2, 1)
    lying = np.empty(3 * rows * columns + 1, np.uint8)
    triples(np.ascontiguousarray(two).view(np.uint32).reshape(rows // 2, 2 * columns), lying)
    return lying[:-1].reshape(1, rows // 2, columns // 2, 12)


class Sized:
    """The network at one size of canvas."""

    def __init__(self, content: bytes, shape: Shape, threads: int) -> None:
        taken = (1, shape[0] // 2, shape[1] // 2, 12)
        self.network = Network(content, threads, taken)
        centres = anchors(shape)
        self.places = np.concatenate([centres, np.zeros_like(centres), *[centres] * 6], 1)
        found = self.network.output_shapes
        cells = [shape[0] * shape[1] // cell**2 for cell, _ in GRIDS] * 2
        self.order = sorted(range(len(found)), key=lambda at: found[at][-1])
        sizes = [(found[at][-1], math.prod(found[at][:-1])) for at in self.order]
        kind = self.network.input_shape, self.network.input_kind
        if kind != (taken, "uint8") or sizes != list(zip(CHANNELS, cells, strict=True)):
            raise ModelRefused("model_mismatch", "the detector's inputs and outputs are not BlazeFace's")

    def run(self, canvas: Words) -> tuple[Values, Values]:
        """The likely answers: float32[n, 16] (low corner, high corner, six points; in pixels) and their scores."""
        found = self.network.run(cells(canvas))
        fine, coarse, boxes, more_boxes = (found[at] for at in self.order)
        logits = np.concatenate((fine.ravel(), coarse.ravel()))
        kept = (logits >= LEAST_LOGIT).nonzero()[0]
        points = np.concatenate((boxes.reshape(-1, 16), more_boxes.reshape(-1, 16)))[kept]
        points += self.places[kept]
        half = points[:, 2:4] / 2
        np.add(points[:, :2], half, out=points[:, 2:4])
        points[:, :2] -= half
        scores: Values = np.float32(1) / (np.float32(1) + np.exp(-logits[kept]))
        return points, scores


class Detector:
    """Finds faces; the largest first. Each size of canvas has a network of its own, made when it is first needed."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        self._content, self._threads = content, threads
        self._lock = threading.Lock()
        self._sized: dict[Shape, Sized] = {}
        for shape in ((96, 128), CLOSE):
            self._network(shape)

    def detect(self, picture: Picture) -> list[Detection]:
        """All faces of score >= 0.5 in uint8[H, W, 3]; boxes under an eighth of the longer side are missed."""
        faces = self._seen(whole(picture))
        return sorted(faces, key=lambda face: face.box[0] - face.box[2])

    def refined(self, picture: Picture, face: Detection) -> Detection:
        """The same face looked at again from near by, if it fills little of the picture; its points get more exact."""
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top)
        if side >= LARGE * max(picture.shape[:2]):
            return face
        again = self._seen(closeup(picture, ((left + right) / 2, (top + bottom) / 2), CLOSEUP * side))
        near = [one for one in again if overlap(one.box, face.box) >= SAME_FACE]
        return max(near, key=lambda one: overlap(one.box, face.box), default=face)

    def _network(self, shape: Shape) -> Sized:
        with self._lock:
            if shape not in self._sized:
                self._sized[shape] = Sized(self._content, shape, self._threads)
            return self._sized[shape]

    def _seen(self, canvas: Canvas) -> list[Detection]:
        points, scores = self._network((canvas.words.shape[0], canvas.words.shape[1])).run(canvas.words)
        return [_placed(face, score, canvas) for face, score in merged(points, scores)]


def whole(picture: Picture) -> Canvas:
    """The whole picture, its longer side 128, in the middle of the smallest shape that holds it."""
    height, width = picture.shape[:2]
    side = max(height, width)
    factor = max(1, side // SIDE)
    small = thinned(picture, factor)
    if side != SIDE * factor:
        return _squeezed(small, side / factor, factor)
    rows, columns = _shape(*small.shape)
    top, left = (rows - small.shape[0]) // 2, (columns - small.shape[1]) // 2
    if (rows, columns) != small.shape:
        padded = np.zeros((rows, columns), np.uint32)
        padded[top : top + small.shape[0], left : left + small.shape[1]] = small
        small = padded
    return Canvas(small, float(factor), (-float(left * factor), -float(top * factor)))


def _squeezed(small: Words, side: float, factor: int) -> Canvas:
    """The same where the longer side is no whole multiple of 128: read bilinearly."""
    step = side / SIDE
    aside, above = (small.shape[1] - side) / 2, (small.shape[0] - side) / 2
    first = step / 2 - 0.5
    matrix = np.array([[step, 0, aside + first], [0, step, above + first]], np.float64)
    rows, columns = _shape(math.ceil(small.shape[0] / step), math.ceil(small.shape[1] / step))
    top, left = (SIDE - rows) // 2, (SIDE - columns) // 2
    words = words_through(small, matrix, SIDE)[top : top + rows, left : left + columns]
    scale = step * factor
    return Canvas(np.ascontiguousarray(words), scale, (aside * factor + left * scale, above * factor + top * scale))


def _shape(rows: int, columns: int) -> Shape:
    """The first of SHAPES that holds so much."""
    return next(shape for shape in SHAPES if shape[0] >= rows and shape[1] >= columns)


def closeup(picture: Picture, centre: tuple[float, float], side: float) -> Canvas:
    """A square part of about `side` pixels around `centre`, moved to lie in the picture."""
    factor = max(1, round(side / CLOSE[0]))
    whole = factor * CLOSE[0]
    height, width = picture.shape[:2]
    left = min(max(round(centre[0] - whole / 2), 0), max(0, width - whole))
    top = min(max(round(centre[1] - whole / 2), 0), max(0, height - whole))
    small = thinned(picture, factor, (left, top, min(left + whole, width), min(top + whole, height)))
    if small.shape != CLOSE:
        padded = np.zeros(CLOSE, np.uint32)
        padded[: small.shape[0], : small.shape[1]] = small
        small = padded
    return Canvas(small, float(factor), (float(left), float(top)))


def merged(points: Values, scores: Values) -> list[tuple[Values, float]]:
    """One answer per face: groups around the best, each averaged by score."""
    boxes, order = points[:, :4].tolist(), np.argsort(-scores).tolist()
    found = []
    while order:
        best = order[0]
        group = [at for at in order if at == best or overlap(boxes[best], boxes[at]) >= SAME_FACE]
        share = scores[group] / scores[group].sum()
        found.append(((points[group] * share[:, None]).sum(0), float(scores[best])))
        order = [at for at in order if at not in group]
    return found


def _placed(points: Values, score: float, canvas: Canvas) -> Detection:
    """Back to the picture's pixel centres."""
    x, y = canvas.shift
    placed = [value + (y if at % 2 else x) - 0.5 for at, value in enumerate((points * canvas.scale).tolist())]
    left, top, right, bottom = placed[:4]
    return Detection((left, top, right, bottom), np.array(placed[4:], np.float32).reshape(6, 2), score)
