"""kill -9 of unit or host: nothing acknowledged is lost, nothing is doubled, the chain verifies.

    python -m tests.bench kill [--rounds 200] [--seed N]

One estate lives through all rounds. In each, unit or host is started doomed: to kill itself at a chosen instant within
append, seal, send or the host's commit, or to be killed from outside at a moment uniform over its cycle. Acknowledged
is what the host gave a receipt for, and every opening whose entry had not been waited for in vain.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.bench import doomed
from tests.bench.doomed import PHASES

from gatecore import wire
from gatecore.log import link
from gatecore.records import ACCESS, GRANTED, LATE_FLAG, Entry
from gatesim import demo, office
from gatesim.estate import GATE
from gatesim.rig import Places, Rig

CYCLE_S = 1.5  # killed from outside within so long after it began to live
LIVES_S = 60.0  # a doomed process that has not come to its instant by then is a fault of this bench
PORT = 8790
# the doomed are forked from one process that has imported everything: an interpreter's start costs more than their life
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["gatehost.__main__", "gatehost.web.app", "gatesim.door", "tests.bench.doomed"])


def plan(rounds: int, within: int, dice: random.Random) -> list[dict[str, Any]]:
    """The orders: `within` of them in the phases, evenly; the rest at uniform moments, unit and host in turn."""
    inside = [(phase, point) for phase, points in PHASES.items() for point in range(points)]
    orders: list[dict[str, Any]] = []
    for n in range(within):
        phase = list(PHASES)[n % len(PHASES)]
        point = dice.choice([point for name, point in inside if name == phase])
        orders.append({"at": phase, "point": point, "nth": dice.randint(1, 12), "seed": dice.random()})
    for n in range(rounds - len(orders)):
        orders.append({"at": "", "who": ("door", "host")[n % 2], "after": dice.uniform(0, CYCLE_S)})
    dice.shuffle(orders)
    return orders


class Deaths:
    """One estate whose gate and host die again and again."""

    def __init__(self, rig: Rig, home: str, digits: str) -> None:
        self._rig = rig
        self._keys = f"{home}#{digits}"
        self._promises = rig.folder / "promises"
        self._log = rig.folder / "doomed.log"
        self.died: Counter[str] = Counter()

    async def round(self, order: dict[str, Any]) -> None:
        """Both are started, the chosen one doomed; when it has died the other is killed too, wherever it is."""
        host_dies = order["at"] == "commit" or order.get("who") == "host"
        order = {**order, "promises": str(self._promises), "keys": self._keys}
        calm = {"promises": str(self._promises), "keys": self._keys}
        host = await self._start(order if host_dies else calm, "host")
        door = await self._start(calm if host_dies else order, "door")
        victim, other = (host, door) if host_dies else (door, host)
        try:
            await self._dies(victim, order)
        finally:
            for process in (victim, other):
                process.kill()
                await asyncio.to_thread(process.join)
                process.close()

    async def _start(self, order: dict[str, Any], verb: str) -> ForkServerProcess:
        words = self._rig._host_words() if verb == "host" else self._rig._unit_words(GATE)
        process = NURSERY.Process(target=doomed.live, args=(str(self._log), [json.dumps(order), *words]), daemon=True)
        await asyncio.to_thread(process.start)
        return process

    async def _dies(self, victim: ForkServerProcess, order: dict[str, Any]) -> None:
        if not order["at"]:
            await self._alive()
            await asyncio.sleep(order["after"])
            victim.kill()
        await asyncio.to_thread(victim.join, LIVES_S)
        if victim.exitcode is None:
            raise AssertionError(f"never came to {order}: {self._log.read_text()[-2000:]}")
        self.died[order["at"] or f"{order['who']} at any moment"] += 1
        if victim.exitcode != -signal.SIGKILL:
            raise AssertionError(f"died of something else ({victim.exitcode}): {self._log.read_text()[-2000:]}")

    async def _alive(self) -> None:
        """Returns when the host has given a receipt since: the whole cycle runs."""
        before = self._receipts()
        until = time.monotonic() + LIVES_S
        while self._receipts() == before:
            if time.monotonic() > until:
                raise AssertionError(f"no receipt of the host: {self._log.read_text()[-2000:]}")
            await asyncio.sleep(0.02)

    def _receipts(self) -> int:
        return self._promises.read_bytes().count(b"ack") if self._promises.exists() else 0

    def promises(self) -> tuple[dict[int, str], int]:
        """seq -> head of every opening, and the highest receipt."""
        opened: dict[int, str] = {}
        acked = 0
        for line in self._promises.read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[0] == "ack":
                acked = max(acked, int(words[1]))
            elif opened.setdefault(int(words[1]), words[2]) != words[2]:
                raise AssertionError(f"two entries were promised under number {words[1]}")
        return opened, acked


def entries_of(export: Path, slot: str) -> list[bytes]:
    """The entries of one device in an export whose lines the stand-alone verifier has accepted."""
    data, at, found, mine = export.read_bytes(), 0, [], False
    while at < len(data):
        items: list[Any] = []
        at = wire.read(items, data, at, 0)
        item = items[0]
        if isinstance(item, list) and isinstance(item[0], str):
            mine = item[0] == "section" and wire.decode(wire._unwrap(wire._SIGN1, item[1])[1])[4] == slot
        elif isinstance(item, list) and mine:
            found.append(item[0])
    return found


def judge(entries: list[bytes], opened: dict[int, str], acked: int) -> dict[str, int]:
    """What was lost or doubled: promises that the host's verified log does not keep."""
    heads = {Entry.from_wire(entry).seq: (link(entry).hex(), Entry.from_wire(entry)) for entry in entries}
    lost = [seq for seq, head in opened.items() if seq not in heads or heads[seq][0] != head]
    late = [
        seq
        for seq in opened
        if seq in heads and heads[seq][1].typ == ACCESS and heads[seq][1].pub[1] == GRANTED
        and heads[seq][1].pub[4] & LATE_FLAG
    ]  # fmt: skip
    return {
        "entries": len(entries),
        "openings": len(opened),
        "highest receipt": acked,
        "lost": len(lost) + max(0, acked - len(entries)),
        "doubled": len(entries) - len(heads),
        "promised though late": len(late),
    }


