"""A nose is measured by patches of the picture that are followed; whatever cannot be followed has no nose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

from gateface.nose import HALF, LIKE, REACH_X, Chip, across, ahead, boxes, carried, correlation, followed, nose, window

SIDE = 192
SKIN = 128 + 500 * gaussian_filter(np.random.default_rng(3).uniform(-1, 1, (SIDE, SIDE)), 2)
SPOTS = np.array([(96.0, 60.0), (99.0, 95.0), (97.0, 130.0), (64.0, 131.0), (129.0, 133.0)])


def face(way: float = 0.0, everywhere: tuple[float, float] = (0.0, 0.0)) -> Chip:
    """A face of grain whose nose has gone so far to the side, and all of it `everywhere` (down, right)."""
    drawn = SKIN.copy()
    drawn[78:112] = shift(SKIN, (0, way), mode="nearest")[78:112]
    return Chip(np.uint8(np.clip(shift(drawn, everywhere, mode="nearest"), 0, 255)), SPOTS)


@pytest.mark.parametrize("way", [-6.5, -2.25, 0.0, 0.5, 3.0, 7.75])
def test_a_tip_is_found_where_it_has_gone_to_parts_of_a_pixel(way: float) -> None:
    found = ahead(face(), face(way))
    assert found is not None
    assert np.abs(np.array(found) - way / 70).max() < 0.4 / 70


@pytest.mark.parametrize("everywhere", [(3.0, -5.0), (-2.5, 4.5), (0.0, 11.0)])
def test_a_face_that_is_elsewhere_as_a_whole_has_not_put_its_nose_ahead(everywhere: tuple[float, float]) -> None:
    found = ahead(face(), face(everywhere=everywhere))
    assert found is not None
    assert np.abs(found).max() < 0.4 / 70


def test_brightness_and_contrast_move_nothing() -> None:
    dim = Chip(np.uint8(20 + 0.4 * face(5).pixels), SPOTS)
    found = ahead(face(), dim)
    assert found is not None
    assert np.abs(np.array(found) - 5 / 70).max() < 0.4 / 70


def test_a_patch_that_is_nowhere_or_cut_off_is_not_followed() -> None:
    other = np.uint8(np.random.default_rng(4).integers(0, 255, (SIDE, SIDE)))
    flat = np.full((SIDE, SIDE), 90, np.uint8)
    one = face().pixels
    for pixels in (other, flat, face(everywhere=(0, REACH_X + 15)).pixels):
        assert followed(one, pixels, SPOTS[0], SPOTS[0]) is None
    assert followed(flat, flat, SPOTS[0], SPOTS[0]) is None
    for corner in ((HALF - 1.0, 60.0), (96.0, SIDE - 3.0), (-40.0, -40.0), (500.0, 96.0)):
        assert followed(one, one, np.array(corner), SPOTS[0]) is None
        assert followed(one, one, SPOTS[0], np.array(corner)) is None
    assert ahead(face(), Chip(flat, SPOTS)) is None


def test_looks_that_cannot_be_followed_count_for_nothing_and_small_turns_are_not_looked_at() -> None:
    flat = Chip(np.full((SIDE, SIDE), 90, np.uint8), SPOTS)
    assert nose(face(), []) == (0, 0)
    assert nose(face(), [(0.2, flat), (0.05, face(6))]) == (0, 0)
    there = pytest.approx((4.2 / 70 / 0.2,) * 2, abs=0.03)
    assert nose(face(), [(0.2, face(4.2)), (0.2, flat)]) == there
    assert nose(face(), [(-0.2, face(-4.2))]) == there
    assert max(nose(face(), [(0.2, face(-4.2))])) < 0


def test_one_small_turn_is_little_evidence() -> None:
    assert nose(face(), [(0.09, face(2.1))]) == pytest.approx((0.36 * 2.1 / 70 / 0.09,) * 2, abs=0.03)


NUMBERS = st.lists(st.floats(-0.3, 0.3), min_size=4, max_size=4)


@given(st.lists(st.floats(-50, 50), min_size=4, max_size=4), st.floats(0, 6.28), st.floats(0.5, 2))
def test_size_and_roll_of_the_picture_change_nothing(numbers: list[float], roll: float, size: float) -> None:
    one, point = np.array(numbers).reshape(2, 2)
    other = np.add(one, (1, 40))
    turn = size * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    there = across(*(turn @ spot + 7 for spot in (one, other, point)))
    assert there == pytest.approx(across(one, other, point), abs=1e-9)


@given(NUMBERS)
def test_whatever_is_flat_is_carried_with_its_tip(bent: list[float]) -> None:
    """However a picture leans, an affine map is what is seen of it; nothing goes ahead of its plane."""
    after = SPOTS @ (np.eye(2) + np.array(bent).reshape(2, 2)).T + (5, -3)
    assert carried(SPOTS, after) == pytest.approx(after[1], abs=1e-6)


def test_sums_of_boxes_and_correlation_are_what_they_are_by_hand() -> None:
    field: NDArray[np.float32] = np.random.default_rng(5).normal(0, 30, (13, 15)).astype(np.float32)
    patch = field[4:9, 6:11]
    assert boxes(field, (5, 5))[4, 6] == pytest.approx(float(patch.sum()), rel=1e-5)
    likeness = correlation(patch, field)
    assert likeness.shape == (9, 11)
    assert likeness[4, 6] == pytest.approx(1.0, abs=1e-4)
    there = field[0:5, 0:5]
    expected = np.corrcoef(patch.ravel(), there.ravel())[0, 1]
    assert likeness[0, 0] == pytest.approx(expected, abs=1e-4)
    assert float(np.sort(likeness.ravel())[-2]) < LIKE


def test_a_window_is_the_part_around_a_point_or_nothing() -> None:
    part = window(face().pixels, np.array((30.4, 40.6)), 3, 2)
    assert part is not None
    assert (part == face().pixels[39:44, 27:34]).all()
    assert window(face().pixels, np.array((2.0, 40.0)), 3, 2) is None
    assert window(face().pixels, np.array((190.0, 40.0)), 3, 2) is None
