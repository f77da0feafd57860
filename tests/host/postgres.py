"""A PostgreSQL of the test's own, from the installed binaries: a socket in a folder, no network, gone afterwards.

python -m tests.host.postgres tests/rows tests/host      every test's host over PostgreSQL instead of SQLite
"""

import getpass
import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

FAST = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=40"


def _binary(name: str) -> str | None:
    return next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), shutil.which(name))


def installed() -> bool:
    """Whether there is a server here, or an address of one."""
    return bool(os.environ.get("KAIMEN_TEST_POSTGRES")) or _binary("initdb") is not None


@contextmanager
def server() -> Iterator[str]:
    """The address (postgresql+asyncpg://...) of a running server; KAIMEN_TEST_POSTGRES names one to be used instead."""
    given = os.environ.get("KAIMEN_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="kaimen-pg-"))
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    user = "postgres" if as_user else getpass.getuser()
    if as_user:
        shutil.chown(folder, "postgres")
    cluster, control = folder / "cluster", [*as_user, _binary("pg_ctl") or "pg_ctl", "-D", str(folder / "cluster")]
    try:
        _run(
            [*as_user, _binary("initdb") or "initdb", "-D", str(cluster), "-U", user, "-A", "trust", "-N", "-E", "UTF8"]
        )
        _run([*control, "-w", "-l", str(folder / "log"), "-o", f"{FAST} -k {folder}", "start"])
        try:
            yield f"postgresql+asyncpg://{user}@/postgres?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def emptied(url: str) -> str:
    """The database without a table in it."""
    engine = create_async_engine(url)
    async with engine.begin() as tx:
        await tx.execute(text("DROP SCHEMA public CASCADE"))
        await tx.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return url


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def main(argv: list[str]) -> int:
    """Runs pytest with every test's host over a PostgreSQL."""
    with server() as url:
        words = [sys.executable, "-m", "pytest", *argv]
        return subprocess.run(words, env=os.environ | {"KAIMEN_TEST_HOUSE": url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
