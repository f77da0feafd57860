"""Nobody but a unit at work reads faces: no template lies in the host's files, its memory, what is sent to it, or on
the disk of the desk's unit or of a door, in any form; neither what was enrolled nor what a door has learned.

The same search finds every form, everywhere, in a run with the sealing switched off: a search that finds nothing
because it cannot find would be worth nothing.
"""

import asyncio
import json
import re
from pathlib import Path
from time import perf_counter

import pytest
from tests.attack.leaky import forms

from gatesim import demo, office, pictures
from gatesim.child import Child
from gatesim.estate import BUILDING_DOOR, DESK, GATE, HOME
from gatesim.report import OPENED
from gatesim.rig import Places, Rig

FORMS = ("raw", "int8", "base64", "hex")
PLACES = ("host's files", "host's memory", "traffic", "desk's disk", "door's disk")
# what the vault made lies everywhere it goes to; what a door learned goes nowhere
FOUND_EVERYWHERE = {(place, form) for place in PLACES for form in FORMS}
FOUND_AT_THE_DOOR = {("door's disk", form) for form in FORMS}
LEARNS_S = 20.0


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


async def search(folder: Path, opened: str, port: int) -> set[tuple[str, str]]:
    """Enrols a face, lets it in with its home number so that the door learns, and searches while everything still runs:
    (where, in which form) a template was found. `opened` says whose sealing is switched off: "vault", "door" or ""."""
    rig = Rig(folder / "demo", Places(port), played=True)
    (folder / "demo").mkdir()
    order = json.dumps({"out": str(folder), "open": opened})
    for slot in (DESK, BUILDING_DOOR):
        words = [order, *rig._unit_words(slot)]
        rig.units[slot] = Child(slot, words, folder / f"{slot}.log", module="tests.attack.leaky")
    async with demo.running(rig) as cast:
        await office.confirm_doors(cast.vault, {GATE: cast.gate, BUILDING_DOOR: cast.building})
        shown = pictures.faces()
        made = await office.enrol(cast.desk, cast.vault, HOME, "Resident A", shown.enrol, 1_000)
        assert made.photos == 5
        if opened == "vault":
            await arrives(folder / "demo" / BUILDING_DOOR, "face-*")  # a door holds the bytes it cannot open
        else:
            await office.loaded(cast.desk, made.path, 2)
            assert (await cast.at_building.look(shown.visit, HOME)).how == OPENED
            await arrives(folder / "demo" / BUILDING_DOOR, "learned-*")
        process = rig.host._process
        assert process is not None
        held = searched(folder, process.pid)
    templates = told(folder)
    assert len(templates) == (5 if opened == "vault" else 6)
    return {
        (place, form)
        for template in templates
        for form, needle in forms(template).items()
        for place, bytes_there in held.items()
        if needle in bytes_there
    }


def told(folder: Path) -> list[bytes]:
    """The templates the units have made and learned, by their own word."""
    lines = [path.read_text(encoding="ascii") for path in sorted(folder.glob("templates-*"))]
    return [bytes.fromhex(line) for line in "".join(lines).split()]


async def arrives(unit: Path, name: str) -> None:
    """Waits until a record of that name is durable on a unit's disk."""
    until = perf_counter() + LEARNS_S
    while perf_counter() < until:
        if any(path.suffix != ".new" for path in (unit / "store" / "records").glob(name)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name} did not come to {unit.name}")


def searched(folder: Path, host: int) -> dict[str, bytes]:
    """Every place a template could lie, with the bytes that lie there."""
    files = {
        place: b"".join(path.read_bytes() for path in (folder / "demo" / part).rglob("*") if path.is_file())
        for place, part in (("host's files", "host"), ("desk's disk", DESK), ("door's disk", BUILDING_DOOR))
    }
    return files | {"host's memory": memory_of(host), "traffic": (folder / "traffic").read_bytes()}


async def test_no_template_lies_in_host_or_traffic_or_on_a_unit_s_disk_in_any_form(tmp_path: Path) -> None:
    assert await search(tmp_path, "", port=8860) == set()


async def test_the_same_search_finds_them_when_the_vault_does_not_seal(tmp_path: Path) -> None:
    assert await search(tmp_path, "vault", port=8870) == FOUND_EVERYWHERE


async def test_the_same_search_finds_what_a_door_learned_when_it_does_not_seal(tmp_path: Path) -> None:
    assert await search(tmp_path, "door", port=8880) == FOUND_AT_THE_DOOR


@pytest.mark.parametrize("name", ["numpy", "gateface", "ai_edge_litert"])
def test_the_host_does_not_even_load_what_computes_on_faces(name: str) -> None:
    import subprocess
    import sys

    said = subprocess.run(
        [sys.executable, "-c", f"import gatehost.__main__, gatehost.web.app, sys; print({name!r} in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "False"
