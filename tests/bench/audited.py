"""What "Verify the log now" costs, and whether the host goes on meanwhile.

    python -m tests.bench.audited [--entries 1000000]

A large estate's half year (tests.bench.halfyear), verified once: processor time, memory, and how long the host's loop
was ever kept from everybody else, in processor time, which other work on the machine does not change. Status 1 if a log
does not hold or a turn took longer than TURN_MS.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from asyncio import events
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bench.estate import context, memory_of
from tests.bench.halfyear import ADMINISTRATOR, SMALL, HalfYear, Size

from gatehost.service.evidence import audit, checkpoints
from gatehost.store.store import open_store, sqlite_url

TURN_MS = 50.0


async def measured(folder: Path, entries: int) -> int:
    """Loads the database, verifies it and prints the figures."""
    store = await open_store(sqlite_url(folder / "kaimen.db"), folder / "erasure.db")
    ctx = context(folder, store)
    size = Size() if entries >= Size().entries else replace(SMALL, entries=entries)
    await HalfYear(ctx, size, folder).fill()
    await checkpoints.sign(ctx)
    turns, run = list[float](), events.Handle._run

    def timed(handle: events.Handle) -> None:
        began = time.thread_time()
        run(handle)
        turns.append((time.thread_time() - began) * 1000)

    before, began = memory_of("self")[0], time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events.Handle, "_run", timed)
        found = await audit.verify(ctx, ADMINISTRATOR)
    spent = time.process_time() - began
    await store.close()
    turns.sort()
    print(f"{sum(one.entries for one in found):,} entries of {len(found)} doors, all hold: {all(o.ok for o in found)}")
    print(f"{spent:.1f} s of a core; memory {before:.0f} MB before, {memory_of('self')[1]:.0f} MB at most")
    print(
        f"{len(turns):,} turns: 99.99 % within {turns[len(turns) * 9999 // 10000]:.1f} ms, longest {turns[-1]:.1f} ms"
    )
    return 0 if all(one.ok for one in found) and turns[-1] <= TURN_MS else 1


def main(argv: list[str]) -> int:
    """Everything in a folder that goes with it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audited")
    parser.add_argument("--entries", type=int, default=Size().entries)
    with tempfile.TemporaryDirectory(prefix="kaimen-audited-") as folder:
        return asyncio.run(measured(Path(folder), parser.parse_args(argv).entries))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
