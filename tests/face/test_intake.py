"""Chips in the order a network reads them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateface import Engine
from gateface.embed import Embedder
from gateface.intake import input_shape, intake, strips
from gateface.manifest import read_manifest
from gateface.pixels import packed

Picture = NDArray[np.uint8]
MODEL = read_manifest().embedder


def noise(seed: int, side: int = 150) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_a_strip_holds_two_rows_of_eight_pixels_less_128() -> None:
    chips = [noise(0), noise(1)]
    found = strips(np.stack([packed(chip, 0, 0, 150, 150) for chip in chips]))
    assert found.shape == (2, *input_shape(MODEL)[1:]) == (2, 75, 72, 64)
    for chip, cells in zip(chips, found, strict=True):
        for row, column in ((0, 0), (0, 71), (40, 33), (74, 71)):
            window = cells[row, column].astype(int).reshape(2, 8, 4)[..., :3] + 128
            assert np.array_equal(window, chip[2 * row : 2 * row + 2, 2 * column : 2 * column + 8])


def test_what_lies_in_the_fourth_byte_changes_no_template() -> None:
    embedder = Embedder(MODEL)
    chip = packed(noise(2), 0, 0, 150, 150) & np.uint32(0x00FFFFFF)
    assert np.array_equal(embedder.template(chip), embedder.template(chip | np.uint32(0xAB000000)))


def test_pictures_floats_and_blue_first_are_given_as_the_manifest_says() -> None:
    chip = noise(3, 40)
    words = [packed(chip, 0, 0, 40, 40)]
    plain = replace(MODEL, side=40, input="uint8")
    assert np.array_equal(intake(plain, words)[0], chip)
    assert np.array_equal(intake(replace(plain, bgr=True), words)[0], chip[..., ::-1])
    floats = intake(replace(plain, input="float32", mean=127.5, scale=1 / 128), words)
    assert floats.dtype == np.float32
    assert np.allclose(floats[0], (chip.astype(float) - 127.5) / 128, atol=1e-6)


def test_two_chips_at_once_give_what_they_give_one_by_one(engine: Engine) -> None:
    words = [packed(noise(seed), 0, 0, 150, 150) for seed in (4, 5)]
    single = Embedder(replace(MODEL, mirror=False))
    (first, second) = (single.template(chip) for chip in words)
    vectors = Embedder(MODEL)._vectors(words)
    for one, vector in ((first, vectors[0]), (second, vectors[1])):
        assert np.array_equal(one, vector / np.linalg.norm(vector))
