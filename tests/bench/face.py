"""`python -m tests.bench face`: picture to template against dlib, search among many, memory, start.

Ratios in one run on one machine, one thread each, the two ways taking turns. The comparison needs
`requirements/bench.txt`; without it that part says so. Frames on which a way finds no face are counted, not dropped.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gateface import Engine, Gallery, Person, open_engine, read_picture
from gateface.manifest import read_manifest

Picture = NDArray[np.uint8]
Way = Callable[[Picture], int]
START = """
import time; began = time.perf_counter()
import numpy, gateface
gateface.open_engine().faces(numpy.load({path!r}))
ready = time.perf_counter() - began
print(ready, next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench face", description=__doc__)
    parser.add_argument("--faces", type=Path, help="a folder of pictures to place into frames; default: one portrait")
    parser.add_argument("--frames", type=int, default=20)
    chosen = parser.parse_args(argv)
    engine = open_engine()
    frames = vga_frames(chosen.faces, chosen.frames)
    figures: dict[str, Any] = {"frames": len(frames)}
    figures |= templates(engine, frames)
    figures |= {f"match {count:,} ms": round(search_ms(engine, count), 3) for count in (100, 1_000, 10_000, 100_000)}
    figures |= process(frames[0])
    print(json.dumps(figures, indent=2))
    return 0


def vga_frames(folder: Path | None, count: int) -> list[Picture]:
    """640x480 frames with one person each, somewhere, as high as the frame."""
    random = np.random.default_rng(0)
    frames = []
    for picture in pictures(folder, count):
        frame = np.full((480, 640, 3), 110, np.uint8)
        left = int(random.integers(0, 161))
        frame[:, left : left + 480] = np.asarray(Image.fromarray(picture).resize((480, 480)))
        frames.append(frame)
    return frames


def pictures(folder: Path | None, count: int) -> list[Picture]:
    if folder is None:
        from skimage import data

        return [data.astronaut()] * count
    paths = sorted(folder.rglob("*.jpg"))
    return [read_picture(path.read_bytes()) for path in paths[:: max(1, len(paths) // count)][:count]]


def templates(engine: Engine, frames: list[Picture]) -> dict[str, Any]:
    """Milliseconds a frame (median over frames of the best of three) and frames without a face, for each way."""
    manifest = read_manifest()
    straight = Engine(replace(manifest, embedder=replace(manifest.embedder, mirror=False)))
    ways: dict[str, Way] = {
        "kaimen": lambda frame: len(engine.faces(frame)),
        "kaimen without mirror": lambda frame: len(straight.faces(frame)),
        "kaimen idle": lambda frame: len(engine.detect(frame)),
    }
    dlib_way = face_recognition_way()
    if dlib_way is None:
        print("dlib is not installed (requirements/bench.txt): no ratio", file=sys.stderr)
    else:
        ways["dlib"] = dlib_way
    times: dict[str, list[float]] = {name: [] for name in ways}
    missed = dict.fromkeys(ways, 0)
    for frame in frames:
        for name, way in ways.items():
            best, found = timed(way, frame)
            times[name].append(best)
            missed[name] += not found
    figures: dict[str, Any] = {}
    for name in ways:
        figures |= {f"{name} ms": round(float(np.median(times[name])) * 1e3, 2), f"{name} found no face": missed[name]}
    if dlib_way is not None:
        for name in ("kaimen", "kaimen without mirror"):
            ratios = np.array(times["dlib"]) / np.array(times[name])
            figures[f"{name}: times faster than dlib"] = round(float(np.median(ratios)), 1)
    return figures


def timed(way: Way, frame: Picture) -> tuple[float, int]:
    """Best of three, and how many faces."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        found = way(frame)
        times.append(time.perf_counter() - began)
    return min(times), found


def face_recognition_way() -> Way | None:
    """The path of the face_recognition package: HOG without enlarging, five points, ResNet, one thread."""
    spec = importlib.util.find_spec("face_recognition_models")
    if importlib.util.find_spec("dlib") is None or spec is None or spec.origin is None:
        return None
    dlib: Any = importlib.import_module("dlib")
    models = Path(spec.origin).parent / "models"
    detector = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def way(frame: Picture) -> int:
        boxes = detector(frame, 0)
        return len([network.compute_face_descriptor(frame, points(frame, box)) for box in boxes])

    return way


def search_ms(engine: Engine, count: int) -> float:
    """One search among `count` people of three photos each."""
    random = np.random.default_rng(1)
    photos = random.integers(-127, 128, (count, 3, 128), dtype=np.int8)
    people = [
        Person(at.to_bytes(16, "big"), str(at // 3), tuple(photo.tobytes() for photo in photos[at]), engine.model_id)
        for at in range(count)
    ]
    gallery = Gallery(people, engine.model_id)
    template = gallery.vectors[count // 2].copy()
    times = []
    for _ in range(21):
        began = time.perf_counter()
        engine.match(template, gallery)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e3


def process(frame: Picture) -> dict[str, Any]:
    """Three fresh processes: from the first line to the first template, and the most memory held (Linux)."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "frame.npy")
        np.save(path, frame)
        command = [sys.executable, "-c", START.format(path=path)]
        runs = [subprocess.run(command, capture_output=True, check=True).stdout.split() for _ in range(3)]
    return {
        "start to first template s": round(min(float(ready) for ready, _ in runs), 3),
        "process MB": round(max(int(kilobytes) for _, kilobytes in runs) / 1024, 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
