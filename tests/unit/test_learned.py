"""What a door learns: only of a confirmed success, one a day, ten, sealed on its own disk, and gone with the person."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatecore import events, feedback
from gatecore import records as r
from gatecore.sign import sha256
from gatecore.state import DOOR, FACE_AT_HOME, FACES, PEOPLE, WAY_FACE_AT_HOME
from gateface import Person, packed, unpacked
from gateface.embed import unit
from gateunit.learned import LEARNED, Learned
from gateunit.seal import face_info

from .conftest import chunks_of
from .poses import posed
from .test_sight import HOME, PERSON, enrolled

MODEL, KEY = "resnet29-relu6-int8-1", b"k" * 32
RECORD = LEARNED + PERSON.hex()


@pytest.fixture(scope="module")
def portrait() -> Any:
    from skimage import data

    return data.astronaut()


def learned_of(house: Any) -> tuple[bytes, ...]:
    """What lies on the door's disk of the person, opened with the door's own key."""
    row = next(row for row in house.unit.held.state.faces if row[0] == PERSON)
    info = face_info(house.estate.public, PERSON, MODEL, house.unit.dev)
    vectors, _ = house.unit.learned.of(PERSON, house.keys.open(row[4], info), MODEL)
    return tuple(vectors)


async def comes_with_number(house: Any, portrait: Any, near: float = 1.4) -> None:
    await house.type(f"{HOME}#")
    await house.see(posed(portrait, near, 1.0, 0.0), 3)
    await house.see(np.full((480, 640, 3), 90, np.uint8), 3)
    await house.clock.advance(3_000)


@pytest.fixture
async def at_home(house: Any, tmp_path: Path, portrait: Any) -> Any:
    """A door that knows one person, by home number and face."""
    await enrolled(house, tmp_path, portrait)
    house.rows[DOOR][0][6] = FACE_AT_HOME
    house.rows[PEOPLE][0][4] = WAY_FACE_AT_HOME
    return house


async def test_a_confirmed_frame_is_learned_once_a_day_and_lies_sealed(at_home: Any, portrait: Any) -> None:
    house = at_home
    async with house.running():
        assert (await comes_with_number(house, portrait)) is None
        assert house.unlocks()
        [frame] = learned_of(house)
        await comes_with_number(house, portrait, 1.2)
        assert learned_of(house) == (frame,)
        today = house.unit.learned._today()
        house.unit.learned._today = lambda: today + 1
        await comes_with_number(house, portrait, 1.2)
        assert len(learned_of(house)) == 2
        assert next(iter(house.unit.sight._visit.gallery.people)).learned == learned_of(house)
        assert len(next(iter(house.unit.sight._visit.gallery.people)).photos) == 5  # the desk's own stay
    files = [path.read_bytes() for path in house.folder.rglob("*") if path.is_file()]
    assert any(RECORD in path.name for path in house.folder.rglob("*"))
    assert not any(frame in held or unpacked(frame).tobytes() in held for held in files)


async def test_what_was_learned_outlives_a_restart_and_goes_with_the_person(at_home: Any, portrait: Any) -> None:
    house = at_home
    async with house.running():
        await comes_with_number(house, portrait)
        assert len(learned_of(house)) == 1
    house.rows[FACES] = []
    chunks = chunks_of(house.rows)
    async with house.running():
        assert len(learned_of(house)) == 1
        house.unit.held.offer(house.estate.header(house.unit.dev, chunks, version=2))
        for digest in house.unit.held.wanted():
            house.unit.held.piece(digest, next(chunk for chunk in chunks if sha256(chunk) == digest))
        await house.clock.advance(1_000)
        assert house.unit.held.state.faces == []
        assert house.unit.learned._fresh == {}
    assert not (house.folder / "records" / RECORD).exists()


async def test_a_person_gone_while_the_unit_was_off_is_forgotten_at_the_start(at_home: Any, portrait: Any) -> None:
    house = at_home
    async with house.running():
        await comes_with_number(house, portrait)
    assert (house.folder / "records" / RECORD).exists()
    (house.folder / "records" / "state-0").unlink()
    house.rows[FACES] = []
    async with house.running():
        await house.clock.advance(1_000)
    assert not (house.folder / "records" / RECORD).exists()


async def test_without_a_sure_time_nothing_is_learned(at_home: Any, portrait: Any) -> None:
    house = at_home
    async with house.running():
        house.unit.learned._today = lambda: None
        await comes_with_number(house, portrait)
        assert house.unlocks()
        assert learned_of(house) == ()


async def test_a_free_search_confirms_nothing(house: Any, tmp_path: Path, portrait: Any) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(portrait, 3)
        assert house.unlocks()
        assert learned_of(house) == ()


@pytest.mark.parametrize(
    ("method", "home", "learns"),
    [(r.REMOTE, HOME, True), (r.CARD, HOME, True), (r.CODE, HOME, False), (r.REMOTE, "120503", False)],
)
async def test_a_home_or_card_that_lets_the_person_in_confirms_the_face_before_the_door(
    house: Any, tmp_path: Path, portrait: Any, method: int, home: str, learns: bool
) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[DOOR][0][6] = FACE_AT_HOME
    async with house.running():
        await house.see(posed(portrait, 1.4, 1.0, 0.0), 2)
        assert house.screen.shown[:2] == (feedback.ASK_HOME, feedback.UNCLEAR) or not house.unlocks()
        house.unit.sight.confirmed(events.Log(r.ACCESS, [0, r.GRANTED, method, 0, 0], b"", [home, None, b"", 0]))
        await house.clock.advance(500)
        assert bool(learned_of(house)) is learns


# --- the ring, by itself ----------------------------------------------------------------------


def vector(n: int) -> Any:
    return unit(np.random.default_rng(n).standard_normal(128).astype(np.float32))


def test_the_ring_holds_ten_and_desk_photos_stay() -> None:
    person = Person(PERSON, HOME, tuple(packed(vector(n)) for n in range(5)), MODEL)
    for day in range(14):
        person = person.having_learned(packed(vector(100 + day)), day)
    assert person.learned == tuple(packed(vector(100 + day)) for day in range(4, 14))
    assert len(person.photos) == 5


async def test_what_another_key_or_model_sealed_counts_as_nothing(at_home: Any, portrait: Any) -> None:
    house = at_home
    async with house.running():
        await comes_with_number(house, portrait)
        learned: Learned = house.unit.learned
        assert learned.of(PERSON, KEY, MODEL) == ((), -1)
        row = next(row for row in house.unit.held.state.faces if row[0] == PERSON)
        key = house.keys.open(row[4], face_info(house.estate.public, PERSON, MODEL, house.unit.dev))
        assert learned.of(PERSON, key, "another") == ((), -1)
        assert learned.of(b"x" * 16, key, MODEL) == ((), -1)
        assert learned.of(PERSON, key, MODEL) != ((), -1)
