"""The vault's laws: consent first, sealed only, confirmed doors only, forgotten means gone, nobody enrolled twice."""

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gatecore import feedback, frames, intake
from gatecore.enrol import box_digits
from gatecore.state import SEAL_TO
from gatecore.wire import decode, encode
from gateface import open_engine
from gateunit import taken
from gateunit.errors import VaultError
from gateunit.keys import FileKeys
from gateunit.seal import face_info, open_templates
from gateunit.vault import PHOTOS

from .poses import poses
from .test_session import Line

TASK, PERSON, MODEL = b"T" * 16, b"P" * 16, "resnet29-relu6-int8-1"
SECRET_MARK = b"\x5a" * 128  # a template no random bytes will hold


@pytest.fixture
def doors(tmp_path: Path) -> list[FileKeys]:
    """In the order in which a state names them."""
    made = [FileKeys(tmp_path / f"door{n}") for n in range(2)]
    return sorted(made, key=lambda keys: keys.signer().key_id)


@pytest.fixture
def desk(house: Any, doors: list[FileKeys]) -> Any:
    house.kind = "desk"
    house.rows[SEAL_TO] = [row(house, keys, f"Gate {n}") for n, keys in enumerate(doors)]
    return house


def row(house: Any, keys: FileKeys, place: str) -> list[Any]:
    signer = keys.signer()
    return [signer.key_id, keys.box_public(), place, house.estate.cert(signer.public, keys.box_public(), place)]


def linked(house: Any) -> list[tuple[int, tuple[Any, ...]]]:
    said: list[tuple[int, tuple[Any, ...]]] = []
    house.unit.vault.say = lambda kind, *fields: said.append((kind, fields))
    house.unit.vault.up = lambda: True
    return said


async def captured(house: Any, person: bytes = PERSON, home: str = "120502", mark: bytes = SECRET_MARK) -> None:
    house.unit.vault.capture(TASK, person, home, "Ms Li")
    for n in range(PHOTOS):
        await house.unit.vault.photo(mark[:-1] + bytes([n]), MODEL)


def steps(said: list[tuple[int, tuple[Any, ...]]]) -> list[int]:
    return [fields[1] for kind, fields in said if kind == frames.CAPTURE_NEWS]


def sealed_of(said: list[tuple[int, tuple[Any, ...]]]) -> list[Any]:
    return [fields for kind, fields in said if kind == frames.SEALED]


