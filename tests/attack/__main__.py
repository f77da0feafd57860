"""All attacks, whole: `python -m tests.attack [--worlds N]`. Prints progress and a table; 1 if any was accepted.

Exports of version 2 go to the stand-alone file; those of version 1 to it and to the core's reader; orders to the door's
law book. Exit code 0 under the trust file is acceptance, and so is any exception that is not the reader's own.
"""

import argparse
import io
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from multiprocessing import Pool

from tests.attack import assault, bundle, forgery, orders
from tests.attack.worlds import World, world

from gateverify import standalone

MANY = 27  # worlds: each of nine kinds three times
Outcome = tuple[str, int, list[str]]


def code(data: bytes, trust: standalone.Trust) -> int:
    """The exit code that the stand-alone file gives these bytes."""
    report = standalone.Report()
    try:
        standalone.verify(io.BytesIO(data), trust, report)
    except standalone.Refused:
        return standalone.ALTERED
    return standalone.UNTRUSTED if standalone.against(report) else standalone.HOLDS


def judging(name: str, one: World) -> standalone.Trust:
    """The trust file an attack is judged by. A ruler is left only the committee to convince, not the door."""
    if name != "ruling":
        return one.trust
    return standalone.Trust(one.trust.estate, None, one.trust.witnesses, 1, 1)


def against(name: str, seed: int, every: int = 1) -> Outcome:
    """One class on one world: how many attacks, and which were accepted. `every`: only each so many-th."""
    one, count, accepted = world(seed), 0, []
    trust = judging(name, one)
    for at, (what, data) in enumerate(assault.CLASSES[name](one)):
        if at % every:
            continue
        count += 1
        if code(data, trust) == standalone.HOLDS:
            accepted.append(f"{one.name} {seed}: {what}")
    return name, count, accepted


def first_version(seed: int) -> Outcome:
    """An export of version 1: every bit, prefix, byte, and the forgeries, against both readers."""
    export = bundle.honest(3 + seed % 5, 1 + seed % 3)
    data = export.to_wire()
    made = [(f"bit {bit}", _flipped(data, bit)) for bit in range(8 * len(data))]
    made += [(f"first {n}", data[:n]) for n in range(len(data))]
    made += [(f"without {n}", data[:n] + data[n + 1 :]) for n in range(len(data))]
    made += [(name, forged) for family in forgery.FAMILIES for name, forged, _ in family(export)]
    accepted = []
    for what, attack in made:
        if not bundle.by_the_file(attack):
            accepted.append(f"stand-alone file, version 1, {seed}: {what}")
        if not bundle.by_the_core(attack):
            accepted.append(f"core, version 1, {seed}: {what}")
    return "version 1, two readers", 2 * len(made), accepted


def _flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def job(task: tuple[str, int]) -> Outcome:
    """One class on one world, in a worker."""
    name, seed = task
    if name == "orders":
        return (name, *orders.accepted(orders.tries()))
    return first_version(seed) if name == "version 1" else against(name, seed)


def quick() -> None:
    """A worker judges each signature once: most attacks leave them alone."""
    for name in ("signed", "sound"):
        setattr(standalone, name, lru_cache(1 << 15)(getattr(standalone, name)))


def main(argv: Sequence[str]) -> int:
    """Runs everything on all cores; 1 if an attack was accepted."""
    parser = argparse.ArgumentParser(prog="make attack")
    parser.add_argument("--worlds", type=int, default=MANY)
    parser.add_argument("--least", type=int, default=1_000_000, help="fewer attacks than this are a failure")
    options = parser.parse_args(argv)
    tasks = [(name, seed) for seed in range(options.worlds) for name in (*assault.CLASSES, "version 1")]
    tasks.insert(0, ("orders", 0))
    began, tried, accepted = time.monotonic(), Counter[str](), list[str]()
    with Pool(initializer=quick) as pool:
        for done, (name, count, found) in enumerate(pool.imap_unordered(job, tasks), 1):
            tried[name] += count
            accepted += found
            spent = time.monotonic() - began
            print(
                f"{done}/{len(tasks)}  {tried.total():>9,} attacks, {len(accepted)} accepted, {spent:5.0f} s",
                flush=True,
            )
    for name, count in sorted(tried.items()):
        print(f"{name:24} {count:>9,}")
    print(
        f"{tried.total():,} attacks, {len(accepted)} accepted, {time.monotonic() - began:.0f} s",
        *accepted[:50],
        sep="\n",
    )
    return 1 if accepted or tried.total() < options.least else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
