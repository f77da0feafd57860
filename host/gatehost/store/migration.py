"""A database brought to today's schema by Alembic's steps, all in one transaction: whole, or as it was.

`python -m gatehost.store.migration NAME` (`make migration NAME=...`) compares what the steps make with `schema` and
writes the next step; read it, complete it, commit it. docs/operations.md tells how.
"""

import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, select, update

from gatehost.model.errors import StoreError
from gatehost.store import schema, trigger

STEPS = Path(__file__).parent / "migrations"

TEMPLATE = '''"""{name}."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", "{before}"


def upgrade() -> None:
    """Takes the step."""
{body}
'''


def migrate(connection: Connection, steps: Path = STEPS) -> None:
    """Takes the missing steps within the caller's transaction. Any error is the caller's to roll back."""
    version = connection.execute(select(schema.schema_version.c.version)).scalar_one()
    _stamp(connection, version)
    script = ScriptDirectory(str(steps))
    context = MigrationContext.configure(
        connection, opts={"fn": lambda rev, _: script._upgrade_revs("head", rev), "transactional_ddl": True}
    )
    with Operations.context(context):
        context.run_migrations()
    trigger.renew(connection)
    _check(connection)
    connection.execute(update(schema.schema_version).values(version=int(script.get_current_head() or version)))


def _stamp(connection: Connection, version: int) -> None:
    """Tells Alembic what `schema_version` says: a database made whole, or by the first version, has no table of its."""
    MigrationContext.configure(connection)._ensure_version_table()
    connection.exec_driver_sql("DELETE FROM alembic_version")
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")


def _check(connection: Connection) -> None:
    """SQLite's steps run with foreign keys off, because they rebuild tables: nothing may point nowhere after them."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError("unreadable")


def differences(connection: Connection) -> list[object]:
    """What `schema` says and the database does not have, as Alembic's operations; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = produce_migrations(context, schema.metadata).upgrade_ops
    assert found is not None
    return [] if found.is_empty() else list(found.as_diffs())


def write_step(name: str, steps: Path = STEPS) -> Path:
    """The next step, as a file to be read and completed by a person."""
    script = ScriptDirectory(str(steps))
    before = script.get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/steps.db")
        with engine.begin() as connection:
            for revision in reversed(list(script.walk_revisions())):
                with Operations.context(MigrationContext.configure(connection)):
                    revision.module.upgrade()
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            upgrade = produce_migrations(context, schema.metadata).upgrade_ops
            assert upgrade is not None
            body = "    " + render_python_code(upgrade).strip()
        engine.dispose()
    number = int(before or "0") + 1
    path = steps / "versions" / f"v{number:04}_{name.replace(' ', '_')}.py"
    path.write_text(TEMPLATE.format(name=name, revision=number, before=before, body=body), encoding="utf-8")
    return path


if __name__ == "__main__":
    print(write_step(sys.argv[1]))