async def test_a_confirmed_door_and_only_it_can_open_what_was_captured(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        vault.confirm(doors[0].signer().key_id)
        await captured(desk)
        [(person, model, photos, templates, boxes)] = sealed_of(said)
        assert (person, model, photos) == (PERSON, MODEL, PHOTOS)
        [(dev, sealed)] = boxes
        info = face_info(desk.estate.public, PERSON, MODEL, dev)
        assert dev == doors[0].signer().key_id
        key = doors[0].open(sealed, info)
        assert open_templates(templates, key, PERSON, MODEL) == [SECRET_MARK[:-1] + bytes([n]) for n in range(PHOTOS)]


async def test_an_unconfirmed_door_gets_nothing(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        await captured(desk)
        assert sealed_of(said)[0][4] == []
        said.clear()
        with pytest.raises(VaultError, match="unconfirmed"):
            vault.seal(PERSON, [doors[0].signer().key_id])
        with pytest.raises(VaultError, match="unconfirmed"):
            vault.seal(PERSON, [b"?" * 16])
        assert said == []


async def test_a_confirmed_door_gets_its_key_though_another_is_not(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        await captured(desk)
        vault.confirm(doors[1].signer().key_id)
        said.clear()
        with pytest.raises(VaultError, match="unconfirmed"):
            vault.seal(PERSON, [doors[0].signer().key_id, doors[1].signer().key_id])
        assert [dev for dev, _ in sealed_of(said)[0][4]] == [doors[1].signer().key_id]


async def test_the_person_compares_place_and_the_digits_the_door_shows(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        await desk.clock.advance(300)
        shown = box_digits(doors[0].signer().public, doors[0].box_public(), desk.estate.public)
        assert desk.screen.compare == ("Gate 0", shown)
        await desk.type("#")
        await desk.clock.advance(300)
        assert desk.screen.compare[0] == "Gate 1"
        await desk.type("*")
        await desk.clock.advance(300)
        assert desk.screen.compare == ("", "")
        assert [question.place for question in desk.unit.vault.doors.questions()] == []
        assert desk.unit.vault.doors.holds(doors[0].signer().key_id)
        assert not desk.unit.vault.doors.holds(doors[1].signer().key_id)


async def test_another_box_key_of_a_confirmed_door_must_be_confirmed_again(
    desk: Any, doors: list[FileKeys], tmp_path: Path
) -> None:
    dev = doors[0].signer().key_id
    async with desk.running():
        desk.unit.vault.confirm(dev)
    fresh = FileKeys(tmp_path / "fresh")
    forged = desk.estate.cert(doors[0].signer().public, fresh.box_public())
    desk.rows[SEAL_TO][0] = [dev, fresh.box_public(), "Gate 0", forged]
    (desk.folder / "records" / "state-0").unlink()
    async with desk.running():
        said = linked(desk)
        await captured(desk)
        assert sealed_of(said)[0][4] == []
        assert next(question.dev for question in desk.unit.vault.doors.questions()) == dev


@pytest.mark.parametrize("wrong", ["signer", "device", "box"])
async def test_a_door_the_estate_did_not_certify_is_not_even_asked_about(
    desk: Any, doors: list[FileKeys], wrong: str
) -> None:
    good = desk.rows[SEAL_TO][0]
    stranger = type(desk.estate)(99)
    desk.rows[SEAL_TO] = [
        {
            "signer": [*good[:3], stranger.cert(doors[0].signer().public, good[1])],
            "device": [doors[1].signer().key_id, *good[1:]],
            "box": [good[0], doors[1].box_public(), *good[2:]],
        }[wrong]
    ]
    async with desk.running():
        assert desk.unit.vault.doors.questions() == []
        with pytest.raises(VaultError, match="device"):
            desk.unit.vault.confirm(desk.rows[SEAL_TO][0][0])


async def test_nothing_is_captured_without_a_consent_or_beside_another_capture(desk: Any) -> None:
    async with desk.running():
        vault = desk.unit.vault
        with pytest.raises(VaultError, match="consent"):
            vault.capture(bytes(16), PERSON, "120502", "Ms Li")
        with pytest.raises(VaultError, match="consent"):
            await vault.photo(SECRET_MARK, MODEL)
        vault.capture(TASK, PERSON, "120502", "Ms Li")
        with pytest.raises(VaultError, match="busy"):
            vault.capture(b"U" * 16, PERSON, "120502", "Ms Li")
        vault.stop(b"U" * 16)
        assert vault.capturing is not None
        vault.stop(TASK)
        assert vault.capturing is None


async def test_no_open_template_reaches_the_disk_or_the_wire(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said = linked(desk)
        desk.unit.vault.confirm(doors[0].signer().key_id)
        await captured(desk)
        mark = SECRET_MARK[:64]
        assert not any(mark in path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
        assert not any(mark in encode([list(fields)]) for _, fields in said)
        assert desk.unit.vault.capturing is None


async def test_a_forgotten_person_can_be_sealed_to_no_door_any_more(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        await captured(desk)
        vault.confirm(doors[0].signer().key_id)
        desk.store.full = True
        vault.forget(PERSON)
        await desk.clock.advance(5_000)
        assert frames.FORGOTTEN not in [kind for kind, _ in said]  # not said before it is true
        desk.store.full = False
        await vault_forgets(desk)
        assert said[-1] == (frames.FORGOTTEN, (PERSON,))
        with pytest.raises(VaultError, match="person"):
            vault.seal(PERSON, [doors[0].signer().key_id])


async def vault_forgets(desk: Any) -> None:
    running = asyncio.create_task(desk.unit.vault.run())
    await desk.clock.advance(3_000)
    running.cancel()


async def test_people_and_confirmations_outlive_a_restart(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        await captured(desk)
        desk.unit.vault.confirm(doors[0].signer().key_id)
        await desk.clock.settle()
    async with desk.running():
        said = linked(desk)
        desk.unit.vault.seal(PERSON, [doors[0].signer().key_id])
        assert len(sealed_of(said)) == 1


TWIN, OTHER = b"Q" * 16, b"R" * 16


async def test_a_face_of_another_home_is_not_enrolled_again_and_nobody_is_named(desk: Any) -> None:
    async with desk.running():
        said = linked(desk)
        await captured(desk)
        said.clear()
        await captured(desk, TWIN, "130101")
        assert steps(said)[-1] == intake.CAPTURE_TWICE
        assert sealed_of(said) == []
        assert not (desk.folder / "records" / ("person-" + TWIN.hex())).exists()
        assert not any(PERSON in encode([list(fields)]) for _, fields in said)  # whose it is, is not said


async def test_the_same_person_and_the_same_home_are_no_twins(desk: Any) -> None:
    async with desk.running():
        said = linked(desk)
        await captured(desk)
        await captured(desk, PERSON, "130101")  # the same person, moved
        await captured(desk, TWIN, "130101")  # of one household: the home's own matter
        assert steps(said).count(intake.CAPTURE_DONE) == 3


async def test_a_face_nobody_resembles_is_enrolled(desk: Any) -> None:
    async with desk.running():
        said = linked(desk)
        await captured(desk)
        await captured(desk, OTHER, "130101", bytes([0x5A, 0xA5] * 64))
        assert steps(said).count(intake.CAPTURE_DONE) == 2


async def test_somebody_may_ask_three_times_whose_face_it_is(desk: Any) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        vault.ask_same(TWIN, PERSON)
        await captured(desk)
        await captured(desk, TWIN, "130101")
        for other in (OTHER, PERSON, OTHER, PERSON):
            vault.ask_same(TWIN, other)
        answers = [fields for kind, fields in said if kind == frames.SAME]
        assert [verdict for *_, verdict in answers] == [
            intake.SAME_UNKNOWN, intake.SAME_NO, intake.SAME_YES, intake.SAME_NO, intake.SAME_ENOUGH,
        ]  # fmt: skip
        await captured(desk, TWIN, "130101")  # another capture gives no new guesses
        vault.ask_same(TWIN, PERSON)
        assert said[-1] == (frames.SAME, (TWIN, PERSON, intake.SAME_ENOUGH))


async def test_two_people_who_look_alike_are_enrolled_once_the_office_has_decided(desk: Any) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        await captured(desk)
        await captured(desk, TWIN, "130101")
        vault.allow(TWIN)
        await captured(desk, TWIN, "130101")
        done = [fields for kind, fields in said if kind == frames.CAPTURE_NEWS and fields[1] == intake.CAPTURE_DONE]
        assert intake.ALIKE in done[-1][3]
        await captured(desk, OTHER, "140101")  # the permission was for one person and one capture
        assert steps(said)[-1] == intake.CAPTURE_TWICE


async def test_fewer_than_three_photos_are_not_enough_unless_the_desk_says_that_it_knows(desk: Any) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        vault.capture(TASK, PERSON, "120502", "Ms Li")
        await vault.photo(SECRET_MARK, MODEL)
        await vault.photo(SECRET_MARK, MODEL)
        with pytest.raises(VaultError, match="photos"):
            await vault.enough()
        assert vault.capturing is not None
        await vault.enough(few=True)
        assert sealed_of(said)[0][2] == 2


async def test_when_storage_fails_nothing_is_half_enrolled(desk: Any) -> None:
    async with desk.running():
        said = linked(desk)
        desk.store.full = True
        await captured(desk)
        assert steps(said)[-1] == intake.CAPTURE_FAILED
        assert said[-1][1][3] == [intake.NOT_SAVED]
        assert sealed_of(said) == []


async def test_the_host_away_midway_loses_nothing(desk: Any) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        vault.capture(TASK, PERSON, "120502", "Ms Li")
        await vault.photo(SECRET_MARK, MODEL)
        vault.up = lambda: False
        said.clear()
        for _ in range(PHOTOS - 1):
            await vault.photo(SECRET_MARK, MODEL)
        assert sealed_of(said) == []
        vault.up = lambda: True
        vault.linked()
        assert len(sealed_of(said)) == 1


async def test_a_record_from_before_homes_were_kept_still_opens(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        said, vault = linked(desk), desk.unit.vault
        await captured(desk)
        record = desk.folder / "records" / ("person-" + PERSON.hex())
        record.write_bytes(encode(decode(record.read_bytes())[:4]))
        vault.confirm(doors[0].signer().key_id)
        vault.seal(PERSON, [doors[0].signer().key_id])
        assert len(sealed_of(said)) == 2


# --- what a door took -------------------------------------------------------------------------


def carried(
    desk: Any,
    door: FileKeys,
    person: bytes = PERSON,
    task: bytes = TASK,
    signer: Any = None,
    model: str = MODEL,
    number: int = PHOTOS,
) -> bytes:
    photos = tuple(SECRET_MARK[:-1] + bytes([n]) for n in range(number))
    made = taken.Taken(task, person, model, photos)
    return taken.packed_for(desk.keys.box_public(), made, desk.estate.public, signer or door.signer())


async def adopted(desk: Any, signed: bytes, person: bytes = PERSON) -> list[tuple[int, tuple[Any, ...]]]:
    said = linked(desk)
    desk.unit.vault.adopt(TASK, person, "120502", signed)
    desk.unit.vault.adopt(TASK, person, "120502", signed)  # the host may say it again meanwhile
    await vault_works(desk)
    return said


async def vault_works(desk: Any) -> None:
    running = asyncio.create_task(desk.unit.vault.run())
    await desk.clock.advance(1_000)
    running.cancel()


async def test_what_a_confirmed_door_took_is_sealed_to_the_doors(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        desk.unit.vault.confirm(doors[0].signer().key_id)
        said = await adopted(desk, carried(desk, doors[0]))
        assert steps(said) == [intake.CAPTURE_DONE]
        [(person, model, photos, _, [(dev, _)])] = sealed_of(said)
        assert (person, model, photos, dev) == (PERSON, MODEL, PHOTOS, doors[0].signer().key_id)
        assert not any(SECRET_MARK[:64] in path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())


async def test_what_a_door_took_twice_is_taken_once(desk: Any, doors: list[FileKeys]) -> None:
    async with desk.running():
        desk.unit.vault.confirm(doors[0].signer().key_id)
        signed = carried(desk, doors[0])
        first = sealed_of(await adopted(desk, signed))[0]
        said = linked(desk)
        desk.unit.vault.adopt(TASK, PERSON, "120502", signed)
        assert steps(said) == [intake.CAPTURE_DONE]
        assert sealed_of(said)[0][3] == first[3]  # the same record, not a new one
        desk.unit.vault.forget(PERSON)
        await vault_works(desk)
        with pytest.raises(VaultError, match="used"):  # an old box does not bring back whom the vault forgot
            desk.unit.vault.adopt(TASK, PERSON, "120502", signed)


@pytest.mark.parametrize("wrong", ["unconfirmed", "signer", "signature", "person", "task", "altered", "box", "bytes"])
async def test_what_no_confirmed_door_signed_for_this_vault_is_not_believed(
    desk: Any, doors: list[FileKeys], wrong: str
) -> None:
    async with desk.running():
        vault, door = desk.unit.vault, doors[0]
        if wrong != "unconfirmed":
            vault.confirm(door.signer().key_id)
        signed = carried(desk, door, task=b"U" * 16 if wrong == "task" else TASK)
        if wrong == "signer":
            signed = carried(desk, door, signer=doors[1].signer())
        elif wrong == "signature":  # anybody can seal to the vault's box; nobody else can sign as the door
            signed = signed[:-1] + bytes([signed[-1] ^ 1])
        elif wrong == "altered":
            signed = signed[:-70] + bytes([signed[-70] ^ 1]) + signed[-69:]
        elif wrong == "box":
            made = taken.Taken(TASK, PERSON, MODEL, (SECRET_MARK,) * PHOTOS)
            signed = taken.packed_for(doors[1].box_public(), made, desk.estate.public, door.signer())
        elif wrong == "bytes":
            signed = b"\xd2\x84"
        with pytest.raises(VaultError):
            vault.adopt(TASK, OTHER if wrong == "person" else PERSON, "120502", signed)
        assert list(desk.store.names("person-")) == []


REFUSED = {
    "few": intake.FEW_PHOTOS,
    "many": intake.TAKEN_BROKEN,
    "model": intake.TAKEN_MODEL,
    "no manifest": intake.TAKEN_MODEL,
    "unconfirmed": intake.TAKEN_DOOR,
    "altered": intake.TAKEN_BROKEN,
    "bytes": intake.TAKEN_BROKEN,
    "before": intake.TAKEN_BEFORE,
}


@pytest.mark.parametrize("wrong", sorted(REFUSED))
async def test_the_host_hears_why_what_a_door_took_was_not_taken_over(
    desk: Any, doors: list[FileKeys], wrong: str, tmp_path: Path
) -> None:
    async with desk.running():
        vault, door, line = desk.unit.vault, doors[0], Line(desk)
        if wrong != "unconfirmed":
            vault.confirm(door.signer().key_id)
        number = {"few": 2, "many": PHOTOS + 1}.get(wrong, PHOTOS)
        signed = carried(desk, door, number=number, model="another-1" if wrong == "model" else MODEL)
        if wrong == "altered":
            signed = signed[:-70] + bytes([signed[-70] ^ 1]) + signed[-69:]
        elif wrong == "bytes":
            signed = b"\xd2\x84"
        elif wrong == "no manifest":
            vault._face_model = tmp_path / "gone.toml"
        elif wrong == "before":
            await adopted(desk, signed)
            vault.forget(PERSON)
            await vault_works(desk)
        vault.say, vault.up = lambda *frame: None, lambda: False
        line.greet()
        said = line.say(frames.ADOPT, TASK, PERSON, "120502", signed)
        assert (frames.CAPTURE_NEWS, [TASK, intake.CAPTURE_FAILED, 0, [REFUSED[wrong]]]) in said
        assert [what for what, _ in line.distrusted()] == [6]
        assert list(desk.store.names("person-")) == []


# --- uploaded photos, with the real engine ----------------------------------------------------


async def test_an_uploaded_photo_is_judged_here_and_each_defect_is_said(house: Any) -> None:
    from skimage import data

    house.kind, house.eyes = "desk", True
    portrait: Any = data.astronaut()
    pixels = list(poses(portrait))
    two = np.concatenate([portrait[0:300, 100:350]] * 2, axis=1)
    covered = pixels[0].copy()
    right, left, nose, _, right_ear, left_ear = open_engine().detect(covered)[0].landmarks.astype(int)
    covered[nose[1] - 5 : nose[1] + 2 * (left[0] - right[0]), right_ear[0] : left_ear[0]] = (90, 120, 160)
    async with house.running():
        vault = house.unit.vault
        vault.capture(TASK, PERSON, "120502", "Ms Li")
        await house.see(np.full((480, 640, 3), 90, np.uint8), 2)  # the engine is running
        for picture, word in (
            (b"", intake.EMPTY_FILE),
            (b"not a picture", intake.NO_PICTURE),
            (jpeg(pixels[0])[:2_000], intake.BROKEN_PICTURE),
            (jpeg(np.full((400, 400, 3), 120, np.uint8)), intake.NO_FACE),
            (jpeg(two), feedback.ONE_AT_A_TIME),
            (jpeg(np.asarray(Image.fromarray(portrait).resize((200, 200)))), feedback.COME_CLOSER),
            (jpeg(covered), feedback.UNCOVER),
            (jpeg(pixels[0][:20, :20]), intake.TINY_PICTURE),
        ):
            await sent(house, picture)
            assert vault.capturing.told == (word,), word
            assert vault.capturing.photos == []
        for pose in pixels[:3]:
            await sent(house, jpeg(pose))
        assert len(vault.capturing.photos) == 3
        await sent(house, jpeg(pixels[0]))
        assert vault.capturing.told == (intake.SAME_POSE,)
        with pytest.raises(VaultError, match="photo"):
            vault.uploaded(TASK, 1, 3, b"middle without a beginning")
        with pytest.raises(VaultError, match="consent"):
            vault.uploaded(b"U" * 16, 0, 1, b"of no capture")
    assert not any(b"\xff\xd8\xff" in path.read_bytes() for path in house.folder.rglob("*") if path.is_file())


def jpeg(pixels: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


async def sent(house: Any, picture: bytes) -> None:
    """In parts, as the host sends it."""
    parts = [picture[at : at + 40_000] for at in range(0, max(1, len(picture)), 40_000)]
    for at, part in enumerate(parts):
        house.unit.vault.uploaded(TASK, at, len(parts), part)
    running = asyncio.create_task(house.unit.vault.run())
    await house.clock.advance(500)
    running.cancel()


async def test_a_unit_that_is_no_desk_has_no_vault(house: Any) -> None:
    async with house.running():
        assert house.unit.vault is None
