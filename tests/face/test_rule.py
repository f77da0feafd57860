"""Thresholds are never below what was measured, and a gallery that cannot keep the promise is not searched freely."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.face.conftest import around, direction, resident

from gateface import Closed, Gallery, Match, Person, TemplateRefused, packed, rule_for
from gateface.manifest import Floors, Model, read_manifest
from gateface.rule import margin_score, reasons_to_close
from gateface.selfcheck import Tail, look_alikes, stranger_tail

EMBEDDER = read_manifest().embedder


def floors() -> Floors:
    assert EMBEDDER.floors is not None
    return EMBEDDER.floors


def estate(size: int, photos: int = 3, likeness: float = 0.6, spread: float = 0.975, seed: int = 0) -> Gallery:
    """People around one common direction, as faces are; `likeness` between people, `spread` within a person."""
    random = np.random.default_rng(seed)
    common = direction(random)
    people = []
    for number in range(size):
        centre = around(common, likeness**0.5, random)
        people.append(
            resident(number, f"{number // 2:04}", *(around(centre, spread**0.5, random) for _ in range(photos)))
        )
    return Gallery(people, EMBEDDER.id)


def match(score: float, other: float | None, photos: int = 5) -> Match:
    return Match(bytes(16), "101", score, other, photos)


def test_the_score_is_the_cosine_plus_half_the_lead_over_the_next_home() -> None:
    assert margin_score(match(0.96, 0.92), 30, 1, floors()) == pytest.approx(0.98)


def test_a_twin_next_door_costs_the_lead() -> None:
    assert margin_score(match(0.96, 0.97), 30, 1, floors()) == pytest.approx(0.955)


def test_an_almost_empty_house_gives_no_easy_lead() -> None:
    for others in range(8):
        for other in (None, -1.0, 0.2, 0.9):
            for frames, crowd in ((1, 0.957), (2, 0.967), (3, 0.972)):
                found = margin_score(match(0.97, other), others, frames, floors())
                assert found == pytest.approx(0.97 + 0.5 * (0.97 - crowd))
    assert margin_score(match(0.97, 0.9), 8, 1, floors()) > margin_score(match(0.97, 0.9), 7, 1, floors())


def test_the_number_of_frames_is_one_less_than_the_photos_and_three_at_most() -> None:
    rule = rule_for(EMBEDDER, estate(10))
    assert [rule.most_frames(match(1, 0, photos)) for photos in (1, 2, 3, 4, 5, 13)] == [1, 1, 2, 3, 3, 3]


def test_trying_several_numbers_of_frames_costs_a_thousandth() -> None:
    rule = rule_for(EMBEDDER, estate(10))
    assert rule.threshold(match(1, 0, 2), 1, claimed=False) == pytest.approx(0.980)
    assert rule.threshold(match(1, 0, 3), 1, claimed=False) == pytest.approx(0.981)
    assert rule.threshold(match(1, 0, 5), 3, claimed=True) == pytest.approx(0.981)


@settings(max_examples=300)
@given(st.integers(1, 3), st.booleans(), st.floats(0.8, 1.0), st.floats(-0.01, 0.01), st.integers(2, 13))
def test_a_match_opens_exactly_from_its_threshold_on(
    frames: int, claimed: bool, other: float, beyond: float, photos: int
) -> None:
    rule = rule_for(EMBEDDER, estate(10))
    level = ((0.970, 0.976, 0.980) if claimed else (0.980, 0.983, 0.986))[frames - 1]
    wanted = level + (0.001 if photos > 2 else 0) + beyond
    found = match((wanted + 0.5 * other) / 1.5, other, photos)
    allowed = frames <= max(1, min(3, photos - 1))
    if abs(beyond) > 1e-9:
        assert rule.accepts(found, 30, frames, claimed) == (allowed and beyond > 0)


@pytest.mark.parametrize("frames", [-1, 0, 3, 4, 100])
def test_more_frames_than_allowed_never_open(frames: int) -> None:
    assert not rule_for(EMBEDDER, estate(10)).accepts(match(1.0, -1.0, photos=3), 30, frames, claimed=False)


def test_no_rule_can_be_made_below_a_floor() -> None:
    rule = rule_for(EMBEDDER, estate(10))
    for frames in range(3):
        for way in ("search", "home"):
            lowered = list(getattr(rule, way))
            lowered[frames] -= 1e-6
            with pytest.raises(ValueError, match="below its measured floor"):
                replace(rule, **{way: tuple(lowered)})
    for broken in ((0.99,), (float("nan"), 0.99, 0.99), ()):
        with pytest.raises(ValueError, match="floor"):
            replace(rule, search=broken)
    with pytest.raises(ValueError, match="400 ms"):
        replace(rule, gap_ms=399)


def test_a_raised_threshold_is_kept() -> None:
    rule = replace(rule_for(EMBEDDER, estate(10)), search=(0.999, 0.999, 0.999))
    assert not rule.accepts(match(0.99, 0.98), 30, 1, claimed=False)


def test_an_embedder_without_measured_floors_opens_nothing() -> None:
    stranger: Model = replace(EMBEDDER, id="unmeasured-1", floors=None)
    photo = packed(direction(np.random.default_rng(0)))
    gallery = Gallery([Person(bytes(16), "101", (photo,) * 5, "unmeasured-1")], "unmeasured-1")
    rule = rule_for(stranger, gallery)
    assert rule.closed == (Closed.NO_FLOORS,)
    assert not any(
        rule.accepts(match(1.0, -1.0), 30, frames, claimed) for frames in (1, 2, 3) for claimed in (True, False)
    )
    with pytest.raises(TemplateRefused):
        replace(rule, closed=())


def test_a_gallery_of_another_model_gets_no_rule() -> None:
    with pytest.raises(TemplateRefused):
        rule_for(replace(EMBEDDER, id="another-1"), estate(3))


def test_few_photos_close_free_search() -> None:
    good = list(estate(100).people)
    thin = [replace(person, photos=person.photos[:2]) for person in good[:6]]
    assert Closed.FEW_PHOTOS not in rule_for(EMBEDDER, Gallery(thin[:5] + good[5:], EMBEDDER.id)).closed
    assert Closed.FEW_PHOTOS in rule_for(EMBEDDER, Gallery(thin + good[6:], EMBEDDER.id)).closed


def test_more_than_three_hundred_people_close_free_search() -> None:
    assert Closed.TOO_MANY_PEOPLE not in rule_for(EMBEDDER, estate(300)).closed
    assert Closed.TOO_MANY_PEOPLE in rule_for(EMBEDDER, estate(301)).closed


def test_residents_who_look_alike_close_free_search_and_raise_the_thresholds() -> None:
    rule = rule_for(EMBEDDER, estate(60, likeness=0.99, spread=0.995))
    assert Closed.TOO_ALIKE in rule.closed
    assert all(ours > floor for ours, floor in zip(rule.search[:2], floors().search, strict=False))
    assert rule_for(EMBEDDER, estate(60, likeness=0.6)).closed == ()


def test_the_estimate_that_closes_free_search_is_taken_at_the_floors_themselves() -> None:
    """Not at the thousandth above them, which pays for trying several numbers of frames."""
    for reached, closes in ((0.9795, False), (0.9805, True)):
        scale = (reached - 0.95) * 0.1 / (1 - (0.003 / 0.2) ** 0.1)
        tail = Tail(0.95, scale)
        assert tail.threshold(0.003) == pytest.approx(reached)
        reasons = reasons_to_close(estate(40), floors(), [tail, None, None], 0.001)
        assert (Closed.TOO_ALIKE in reasons) is closes


def test_photos_that_do_not_find_their_own_people_close_free_search() -> None:
    assert Closed.HARD_TO_RECOGNISE in rule_for(EMBEDDER, estate(40, likeness=0.6, spread=0.75)).closed
    hard = estate(40, spread=0.75).people
    taught = [person.having_learned(packed(direction(np.random.default_rng(n))), 1) for n, person in enumerate(hard)]
    assert Closed.HARD_TO_RECOGNISE not in rule_for(EMBEDDER, Gallery(taught, EMBEDDER.id)).closed
    first = [taught[0], *hard[1:]]
    assert Closed.HARD_TO_RECOGNISE in rule_for(EMBEDDER, Gallery(first, EMBEDDER.id)).closed, "one learned of 40"


def test_twins_in_two_homes_are_home_only_and_in_one_home_are_not() -> None:
    random = np.random.default_rng(0)
    twin = direction(random)
    people = [
        resident(1, "101", twin),
        resident(2, "102", around(twin, 0.99, random)),
        resident(3, "103", direction(random)),
    ]
    assert rule_for(EMBEDDER, Gallery(people, EMBEDDER.id)).home_only == {people[0].person, people[1].person}
    family = [people[0], replace(people[1], home="101"), people[2]]
    assert look_alikes(Gallery(family, EMBEDDER.id), 0.975) == frozenset()


@settings(max_examples=60)
@given(st.floats(0.8, 0.98), st.floats(1e-4, 0.02), st.floats(1e-5, 0.19))
def test_a_tail_names_the_share_its_own_threshold_lets_through(start: float, scale: float, share: float) -> None:
    tail = Tail(start, scale)
    assert tail.share_above(tail.threshold(share)) == pytest.approx(share, rel=1e-3)
    assert tail.threshold(share) >= tail.threshold(min(0.2, share * 1.5))


def test_the_tail_predicts_fresh_strangers_of_the_same_look_within_a_factor_of_three() -> None:
    gallery = estate(120, likeness=0.8, spread=0.9)
    tail = stranger_tail(gallery, 1, 0.5)
    assert tail is not None
    threshold = tail.threshold(0.01)
    everybody = estate(1620, likeness=0.8, spread=0.9)  # the same draw continued: the first 120 are the residents
    fresh = [scores(gallery, person) for person in everybody.people[120:]]
    share = float((np.concatenate(fresh) >= threshold).mean())
    assert 0.01 / 3 <= share <= 0.03


def scores(gallery: Gallery, person: Person) -> NDArray[np.float64]:
    """Each photo's margin score, people of one gallery homes of two."""
    found = []
    for photo in person.photos:
        nearest = gallery.nearest(
            np.frombuffer(photo, np.int8).astype(np.float32)
            / float(np.linalg.norm(np.frombuffer(photo, np.int8).astype(np.float32)))
        )
        assert nearest is not None
        assert nearest.other is not None
        found.append(nearest.score + 0.5 * (nearest.score - nearest.other))
    return np.array(found)


def test_a_small_gallery_is_not_judged_by_its_own_few_faces() -> None:
    assert rule_for(EMBEDDER, estate(29, likeness=0.97)).search == floors().search
    assert stranger_tail(Gallery([], EMBEDDER.id), 1, 0.5) is None
