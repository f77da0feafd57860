"""A large estate's half year through the services that pages call, on SQLite and on a PostgreSQL of its own.

    python -m tests.bench.estate [--small] [--only sqlite|postgres] [--url postgresql+asyncpg://...]

2,000 homes, 6,000 people, 108,000 stays and 1,000,000 log entries (tests.bench.halfyear says how they are made); every
figure with its look-up written down and durable, as a page does it. Memory and start are those of `kaimen host` itself,
opened over the loaded database, after a walk through its pages. Status 1 when a figure is missed.
"""

import argparse
import asyncio
import compileall
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from sqlalchemy import select, text
from tests.bench.halfyear import ADMINISTRATOR, SMALL, HalfYear, Size
from tests.host import postgres
from tests.ports import free_ports

import gatecore
import gatehost
from gatecore import codes
from gatecore.clock import DAY_MS
from gatehost import keys
from gatehost.model.account import COMMITTEE, DESK, GUARD, Actor
from gatehost.service.context import Context
from gatehost.service.digits import digits_of
from gatehost.service.evidence import dispute
from gatehost.service.gate import muster, search
from gatehost.service.home import homes
from gatehost.service.office import accounts, statistics
from gatehost.service.pages import OpenPages
from gatehost.service.paper import casework
from gatehost.store import accounts as account_rows
from gatehost.store import codes as code_rows
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.store import Store, open_store, sqlite_url
from gatehost.store.table.gate import visit
from gatehost.store.table.right import code
from gatehost.sync.live import Doors

OFFICER, KEEPER = replace(ADMINISTRATOR, name="officer", role=DESK), replace(ADMINISTRATOR, name="c", role=COMMITTEE)
# what is measured: (name, largest, unit)
GOALS = {
    "muster": (50, "ms"),
    "search": (100, "ms"),
    "sheet": (150, "ms"),
    "dispute": (200, "ms"),
    "statistics": (300, "ms"),
    "memory": (150, "MB"),
    "start": (3, "s"),
}
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: the median and the 95th of a hundred, both in the goal's unit."""

    median: float
    worst: float


def context(folder: Path, store: Store) -> Context:
    """A host's context without its ports; the clock stands still, so that every figure is of one moment."""
    now = time.time_ns() // 3_600_000_000_000 * 3_600_000
    ring = keys.load(folder, ("127.0.0.1",), now, os.urandom)
    here, shelf = "http://127.0.0.1", Shelf(folder / DOCUMENTS)
    return Context(store, ring, lambda: now, os.urandom, Doors(), OpenPages(), here, here, shelf)


async def timed(act: Awaitable[object]) -> float:
    """How long it took, ms."""
    began = time.perf_counter()
    await act
    return (time.perf_counter() - began) * 1000


def figure(times: Sequence[float]) -> Figure:
    """Of many times."""
    rising = sorted(times)
    return Figure(rising[len(rising) // 2], rising[min(len(rising) * 95 // 100, len(rising) - 1)])


async def measure(year: HalfYear, rounds: int) -> dict[str, Figure]:
    """Every figure of the services."""
    ctx, dice = year.ctx, random.Random(11)
    guard = await signed_in(ctx, "guard", GUARD)
    await casework.open_case(ctx, guard, "shift", "north", {}, guard.party)
    words = await typed(year, dice, rounds)
    found: dict[str, list[float]] = {name: [] for name in ("muster", "search", "sheet", "dispute", "statistics")}
    for number in range(rounds):
        home, start = dice.choice(year.homes), year.now - dice.randrange(2, 80) * DAY_MS
        asked = dispute.Question(home if number % 2 else year.building[home], start, start + DAY_MS)
        found["search"].append(await timed(search.search(ctx, guard, words[number], "north")))
        found["sheet"].append(await timed(homes.sheet(ctx, OFFICER, home)))
        found["dispute"].append(await timed(dispute.answered(ctx, OFFICER, asked, "x")))
        if number % 5 == 0:
            found["muster"].append(await timed(muster.muster(ctx, guard)))
            found["statistics"].append(await timed(statistics.statistics(ctx, KEEPER, 90)))
    return {name: figure(times) for name, times in found.items()}


async def signed_in(ctx: Context, login: str, role: str) -> Actor:
    """Somebody of the staff."""
    async with ctx.store.read() as tx:
        account = await account_rows.by_login(tx, login)
    assert account is not None
    return Actor(account.id, account.party, login, role, (), "zh_CN", True)


async def typed(year: HalfYear, dice: random.Random, many: int) -> list[str]:
    """What a guard types: codes, plates, homes, ends of phone numbers, cards, slips, names, and what is none."""
    ctx = year.ctx
    async with ctx.store.read() as tx:
        live = await code_rows.living(tx, ctx.clock())
        inside = (await tx.execute(select(visit.c.name, visit.c.phone).where(visit.c.state == "inside"))).all()
        known = (await tx.execute(select(code.c.home))).scalars().first()
    assert known is not None
    kinds: tuple[Callable[[], str], ...] = (
        lambda: eight(ctx, year, dice.choice(live)),
        lambda: f"{dice.randrange(10**8):08}",
        lambda: year.plate(dice.randrange(1_000)),
        lambda: "沪C99999",
        lambda: dice.choice(year.homes),
        lambda: dice.choice(inside).phone[-4:] if inside else "0000",
        lambda: f"{4_000_000_000 + dice.randrange(year.size.people)}",
        lambda: f"IR-2026-{dice.randrange(1, 6):05}",
        lambda: dice.choice(inside).name if inside else "李",
        lambda: "李",
    )
    return [kinds[number % len(kinds)]() for number in range(many)]


def eight(ctx: Context, year: HalfYear, row: code_rows.CodeRow) -> str:
    """A living code as it is typed."""
    return codes.with_check(row.home, digits_of(ctx, year.building[row.home], row))


async def process(folder: Path, url: str, token: str, home: str) -> dict[str, Figure]:
    """Memory and start of the host itself over the loaded database, compiled as an installation is."""
    for package in (gatecore, gatehost):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=2)
    port = free_ports(2)
    line = [sys.executable, "-m", "gatehost", "--dir", str(folder), "--database", url]
    line += ["--listen", f"127.0.0.1:{port}", "--device-listen", f"127.0.0.1:{port + 1}"]
    began = time.perf_counter()
    host = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE)
    try:
        assert host.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            ready = await host.stdout.readline()
        start = time.perf_counter() - began
        assert ready.startswith(b"ready"), ready
        await walk(f"http://127.0.0.1:{port}", token, home)
        now, most = memory_of(host.pid)
    finally:
        host.terminate()
        await host.wait()
    return {"memory": Figure(now, most), "start": Figure(start, start)}


