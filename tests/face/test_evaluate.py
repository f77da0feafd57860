"""The measuring itself: it must count what it says it counts."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.face.conftest import around, direction
from tests.face.test_visit import seen

from gateface import Engine
from gateface.evaluate import Album, all_pairs, draw, outcomes, read_album


def made_album(people: int, pictures: int, spread: float) -> Album:
    """Invented vectors, not people: `spread` is the cosine of a picture to its person."""
    random = np.random.default_rng(0)
    common = direction(random)
    album = Album()
    for number in range(people):
        centre = around(common, 0.9, random)
        album.people[f"p{number}"] = [seen(around(centre, spread, random)) for _ in range(pictures)]
    return album


def test_pairs_that_never_meet_are_all_accepted_and_equal_ones_by_chance() -> None:
    assert all_pairs(made_album(30, 4, 0.999)).accepted(1e-3)[1] == 1.0
    alike = made_album(30, 4, 0.1)
    assert all_pairs(alike).accepted(0.1)[1] < 0.3


def test_pairs_are_counted_once() -> None:
    pairs = all_pairs(made_album(5, 4, 0.9))
    assert (len(pairs.genuine), len(pairs.impostor)) == (5 * 6, 10 * 16)
    assert len(all_pairs(made_album(5, 4, 0.9), {"p1", "p2"}).impostor) == 16


def test_clear_residents_open_and_strangers_do_not(engine: Engine) -> None:
    random = np.random.default_rng(0)
    trial = draw(made_album(40, 6, 0.999), engine, 20, 3, random)
    words = list(outcomes(trial, None, False, random))
    assert words.count("resident opened") == 20
    assert words.count("stranger asked") == 20
    assert not set(trial.residents) & set(trial.strangers)


def test_a_folder_is_read_by_person_and_pictures_without_a_face_are_counted(
    engine: Engine, portrait: NDArray[np.uint8], tmp_path: Path
) -> None:
    for name in ("Eileen_Collins/a.png", "_strangers/Somebody_Else_0001.png", "Nobody/empty.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture = np.zeros((64, 64, 3), np.uint8) if "Nobody" in name else portrait
        Image.fromarray(picture).save(tmp_path / name)
    (tmp_path / "Nobody" / "broken.jpg").write_bytes(b"not a picture")
    album = read_album(engine, tmp_path)
    assert sorted(album.people) == ["Eileen_Collins", "Somebody_Else"]
    assert album.missed == 2
