"""After a visit nothing of the visitor is in the door's memory: not his pictures, not what was made of them.

Said plainly: a door's own gallery is there, for it searches in it; the same search finds it, and with forgetting
switched off it finds the visitor too. The newest frame is there as well, which by then shows nobody.
"""

import asyncio
import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.attack.leaky import forms
from tests.attack.test_templates import memory_of
from tests.attack.visited import resident

import gatesim.pictures
from gateface import open_engine, packed, read_picture

STRANGER = Path(gatesim.pictures.__file__).parent / "stranger.jpg"
FRAMES, EMPTY, WITHIN_S = 4, 6, 120
WINDOW, MOST = 96, 5


def walked_up() -> list[bytes]:
    """JPEG frames of a stranger who stands before the door and moves a little."""
    portrait = Image.open(STRANGER).convert("RGB").resize((560, 560))
    frames = []
    for step in range(FRAMES):
        wall = Image.new("RGB", (640, 480), (150, 146, 138))
        wall.paste(portrait, (40 + 3 * step, -40 - 2 * step))
        out = io.BytesIO()
        wall.save(out, "JPEG", quality=90)
        frames.append(out.getvalue())
    return frames


def nobody() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (150, 146, 138)).save(out, "JPEG", quality=90)
    return out.getvalue()


def needles(frames: list[bytes]) -> dict[str, list[bytes]]:
    """What to look for, by kind, in pieces: parts of a block may have been used again."""
    engine = open_engine()
    found: dict[str, list[bytes]] = {"jpeg": [], "pixels": [], "float template": [], "packed template": []}
    for data in frames:
        picture = read_picture(data)
        found["jpeg"] += pieces(data[700:])
        [face, *_] = engine.faces(picture)
        left, top, right, bottom = (int(edge) for edge in face.box)
        found["pixels"] += [telling(picture[row, left:right].tobytes()) for row in range(top, bottom, 5)]
        raw = forms(packed(face.template))
        found["float template"] += pieces(face.template.tobytes(), 64)
        found["packed template"] += pieces(raw["int8"], 32)
    return {kind: some([piece for piece in held if len(set(piece)) > 12]) for kind, held in found.items()}


def some(parts: list[bytes]) -> list[bytes]:
    """Evenly chosen: each is searched for in all of the memory."""
    return parts[:: max(1, len(parts) // MOST)]


def pieces(data: bytes, size: int = WINDOW) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]


def telling(row: bytes) -> bytes:
    return row[len(row) // 2 : len(row) // 2 + WINDOW]


async def memory_after_a_visit(folder: Path, how: str) -> tuple[bytes, list[bytes]]:
    """The memory of the door's process when the visitor has gone; and the frames he was seen in."""
    frames = walked_up()
    door = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.attack.visited", str(folder / how), how,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
    )  # fmt: skip
    assert door.stdin is not None
    assert door.stdout is not None
    try:
        async with asyncio.timeout(WITHIN_S):
            for frame in [*frames, *[nobody()] * EMPTY]:
                door.stdin.write(len(frame).to_bytes(4, "big") + frame)
            door.stdin.write(bytes(4))
            said = (await door.stdout.readline()).decode().split()
        assert int(said[1]) >= 2, "the visitor was looked at"
        assert int(said[3]) == 1, "the gallery was open"
        return memory_of(door.pid), frames
    finally:
        door.kill()
        await door.wait()


def held(memory: bytes, wanted: dict[str, list[bytes]]) -> dict[str, int]:
    return {kind: sum(piece in memory for piece in parts) for kind, parts in wanted.items()}


async def test_nothing_of_a_visitor_is_in_the_doors_memory_when_he_has_gone(tmp_path: Path) -> None:
    memory, frames = await memory_after_a_visit(tmp_path, "forgets")
    assert held(memory, needles(frames)) == {"jpeg": 0, "pixels": 0, "float template": 0, "packed template": 0}
    photos = [np.frombuffer(photo, np.int8) for photo in resident()]
    assert all(photo.tobytes()[:64] in memory for photo in photos), "the residents' templates are there: it needs them"


async def test_the_same_search_finds_the_visitor_where_nothing_is_forgotten(tmp_path: Path) -> None:
    memory, frames = await memory_after_a_visit(tmp_path, "keeps")
    found = held(memory, needles(frames))
    assert found["float template"] >= 4
    assert found["pixels"] + found["jpeg"] > 0


def test_a_unit_that_crashes_leaves_no_core(tmp_path: Path) -> None:
    """A real process that does what `kaimen unit` does first, allowed cores of any size, and is made to crash."""
    script = (
        "import os, resource, signal; from gateunit.keys import no_core_dumps; no_core_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), flush=True); os.kill(os.getpid(), signal.SIGABRT)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2),
    )  # fmt: skip
    assert done.stdout == "(0, 0)\n"
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_the_windows_searched_for_tell_a_face_from_a_wall() -> None:
    frames = walked_up()[:1]
    wanted = needles(frames)
    assert all(len(parts) >= 4 for parts in wanted.values())
    wall: NDArray[np.uint8] = read_picture(nobody())
    assert held(wall.tobytes() + nobody(), wanted) == dict.fromkeys(wanted, 0)
