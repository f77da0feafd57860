"""Rows go to SQLite in groups, with their nulls and bytes in other clothes: read back, they are what was given."""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from gatehost.store import accesslog
from gatehost.store.direct import GROUP, insert_columns, insert_rows

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
        if rows:
            insert_columns(held, accesslog._INSERT, accesslog._quickly(list(zip(*rows, strict=True))), len(rows))
        assert held.execute("SELECT * FROM entry ORDER BY id").fetchall() == rows


@given(st.lists(st.tuples(number, st.none() | st.binary(), st.none() | number, st.none() | st.text()), max_size=9))
def test_rows_of_any_table_are_read_back_as_they_were_given(rows: list[tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(":memory:")) as held:
        held.execute("CREATE TABLE some (id BLOB, one BLOB, other BLOB, third BLOB)")
        insert_rows(held, "INSERT INTO some (id, one, other, third) VALUES (?,?,?,?)", rows)
        assert held.execute("SELECT * FROM some ORDER BY rowid").fetchall() == rows