def memory_of(pid: int | str) -> tuple[float, float]:
    """(MB now, MB at most) of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = [re.search(rf"{name}:\s+(\d+)", status) for name in ("VmRSS", "VmHWM")]
    now, most = (int(one[1]) / 1024 for one in found if one is not None)
    return now, most


async def walk(url: str, token: str, home: str) -> None:
    """The office's pages, a few times each."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(f"{url}/link/{token}") as answer:
            field = re.search(r'name="form_token" value="([0-9a-f]+)"', await answer.text())
            assert field is not None
        async with http.post(f"{url}/link/{token}", data={"form_token": field[1]}) as answer:
            assert answer.status == 200, answer.status
        for path in ("/today", f"/desk/homes/{home}", "/desk?words=%E6%9D%8E", "/gate/muster", "/desk/faces") * 5:
            async with http.get(url + path) as answer:
                assert answer.status == 200, (path, answer.status)


async def whole(folder: Path, url: str, size: Size, rounds: int) -> dict[str, Figure]:
    """Fills the database at `url` and measures everything."""
    store = await open_store(url, folder / "erasure.db")
    ctx = context(folder, store)
    year = HalfYear(ctx, size, folder)
    began = time.perf_counter()
    await year.fill()
    print(f"  {size.entries} entries, {size.stays} stays loaded in {time.perf_counter() - began:.0f} s", flush=True)
    if not url.startswith("sqlite"):
        async with store.write() as tx:  # what a PostgreSQL at work does by itself within minutes
            await tx.execute(text("ANALYZE"))
    try:
        found = await measure(year, rounds)
        async with store.write() as tx:
            account = await account_rows.by_login(tx, "desk")
            assert account is not None
            today = replace(ctx, clock=lambda: time.time_ns() // 1_000_000)
            token = await accounts.put_link(today, tx, account.id, activated=False)
    finally:
        await store.close()
    return found | await process(folder, url, token, year.homes[0])


def told(name: str, found: dict[str, Figure]) -> list[str]:
    """Prints the figures; the names of those that are missed."""
    print(f"{name:10} {'median':>9} {'p95':>9} {'goal':>9}")
    for what, one in found.items():
        most, unit = GOALS[what]
        print(f"{what:10} {one.median:9.1f} {one.worst:9.1f} {most:6} {unit}{'   MISSED' if one.worst > most else ''}")
    return [f"{name} {what}" for what, one in found.items() if one.worst > GOALS[what][0]]


async def on_sqlite(size: Size, rounds: int) -> dict[str, Figure]:
    """All figures over SQLite."""
    with tempfile.TemporaryDirectory(prefix="kaimen-estate-") as folder:
        return await whole(Path(folder), sqlite_url(Path(folder) / "kaimen.db"), size, rounds)


async def on_postgres(url: str, size: Size, rounds: int) -> dict[str, Figure]:
    """All figures over a PostgreSQL, whose tables are dropped first."""
    await postgres.emptied(url)
    with tempfile.TemporaryDirectory(prefix="kaimen-estate-") as folder:
        return await whole(Path(folder), url, size, rounds)


def main(argv: Sequence[str]) -> int:
    """Prints every figure on both databases; 1 if one is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.estate")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--url", help="a PostgreSQL whose tables may be dropped; without it one is started")
    given = parser.parse_args(argv)
    size, rounds = (SMALL, 20) if given.small else (Size(), 100)
    missed = []
    if given.only != "postgres":
        missed += told("sqlite", asyncio.run(on_sqlite(size, rounds)))
    if given.only != "sqlite" and (given.url or postgres.installed()):
        if given.url:
            missed += told("postgres", asyncio.run(on_postgres(given.url, size, rounds)))
        else:
            with postgres.server() as url:
                missed += told("postgres", asyncio.run(on_postgres(url, size, rounds)))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
