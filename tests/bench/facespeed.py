"""Speed, idle, search, memory, start, and a simulated day (goals G1, G6's part here, G8)."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.bench.face import START, Way, face_recognition_way, pictures

from gateface import Attempts, Engine, Gallery, Person, Visit, open_engine, packed, rule_for

Picture = NDArray[np.uint8]
DAY = """
import sys, numpy as np
sys.path.insert(0, {root!r})
from tests.bench.facespeed import day
print(day(np.load({path!r}), {visits}))
"""


def goal(name: str, value: str, wanted: str, reached: bool) -> None:
    print(f"{name}: {value}   goal {wanted}: {'reached' if reached else 'MISSED'}", flush=True)


def report(folder: Path | None, quick: bool) -> None:
    engine = open_engine()
    for side, words in ((480, "as high as the frame"), (250, "a sixth of the frame wide, so looked at twice")):
        ratio(engine, frames(folder, 6 if quick else 24, side), words)
    idle(engine, frames(folder, 6, 480))
    for count, most in ((10_000, 1.0), (100_000, 5.0)):
        spent = search_ms(engine, count)
        goal(f"search among {count:,}", f"{spent:.2f} ms", f"<= {most:g} ms", spent <= most)
    process(frames(folder, 1, 480)[0])
    flat(frames(folder, 1, 480)[0], 200 if quick else 2000)


def frames(folder: Path | None, count: int, side: int) -> list[Picture]:
    """640x480 frames with one picture each, `side` pixels large, somewhere."""
    random = np.random.default_rng(0)
    made = []
    for picture in pictures(folder, count):
        frame = np.full((480, 640, 3), 110, np.uint8)
        left, top = int(random.integers(0, 641 - side)), int(random.integers(0, 481 - side))
        frame[top : top + side, left : left + side] = np.asarray(Image.fromarray(picture).resize((side, side)))
        made.append(frame)
    return made


def ratio(engine: Engine, shown: list[Picture], words: str) -> None:
    """Both ways on each frame in turn, best of five by processor time: other work on the machine counts for neither."""
    ways: dict[str, Way] = {"kaimen": lambda frame: len(engine.faces(frame))}
    other = face_recognition_way()
    if other is not None:
        ways["face_recognition's way"] = other
    spent: dict[str, list[float]] = {name: [] for name in ways}
    missed = dict.fromkeys(ways, 0)
    for frame in shown:
        for name, way in ways.items():
            best = min(cpu(lambda way=way, frame=frame: way(frame)) for _ in range(8 if name == "kaimen" else 4))
            spent[name].append(best)
            missed[name] += not way(frame)
    for name in ways:
        print(f"frame to template, face {words}: {name} {np.median(spent[name]) * 1e3:.2f} ms, no face {missed[name]}")
    if other is None:
        print("face_recognition's way is not installed (requirements/bench.txt): no ratio")
        return
    ratios = np.array(spent["face_recognition's way"]) / np.array(spent["kaimen"])
    times = float(np.median(ratios))
    span = f"{ratios.min():.1f} to {ratios.max():.1f}"
    goal(f"G1, face {words}", f"{times:.1f} times as fast ({span}, {len(shown)} frames)", ">= 25", times >= 25)


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def idle(engine: Engine, shown: list[Picture]) -> None:
    """What a door spends when nobody, and when somebody undecided, is in view."""
    empty = np.full((480, 640, 3), 110, np.uint8)
    for words, several in (("nobody in view", [empty]), ("somebody in view", shown)):
        best = [min(cpu(lambda frame=frame: engine.detect(frame)) for _ in range(20)) for frame in several]
        spent = float(np.median(best)) * 1e3
        goal(f"detector alone, {words}", f"{spent:.2f} ms, {spent:.1f} % of a core at 10/s", "<= 3 %", spent <= 3)


def search_ms(engine: Engine, count: int) -> float:
    """One search among `count` people of three photos each, best of 41 by processor time of one BLAS thread or more."""
    random = np.random.default_rng(1)
    photos = random.integers(-127, 128, (count, 3, 128), dtype=np.int8)
    people = [
        Person(at.to_bytes(16, "big"), str(at // 3), tuple(photo.tobytes() for photo in photos[at]), engine.model_id)
        for at in range(count)
    ]
    gallery = Gallery(people, engine.model_id)
    template = gallery.vectors[count // 2].copy()
    times = []
    for _ in range(41):
        began = time.perf_counter()
        engine.match(template, gallery)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e3


def process(frame: Picture) -> None:
    """Fresh processes: from the first line to the first template, and the most memory held (Linux)."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "frame.npy")
        np.save(path, frame)
        command = [sys.executable, "-c", START.format(path=path)]
        runs = [subprocess.run(command, capture_output=True, check=True).stdout.split() for _ in range(5)]
    start = min(float(ready) for ready, _ in runs)
    memory = max(int(kilobytes) for _, kilobytes in runs) / 1024
    goal("G8, process start to first template", f"{start:.2f} s", "<= 0.5 s", start <= 0.5)
    goal("G8, most memory of that process", f"{memory:.0f} MB", "<= 100 MB", memory <= 100)


def flat(frame: Picture, visits: int) -> None:
    """A day of visits in one process: memory after the first tenth and at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "frame.npy")
        np.save(path, frame)
        root = str(Path(__file__).parents[2])
        command = [sys.executable, "-c", DAY.format(root=root, path=path, visits=visits)]
        early, late, opened = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    goal(
        f"a simulated day ({visits} visits, {opened} opened, {visits * 8} frames)",
        f"{early:.1f} MB after a tenth, {late:.1f} MB at the end",
        "grows <= 1 MB",
        late - early <= 1,
    )


def day(frame: Picture, visits: int) -> list[float]:
    """`visits` walks up to one door, eight frames each at 10/s, the gallery opened anew every hour's worth."""
    engine = open_engine()
    (face,) = engine.faces(frame)
    random = np.random.default_rng(0)
    others = [stranger(random, number, engine.model_id) for number in range(1, 200)]
    me = Person(bytes(16), "000", (packed(face.template),) * 3, engine.model_id)
    attempts, door, opened, early, now = Attempts(), None, 0, 0.0, 0
    for visit in range(visits):
        if visit % max(1, visits // 24) == 0 or door is None:
            gallery = Gallery([me, *others], engine.model_id)
            door = Visit(rule_for(engine.model, gallery), gallery, attempts)
        for _step in range(8):
            found = engine.detect(frame) if visit % 2 else engine.detect(frame[:, ::-1])
            wanted = door.wants(found, now)
            seen = [engine.embed(frame, one) if one is wanted and visit % 2 else one for one in found]
            verdict = door.see(seen if visit % 2 else found, now)
            opened += type(verdict).__name__ == "Opened"
            now += 100
        now += 20_000
        if visit == visits // 10:
            early = resident()
    return [early, resident(), opened]


def stranger(random: np.random.Generator, number: int, model: str) -> Person:
    vector = random.normal(size=128).astype(np.float32)
    stored = packed(vector / np.linalg.norm(vector))
    return Person(number.to_bytes(16, "big"), f"{number:03}", (stored,) * 3, model)


def resident() -> float:
    """Megabytes of this process in memory now (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024
