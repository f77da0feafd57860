"""Visitor codes VC1 (docs/visitor-codes.md): when a typed code opens, and what every other one is told."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.estate import (
    DAY,
    HOME,
    HOUR,
    MINUTE,
    OTHER_HOME,
    Bench,
    Rows,
    at,
    day_code,
    logged,
    mark,
    opened,
    reason,
    seconds,
)  # fmt: skip

from gatecore import codes
from gatecore.door import FREE_ENTRIES
from gatecore.events import Alert, Link, Log, Remember, Tick
from gatecore.records import ACCESS, ALARM, COUNT, DERIVED_FLAG
from gatecore.sign import hmac_sha256
from gatecore.throttle import Memory

digits = st.text("0123456789", min_size=1, max_size=12)


def issued(hour_from: float = 0, hour_to: float = 26, uses: int = 3, **more: int) -> Rows:
    rows = Rows()
    rows.issue(HOME, day_code(), at(hour_from), at(hour_to), uses, **more)
    return rows


@given(digits)
def test_the_check_digit_makes_the_whole_a_zero(text: str) -> None:
    assert codes.damm(text + codes.damm(text)) == "0"


@given(digits, st.data())
def test_every_single_wrong_digit_and_swap_of_neighbours_is_seen(text: str, draw: st.DataObject) -> None:
    whole = text + codes.damm(text)
    at_ = draw.draw(st.integers(0, len(whole) - 1))
    other = draw.draw(st.sampled_from([d for d in "0123456789" if d != whole[at_]]))
    assert codes.damm(whole[:at_] + other + whole[at_ + 1 :]) != "0"
    for i in range(len(whole) - 1):
        swapped = whole[:i] + whole[i + 1] + whole[i] + whole[i + 2 :]
        assert swapped == whole or codes.damm(swapped) != "0"


def test_the_published_vectors_hold() -> None:
    key = codes.zone_key(bytes(range(32)), "12", 692)
    assert [codes.with_check(HOME, codes.derive(key, HOME, DAY, slot)) for slot in (0, 1, 128)] == VECTORS


def test_an_issued_code_opens_until_its_uses_are_gone() -> None:
    bench = Bench(issued(uses=2))
    bench.do(Link(True))
    assert opened(bench.type(f"{HOME}#{day_code()}"))
    assert opened(bench.type(f"{HOME}#{day_code()}"))
    third = bench.type(f"{HOME}#{day_code()}")
    assert not opened(third)
    assert reason(third) == codes.USED_UP


def test_what_a_home_alone_decides_is_done_when_it_is_typed_and_is_the_same_work_for_every_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last digit is answered at once; how long the door is at a home's number tells nobody whether it is one."""
    made = 0

    def counted(key: bytes, message: bytes) -> bytes:
        nonlocal made
        made += 1
        return hmac_sha256(key, message)

    def costs(text: str) -> int:
        nonlocal made
        made = 0
        bench.type(text)
        return made

    monkeypatch.setattr(codes, "hmac_sha256", counted)
    bench = Bench()
    assert costs(HOME) == costs("120599") == 0
    bench.type("*")
    eight, wrong = day_code(slot=1), codes.with_check("120599", "1234567")
    steps = [1, 1, 1, 1, 1, 0, 1, 0]  # the codes that cancel yesterday's ended ones are not worked out
    assert [costs(f"{HOME}#"), *(costs(key) for key in eight[:7]), costs(eight[7])] == [*steps, 1]
    assert [costs("120599#"), *(costs(key) for key in wrong[:7]), costs(wrong[7])] == [*steps, 1]
    assert [costs(f"{HOME}#"), costs("1"), costs("*"), costs(f"{HOME}#{eight}")] == [1, 1, 0, 7]


def test_what_changes_while_a_code_is_typed_counts() -> None:
    late = Bench(hour=24 + 2 - 1 / HOUR)  # a second before yesterday's codes end
    late.type(f"{HOME}#{day_code()[:7]}")
    late.wait(2_000)
    assert reason(late.type(day_code()[7])) == codes.EXPIRED
    told = Bench()
    told.type(f"{HOME}#{day_code()[:7]}")
    told.take(Rows(homes=[[OTHER_HOME, "12", 0]]))
    assert reason(told.type(day_code()[7])) == codes.WRONG
    lost = Bench()
    lost.quality = 1
    lost.type(f"{HOME}#{day_code()[:7]}")
    lost.quality = 3
    assert opened(lost.type(day_code()[7]))


def test_uses_are_remembered_before_the_door_says_opened() -> None:
    effects = Bench(issued()).type(f"{HOME}#{day_code()}")
    kinds = [effect.__class__.__name__ for effect in effects]
    assert kinds.index("Remember") < kinds.index("Log") < kinds.index("Unlock")


def test_uses_survive_a_power_cut() -> None:
    bench = Bench(issued(uses=1))
    saved = [e.data for e in bench.type(f"{HOME}#{day_code()}") if isinstance(e, Remember)][-1]
    again = Bench(issued(uses=1), memory=Memory.restore(saved))
    assert reason(again.type(f"{HOME}#{day_code()}")) == codes.USED_UP


