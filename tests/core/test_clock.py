"""Time has a quality; the floor never goes back, and a far step needs two witnesses."""

from hypothesis import given
from hypothesis import strategies as st

from gatecore.clock import AGREED, BATTERY, FLOOR, HOST, MAX_STEP_MS, NOTHING, Clock, day_of, local_ms

NOON = 1_795_000_000_000
HOUR = 3_600_000


def test_a_door_that_knows_nothing_says_so() -> None:
    now = Clock(1).now(5)
    assert (now.utc, now.quality) == (None, NOTHING)
    floored = Clock(1, NOON).now(5)
    assert (floored.utc, floored.quality) == (NOON, FLOOR)


def test_battery_then_host_agree() -> None:
    clock = Clock(1, NOON - HOUR)
    assert clock.battery(NOON, 0) == 0
    assert clock.now(10).quality == BATTERY
    assert clock.host(NOON + 1000, 1000, 1000) == 0
    assert clock.now(1000).quality == AGREED


def test_half_the_round_trip_is_added_and_a_slow_answer_is_no_time() -> None:
    clock = Clock(1)
    clock.host(NOON, 0, 1000)
    assert clock.now(1000).utc == NOON + 500
    assert clock.host(NOON + 9_000, 0, 6_000) is None


def test_no_source_brings_time_before_the_floor() -> None:
    clock = Clock(1, NOON)
    assert clock.battery(NOON - 10_000, 0) is None
    assert clock.host(NOON - 10_000, 0, 0) is None
    assert clock.now(0).quality == FLOOR


def test_a_far_step_needs_a_second_source() -> None:
    clock = Clock(1)
    clock.battery(NOON, 0)
    far = NOON + MAX_STEP_MS + HOUR
    assert clock.host(far, 0, 0) is None
    assert clock.host(far, 0, 0) is None  # the same source twice is one source
    assert clock.now(0).utc == NOON
    assert clock.battery(far, 0) == MAX_STEP_MS + HOUR
    assert clock.now(0).quality == AGREED


def test_only_an_order_lowers_the_floor() -> None:
    clock = Clock(1)
    clock.host(NOON, 0, 0)
    assert clock.keep_floor(0) == NOON
    assert clock.host(NOON - HOUR, 0, 0) is None
    assert clock.order(NOON - HOUR, 0) == -HOUR
    assert clock.keep_floor(0) == NOON - HOUR
    assert clock.now(0).quality == HOST


@given(
    st.lists(
        st.tuples(st.sampled_from(["battery", "host"]), st.integers(0, 2 * NOON), st.integers(0, HOUR)), max_size=20
    )
)
def test_whatever_the_sources_say_the_floor_never_falls(story: list[tuple[str, int, int]]) -> None:
    clock, mono, floor = Clock(1, NOON), 0, NOON
    for source, utc, wait in story:
        mono += wait
        if source == "battery":
            clock.battery(utc, mono)
        else:
            clock.host(utc, mono, mono)
        kept = clock.keep_floor(mono)
        assert kept is not None
        assert kept >= floor
        floor = kept


def test_the_local_day_follows_the_table() -> None:
    assert day_of(NOON, []) == NOON // (24 * HOUR)
    assert local_ms(NOON, [[0, 480], [NOON + 1, 540]]) == NOON + 8 * HOUR
    assert local_ms(NOON + 1, [[0, 480], [NOON + 1, 540]]) == NOON + 1 + 9 * HOUR
    assert local_ms(NOON, [[0, -300]]) == NOON - 5 * HOUR
