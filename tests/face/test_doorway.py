"""What stands before a door all day, and cameras as they are: pictures on walls, passers-by, few frames a second."""

import numpy as np
from tests.face.conftest import direction
from tests.face.test_visit import GALLERY, HERE, RULE, WEAK, Vector, of, seen, shown, visit

from gateface import AskHome, Attempts, Closed, Face, Hint, Opened, Refusal, Refused, Verdict, Visit, Waiting

WALL = (420.0, 60.0, 500.0, 140.0)
POSTER = direction(np.random.default_rng(7))


def poster(eyes: float = 42, shift: float = 0) -> Face:
    return seen(POSTER, (WALL[0] + shift, WALL[1], WALL[2] + shift, WALL[3]), eyes)


def looked(door: Visit, faces: list[Face], start: int, end: int, step: int = 100) -> list[Verdict]:
    return [door.see(faces, now) for now in range(start, end, step)]


def opened(verdicts: list[Verdict]) -> int:
    return sum(isinstance(verdict, Opened) for verdict in verdicts)


def test_a_resident_in_front_of_a_poster_is_looked_at_and_not_the_poster() -> None:
    door = visit()
    looked(door, [poster()], 0, 5_000)
    both = [poster(), seen(of(3), HERE, 100)]
    assert door.wants(both, 5_000) is both[1]
    assert opened(looked(door, both, 5_000, 6_000)) == 1


def test_whoever_steps_in_front_begins_from_nothing_and_a_face_beside_still_stops_all() -> None:
    door = visit()
    door.see([seen(of(3, WEAK, 0), HERE, 45)], 0)
    near = seen(of(3, WEAK, 1), (90.0, 90.0, 210.0, 210.0), 100)
    assert door.see([seen(of(3, WEAK, 0), HERE, 45), near], 500) == Waiting(Hint.MOVE_A_LITTLE), "frame 1, not 2"
    for now in range(1_000, 3_000, 500):
        assert door.see([near, seen(of(4), WALL, 51)], now) == Waiting(Hint.ONE_AT_A_TIME)


def test_a_poster_tires_no_door() -> None:
    """Each resident who walks away leaves the poster behind: found anew, it would be searched for again and again."""
    attempts = Attempts()
    door = visit(attempts=attempts)
    assert looked(door, [poster()], 0, 30_000)[-1] == AskHome(Closed.NOT_SURE)
    for walk in range(12):
        start = 30_000 + walk * 10_000
        assert opened(looked(door, [seen(of(walk % 12), HERE, 100), poster()], start, start + 3_000)) == 1
        door = door.renewed(RULE, GALLERY)
        left = looked(door, [poster(shift=walk % 3)], start + 3_000, start + 10_000)
        assert set(left) == {AskHome(Closed.NOT_SURE)}
    assert len(attempts.failed) == 1


def test_a_door_that_never_searches_keeps_no_list_of_what_failed() -> None:
    """Proofs of life that failed count too, where nobody is ever searched for: for years."""
    attempts = Attempts()
    for at in range(0, 100_000_000, 100_000):
        attempts.fail(at)
    assert len(attempts.failed) <= attempts.window_ms / 100_000


def test_a_poster_s_place_is_not_shut_to_faces_for_ever() -> None:
    door = visit()
    looked(door, [poster()], 0, 30_000)
    door.see([], 31_000)
    there = seen(of(3), WALL)
    assert door.see([there], 60_000) == AskHome(Closed.NOT_SURE), "as far as the door can tell, the poster"
    assert isinstance(door.see([there], 60_100, "001"), Opened), "the home number opens"
    door.see([], 61_000)
    assert isinstance(door.see([seen(of(3), (400.0, 60.0, 480.0, 140.0))], 62_000), Opened), "half a step aside"
    door.see([], 63_000)
    assert isinstance(door.see([there], 700_000), Opened), "ten minutes later"


def test_who_waits_and_moves_as_people_do_is_no_scenery() -> None:
    door = visit()
    for at in range(300):
        sway = 12 * (at // 60 % 2)
        door.see([seen(POSTER, (100 + sway, 100 + sway, 200 + sway, 200 + sway))], at * 100)
    door.see([], 31_000)
    assert isinstance(door.see([seen(of(3), HERE)], 32_000), Opened)


def test_a_frame_a_second_opens_once_and_counts_one_search_a_visit() -> None:
    attempts = Attempts()
    door = visit(attempts=attempts)
    assert opened(looked(door, [seen(of(3))], 0, 60_000, 1_000)) == 1
    door.see([], 61_000)
    verdicts = looked(door, [seen(POSTER)], 62_000, 90_000, 1_000)
    assert verdicts[2:] == [AskHome(Closed.NOT_SURE)] * 26
    assert len(attempts.failed) == 1


def test_frames_a_second_apart_are_never_added_up_and_never_more_than_three() -> None:
    door = visit()
    halves: list[Vector] = [of(3, WEAK, 0), of(3, WEAK, 1)]
    for at in range(3):
        assert not isinstance(door.see([seen(halves[at % 2])], at * 1_000), Opened), "their mean would do"
    assert door.see([seen(of(3))], 3_000) == AskHome(Closed.NOT_SURE), "a fourth draw"


def test_a_home_typed_before_a_slow_camera_is_answered_by_the_face_of_that_moment() -> None:
    door = visit()
    looked(door, [seen(POSTER)], 0, 6_000, 1_000)
    assert door.wants([seen(of(3))], 6_000) is not None
    assert isinstance(door.see([seen(of(3))], 6_000, "001"), Opened)
    slow = visit()
    slow.see([seen(POSTER)], 0)
    verdicts = [slow.see([seen(POSTER)], at, "001" if at == 1_000 else None) for at in range(1_000, 8_000, 1_000)]
    assert [one for one in verdicts if isinstance(one, Refused)] == [Refused(Refusal.NOT_THIS_HOME)]


def test_sixty_frames_a_second_decide_as_ten_do() -> None:
    fast, slow = visit(), visit()
    weak = [of(3, WEAK, seed) for seed in range(3)]
    at = next(now for now in range(0, 2_000, 16) if isinstance(fast.see([seen(weak[now // 400 % 3])], now), Opened))
    assert at in range(400, 450)
    assert sum(isinstance(verdict, Opened) for verdict in shown(slow, weak)) == 1


def test_a_clock_that_is_set_back_shuts_nobody_out() -> None:
    door = visit()
    door.see([seen(of(3, WEAK, 0))], 50_000)
    door.see([], 1_000)
    door.forget()
    assert isinstance(door.see([seen(of(3))], 2_000), Opened)
