"""From frames to one decision: the laws of gateface.visit, each tried to be broken."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.face.conftest import around, direction, resident

from gateface import (
    AskHome,
    Attempts,
    Closed,
    Defect,
    Face,
    Found,
    Gallery,
    Hint,
    Opened,
    Quality,
    Refusal,
    Refused,
    Rule,
    TemplateRefused,
    Verdict,
    Visit,
    Waiting,
    Way,
    rule_for,
    unpacked,
)
from gateface.manifest import read_manifest

EMBEDDER = read_manifest().embedder
Vector = NDArray[np.float32]
HERE = (100.0, 100.0, 200.0, 200.0)
THERE = (400.0, 100.0, 500.0, 200.0)


def people(size: int = 12, photos: int = 5, seed: int = 0) -> Gallery:
    """Two people a home; everybody about 0.9 from everybody, as the real embedder has it."""
    random = np.random.default_rng(seed)
    common = direction(random)
    return Gallery(
        [
            resident(n, f"{n // 2:03}", *(around(one, 0.995, random) for _ in range(photos)))
            for n, one in enumerate(around(common, 0.95, random) for _ in range(size))
        ],
        EMBEDDER.id,
    )


GALLERY = people()
RULE = rule_for(EMBEDDER, GALLERY)


def seen(template: Vector, box: tuple[float, float, float, float] = HERE, eyes: float = 50, *defects: Defect) -> Face:
    return Face(box, np.zeros((6, 2), np.float32), 0.9, Quality(eyes, 0, 0.5, 5, 120, defects), template)


def bare(face: Face) -> Found:
    return Found(face.box, face.landmarks, face.score, face.quality)


def of(number: int, cosine: float = 1.0, seed: int = 0) -> Vector:
    """A frame of resident `number` at this cosine from the enrolled vector; what differs is like nobody enrolled.

    Even and odd seeds differ in opposite ways: each alone is poor, their mean is the resident.
    """
    mine, noise = GALLERY.vectors[number], np.random.default_rng(seed // 2).normal(size=128).astype(np.float32)
    noise -= GALLERY.vectors.T @ np.linalg.lstsq(GALLERY.vectors.T, noise)[0]
    noise *= (-1) ** seed / np.linalg.norm(noise)
    frame: Vector = (cosine * mine + np.sqrt(1 - cosine**2) * noise).astype(np.float32)
    return frame


# free search needs 0.981 of one frame and a claimed home 0.971; a frame at this cosine scores about 0.975
WEAK = 0.93


def visit(rule: Rule = RULE, gallery: Gallery = GALLERY, attempts: Attempts | None = None) -> Visit:
    return Visit(rule, gallery, attempts or Attempts())


def shown(door: Visit, templates: Sequence[Vector], start: int = 0, home: str | None = None) -> list[Verdict]:
    """One face, a frame each 500 ms; the home is typed with the first."""
    return [door.see([seen(one)], start + at * 500, home if at == 0 else None) for at, one in enumerate(templates)]


def test_a_clear_resident_opens_on_the_first_frame() -> None:
    (verdict,) = shown(visit(), [of(3)])
    assert isinstance(verdict, Opened)
    assert (verdict.person, verdict.home, verdict.frames, verdict.way) == (
        GALLERY.people[3].person,
        "001",
        1,
        Way.SEARCH,
    )
    assert verdict.score >= 0.981


def test_a_poorer_face_opens_by_more_frames_with_their_own_threshold() -> None:
    verdicts = shown(visit(), [of(3, WEAK, seed) for seed in range(3)])
    assert verdicts[0] == Waiting(Hint.MOVE_A_LITTLE)
    opened = next(verdict for verdict in verdicts if isinstance(verdict, Opened))
    assert opened.frames > 1
    assert opened.score >= RULE.search[opened.frames - 1] + 0.001


def test_a_stranger_is_asked_for_the_home_after_three_frames() -> None:
    random = np.random.default_rng(5)
    stranger = around(GALLERY.vectors.mean(0) / np.linalg.norm(GALLERY.vectors.mean(0)), 0.95, random)
    verdicts = shown(visit(), [around(stranger, 0.99, random) for _ in range(5)])
    assert verdicts[:2] == [Waiting(Hint.MOVE_A_LITTLE)] * 2
    assert verdicts[2:] == [AskHome(Closed.NOT_SURE)] * 3


def test_frames_closer_than_400_ms_count_once() -> None:
    door = visit()
    weak = [of(3, WEAK, seed) for seed in range(3)]
    for now in range(0, 400, 40):
        verdict = door.see([seen(weak[now // 40 % 3])], now)
        assert verdict == Waiting(Hint.MOVE_A_LITTLE)
    assert isinstance(door.see([seen(weak[1])], 400), Opened)


def test_time_that_runs_backwards_counts_nothing() -> None:
    door = visit()
    door.see([seen(of(3, WEAK, 0))], 10_000)
    for now in (9_000, 5_000, 0):
        assert isinstance(door.see([seen(of(3, WEAK, 1))], now), Waiting)


def test_nothing_counts_while_two_people_are_in_view() -> None:
    door = visit()
    for now in range(0, 5000, 500):
        assert door.see([seen(of(3)), seen(of(4), THERE)], now) == Waiting(Hint.ONE_AT_A_TIME)
    assert isinstance(door.see([seen(of(3))], 5000), Opened)


def test_somebody_far_behind_does_not_stop_the_resident() -> None:
    assert isinstance(visit().see([seen(of(3)), seen(of(4), THERE, 20)], 0), Opened)


@pytest.mark.parametrize(
    ("defect", "hint"),
    [
        (Defect.TOO_SMALL, Hint.COME_CLOSER),
        (Defect.TURNED, Hint.LOOK_HERE),
        (Defect.DARK, Hint.TOO_DARK),
        (Defect.BRIGHT, Hint.TOO_BRIGHT),
        (Defect.BLURRED, Hint.KEEP_STILL),
        (Defect.COVERED, Hint.UNCOVER),
        (Defect.CUT_OFF, Hint.STEP_INTO_VIEW),
    ],
)
def test_a_poor_picture_never_opens_and_says_what_to_do(defect: Defect, hint: Hint) -> None:
    door = visit()
    for now in range(0, 5000, 500):
        assert door.see([seen(of(3), HERE, 50, defect)], now, "001") == Waiting(hint)


def test_every_defect_has_a_hint() -> None:
    from gateface.verdict import HINTS

    assert set(HINTS) == set(Defect)


def test_an_opening_is_given_once_while_the_face_stays() -> None:
    door = visit()
    verdicts = shown(door, [of(3)] * 20)
    assert [isinstance(verdict, Opened) for verdict in verdicts].count(True) == 1
    assert verdicts[1:] == [Waiting(Hint.DONE)] * 19


def test_who_leaves_and_returns_is_a_new_visitor() -> None:
    door = visit()
    assert isinstance(door.see([seen(of(3))], 0), Opened)
    assert door.see([], 500) == Waiting(Hint.NOBODY)
    assert isinstance(door.see([seen(of(3))], 1200), Opened)


def test_frames_of_two_people_are_never_added_up() -> None:
    weak = [of(3, WEAK, seed) for seed in range(2)]
    gone = visit()
    gone.see([seen(weak[0])], 0)
    assert gone.see([seen(weak[1])], 1000) == Waiting(Hint.MOVE_A_LITTLE), "out of sight for a second"
    moved = visit()
    moved.see([seen(weak[0])], 0)
    assert moved.see([seen(weak[1], THERE)], 500) == Waiting(Hint.MOVE_A_LITTLE), "at another place"
    same = visit()
    same.see([seen(weak[0])], 0)
    assert isinstance(same.see([seen(weak[1])], 500), Opened), "the same face: what the others missed"


def test_who_was_not_the_best_before_is_not_accepted_at_once() -> None:
    three, eight = GALLERY.vectors[3], GALLERY.vectors[8]
    first = (three + 1.02 * eight) / np.linalg.norm(three + 1.02 * eight)
    second = (2 * (first @ three) * three - first).astype(np.float32)  # the mean of both is person 3 exactly
    match = GALLERY.nearest(three)
    assert match is not None
    assert RULE.accepts(match, 10, 2, claimed=False), "the mean alone would do"
    assert shown(visit(), [first.astype(np.float32), second]) == [Waiting(Hint.MOVE_A_LITTLE)] * 2


def test_a_home_typed_opens_a_face_that_free_search_does_not() -> None:
    weak = [of(3, WEAK, 1)]
    assert not isinstance(shown(visit(), weak)[0], Opened)
    (verdict,) = shown(visit(), weak, home="001")
    assert isinstance(verdict, Opened)
    assert (verdict.way, verdict.home) == (Way.HOME, "001")


def test_a_home_typed_after_the_question_is_answered_by_the_frames_already_seen() -> None:
    door = visit(replace(RULE, closed=(Closed.TOO_MANY_PEOPLE,)))
    assert door.see([seen(of(3))], 0) == AskHome(Closed.TOO_MANY_PEOPLE)
    assert isinstance(door.see([seen(of(3))], 40, "001"), Opened)


def test_a_home_typed_before_the_face_is_seen_still_counts_for_a_while() -> None:
    door = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)))
    assert door.see([], 0, "001") == Waiting(Hint.NOBODY)
    assert isinstance(door.see([seen(of(3))], 5_000), Opened)
    late = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)))
    late.see([], 0, "001")
    assert late.see([seen(of(3))], 16_000) == AskHome(Closed.FEW_PHOTOS)


def test_a_closed_gallery_is_never_searched() -> None:
    for reason in (Closed.FEW_PHOTOS, Closed.TOO_MANY_PEOPLE, Closed.TOO_ALIKE, Closed.HARD_TO_RECOGNISE):
        door = visit(replace(RULE, closed=(reason,)))
        assert shown(door, [of(3)] * 4) == [AskHome(reason)] * 4


def test_a_look_alike_is_asked_for_the_home_and_opens_with_it() -> None:
    rule = replace(RULE, home_only=frozenset({GALLERY.people[3].person}))
    door = visit(rule)
    assert door.see([seen(of(3))], 0) == AskHome(Closed.LOOK_ALIKE)
    assert isinstance(door.see([seen(of(3))], 500, "001"), Opened)


def test_a_wrong_or_unknown_home_opens_nothing() -> None:
    for home in ("004", "999", ""):
        verdicts = shown(visit(replace(RULE, closed=(Closed.FEW_PHOTOS,))), [of(3)] * 4, home=home)
        assert Refused(Refusal.NOT_THIS_HOME) in verdicts
        assert not any(isinstance(verdict, Opened) for verdict in verdicts)


def test_a_face_may_claim_three_homes() -> None:
    door = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)))
    now = 0
    for one in range(3):
        door.see([seen(of(0))], now)
        now += 500
        verdicts = [
            door.see([seen(of(0))], now + late, f"{3 + one:03}" if late == 0 else None) for late in (0, 500, 1000)
        ]
        assert Refused(Refusal.NOT_THIS_HOME) in verdicts
        now += 1500
    assert door.see([seen(of(0))], now, "000") == Refused(Refusal.TOO_MANY_CLAIMS), "not even the right one"
    assert door.see([seen(of(0))], now + 500, "000") == Waiting(Hint.DONE)


def test_a_door_hears_five_claims_in_ten_minutes() -> None:
    attempts = Attempts()
    refusals = []
    for track in range(6):
        door = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)), attempts=attempts)
        refusals += [v for v in shown(door, [of(0)] * 3, track * 10_000, "005") if isinstance(v, Refused)]
    assert refusals == [Refused(Refusal.NOT_THIS_HOME)] * 5 + [Refused(Refusal.TOO_MANY_CLAIMS)]
    later = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)), attempts=attempts)
    assert isinstance(shown(later, [of(0)], 660_000, "000")[0], Opened)


def test_residents_whose_claims_hold_never_close_the_door_to_each_other() -> None:
    attempts = Attempts()
    closed = replace(RULE, closed=(Closed.FEW_PHOTOS,))
    for track in range(20):
        assert isinstance(shown(visit(closed, attempts=attempts), [of(0)], track * 1_000, "000")[0], Opened)
    wrong = [shown(visit(closed, attempts=attempts), [of(0)] * 3, 60_000 + n * 10_000, "005") for n in range(6)]
    assert Refused(Refusal.TOO_MANY_CLAIMS) in wrong[5]
    assert not any(Refused(Refusal.TOO_MANY_CLAIMS) in verdicts for verdicts in wrong[:5])


def test_five_unknown_faces_pause_free_search_for_ten_minutes() -> None:
    attempts = Attempts()
    random = np.random.default_rng(0)
    for walk in range(5):
        shown(visit(attempts=attempts), [direction(random)] * 3, walk * 10_000)
    assert visit(attempts=attempts).see([seen(of(3))], 100_000) == AskHome(Closed.PAUSED)
    assert isinstance(visit(attempts=attempts).see([seen(of(3))], 700_000), Opened)


def test_who_leaves_before_the_last_frame_has_tried_as_well() -> None:
    """Else a stranger who steps aside after each second frame draws as often as he likes."""
    attempts = Attempts()
    random = np.random.default_rng(0)
    door = visit(attempts=attempts)
    for walk in range(5):
        assert shown(door, [direction(random)] * 2, walk * 3_000) == [Waiting(Hint.MOVE_A_LITTLE)] * 2
    assert door.see([seen(of(3))], 20_000) == AskHome(Closed.PAUSED)


def test_residents_who_are_found_never_pause_the_search() -> None:
    attempts = Attempts()
    alike = replace(RULE, home_only=frozenset({GALLERY.people[3].person}))
    for walk in range(0, 200_000, 10_000):
        later = shown(visit(attempts=attempts), [of(3, WEAK, seed) for seed in range(3)], walk)
        assert any(isinstance(verdict, Opened) for verdict in later)
        shown(visit(alike, attempts=attempts), [of(3)], walk + 4_000)
        by_home = visit(attempts=attempts)
        by_home.see([seen(of(3, WEAK, 1))], walk + 6_000)
        assert isinstance(by_home.see([seen(of(3, WEAK, 1))], walk + 6_100, "001"), Opened)
    assert not attempts.failed
    assert isinstance(shown(visit(attempts=attempts), [of(3)], 210_000)[0], Opened)


def test_a_gallery_that_changes_meanwhile_opens_nobody_twice_and_gives_no_claims_back() -> None:
    door = visit()
    assert isinstance(door.see([seen(of(3))], 0), Opened)
    for now in range(500, 3_000, 500):
        door = door.renewed(RULE, people(seed=0))
        assert door.see([seen(of(3))], now) == Waiting(Hint.DONE)
    asked = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)))
    refusals = []
    for claim, home in enumerate(("003", "004", "005", "001")):
        asked = asked.renewed(asked.rule, GALLERY)
        frames = [(claim * 1500, home), (claim * 1500 + 500, None), (claim * 1500 + 1000, None)]
        verdicts = [asked.see([seen(of(3))], now, typed) for now, typed in frames]
        refusals += [verdict.reason for verdict in verdicts if isinstance(verdict, Refused)]
    assert refusals == [Refusal.NOT_THIS_HOME] * 3 + [Refusal.TOO_MANY_CLAIMS]


def test_who_is_no_longer_enrolled_is_not_opened_by_frames_of_before() -> None:
    door = visit()
    door.see([seen(of(3, WEAK, 0))], 0)
    rest = Gallery([one for one in GALLERY.people if one.person != GALLERY.people[3].person], GALLERY.model)
    door = door.renewed(rule_for(EMBEDDER, rest), rest)
    assert not any(isinstance(door.see([seen(of(3, WEAK, 1))], now), Opened) for now in range(500, 3_000, 500))


def test_a_home_typed_just_before_the_face_is_forgotten_is_not() -> None:
    door = visit(replace(RULE, closed=(Closed.FEW_PHOTOS,)))
    door.see([seen(of(3))], 0)
    assert door.see([], 300, "001") == Waiting(Hint.NOBODY)
    door.forget()
    assert isinstance(door.see([seen(of(3))], 1_500), Opened)


def test_only_the_wanted_face_needs_a_template() -> None:
    door = visit()
    weak = [of(3, WEAK, seed) for seed in range(3)]
    face = bare(seen(weak[0]))
    assert door.wants([face], 0) is face
    assert door.see([face], 0) == Waiting(Hint.KEEP_STILL)
    door.see([seen(weak[0])], 40)
    assert door.wants([face], 300) is None, "too soon"
    assert door.wants([face], 440) is face
    assert door.wants([face, bare(seen(weak[1], THERE))], 440) is None, "two people"
    assert door.wants([bare(seen(weak[0], HERE, 50, Defect.DARK))], 440) is None
    assert door.wants([], 440) is None
    assert isinstance(door.see([seen(weak[1])], 440), Opened)
    assert door.wants([face], 1100) is None, "decided"


def test_a_broken_template_is_refused_and_forgotten() -> None:
    door = visit()
    for broken in (of(3) * np.float32(np.nan), of(3) * 2, of(3)[:64]):
        with pytest.raises(TemplateRefused):
            door.see([seen(broken.astype(np.float32))], 0)
    assert isinstance(door.see([seen(of(3))], 10), Opened)


def test_a_gallery_of_another_model_is_no_gallery_for_this_rule() -> None:
    with pytest.raises(TemplateRefused):
        Visit(RULE, Gallery([], "another-1"), Attempts())


def test_an_empty_gallery_asks() -> None:
    empty = Gallery([], EMBEDDER.id)
    door = visit(rule_for(EMBEDDER, empty), empty)
    assert door.see([seen(of(3))], 0) == AskHome(Closed.NOT_SURE)
    assert door.see([seen(of(3))], 500, "001") == Refused(Refusal.NOT_THIS_HOME)


step = st.tuples(
    st.integers(0, 900),  # ms since the last frame
    st.lists(
        st.tuples(st.integers(0, 11), st.floats(0.90, 1.0), st.integers(0, 3), st.sampled_from([HERE, THERE])),
        max_size=2,
    ),
    st.sampled_from([None, None, None, "000", "001", "005", "999"]),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=25), st.integers(1, 12), st.integers(1, 6), st.integers(0, 3))
def test_no_order_of_frames_people_and_galleries_opens_below_its_threshold(
    steps: list[tuple[int, list[tuple[int, float, int, tuple[float, float, float, float]]], str | None, bool]],
    size: int,
    photos: int,
    seed: int,
) -> None:
    gallery = people(size, photos, seed)
    rule = rule_for(EMBEDDER, gallery)
    attempts = Attempts()
    door = Visit(rule, gallery, attempts)
    taken: list[Vector] = []
    claimed: list[tuple[int, str]] = []
    now = 0
    for pause, shapes, home, poor in steps:
        now += pause
        faces = [
            seen(
                around(gallery.vectors[number % size], cosine, np.random.default_rng(noise)),
                box,
                50,
                *([Defect.DARK] if poor else []),
            )
            for number, cosine, noise, box in shapes
        ]
        if home is not None:
            claimed.append((now, home))
        wanted = door.wants(faces, now)
        verdict = door.see(faces, now, home)
        if wanted is not None and isinstance(wanted, Face):
            taken.append(wanted.template)
        if isinstance(verdict, Opened):
            assert len(faces) == 1
            assert not poor
            check_opening(verdict, rule, gallery, taken, claimed)


def check_opening(
    verdict: Opened, rule: Rule, gallery: Gallery, taken: list[Vector], claimed: list[tuple[int, str]]
) -> None:
    """Recomputed from the frames alone: some run of the last counted frames reaches the threshold for its length."""
    owner = next(person for person in gallery.people if person.person == verdict.person)
    claim = verdict.way is Way.HOME
    floor = (EMBEDDER.floors.home if claim else EMBEDDER.floors.search) if EMBEDDER.floors else ()
    several = 0.001 if len(owner.photos) > 2 else 0.0
    assert verdict.frames <= max(1, min(3, len(owner.photos) - 1))
    assert verdict.score >= floor[verdict.frames - 1] + several
    assert not claim or any(home == verdict.home for _, home in claimed)
    enrolled = np.sum([unpacked(photo) for photo in owner.photos], axis=0)
    best = 0.0
    for end in range(verdict.frames, len(taken) + 1):
        frames = np.sum(taken[end - verdict.frames : end], axis=0)
        best = max(best, float(frames @ enrolled / np.linalg.norm(frames) / np.linalg.norm(enrolled)))
    assert best * 1.5 - 0.5 * -1.0 >= verdict.score, "the person's own vector carries the score"
    assert best >= (verdict.score + 0.5 * best_other(gallery, verdict.home, taken)) / 1.5 - 1e-4


def best_other(gallery: Gallery, home: str, taken: list[Vector]) -> float:
    """The least that the best other home can have scored with any frame mean; -1 without another home."""
    rest = [vector for vector, person in zip(gallery.vectors, gallery.people, strict=True) if person.home != home]
    if not rest:
        return -1.0
    means = [np.sum(taken[a:b], axis=0) for b in range(1, len(taken) + 1) for a in range(max(0, b - 3), b)]
    return min(max(float(vector @ mean / np.linalg.norm(mean)) for vector in rest) for mean in means)
