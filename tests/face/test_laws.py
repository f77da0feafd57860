"""The laws of a visit for every order of frames, people, pauses and places (gateface.visit)."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.face.test_visit import GALLERY, HERE, RULE, THERE, Vector, of, seen

from gateface import Attempts, Opened, Visit

step = st.tuples(
    st.integers(0, 1500),  # ms since the frame before
    st.integers(0, 3),  # which resident, or nobody in view
    st.sampled_from([1.0, 0.97, 0.93]),
    st.integers(0, 5),
    st.sampled_from([HERE, HERE, HERE, THERE]),
    st.sampled_from([None, None, None, "000", "001"]),
)
Step = tuple[int, int, float, int, tuple[float, float, float, float], str | None]


def template(person: int, cosine: float, seed: int) -> Vector:
    return of(person, cosine, seed)


@settings(max_examples=120, deadline=None)
@given(st.lists(step, max_size=30))
def test_one_decision_per_visit_whoever_leaves_and_returns(steps: list[Step]) -> None:
    """Between two openings the face was away for longer than it is followed, or stood elsewhere."""
    door, now = Visit(RULE, GALLERY, Attempts()), 0
    opened, last_seen, place, fresh, counted, taken = False, -10_000, HERE, True, 0, -10_000
    for pause, person, cosine, seed, box, home in steps:
        now += pause
        if person == 3:
            door.see([], now, home)
            continue
        fresh = now - last_seen > RULE.gone_ms or box != place
        if fresh:
            opened, counted, taken = False, 0, -10_000
        if now - taken >= RULE.gap_ms and counted < RULE.frames and not opened:
            counted, taken = counted + 1, now
        verdict = door.see([seen(template(person, cosine, seed), box)], now, home)
        last_seen, place = now, box
        if isinstance(verdict, Opened):
            assert not opened, "a second opening of one visit"
            assert verdict.frames <= counted, "frames of an earlier visit were counted"
            opened = True


@settings(max_examples=80, deadline=None)
@given(st.lists(step, max_size=20), st.integers(0, 11))
def test_two_people_in_view_never_open_whatever_came_before(steps: list[Step], other: int) -> None:
    door, now = Visit(RULE, GALLERY, Attempts()), 0
    for pause, person, cosine, seed, box, home in steps:
        now += pause
        beside = THERE if box == HERE else HERE
        together = [seen(template(person, cosine, seed), box), seen(of(other), beside)]
        alone = seed % 2 == 0
        verdict = door.see(together[:1] if alone else together, now, home)
        assert alone or not isinstance(verdict, Opened)
        assert alone or door.wants(together, now) is None
        assert alone or door.learnable(GALLERY.people[person].person, now) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 399), st.integers(0, 5)), min_size=2, max_size=12))
def test_frames_within_400_ms_are_one_frame(frames: list[tuple[int, int]]) -> None:
    """However many frames of one moment: the decision is that of the first alone."""
    door = Visit(RULE, GALLERY, Attempts())
    first = door.see([seen(template(3, 0.93, frames[0][1]))], 0)
    for at, seed in sorted(frames[1:]):
        verdict = door.see([seen(template(3, 0.93, seed))], at)
        assert isinstance(verdict, Opened) <= isinstance(first, Opened)
