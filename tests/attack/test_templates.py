"""Nobody but a unit at work reads faces: no template lies in the host's files, its memory, what is sent to it, or on
the disk of the desk's unit or of a door, in any form; neither what was enrolled nor what a door has learned.

The same search finds every form, everywhere, in a run with the sealing switched off: a search that finds nothing
because it cannot find would be worth nothing.
"""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from PIL import ImageOps
from tests.attack.leaky import forms
from tests.ports import free_ports

from gatecore import intake
from gatesim import demo, office, pictures
from gatesim.child import Child
from gatesim.estate import BUILDING_DOOR, DESK, GATE, HOME
from gatesim.frame import nobody, posed, read
from gatesim.report import OPENED
from gatesim.rig import Places, Rig
from gatesim.story import Cast

FORMS = ("raw", "int8", "base64", "hex")
PLACES = ("host's files", "host's memory", "traffic", "desk's disk", "door's disk")
HOST = ("host's files", "host's memory")
# what the vault made lies everywhere it goes to; what a door learned goes nowhere; what it took goes to the vault
FOUND_OF_THE_VAULT = {("vault", place, form) for place in PLACES for form in FORMS}
FOUND_OF_A_DOOR = {("door", "door's disk", form) for form in FORMS}
FOUND_OF_A_SITTING = {("sitting", place, form) for place in (*HOST, "traffic") for form in FORMS}
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


async def search(folder: Path, opened: tuple[str, ...], port: int) -> set[tuple[str, str, str]]:
    """Enrols a face, lets it in with its home number so that the door learns, has it sit before the door under a claim
    slip, and searches while everything still runs: (whose, where, in which form) a template was found. `opened` says
    whose sealing is switched off: "vault", "door", "sitting"."""
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
        if "vault" in opened:
            await arrives(folder / "demo" / BUILDING_DOOR, "face-*")  # a door holds the bytes it cannot open
        else:
            await office.loaded(cast.desk, made.path, 2)
            assert (await cast.at_building.look(shown.visit, HOME)).how == OPENED
            await arrives(folder / "demo" / BUILDING_DOOR, "learned-*")
            mirrored = ImageOps.mirror(read(pictures.HERE / "resident.jpg"))  # other templates of the same person
            await sits(cast, made.path.rsplit("/", 1)[-1], [posed(mirrored, n) for n in range(5)])
        process = rig.host._process
        assert process is not None
        held = searched(folder, process.pid)
    return {
        (whose, place, form)
        for whose, templates in told(folder).items()
        for template in templates
        for form, needle in forms(template).items()
        for place, there in held.items()
        if needle in there
    }


async def sits(cast: Cast, party: str, frames_shown: list[bytes]) -> None:
    """A claim slip made at the desk, typed at the building door, and five guided frames there."""
    sheet = await cast.desk.see(f"/desk/homes/{HOME}/faces/{party}/capture")
    slip = await cast.desk.send(sheet, "/slip")
    found = re.search(r"\b(\d{4}) (\d{3}) (\d{3})\b", slip.words)
    assert found, slip.words
    door, at = cast.building, cast.at_building.at + 60_000
    await door.show(nobody(), at)
    await door.type("*#" + "".join(found.groups()) + "#")
    await door.until(lambda: bool(door.view["reason"] == intake.STRAIGHT), "the door does not sit", LEARNS_S)
    for number, frame in enumerate(frames_shown):
        await door.show(frame, at + 1_000 * (number + 1))
    await door.until(lambda: bool(door.view["reason"] == intake.SLIP_TAKEN), "the door took nothing", LEARNS_S)
    await asyncio.sleep(1.0)  # over host and vault and back


def told(folder: Path) -> dict[str, list[bytes]]:
    """The templates the units have made, learned and taken, by their own word."""
    found = {
        whose: [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
        for whose in ("vault", "door", "sitting")
        if (path := folder / f"templates-{whose}").exists()
    }
    assert len(found["vault"]) >= 5
    return found


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
    assert await search(tmp_path, (), port=free_ports(6)) == set()
    made = told(tmp_path)
    assert (len(made["vault"]), len(made["door"]), len(made["sitting"])) == (10, 1, 5)
    assert made["vault"][5:] == made["sitting"]  # the vault took over what the door took


async def test_the_same_search_finds_them_when_the_vault_does_not_seal(tmp_path: Path) -> None:
    assert await search(tmp_path, ("vault",), port=free_ports(6)) == FOUND_OF_THE_VAULT


async def test_the_same_search_finds_what_a_door_learned_and_took_when_it_does_not_seal(tmp_path: Path) -> None:
    assert await search(tmp_path, ("door", "sitting"), port=free_ports(6)) == FOUND_OF_A_DOOR | FOUND_OF_A_SITTING


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """The modules of a process that has imported all of the host."""
    words = [sys.executable, "-c", "import gatehost.__main__, gatehost.web.app, sys; print(*sys.modules)"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("name", ["numpy", "gateface", "ai_edge_litert"])
def test_the_host_does_not_even_load_what_computes_on_faces(name: str, loaded: list[str]) -> None:
    assert "gatehost.web.app" in loaded
    assert name not in loaded
