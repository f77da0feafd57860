"""The committed vectors: both readers give each its verdict, and the files are what their script writes."""

import json
from pathlib import Path

import pytest
from tests.attack.bundle import by_the_core, by_the_file
from tests.vectors.write import documents

from gatecore import wire
from gatecore.errors import WireError
from gateverify import standalone

FOLDER = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["vectors"]
    return found


def test_the_files_are_what_their_script_writes() -> None:
    for name, text in documents().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name} was altered, or the format has changed"


@pytest.mark.parametrize("one", vectors("encoding.json"), ids=lambda one: one["name"])
def test_both_readers_give_an_encoding_its_verdict(one: dict[str, str]) -> None:
    raw = bytes.fromhex(one["bytes"])
    if one["verdict"] == "holds":
        assert wire.decode(raw) == standalone.decoded(raw)
        assert wire.encode(standalone.decoded(raw)) == raw
        return
    with pytest.raises(WireError):
        wire.decode(raw)
    with pytest.raises(standalone.Refused):
        standalone.decoded(raw)


def test_both_readers_give_every_export_its_verdict() -> None:
    trust = bytes.fromhex(json.loads((FOLDER / "export.json").read_text(encoding="utf-8"))["trust"])
    wrong, verdicts = [], {"holds": 0, "refused": 0}
    for one in vectors("export.json"):
        data = bytes.fromhex(one["bytes"])
        holds = one["verdict"] == "holds"
        verdicts[one["verdict"]] += 1
        if (not by_the_file(data, trust)) is not holds or (not by_the_core(data, trust)) is not holds:
            wrong.append((one["name"], by_the_file(data, trust), by_the_core(data, trust)))
    assert not wrong
    assert verdicts["holds"] >= 4
    assert verdicts["refused"] >= 90


def test_names_are_given_once() -> None:
    for name in ("encoding.json", "export.json"):
        names = [one["name"] for one in vectors(name)]
        assert len(set(names)) == len(names)
