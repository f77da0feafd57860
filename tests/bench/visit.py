"""JPEG at the camera port -> lock, gallery of 500 people, log on disk with fsync.

    python -m tests.bench.visit [--tries 30] [--people 500] [--folder DIR]

A whole unit on fake wires, real model, real pixels (scikit-image's astronaut, shown a little differently each time, so
this measures time and not accuracy). Above 300 people the rule asks for the home number first: it is typed, then JPEGs
come at 10 frames/s. Measured to the lock's call: from the frame that decided, and from the first frame in view.
"""

import argparse
import asyncio
import contextlib
import io
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from tests.bench.digit import HOME, Rows, TimedLock, at, enrolled

from gatecore import state
from gatecore.events import Key
from gatecore.sign import sha256
from gateface import open_engine, packed, read_picture
from gatesim.ports import PushedCamera
from gateunit.clock import SystemClock
from gateunit.seal import face_info, seal, seal_templates

FRAME_S = 0.1
ME = b"A" * 16
PHOTOS = 5
LEAVES_S = 0.9  # longer than a face stays followed when out of sight


def frames(count: int) -> list[bytes]:
    """JPEGs of one person before a VGA camera, each a little nearer, lower and brighter or darker than the last."""
    from skimage.data import astronaut

    whole = Image.fromarray(astronaut()).crop((90, 0, 370, 280))
    made = []
    for n in range(count):
        side = 440 + 7 * (n % 9)
        face = whole.resize((side, side), Image.Resampling.BILINEAR)
        frame = Image.new("RGB", (640, 480), (96, 100, 104))
        frame.paste(face, (90 + 5 * (n % 5), 20 - 3 * (n % 7)))
        lit = np.clip(np.asarray(frame, np.float32) * (0.92 + 0.04 * (n % 5)), 0, 255).astype(np.uint8)
        out = io.BytesIO()
        Image.fromarray(lit).save(out, "JPEG", quality=88)
        made.append(out.getvalue())
    return made


class Faces:
    """Rows and records of `people` sealed galleries: one of the person in the frames, the others of nobody."""

    def __init__(self, people: int, photos: list[bytes], model: str) -> None:
        self._people, self._photos, self._model = people, photos, model

    def __call__(self, estate: bytes, dev: bytes, box: bytes) -> tuple[Rows, dict[str, bytes]]:
        dice = np.random.default_rng(20_781)
        until = int(time.time()) + 86_400
        faces: list[list[object]] = []
        rights: list[list[object]] = []
        records = {}
        for n in range(self._people):
            person, home = (ME, HOME) if n == 0 else (n.to_bytes(16, "big"), f"{200_000 + n}")
            key, photos = os.urandom(32), self._photos if n == 0 else strangers(dice)
            templates = seal_templates(photos, key, os.urandom(12), person, self._model)
            sealed = seal(key, box, face_info(estate, person, self._model, dev))
            faces.append([person, home, self._model, sha256(templates), sealed])
            rights.append([person, home, 0, until, state.WAY_FACE_AT_HOME, 0])
            records["face-" + sha256(templates).hex()] = templates
        return [(state.PEOPLE, rights), (state.FACES, faces)], records


def strangers(dice: np.random.Generator) -> list[bytes]:
    """Photos of one person who is nobody: unit vectors close to a random one."""
    middle = dice.normal(size=128)
    vectors = [middle + 0.2 * dice.normal(size=128) for _ in range(PHOTOS)]
    return [packed((vector / np.linalg.norm(vector)).astype(np.float32)) for vector in vectors]


async def measured(folder: Path, tries: int, people: int) -> tuple[list[float], list[float], int]:
    """(ms from the deciding frame, ms from the first in view, visits that did not open within three seconds)."""
    engine = open_engine()
    shots = frames(PHOTOS + 12)
    photos = [packed(engine.faces(read_picture(shot))[0].template) for shot in shots[:PHOTOS]]
    clock = SystemClock(True)
    lock, camera = TimedLock(clock), PushedCamera(clock)
    unit = enrolled(folder, clock, lock, Faces(people, photos, engine.model_id), camera)
    running = asyncio.create_task(unit.run())
    nobody = np.full((480, 640, 3), 100, np.uint8)
    deciding, first, missed = [], [], 0
    for n in range(-1, tries):  # the first visit opens the gallery and warms the models; it is not counted
        camera.push(nobody)
        await asyncio.sleep(LEAVES_S)
        visit = await one(unit, lock, camera, shots[PHOTOS:], n)
        if n >= 0 and visit is None:
            missed += 1
        elif n >= 0 and visit is not None:
            deciding.append(visit[0])
            first.append(visit[1])
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return deciding, first, missed


async def one(
    unit: object, lock: TimedLock, camera: PushedCamera, shots: list[bytes], n: int
) -> tuple[float, float] | None:
    """One visit: number and #, then frames until the lock is told; None after three seconds (thirty the first time)."""
    for key in f"{HOME}#":
        unit.post(Key(key))  # type: ignore[attr-defined]
    lock.opened.clear()
    pushed: list[float] = []
    until = time.perf_counter() + (30 if n < 0 else 3)
    while not lock.opened.is_set():
        if time.perf_counter() > until:
            return None
        pushed.append(time.perf_counter())
        camera.push(read_picture(shots[(n + len(pushed)) % len(shots)]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lock.opened.wait(), FRAME_S)
    return (lock.at - pushed[-1]) * 1000, (lock.at - pushed[0]) * 1000


def main(argv: Sequence[str]) -> int:
    """Prints the figures; 1 if a visit did not open."""
    parser = argparse.ArgumentParser(prog="visit")
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(argv)
    logging.disable()  # there is no host to dial
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        deciding, first, missed = asyncio.run(measured(Path(folder) / "unit", given.tries, given.people))
    for name, times in (("from the deciding frame", deciding), ("from the first in view", first)):
        print(f"visit {name}: median {at(times, 0.5):.0f} ms, p95 {at(times, 0.95):.0f} ms, n {len(times)}")
    print(f"visits of {given.tries} that did not open within 3 s: {missed}; gallery {given.people}")
    return 1 if missed else 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
