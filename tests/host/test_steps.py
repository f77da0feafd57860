"""A database left at any earlier step, with a row in every table, is brought forward with every row in it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Table, Text, create_engine, event, insert, select

from gatehost.store import migration, schema

STEPS = range(1, schema.VERSION)
# what a rule of the tables or a later step wants to be so
VALUES: dict[str, Any] = {"until": 2, "heads": 1, "offsets": "[[0, 480]]", "form": "{}"}


def at_step(connection: Connection, last: int) -> None:
    """The tables as they were when `last` was the newest step."""
    script = migration.ScriptDirectory(str(migration.STEPS))
    with migration.Operations.context(migration.MigrationContext.configure(connection)):
        for revision in sorted(script.walk_revisions(), key=lambda one: int(one.revision)):
            if int(revision.revision) <= last:
                revision.module.upgrade()
    connection.execute(schema.schema_version.insert().values(version=last))


def filled(connection: Connection) -> dict[str, dict[str, Any]]:
    """Puts a row into every table there is; table -> the row. Everything points at the one row of what it names."""
    held = MetaData()
    held.reflect(connection)
    rows = {}
    for table in held.sorted_tables:
        if table.name in ("schema_version", "alembic_version"):
            continue
        rows[table.name] = {column.name: value(table, column) for column in table.columns}
        connection.execute(insert(table).values(rows[table.name]))
    return rows


def value(table: Table, column: Any) -> Any:
    """Something that fits."""
    if column.name in VALUES:
        return VALUES[column.name]
    if isinstance(column.type, LargeBinary):
        return b"\x01\x02"
    return "x" if isinstance(column.type, Text) else 1


def engine() -> Engine:
    """An empty database whose foreign keys are off, as they are while steps are taken; steps rebuild tables."""
    made = create_engine("sqlite://")

    @event.listens_for(made, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")

    return made


@pytest.mark.parametrize("last", STEPS)
def test_every_row_of_every_table_of_a_step_is_there_today(last: int) -> None:
    made = engine()
    with made.begin() as connection:
        at_step(connection, last)
        before = filled(connection)
        assert len(before) > 10
        migration.migrate(connection)
        assert migration.differences(connection) == []
        for name, row in before.items():
            table = schema.metadata.tables[name]
            found: Sequence[Any] = connection.execute(select(table)).all()
            assert len(found) == 1, name
            kept = {key: told for key, told in row.items() if key in table.columns}
            assert found[0]._asdict() | kept == found[0]._asdict(), name
        assert connection.execute(select(schema.schema_version.c.version)).scalar_one() == schema.VERSION
    made.dispose()
