"""All attacks, whole: `python -m tests.attack [--worlds N] [--least N]`. Prints progress and a table; 1 if any passed.

Exports go to both readers, the stand-alone file and the core's; orders to the door's law book; `running` is an
administrator at work in the database of a running host, whose errors are who noticed first. Accepted is what either
reader gives exit code 0 under the trust file, what the two give different verdicts, and any exception that is not the
reader's own (it ends the run). `unproven` is exit code 3: it holds, but is said to be no proof.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import Pool
from pathlib import Path

from tests.attack import assault, orders, running
from tests.attack.bundle import HOLDS, by_the_core, by_the_file
from tests.attack.worlds import World, world

from gatecore import bundlesection
from gateverify import standalone

MANY = 45  # worlds: each of nine kinds five times
FLIPPED, THOUGHT = 9, 27  # of these every bit is flipped, and attacks that take thought are made


@dataclass
class Outcome:
    """What became of a class: attacks, those accepted, the core's errors by kind, seconds of a core."""

    name: str
    tried: int = 0
    accepted: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    spent: float = 0.0

    def add(self, other: "Outcome") -> None:
        """Another world's."""
        self.tried += other.tried
        self.accepted += other.accepted
        self.errors.update(other.errors)
        self.spent += other.spent

    def row(self) -> str:
        """One line of the table."""
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.errors.most_common())
        return f"{self.name:13} {self.tried:>9,}  {len(self.accepted)} accepted  {self.spent:6.0f} s  {kinds}"


def judging(name: str, one: World) -> standalone.Trust:
    """The trust file an attack is judged by. A ruler is left only the committee to convince, not the door."""
    if name != "ruling":
        return one.trust
    return standalone.Trust(one.trust.estate, None, one.trust.witnesses, 1, 1)


def against(name: str, seed: int, every: int = 1) -> Outcome:
    """One class on one world, both readers. `every`: only each so many-th."""
    one, found, began = world(seed), Outcome(name), time.process_time()
    trust = judging(name, one)
    for at, (what, data) in enumerate(assault.CLASSES[name](one)):
        if at % every:
            continue
        found.tried += 1
        code, _ = by_the_file(data, trust)
        core, why = by_the_core(data, trust)
        found.errors[why.split()[0] if why else "held"] += 1
        if code == HOLDS or core != code:
            found.accepted.append(f"{one.name} {seed} {name}: {what} (stand-alone file {code}, core {core})")
    found.spent = time.process_time() - began
    return found


def job(task: tuple[str, int]) -> Outcome:
    """One class on one world, in a worker."""
    name, seed = task
    if name == "running":
        return _running(seed)
    if name != "orders":
        return against(name, seed)
    began = time.process_time()
    tried, accepted, errors = orders.accepted(orders.tries())
    return Outcome(name, tried, accepted, errors, time.process_time() - began)


def _running(seed: int) -> Outcome:
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        tried, accepted, noticed = asyncio.run(running.everything(Path(folder) / "host", seed))
    return Outcome("running", tried, accepted, noticed, time.process_time() - began)


def worlds(name: str, most: int) -> int:
    """On how many worlds a class runs: flipped bits cost most, and worlds of one kind differ in keys and numbers."""
    thought = name in (one.__name__ for one in assault.THOUGHT)
    return min(most, FLIPPED if name == "flips" else THOUGHT if thought else MANY)


def quick() -> None:
    """A worker judges each signature and key once: most attacks leave them alone."""
    for name in ("signed", "sound"):
        setattr(standalone, name, lru_cache(1 << 15)(getattr(standalone, name)))
    bundlesection.is_key = lru_cache(1 << 10)(bundlesection.is_key)  # type: ignore[assignment]


def main(argv: Sequence[str]) -> int:
    """Runs everything on all cores; 1 if an attack was accepted."""
    parser = argparse.ArgumentParser(prog="make attack")
    parser.add_argument("--worlds", type=int, default=MANY)
    parser.add_argument("--least", type=int, default=1_000_000, help="fewer attacks than this are a failure")
    options = parser.parse_args(argv)
    tasks = [
        ("running", 0),
        ("orders", 0),
        *((name, seed) for name in assault.CLASSES for seed in range(worlds(name, options.worlds))),
    ]
    began, classes = time.monotonic(), dict[str, Outcome]()
    with Pool(initializer=quick) as pool:
        for done, one in enumerate(pool.imap_unordered(job, tasks), 1):
            classes.setdefault(one.name, Outcome(one.name)).add(one)
            tried, passed = total(classes)
            said = f"{done}/{len(tasks)}  {tried:>9,} attacks, {len(passed)} accepted"
            print(f"{said}, {time.monotonic() - began:5.0f} s", flush=True)
    for name in ("orders", "running", *assault.CLASSES):
        print(classes[name].row())
    tried, passed = total(classes)
    print(f"{tried:,} attacks, {len(passed)} accepted, {time.monotonic() - began:.0f} s", *passed[:50], sep="\n")
    return 1 if passed or tried < options.least else 0


def total(classes: dict[str, Outcome]) -> tuple[int, list[str]]:
    """Attacks so far and those accepted."""
    return sum(one.tried for one in classes.values()), [what for one in classes.values() for what in one.accepted]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
