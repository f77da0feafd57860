"""Life is shown by what a picture cannot do: blink, turn, and have depth. Simulated only: no person stood here.

The portrait is drawn as a head with depth, and as the pictures somebody might hold up; see `stage` and `actors`.
"""

import ast
import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from tests.face.actors import MASKS, Person, Replay, attacks, cut_out
from tests.face.audition import chances, look_at, play, portrait_of
from tests.face.stage import Held, Portrait, card, turned_head, with_lids, with_mouth

from gateface import Engine
from gateface import liveness as life
from gateface.liveness import Asking, Challenge, Failed, Look, Proven, Task, Why, asked, flatness_miss, looked
from gateface.mesh import Mesh, Sight, open_mesh
from gateface.nose import Chip, nose

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "firmware" / "gatesim" / "pictures"
POINTS = np.random.default_rng(5).uniform(0, 100, (468, 2))
DEPTH = np.random.default_rng(6).uniform(0, 40, 468)
GRAIN = gaussian_filter(np.random.default_rng(7).uniform(-1, 1, (192, 192)), 2)
SKIN = np.uint8(128 + 500 * GRAIN)
ON_THE_LINE = np.array([(96.0, 60.0), (96.0, 95.0), (96.0, 130.0), (66.0, 132.0), (126.0, 132.0)])


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return open_mesh()


@pytest.fixture(scope="module")
def sitter(engine: Engine, portrait: NDArray[np.uint8]) -> Portrait:
    found = portrait_of(engine, portrait)
    assert found is not None
    return found


# --- the judge and the stage have nothing in common ----------------------------------------------


def first_party(path: Path) -> set[str]:
    """Every module of ours or of these tests that a file imports, with those these import."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            if name.startswith("tests.face."):
                found |= {name} | first_party(HERE / f"{name.rsplit('.', 1)[1]}.py")
            elif name.split(".")[0].startswith(("gate", "kaimen")):
                found.add(name)
    return found


@pytest.mark.parametrize("drawn", ["stage", "actors"])
def test_what_draws_the_attacks_shares_no_geometry_with_what_judges_them(drawn: str) -> None:
    assert first_party(HERE / f"{drawn}.py") <= {"tests.face.stage"}
    for part in ("liveness", "mesh", "pixels", "align"):
        source = (HERE.parents[1] / "models" / "gateface" / f"{part}.py").read_text(encoding="utf-8")
        assert "tests" not in {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}


def test_the_walk_finds_an_import_that_is_not_allowed(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("from tests.face.stage import card\nfrom gateface.liveness import homography\n")
    assert first_party(planted) == {"tests.face.stage", "gateface.liveness"}


# --- looks made by hand ------------------------------------------------------------------------


@lru_cache(64)
def chip(ahead: int) -> Chip:
    """A picture whose nose stands that many pixels ahead of the line; the mesh expects it on the line."""
    pixels = SKIN.copy()
    pixels[80:110] = np.roll(SKIN[80:110], ahead, 1)
    return Chip(pixels, ON_THE_LINE)


def look(
    at: int, turn: float = 0.0, opening: float = 0.3, solid: bool = True, mouth: float = 0.02, nose: float = 0.35
) -> Look:
    """A head with that much turn: its points wander with their depth, its nose goes ahead by `nose` of its line for a
    turn of 1. The points of a picture do not, nor does its nose."""
    points = POINTS.copy()
    points[:, 0] += turn * (DEPTH * 2 if solid else POINTS[:, 0] / 50)
    return Look(at, opening, mouth, turn, 1.15, points, chip(round(70 * nose * turn) if solid else 0))


def to_left(start: int, solid: bool = True, nose: float = 0.35) -> list[Look]:
    return [look(start + 100 * n, 0.04 * n, solid=solid, nose=nose) for n in range(8)]


def blink(start: int, frames: int = 2, drop: float = 0.1) -> list[Look]:
    shut = [look(start + 500 + 100 * n, opening=0.3 - drop) for n in range(frames)]
    after = [look(start + 500 + 100 * (frames + n)) for n in range(3)]
    return [look(start + 100 * n) for n in range(5)] + shut + after


def said(looks: Sequence[Look | None], byte: int) -> life.Step:
    challenge = Challenge(chances(byte), 0)
    step: life.Step = Asking(Task.FACE)
    for number, one in enumerate(looks):
        step = challenge.see(one, number * 100 if one is None else one.at)
    return step


BLINK_LEFT, LEFT_BLINK, BLINK_RIGHT, RIGHT_BLINK = 3, 1, 2, 0  # what a random byte asks for


def test_the_order_and_the_side_are_chosen_by_chance() -> None:
    for can_blink, still in ((True, Task.BLINK), (False, Task.MOUTH)):
        both = ((still, side) for side in (Task.LEFT, Task.RIGHT))
        orders = {order for pair in both for order in (pair, pair[::-1])}
        assert {tuple(asked(chances(byte), can_blink)) for byte in range(256)} == orders


def test_doing_what_is_asked_proves_life() -> None:
    assert said([*blink(0), *to_left(1000)], BLINK_LEFT) == Proven()
    back = [look(800 + 100 * n, 0.28 - 0.07 * n) for n in range(5)]
    assert said([*to_left(0), *back, *blink(1300)], LEFT_BLINK) == Proven()


def test_the_same_moves_in_another_order_prove_nothing() -> None:
    assert said([*blink(0), *to_left(1000)], LEFT_BLINK) != Proven()
    assert said([*blink(0), *to_left(1000)], BLINK_RIGHT) == Failed(Why.WRONG_MOVE)
    assert said([*to_left(0), *blink(900)], BLINK_LEFT) == Failed(Why.WRONG_MOVE)


def test_a_flat_picture_that_turns_is_found_flat() -> None:
    flat = [*blink(0), *to_left(1000, solid=False)]
    assert said((flat), BLINK_LEFT) == Failed(Why.FLAT)


@pytest.mark.parametrize("nose", [0, 0.08, -0.35])
def test_paper_that_turns_with_depth_is_found_rolled_by_its_nose(nose: float) -> None:
    """Rolled around a pipe its points wander as a head's do; its nose stays in line with eyes and lips."""
    assert said([*blink(0), *to_left(1000, nose=nose)], BLINK_LEFT) == Failed(Why.ROLLED)
    back = [look(800 + 100 * n, 0.28 - 0.07 * n, nose=nose) for n in range(5)]
    assert said([*to_left(0, nose=nose), *back, *blink(1300)], LEFT_BLINK) == Failed(Why.ROLLED)