@pytest.mark.parametrize(("hour", "why"), [(8.9, codes.EARLY_CODE), (18, codes.EXPIRED)])
def test_outside_its_window_a_code_says_so(hour: float, why: int) -> None:
    assert reason(Bench(issued(9, 18), hour=hour).type(f"{HOME}#{day_code()}")) == why


def test_weekdays_and_first_use_bound_a_code() -> None:
    tuesdays = Bench(issued(0, 24 * 20, 0, weekdays=0b10))
    assert reason(tuesdays.type(f"{HOME}#{day_code()}")) == codes.EARLY_CODE
    tuesdays.day += 1
    assert opened(tuesdays.type(f"{HOME}#{day_code()}"))
    two_hours = Bench(issued(0, 24 * 20, 0, first=7200))
    assert opened(two_hours.type(f"{HOME}#{day_code()}"))
    two_hours.wait(2 * HOUR)
    assert reason(two_hours.type(f"{HOME}#{day_code()}")) == codes.EXPIRED


def test_no_window_is_longer_than_31_days_whatever_the_host_says() -> None:
    bench = Bench(issued(0, 24 * 300, 0))
    bench.day += 32
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.EXPIRED


def test_a_code_of_another_home_is_mistyped_and_costs_no_try() -> None:
    bench = Bench()
    before = bench.door.memory.levels[0]
    assert reason(bench.type(f"{OTHER_HOME}#{day_code()}")) == codes.MISTYPED
    assert bench.door.memory.levels[0] == before


def test_without_the_host_any_derivable_code_opens_and_says_so_in_the_log() -> None:
    bench = Bench()
    entry = logged(bench.type(f"{HOME}#{day_code(slot=1)}"), ACCESS)[0]
    assert entry.pub[1] == 1
    assert entry.pub[4] == DERIVED_FLAG


def test_with_the_host_only_issued_codes_open() -> None:
    bench = Bench()
    bench.do(Link(True))
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.WRONG
    bench.do(Link(False))
    assert opened(bench.type(f"{HOME}#{day_code()}"))


def test_a_revoked_code_stays_shut_with_and_without_the_host() -> None:
    rows = issued()
    rows.revoked.append([HOME, mark(HOME, day_code()), seconds(at(26))])
    bench = Bench(rows)
    for up in (True, False):
        bench.do(Link(up))
        assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.REVOKED


@pytest.mark.parametrize(
    ("day", "hour", "opens", "why"),
    [
        (DAY, 0, True, codes.OK),
        (DAY, 23.99, True, codes.OK),
        (DAY + 1, 1.99, True, codes.OK),
        (DAY + 1, 2, False, codes.EXPIRED),
        (DAY - 1, 12, False, codes.WRONG),
        (DAY + 2, 1, False, codes.WRONG),
    ],
)
def test_a_day_code_opens_only_on_its_day_and_two_hours_after(day: int, hour: float, opens: bool, why: int) -> None:
    effects = Bench(hour=hour, day=day).type(f"{HOME}#{day_code()}")
    assert opened(effects) is opens
    assert opens or reason(effects) == why


def test_a_day_is_the_estates_own_and_follows_the_table_of_offsets() -> None:
    rows = Rows()
    rows.offsets.append([seconds(at(12)), 9 * 60])  # clocks go forward at noon of that day
    early = Bench(rows, hour=0, day=DAY + 1)
    assert opened(early.type(f"{HOME}#{day_code()}"))  # 01:00 by the new offset: still in the grace
    late = Bench(rows, hour=1.1, day=DAY + 1)
    assert reason(late.type(f"{HOME}#{day_code()}")) == codes.EXPIRED


def test_a_zone_key_the_door_does_not_hold_opens_nothing() -> None:
    rows = Rows()
    rows.zones = []
    assert reason(Bench(rows).type(f"{HOME}#{day_code()}")) == codes.WRONG


def test_a_code_of_another_zone_or_master_opens_nothing() -> None:
    assert not opened(Bench().type(f"{HOME}#{day_code(zone='13')}"))


def test_the_cancel_code_kills_its_slot_at_this_door_and_tells_the_home() -> None:
    bench = Bench(issued())
    effects = bench.type(f"{HOME}#{day_code(slot=128)}")
    assert reason(effects) == codes.CANCELS
    assert not opened(effects)
    assert next(effect for effect in effects if isinstance(effect, Alert)).home == HOME
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.CANCELLED
    assert opened(bench.type(f"{HOME}#{day_code(slot=1)}"))


def test_a_cancel_code_typed_all_evening_is_told_once_and_fills_no_log() -> None:
    bench, entries, alerts = Bench(issued()), 0, 0
    for _ in range(200):
        effects = bench.type(f"{HOME}#{day_code(slot=128)}")
        assert (reason(effects), opened(effects)) == (codes.CANCELS, False)
        entries += sum(isinstance(effect, Log) for effect in effects)
        alerts += sum(isinstance(effect, Alert) for effect in effects)
    assert (entries, alerts) == (1 + FREE_ENTRIES, 1)
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.CANCELLED


