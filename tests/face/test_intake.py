"""Chips in the order a network reads them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateface import ModelRefused
from gateface.embed import Embedder
from gateface.intake import input_shape, intake, pairs
from gateface.manifest import read_manifest
from gateface.pixels import packed
from gateface.runtime import Network, tiles

Picture = NDArray[np.uint8]
MODEL = read_manifest().embedder


def noise(seed: int, side: int = 150) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_a_pair_holds_two_rows_of_nine_pixels_less_128() -> None:
    chips = [noise(0), noise(1)]
    found = pairs([packed(chip, 0, 0, 150, 150) for chip in chips])
    assert found.shape == input_shape(MODEL) == (2, 75, 36, 64)
    for chip, cells in zip(chips, found, strict=True):
        for row in range(75):
            for pair in (0, 1, 17, 34, 35):
                window = cells[row, pair].astype(int).reshape(2, 32)[:, :27].reshape(2, 9, 3) + 128
                assert np.array_equal(window, chip[2 * row : 2 * row + 2, 4 * pair : 4 * pair + 9])


def test_the_stem_for_tiles_gives_the_same_to_the_bit() -> None:
    """And so the same templates, whatever processor a door has."""
    plain, tiled = (MODEL.beginning(tiles) for tiles in (False, True))
    assert plain is not None
    assert tiled is not None
    assert plain != tiled
    for seed in range(3):
        values = pairs([packed(noise(seed + at), 0, 0, 150, 150) for at in (0, 10)])
        one, other = (Network(content).run(values)[0] for content in (plain, tiled))
        assert one.dtype == np.int8
        assert np.array_equal(one, other)
        assert np.ptp(one[0].astype(int) - one[1]) > 0, "two chips, two answers"


def test_tiles_are_used_where_the_processor_says_it_has_them(tmp_path: Path) -> None:
    flags = tmp_path / "cpuinfo"
    flags.write_text("model name : a door\nflags\t\t: fpu sse2 amx_bf16 avx512f amx_tile amx_int8\n", encoding="ascii")
    assert tiles(flags)
    for without in ("flags\t\t: fpu sse2 avx512f\n", "Features\t: fp asimd\n", ""):
        flags.write_text(without, encoding="ascii")
        assert not tiles(flags)
    assert not tiles(tmp_path / "nowhere")


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


def test_what_is_beside_a_chip_does_not_change_its_vector() -> None:
    """Two chips go through at once; neither may lend the other anything."""
    words = [packed(noise(seed), 0, 0, 150, 150) for seed in (4, 5, 6)]
    embedder = Embedder(MODEL)
    first, second = embedder._vectors(words[:2])
    assert np.array_equal(embedder._vectors([words[0], words[2]])[0], first)
    assert np.array_equal(embedder._vectors([words[1], words[0]]), [second, first])


def test_a_model_of_pairs_without_mirror_images_is_refused() -> None:
    with pytest.raises(ModelRefused) as caught:
        Embedder(replace(MODEL, mirror=False))
    assert caught.value.code == "model_mismatch"
