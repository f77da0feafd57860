"""The restore drill of docs/operations.md: a host is killed and comes back from its backup on another disk.

Real processes and the real commands: entries that doors still hold arrive once, what was erased stays erased, rights
that ended stay ended, and the stand-alone verifier accepts the log and says what the restore took.
"""

import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.host.house import HOUR, START
from tests.host.test_documents import png
from tests.host.test_process import _clock, enrolled, running
from tests.rows.people import row

from gatehost import keys
from gatehost.model.account import ADMIN, Actor
from gatehost.service.context import Context
from gatehost.service.evidence import checkpoints, erasure, export
from gatehost.service.evidence.export import Wanted
from gatehost.service.home import leaving
from gatehost.service.pages import OpenPages
from gatehost.service.paper import documents
from gatehost.store import accounts
from gatehost.store.backups import Second
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import HALVES, open_store, sqlite_url
from gatehost.sync.live import Doors
from gateverify import standalone

HOME = "120502"


def kaimen(*words: object) -> str:
    """`kaimen host ...`; what it said, if its status is 0."""
    line = [sys.executable, "-m", "gatehost", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def office(folder: Path, second: Path) -> AsyncIterator[tuple[Context, Actor]]:
    """The services a page calls, on the folder of a host that runs (or not), and its administrator."""
    ring = keys.load(folder, ("127.0.0.1",), _clock(), os.urandom)
    store = await open_store(sqlite_url(folder / "kaimen.db"), folder / HALVES)
    ctx = Context(
        store, ring, _clock, os.urandom, Doors(), OpenPages(), "http://x", "https://x", Shelf(folder / DOCUMENTS),
        second=Second(second),
    )  # fmt: skip
    try:
        async with store.read() as tx:
            account = await accounts.by_login(tx, "admin")
        assert account is not None
        yield ctx, Actor(account.id, account.party, "a", ADMIN, (), "en", False)
    finally:
        await store.close()


async def judged(ctx: Context, admin: Actor) -> standalone.Report:
    """What the stand-alone verifier says of an export of everything."""
    data = b"".join([piece async for piece in export.pieces(ctx, admin, Wanted(), "drill", "the drill")])
    report = standalone.Report()
    standalone.verify(io.BytesIO(data), standalone.Trust(ctx.keys.estate.public), report, True)
    return report


@row("F3")
async def test_the_drill(tmp_path: Path) -> None:
    old, new, first, second, key = (tmp_path / name for name in ("old", "new", "first", "second", "estate.key"))
    old.mkdir()
    async with running(old) as host:
        assert (await host.start("--second", str(second))).startswith("ready in ")
        kaimen("backup-key", key, "--dir", old)
        door = await enrolled(host)
        async with door.connect() as link:
            await link.greet()
            for at in range(1, 7):
                door.opened(START + at * HOUR, HOME if at % 2 else "130101", b"m" * 16)
            await link.deliver(1, 4, START)
            async with office(old, second) as (ctx, admin):
                await checkpoints.sign(ctx)
                kept = await documents.file(ctx, admin, HOME, "owner", "deed", png())
                await documents.file(ctx, admin, "130101", "owner", "deed", png())
                said = kaimen("backup", first, "--dir", old, "--second", second)  # while the host runs
                assert "13 homes" in said
                assert "2 documents" in said
                await link.deliver(5, 5, START)  # acknowledged, not yet receipted: the door keeps it
                await leaving.off_board(ctx, admin, "130101", "moved out")
                assert await erasure.erase(ctx, admin, ["130101"], [], erasure.ASKED) >= 2
        await host.end(signal.SIGKILL)

    assert "nothing missing, nothing altered" in kaimen("backup-verify", first, "--second", second, "--key", key)
    trust = old / "trust.txt"
    kaimen("restore", first, "--second", second, "--key", key, "--trust", trust, "--dir", new)
    assert [path.name for path in new.iterdir() if path.name.startswith("copy.")] == []

    async with running(new) as back:
        back.pages, back.devices = host.pages, host.devices
        assert (await back.start("--second", str(second))).startswith("ready in ")
        async with door.connect() as link:
            await link.greet()
            assert link.resumes == 4  # so the door sends 5 and 6, one of them again
            state = await link.pull()
            assert state.generation == 2
            await link.deliver(5, 6, START)
        async with office(new, second) as (ctx, admin):
            await checkpoints.sign(ctx)
            report = await judged(ctx, admin)
            found = [one for one in report.devices if one.slot == "b12-door"]
            assert (found[0].first, found[-1].last) == (1, 6)
            assert sum(one.last - one.first + 1 for one in found) == 6  # each of them once
            assert sum(one.erased for one in found) >= 2
            assert sum(one.missing for one in found) == 0
            assert [log.generation for log in report.logs] == [1, 2]
            assert report.restored == 0  # of what doors had dropped, nothing was lost
            (shown,), _ = await documents.archive(ctx, admin, HOME)
            assert shown.sha256 == kept.sha256
            assert documents.opened(ctx, shown) == png()
            async with ctx.store.read() as tx:
                lives = "SELECT count(*) FROM tie WHERE place = '130101' AND until IS NULL"
                assert (await tx.exec_driver_sql(lives)).scalar() == 0
        assert await back.end(signal.SIGTERM) == (0, "")
