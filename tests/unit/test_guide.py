"""Guided capture: each defect has its word, the same pose is one photo, and only who began goes on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatecore import feedback, intake
from gateface import Defect, Face, Quality
from gateface.embed import unit
from gateface.manifest import read_manifest
from gateunit import guidance
from gateunit.guide import AWAY_MS, GONE_MS, Guide

NONE: tuple[Defect, ...] = ()


def face(seed: int = 1, mix: float = 0.0, **quality: Any) -> Face:
    """A face whose template lies `mix` of the way from person `seed` to somebody else."""
    dice = np.random.default_rng(seed)
    own, other = (dice.standard_normal(128) for _ in range(2))
    seen = Quality(**({"eyes": 60.0, "turn": 0.0, "nod": 0.6, "sharpness": 6.0, "brightness": 150.0,
                       "defects": NONE} | quality))  # fmt: skip
    template = unit(((1 - mix) * own + mix * other).astype(np.float32))
    return Face((0, 0, 100, 100), np.zeros((6, 2), np.float32), 0.9, seen, template)


def looked(*faces_of_frames: list[Face], gap: int = 800) -> Guide:
    guide = Guide()
    for at, faces in enumerate(faces_of_frames):
        guide.see(faces, at * gap)
    return guide


@pytest.mark.parametrize(
    ("faces", "word"),
    [
        ([], intake.NO_FACE),
        ([face(), face(2)], feedback.ONE_AT_A_TIME),
        ([face(defects=(Defect.TOO_SMALL,))], feedback.COME_CLOSER),
        ([face(defects=(Defect.COVERED,))], feedback.UNCOVER),
        ([face(defects=(Defect.BLURRED,))], intake.BLURRED),
        ([face(defects=(Defect.DARK,))], feedback.MORE_LIGHT),
        ([face(defects=(Defect.BRIGHT,))], intake.BRIGHT),
        ([face(defects=(Defect.TURNED,))], feedback.LOOK_HERE),
        ([face(defects=(Defect.CUT_OFF,))], intake.CUT_OFF),
    ],
)
def test_each_defect_is_said_and_makes_no_photo(faces: list[Face], word: int) -> None:
    guide = looked(faces)
    assert guide.kept == []
    assert guide.reasons == (word, intake.STRAIGHT)
    assert all(guidance.text(feedback.HINT, word, language) for language in (0, 1))


def test_every_defect_the_engine_knows_has_a_word() -> None:
    for defect in Defect:
        assert looked([face(defects=(defect,))]).reasons[0] != intake.STRAIGHT, defect


def test_the_same_pose_five_times_is_one_photo_and_said() -> None:
    guide = looked(*[[face()]] * 5)
    assert len(guide.kept) == 1
    assert guide.reasons == (intake.SAME_POSE, intake.STEP_BACK)


@pytest.mark.parametrize("other", [{"eyes": 50.0}, {"brightness": 130.0}, {"turn": 0.1}, {"nod": 0.5}, {"mix": 0.2}])
def test_another_distance_light_angle_or_picture_is_another_photo(other: dict[str, float]) -> None:
    assert len(looked([face()], [face(**other)]).kept) == 2


def test_somebody_else_does_not_go_on_where_one_began() -> None:
    guide = looked([face()], [face(2, eyes=40.0)])
    assert len(guide.kept) == 1
    assert guide.reasons[0] == intake.OTHER_PERSON


def test_two_frames_of_one_moment_are_one_photo() -> None:
    assert len(looked([face()], [face(eyes=40.0)], gap=600).kept) == 1


def test_the_next_step_is_what_is_still_lacking() -> None:
    near = [face(), face(turn=0.1), face(turn=-0.1)]
    guide = looked(*[[one] for one in near])
    assert guide.reasons == (intake.STEP_BACK,)
    guide.see([face(eyes=45.0)], 9_000)
    assert guide.reasons == (intake.OTHER_LIGHT,)
    assert guide.lacking() == (intake.ONE_LIGHT,)
    guide.see([face(eyes=45.0, brightness=120.0)], 10_000)
    assert (guide.reasons, guide.lacking()) == ((), ())


def test_who_walks_away_is_missed_and_then_given_up() -> None:
    guide = looked([face()])
    guide.see([], AWAY_MS - 1)
    assert guide.reasons[0] == intake.NO_FACE
    guide.see([], AWAY_MS)
    assert guide.reasons[0] == intake.WALKED_AWAY
    assert not guide.over(GONE_MS - 1)
    assert guide.over(GONE_MS)


def test_a_person_far_behind_disturbs_nobody() -> None:
    assert len(looked([face(), replace(face(2), quality=replace(face(2).quality, eyes=20.0))]).kept) == 1


def test_another_embedder_goes_by_its_own_cosines() -> None:
    """Two pictures of one person lie at 0.5 for some; by the numbers of the one that ships nobody could enrol."""
    floors = read_manifest().embedder.floors
    assert floors is not None
    guide = Guide()
    guide.goes_by(replace(floors, same=0.4, repeat=0.6))
    first = face()
    assert guide.see([first], 0) is first
    far, again, stranger = face(mix=0.6), face(mix=0.3), face(2)
    assert float(first.template @ stranger.template) < 0.4 < float(first.template @ far.template) < 0.6
    assert float(first.template @ again.template) > 0.6
    assert guide.see([stranger], 1_000) is None
    assert guide.reasons[0] == intake.OTHER_PERSON
    assert guide.see([again], 2_000) is None
    assert guide.reasons[0] == intake.SAME_POSE
    assert guide.see([far], 3_000) is far
