"""Goal G7: still pictures passed, the living refused, cost of a frame. `python -m tests.bench.liveness DIR [PEOPLE]`.

DIR holds portraits (folders of *.jpg); each person's first usable one becomes a head with depth and the pictures an
attacker might hold (tests/face/stage.py, actors.py). Simulated only. Every person makes four tries at living, one for
each order of moves, and every attack two. Lines are printed as they are known, so a run may be stopped.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np
from PIL import Image
from tests.face.actors import Person, Replay, attacks
from tests.face.audition import chances, play, portrait_of
from tests.face.stage import Portrait

from gateface import Engine, open_engine
from gateface.liveness import Failed, Proven, asked, looked
from gateface.mesh import Mesh, open_mesh

ORDERS = range(4)
LIVING = "living"
FRONTAL = 0.13  # of the nose between the eyes: a head drawn from a half profile cannot look ahead


def portraits(engine: Engine, folder: Path, most: int) -> Iterator[Portrait]:
    """One portrait a person, those a door could use, in an order that is the same every time."""
    files = sorted(folder.rglob("*.jpg"))
    np.random.default_rng(0).shuffle(files)  # type: ignore[arg-type]
    seen: set[Path] = set()
    for path in files:
        if len(seen) == most:
            return
        if path.parent in seen:
            continue
        found = portrait_of(engine, np.asarray(Image.open(path).convert("RGB")))
        faces = engine.detect(found.pixels) if found is not None else []
        if found is not None and faces and faces[0].quality.usable and abs(faces[0].quality.turn) <= FRONTAL:
            seen.add(path.parent)
            yield found


def cost(engine: Engine, mesh: Mesh, portrait: Portrait, rounds: int = 50) -> float:
    """ms a frame beyond detection: mesh and measures."""
    face = engine.detect(portrait.pixels)[0]
    looked(mesh.points(portrait.pixels, face), 0)
    begun = process_time()
    for _ in range(rounds):
        looked(mesh.points(portrait.pixels, face), 0)
    return (process_time() - begun) / rounds * 1000


def one(engine: Engine, mesh: Mesh, portrait: Portrait, seed: int, told: dict[str, Counter[str]]) -> None:
    """Counts what becomes of every act with one portrait."""

    def count(name: str, ended: Proven | Failed) -> None:
        told[name][str(ended.why) if isinstance(ended, Failed) else "proven"] += 1

    for byte in ORDERS:
        count(LIVING, play(engine, mesh, Person(portrait, 10 * seed + byte), byte, tries=1))
    for name in attacks(portrait, seed):
        for byte in (seed % 2, 2 + seed % 2):
            count(name, play(engine, mesh, attacks(portrait, seed)[name], byte))
    wanted = tuple(str(task) for task in asked(chances(seed % 4), True))
    for byte in ORDERS:
        shown = tuple(str(task) for task in asked(chances(byte), True))
        name = "film of the asked moves" if shown == wanted else "film of other moves"
        count(name, play(engine, mesh, Replay(portrait, seed, shown), seed % 4, tries=1))


def main(words: list[str]) -> int:
    """Prints after each person what has been counted so far."""
    engine, mesh = open_engine(), open_mesh()
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for number, portrait in enumerate(portraits(engine, Path(words[0]), int(words[1]) if words[1:] else 100), 1):
        if number == 1:
            print(f"a frame costs {cost(engine, mesh, portrait):.2f} ms beyond detection", flush=True)
        one(engine, mesh, portrait, number, told)
        print(f"people: {number}")
        for name, ends in told.items():
            print(f"  {name:40s} proven {ends['proven']} of {ends.total()}  {dict(ends)}", flush=True)
    return 0 if told else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
