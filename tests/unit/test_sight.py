"""Faces with the real models: captured at the desk, sealed to a door, recognised there; strangers are not.

The portrait is NASA's of astronaut Eileen Collins (public domain), from scikit-image.
"""

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.face.actors import Actor, Cue, Person, WithACard
from tests.face.audition import portrait_of
from tests.face.stage import Portrait

import gatesim.pictures
from gatecore import codes, events, feedback, frames, intake, state
from gatecore import records as r
from gatecore.sign import sha256
from gatecore.state import (
    DOOR,
    FACE_AT_HOME,
    FACE_OFF,
    FACES,
    LIFE,
    LIFE_ALWAYS,
    LIFE_OFF,
    LIFE_UNSURE,
    PEOPLE,
    SEAL_TO,
    WAY_FACE,
    WAY_FACE_AT_HOME,
)  # fmt: skip
from gateface import Engine, open_engine
from gateunit.ports import Box
from gateunit.vault import PHOTOS

from .conftest import chunks_of
from .own_model import FLOORS, own_model
from .poses import poses

PICTURES = Path(gatesim.pictures.__file__).parent
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
        assert [step for step in steps if step != intake.CAPTURE_READY] == [intake.CAPTURE_PHOTO] * PHOTOS + [
            intake.CAPTURE_DONE
        ]
        return templates, sealed


async def enrolled(house: Any, tmp_path: Path, portrait: Frame) -> None:
    """Puts that person into the state of the house's door."""
    templates, sealed = await captured(house, tmp_path, portrait)
    house.eyes = True
    house.rows[FACES] = [[PERSON, HOME, "resnet29-relu6-int8-1", sha256(templates), sealed]]
    (house.folder / "records" / "state-0").unlink()
    house.write("face-" + sha256(templates).hex(), templates)


