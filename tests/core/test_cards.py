"""A card's number comes whole or not at all; a card opens only as what it is; trying numbers out is slow and told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.estate import ANNE, DAY, HOME, HOUR, LIST_KEY, Bench, Rows, at, logged, opened, reason, seconds

from gatecore import cards, feedback, state
from gatecore import records as r
from gatecore.door import FREE_ENTRIES
from gatecore.errors import RecordError
from gatecore.events import ALERT_GUESSING, ALERT_LOST_CARD, Alert, Key, Log, Remember, Tick, Told
from gatecore.throttle import CARDS, LAW, TRY, Memory
from gatecore.wire import decode, encode

MINE, BOUND = 1_234_567, 4_350  # unknown cards a reader looks at in any 24 h: docs/threat-model.md


def sent(bits: int, number: int) -> int:
    """A frame as a reader makes it: even parity over the first half, odd over the second (26 and 34 bits)."""
    half = (bits - 2) // 2
    first = (number >> half).bit_count() & 1
    last = 1 - (number & ((1 << half) - 1)).bit_count() % 2
    return first << (bits - 1) | number << 1 | last


class CardBench(Bench):
    """A door with a reader; `boot` is what a power cut leaves of it."""

    def __init__(self, *listed: tuple[int, int], hour: float = 8) -> None:
        super().__init__(Rows(), hour=hour)
        self.lists(*listed)
        cards.fit(self.door)

    def lists(self, *listed: tuple[int, int]) -> None:
        fresh = self.rows.state(self.door.state.version + 1)
        for number, until in listed:
            mark = cards.digest(LIST_KEY, number)
            fresh.put(state.CARDS, [mark, ANNE, until])
        self.door.state = fresh

    def hold(self, number: int) -> list[Told]:
        return self.do(cards.CardRead(number))


FAR = seconds(at(0, day=DAY + 200))


@given(st.sampled_from((26, 34)), st.integers(0, 2**32 - 1))
def test_a_frame_s_number_is_the_one_the_reader_sent(bits: int, number: int) -> None:
    number %= 1 << (bits - 2)
    told = cards.frame(bits, sent(bits, number))
    assert isinstance(told, cards.CardRead)
    assert told.number == number


@given(st.sampled_from((26, 34)), st.integers(0, 2**32 - 1), st.data())
def test_one_flipped_bit_makes_a_frame_nothing(bits: int, number: int, data: st.DataObject) -> None:
    flipped = 1 << data.draw(st.integers(0, bits - 1))
    assert cards.frame(bits, sent(bits, number % (1 << (bits - 2))) ^ flipped) is None


@given(st.integers(0, 80), st.integers(-1, 2**80))
def test_a_frame_of_another_length_is_nothing(bits: int, value: int) -> None:
    told = cards.frame(bits, value)
    assert told is None or bits in (4, 8, 26, 34)


def test_a_reader_s_keys_are_the_keypad_s_in_both_forms() -> None:
    def keys(bits: int, values: list[int]) -> str:
        return "".join(told.key for told in [cards.frame(bits, one) for one in values] if isinstance(told, Key))

    assert keys(4, list(range(16))) == "0123456789*#"
    assert keys(8, list(range(256))) == "#*9876543210"  # 4 falls where its complement rises


def test_wires_that_are_dead_or_shorted_open_nothing() -> None:
    for bits in (26, 34):
        assert cards.frame(bits, 0) is None
        assert cards.frame(bits, (1 << bits) - 1) is None


def test_a_card_opens_with_its_home_and_person_in_the_private_part_only() -> None:
    bench = CardBench((MINE, FAR))
    effects = bench.hold(MINE)
    assert opened(effects)
    (entry,) = logged(effects, r.ACCESS)
    mark = cards.digest(LIST_KEY, MINE)
    assert (entry.pub, entry.subject, entry.detail) == ([0, r.GRANTED, r.CARD, 0, 0], ANNE, [HOME, ANNE, mark, 0])


def test_a_card_of_another_door_s_list_is_unknown_here() -> None:
    assert cards.digest(LIST_KEY, MINE) != cards.digest(b"K" * 32, MINE)


def test_a_lost_card_never_opens_again_and_guards_hear_whose_it_is() -> None:
    bench = CardBench((MINE, FAR))
    assert opened(bench.hold(MINE))
    bench.lists((MINE, cards.LOST))
    effects = bench.hold(MINE)
    assert not opened(effects)
    assert reason(effects) == feedback.CARD_LOST
    (entry,) = logged(effects, r.ACCESS)
    assert (entry.pub[1], entry.pub[3], entry.subject) == (r.REFUSED, feedback.CARD_LOST, ANNE)
    assert [effect.home for effect in effects if isinstance(effect, Alert)] == [HOME]
    assert [effect.kind for effect in effects if isinstance(effect, Alert)] == [ALERT_LOST_CARD]


def test_a_card_ends_to_the_second() -> None:
    until = seconds(at(9))
    bench = CardBench((MINE, until))
    bench.wait(HOUR - 1)
    assert opened(bench.hold(MINE))
    bench.wait(1)
    assert reason(bench.hold(MINE)) == feedback.CARD_ENDED


def test_a_card_without_a_person_of_this_door_has_no_right_here() -> None:
    bench = CardBench()
    bench.door.state.put(state.CARDS, [cards.digest(LIST_KEY, 9), b"Z" * 16, FAR])
    assert reason(bench.hold(9)) == feedback.NO_RIGHT


def test_an_unknown_card_rests_the_reader_a_moment_and_the_fifth_in_an_hour_is_told_once() -> None:
    bench, alarms = CardBench((MINE, FAR)), 0
    for number in range(1, 30):
        effects = bench.hold(number)
        assert reason(effects) == feedback.CARD_UNKNOWN
        alarms += any(isinstance(effect, Alert) and effect.kind == ALERT_GUESSING for effect in effects)
        assert alarms == (number >= 5)
        assert reason(bench.hold(MINE)) == feedback.CARD_WAIT
        bench.wait(cards.QUICK_MS if number < 5 else cards.SLOW_MS)
    assert opened(bench.hold(MINE))


def test_a_reader_never_rests_longer_than_twenty_seconds() -> None:
    bench = CardBench((MINE, FAR))
    for number in range(1, 400):
        bench.hold(number)
        bench.wait(1_000)
    bench.wait(20_000)
    assert opened(bench.hold(MINE))


@pytest.mark.parametrize("waits", [2_000, 20_000, 21_000, 600_000])
def test_no_more_than_the_bound_is_looked_at_in_a_day(waits: int) -> None:
    """Somebody who holds another number as soon as it helps, or spares the quick tries."""
    bench, looked, number = CardBench(hour=0), 0, 0
    while bench.mono < 24 * HOUR:
        number += 1
        effects = bench.hold(number)
        looked += reason(effects) == feedback.CARD_UNKNOWN
        bench.wait(waits)
    print(f"one each {waits} ms: {looked} looked at")
    assert looked <= BOUND


def test_pulling_the_plug_wins_nothing() -> None:
    bench = CardBench((MINE, FAR))
    held = b""
    for number in range(1, 6):
        effects = bench.hold(number)
        held = next(effect.data for effect in effects if isinstance(effect, Remember))
        bench.wait(cards.QUICK_MS)
    again = CardBench((MINE, FAR))
    again.door.memory = Memory.restore(held)
    cards.fit(again.door)
    assert reason(again.hold(6)) == feedback.CARD_WAIT
    again.wait(cards.SLOW_MS)
    assert reason(again.hold(6)) == feedback.CARD_UNKNOWN
    again.wait(cards.QUICK_MS)
    assert reason(again.hold(MINE)) == feedback.CARD_WAIT, "the bucket is still empty"


def test_a_memory_of_before_there_were_cards_keeps_what_it_remembers() -> None:
    memory = Memory()
    memory.spend(0)
    old = decode(memory.to_wire())
    assert isinstance(old, list)
    old[0] = old[0][:3]
    back = Memory.from_wire(encode(old))
    assert back.levels == [LAW[0][0] * TRY - TRY, *[burst * TRY for burst, _ in LAW[1:]]]
    for wrong in ([], old[0][:2], [*memory.levels, 1]):
        old[0] = wrong
        with pytest.raises(RecordError):
            Memory.from_wire(encode(old))


@pytest.mark.parametrize(
    "listed", [[(MINE, cards.LOST)], [(MINE, seconds(at(8)))], []], ids=["lost", "ended", "unknown"]
)
def test_a_card_held_up_all_day_neither_fills_the_log_nor_calls_people_without_end(
    listed: list[tuple[int, int]],
) -> None:
    bench, entries, alerts, refused, hours = CardBench(*listed), 0, 0, 0, 8
    while bench.mono < hours * HOUR:
        effects = bench.hold(MINE) + bench.do(Tick())
        refused += bool(logged(effects, r.ACCESS)) or reason(effects) != feedback.CARD_WAIT
        entries += sum(isinstance(effect, Log) for effect in effects)
        alerts += sum(isinstance(effect, Alert) for effect in effects)
        assert not opened(effects)
        bench.wait(cards.QUICK_MS)
    assert refused > hours * 170
    # beside them each hour its number; of an unknown card those that cost a try: five, and one an hour, told
    assert entries <= hours * (FREE_ENTRIES + 3) + 5
    assert alerts <= hours * FREE_ENTRIES
    assert (alerts > 0) is (listed != [(MINE, seconds(at(8)))])  # one that has ended is nobody's alarm


def test_a_lost_card_is_told_again_in_the_next_hour() -> None:
    bench = CardBench((MINE, cards.LOST))
    for _ in range(FREE_ENTRIES + 1):
        last = bench.hold(MINE)
        bench.wait(cards.QUICK_MS)
    assert [type(effect).__name__ for effect in last] == ["Feedback"]
    bench.wait(HOUR)
    assert logged(bench.do(Tick()), r.COUNT)[0].pub == [3, FREE_ENTRIES + 1]
    assert any(isinstance(effect, Alert) for effect in bench.hold(MINE))


def test_only_the_door_it_was_fitted_to_reads_cards() -> None:
    bench, other = CardBench((MINE, FAR)), Bench()
    assert cards.CardRead in bench.door.STEPS
    assert cards.CardRead not in other.door.STEPS
    with pytest.raises(KeyError):
        other.do(cards.CardRead(MINE))


def test_a_spoilt_memory_rests_the_reader_first() -> None:
    memory = Memory.restore(b"spoilt")
    assert not memory.open(CARDS)
