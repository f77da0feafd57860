"""Frames, files and sizes nobody asked for: a clear error or no face, bounded memory, and the engine works on."""

import io
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import interpreter as real
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.face.test_model import copied  # noqa: F401  (a fixture)

from gateface import Engine, ModelRefused, PictureRefused, open_engine, read_picture
from gateface.manifest import read_manifest
from gateface.runtime import Network

Picture = NDArray[np.uint8]


@settings(max_examples=40, deadline=None)
@given(st.integers(32, 900), st.integers(32, 900), st.booleans())
def test_frames_that_change_size_change_nothing_else(height: int, width: int, turned: bool) -> None:
    engine = one_engine()
    random = np.random.default_rng(height)
    frame = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    engine.faces(frame.transpose(1, 0, 2) if turned else frame)
    assert len(engine._detector._sized) <= 6, "one network for each of a few shapes, never one a size"


def test_the_portrait_is_the_same_after_any_other_frames(engine: Engine, portrait: Picture) -> None:
    wanted = engine.faces(portrait)[0].template
    for size in ((480, 640), (32, 4000), (4000, 32), (33, 33), (720, 1280), (1280, 720), (480, 640)):
        engine.faces(np.zeros((*size, 3), np.uint8))
        assert np.array_equal(engine.faces(portrait)[0].template, wanted)


@pytest.mark.parametrize("aspect", [(480, 640), (640, 480), (720, 1280), (1280, 720), (500, 500), (486, 647)])
def test_a_face_is_found_in_a_frame_of_any_shape(engine: Engine, portrait: Picture, aspect: tuple[int, int]) -> None:
    height, width = aspect
    frame = np.full((height, width, 3), 90, np.uint8)
    side = min(height, width)
    part = np.asarray(Image.fromarray(portrait[:280, 90:370]).resize((side, side)))
    frame[height - side :, width - side :] = part
    (face,) = engine.faces(frame)
    eyes = face.landmarks[:2].mean(0)
    expected = np.array([width - side, height - side]) + np.array([135, 103]) * side / 280
    assert np.hypot(*(eyes - expected)) < 0.02 * side


def test_frames_that_are_no_numbers_are_refused(engine: Engine) -> None:
    for value in (np.nan, np.inf, -np.inf, 0.5):
        for work in (engine.detect, engine.faces):
            with pytest.raises(PictureRefused):
                work(np.full((480, 640, 3), value, np.float32))
    for wrong in (None, "frame", b"\0" * 100, [[0]], np.zeros((480, 640, 3), object)):
        with pytest.raises(PictureRefused):
            engine.detect(wrong)  # type: ignore[arg-type]


def test_a_model_swapped_under_the_process_changes_nothing_and_never_starts(
    copied: Path,  # noqa: F811
    portrait: Picture,
) -> None:
    engine = open_engine(copied)
    wanted = engine.faces(portrait)[0].template
    for path in (copied.parent / "weights").glob("*.tflite"):
        path.write_bytes(path.read_bytes()[::-1])
    for _ in range(2):
        assert np.array_equal(engine.faces(portrait)[0].template, wanted)
    assert engine.faces(np.zeros((1280, 720, 3), np.uint8)) == [], "a shape not seen before needs no file"
    with pytest.raises(ModelRefused, match="sha256"):
        open_engine(copied)
    for path in (copied.parent / "weights").glob("*.tflite"):
        path.unlink()
    assert np.array_equal(engine.faces(portrait)[0].template, wanted)


READ = """
import sys
from pathlib import Path
from gateface import open_engine, read_picture
picture = read_picture(Path(sys.argv[1]).read_bytes())
open_engine().faces(picture)
lines = open("/proc/self/status").read().splitlines()
print(*picture.shape[:2], next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def test_a_phones_48_million_pixels_take_bounded_memory(portrait: Picture, tmp_path: Path) -> None:
    photo = Image.fromarray(portrait).resize((8000, 6000))
    photo.save(tmp_path / "photo.jpg", quality=70)
    out = subprocess.run([sys.executable, "-c", READ, str(tmp_path / "photo.jpg")], capture_output=True, check=True)
    height, width, kilobytes = (int(word) for word in out.stdout.split())
    assert (height, width) == (3000, 4000)
    assert kilobytes / 1024 < 260, "whole it would be 144 MB for the picture and as much for the decoder"


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGB")])
def test_a_small_file_of_many_pixels_takes_bounded_memory(kind: str, mode: str, tmp_path: Path) -> None:
    """Some kilobytes that unfold: a desk unit without memory would open no door by any other way."""
    path = tmp_path / "small"
    Image.new(mode, (4_000, 4_000)).save(path, kind)
    assert path.stat().st_size < 1 << 20
    out = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True)
    assert int(out.stdout.split()[-1]) / 1024 < 330


def test_a_large_photo_keeps_its_template(engine: Engine, portrait: Picture) -> None:
    out = io.BytesIO()
    Image.fromarray(portrait).resize((4100, 4100), Image.Resampling.LANCZOS).save(out, "JPEG", quality=92)
    (face,) = engine.faces(read_picture(out.getvalue()))
    assert face.template @ engine.faces(portrait)[0].template > 0.97


def test_the_other_runtime_is_used_where_the_first_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seam: the same interface under tflite_runtime's name."""
    other = types.ModuleType("tflite_runtime.interpreter")
    used = []

    class Interpreter(real.Interpreter):  # type: ignore[misc]
        def __init__(self, **given: object) -> None:
            used.append(given["num_threads"])
            super().__init__(**given)

    other.Interpreter = Interpreter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", types.ModuleType("tflite_runtime"))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", other)
    network = Network(read_manifest().embedder.content())
    assert used == [1]
    assert network.output_shapes == ((2, 128),)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(ModelRefused) as caught:
        Network(read_manifest().embedder.content())
    assert caught.value.code == "runtime_missing"


def test_a_network_that_cannot_take_two_at_once_is_left_as_it_was() -> None:
    """The small model of the slot ends in a reshape to one row: it runs one after the other, with the same answers."""
    content = (Path(__file__).parent / "slot" / "small.tflite").read_bytes()
    chip = np.random.default_rng(0).normal(size=(1, 112, 112, 3)).astype(np.float32)
    network = Network(content)
    wanted = network.run(chip)[0]
    assert not network.resized(2)
    assert network.input_shape == (1, 112, 112, 3)
    assert np.array_equal(network.run(chip)[0], wanted)


_engines: list[Engine] = []


def one_engine() -> Engine:
    """One for all examples of a property."""
    if not _engines:
        _engines.append(open_engine())
    return _engines[0]
