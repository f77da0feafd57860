"""Bitmaps become keys once each; what is typed becomes what is meant."""

from hypothesis import given
from hypothesis import strategies as st

from gatecore.keypad import CALL, CLEARED, DEBOUNCE_MS, DECIDE, KEYS, MAX_HOME, NOTHING, Dialogue, Matrix


def press(matrix: Matrix, bitmap: int, mono: int) -> str:
    return matrix.scan(bitmap, mono) + matrix.scan(bitmap, mono + DEBOUNCE_MS)


def test_every_key_counts_once_however_long_it_is_held() -> None:
    matrix, typed, mono = Matrix(), "", 0
    for n in range(len(KEYS)):
        typed += press(matrix, 1 << n, mono)
        for more in range(5):
            typed += matrix.scan(1 << n, mono + 100 + more)
        mono += 200
        typed += press(matrix, 0, mono)
        mono += 200
    assert typed == KEYS


def test_a_bounce_shorter_than_the_debounce_is_no_key() -> None:
    matrix = Matrix()
    assert "".join(matrix.scan(bit, mono) for mono, bit in enumerate([1, 0, 1, 0, 1, 0, 0, 0])) == ""


def test_two_keys_at_once_are_none() -> None:
    assert press(Matrix(), 0b11, 0) == ""


@given(st.lists(st.tuples(st.integers(0, 2 ** len(KEYS) - 1), st.integers(0, 50)), max_size=60))
def test_no_noise_makes_more_keys_than_settled_readings(noise: list[tuple[int, int]]) -> None:
    matrix, mono, keys, settled, last = Matrix(), 0, 0, 0, (0, 0)
    for bitmap, wait in noise:
        mono += wait
        if bitmap != last[0]:
            last = (bitmap, mono)
        settled += mono - last[1] >= DEBOUNCE_MS
        keys += matrix.scan(bitmap, mono) != ""
    assert keys <= settled


def typed(text: str) -> tuple[Dialogue, int]:
    dialogue, did = Dialogue(), NOTHING
    for key in text:
        did = dialogue.key(key, 0)
    return dialogue, did


def test_eight_digits_decide_by_themselves_and_hash_decides_anything() -> None:
    assert typed("120502#10693800")[1] == DECIDE
    dialogue, did = typed("120502#1069380#")
    assert did == DECIDE
    assert (dialogue.home, dialogue.digits) == ("120502", "1069380")


def test_star_clears_and_an_endless_home_number_clears_itself() -> None:
    assert typed("120502#123*")[1] == CLEARED
    assert typed("1" * (MAX_HOME + 1))[1] == CLEARED
    assert typed("#")[1] == NOTHING
    assert typed("120502##")[1] == CLEARED


def test_call_is_a_call_from_anywhere() -> None:
    assert typed("120502C")[1] == CALL
    assert typed("120502#12C")[1] == CALL


@given(st.text(KEYS, max_size=60))
def test_no_typing_grows_beyond_its_bounds(text: str) -> None:
    dialogue = Dialogue()
    for key in text:
        if dialogue.key(key, 0) in (DECIDE, CALL):
            dialogue.clear()
        assert len(dialogue.home) <= MAX_HOME
        assert len(dialogue.digits) <= 8
