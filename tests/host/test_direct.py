"""Rows go to SQLite in groups, without their nulls and with bytes as bytearrays: read back, they are what was given."""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from gatehost.store import accesslog
from gatehost.store.direct import GROUP

number = st.integers(0, (1 << 63) - 1)
access = st.one_of(st.just((None,) * 4), st.tuples(number, number, number, number))
line = st.tuples(
    access,
    st.none() | st.text(),
    st.none() | st.binary(),
    st.none() | st.binary(),
    st.binary(),
    st.none() | st.binary(),
)


@given(st.lists(line, max_size=3 * GROUP))
def test_rows_of_any_shape_are_read_back_as_they_were_given(lines: list[tuple[object, ...]]) -> None:
    rows = [(at, 1, 2, 3, 4, *done, *named, 1, data, half) for at, (done, *named, data, half) in enumerate(lines)]
    with closing(sqlite3.connect(":memory:")) as held:
        columns = ", ".join(f"{name} BLOB" for name in accesslog._COLUMNS)
        held.execute(f"CREATE TABLE entry ({columns})")
        accesslog._insert_entries(held, rows)
        assert held.execute("SELECT * FROM entry ORDER BY id").fetchall() == rows
