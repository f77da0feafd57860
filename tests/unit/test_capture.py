"""One capture's photos: parts of an upload in their order only, and nothing left when it is over."""

import numpy as np
import pytest

from gatecore import intake
from gateface import Face
from gateunit.capture import Capture
from gateunit.errors import VaultError

from .test_guide import face

TASK, PERSON = b"T" * 16, b"P" * 16


@pytest.fixture
def capture() -> Capture:
    return Capture(TASK, PERSON, "120502", "Ms Li")


def test_parts_make_a_whole_in_their_order_only(capture: Capture) -> None:
    assert capture.part(0, 3, b"a") is None
    assert capture.part(1, 3, b"b") is None
    assert capture.part(2, 3, b"c") == b"abc"
    for wrong in ((1, 3), (3, 3), (0, 0)):
        with pytest.raises(VaultError, match="photo"):
            capture.part(*wrong, b"x")
    assert capture.part(0, 2, b"begun") is None
    assert capture.part(0, 1, b"again") == b"again"  # a second beginning forgets the first


def test_more_than_a_photo_may_hold_is_refused_before_it_is_whole(capture: Capture) -> None:
    capture.part(0, 9, bytes(intake.MAX_PHOTO))
    with pytest.raises(VaultError, match="photo"):
        capture.part(1, 9, b"x")
    assert capture._parts == []


def test_five_frames_are_all_and_what_is_forgotten_is_gone(capture: Capture) -> None:
    for n in range(7):
        capture.see([face(eyes=40.0 * 1.2**n)], n * 800, "m")
        if capture.full:
            break
    assert (len(capture.photos), capture.full, capture.model) == (5, True, "m")
    capture.forget()
    assert capture.photos == capture.guide.kept == []


async def test_a_picture_too_many_is_judged_and_not_kept(capture: Capture) -> None:
    for n in range(5):
        capture.see([face(eyes=40.0 * 1.2**n)], n * 800, "m")

    async def look(data: bytes) -> list[Face]:
        return [face(eyes=300.0)]

    assert await capture.upload(b"one more", look, "m")
    assert len(capture.photos) == 5


async def test_the_word_about_an_upload_stands_until_the_next_photo(capture: Capture) -> None:
    async def nobody(data: bytes) -> list[Face]:
        return []

    capture.see([face()], 0, "m")
    assert capture.reasons == (intake.STEP_BACK,)
    assert not await capture.upload(b"a wall", nobody, "m")
    assert capture.reasons == (intake.NO_FACE,)
    capture.see([face(eyes=40.0)], 800, "m")
    assert capture.reasons == (intake.OTHER_LIGHT,)
    assert np.isfinite(capture.guide.kept[0].template).all()
