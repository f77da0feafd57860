"""A door keeps no video: what its camera sees is gone with the moment, and its disk holds none of it."""

from pathlib import Path

import numpy as np
from PIL import Image

import gatesim.pictures

from .conftest import HOME, Estate, House

STRANGER = Path(gatesim.pictures.__file__).parent / "stranger.jpg"


def telling(picture: np.ndarray) -> list[bytes]:
    """Pieces of a picture that nothing else holds: stretches of rows with many values in them."""
    rows = [picture[at, 200:232].tobytes() for at in range(0, picture.shape[0], 8)]
    return [row for row in rows if len(set(row)) > 24]


def on_disk(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_a_visitor_before_the_camera_and_a_call_leave_no_picture_on_the_door_s_disk(
    tmp_path: Path, estate: Estate
) -> None:
    house = House(tmp_path, estate, eyes=True)
    picture = np.asarray(Image.open(STRANGER).convert("RGB").resize((640, 480)))
    async with house.running():
        before = len(on_disk(tmp_path))
        await house.see(picture, frames=4)
        await house.type(f"{HOME}C")
        await house.see(picture, frames=4)
        await house.clock.advance(5_000)
        assert house.camera.pushed == 8
        assert len(telling(picture)) > 30
        everything = on_disk(tmp_path)
    assert b"\xff\xd8\xff" not in everything
    assert not [piece for piece in telling(picture) if piece in everything]
    assert len(everything) - before < 16_384  # a few entries; one frame is 921,600 bytes
