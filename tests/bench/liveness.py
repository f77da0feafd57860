"""Goal G7: still pictures passed, the living refused, cost of a frame.
`python -m tests.bench.liveness DIR [PEOPLE [ACTS]]`

DIR holds a folder of *.jpg for each person; a frontal one becomes a head with depth and the pictures an attacker might
hold (tests/face/stage.py, actors.py). Simulated only. Both sides are counted by visits as a door has them: recognised,
then asked in two tries, each drawn anew. Every person makes four visits as somebody alive, one for each order of moves
that may be asked first, and every attack two. `calm` are the same people drawn from the one of their pictures whose
lips are closest together. PEOPLE is a number or a part of the row, as 15:30; ACTS are some of
living,calm,pictures,masks,films. Lines are printed as they are known, so a run may be stopped.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import process_time

import numpy as np
from PIL import Image
from tests.bench.doorstep import PROVEN, Doorstep, enrolled
from tests.face.actors import MASKS, Actor, Person, Replay, Slides, attacks
from tests.face.audition import chances, draws, look_at, portrait_of
from tests.face.stage import Portrait

from gateface import Engine, open_engine
from gateface.liveness import asked, looked
from gateface.mesh import Mesh, open_mesh
from gateface.nose import nose
from gatesim.interval import wilson
from gateunit.oblivion import overwrite_what_is_freed

ORDERS = range(4)
ACTS = "living,calm,pictures,masks,films"
FRONTAL = 0.13  # of the nose between the eyes: a head drawn from a half profile cannot look ahead
LEAST, MOST = 3, 6  # pictures of a person, so that there is a calmest


def sitters(engine: Engine, folder: Path) -> Iterator[list[Portrait]]:
    """The portraits of one person after another that a door could use, in an order that is the same every time."""
    files = sorted(folder.rglob("*.jpg"))
    np.random.default_rng(0).shuffle(files)  # type: ignore[arg-type]
    albums: dict[Path, list[Path]] = defaultdict(list)
    for path in files:
        albums[path.parent].append(path)
    for album in albums.values():
        found = [portrait for path in album[:MOST] if (portrait := usable(engine, path)) is not None]
        if len(found) >= LEAST:
            yield found


def usable(engine: Engine, path: Path) -> Portrait | None:
    """The portrait in a file, if a door could use it and it looks ahead."""
    found = portrait_of(engine, np.asarray(Image.open(path).convert("RGB")))
    faces = engine.detect(found.pixels) if found is not None else []
    ahead = faces and faces[0].quality.usable and abs(faces[0].quality.turn) <= FRONTAL
    return found if ahead else None


def calmest(engine: Engine, mesh: Mesh, album: list[Portrait]) -> Portrait:
    """The one whose lips are closest together."""
    looks = [look_at(engine, mesh, portrait.pixels, 0) for portrait in album]
    return min(zip(album, looks, strict=True), key=lambda one: 1.0 if one[1] is None else one[1].mouth)[0]


def cost(engine: Engine, mesh: Mesh, portrait: Portrait, rounds: int = 50) -> str:
    """Processor time of a frame beyond detection (mesh and measures) and of a try's end (the nose, over five looks),
    freed memory overwritten as a unit has it. A template beside it tells a slow hour from a slow program."""
    overwrite_what_is_freed()
    face = engine.detect(portrait.pixels)[0]
    look = looked(mesh.points(portrait.pixels, face), 0)
    assert look is not None
    works = (
        lambda: looked(mesh.points(portrait.pixels, face), 0),
        lambda: engine.embed(portrait.pixels, face),
        lambda: nose(look.chip, [(0.2, look.chip)] * 5),
    )
    turns = np.array([[spent(work) for work in works] for _ in range(rounds)])
    frame, template, end = np.median(turns, 0)
    ratio, least = np.median(turns[:, 0] / turns[:, 1]), turns[:, 0].min()
    beside = f"{ratio:.2f} of a template ({template:.2f})"
    return f"a frame costs {frame:.2f} ms beyond detection ({least:.2f} at best), {beside}; a try {end:.1f} once"


def spent(work: Callable[[], object], times: int = 3) -> float:
    """ms of processor time, once the caches hold what it needs."""
    work()
    begun = process_time()
    for _ in range(times):
        work()
    return (process_time() - begun) / times * 1000


class Count:
    """What became of every visit, by who came."""

    def __init__(self, engine: Engine, mesh: Mesh) -> None:
        self._engine, self._mesh = engine, mesh
        self.told: dict[str, Counter[str]] = defaultdict(Counter)

    def visit(self, portrait: Portrait, actor: Actor, first: int, seed: int, *names: str) -> None:
        """The first try is asked as the byte `first` says. Counted under each of the names."""
        gallery = enrolled(self._engine, portrait)
        ended = Doorstep(self._engine, self._mesh, gallery, draws(first, seed)).visited(actor)
        for name in names:
            self.told[name][ended] += 1

    def say(self) -> None:
        for name, ends in self.told.items():
            proven, visits = ends[PROVEN], ends.total()
            low, high = wilson(proven, visits)
            print(f"  {name:40s} proven {proven} of {visits}, {low:.1%} to {high:.1%}  {dict(ends)}", flush=True)


def main(words: list[str]) -> int:
    """Prints after each person what has been counted so far."""
    engine, mesh = open_engine(), open_mesh()
    count, acts = Count(engine, mesh), (words[2] if words[2:] else ACTS).split(",")
    first, last = (int(part) for part in f"0:{words[1] if words[1:] else 100}".split(":")[-2:])
    for number, album in enumerate(islice(sitters(engine, Path(words[0])), first, last), first + 1):
        if number == first + 1:
            print(cost(engine, mesh, album[0]), flush=True)
        portrait = album[0]
        living(count, acts, portrait, calmest(engine, mesh, album), number)
        still(count, acts, portrait, number)
        if "films" in acts:
            films(count, portrait, number)
        print(f"people: {number - first}")
        count.say()
    return 0 if count.told else 2


def living(count: Count, acts: list[str], portrait: Portrait, calm: Portrait, number: int) -> None:
    for name, drawn in (("living", portrait), ("calm", calm)):
        for byte in ORDERS if name in acts else ():
            count.visit(drawn, Person(drawn, 10 * number + byte), byte, 100 * number + byte, name)


def still(count: Count, acts: list[str], portrait: Portrait, number: int) -> None:
    for name in attacks(portrait, number):
        group = "masks" if name in MASKS else "pictures"
        for byte in (number % 2, 2 + number % 2) if group in acts else ():
            count.visit(portrait, attacks(portrait, number)[name], byte, 100 * number + byte, group, name)


def films(count: Count, portrait: Portrait, number: int) -> None:
    first = number % 4
    wanted = tuple(str(task) for task in asked(chances(first), True))
    for byte in ORDERS:
        shown = tuple(str(task) for task in asked(chances(byte), True))
        name = "film of the first asked moves" if shown == wanted else "film of other moves"
        count.visit(portrait, Replay(portrait, number, shown), first, number, name)
    count.visit(portrait, Slides(portrait, number), first, number, "pictures of every move, swapped")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
