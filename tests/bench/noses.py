"""How far noses stand out: of drawn heads, of heads without one, of paper. `python -m tests.bench.noses DIR [PEOPLE]`.

What gateface.nose measures, and the threshold between (gateface.liveness.NOSE): the ablation of docs/adr/0173.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image
from tests.bench.liveness import sitters
from tests.face.actors import cut_out
from tests.face.audition import look_at
from tests.face.stage import (
    NOSE_OUT,
    Held,
    Picture,
    Portrait,
    card,
    leaned,
    leaning,
    places,
    sample,
    through_a_camera,
    turned_head,
)

from gateface import Engine, open_engine
from gateface.liveness import NOSE, TURN_LEAST
from gateface.mesh import Mesh, open_mesh
from gateface.nose import nose

Pose = Callable[[float], Picture]
HEAD, PAPER = (0.0, 16.0, 22.0), (0.0, 22.0, 32.0, 42.0)  # degrees; paper has to turn further to seem turned
PARTS = (0, 0.1, 0.5, 0.9, 1)


def poses(portrait: Portrait) -> Iterator[tuple[str, tuple[float, ...], Pose]]:
    """What is turned, by how much, and how it is drawn."""
    paper = cut_out(portrait)
    yield "head", HEAD, lambda yaw: turned_head(portrait, yaw)
    yield "head, nose of two thirds", HEAD, lambda yaw: turned_head(portrait, yaw, NOSE_OUT * 2 / 3)
    yield "head, blurred by its turn", HEAD, lambda yaw: blurred(portrait, yaw)
    yield "head, a third of the light", HEAD, lambda yaw: (turned_head(portrait, yaw) * 0.33).astype(np.uint8)
    yield "head, eyes 30 pixels apart", HEAD, lambda yaw: far(turned_head(portrait, yaw))
    yield "picture on a ball: no nose", HEAD, lambda yaw: turned_head(portrait, yaw, 0)
    yield "paper rolled", PAPER, lambda yaw: card(paper.pixels, Held(bend=150, yaw=yaw))
    for lean in (25.0, 40.0, -40.0):
        yield f"paper rolled, leaning by {lean:.0f}", PAPER, partial(leant, leaning(paper.pixels, lean), lean)
    yield "paper rolled both ways at once", PAPER, lambda yaw: bowed(paper.pixels, yaw)


def leant(texture: Picture, lean: float, yaw: float) -> Picture:
    return card(texture, Held(bend=170, yaw=yaw, roll=lean))


def blurred(portrait: Portrait, yaw: float) -> Picture:
    """Six degrees within one exposure, unless it stands still."""
    if not yaw:
        return turned_head(portrait, yaw)
    return np.mean([turned_head(portrait, yaw + more) for more in (-3, 0, 3)], 0).astype(np.uint8)


def far(picture: Picture) -> Picture:
    image = Image.fromarray(picture)
    return np.asarray(image.resize((image.width * 2 // 3, image.height * 2 // 3)).resize(image.size))


def bowed(texture: Picture, yaw: float) -> Picture:
    """Bent about both axes, which paper cannot be, turned about the upright one."""
    height, width = texture.shape[:2]
    x, y = places(height, width)
    y, x = leaned(y - height / 2, x - width / 2, height, 0, 110, 3 * width)
    x, y = leaned(x, y, width, yaw, 110, 3 * width)
    return sample(texture, x + width / 2, y + height / 2)


def measured(
    engine: Engine, mesh: Mesh, degrees: tuple[float, ...], pose: Pose, seed: int
) -> tuple[float, float] | None:
    """The nose over one turn; None where nobody would call it a turn."""
    random, side = np.random.default_rng(seed), -1 if seed % 2 else 1
    looks = [look_at(engine, mesh, through_a_camera(pose(side * yaw), random), 0) for yaw in degrees]
    front = looks[0]
    if front is None:
        return None
    aside = [(look.turn - front.turn, look.chip) for look in looks[1:] if look is not None]
    return nose(front.chip, aside) if any(side * turn >= TURN_LEAST for turn, _ in aside) else None


def main(words: list[str]) -> int:
    engine, mesh = open_engine(), open_mesh()
    told: dict[str, list[tuple[float, float]]] = defaultdict(list)
    people = islice(sitters(engine, Path(words[0])), int(words[1]) if words[1:] else 40)
    for number, album in enumerate(people):
        for name, degrees, pose in poses(album[0]):
            found = measured(engine, mesh, degrees, pose, number)
            if found is not None:
                told[name].append(found)
    print("needed: {} of the line, {} of the plane; least, 10 %, half, 90 %, most:".format(*NOSE))
    for name, found in told.items():
        line, plane = (
            " ".join(f"{part:6.3f}" for part in np.quantile(ways, PARTS)) for ways in zip(*found, strict=True)
        )
        passed = sum(one[0] >= NOSE[0] and one[1] >= NOSE[1] for one in found)
        print(f"  {name:32s} line {line}  plane {plane}  {passed} of {len(found)} stand out")
    return 0 if told else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