@pytest.mark.parametrize(("frames", "drop"), [(1, 0.1), (9, 0.1), (2, 0.05)])
def test_no_blink_is_too_short_too_long_or_too_shallow(frames: int, drop: float) -> None:
    assert said((blink(0, frames, drop)), BLINK_LEFT) == Asking(Task.BLINK)


def test_lids_that_were_shut_when_a_blink_was_asked_for_are_no_answer() -> None:
    """A film that is ahead of its question has not answered it."""
    shut, parted = [look(100 * n, opening=0.23) for n in (1, 2)], [look(300 + 100 * n) for n in range(6)]
    assert said([*shut, *parted], BLINK_LEFT) == Asking(Task.BLINK)
    assert said([look(0), *shut, *parted], BLINK_LEFT) == Asking(Task.LEFT)


def test_a_blink_is_measured_against_the_persons_own_eyes() -> None:
    narrow = [dataclasses.replace(one, opening=one.opening - 0.07) for one in blink(0)]  # 0.23 open, 0.13 shut
    wide = [dataclasses.replace(one, opening=one.opening + 0.1) for one in blink(0)]  # 0.40 open, 0.30 shut
    for looks in (narrow, wide):
        assert said((looks), BLINK_LEFT) == Asking(Task.LEFT)
    never = [dataclasses.replace(look(at * 100), opening=0.23) for at in range(20)]
    assert said((never), BLINK_LEFT) == Asking(Task.BLINK)


def test_a_nod_is_no_blink() -> None:
    """Leaning a picture back narrows its eyes, and its whole face with them."""
    nodding = [dataclasses.replace(one, shape=1.15 if one.opening > 0.25 else 0.95) for one in blink(0)]
    assert said((nodding), BLINK_LEFT) == Asking(Task.BLINK)


def test_who_has_eyes_too_narrow_for_a_blink_to_be_measured_opens_the_mouth() -> None:
    assert said([look(0, opening=0.2)], BLINK_LEFT) == Asking(Task.MOUTH)
    assert said([look(0)], BLINK_LEFT) == Asking(Task.BLINK)
    assert said(mouth(0, SHUT, 0.05, 0.1, 0.1, 0.1, SHUT), BLINK_LEFT) == Asking(Task.LEFT)
    assert said([*mouth(0, SHUT, 0.05, 0.1, 0.1), *narrow(to_left(400))], BLINK_LEFT) == Proven()


