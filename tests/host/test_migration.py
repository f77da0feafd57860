"""A database of any age becomes today's, whole or not at all, on SQLite and on PostgreSQL."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, Table, create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.host import postgres
from tests.host.spine import spine

from gatehost.model.errors import StoreError
from gatehost.store import migration, people, policies, schema, slips, trigger
from gatehost.store.store import open_store, sqlite_url

LI = "00000000000000000000000000000001"


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL."""
    if not postgres.installed():
        pytest.skip("no PostgreSQL here: install it, or set KAIMEN_TEST_POSTGRES")
    with postgres.server() as url:
        yield url


@pytest.fixture
async def empty_postgres(postgres_url: str) -> str:
    """A PostgreSQL without a table."""
    engine = create_async_engine(postgres_url)
    async with engine.begin() as tx:
        await tx.execute(text("DROP SCHEMA public CASCADE"))
        await tx.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return postgres_url


def steps_from_nothing(connection: Connection) -> None:
    """Every step since the first, in an empty database."""
    script = migration.ScriptDirectory(str(migration.STEPS))
    first = script.get_revision("1")
    assert first is not None
    with migration.Operations.context(migration.MigrationContext.configure(connection)):
        first.module.upgrade()
    connection.execute(schema.schema_version.insert().values(version=1))
    migration.migrate(connection)


def picture(connection: Connection) -> dict[str, object]:
    """What a database is made of, apart from Alembic's own table."""
    seen = inspect(connection)
    tables = [name for name in seen.get_table_names() if name != "alembic_version"]
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)),
            sorted((i["name"], i["column_names"], i["unique"]) for i in seen.get_indexes(name)),
            sorted((k["constrained_columns"], k["referred_table"]) for k in seen.get_foreign_keys(name)),
            sorted(str(c["name"]) for c in seen.get_check_constraints(name)),
        )
        for name in tables
    }


async def test_a_database_of_the_spine_becomes_today_s_with_everything_in_it(tmp_path: Path) -> None:
    spine(tmp_path / "a.db")
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    async with store.read() as tx:
        found = await people.get(tx, LI)
        assert found is not None
        assert (found.name, found.kind) == ("李梅", "person")
        assert await people.homes_of(tx, LI, 10) == ("120502",)
        rule = await policies.latest(tx, "home_open", "b12")
        assert rule is not None
        assert (rule.value, rule.rank) == ("call_only", 0)
        assert await tx.run_sync(migration.differences) == []
    await store.close()
    again = await open_store(sqlite_url(tmp_path / "a.db"))
    await again.close()


async def test_a_migrated_database_is_the_same_as_a_fresh_one(tmp_path: Path) -> None:
    spine(tmp_path / "old.db")
    pictures = []
    for name in ("old.db", "new.db"):
        store = await open_store(sqlite_url(tmp_path / name))
        async with store.read() as tx:
            triggers = await tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
            pictures.append((await tx.run_sync(picture), list(triggers.scalars())))
        await store.close()
    assert pictures[0] == pictures[1]
    assert len(pictures[0][1]) == len(trigger.LAWS)


async def test_the_steps_make_the_same_in_postgresql(empty_postgres: str) -> None:
    engine = create_async_engine(empty_postgres)
    async with engine.begin() as tx:
        await tx.run_sync(steps_from_nothing)
        stepped = await tx.run_sync(picture)
        assert await tx.run_sync(migration.differences) == []
        await tx.execute(text("DROP SCHEMA public CASCADE"))
        await tx.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    store = await open_store(empty_postgres)
    async with store.read() as tx:
        assert await tx.run_sync(picture) == stepped
    await store.close()


def steps_until(folder: Path, last: int) -> Path:
    """The steps as they were when `last` was the newest."""
    shutil.copytree(migration.STEPS, folder / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "steps" / "versions").glob("v*.py"):
        if int(path.name[1:5]) > last:
            path.unlink()
    return folder / "steps"


