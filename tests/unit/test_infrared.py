"""The infrared eye: one contract for the grey camera, without hardware, and for the fake of the simulator.

What this does not show: how skin, paper and screens look to a real infrared camera. That is for the bench.
"""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.unit.devices import HEIGHT, WIDTH, FakeDevice

from gateface.detect import Detection, Detector
from gateface.manifest import read_manifest
from gatesim.ports import PushedInfrared
from gateunit import eyes
from gateunit.errors import CameraError
from gateunit.infrared import FRESH_MS, InfraredCamera, same_place, shares
from gateunit.ports import Box, Infrared
from gateunit.v4l2 import GREY, JPEG, V4l2Camera

HERE: Box = (0.3, 0.2, 0.7, 0.75)  # where `face_at` draws one, about
ELSEWHERE: Box = (0.0, 0.0, 0.12, 0.16)
WITHIN_S = 20


class Ticking:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0

    def mono(self) -> int:
        return self.now

    async def sleep(self, ms: int) -> None:
        self.now += ms

    def battery(self) -> int | None:
        return None


class Bench(Protocol):
    """An infrared eye and what stands before it."""

    eye: Infrared

    def show(self, what: str) -> None:
        """`face`, `nobody` or `dark`, from now on."""


class Pushed:
    """The simulator's."""

    def __init__(self, clock: Ticking) -> None:
        self._fake = PushedInfrared(clock)
        self.eye: Infrared = self._fake

    def show(self, what: str) -> None:
        self._fake.show({"face": [HERE], "nobody": [], "dark": None}[what])


class Shown:
    """A camera.Source that gives what it is told to, and says when it has been asked for more."""

    def __init__(self) -> None:
        self._pictures: queue.Queue[NDArray[np.uint8] | None] = queue.Queue()
        self.asked, self.opened, self.closed = threading.Event(), 0, 0

    def open(self) -> "Shown":
        self._pictures = queue.Queue()  # what was meant for the one before is not for this
        self.opened += 1
        return self

    def read(self) -> NDArray[np.uint8]:
        if self._pictures.empty():
            self.asked.set()
        picture = self._pictures.get(timeout=WITHIN_S)
        if picture is None:
            raise CameraError("pulled out")
        return picture

    def give(self, picture: NDArray[np.uint8] | None) -> None:
        """Returns when it has been taken in; None pulls the camera out."""
        assert self.asked.wait(WITHIN_S)
        self.asked.clear()
        self._pictures.put(picture)
        assert self.asked.wait(WITHIN_S)

    def close(self) -> None:
        self.closed += 1
        self._pictures.put(None)


class Grey:
    """The grey camera's adapter."""

    def __init__(self, clock: Ticking, portrait: NDArray[np.uint8]) -> None:
        self._shown = {"face": face_at(portrait), "nobody": np.full((HEIGHT, WIDTH, 3), 90, np.uint8)}
        self._shown["dark"] = self._shown["face"] // 32
        self.source = Shown()
        self._detector = Detector(read_manifest().detector.content())
        self.looked: list[NDArray[np.uint8]] = []
        self.eye: Infrared = InfraredCamera(self.source.open, self._find, clock, retry_ms=1)

    def _find(self, picture: NDArray[np.uint8]) -> list[Detection]:
        self.looked.append(picture)
        return self._detector.detect(picture)

    def show(self, what: str) -> None:
        self.source.give(self._shown[what])