def test_who_is_not_seen_to_blink_opens_the_mouth_in_the_next_try() -> None:
    unseen = Challenge(chances(BLINK_LEFT), 0)
    for at in range(0, 4200, 100):
        unseen.see(look(at), at)
    assert unseen.see(None, 4200) == Failed(Why.TOO_SLOW)
    again = unseen.again(4300)
    assert again.see(look(4300), 4300) == Asking(Task.MOUTH)


def test_who_failed_at_the_turn_is_asked_as_everybody_in_the_next_try_and_drawn_anew() -> None:
    drawn = iter([bytes([LEFT_BLINK]), bytes([BLINK_RIGHT])])
    wrong = Challenge(lambda count: next(drawn), 0)
    assert wrong.see(look(0), 0) == Asking(Task.LEFT)
    assert wrong.see(look(100, -0.12), 100) == Failed(Why.WRONG_MOVE)
    again = wrong.again(200)
    assert again.see(look(200), 200) == Asking(Task.BLINK)
    for one in blink(200)[1:]:
        again.see(one, one.at)
    assert again.task is Task.RIGHT


def test_nothing_of_a_try_that_failed_counts_in_the_next() -> None:
    first = Challenge(chances(BLINK_LEFT), 0)
    for one in blink(0):
        first.see(one, one.at)
    assert first.see(look(1000, -0.2), 1000) == Failed(Why.WRONG_MOVE)
    again = first.again(1100)
    for one in to_left(1200):
        step = again.see(one, one.at)
    assert step != Proven()


SHUT = 0.02


def mouth(start: int, *gaps: float) -> list[Look]:
    """Somebody with narrow eyes and lips so far apart, look by look."""
    return [look(start + 100 * n, opening=0.2, mouth=gap) for n, gap in enumerate(gaps)]


def narrow(looks: Sequence[Look]) -> list[Look]:
    return [dataclasses.replace(one, opening=0.2) for one in looks]


@pytest.mark.parametrize(
    "gaps",
    [
        (SHUT, 0.05, 0.075, 0.079, 0.07),  # hardly apart
        (SHUT, SHUT, 0.12, 0.12, 0.12),  # a picture swapped for one with an open mouth: nothing lay between
        (SHUT, 0.05, 0.1, SHUT, SHUT),  # for one frame
        (0.12, 0.12, 0.12, 0.12, 0.12),  # open all the time
        (0.12, 0.12, 0.05, 0.02, 0.02),  # shut now
    ],
)
def test_no_mouth_opens_too_little_too_short_or_at_once(gaps: tuple[float, ...]) -> None:
    assert said(mouth(0, *gaps), BLINK_LEFT) == Asking(Task.MOUTH)


def test_a_smile_may_close_before_the_mouth_opens() -> None:
    assert said(mouth(0, 0.1, 0.06, SHUT, 0.05, 0.09, 0.1, 0.1), BLINK_LEFT) == Asking(Task.LEFT)


def test_a_mouth_that_opens_while_the_head_turns_does_not_count() -> None:
    turning = [
        look(100 * n, 0.09 * (n % 2), 0.2, mouth=gap) for n, gap in enumerate((SHUT, 0.05, 0.1, 0.04, 0.1, 0.03))
    ]
    assert said(turning, BLINK_LEFT) == Asking(Task.MOUTH)


def test_a_turn_to_the_asked_side_alone_counts() -> None:
    assert said([*to_left(0)], RIGHT_BLINK) == Failed(Why.WRONG_MOVE)


def test_a_head_does_not_jump() -> None:
    assert said([look(0), look(100), look(200, 0.3)], LEFT_BLINK) == Failed(Why.JUMPED)
    assert said([look(0), look(300, 0.3)], LEFT_BLINK) == Asking(Task.LEFT)  # nothing lay between: not a turn yet


def test_a_picture_swapped_for_a_turned_one_has_not_turned() -> None:
    swapped = [look(0), look(100), look(200, 0.2), look(300, 0.2), look(400, 0.2)]
    assert said((swapped), LEFT_BLINK) == Asking(Task.LEFT)


def test_the_mouth_may_open_while_the_head_is_still_turned() -> None:
    aside = [look(800 + 100 * n, 0.28, 0.2, mouth=gap) for n, gap in enumerate((SHUT, 0.05, 0.1, 0.1))]
    assert said([*narrow(to_left(0)), *aside], LEFT_BLINK) == Proven()


