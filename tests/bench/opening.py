"""A gate's people, opened at the start and at each change of faces: `python -m tests.bench.opening [PEOPLE ...]`

Sealed templates of nobody, three photos a person, boxes for a door's own key; the gallery as a unit opens it. Processor
time and memory (Linux), each number of people in a process of its own. It depends on no picture.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from tests.bench.facespeed import cpu, resident

from gatecore.sign import key_id, sha256
from gateface import Gallery
from gateunit.gallery import open_gallery
from gateunit.keys import FileKeys
from gateunit.seal import face_info, seal, seal_templates

ESTATE, MODEL, PHOTOS, SIZE = bytes(16), "bench", 3, 128


class Boxes:
    """What gateunit.held.Held tells of faces."""

    def __init__(self, people: int, keys: FileKeys) -> None:
        self._sealed: dict[bytes, bytes] = {}
        self.state = SimpleNamespace(faces=[])
        random, dev = np.random.default_rng(0), key_id(keys.first())
        for at in range(people):
            person, key = at.to_bytes(16, "big"), os.urandom(32)
            photos = [one.tobytes() for one in random.integers(-127, 128, (PHOTOS, SIZE), dtype=np.int8)]
            templates = seal_templates(photos, key, os.urandom(12), person, MODEL)
            box = seal(key, keys.box_public(), face_info(ESTATE, person, MODEL, dev))
            self._sealed[sha256(templates)] = templates
            self.state.faces.append([person, str(at // 3), MODEL, sha256(templates), box])

    def templates(self, digest: bytes) -> bytes | None:
        return self._sealed.get(digest)


def measured(people: int, folder: Path) -> str:
    """One line; AssertionError where a box did not open."""
    keys, made = FileKeys(folder), list[Boxes]()
    sealing = cpu(lambda: made.append(Boxes(people, keys)))
    galleries, refused, before = list[Gallery](), list[bytes](), resident()
    opening = cpu(lambda: galleries.append(open_gallery(made[0], keys, ESTATE, MODEL, refused.append)))  # type: ignore[arg-type]
    more = resident() - before
    assert not refused
    assert len(galleries[0]) == people
    each = f"{opening / people * 1e6:.0f} us a person, sealed in {sealing / people * 1e6:.0f}"
    return f"{people:,} people opened in {opening:.2f} s ({each}), +{more:.0f} MB"


def main(words: list[str]) -> int:
    """Prints a line for each number of people."""
    if len(words) == 1:
        with tempfile.TemporaryDirectory() as folder:
            print(measured(int(words[0]), Path(folder)), flush=True)
        return 0
    runs = [[sys.executable, "-m", __spec__.name, people] for people in words or ("1000", "10000", "100000")]
    return max(subprocess.run(run, check=False).returncode for run in runs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
