"""Enrolled people: 128 bytes a photo, one vector a person, never two models mixed."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.face.conftest import around, direction, resident

from gateface import Engine, Gallery, Person, TemplateRefused, packed, unpacked

MODEL = "resnet29-relu6-int8-1"


def refused(code: str) -> "pytest.RaisesExc[TemplateRefused]":
    return pytest.raises(TemplateRefused, check=lambda error: error.code == code)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_a_stored_template_takes_128_bytes_and_keeps_its_direction(seed: int) -> None:
    template = direction(np.random.default_rng(seed))
    stored = packed(template)
    assert len(stored) == 128
    assert unpacked(stored) @ template > 0.999


def test_a_person_is_the_unit_mean_of_the_photos() -> None:
    random = np.random.default_rng(0)
    centre = direction(random)
    photos = [around(centre, 0.95, random) for _ in range(5)]
    gallery = Gallery([resident(1, "101", *photos)], MODEL)
    mean = np.sum([unpacked(packed(photo)) for photo in photos], axis=0)
    assert np.allclose(gallery.vectors[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_search_finds_whom_a_plain_loop_finds() -> None:
    random = np.random.default_rng(1)
    people = [resident(n, str(n % 40), *(direction(random) for _ in range(1 + n % 4))) for n in range(120)]
    gallery = Gallery(people, MODEL)
    for _ in range(50):
        probe = direction(random)
        match = gallery.nearest(probe)
        by_hand = sorted(
            ((float(vector @ probe), person) for vector, person in zip(gallery.vectors, gallery.people, strict=True)),
            key=lambda pair: -pair[0],
        )
        assert match is not None
        assert match.person == by_hand[0][1].person
        assert match.score == pytest.approx(by_hand[0][0], abs=1e-6)
        other = next(score for score, person in by_hand if person.home != by_hand[0][1].home)
        assert match.other == pytest.approx(other, abs=1e-6)


def test_a_home_is_searched_alone_but_measured_against_the_rest() -> None:
    random = np.random.default_rng(2)
    anna, ben = direction(random), direction(random)
    gallery = Gallery([resident(1, "101", anna), resident(2, "102", ben)], MODEL)
    match = gallery.nearest(anna, "102")
    assert match is not None
    assert match.home == "102"
    assert match.other is not None
    assert match.other > 0.99
    assert gallery.nearest(anna, "999") is None


def test_an_empty_gallery_knows_nobody(engine: Engine) -> None:
    assert engine.match(direction(np.random.default_rng(0)), Gallery([], MODEL)) is None


def test_one_home_alone_has_no_other() -> None:
    template = direction(np.random.default_rng(0))
    match = Gallery([resident(1, "101", template), resident(2, "101", template)], MODEL).nearest(template)
    assert match is not None
    assert match.other is None


def test_templates_of_another_model_are_refused(engine: Engine) -> None:
    template = direction(np.random.default_rng(0))
    other = resident(1, "101", template, model="another-embedder-1")
    with refused("other_model"):
        Gallery([other], MODEL)
    with refused("other_model"):
        engine.match(template, Gallery([other], "another-embedder-1"))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda t: np.where(np.arange(128) == 3, np.nan, t).astype(np.float32), "not_finite"),
        (lambda t: np.where(np.arange(128) == 3, np.inf, t).astype(np.float32), "not_finite"),
        (lambda t: t * 2, "not_unit"),
        (lambda t: t * 0, "not_unit"),
        (lambda t: t[:64], "not_unit"),
        (lambda t: t[:64] / np.linalg.norm(t[:64]), "wrong_size"),
        (lambda t: t.astype(np.float64), "wrong_size"),
        (lambda t: t.reshape(1, 128), "wrong_size"),
    ],
)
def test_a_broken_template_is_refused_and_matches_nobody(engine: Engine, spoil: object, code: str) -> None:
    assert callable(spoil)
    template = direction(np.random.default_rng(0))
    gallery = Gallery([resident(1, "101", template)], MODEL)
    with refused(code):
        engine.match(spoil(template), gallery)


def test_people_that_cannot_be_stored_are_refused() -> None:
    stored = packed(direction(np.random.default_rng(0)))
    for person, photos, code in (
        (b"short", (stored,), "wrong_person"),
        (bytes(16), (), "empty"),
        (bytes(16), (stored, stored[:64]), "wrong_size"),
    ):
        with refused(code):
            Person(person, "101", photos, MODEL)
    with refused("not_finite"):
        Gallery([Person(bytes(16), "101", (bytes(128),), MODEL)], MODEL)
    with refused("twice"):
        Gallery([Person(bytes(16), home, (stored,), MODEL) for home in ("101", "102")], MODEL)
    with refused("wrong_size"):
        Gallery([Person(bytes([n]) * 16, "1", (stored[: 128 - 64 * n],), MODEL) for n in range(2)], MODEL)


def test_a_hundred_thousand_people_are_searched_and_the_right_one_found() -> None:
    random = np.random.default_rng(3)
    photos = random.integers(-90, 91, (100_000, 2, 128), dtype=np.int8)
    people = [
        Person(n.to_bytes(16, "big"), f"{n // 3:06}", (photo[0].tobytes(), photo[1].tobytes()), MODEL)
        for n, photo in enumerate(photos)
    ]
    tracemalloc.start()
    gallery = Gallery(people, MODEL)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 90e6, "51 MB of vectors, and the names of homes"
    assert most < kept + 40e6, "opened in batches"
    for wanted in (0, 54_321, 99_999):
        match = gallery.nearest(gallery.vectors[wanted].copy())
        assert match is not None
        assert match.person == wanted.to_bytes(16, "big")


def test_a_person_learns_once_a_day_ten_at_most_and_keeps_the_desk_photos() -> None:
    random = np.random.default_rng(4)
    person = resident(1, "101", *(direction(random) for _ in range(3)))
    desk = person.photos
    assert (
        person.having_learned(packed(direction(random)), 5).having_learned(packed(direction(random)), 5).learned_day
        == 5
    )
    for day in range(20):
        before = person
        person = person.having_learned(packed(direction(random)), day)
        assert person.having_learned(packed(direction(random)), day) is person
        assert person.learned[:-1] == before.learned[-9:]
    assert len(person.learned) == 10
    assert person.photos == desk
    with refused("wrong_size"):
        person.having_learned(packed(direction(random))[:64], 99)
    with refused("not_finite"):
        person.having_learned(bytes(128), 99)
