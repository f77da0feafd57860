"""The host cannot read faces: no template lies in its files, its memory or what is sent to it, in any form.

The same search finds every form, everywhere, in a run with the sealing switched off: a search that finds nothing
because it cannot find would be worth nothing.
"""

import json
import re
from pathlib import Path

import pytest
from tests.attack.leaky import forms

from gatesim import demo, office, pictures
from gatesim.child import Child
from gatesim.estate import BUILDING_DOOR, DESK, GATE, HOME
from gatesim.rig import Places, Rig

FOUND_EVERYWHERE = {
    (place, form) for place in ("files", "memory", "traffic") for form in ("raw", "int8", "base64", "hex")
}


def memory_of(pid: int) -> bytes:
    """Everything a process can write to or has written: its private and anonymous memory."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if span is None:
                continue
            first, last = (int(end, 16) for end in span.groups())
            try:
                memory.seek(first)
                found.append(memory.read(last - first))
            except OSError:
                continue  # a page that cannot be read holds nothing of the program's
    return b"".join(found)


async def search(folder: Path, sealed: bool, port: int) -> set[tuple[str, str]]:
    """Enrols a face and searches while everything still runs: (where, in which form) a template was found."""
    rig = Rig(folder / "demo", Places(port), played=True)
    (folder / "demo").mkdir()
    order = json.dumps({"out": str(folder), "sealed": sealed})
    rig.units[DESK] = Child(DESK, [order, *rig._unit_words(DESK)], folder / "desk.log", module="tests.attack.leaky")
    async with demo.running(rig) as cast:
        await office.confirm_doors(cast.vault, {GATE: cast.gate, BUILDING_DOOR: cast.building})
        made = await office.enrol(cast.desk, cast.vault, HOME, "Resident A", pictures.faces().enrol, 1_000)
        assert made.photos > 0
        await office.loaded(cast.desk, made.path, 2) if sealed else await cast.desk.see(made.path)
        process = rig.host._process
        assert process is not None
        files = b"".join(path.read_bytes() for path in (folder / "demo" / "host").rglob("*") if path.is_file())
        places = {"files": files, "memory": memory_of(process.pid), "traffic": (folder / "traffic").read_bytes()}
    templates = [bytes.fromhex(line) for line in (folder / "templates").read_text(encoding="ascii").split()]
    assert len(templates) >= 3
    return {
        (place, form)
        for template in templates
        for form, needle in forms(template).items()
        for place, held in places.items()
        if needle in held
    }


async def test_no_template_lies_in_the_host_in_any_form(tmp_path: Path) -> None:
    assert await search(tmp_path, sealed=True, port=8860) == set()


async def test_the_same_search_finds_them_when_nothing_is_sealed(tmp_path: Path) -> None:
    assert await search(tmp_path, sealed=False, port=8870) == FOUND_EVERYWHERE


@pytest.mark.parametrize("name", ["numpy", "gateface", "ai_edge_litert"])
def test_the_host_does_not_even_load_what_computes_on_faces(name: str) -> None:
    import subprocess
    import sys

    said = subprocess.run(
        [sys.executable, "-c", f"import gatehost.__main__, gatehost.web.app, sys; print({name!r} in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "False"