async def run(rounds: int, seed: int, folder: Path, port: int = PORT, within: int | None = None) -> dict[str, Any]:
    """Plays the rounds, two fifths `within` the phases unless told otherwise; figures. Raises what went wrong."""
    within = rounds * 2 // 5 if within is None else within
    rig = Rig(folder, Places(port), played=True)
    async with demo.running(rig) as cast:
        code = await office.invite(cast.resident)
        await rig.states_taken(cast.admin, demo.STATES_S)
        await rig.units[GATE].stop()
        await rig.stop_host()
        deaths = Deaths(rig, code.home, code.digits)
        for n, order in enumerate(plan(rounds, within, random.Random(seed)), 1):
            await deaths.round(order)
            if n % 20 == 0:
                print(f"{n} of {rounds}: {dict(deaths.died)}", flush=True)
        opened, acked = deaths.promises()
        await rig.start_host()
        await rig.units[GATE].start()
        entries = await _settled(rig, cast)
    return {
        "seed": seed,
        "rounds": rounds,
        "died in": dict(deaths.died),
        "killed beside": rounds,
        **judge(entries, opened, acked),
    }


async def _settled(rig: Rig, cast: demo.Cast) -> list[bytes]:
    """The gate's entries once the host has all of them; the export passes the stand-alone verifier."""
    for _ in range(120):
        await asyncio.sleep(0.5)
        export = await rig.export(cast.admin)
        last = (await rig.held(export)).get(GATE, 0)
        stored = _on_the_unit(rig.folder / GATE / "store" / "log")
        if stored and last == stored:
            return entries_of(export, GATE)
    raise AssertionError(f"the host has {last} of the unit's {stored} entries")


def _on_the_unit(path: Path) -> int:
    """The last seq in the unit's own file."""
    data, at, last = path.read_bytes(), 0, 0
    while at + 6 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        last = Entry.from_wire(wire.decode(data[at + 6 : at + 6 + size])[0]).seq
        at += 6 + size
    return last


def main(argv: Sequence[str]) -> int:
    """Prints the figures; status 1 if anything was lost or doubled."""
    parser = argparse.ArgumentParser("kill", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--within", type=int, help="rounds that die in a chosen phase (default: two fifths)")
    told = parser.parse_args(argv)
    print(f"seed {told.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(run(told.rounds, told.seed, Path(folder), within=told.within))
    for name, value in figures.items():
        print(f"{name:22} {value}")
    return 1 if figures["lost"] or figures["doubled"] or figures["promised though late"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
