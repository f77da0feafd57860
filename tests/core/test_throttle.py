"""Being wrong is paid for with powered-on time, and pulling the plug buys nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecore.errors import GateError
from gatecore.throttle import CARDS, CODES, HOUR_MS, LAW, PINS, Memory
from gatecore.wire import decode, encode

DAY_MS = 24 * HOUR_MS


@given(st.lists(st.integers(1, 5 * HOUR_MS), max_size=40), st.sampled_from([CODES, PINS, CARDS]))
def test_in_no_day_are_there_more_tries_than_burst_and_refill_allow(waits: list[int], bucket: int) -> None:
    memory, mono, tries = Memory(), 0, []
    for wait in waits:
        mono += wait
        memory.pass_time(mono)
        while memory.open(bucket):
            memory.spend(bucket)
            tries.append(mono)
    burst, refill = LAW[bucket]
    for start in tries:
        assert sum(start <= at < start + DAY_MS for at in tries) <= burst + 24 * refill


def test_a_greedy_guesser_has_82_tries_at_codes_in_a_day_and_not_one_more() -> None:
    memory, tries = Memory(), 0
    for minute in range(24 * 60):
        memory.pass_time(minute * 60_000)
        while memory.open(CODES):
            memory.spend(CODES)
            tries += 1
    assert tries <= 82
    assert tries * 1e-7 <= 1e-5  # 0.001 % a day per live code of one home


@given(st.lists(st.integers(1, HOUR_MS), min_size=1, max_size=20))
def test_cutting_time_into_pieces_wins_nothing(pieces: list[int]) -> None:
    whole, cut, mono = Memory(), Memory(), 0
    for memory in (whole, cut):
        memory.levels = [0] * len(LAW)
    for piece in pieces:
        mono += piece
        cut.pass_time(mono)
    whole.pass_time(mono)
    assert cut.levels == whole.levels


def test_power_cuts_neither_fill_the_bucket_nor_forget_a_pause() -> None:
    memory = Memory()
    for n in range(10):
        memory.spend(CODES)
        memory.count_wrong("120502")
        memory = Memory.from_wire(memory.to_wire())
        memory.pass_time(n)
    assert not memory.open(CODES)
    assert "120502" in memory.paused


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x86\x80\x00\x80\x80\x80\x80", b"garbage", b"\xff" * 40])
def test_a_memory_that_cannot_be_read_starts_with_empty_buckets(data: bytes) -> None:
    assert Memory.restore(data).levels == [0] * len(LAW)
    with pytest.raises(GateError):
        Memory.from_wire(data)


def test_a_new_door_starts_full() -> None:
    assert Memory.restore(None).levels == [burst * 1000 for burst, _ in LAW]


@given(st.binary(max_size=80))
def test_no_bytes_crash_the_memory_or_fill_it_beyond_its_burst(data: bytes) -> None:
    memory = Memory.restore(data)
    assert all(level <= burst * 1000 for level, (burst, _) in zip(memory.levels, LAW, strict=True))


def test_the_time_to_wait_is_exact() -> None:
    memory = Memory()
    memory.levels[CODES] = 0
    wait = memory.wait_ms(CODES)
    memory.pass_time(wait - 1)
    assert not memory.open(CODES)
    memory.pass_time(wait)
    assert memory.open(CODES)


@pytest.mark.parametrize("part", range(6))
@pytest.mark.parametrize("spoilt", [5, "x", None, True, [[1]], [[b"x", 1, 1, True]], [["1", -1]]])
def test_a_record_of_which_one_part_is_spoilt_is_read_as_lost_and_opens_nothing(part: int, spoilt: object) -> None:
    whole = decode(Memory().to_wire())
    if part == 1 and spoilt == 5:
        return  # five wrong in a row are no spoilt record
    whole[part] = spoilt
    assert Memory.restore(encode(whole)).levels == [0] * len(LAW)
