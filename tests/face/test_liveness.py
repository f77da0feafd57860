"""Life is shown by what a picture cannot do: blink, turn, and have depth. Simulated only: no person stood here.

The portrait is drawn as a head with depth, and as the pictures somebody might hold up; see `stage` and `actors`.
"""

import ast
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.face.actors import MASKS, Person, Replay, attacks
from tests.face.audition import chances, look_at, play, portrait_of
from tests.face.stage import Held, Portrait, card, turned_head, with_lids, with_mouth

from gateface import Engine
from gateface import liveness as life
from gateface.liveness import Asking, Challenge, Failed, Look, Proven, Task, Why, asked, flatness_miss, looked
from gateface.mesh import Mesh, Sight, open_mesh

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "firmware" / "gatesim" / "pictures"
POINTS = np.random.default_rng(5).uniform(0, 100, (468, 2))
DEPTH = np.random.default_rng(6).uniform(0, 40, 468)


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


def look(at: int, turn: float = 0.0, opening: float = 0.3, solid: bool = True, mouth: float = 0.02) -> Look:
    """A head with that much turn: its points wander with their depth; those of a picture do not."""
    points = POINTS.copy()
    points[:, 0] += turn * (DEPTH * 2 if solid else POINTS[:, 0] / 50)
    return Look(at, opening, mouth, turn, 1.15, points)


def to_left(start: int, solid: bool = True) -> list[Look]:
    return [look(start + 100 * n, 0.04 * n, solid=solid) for n in range(8)]


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


@pytest.mark.parametrize(("frames", "drop"), [(1, 0.1), (9, 0.1), (2, 0.05)])
def test_no_blink_is_too_short_too_long_or_too_shallow(frames: int, drop: float) -> None:
    assert said((blink(0, frames, drop)), BLINK_LEFT) == Asking(Task.BLINK)


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
    assert looked(Sight(points, 0.99), 0) is None
    assert looked(Sight(np.zeros((468, 2)), 0.99), 0) is None
    assert looked(Sight(POINTS, 0.89), 0) is None


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


@pytest.mark.parametrize("byte", [0, 3])
def test_a_person_who_does_what_is_asked_has_proven_life(
    engine: Engine, mesh: Mesh, sitter: Portrait, byte: int
) -> None:
    assert play(engine, mesh, Person(sitter, byte), byte) == Proven()


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
    assert play(engine, mesh, Person(narrow_eyed, byte), byte) == Proven()


@pytest.mark.parametrize("name", ["face cut out, rolled and tilted", "cut out with eye holes, rolled"])
@pytest.mark.parametrize("byte", [0, 3])
def test_a_rolled_picture_of_somebody_with_narrow_eyes_proves_nothing(
    engine: Engine, mesh: Mesh, narrow_eyed: Portrait, name: str, byte: int
) -> None:
    """Rolled paper turns and has depth as a head has; its lips do not part."""
    assert play(engine, mesh, attacks(narrow_eyed, 1)[name], byte, tries=1) != Proven()


NAMES = list(attacks(Portrait(np.zeros((64, 64, 3), np.uint8), (20, 30), (40, 30), (30, 45)), 0))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MASKS])
def test_a_still_picture_proves_nothing_however_it_is_held(
    engine: Engine, mesh: Mesh, sitter: Portrait, name: str
) -> None:
    assert play(engine, mesh, attacks(sitter, 1)[name], 1, tries=1) != Proven()


def test_a_film_passes_only_where_it_happens_to_show_what_is_asked(
    engine: Engine, mesh: Mesh, sitter: Portrait
) -> None:
    """What this does not stop, and says so: a film of the right moves in the right order passes."""
    orders = {byte: tuple(str(task) for task in asked(chances(byte), True)) for byte in range(4)}
    passed = {
        (byte, shown): isinstance(play(engine, mesh, Replay(sitter, 7, shown), byte, tries=1), Proven)
        for byte in (3,)
        for shown in orders.values()
    }
    assert [pair for pair, opened in passed.items() if opened and orders[pair[0]] != pair[1]] == []
    assert any(passed.values())