async def test_a_vault_with_a_model_of_the_operator_s_own_makes_and_compares_templates_of_that_model(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    desk = another(tmp_path, house, "desk")
    desk.options = replace(desk.options, face_model=own_model(tmp_path))
    async with desk.running():
        said: list[Any] = []
        desk.unit.vault.say = lambda kind, *fields: said.append((kind, fields))
        desk.unit.vault.up = lambda: True
        for person, home in ((PERSON, HOME), (bytes(16), "120999")):
            desk.unit.vault.capture(hashlib.sha256(person).digest()[: len(TASK)], person, home, "a person")
            for pose in poses(portrait):
                await desk.see(pose, 2, 400)
        sealed = [fields for kind, fields in said if kind == frames.SEALED]
        assert [fields[1] for fields in sealed] == ["small-test-1"]  # and nobody is enrolled twice by it
        assert desk.unit.vault.capturing is None


async def test_photos_are_told_apart_by_what_was_measured_for_the_embedder_in_use(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    desk = another(tmp_path, house, "desk")
    strict = FLOORS + "same = 0.99999\nrepeat = 1.0\n"
    desk.options = replace(desk.options, face_model=own_model(tmp_path, strict))
    async with desk.running():
        desk.unit.vault.capture(TASK, PERSON, HOME, "a person")
        for pose in poses(portrait):
            await desk.see(pose, 2, 400)
        assert desk.unit.vault.capturing is not None
        assert len(desk.unit.vault.capturing.photos) == 1
        assert intake.OTHER_PERSON in desk.unit.vault.capturing.reasons


async def test_a_face_captured_at_the_desk_opens_the_door(house: Any, tmp_path: Path, portrait: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(portrait, 2)
        assert house.unit.sight.people == 1
        assert house.lock.unlocked
        [entry] = [entry for entry in house.entries() if entry.typ == r.ACCESS]
        assert entry.pub == [0, r.GRANTED, r.FACE, 0, 0]


def before_a_poster(portrait: Frame, somebody: bool) -> Frame:
    """A wall with the stranger's picture on it, its eyes 44 pixels apart; with the portrait's person before it, 111."""
    view = np.full((600, 960, 3), 90, np.uint8)
    with Image.open(PICTURES / "stranger.jpg") as picture:
        view[40:263, 727:950] = np.asarray(picture.convert("RGB").crop((53, 29, 481, 457)).resize((223, 223)))
    if somebody:
        near = Image.fromarray(portrait).crop((111, 10, 338, 237)).resize((585, 585))
        view[:585, :585] = np.asarray(near)
    return view


async def test_a_poster_opposite_a_door_neither_hides_nor_tires_anybody(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    wall, visit = before_a_poster(portrait, somebody=False), before_a_poster(portrait, somebody=True)
    async with house.running():
        await house.see(wall, 45)
        assert house.unlocks() == []
        for walk in range(7):
            await house.see(visit, 3)
            assert len(house.unlocks()) == walk + 1
            await house.see(wall, 20)
        assert len(house.unit.sight._attempts.failed) == 1


async def test_an_empty_frame_opens_nothing(house: Any, tmp_path: Path, portrait: Frame, nobody: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(nobody, 4)
        assert house.unlocks() == []


async def test_frames_that_are_none_stop_neither_the_next_face_nor_any_other_way(
    house: Any, tmp_path: Path, portrait: Frame, nobody: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    numbers = np.full((480, 640, 3), np.nan, np.float32)
    async with house.running():
        for frame in (numbers, nobody[..., 0], nobody[:20, :20], nobody[:0], nobody[None], nobody[:333, :501]):
            await house.see(frame, 2)
        assert house.unlocks() == []
        house.inputs.set(exit=True)
        await house.clock.advance(200)
        assert len(house.unlocks()) == 1
        house.inputs.set(exit=False)
        await house.clock.advance(10_000)
        await house.see(portrait, 2)
        assert [e.pub[2] for e in house.entries() if e.typ == r.ACCESS][-1] == r.FACE


async def test_templates_of_another_model_recognise_nobody_and_stop_no_other_way(
    house: Any, tmp_path: Path, portrait: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[FACES][0][2] = "sface-1"
    async with house.running():
        await house.see(portrait, 6)
        assert house.unit.sight.people == 0
        told = house.unit.sight._promise
        assert (told.people, told.why, told.more_photos) == (0, ("other_model",), (PERSON,))
        assert house.unlocks() == []
        assert house.screen.shown[:2] == (feedback.ASK_HOME, feedback.UNCLEAR)
        house.inputs.set(exit=True)
        await house.clock.advance(200)
        assert len(house.unlocks()) == 1


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


async def test_a_number_typed_while_the_face_is_looked_at_opens(
    house: Any, tmp_path: Path, portrait: Frame, nobody: Frame
) -> None:
    """Who looks first is asked, not refused, and needs not step aside; a moment out of view loses no number either."""
    await enrolled(house, tmp_path, portrait)
    house.rows[DOOR][0][6] = FACE_AT_HOME
    house.rows[PEOPLE][0][4] = WAY_FACE_AT_HOME
    async with house.running():
        await house.see(portrait, 2)
        assert house.screen.shown[:2] == (feedback.ASK_HOME, feedback.UNCLEAR)
        for key in f"{HOME}#":
            await house.type(key)
            await house.see(portrait, 1, 100)
        assert [e.pub[1:3] for e in house.entries() if e.typ == r.ACCESS] == [[r.GRANTED, r.FACE_AT_HOME]]
        await house.see(nobody, 2, 10_000)
        await house.see(portrait)
        await house.type(f"{HOME}")
        await house.see(portrait)
        await house.see(nobody, 1, 100)
        await house.type("#")  # looking down at the keypad
        await house.see(nobody, 10, 100)
        await house.see(portrait, 2)
        assert [e.pub[1:3] for e in house.entries() if e.typ == r.ACCESS] == [[r.GRANTED, r.FACE_AT_HOME]] * 2


def another_state(house: Any, **rows: list[list[Any]]) -> None:
    """The estate sends the door its next state."""
    for name, row in rows.items():
        house.rows[getattr(state, name)] = row
    held, chunks = house.unit.held, chunks_of(house.rows)
    held.offer(house.estate.header(house.unit.dev, chunks, version=held.state.version + 1))
    for digest in held.wanted():
        held.piece(digest, next(chunk for chunk in chunks if sha256(chunk) == digest))


async def test_people_who_change_meanwhile_open_no_door_twice(house: Any, tmp_path: Path, portrait: Frame) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(portrait, 2)
        for version in range(3):
            rows = [[*house.rows[FACES][0][:1], f"12050{version}", *house.rows[FACES][0][2:]]]
            another_state(house, FACES=rows)
            before = house.unit.sight._visit
            await house.see(portrait, 2)
            assert house.unit.sight._visit is not before, "the gallery is the new one"
        assert len(house.unlocks()) == 1


async def test_a_state_with_the_same_people_opens_no_template_anew(
    house: Any, tmp_path: Path, portrait: Frame, nobody: Frame
) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        await house.see(nobody, 2)
        visit = house.unit.sight._visit
        another_state(house, CODES=[])
        await house.see(nobody, 2)
        assert house.unit.held.state.version == 2
        assert house.unit.sight._visit is visit
        another_state(house, DOOR=[[*house.rows[DOOR][0][:6], FACE_AT_HOME, *house.rows[DOOR][0][7:]]])
        await house.see(nobody, 2)
        assert house.unit.sight._visit is not visit, "the promise is another"


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
        assert hints == [[intake.STRAIGHT], [feedback.ONE_AT_A_TIME, intake.STRAIGHT]]
        assert desk.unit.vault.capturing.photos == []


# --- life ------------------------------------------------------------------------------------

TASKS = {
    feedback.TURN_LEFT: "left",
    feedback.TURN_RIGHT: "right",
    feedback.BLINK: "blink",
    feedback.OPEN_MOUTH: "mouth",
}
VISITOR_CODE = codes.with_check(HOME, "1069380")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_engine()


@pytest.fixture(scope="module")
def sitter(engine: Engine, portrait: Frame) -> Portrait:
    found = portrait_of(engine, portrait)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def other(engine: Engine) -> Portrait:
    found = portrait_of(engine, np.asarray(Image.open(PICTURES / "stranger.jpg").convert("RGB")))
    assert found is not None
    return found


class Told:
    """Reads the door's screen and passes on what it asks for."""

    def __init__(self, house: Any) -> None:
        self._house = house
        self.task, self.before, self.since = "", "", 0

    def cue(self) -> Cue:
        mono = self._house.clock.mono()
        state, reason, _ = self._house.screen.shown
        task = TASKS.get(reason, self.task) if state == feedback.HINT else self.task
        if task != self.task:
            self.task, self.before, self.since = task, self.task, mono
        return Cue(self.task, mono - self.since, self.before)


async def acts(house: Any, actor: Actor, ms: int, told: Told | None = None) -> None:
    """The actor before the camera for that long, at ten frames a second, doing what the screen says."""
    told = told or Told(house)
    for _ in range(ms // 100):
        house.camera.push(actor(told.cue()))
        await house.clock.advance(100)


async def at_a_door_that_asks(house: Any, tmp_path: Path, portrait: Frame, life: int) -> None:
    await enrolled(house, tmp_path, portrait)
    house.rows[LIFE] = [[life]]


def results(house: Any) -> list[tuple[int, int]]:
    return [(entry.pub[1], entry.pub[3]) for entry in house.entries() if entry.typ == r.ACCESS]


def asked(house: Any) -> set[int]:
    return {reason for _, state, reason, _ in house.screen.history if state == feedback.HINT} & set(TASKS)


async def test_a_living_resident_does_what_is_asked_and_the_door_opens(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        await acts(house, Person(sitter, 1), 6_000)
        assert len(house.unlocks()) == 1
        assert results(house) == [(r.GRANTED, 0)]
        assert feedback.BLINK in asked(house)
        assert asked(house) & {feedback.TURN_LEFT, feedback.TURN_RIGHT}


class Unblinking(Person):
    """Somebody alive whose blinks the camera does not see: behind glasses that mirror."""

    def _blink(self, cue: Cue) -> float:
        return 0.0


async def test_who_is_not_seen_to_blink_is_let_in_by_the_mouth_in_the_second_try(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        await acts(house, Unblinking(sitter, 1), 12_000)
        assert feedback.BLINK in asked(house)
        assert feedback.OPEN_MOUTH in asked(house)
        assert results(house) == [(r.GRANTED, 0)]


@pytest.mark.parametrize("tilt", [0, 35])
async def test_a_photo_is_refused_with_a_reason_and_every_other_way_stays_open(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait, tilt: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "gateunit.liveness")
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        await acts(house, WithACard(sitter, 1, tilt=tilt), 10_000)
        assert caplog.messages == ["an accepted face has not shown that it is alive: too_slow"]
        assert house.unlocks() == []
        assert results(house) == [(r.REFUSED, feedback.NOT_LIVE)]
        assert (feedback.REFUSED, feedback.NOT_LIVE) in [said[1:3] for said in house.screen.history]
        await house.type(f"{HOME}#{VISITOR_CODE}")
        assert len(house.unlocks()) == 1


async def test_without_the_rule_a_photo_opens_as_it_always_did(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_OFF)
    async with house.running():
        await acts(house, WithACard(sitter, 1), 1_500)
        assert len(house.unlocks()) == 1
        assert not asked(house)


async def test_only_an_unsure_match_is_asked_where_the_rule_says_so(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_UNSURE)
    night = replace(sitter, pixels=(sitter.pixels * 0.38).astype(np.uint8))
    async with house.running():
        await acts(house, WithACard(sitter, 1), 1_500)
        assert len(house.unlocks()) == 1
        assert not asked(house)
        await house.clock.advance(20_000)
        await acts(house, WithACard(night, 1), 10_000)
        assert len(house.unlocks()) == 1
        assert asked(house)
        assert results(house)[-1] == (r.REFUSED, feedback.NOT_LIVE)


async def test_who_shows_a_photo_and_then_his_own_face_is_not_let_in(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait, other: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        told, photo, himself = Told(house), WithACard(sitter, 1), Person(other, 1)
        while not asked(house):
            await acts(house, photo, 100, told)
        await acts(house, himself, 8_000, told)
        assert house.unlocks() == []
        assert (r.GRANTED, 0) not in results(house)


async def test_people_who_change_meanwhile_end_no_proof_of_life(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        told, person = Told(house), Person(sitter, 1)
        while not asked(house):
            await acts(house, person, 100, told)
        house.unit.sight.changed()
        await acts(house, person, 6_000, told)
        assert results(house) == [(r.GRANTED, 0)]


async def test_who_goes_away_in_the_middle_has_proven_nothing(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait, nobody: Frame
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    async with house.running():
        await acts(house, Person(sitter, 1), 1_000)
        assert asked(house)
        await house.see(nobody, 10, 100)
        assert results(house) == [(r.REFUSED, feedback.NOT_LIVE)]


class Darkness:
    """An infrared eye that sees nothing where the camera sees a face; or cannot tell."""

    def __init__(self, sees: bool | None) -> None:
        self._sees, self.forgotten, self.closed = sees, 0, False

    def sees(self, box: Box, mono: int) -> bool | None:
        assert all(0 <= share <= 1 for share in box), "in shares of the picture"
        return self._sees

    def forget(self) -> None:
        self.forgotten += 1

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("sees", "opens"), [(False, False), (None, True), (True, True)])
async def test_an_infrared_eye_can_deny_life_and_never_prove_it(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait, sees: bool | None, opens: bool
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    house.infrared = Darkness(sees)
    async with house.running():
        await acts(house, Person(sitter, 1), 9_000)
        assert bool(house.unlocks()) is opens


async def test_an_infrared_eye_that_sees_a_face_does_not_let_a_photo_in(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait, nobody: Frame
) -> None:
    await at_a_door_that_asks(house, tmp_path, portrait, LIFE_ALWAYS)
    eye = house.infrared = Darkness(True)
    async with house.running():
        await acts(house, WithACard(sitter, 1), 10_000)
        assert house.unlocks() == []
        assert eye.forgotten == 0
        await house.see(nobody, 12, 100)
        assert eye.forgotten == 1, "who has gone is forgotten"
    assert eye.closed


@pytest.mark.parametrize(
    ("scene", "reason"),
    [("night", feedback.MORE_LIGHT), ("glare", feedback.TOO_BRIGHT), ("against the light", feedback.AGAINST_LIGHT)],
)
async def test_bad_light_is_told_to_the_person_in_words(house: Any, sitter: Portrait, scene: str, reason: int) -> None:
    house.eyes = True
    x, y = sitter.middle
    rows, columns = np.mgrid[0:320, 0:320]
    head = ((((columns - x) / 75) ** 2 + ((rows - y - 25) / 95) ** 2) < 1)[..., None]
    lit = {
        "night": sitter.pixels * 0.2,
        "glare": 215 + sitter.pixels * 0.15,
        "against the light": np.where(head, sitter.pixels * 0.2, 235),
    }[scene]
    async with house.running():
        await house.see(np.clip(lit, 0, 255).astype(np.uint8), 3)
        assert (feedback.HINT, reason) in [said[1:3] for said in house.screen.history]


# --- a person walking up -----------------------------------------------------------------------


def coming(portrait: Portrait, step: int) -> Frame:
    """One frame of a walk from three metres to one, at ten frames a second: larger, lower, a little to and fro."""
    scale = min(1.0, 0.3 + 0.028 * step)
    side = int(320 * scale)
    small = np.asarray(Image.fromarray(portrait.pixels).resize((side, side), Image.Resampling.BILINEAR))
    frame = np.full((480, 640, 3), 110, np.uint8)
    left, top = 160 + int(60 * (1 - scale) + 6 * np.sin(step)), 60 + int(40 * (1 - scale))
    frame[top : top + side, left : left + side] = small
    return frame


async def test_a_person_walking_up_is_let_in_by_the_third_independent_frame(
    house: Any, tmp_path: Path, portrait: Frame, sitter: Portrait
) -> None:
    await enrolled(house, tmp_path, portrait)
    async with house.running():
        near = 0  # ms since the eyes were 40 pixels apart
        for step in range(45):
            house.camera.push(coming(sitter, step))
            await house.clock.advance(100)
            near += 100 if 45 * min(1.0, 0.3 + 0.028 * step) >= 40 else 0
            if house.unlocks():
                break
        assert len(house.unlocks()) == 1
        assert near <= 1_000  # three frames 400 ms apart: the third comes 800 ms after the first
        assert house.unit.sight is not None
        assert len(house.unit.sight._made) <= 3
