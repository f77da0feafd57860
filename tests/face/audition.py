"""Plays an actor before the real detector, mesh and challenge: what a door would say."""

from collections.abc import Callable
from typing import Any

import numpy as np
from tests.face.actors import FRAME_MS, Actor, Cue
from tests.face.stage import Picture, Portrait

from gateface import Engine
from gateface.liveness import Asking, Challenge, Failed, Look, Proven, looked
from gateface.mesh import Mesh

MOST, TRIES = 100, 2


Random = Callable[[int], bytes]


def chances(byte: int) -> Random:
    """A random source that always says the same."""
    return lambda count: bytes([byte]) * count


def draws(first: int, seed: int) -> Random:
    """One that says `first` at first, then what comes."""
    random = np.random.default_rng(seed)
    said = iter([bytes([first])])
    return lambda count: next(said, None) or random.bytes(count)


def look_at(engine: Engine, mesh: Mesh, frame: Picture, at: int) -> Look | None:
    """As the unit does it: the largest face, its mesh, its measures."""
    found = engine.detect(frame)
    return looked(mesh.points(frame, found[0]), at) if found else None


def play(
    engine: Engine, mesh: Mesh, actor: Actor, random: Random, seen: list[Any] | None = None, tries: int = TRIES
) -> Proven | Failed:
    """As the unit does it, to the end of the last try. `seen` receives (task, look) of every frame."""
    challenge = Challenge(random, 0)
    step, at = play_once(engine, mesh, actor, challenge, 0, seen)
    for _ in range(tries - 1):
        if isinstance(step, Proven):
            break
        challenge = challenge.again(at)
        step, at = play_once(engine, mesh, actor, challenge, at, seen)
    return step


def play_once(
    engine: Engine, mesh: Mesh, actor: Actor, challenge: Challenge, at: int, seen: list[Any] | None
) -> tuple[Proven | Failed, int]:
    """One try, and when it ended."""
    task, before, since = challenge.task, "", at
    for now in range(at, at + MOST * FRAME_MS, FRAME_MS):
        look = look_at(engine, mesh, actor(Cue(str(task), now - since, before)), now)
        step = challenge.see(look, now)
        if seen is not None:
            seen.append((task, look))
        if not isinstance(step, Asking):
            return step, now + FRAME_MS
        if step.task is not task:
            task, before, since = step.task, str(task), now
    raise AssertionError("a try has no end")


def portrait_of(engine: Engine, picture: Picture, side: int = 320) -> Portrait | None:
    """A square around the largest face, `side` pixels wide, eyes 45 pixels apart; None without a face."""
    from PIL import Image

    found = engine.detect(picture)
    if not found:
        return None
    right, left = found[0].landmarks[0], found[0].landmarks[1]
    unit = float(np.hypot(*(left - right)))
    middle, half = (right + left) / 2 + (0, 0.4 * unit), side / 45 * unit / 2
    box = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    cut = Image.fromarray(picture).transform((side, side), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    scale = side / (2 * half)
    corner = np.array(box[:2])
    features = [(float(x), float(y)) for x, y in (found[0].landmarks[:4] - corner) * scale]
    return Portrait(np.asarray(cut), *features)