def test_time_runs_from_the_first_frontal_look_and_ends() -> None:
    aside: list[Look | None] = [look(at * 100, 0.3) for at in range(30)]
    assert said(aside, LEFT_BLINK) == Asking(Task.FACE)
    still: list[Look | None] = [look(at * 100) for at in range(42)]
    assert said(still[:41], LEFT_BLINK) == Asking(Task.LEFT)
    assert said(still, LEFT_BLINK) == Failed(Why.TOO_SLOW)


def test_a_face_that_goes_away_in_the_middle_proves_nothing() -> None:
    gone: list[Look | None] = [look(0), look(100), None, None, None, None]
    assert said(gone[:5], LEFT_BLINK) == Asking(Task.LEFT)
    assert said(gone, LEFT_BLINK) == Failed(Why.LOST)
    assert said([look(0), look(500)], LEFT_BLINK) == Failed(Why.LOST)


def test_an_answer_stands() -> None:
    challenge = Challenge(chances(LEFT_BLINK), 0)
    challenge.see(look(0), 0)
    assert challenge.see(look(9000), 9000) == Failed(Why.TOO_SLOW)
    assert challenge.see(look(9100), 9100) == Failed(Why.TOO_SLOW)


@given(st.lists(st.tuples(st.floats(-0.6, 0.6), st.floats(0, 0.6)), max_size=50), st.integers(0, 255))
def test_whatever_a_flat_picture_does_it_is_never_proven(moves: list[tuple[float, float]], byte: int) -> None:
    flat = [look(100 * n, turn, opening, solid=False) for n, (turn, opening) in enumerate(moves)]
    assert said((flat), byte) != Proven()


# --- planes -----------------------------------------------------------------------------------


SMALL, TINY = st.floats(-0.3, 0.3), st.floats(-0.001, 0.001)


@given(st.lists(SMALL, min_size=4, max_size=4), st.lists(TINY, min_size=2, max_size=2))
def test_a_plane_seen_from_anywhere_is_carried_exactly(bent: list[float], away: list[float]) -> None:
    matrix = np.array([[1 + bent[0], bent[1], 5], [bent[2], 1 + bent[3], -8], [away[0], away[1], 1]])
    held = np.concatenate([POINTS, np.ones((468, 1))], 1) @ matrix.T
    assert flatness_miss(POINTS, held[:, :2] / held[:, 2:]) < 1e-6


def test_points_with_depth_are_not_carried() -> None:
    assert flatness_miss(look(0, -0.1).points, look(0, 0.1).points) > life.PLANE


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_a_mesh_with_numbers_that_are_none_is_no_look(spoilt: float) -> None:
    points = POINTS.copy()
    points[7, 0] = spoilt
    assert looked(Sight(points, 0.99, chip(0)), 0) is None
    assert looked(Sight(np.zeros((468, 2)), 0.99, chip(0)), 0) is None
    assert looked(Sight(POINTS, 0.89, chip(0)), 0) is None


# --- the real mesh ----------------------------------------------------------------------------


def test_the_mesh_sees_lids_turns_and_depth(engine: Engine, mesh: Mesh, sitter: Portrait) -> None:
    front = look_at(engine, mesh, sitter.pixels, 0)
    shut = look_at(engine, mesh, with_lids(sitter, 1).pixels, 0)
    wide = look_at(engine, mesh, with_mouth(sitter, 1).pixels, 0)
    left, right = (look_at(engine, mesh, turned_head(sitter, yaw), 0) for yaw in (20, -20))
    assert front is not None
    assert shut is not None
    assert wide is not None
    assert left is not None
    assert right is not None
    assert front.opening - shut.opening > 1.5 * life.BLINK_DROP
    assert wide.mouth - front.mouth > 1.5 * life.MOUTH_OPEN
    assert left.turn - front.turn > life.TURN_LEAST
    assert right.turn - front.turn < -life.TURN_LEAST
    assert flatness_miss(right.points, left.points) > 2 * life.PLANE


@pytest.mark.parametrize("yaw", [-35, 35])
def test_a_print_seen_from_the_side_hardly_turns_and_stays_flat(
    engine: Engine, mesh: Mesh, sitter: Portrait, yaw: int
) -> None:
    front = look_at(engine, mesh, sitter.pixels, 0)
    aside = look_at(engine, mesh, card(sitter.pixels, Held(yaw=yaw)), 0)
    assert front is not None
    assert aside is not None
    assert abs(aside.turn - front.turn) < life.TURN_LEAST / 2
    assert flatness_miss(front.points, aside.points) < life.PLANE


