"""A claim slip at a building door: asked for, judged by the host, photos sealed to the vault alone, nothing kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatecore import feedback, frames, intake, wording
from gateunit import guidance, taken
from gateunit.keys import FileKeys
from gateunit.sitting import ANSWER_MS, KEEP_MS, SILENCE_MS

from .poses import poses

SLIP, PERSON, HOME = "1234567890", b"P" * 16, "120502"
NOBODY = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def portrait() -> Any:
    from skimage import data

    return data.astronaut()


@pytest.fixture
def vault(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "vault")


@pytest.fixture
def door(house: Any) -> Any:
    house.eyes = True
    return house


def linked(house: Any) -> list[tuple[int, tuple[Any, ...]]]:
    said: list[tuple[int, tuple[Any, ...]]] = []
    house.unit.sitting.say = lambda kind, *fields: said.append((kind, fields))
    house.unit.sitting.up = lambda: True
    return said


def certificate(house: Any, vault: FileKeys, kind: str = "desk", by: Any = None) -> bytes:
    return bytes((by or house.estate).cert(vault.signer().public, vault.box_public(), "desk-1", kind))


async def asked(house: Any, digits: str = SLIP) -> bytes:
    """Types a slip; the ticket the host is asked under."""
    said = linked(house)
    await house.type(f"#{digits}#")
    [(ticket, typed)] = [fields for kind, fields in said if kind == frames.SLIP]
    assert typed == digits
    return bytes(ticket)


def shown(house: Any) -> tuple[int, int]:
    return house.screen.shown[:2]  # type: ignore[no-any-return]


async def test_a_slip_typed_at_its_door_ends_as_photos_only_the_vault_can_open(
    door: Any, vault: FileKeys, portrait: Any
) -> None:
    async with door.running():
        ticket = await asked(door)
        said = linked(door)
        door.unit.sitting.sit(ticket, PERSON, HOME, certificate(door, vault))
        assert shown(door) == (feedback.HINT, intake.STRAIGHT)
        for pose in poses(portrait):
            await door.see(pose, 2, 400)
        assert shown(door) == (feedback.HINT, intake.SLIP_TAKEN)
        [(told, signed)] = [fields for kind, fields in said if kind == frames.TAKEN]
        assert told == ticket
        found = taken.opened(signed, door.keys.signer().public, vault, door.estate.public)
        assert (found.task, found.person, len(found.photos)) == (ticket, PERSON, 5)
        assert door.unit.sitting.capturing.photos == []  # only the words stand there for a while
        await door.clock.advance(6_000)
        assert door.unit.sitting.capturing is None
        assert door.unlocks() == []
    files = [path.read_bytes() for path in door.folder.rglob("*") if path.is_file()]
    assert not any(photo in held for photo in found.photos for held in files)


async def test_what_the_host_did_not_take_is_offered_again_and_then_forgotten(
    door: Any, vault: FileKeys, portrait: Any
) -> None:
    async with door.running():
        ticket = await asked(door)
        door.unit.sitting.sit(ticket, PERSON, HOME, certificate(door, vault))
        door.unit.sitting.up = lambda: False
        for pose in poses(portrait):
            await door.see(pose, 2, 400)
        said = linked(door)
        door.unit.sitting.linked()
        assert [kind for kind, _ in said] == [frames.TAKEN]
        since, *rest = door.unit.sitting._unsent
        door.unit.sitting._unsent = (since - KEEP_MS, *rest)
        said.clear()
        door.unit.sitting.linked()
        assert said == []
        assert door.unit.sitting._unsent is None


async def test_the_host_s_word_ends_the_offering(door: Any, vault: FileKeys, portrait: Any) -> None:
    async with door.running():
        ticket = await asked(door)
        door.unit.sitting.sit(ticket, PERSON, HOME, certificate(door, vault))
        for pose in poses(portrait):
            await door.see(pose, 2, 400)
        door.unit.sitting.news(ticket, intake.SLIP_TAKEN)
        assert door.unit.sitting._unsent is None


@pytest.mark.parametrize(
    "reason",
    [intake.SLIP_WRONG, intake.SLIP_USED, intake.SLIP_ENDED, intake.SLIP_ELSEWHERE, intake.SLIP_TRIES,
     intake.SLIP_NO_VAULT],
)  # fmt: skip
async def test_a_slip_that_is_refused_says_why_and_what_to_do(door: Any, reason: int) -> None:
    async with door.running():
        ticket = await asked(door)
        door.unit.sitting.news(ticket, reason)
        assert shown(door) == (feedback.REFUSED, reason)
        assert door.unit.sitting.capturing is None
        zh, en = (guidance.text(feedback.REFUSED, reason, language) for language in (0, 1))
        assert zh != wording.TEXT[feedback.REFUSED][0]
        assert en != wording.TEXT[feedback.REFUSED][1]


async def test_too_few_digits_are_refused_without_asking_anybody(door: Any) -> None:
    async with door.running():
        said = linked(door)
        await door.type("#123#")
        assert said == []
        assert shown(door) == (feedback.REFUSED, intake.SLIP_WRONG)


async def test_without_network_the_slip_stays_good(door: Any) -> None:
    async with door.running():
        await door.type(f"#{SLIP}#")
        assert shown(door) == (feedback.REFUSED, intake.SLIP_OFFLINE)


async def test_a_door_without_a_camera_sends_to_the_desk(house: Any) -> None:
    async with house.running():
        linked(house)
        await house.type(f"#{SLIP}#")
        assert shown(house) == (feedback.REFUSED, intake.NO_EYES)


async def test_a_host_that_does_not_answer_is_not_waited_for(door: Any) -> None:
    async with door.running():
        await asked(door)
        await door.clock.advance(ANSWER_MS + 500)
        assert shown(door) == (feedback.REFUSED, intake.SLIP_OFFLINE)


async def test_a_slip_half_typed_is_forgotten(door: Any) -> None:
    async with door.running():
        linked(door)
        await door.type("#12345")
        await door.clock.advance(SILENCE_MS + 500)
        assert shown(door)[0] == feedback.IDLE
        await door.type("#")
        assert shown(door) == (feedback.HINT, intake.SLIP_TYPE)


@pytest.mark.parametrize("wrong", ["ticket", "estate", "kind"])
async def test_nobody_is_photographed_for_a_stranger_s_word(door: Any, vault: FileKeys, wrong: str) -> None:
    async with door.running():
        ticket = await asked(door)
        cert = {
            "ticket": certificate(door, vault),
            "estate": certificate(door, vault, by=type(door.estate)(99)),
            "kind": certificate(door, vault, "door"),
        }[wrong]
        door.unit.sitting.sit(b"?" * 16 if wrong == "ticket" else ticket, PERSON, HOME, cert)
        assert door.unit.sitting.capturing is None


async def test_who_walks_away_midway_leaves_nothing_behind(door: Any, vault: FileKeys, portrait: Any) -> None:
    async with door.running():
        ticket = await asked(door)
        said = linked(door)
        door.unit.sitting.sit(ticket, PERSON, HOME, certificate(door, vault))
        await door.see(next(poses(portrait)), 2, 400)
        assert len(door.unit.sitting.capturing.photos) == 1
        await door.see(NOBODY, 3, 95_000)
        assert door.unit.sitting.capturing is None
        assert said == []
        assert (feedback.REFUSED, intake.WALKED_AWAY) in [line[1:3] for line in door.screen.history]


async def test_star_ends_a_sitting_and_codes_work_as_before(door: Any, vault: FileKeys) -> None:
    from .conftest import PIN

    async with door.running():
        ticket = await asked(door)
        door.unit.sitting.sit(ticket, PERSON, HOME, certificate(door, vault))
        await door.type("*")
        assert door.unit.sitting.capturing is None
        await door.type(f"{HOME}#{PIN}#")
        assert door.unlocks()


async def test_a_hash_while_somebody_dials_is_the_door_s_own(door: Any) -> None:
    async with door.running():
        linked(door)
        await door.type(f"{HOME}#")
        assert shown(door)[0] == feedback.CODE
