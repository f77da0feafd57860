"""Deciding digit -> lock, with everything on disk first: p50 and p99 in ms.

    python -m tests.bench.digit [--tries 200] [--folder DIR]

The door is a whole unit on fake wires and the machine's own time; measured is from the debounced key to the lock's
call. A PIN writes an entry, a code its use as well. `fsync` is one write and sync in the same folder, to compare with.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gatecore import codes, state
from gatecore.events import Key
from gatecore.records import Cert, Keys, StateHeader
from gatecore.sign import key_id, sha256
from gatecore.wire import sign1
from gatesim.ports import FakeInputs, FakeKeypad, FakeLock, FakeScreen
from gateunit.clock import SystemClock
from gateunit.identity import Identity
from gateunit.keys import FileKeys
from gateunit.signer import Ed25519Signer
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

HOME, PIN, LIST_KEY = "120502", "4711042", bytes(32)
CODE = codes.with_check(HOME, "1069380")


def main(argv: Sequence[str]) -> int:
    """Prints the figures; 0."""
    parser = argparse.ArgumentParser(prog="digit")
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(argv)
    logging.disable()  # there is no host to dial
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        figures = {
            "pin": asyncio.run(measured(Path(folder) / "pin", given.tries, f"{HOME}#{PIN}", "#")),
            "code": asyncio.run(measured(Path(folder) / "code", given.tries, f"{HOME}#{CODE[:7]}", CODE[7])),
            "fsync": fsyncs(Path(folder), given.tries),
        }
    for name, times in figures.items():
        print(f"digit.{name}_ms p50 {at(times, 0.5):.2f} p99 {at(times, 0.99):.2f} n {len(times)}")
    return 0


def at(times: list[float], share: float) -> float:
    """A quantile."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def fsyncs(folder: Path, tries: int) -> list[float]:
    """Writing and syncing 256 bytes, in ms."""
    file = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
    times = []
    for n in range(tries):
        begun = time.perf_counter()
        os.pwrite(file, bytes(256), n * 256)
        os.fsync(file)
        times.append((time.perf_counter() - begun) * 1000)
    os.close(file)
    return times


class TimedLock(FakeLock):
    """Notes when it was last told to open, and wakes whoever waits."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__(clock)
        self.at = 0.0
        self.opened = asyncio.Event()

    def unlock(self, ms: int) -> None:
        """See ports.Lock."""
        self.at = time.perf_counter()
        self.opened.set()


async def measured(folder: Path, tries: int, typed: str, deciding: str) -> list[float]:
    """From the deciding key to the lock, in ms."""
    clock = SystemClock(True)
    lock = TimedLock(clock)
    unit = enrolled(folder, clock, lock)
    running = asyncio.create_task(unit.run())
    times = []
    for _ in range(tries):
        for key in typed:
            unit.post(Key(key))
        while not unit.quiet:  # noqa: ASYNC110 - a bench may look twice
            await asyncio.sleep(0.001)
        lock.opened.clear()
        begun = time.perf_counter()
        unit.post(Key(deciding))
        await lock.opened.wait()
        times.append((lock.at - begun) * 1000)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return times


def enrolled(folder: Path, clock: SystemClock, lock: FakeLock) -> Unit:
    """A door with one home and one PIN, as first contact and the host would leave it."""
    root, policy, operator = (Ed25519Signer(os.urandom(32)) for _ in range(3))
    store, keys = FileStore(folder), FileKeys(folder / "keys")
    public = keys.signer().public
    dev, until = key_id(public), int(time.time()) + 86_400
    cert = sign1(Cert(dev, public, keys.box_public(), "Gate", "door", 1, 1).to_wire(), root)
    working = sign1(Keys(1, policy.public, operator.public).to_wire(), root)
    identity = Identity("https://127.0.0.1:9", b"", root.public, cert, working)
    rows: list[tuple[int, list[list[object]]]] = [
        (state.DOOR, [["Gate", "", 6, 0, 3000, 30_000, 0, 1, "committee", LIST_KEY]]),
        (state.HOMES, [[HOME, "12", 1]]),
        (state.CODES, [[HOME, codes.digest(LIST_KEY, HOME, CODE[:7]), bytes(16), until - 172_800, until, 0, 0, 0]]),
        (state.PINS, [[HOME, codes.digest(LIST_KEY, HOME, PIN), bytes(16), until, 0]]),
    ]
    chunks = [chunk for kind, held in rows for chunk in state.chunks(kind, held)]
    header = sign1(StateHeader(dev, 1, 1, 1, [sha256(chunk) for chunk in chunks]).to_wire(), policy)
    kept = b"".join(len(part).to_bytes(4, "big") + part for part in [header, *chunks])
    for name, data in (("identity", identity.to_wire()), ("state-0", kept)):
        (folder / "records" / name).write_bytes(data)
    ports = Ports(clock, lock, FakeKeypad(clock), FakeInputs(), FakeScreen(clock), store, keys)
    return Unit(ports, Options(first_retry_ms=60_000))


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
