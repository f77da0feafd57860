"""Faces with the real models: captured at the desk, sealed to a door, recognised there; strangers are not.

The portrait is NASA's of astronaut Eileen Collins (public domain), from scikit-image.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gatecore import events, feedback, frames
from gatecore import records as r
from gatecore.sign import sha256
from gatecore.state import DOOR, FACE_AT_HOME, FACE_OFF, FACES, PEOPLE, SEAL_TO, WAY_FACE, WAY_FACE_AT_HOME
from gateunit.vault import PHOTOS

from .poses import poses

TASK, PERSON, HOME = b"T" * 16, bytes([7]) * 16, "120502"

Frame = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait() -> Frame:
    from skimage import data

    picture: Frame = data.astronaut()
    return picture


@pytest.fixture(scope="module")
def nobody() -> Frame:
    return np.full((480, 640, 3), 90, np.uint8)


def another(tmp_path: Path, house: Any, kind: str) -> Any:
    return type(house)(tmp_path / kind, house.estate, kind=kind, eyes=True, seed=11)


async def captured(house: Any, tmp_path: Path, portrait: Frame) -> tuple[bytes, bytes]:
    """The portrait's person, captured by a vault and sealed to the house's door: (templates, sealed key)."""
    door = house.build()
    public, box = house.keys.signer().public, house.keys.box_public()
    house.files.close()
    desk = another(tmp_path, house, "desk")
    desk.rows[SEAL_TO] = [[door.dev, box, "Gate 3", house.estate.cert(public, box)]]
    async with desk.running():
        said: list[Any] = []
        desk.unit.vault.say = lambda kind, *fields: said.append((kind, fields))
        desk.unit.vault.up = lambda: True
        desk.unit.vault.confirm(door.dev)
        desk.unit.vault.capture(TASK, PERSON, HOME, "the person")
        for pose in poses(portrait):
            await desk.see(pose, 2, 400)
        [(_, _, photos, templates, [(dev, sealed)])] = [fields for kind, fields in said if kind == frames.SEALED]
        assert (photos, dev) == (PHOTOS, door.dev)
        steps = [fields[1] for kind, fields in said if kind == frames.CAPTURE_NEWS]
        assert [step for step in steps if step != frames.CAPTURE_READY] == [frames.CAPTURE_PHOTO] * PHOTOS + [
            frames.CAPTURE_DONE
        ]
        return templates, sealed


async def enrolled(house: Any, tmp_path: Path, portrait: Frame) -> None:
    """Puts that person into the state of the house's door."""
    templates, sealed = await captured(house, tmp_path, portrait)
    house.eyes = True
    house.rows[FACES] = [[PERSON, HOME, "resnet29-relu6-int8-1", sha256(templates), sealed]]
    (house.folder / "records" / "state-0").unlink()
    house.write("face-" + sha256(templates).hex(), templates)


async def test_a_face_captured_at_the_desk_opens_the_door(house: Any, tmp_path: Path, portrait: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(portrait, 2)
        assert house.unit.sight.people == 1
        assert house.lock.unlocked
        [entry] = [entry for entry in house.entries() if entry.typ == r.ACCESS]
        assert entry.pub == [0, r.GRANTED, r.FACE, 0, 0]


async def test_an_empty_frame_opens_nothing(house: Any, tmp_path: Path, portrait: Frame, nobody: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(nobody, 4)
        assert house.unlocks() == []


async def test_a_face_nobody_enrolled_is_asked_for_a_home_and_not_let_in(house: Any, portrait: Frame) -> None:
    house.eyes = True
    async with house.running():
        await house.see(portrait, 6)
        assert house.unlocks() == []
        assert house.screen.shown[:2] == (feedback.ASK_HOME, feedback.UNCLEAR)


@pytest.mark.parametrize("dialled", [True, False])
async def test_where_faces_count_with_a_home_number_only_the_number_decides(
    house: Any, tmp_path: Path, portrait: Frame, dialled: bool
) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[DOOR][0][6] = FACE_AT_HOME
    house.rows[PEOPLE][0][4] = WAY_FACE_AT_HOME
    async with house.running():
        if dialled:
            await house.type(f"{HOME}#")
        await house.see(portrait, 3)
        assert house.lock.unlocked is dialled
        if dialled:
            assert [e.pub[2] for e in house.entries() if e.typ == r.ACCESS] == [r.FACE_AT_HOME]


async def test_another_homes_number_does_not_help(house: Any, tmp_path: Path, portrait: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[PEOPLE][0][4] = WAY_FACE_AT_HOME
    async with house.running():
        await house.type("120503#")
        await house.see(portrait, 3)
        assert not house.lock.unlocked


async def test_with_the_face_way_off_no_picture_is_looked_at(house: Any, tmp_path: Path, portrait: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[DOOR][0][6] = FACE_OFF
    async with house.running():
        await house.see(portrait, 3)
        assert house.unlocks() == []
        assert house.unit.sight.people == 0  # the gallery was not even opened


async def test_a_box_for_another_door_opens_for_nobody_and_is_told_once(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    row = house.rows[FACES][0]
    row[4] = row[4][:-1] + bytes([row[4][-1] ^ 1])
    async with house.running():
        await house.see(portrait, 4)
        assert house.unlocks() == []
        assert [entry.pub[0] for entry in house.entries() if entry.typ == r.DISTRUST] == [6]


async def test_a_person_without_the_right_is_recognised_and_refused(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[PEOPLE] = [[b"x" * 16, HOME, 0, 2_000_000_000, WAY_FACE, 0]]
    async with house.running():
        await house.see(portrait, 2)
        assert house.unlocks() == []
        assert house.screen.shown[:2] == (feedback.REFUSED, feedback.NO_RIGHT)


async def test_a_call_carries_the_newest_picture_and_never_an_old_one(house: Any, portrait: Frame) -> None:
    house.eyes = True
    async with house.running():
        said: list[Any] = []

        class Line:
            def say(self, kind: int, *fields: object) -> None:
                said.append((kind, fields))

        house.unit.carrier.link = Line()
        house.unit.post(events.Link(True))
        await house.see(portrait)
        await house.type(f"{HOME}C")
        [(call, picture)] = [fields for kind, fields in said if kind == frames.SNAPSHOT]
        assert [fields for kind, fields in said if kind == frames.CALL] == [(call, HOME)]
        assert Image.open(io.BytesIO(picture)).size == (512, 512)
        said.clear()
        await house.clock.advance(6_000)
        await house.type(f"{HOME}C")
        assert frames.SNAPSHOT not in [kind for kind, _ in said]
        assert frames.CALL in [kind for kind, _ in said]


async def test_two_faces_make_no_photo(house: Any, tmp_path: Path, portrait: Frame) -> None:
    desk = another(tmp_path, house, "desk")
    async with desk.running():
        said: list[Any] = []
        desk.unit.vault.say = lambda kind, *fields: said.append((kind, fields))
        desk.unit.vault.capture(TASK, PERSON, HOME, "the person")
        near = portrait[0:300, 100:350]
        await desk.see(np.concatenate([near, near], axis=1), 3)
        hints = [fields[3] for kind, fields in said if kind == frames.CAPTURE_NEWS]
        assert hints == [[frames.STRAIGHT], [feedback.ONE_AT_A_TIME, frames.STRAIGHT]]
        assert desk.unit.vault.capturing.photos == []
