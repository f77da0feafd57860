"""A door unit that is visited: `python -m tests.attack.visited FOLDER forgets|keeps`, its camera on standard input.

Frames are JPEG, each after its length (4 bytes); a length of 0 asks for an answer: `seen N people M`, the most faces
the unit held templates of at once, and its residents. With `keeps` everything that forgets is switched off. The unit is
the real one on a real store; its ports are the simulator's. Its resident's templates are random.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tests.unit.conftest import HOME, PERSON, Estate, House, usual_rows

from gatecore.sign import sha256
from gatecore.state import FACES, PEOPLE, WAY_FACE, WAY_FACE_AT_HOME
from gateface import packed, read_picture
from gateunit import oblivion
from gateunit.keys import FileKeys
from gateunit.seal import face_info, seal, seal_templates
from gateunit.sight import Sight

FOR_GOOD = 4_000_000_000
MODEL, KEY = "resnet29-relu6-int8-1", b"K" * 32


def resident() -> list[bytes]:
    """Three photos' templates of one resident: unit vectors near each other."""
    random = np.random.default_rng(11)
    first = random.normal(size=128)
    photos = [first + 0.1 * random.normal(size=128) for _ in range(3)]
    return [packed((photo / np.linalg.norm(photo)).astype(np.float32)) for photo in photos]


def enrolled(folder: Path, secrets: Path, photos: list[bytes], more: dict[int, Any] | None = None) -> House:
    """A house whose door holds that resident for good, sealed to its own key as the vault does it."""
    house = House(folder, Estate(), eyes=True)
    house.rows = {**usual_rows(), **(more or {})}
    keys = FileKeys(secrets)
    house.build_with(keys)
    house.files.close()
    templates = seal_templates(photos, KEY, b"N" * 12, PERSON, MODEL)
    box = seal(KEY, keys.box_public(), face_info(house.estate.public, PERSON, MODEL, keys.signer().key_id))
    house.rows[PEOPLE] = [[PERSON, HOME, 0, FOR_GOOD, WAY_FACE | WAY_FACE_AT_HOME, 0]]
    house.rows[FACES] = [[PERSON, HOME, MODEL, sha256(templates), box]]
    house.write("face-" + sha256(templates).hex(), templates)
    house.publish(keys)
    return house


async def visited(folder: Path) -> None:
    """Runs until standard input ends."""
    house = enrolled(folder, folder / "keys", resident())
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
