"""docs/rows.md tells the truth about which rows are shown."""

from tests.rows import table


def test_the_table_is_not_stale() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.written(), "run: python -m tests.rows.table"


def test_every_row_named_by_a_test_is_a_row_and_every_row_has_its_rule() -> None:
    assert set(table.shown()) <= set(table.ids())
    assert set(table.ids()) <= set(table.rules())


def test_tests_of_other_folders_that_are_named_exist() -> None:
    assert not [test for tests in table.ALSO.values() for test in tests.split() if not table.exists(test)]