def face_at(portrait: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The astronaut's head in the middle, grey."""
    grey = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    grey[:, 40:280] = np.asarray(Image.fromarray(portrait[:280, 90:370]).convert("L").resize((240, 240)))[..., None]
    return grey


@pytest.fixture(params=["camera", "fake"])
def bench(request: pytest.FixtureRequest, clock: Ticking, portrait: NDArray[np.uint8]) -> Iterator[Bench]:
    made: Bench = Grey(clock, portrait) if request.param == "camera" else Pushed(clock)
    yield made
    made.eye.close()
    made.eye.close()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    from skimage import data

    picture: NDArray[np.uint8] = data.astronaut()
    return picture


# --- the contract ---------------------------------------------------------------------------------


def test_it_cannot_tell_before_its_first_picture(bench: Bench) -> None:
    assert bench.eye.sees(HERE, 0) is None


def test_it_sees_a_face_that_is_there_and_none_where_there_is_none(bench: Bench) -> None:
    bench.show("face")
    assert bench.eye.sees(HERE, 0) is True
    assert bench.eye.sees(ELSEWHERE, 0) is False
    bench.show("nobody")
    assert bench.eye.sees(HERE, 0) is False


def test_an_old_picture_says_nothing_of_now(bench: Bench, clock: Ticking) -> None:
    bench.show("face")
    assert bench.eye.sees(HERE, FRESH_MS) is True
    assert bench.eye.sees(HERE, FRESH_MS + 1) is None


def test_a_dark_picture_is_none_and_the_one_before_it_still_counts(bench: Bench, clock: Ticking) -> None:
    """A lamp that is off denies nobody; a lamp that flashes for every other picture is no trouble."""
    bench.show("dark")
    assert bench.eye.sees(HERE, 0) is None
    bench.show("face")
    clock.now = 100
    bench.show("dark")
    assert bench.eye.sees(HERE, 100) is True


def test_who_has_gone_is_forgotten(bench: Bench) -> None:
    bench.show("face")
    bench.eye.forget()
    assert bench.eye.sees(HERE, 0) is None
    bench.show("face")
    assert bench.eye.sees(HERE, 0) is True


# --- the grey camera ------------------------------------------------------------------------------


def test_a_camera_that_was_pulled_out_tells_nothing_and_is_opened_again(
    clock: Ticking, portrait: NDArray[np.uint8]
) -> None:
    bench = Grey(clock, portrait)
    bench.show("face")
    bench.source.give(None)
    clock.now = FRESH_MS + 1
    assert bench.eye.sees(HERE, clock.now) is None
    assert bench.source.closed == 1
    bench.show("face")
    assert bench.eye.sees(HERE, clock.now) is True
    assert bench.source.opened == 2
    bench.eye.close()


def test_no_face_stays_in_the_picture_or_in_the_network(clock: Ticking, portrait: NDArray[np.uint8]) -> None:
    bench = Grey(clock, portrait)
    bench.show("face")
    assert bench.eye.sees(HERE, 0) is True
    bench.eye.forget()
    assert not bench.looked[-1].any(), "the last thing the network saw"
    bench.show("face")
    clock.now = FRESH_MS + 1
    bench.show("dark")
    clock.now = 0  # and were it the same moment again
    assert bench.eye.sees(HERE, 0) is None
    bench.eye.close()


def test_a_grey_device_gives_its_pictures_as_they_are() -> None:
    device = FakeDevice((GREY,))
    device.grey[:, : WIDTH // 2] = 200
    camera = V4l2Camera("/dev/video2", kernel=device.kernel, formats=(GREY,))
    picture = camera.read()
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert (picture[:, : WIDTH // 2] == 200).all()
    assert (picture[:, WIDTH // 2 :] == 90).all()
    device.lie = {"bytes": WIDTH * HEIGHT}
    with pytest.raises(CameraError, match="ends early"):
        camera.read()
    camera.close()


def test_a_device_without_a_grey_stream_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="grey of 8 bits"):
        V4l2Camera("/dev/video0", kernel=FakeDevice((JPEG,)).kernel, formats=(GREY,))
    assert "no camera can be opened" in eyes.infrared_hindrance(str(tmp_path / "video2"))
    assert eyes.infrared_hindrance("") == ""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ((0.3, 0.2, 0.7, 0.75), True),
        ((0.6, 0.2, 1.0, 0.75), True),
        ((0.75, 0.2, 1.15, 0.75), False),
        ((0.45, 0.4, 0.55, 0.52), False),
        ((-0.1, -0.3, 1.1, 1.3), False),
    ],
    ids=["there", "beside, as the cameras stand apart", "somebody else", "a picture of one", "too large"],
)
def test_a_face_may_lie_a_little_beside_in_the_other_camera(other: Box, same: bool) -> None:
    assert same_place(HERE, other) is same
    assert shares((64, 48, 320, 240), 640, 480) == (0.1, 0.1, 0.5, 0.5)
