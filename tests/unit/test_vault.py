"""The vault's four laws: consent first, sealed only, confirmed doors only, forgotten means gone."""

from pathlib import Path
from typing import Any

import pytest

from gatecore import frames
from gatecore.enrol import box_digits
from gatecore.state import SEAL_TO
from gatecore.wire import encode
from gateunit.errors import VaultError
from gateunit.keys import FileKeys
from gateunit.seal import face_info, open_templates
from gateunit.vault import PHOTOS

TASK, PERSON, MODEL = b"T" * 16, b"P" * 16, "resnet29-relu6-int8-1"
SECRET_MARK = b"\x5a" * 128  # a template no random bytes will hold


@pytest.fixture
def doors(tmp_path: Path) -> list[FileKeys]:
    return [FileKeys(tmp_path / f"door{n}") for n in range(2)]


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


async def captured(house: Any) -> None:
    house.unit.vault.capture(TASK, PERSON, "120502", "Ms Li")
    for n in range(PHOTOS):
        await house.unit.vault.photo(SECRET_MARK[:-1] + bytes([n]), MODEL)


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
        assert [question.place for question in desk.unit.vault.questions()] == []
        assert desk.unit.vault._is_confirmed(doors[0].signer().key_id)
        assert not desk.unit.vault._is_confirmed(doors[1].signer().key_id)


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
        assert next(question.dev for question in desk.unit.vault.questions()) == dev


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
        assert desk.unit.vault.questions() == []
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
    import asyncio

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


async def test_a_unit_that_is_no_desk_has_no_vault(house: Any) -> None:
    async with house.running():
        assert house.unit.vault is None
