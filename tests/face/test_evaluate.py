"""The measuring itself: it must count what it says it counts."""

import numpy as np
import pytest
from tests.bench.boards import BOARDS, Board, quantile
from tests.bench.facepeople import by_chance, tallied
from tests.face.conftest import around, direction
from tests.face.test_visit import Vector, seen

from gateface import Engine
from gateface.album import Album
from gateface.evaluate import Pairs, all_pairs, draw, outcomes, reached_by, visited
from gateface.openset import Setting, margins, scores, templates


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


def test_shares_of_many_scores_are_placed_to_the_single_score() -> None:
    """np.quantile reckons the place in float32, whose whole numbers end at 16.7 million."""
    many = np.arange(40_000_000, dtype=np.float32)  # even numbers only, from 16.7 million on
    pairs = Pairs(np.array([0.0, 4e7], np.float32), many)
    for share in (1e-2, 1e-4, 1e-6):
        threshold, accepted = pairs.accepted(share)
        assert int((many > threshold).sum()) == pytest.approx(share * many.size, abs=4)
        assert accepted == 0.5
    few = np.sort(np.random.default_rng(0).normal(size=999).astype(np.float64))
    assert reached_by(few, 0.01) == pytest.approx(float(np.quantile(few, 0.99)))
    assert reached_by(few[:1], 0.01) == few[0]


def test_all_pairs_are_those_of_the_definition() -> None:
    album = made_album(7, 3, 0.9)
    album.people["alone"] = album.people["p0"][:1]
    every = [(name, face.template) for name, faces in album.people.items() for face in faces]
    pairs = all_pairs(album)
    for same, found in ((True, pairs.genuine), (False, pairs.impostor)):
        told = [
            float(a @ b) for at, (one, a) in enumerate(every) for other, b in every[at + 1 :] if (one == other) == same
        ]
        assert found == pytest.approx(sorted(told), abs=1e-6)


def test_clear_residents_open_and_strangers_do_not(engine: Engine) -> None:
    random = np.random.default_rng(0)
    trial = draw(made_album(40, 6, 0.999), engine, 20, 3, random)
    words = list(outcomes(trial, None, False, random))
    assert words.count("resident opened") == 20
    assert words.count("stranger asked") == 20
    assert not set(trial.residents) & set(trial.strangers)


def test_visits_of_people_with_few_pictures_left_count_too(engine: Engine) -> None:
    random = np.random.default_rng(0)
    album = made_album(40, 6, 0.999)
    assert not draw(album, engine, 20, 5, random).residents, "five photos and three frames are eight pictures"
    trial = draw(album, engine, 20, 5, random, left=1)
    assert {len(faces) for faces in trial.residents.values()} == {1}
    told = list(visited(trial, False, random))
    residents, strangers = tallied(told, None)
    assert (residents.visits, residents.opened, strangers.visits, strangers.opened) == (20, 20, 20, 0)
    assert tallied(told * 3, {"p1", "p2"})[0].people <= {"p1", "p2"}
    assert len(tallied(told * 3, None)[0].people) == 20, "visits of one person are one person's"


def test_a_promise_is_broken_from_more_strangers_on_than_chance_lets_in() -> None:
    assert (by_chance(1000, 0.001), by_chance(50, 0.01), by_chance(0, 0.01)) == (3, 2, 0)
    assert by_chance(1000, 0.01) == 17


def test_scores_tell_of_how_many_people_they_are() -> None:
    people = templates(made_album(40, 6, 0.999))
    found = scores(people, Setting(20, 3, 2), 3, {"p1", "p2", "p3"})
    assert found.people + found.tried <= 2 * 3
    assert len(found.genuine) + len(found.strangers) > found.people + found.tried


def test_boards_are_computed_from_networks_distance_and_the_rest() -> None:
    pi4 = next(board for board in BOARDS if board.name.endswith("4"))
    assert 80 < pi4.work_ms(0) < 95, "542 int8 and 40 float million multiplications on one core"
    assert pi4.opened_ms(3, 2.0) == pytest.approx(pi4.opened_ms(1, 2.0) + 800)
    slow = Board("slow", 1_000, 1)
    assert slow.opened_ms(2, 0) == pytest.approx(slow.opened_ms(1, 0) + slow.work_ms(0)), "slower than the distance"
    assert [quantile({1: 10, 2: 20, 3: 30}, {1: 6, 2: 3, 3: 1}, at) for at in (0.5, 0.6, 0.9, 0.95)] == [10, 10, 20, 30]


def by_definition(gallery: list[Vector], probe: Vector) -> tuple[int, float]:
    """Who is best, and s1 + 0.5 (s1 - s2) with s2 the best of another home; four people to a home."""
    cosines = [float(one.astype(np.float64) @ probe) for one in gallery]
    best = max(range(len(cosines)), key=cosines.__getitem__)
    second = max(score for at, score in enumerate(cosines) if at // 4 != best // 4)
    return best, cosines[best] + 0.5 * (cosines[best] - second)


def test_open_set_scores_are_those_of_the_rule_s_text() -> None:
    random = np.random.default_rng(3)
    common = direction(random)
    gallery = [around(common, 0.9, random) for _ in range(10)]
    gallery[1] = around(gallery[0], 0.99, random)  # of one home: takes no lead
    gallery[6] = around(gallery[2], 0.99, random)  # of two homes: does
    probes = [around(one, 0.97, random) for one in gallery * 5]
    best, score, cosine = margins(np.stack(gallery), np.stack(probes))
    for at, probe in enumerate(probes):
        assert (int(best[at]), pytest.approx(float(score[at]), abs=1e-5)) == by_definition(gallery, probe)
        assert cosine[at] == pytest.approx(max(float(one @ probe) for one in gallery), abs=1e-6)


def test_a_resident_found_as_another_is_not_found() -> None:
    """Whoever shows the face of another resident must not count as opened."""
    album = made_album(20, 6, 0.999)
    own = list(album.people)
    for one, other in zip(own[::2], own[1::2], strict=True):  # enrolled as they are, seen as the next one
        album.people[one] = album.people[one][:3] + album.people[other][:3]
    found = scores(
        {name: np.stack([f.template for f in faces]) for name, faces in album.people.items()}, Setting(20, 3, 1), 8
    )
    assert (found.genuine == -1).mean() > 0.05
    assert found.opened(0.0) is None
    assert (len(found.strangers), found.tried) == (0, 0), "who is enrolled is no stranger"
