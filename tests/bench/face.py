"""What the face benches compare with: pictures, and the way of `face_recognition` (dlib), where it is installed.

`python -m tests.bench face` is the quick form of `make bench-face`. The peers are in requirements/bench.txt, which the
product never needs.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateface import read_picture

Picture = NDArray[np.uint8]
Way = Callable[[Picture], int]
START = """
import time; began = time.perf_counter()
import numpy, gateface
gateface.open_engine().faces(numpy.load({path!r}))
ready = time.perf_counter() - began
print(ready, next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def pictures(folder: Path | None, count: int) -> list[Picture]:
    if folder is None:
        from skimage import data

        return [data.astronaut()] * count
    paths = sorted(folder.rglob("*.jpg"))
    return [read_picture(path.read_bytes()) for path in paths[:: max(1, len(paths) // count)][:count]]


def dlib_parts() -> tuple[Any, Any, Any] | None:
    """dlib's detector, five points and network; None where it is not installed."""
    spec = importlib.util.find_spec("face_recognition_models")
    if importlib.util.find_spec("dlib") is None or spec is None or spec.origin is None:
        return None
    dlib: Any = importlib.import_module("dlib")
    models = Path(spec.origin).parent / "models"
    detector = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
    return detector, points, network


def face_recognition_way() -> Way | None:
    """The path of the face_recognition package: HOG without enlarging, five points, ResNet, one thread."""
    parts = dlib_parts()
    if parts is None:
        return None
    detector, points, network = parts

    def way(frame: Picture) -> int:
        boxes = detector(frame, 0)
        return len([network.compute_face_descriptor(frame, points(frame, box)) for box in boxes])

    return way


def dlib_templates(folder: Path, most: int | None) -> tuple[NDArray[np.float32] | None, NDArray[np.str_], int]:
    """dlib's own vectors of at most `most` pictures, whose they are, and how many had no face; None without dlib."""
    paths = sorted(path for path in folder.rglob("*.jpg") if path.parent.name != "_strangers")
    paths += sorted((folder / "_strangers").glob("*.jpg"))
    if most is not None:
        paths = paths[:most]
    parts = dlib_parts()
    if parts is None:
        return None, np.array([], np.str_), 0
    detector, points, network = parts
    vectors, owner, missed = [], [], 0
    for path in paths:
        picture = read_picture(path.read_bytes())
        boxes = detector(picture, 0) or detector(picture, 1)
        if not boxes:
            missed += 1
            continue
        middle = np.array([picture.shape[1], picture.shape[0]]) / 2
        box = min(boxes, key=lambda one: abs(one.center().x - middle[0]) + abs(one.center().y - middle[1]))
        vectors.append(np.array(network.compute_face_descriptor(picture, points(picture, box)), np.float32))
        owner.append(path.parent.name if path.parent.name != "_strangers" else path.stem)
    return np.stack(vectors), np.array(owner), missed


if __name__ == "__main__":
    from tests.bench.faces import main

    raise SystemExit(main(["--quick"]))