def test_without_sure_time_every_visitor_code_is_refused_and_costs_nothing() -> None:
    bench = Bench(issued())
    bench.quality = 1
    before = bench.door.memory.levels[0]
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.NO_TIME
    assert bench.door.memory.levels[0] == before


def test_a_short_number_takes_the_building_doors_prefix_before_everything() -> None:
    assert opened(Bench(issued()).type(f"02#{day_code()}"))


def guess(n: int, home: str = HOME) -> str:
    """The n-th wrong code with a good check digit."""
    return codes.with_check(home, f"{n:07d}")


def test_ten_wrong_codes_close_the_path_and_say_until_when() -> None:
    bench = Bench(issued())
    homes = [f"1205{n:02d}" for n in range(10)]
    for n, home in enumerate(homes):
        assert reason(bench.type(f"{home}#{guess(n, home)}")) == codes.WRONG
    shut = bench.type(f"{HOME}#{day_code()}")
    assert reason(shut) == codes.CLOSED
    assert shut[-1].number == 20  # type: ignore[attr-defined]
    bench.wait(20 * MINUTE)
    assert opened(bench.type(f"{HOME}#{day_code()}"))


def empty_bucket(bench: Bench) -> str:
    for n in range(10):
        bench.type(f"1206{n:02d}#{guess(n, f'1206{n:02d}')}")
    return f"{HOME}#{day_code()}"


def rested(bench: Bench) -> str:
    for n in range(10):
        bench.type(f"{HOME}#{guess(n)}")
    bench.wait(25 * MINUTE)
    bench.do(Tick())
    return f"{HOME}#{day_code()}"


def without_time(bench: Bench) -> str:
    bench.quality = 1
    return f"{HOME}#{day_code()}"


@pytest.mark.parametrize("made", [empty_bucket, rested, without_time])
def test_who_types_on_at_no_cost_fills_no_log_and_is_counted(made: Callable[[Bench], str]) -> None:
    """At a door without its host a full log replaces its oldest entries: an evening of typing must not do that."""
    bench = Bench(issued())
    typed = made(bench)
    told = [bench.type(typed) for _ in range(200)]
    assert len({reason(effects) for effects in told}) == 1
    assert [len(logged(effects, ACCESS)) for effects in told] == [1] * 10 + [0] * 190
    assert not [effect for effects in told for effect in effects if isinstance(effect, (Remember, Alert))]
    bench.wait(60 * MINUTE)
    assert [entry.pub for entry in logged(bench.do(Tick()), COUNT)] == [[3, 200]]
    bench.quality = 1
    assert logged(bench.type(f"{HOME}#{day_code()}"), ACCESS)


def test_an_unknown_home_is_a_wrong_code_in_words_and_cost() -> None:
    unknown, known = Bench(), Bench()
    a = unknown.type(f"999999#{guess(1, '999999')}")
    b = known.type(f"{HOME}#{guess(1)}")
    assert reason(a) == reason(b) == codes.WRONG
    assert unknown.door.memory.levels == known.door.memory.levels


def test_the_fifth_wrong_in_a_row_raises_an_alarm_whatever_opens_between() -> None:
    bench = Bench(issued())
    effects = []
    for n in range(5):
        assert not logged(effects, ALARM)
        if n == 3:
            assert opened(bench.type(f"{HOME}#{day_code()}"))
        effects = bench.type(f"{OTHER_HOME}#{guess(n, OTHER_HOME)}")
    assert logged(effects, ALARM)


def test_ten_wrong_against_one_home_rest_its_codes_for_an_hour_and_no_others() -> None:
    rows = issued()
    rows.issue(OTHER_HOME, day_code(OTHER_HOME), at(0), at(26))
    bench = Bench(rows)
    for n in range(10):
        bench.type(f"{HOME}#{guess(n)}")
    bench.wait(25 * MINUTE)
    assert reason(bench.type(f"{HOME}#{day_code()}")) == codes.PAUSED
    assert opened(bench.type(f"{OTHER_HOME}#{day_code(OTHER_HOME)}"))
    bench.wait(36 * MINUTE)
    assert opened(bench.type(f"{HOME}#{day_code()}"))


def test_mistyping_is_free_sixty_times_an_hour_and_then_costs_a_try() -> None:
    bench = Bench()
    wrong = day_code()[:-1] + str((int(day_code()[-1]) + 1) % 10)
    for _ in range(60):
        assert reason(bench.type(f"{HOME}#{wrong}")) == codes.MISTYPED
    level = bench.door.memory.levels[0]
    bench.type(f"{HOME}#{wrong}")
    assert bench.door.memory.levels[0] == level - 1000


VECTORS = ["47325660", "97595115", "86987446"]
