"""A door unit that is visited: `python -m tests.attack.visited FOLDER forgets|keeps`, its camera on standard input.

Frames are JPEG, each after its length (4 bytes); a length of 0 asks for an answer: `seen N` with the number of faces the
unit has made templates of. With `keeps` everything that forgets is switched off. The unit is the real one on a real
store; its ports are the simulator's. It knows two residents, whose templates are random and stand in RESIDENTS.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tests.unit.conftest import PERSON, Estate, House

from gatecore.sign import sha256
from gatecore.state import FACES, PEOPLE
from gateface import packed, read_picture
from gateunit import oblivion
from gateunit.keys import FileKeys
from gateunit.seal import face_info, seal, seal_templates
from gateunit.sight import Sight

MODEL, KEY = "resnet29-relu6-int8-1", b"K" * 32


def resident() -> list[bytes]:
    """Three photos' templates of one resident: unit vectors near each other."""
    random = np.random.default_rng(11)
    first = random.normal(size=128)
    photos = [first + 0.1 * random.normal(size=128) for _ in range(3)]
    return [packed((photo / np.linalg.norm(photo)).astype(np.float32)) for photo in photos]


def enrolled(folder: Path) -> House:
    """A house whose door holds that resident, sealed to its own key as the vault does it."""
    house = House(folder, Estate(), eyes=True)
    house.build()
    house.files.close()
    keys = FileKeys(folder / "keys")
    dev = keys.signer().key_id
    templates = seal_templates(resident(), KEY, b"N" * 12, PERSON, MODEL)
    box = seal(KEY, keys.box_public(), face_info(house.estate.public, PERSON, MODEL, dev))
    assert house.rows is not None
    house.rows[FACES] = [[PERSON, house.rows[PEOPLE][0][1], MODEL, sha256(templates), box]]
    (folder / "records" / "state-0").unlink()
    house.write("face-" + sha256(templates).hex(), templates)
    return house


async def visited(folder: Path) -> None:
    """Runs until standard input ends."""
    house = enrolled(folder)
    made = 0
    async with house.running():
        while head := await asyncio.to_thread(sys.stdin.buffer.read, 4):
            length = int.from_bytes(head, "big")
            if length:
                data = await asyncio.to_thread(sys.stdin.buffer.read, length)
                house.camera.push(read_picture(data))
                del data
                await house.clock.advance(450)
                assert house.unit.sight is not None
                made = max(made, len(house.unit.sight._made))
            else:
                print(f"seen {made} people {house.unit.sight.people if house.unit.sight else 0}", flush=True)


def main(words: list[str]) -> int:
    """Switches forgetting off if told, and is a door."""
    if words[1] == "keeps":

        async def nothing(*_: Any) -> None:
            return None

        Sight._forget = nothing  # type: ignore[method-assign]
    else:
        oblivion.overwrite_what_is_freed()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(visited(Path(words[0])))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
