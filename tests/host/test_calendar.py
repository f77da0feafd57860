"""The estate's days: where clocks are changed, at the ends of months and years, on a leap day, over midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecore.clock import DAY_MS, MINUTE_MS, day_of, local_ms
from gatehost.model.place import ROOT, Estate
from gatehost.service import calendar
from gatehost.web.words import moment

FIRST, LAST = calendar.day_number("2024-01-01"), calendar.day_number("2032-12-31")


def summer(winter: int, change: int = 1) -> calendar.Offsets:
    """A table of a zone with summer time: an hour forward on the last Sunday of March, back on that of October."""
    found = [(0, winter)]
    for year in range(2024, 2033):
        for month, minutes in ((3, winter + 60), (10, winter)):
            last = date(year, month, 31) - timedelta(days=(date(year, month, 31).weekday() + 1) % 7)
            found.append((int(datetime(*last.timetuple()[:3], change, tzinfo=UTC).timestamp()) * 1000, minutes))
    return tuple(found)


# no change; two in the middle of the night; one that leaps over midnight and one that shows it twice
ZONES = ((), ((0, 480),), summer(60), summer(-300, 7), summer(-60), summer(0, 0))
days = st.integers(FIRST, LAST)
zones = st.sampled_from(ZONES)


@settings(max_examples=200, deadline=None)
@given(days, st.integers(0, 24 * 60 - 1), zones)
def test_a_time_of_a_day_is_the_first_instant_at_which_the_clock_shows_it_or_more(
    day: int, minutes: int, offsets: calendar.Offsets
) -> None:
    at, wanted = calendar.at_clock(day, minutes, offsets), day * DAY_MS + minutes * MINUTE_MS
    assert local_ms(at, offsets) >= wanted
    earlier = {since for since, _ in offsets} | {wanted - east * MINUTE_MS for _, east in offsets} | {at - 1}
    assert all(local_ms(one, offsets) < wanted for one in earlier if one < at)


@settings(max_examples=200, deadline=None)
@given(days, zones)
def test_a_day_ends_where_the_next_begins_and_is_the_day_of_all_between(day: int, offsets: calendar.Offsets) -> None:
    start, end = calendar.start_of_day(day, offsets), calendar.start_of_day(day + 1, offsets)
    assert end - start in (23 * 60 * MINUTE_MS, DAY_MS, 25 * 60 * MINUTE_MS)
    assert {day_of(start + part * (end - start - 1) // 7, offsets) for part in range(8)} == {day}
    parts = list(calendar.spans(start, end, offsets or ((0, 0),)))
    assert (parts[0][0], parts[-1][1], sum(until - since for since, until, _ in parts)) == (start, end, end - start)
    assert all(local_ms(since, offsets) == since + shift for since, _, shift in parts)


@settings(max_examples=200, deadline=None)
@given(days, st.integers(0, 24 * 60 - 1), zones)
def test_a_time_typed_on_a_page_is_the_time_the_page_shows(day: int, minutes: int, offsets: calendar.Offsets) -> None:
    estate = Estate(ROOT, "x", 6, offsets or ((0, 0),))
    shown = datetime(1970, 1, 1) + timedelta(days=day, minutes=minutes)  # noqa: DTZ001 (the estate's one zone)
    again = moment.local(moment.instant(shown, estate), estate)
    assert again == shown or abs(again - shown) == timedelta(hours=1)  # what the clock leaps over is an hour away
    assert moment.start_of(day, estate) == calendar.start_of_day(day, estate.offsets)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2012-06-15", "2026-06-14", 13),
        ("2012-06-15", "2026-06-15", 14),
        ("2012-02-29", "2026-02-28", 13),
        ("2012-02-29", "2026-03-01", 14),
        ("2012-02-29", "2028-02-29", 16),
        ("2012-12-31", "2027-01-01", 14),
    ],
)
def test_somebody_is_a_year_older_on_the_birthday_and_not_before(born: str, on: str, age: int) -> None:
    assert calendar.years(born, calendar.day_number(on)) == age
