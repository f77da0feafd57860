"""The core reads the vectors of section 8 as they are written down."""

import json
from pathlib import Path

import pytest
from tests.core.estate import verify

from gatecore import note
from gatecore.errors import WireError
from gatecore.tree import consistent, included, leaf

VECTORS = Path(__file__).parents[1] / "vectors"
TREES = json.loads((VECTORS / "tree.json").read_text(encoding="utf-8"))["trees"]
NOTES = json.loads((VECTORS / "checkpoint.json").read_text(encoding="utf-8"))
ROOTS = [bytes.fromhex(tree["root"]) for tree in TREES]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree["size"]))
def test_every_proof_written_down_holds(tree: dict[str, object]) -> None:
    size, root = tree["size"], ROOTS[tree["size"] - 1]  # type: ignore[operator]
    assert isinstance(size, int)
    for index, path in enumerate(tree["inclusion"]):  # type: ignore[arg-type, var-annotated]
        assert included(leaf(b"entry %d" % index), index, size, [bytes.fromhex(one) for one in path], root)
    for first, path in enumerate(tree["consistency"]):  # type: ignore[arg-type, var-annotated]
        old = ROOTS[first - 1] if first else b""
        assert consistent(first, old, size, root, [bytes.fromhex(one) for one in path])


@pytest.mark.parametrize("one", NOTES["vectors"], ids=lambda one: one["name"])
def test_a_note_holds_as_it_is_said_to(one: dict[str, str]) -> None:
    log, witness = bytes.fromhex(NOTES["log"]), NOTES["witness"]
    try:
        read = note.read(bytes.fromhex(one["bytes"]))
    except WireError:
        assert one["verdict"] == "refused"
        assert one["why"].endswith("note")
        return
    assert read.by_log(log, verify) == (not one["why"].endswith(": log"))
    witnessed = read.witnessed(witness["name"], bytes.fromhex(witness["public"]), verify)
    assert (witnessed is not None) == (one["verdict"] == "holds" and one["name"] != "log alone")
