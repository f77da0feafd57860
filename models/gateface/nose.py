"""Does the nose stand out? What paper lacks however it is rolled, read from the pixels and not from the mesh.

The mesh keeps to its own idea of a face: on a photo rolled around a pipe its points move as on a head. So patches of
the picture itself are followed from a look to the front to looks aside: between the eyes, on the tip of the nose, on
the upper lip, at the corners of the mouth. Two things are asked of the tip:

1. the line from between the eyes to the lip: on whatever is rolled like an upright pipe what lies above each other
   stays in line, seen from anywhere; a nose that stands out goes ahead of it;
2. the plane through the point between the eyes and the corners of the mouth: where a picture is nearly flat, however
   the pipe leans, an affine map carries all four (Koenderink and van Doorn 1991); a nose goes ahead of it.

Both are measured in lengths of the line, so size, place and roll of the picture change nothing; and for each turn, so
who turns further has no longer nose. What a patch is followed by: normalised cross-correlation (Lewis 1995), to parts
of a pixel by a parabola through the best and its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

SPOTS = [168, 4, 13, 61, 291]  # of the mesh: between the eyes, tip, inner edge of the upper lip, corners of the mouth
HALF = 9  # a patch is 19 pixels wide, a third of the distance between the eyes
REACH_X, REACH_Y = 12, 5  # pixels around where the mesh expects it: the mesh may be wrong by all of a nose's way
LIKE = 0.7  # correlation from which it is the same patch
TURNED, BEST = 0.08, 0.2  # turns worth looking at; the nearest to BEST are taken
LOOKS = 5
ENOUGH = 0.15  # evidence of less than one such turn counts for less

Points = NDArray[np.float64]
Grey = NDArray[np.uint8]
Window = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chip:
    """`pixels` uint8[side, side], one colour of the picture the mesh was given; `spots` float64[5, 2] in its pixels."""

    pixels: Grey
    spots: Points


def nose(front: Chip, aside: Sequence[tuple[float, Chip]]) -> tuple[float, float]:
    """How far the tip of the nose goes ahead of its line and of its plane in a turn of 1, by least squares over the
    looks `aside`, each with its turn from `front`; 0 where it could not be followed."""
    near = sorted((look for look in aside if abs(look[0]) >= TURNED), key=lambda look: abs(abs(look[0]) - BEST))
    seen = [(turn, ways) for turn, chip in near[:LOOKS] if (ways := ahead(front, chip)) is not None]
    scale = max(sum(turn * turn for turn, _ in seen), ENOUGH**2)
    line, plane = (sum(turn * ways[which] for turn, ways in seen) / scale for which in (0, 1))
    return line, plane


def ahead(front: Chip, aside: Chip) -> tuple[float, float] | None:
    """How much further from the line, and from the plane, the tip lies in the second look, to the picture's right; None
    if one of the patches is not found again."""
    places = [followed(front.pixels, aside.pixels, *spots) for spots in zip(front.spots, aside.spots, strict=True)]
    if any(place is None for place in places):
        return None
    found: Points = np.array(places, np.float64)
    eyes, tip, lip = found[:3]
    of_line = across(eyes, lip, tip) - across(*front.spots[[0, 2, 1]])
    return of_line, across(eyes, lip, eyes + tip - carried(front.spots, found))


def carried(before: Points, after: Points) -> Points:
    """Where the tip would be if it lay in the plane of the eyes and the corners of the mouth."""
    held = np.concatenate([before, np.ones((len(before), 1))], 1)
    weights = np.linalg.lstsq(held[[0, 3, 4]].T, held[1], rcond=None)[0]
    return np.asarray(weights @ after[[0, 3, 4]])


def across(one: Points, other: Points, point: Points) -> float:
    """Distance of a point from the line through two others, in lengths of that line."""
    (x, y), (to_x, to_y) = (other - one).tolist(), (point - one).tolist()
    return float((to_x * y - to_y * x) / max(x * x + y * y, 1e-6))


def followed(one: Grey, other: Grey, at: Points, expected: Points) -> Points | None:
    """Where the patch around `at` has gone; None if nothing within reach is like it, or it is cut off."""
    patch, field = window(one, at, HALF, HALF), window(other, expected, HALF + REACH_X, HALF + REACH_Y)
    if patch is None or field is None:
        return None
    likeness = correlation(patch, field)
    row, column = divmod(int(likeness.argmax()), likeness.shape[1])
    if likeness[row, column] < LIKE:
        return None
    found = np.array([column - REACH_X + peak(likeness[row], column), row - REACH_Y + peak(likeness[:, column], row)])
    return np.asarray(np.rint(expected) + found + at - np.rint(at))


def window(pixels: Grey, middle: Points, across: int, down: int) -> Window | None:
    """The part that far around a point, None where it is not all there."""
    x, y = (round(place) for place in middle.tolist())
    if x < across or y < down:
        return None
    part = pixels[y - down : y + down + 1, x - across : x + across + 1].astype(np.float32)
    return part if part.shape == (2 * down + 1, 2 * across + 1) else None


def correlation(patch: Window, field: Window) -> Points:
    """-1..1 for every place of the patch in the field."""
    patch, field = patch - patch.mean(), field - field.mean()
    products = np.einsum("ijkl,kl->ij", sliding_window_view(field, patch.shape), patch)
    spread = boxes(field * field, patch.shape) - boxes(field, patch.shape) ** 2 / patch.size
    return np.asarray(products / np.sqrt(np.maximum(spread, 1.0) * max(float((patch * patch).sum()), 1.0)))


def boxes(field: Window, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The sum over each place of a box of that shape (Crow 1984)."""
    total = np.zeros((field.shape[0] + 1, field.shape[1] + 1))
    total[1:, 1:] = field.cumsum(0, np.float64).cumsum(1)
    down, across = shape
    return total[down:, across:] - total[:-down, across:] - total[down:, :-across] + total[:-down, :-across]


def peak(line: Points, best: int) -> float:
    """Parts of a place between the best and its neighbours."""
    if not 0 < best < len(line) - 1:
        return 0.0
    before, at, after = line[best - 1 : best + 2].tolist()
    return float(0.5 * (before - after) / min(before - 2 * at + after, -1e-6))