async def test_a_claim_slip_of_before_refusals_were_kept_waits_on_with_its_box(tmp_path: Path) -> None:
    spine(tmp_path / "a.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        migration.migrate(connection, steps_until(tmp_path, 7))
        connection.execute(text("INSERT INTO place VALUES ('b12-door', 'b12', 'door', '12栋单元门', '', 1)"))
        connection.execute(text("INSERT INTO slot VALUES ('b12-door', 'b12', 'door', 0, 5000, 30000)"))
        slip = "1, x'01', :li, '120502', 1, 'b12-door', 1, 9, 5, NULL, 'ab', 'cd', x'0202'"
        connection.execute(text(f"INSERT INTO claim_slip VALUES ({slip})"), {"li": LI})
    engine.dispose()
    store = await open_store(sqlite_url(tmp_path / "a.db"))
    async with store.write() as tx:
        [waiting] = await slips.for_vault(tx, "cd")
        assert (waiting.party, waiting.sealed, waiting.refused, waiting.refused_at) == (LI, b"\x02\x02", None, None)
        assert await slips.refusal(tx, LI) is None
        await slips.change(tx, waiting.id, refused=105, refused_at=6, sealed=None)
        assert await slips.refusal(tx, LI) is not None
    await store.close()


def broken_steps(folder: Path, body: str) -> Path:
    """Today's steps and one more."""
    shutil.copytree(migration.STEPS, folder / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    head = f'revision, down_revision = "{schema.VERSION + 1}", "{schema.VERSION}"'
    step = f"import sqlalchemy as sa\nfrom alembic import op\n{head}\n\ndef upgrade():\n    {body}\n"
    (folder / "steps" / "versions" / "v9999_broken.py").write_text(step, encoding="utf-8")
    return folder / "steps"


HALF = """op.execute("DELETE FROM pin")
    op.create_table("half", sa.Column("id", sa.Integer()))
    op.execute("DROP TABLE schema_version")
    op.execute("INSERT INTO nowhere VALUES (1)")"""
DANGLING = """op.execute("DELETE FROM party")"""


@pytest.mark.parametrize("body", [HALF, DANGLING])
async def test_a_step_that_fails_half_way_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    spine(tmp_path / "a.db")
    before = dump(tmp_path / "a.db")
    steps, migrate = broken_steps(tmp_path, body), migration.migrate
    monkeypatch.setattr(migration, "migrate", lambda connection: migrate(connection, steps))
    with pytest.raises(StoreError, match="unreadable"):
        await open_store(sqlite_url(tmp_path / "a.db"))
    assert dump(tmp_path / "a.db") == before
    monkeypatch.undo()
    await (await open_store(sqlite_url(tmp_path / "a.db"))).close()


def dump(path: Path) -> list[str]:
    """A database as text."""
    with sqlite3.connect(path) as base:
        lines = list(base.iterdump())
    base.close()
    return lines


async def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as base:
        base.execute("CREATE TABLE recipes (name TEXT)")
    base.close()
    before = dump(tmp_path / "a.db")
    with pytest.raises(StoreError, match="unreadable"):
        await open_store(sqlite_url(tmp_path / "a.db"))
    assert dump(tmp_path / "a.db") == before


def test_the_next_step_is_written_from_what_the_schema_says_more(tmp_path: Path) -> None:
    steps = broken_steps(tmp_path, "pass")
    (steps / "versions" / "v9999_broken.py").unlink()
    table = Table("planted", schema.metadata, Column("id", Integer, primary_key=True))
    try:
        path = migration.write_step("planted thing", steps)
    finally:
        schema.metadata.remove(table)
    told = path.read_text(encoding="utf-8")
    assert "create_table('planted'" in told
    assert "drop_table" not in told
    compile(told, str(path), "exec")
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE schema_version (version INTEGER)"))
    engine.dispose()


def test_there_is_nothing_the_steps_have_forgotten() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, connection.begin():
        steps_from_nothing(connection)
        assert migration.differences(connection) == []
        held = connection.execute(schema.schema_version.select()).scalar_one()
    engine.dispose()
    assert held == schema.VERSION, "schema.VERSION is the newest step's number"
