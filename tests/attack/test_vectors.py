"""The committed vectors: both readers give each its verdict, and the files are what their script writes."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.attack.bundle import by_the_core, by_the_file
from tests.vectors.write import Vector, bytes_of, documents

from gatecore import wire
from gatecore.errors import WireError
from gateverify import standalone

FOLDER = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> list[Vector]:
    found: list[Vector] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]
    return found


def test_the_files_are_what_their_script_writes() -> None:
    for name, text in documents().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name} was altered, or the format has changed"


@pytest.mark.parametrize("one", vectors("encoding.json"), ids=lambda one: one["name"])
def test_both_readers_give_an_encoding_its_verdict(one: Vector) -> None:
    raw = bytes.fromhex(str(one["bytes"]))
    if one["verdict"] == "holds":
        assert wire.decode(raw) == standalone.decoded(raw)
        assert wire.encode(standalone.decoded(raw)) == raw
        return
    with pytest.raises(WireError):
        wire.decode(raw)
    with pytest.raises(standalone.Refused):
        standalone.decoded(raw)


def test_both_readers_give_every_export_its_verdict() -> None:
    printed = json.loads((FOLDER / "export.json").read_text(encoding="utf-8"))["trust"]
    wrong, verdicts, codes = [], Counter[str](), {"holds": 0, "unproven": 3, "refused": 1}
    named = {str(one["name"]): one for one in vectors("export.json")}
    for one in named.values():
        data, trust = bytes_of(one, named), standalone.trust_of(str(one.get("trust", printed)).encode())
        verdicts[one["verdict"]] += 1
        found = by_the_file(data, trust)[0], by_the_file(data, trust, fast=False)[0], by_the_core(data, trust)[0]
        if set(found) != {codes[one["verdict"]]}:
            wrong.append((one["name"], found))
    assert not wrong
    assert verdicts["holds"] >= 10
    assert verdicts["unproven"] >= 1
    assert verdicts["refused"] >= 180


def test_names_are_given_once() -> None:
    for name in ("encoding.json", "export.json"):
        names = [one["name"] for one in vectors(name)]
        assert len(set(names)) == len(names)
