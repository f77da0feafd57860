"""The weights that ship: where they come from, what they are made of, and that no others start."""

import hashlib
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import gateface
from gateface import ModelRefused, open_engine
from gateface.manifest import SHIPPED, read_manifest
from gateface.mesh import Mesh
from gateface.runtime import Network

FOLDER = Path(gateface.__file__).parent


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A manifest with its weights that a test may spoil."""
    shutil.copytree(FOLDER / "weights", tmp_path / "weights")
    shutil.copy(SHIPPED, tmp_path)
    return tmp_path / SHIPPED.name


def refused(manifest: Path) -> str:
    with pytest.raises(ModelRefused) as caught:
        open_engine(manifest)
    return caught.value.code


def tensors(content: bytes) -> list[dict[str, Any]]:
    """All tensors of the file as written, before any runtime rearranges them."""
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=plain)
    details: list[dict[str, Any]] = interpreter.get_tensor_details()
    return details


def parts(tiled: bool) -> list[bytes]:
    """What the embedder is made of, in their order."""
    model = read_manifest().embedder
    stem = model.beginning(tiled)
    assert stem is not None
    return [stem, model.content()]


@pytest.mark.parametrize("tiled", [False, True])
def test_every_weight_and_activation_of_the_embedder_is_int8(tiled: bool) -> None:
    floats = []
    for content in parts(tiled):
        details = tensors(content)
        kinds = {np.dtype(detail["dtype"]).name for detail in details}
        assert kinds <= {"int8", "int32", "float32"}
        assert Network(content).input_kind == "int8"
        floats += [detail for detail in details if np.dtype(detail["dtype"]).kind == "f"]
        whole = [detail for detail in details if np.dtype(detail["dtype"]).name == "int32"]
        assert all(detail["shape"].size <= 2 for detail in whole), "int32: biases, paddings, axes and shapes only"
    assert [tuple(detail["shape"]) for detail in floats] == [(2, 128)], "only the result is float"


@pytest.mark.parametrize("tiled", [False, True])
def test_every_convolution_and_the_last_matrix_are_quantised_per_channel(tiled: bool) -> None:
    details = [detail for content in parts(tiled) for detail in tensors(content)]
    matrices = [detail for detail in details if np.dtype(detail["dtype"]).name == "int8" and is_weight(detail)]
    assert len(matrices) == 30
    for detail in matrices:
        assert len(detail["quantization_parameters"]["scales"]) == detail["shape"][0], detail["name"]


def is_weight(detail: dict[str, Any]) -> bool:
    """Weights have a first dimension of as many as there are channels, and activations one scale."""
    several = len(detail["quantization_parameters"]["scales"]) > 1
    return bool(detail["shape"].size >= 2 and detail["shape"][0] >= 32 and several)


def test_the_embedder_is_under_six_megabytes() -> None:
    for tiled in (False, True):
        assert sum(map(len, parts(tiled))) <= 6_000_000


def test_what_ships_is_named_with_hash_source_and_licence() -> None:
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for kind in ("detector", "mesh", "embedder"):
        entry = table[kind]
        assert hashlib.sha256((FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (FOLDER / entry["licence_file"]).stat().st_size > 1000
        assert entry["source"]
        assert entry["licence"] in {"CC0-1.0", "Apache-2.0"}
    entries = [table[kind] for kind in ("detector", "mesh", "embedder")]
    entries += [table["embedder"][part] for part in ("stem", "stem_tiled")]
    for entry in entries:
        assert hashlib.sha256((FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    weights = {path.name for path in (FOLDER / "weights").glob("*.tflite")}
    assert weights == {Path(entry["file"]).name for entry in entries}


def test_a_single_changed_bit_is_refused_at_start(copied: Path) -> None:
    for path in sorted((copied.parent / "weights").glob("*.tflite")):
        if path.name == "face_mesh.tflite":  # read when the first face is asked to show that it is alive
            continue
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        assert refused(copied) == "weights_unknown"
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    open_engine(copied)


def test_a_network_with_other_answers_is_no_face_mesh() -> None:
    named = read_manifest()
    assert named.mesh is not None
    Mesh(named.mesh, Network(named.mesh.content()))
    with pytest.raises(ModelRefused) as caught:
        Mesh(named.mesh, Network(named.detector.content()))
    assert caught.value.code == "model_mismatch"


def test_missing_files_are_named(copied: Path) -> None:
    (copied.parent / "weights" / "blazeface_short.tflite").unlink()
    assert refused(copied) == "weights_missing"
    copied.unlink()
    assert refused(copied) == "manifest_missing"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[detector]", "[[[", "manifest_invalid"),
        ('metric = "cosine"', 'metric = "l2"', "manifest_invalid"),
        ("size = 128", "size = 512", "model_mismatch"),
        ("side = 150", "side = 112", "model_mismatch"),
        ('input = "pairs"', "", "model_mismatch"),
        ('input = "pairs"', 'input = "float32"', "model_mismatch"),
        ('input = "pairs"', 'input = "rings"', "manifest_invalid"),
        ('input = "pairs"', 'input = "pairs"\nscale = nan', "manifest_invalid"),
        ("[embedder.stem]", "[embedder.root]", "manifest_invalid"),
        ("mirror = true", "mirror = false", "model_mismatch"),
        ("search = [0.980, 0.983, 0.986]", "search = [0.980, 0.983]", "manifest_invalid"),
        ("search = [0.980, 0.983, 0.986]", "search = [0.0, 0.983, 0.986]", "manifest_invalid"),
        ("search = [0.980, 0.983, 0.986]", "search = [nan, 0.983, 0.986]", "manifest_invalid"),
        ("point_weights = [0.383, ", "point_weights = [", "manifest_invalid"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(copied: Path, old: str, new: str, code: str) -> None:
    text = copied.read_text(encoding="utf-8")
    assert old in text
    copied.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert refused(copied) == code


def test_a_file_that_is_no_model_is_refused_though_its_hash_is_named(copied: Path) -> None:
    path = copied.parent / "weights" / "resnet29_trunk.tflite"
    content = b"not a model" * 100
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(content)
    text = copied.read_text(encoding="utf-8").replace(old, hashlib.sha256(content).hexdigest())
    copied.write_text(text, encoding="utf-8")
    assert refused(copied) == "weights_unknown"


def test_the_floors_that_ship_are_the_measured_ones() -> None:
    floors = read_manifest().embedder.floors
    assert floors is not None
    assert floors.search == (0.980, 0.983, 0.986)
    assert floors.home == (0.970, 0.976, 0.980)
    assert (floors.margin, floors.several, floors.people) == (0.5, 0.001, 300)
