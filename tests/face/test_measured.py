"""Figures on real people. The pictures are for measuring only and never shipped: set KAIMEN_FACES to their folder."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gateface import Engine
from gateface.album import Album, read_album
from gateface.evaluate import all_pairs, draw, outcomes

pytestmark = pytest.mark.shared_faces


@pytest.fixture(scope="module")
def folder() -> Path:
    named = os.environ.get("KAIMEN_FACES")
    if not named or not Path(named).is_dir():
        pytest.skip("KAIMEN_FACES names no folder of pictures; these people's pictures may not be shipped")
    return Path(named)


@pytest.fixture(scope="module")
def album(engine: Engine, folder: Path) -> Album:
    return read_album(engine, folder)


def test_nearly_every_portrait_is_found(album: Album) -> None:
    found = sum(map(len, album.people.values()))
    assert found >= 1000
    assert album.missed <= 0.002 * found


def test_single_pictures_keep_the_promised_rates(album: Album) -> None:
    pairs = all_pairs(album)
    assert pairs.accepted(1e-4)[1] >= 0.84
    assert pairs.accepted(1e-5)[1] >= 0.67


@pytest.mark.parametrize(("claimed", "least_residents", "most_strangers"), [(False, 0.94, 0.002), (True, 0.98, 0.002)])
def test_a_building_of_a_hundred_opens_to_residents_and_not_to_strangers(
    album: Album, engine: Engine, claimed: bool, least_residents: float, most_strangers: float
) -> None:
    count: Counter[str] = Counter()
    for seed in range(4):
        random = np.random.default_rng(seed)
        trial = draw(album, engine, 100, 3, random)
        assert trial.rule.closed == ()
        count.update(outcomes(trial, None, claimed, random))
    residents = sum(number for words, number in count.items() if words.startswith("resident"))
    strangers = sum(number for words, number in count.items() if words.startswith("stranger"))
    assert residents >= 400
    assert strangers >= 3000
    assert count["resident opened"] >= least_residents * residents
    assert count["resident opened as another"] == 0
    assert count["stranger opened"] <= most_strangers * strangers
