"""The ring of learned frames: only what a second factor confirmed, and never instead of the desk's photos."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.face.conftest import around, direction
from tests.face.test_visit import GALLERY, HERE, RULE, THERE, WEAK, of, seen, shown, visit

from gateface import Defect, Gallery, Opened, Way, packed, unpacked
from gateface.gallery import LEARNED

THREE = GALLERY.people[3].person


def test_a_clear_frame_confirmed_by_the_home_number_is_learned() -> None:
    door = visit()
    (verdict,) = shown(door, [of(3)], home="001")
    assert isinstance(verdict, Opened)
    assert verdict.way is Way.HOME
    assert door.learnable(THREE, 100) == packed(of(3))


def test_a_card_confirms_the_face_that_stands_there() -> None:
    door = visit()
    shown(door, [of(3)])
    assert door.learnable(THREE, 100) == packed(of(3))
    assert door.learnable(GALLERY.people[8].person, 100) is None, "the card of somebody else"
    assert door.learnable(GALLERY.people[2].person, 100) is None, "the card of somebody of the same home"


def test_what_opens_with_the_home_number_only_is_not_learned() -> None:
    door = visit()
    (verdict,) = shown(door, [of(3, WEAK, 1)], home="001")
    assert isinstance(verdict, Opened)
    assert door.learnable(THREE, 100) is None


def test_nothing_is_learned_from_nobody_or_from_who_has_gone() -> None:
    door = visit()
    assert door.learnable(THREE, 0) is None
    shown(door, [of(3)])
    assert door.learnable(THREE, 701) is None


def test_nothing_is_learned_while_two_people_stand_there() -> None:
    door = visit()
    shown(door, [of(3)])
    door.see([seen(of(3)), seen(of(4), THERE)], 200)
    assert door.learnable(THREE, 200) is None


def test_nothing_is_learned_from_a_poor_picture() -> None:
    door = visit()
    door.see([seen(of(3), HERE, 50, Defect.DARK)], 0)
    assert door.learnable(THREE, 0) is None


def test_nothing_is_learned_for_who_has_a_look_alike() -> None:
    door = visit(replace(RULE, home_only=frozenset({THREE})))
    assert isinstance(shown(door, [of(3)], home="001")[0], Opened)
    assert door.learnable(THREE, 100) is None


def test_what_was_learned_helps_the_next_time() -> None:
    """A new look at 0.93 of the photos' mean: learned ten times it lies at the middle of the person's template."""
    random = np.random.default_rng(1)
    person = GALLERY.people[3]
    new_look = around(GALLERY.vectors[3], 0.93, random)
    before = GALLERY.nearest(new_look)
    for day in range(10):
        person = person.having_learned(packed(around(new_look, 0.99, random)), day)
    others = [other for other in GALLERY.people if other.person != person.person]
    after = Gallery([*others, person], GALLERY.model).nearest(new_look)
    assert before is not None
    assert after is not None
    assert after.person == person.person
    assert after.score > before.score + 0.03


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1000)), max_size=40))
def test_no_order_of_days_touches_the_photos_or_lets_more_than_ten_in(days: list[tuple[int, int]]) -> None:
    person = GALLERY.people[0]
    last, count = -1, 0
    for day, seed in days:
        stored = packed(direction(np.random.default_rng(seed)))
        person = person.having_learned(stored, day)
        if day > last:
            last, count = day, count + 1
            assert person.learned[-1] == stored
        assert person.photos == GALLERY.people[0].photos
        assert len(person.learned) == min(count, LEARNED)
        assert person.learned_day == last


@pytest.mark.parametrize("frames", [2, 3])
def test_of_several_frames_the_last_that_counted_is_learned(frames: int) -> None:
    door = visit()
    weak = [of(3, WEAK, seed) for seed in range(frames)]
    verdicts = shown(door, weak)
    opened = next(at for at, verdict in enumerate(verdicts) if isinstance(verdict, Opened))
    learned = door.learnable(THREE, 500 * (frames - 1))
    assert learned is not None
    assert unpacked(learned) @ weak[opened] > 0.999
