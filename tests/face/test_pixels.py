"""The fast sampling equals the plain arithmetic it replaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateface.detect import cells
from gateface.pixels import Matrix, coloured, halved, octets, packed, read_through, rimmed, taps, thinned, triples

Picture = NDArray[np.uint8]


def sampled(picture: Picture, matrix: Matrix, side: int) -> Picture:
    return coloured(read_through(picture, matrix, side))


def noise(height: int, width: int, seed: int = 0) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def plain_bilinear(picture: Picture, matrix: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Pixel by pixel, with black around the picture."""
    rimmed = np.zeros((picture.shape[0] + 2, picture.shape[1] + 2, 3))
    rimmed[1:-1, 1:-1] = picture
    out = np.zeros((side, side, 3))
    for row in range(side):
        for column in range(side):
            x, y = matrix @ (column, row, 1) + 1
            if not (0 <= x < picture.shape[1] + 1 and 0 <= y < picture.shape[0] + 1):
                continue
            i, j = int(x), int(y)
            fx, fy = x - i, y - j
            upper = rimmed[j, i] * (1 - fx) + rimmed[j, i + 1] * fx
            out[row, column] = upper * (1 - fy) + (rimmed[j + 1, i] * (1 - fx) + rimmed[j + 1, i + 1] * fx) * fy
    return out


def test_packing_and_unpacking_any_part_loses_nothing() -> None:
    picture = noise(37, 41)
    for left, top, right, bottom in ((0, 0, 41, 37), (40, 36, 41, 37), (3, 5, 20, 37), (3, 36, 41, 37), (0, 0, 1, 1)):
        words = packed(picture, left, top, right, bottom)
        assert np.array_equal(coloured(words), picture[top:bottom, left:right])
        assert np.array_equal(octets(words)[..., 1], picture[top:bottom, left:right, 1])
        assert np.array_equal(packed(picture, left, top, right, bottom, rim=True), rimmed(words))


@settings(max_examples=40, deadline=None)
@given(st.floats(0.3, 1.99), st.floats(-3.2, 3.2), st.floats(-40, 90), st.floats(-40, 90), st.integers(0, 9))
def test_sampling_equals_plain_bilinear_reading(scale: float, turn: float, x: float, y: float, seed: int) -> None:
    picture = noise(48, 64, seed)
    along, across = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[along, -across, x], [across, along, y]])
    found = sampled(picture, matrix, 16).astype(float)
    # both places and their product are cut to 256ths: three times 255/256 at most, and half a level of rounding
    assert np.abs(found - plain_bilinear(picture, matrix, 16)).max() <= 3.5


def test_halving_is_the_mean_of_four() -> None:
    picture = noise(21, 31)
    small = halved(packed(picture, 0, 0, 31, 21))
    blocks = picture[:20, :30].reshape(10, 2, 15, 2, 3).astype(int).sum((1, 3))
    assert np.array_equal(coloured(small), (blocks + 2) // 4)


def test_a_strongly_reduced_chip_does_not_alias() -> None:
    board = np.indices((512, 512)).sum(0) % 2 * 255
    picture = np.repeat(board[..., None], 3, 2).astype(np.uint8)
    chip = sampled(picture, np.array([[4.0, 0, 20], [0, 4.0, 20]]), 64)
    assert chip.min() >= 120
    assert chip.max() <= 135


@pytest.mark.parametrize("scale", [1.7, 2.0, 3.1, 4.6])
def test_a_reduced_chip_lies_where_its_matrix_says(scale: float) -> None:
    """On slopes, whose means are what lies in the middle: one up and one down, so that rounding cancels."""
    down, across = np.indices((250, 250))
    for slope, rows in ((across, False), (down, True)):
        picture = np.stack([slope, 249 - slope, slope], 2).astype(np.uint8)
        chip = sampled(picture, np.array([[scale, 0, 11.25], [0, scale, 7.5]]), 32).astype(float)
        found = (chip[..., 0] - chip[..., 1] + 249) / 2
        places = scale * np.arange(32) + (7.5 if rows else 11.25)
        assert np.abs(found - (places[:, None] if rows else places)).max() <= 0.5


@pytest.mark.parametrize("factor", [2, 3, 4, 5, 6, 7, 10, 15])
def test_thinning_weighs_three_by_three_of_each_block(factor: int) -> None:
    picture = noise(factor * 9 + 1, factor * 8)
    total = sum(1 << doubled for _, _, doubled in taps(factor))
    assert total == (4 if factor == 2 else 16)
    expected = np.zeros((9, 8, 3), int)
    for row, column, doubled in taps(factor):
        assert 0 <= row < factor > column >= 0
        expected += picture[row::factor, column::factor][:9, :8].astype(int) << doubled
    assert np.array_equal(coloured(thinned(picture, factor)), (expected + total // 2) // total)


def test_triples_are_the_colours_without_gaps_or_at_their_row() -> None:
    picture = noise(7, 6)
    words = packed(picture, 0, 0, 6, 7) | np.uint32(0xAB000000)
    closed, apart = np.zeros(7 * 18 + 1, np.uint8), np.zeros(5 + 7 * 20, np.uint8)
    triples(words, closed)
    assert np.array_equal(closed[:-1].reshape(picture.shape), picture)
    triples(words, apart, 5, 20)
    assert np.array_equal(apart[5:].reshape(7, 20)[:, :18].reshape(picture.shape), picture)


def test_what_lies_in_the_fourth_byte_changes_no_sum() -> None:
    words = packed(noise(20, 30), 0, 0, 30, 20)
    for top in (0x00000000, 0xAB000000, 0xFF000000):
        assert np.array_equal(coloured(halved(words & np.uint32(0x00FFFFFF) | np.uint32(top))), coloured(halved(words)))


def test_cells_hold_two_by_two_pixels_row_after_row() -> None:
    picture = noise(32, 48)
    found = cells(packed(picture, 0, 0, 48, 32))
    assert found.shape == (1, 16, 24, 12)
    for row, column in ((0, 0), (15, 23), (4, 9)):
        four = picture[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert np.array_equal(found[0, row, column], four.ravel())


@pytest.mark.parametrize("factor", [1, 2, 3, 5])
def test_a_part_is_thinned_as_if_it_had_been_cut_out_first(factor: int) -> None:
    picture = noise(40, 50)
    for left, top, right, bottom in ((0, 0, 50, 40), (7, 3, 44, 33), (20, 10, 50, 40)):
        part = np.ascontiguousarray(picture[top:bottom, left:right])
        inside = thinned(picture, factor, (left, top, right, bottom))
        assert np.array_equal(coloured(inside), coloured(thinned(part, factor)))


def test_a_chip_far_outside_the_picture_is_black() -> None:
    for x, y in ((-5000.0, 0.0), (5000.0, 0.0), (0.0, -5000.0), (0.0, 5000.0)):
        assert not sampled(noise(40, 40), np.array([[1.0, 0, x], [0, 1.0, y]]), 32).any()