def nose_of(engine: Engine, mesh: Mesh, pictures: Sequence[NDArray[np.uint8]]) -> tuple[float, float]:
    """What is measured of the first picture, to the front, and the others."""
    looks = [look_at(engine, mesh, picture, 0) for picture in pictures]
    front = looks[0]
    assert front is not None
    return nose(front.chip, [(one.turn - front.turn, one.chip) for one in looks[1:] if one is not None])


@pytest.mark.parametrize("side", [-1, 1])
def test_the_nose_of_a_head_stands_out_and_that_of_rolled_paper_does_not(
    engine: Engine, mesh: Mesh, sitter: Portrait, side: int
) -> None:
    line, plane = nose_of(engine, mesh, [turned_head(sitter, side * yaw) for yaw in (0, 14, 20)])
    assert line > 1.5 * life.NOSE[0]
    assert plane > 1.5 * life.NOSE[1]
    face = cut_out(sitter).pixels
    rolled = [card(face, Held(bend=150, yaw=side * yaw)) for yaw in (0, 20, 30, 40)]
    line, plane = nose_of(engine, mesh, rolled)
    assert abs(line) < 0.7 * life.NOSE[0]
    assert abs(plane) < 0.9 * life.NOSE[1]


@pytest.mark.parametrize("byte", [0, 3])
def test_a_person_who_does_what_is_asked_has_proven_life(
    engine: Engine, mesh: Mesh, sitter: Portrait, byte: int
) -> None:
    assert play(engine, mesh, Person(sitter, byte), chances(byte)) == Proven()


@pytest.fixture(scope="module")
def narrow_eyed(engine: Engine, mesh: Mesh) -> Portrait:
    """Somebody with eyes no blink can be told of."""
    found = portrait_of(engine, np.asarray(Image.open(PICTURES / "stranger.jpg").convert("RGB")))
    assert found is not None
    squinting = with_lids(found, 0.6)
    first = look_at(engine, mesh, squinting.pixels, 0)
    assert first is not None
    assert first.opening < life.NARROW_EYES
    return squinting


@pytest.mark.parametrize("byte", [0, 3])
def test_a_person_with_narrow_eyes_proves_life_with_the_mouth(
    engine: Engine, mesh: Mesh, narrow_eyed: Portrait, byte: int
) -> None:
    assert play(engine, mesh, Person(narrow_eyed, byte), chances(byte)) == Proven()


@pytest.mark.parametrize("name", ["face cut out, rolled and tilted", "cut out with eye holes, rolled"])
@pytest.mark.parametrize("byte", [0, 3])
def test_a_rolled_picture_of_somebody_with_narrow_eyes_proves_nothing(
    engine: Engine, mesh: Mesh, narrow_eyed: Portrait, name: str, byte: int
) -> None:
    """Rolled paper turns and has depth as a head has; its lips do not part."""
    assert play(engine, mesh, attacks(narrow_eyed, 1)[name], chances(byte), tries=1) != Proven()


NAMES = list(attacks(Portrait(np.zeros((64, 64, 3), np.uint8), (20, 30), (40, 30), (30, 38), (30, 45)), 0))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MASKS])
def test_a_still_picture_proves_nothing_however_it_is_held(
    engine: Engine, mesh: Mesh, sitter: Portrait, name: str
) -> None:
    assert play(engine, mesh, attacks(sitter, 1)[name], chances(1), tries=1) != Proven()


@pytest.mark.parametrize("name", MASKS)
def test_neither_living_eyes_behind_rolled_paper_nor_pictures_swapped_on_it_have_a_nose(
    engine: Engine, mesh: Mesh, sitter: Portrait, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They blink, turn and have depth: without the nose they pass."""
    assert play(engine, mesh, attacks(sitter, 1)[name], chances(BLINK_LEFT), tries=1) == Failed(Why.ROLLED)
    monkeypatch.setattr(life, "NOSE", (-1.0, -1.0))
    assert play(engine, mesh, attacks(sitter, 1)[name], chances(BLINK_LEFT), tries=1) == Proven()


def test_a_film_passes_only_where_it_happens_to_show_what_is_asked(
    engine: Engine, mesh: Mesh, sitter: Portrait
) -> None:
    """What this does not stop, and says so: a film of the right moves in the right order passes."""
    orders = {byte: tuple(str(task) for task in asked(chances(byte), True)) for byte in range(4)}
    passed = {
        (byte, shown): isinstance(play(engine, mesh, Replay(sitter, 7, shown), chances(byte), tries=1), Proven)
        for byte in (3,)
        for shown in orders.values()
    }
    assert [pair for pair, opened in passed.items() if opened and orders[pair[0]] != pair[1]] == []
    assert any(passed.values())
