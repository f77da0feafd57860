"""From six points to a chip: the fit is the least-squares similarity, whatever is seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateface.align import NINE, Aligner, fitting, inside
from gateface.manifest import read_manifest
from gateface.pixels import corners

MODEL = read_manifest().embedder
POINTS, WEIGHTS = np.array(MODEL.points, np.float64), np.array(MODEL.weights, np.float64)
FIT = fitting(POINTS, WEIGHTS)


def carried(fitted: np.ndarray, points: np.ndarray) -> np.ndarray:
    along, across = fitted[:2]
    return points @ np.array([[along, across], [-across, along]]) + fitted[2:4]


def missed(turn: np.ndarray, seen: np.ndarray) -> float:
    share = WEIGHTS / WEIGHTS.sum()
    return float((share * ((seen - carried(turn, POINTS)) ** 2).sum(1)).sum())


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 9), st.floats(-3.1, 3.1), st.floats(-50, 900), st.floats(-50, 900), st.integers(0, 99))
def test_no_other_turn_size_or_place_misses_the_seen_points_by_less(
    scale: float, turn: float, x: float, y: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    exact = np.array([scale * np.cos(turn), scale * np.sin(turn), x, y])
    assert np.allclose((FIT @ carried(exact, POINTS).ravel())[:4], exact, atol=1e-6)
    seen = carried(exact, POINTS) + random.normal(0, 5, POINTS.shape)
    fitted = FIT @ seen.ravel()
    least = missed(fitted, seen)
    assert np.isclose(fitted[4:] @ fitted[4:], least)
    for step in np.concatenate([np.eye(4), -np.eye(4)]) * (1e-3, 1e-3, 0.1, 0.1):
        assert missed(fitted[:4] + step, seen) > least


@pytest.mark.parametrize("shift", [(0, 0), (-70, 0), (0, 120), (200, 200), (-900, 0)])
def test_the_share_inside_is_that_of_the_grid(shift: tuple[float, float]) -> None:
    picture = np.zeros((240, 320, 3), np.uint8)
    for turn in (0.0, 0.3, 2.0, -1.4):
        along, across = 1.1 * np.cos(turn), 1.1 * np.sin(turn)
        matrix = np.array([[along, -across, 100 + shift[0]], [across, along, 60 + shift[1]]])
        places = matrix[:, :2] @ (NINE * 149) + matrix[:, 2:]
        counted = ((places >= -0.5) & (places < [[319.5], [239.5]])).all(0).mean()
        assert inside(matrix, 150, picture) == counted
        left, top, right, bottom = corners(matrix, 150)
        assert np.allclose([left, top, right, bottom], [*places.min(1), *places.max(1)])


def test_a_chip_says_by_how_far_its_points_are_missed() -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    chip = Aligner(MODEL).chip(picture, (POINTS + 50).astype(np.float32))
    assert chip.residual < 1e-4
    aside = POINTS + 50
    aside[3, 0] += 40.0
    assert Aligner(MODEL).chip(picture, aside.astype(np.float32)).residual > 10
