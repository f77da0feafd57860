"""Every source of pictures keeps the same promises, and a camera's fault is the camera's alone.

Not shown here: a Raspberry Pi's own camera (its library is stood in for), a real USB camera's driver (the kernel's
calls are), and any maker's network camera (a small RTSP server speaks the protocol).
"""

import asyncio
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.unit.devices import FakeDevice, jpeg, two_colours
from tests.unit.rtsp import RtspCamera

from gatecore import events, feedback
from gatecore import records as r
from gatesim.camera import PageCamera
from gatesim.ports import PushedCamera
from gateunit import eyes, picamera
from gateunit.camera import MOST_BYTES, FolderCamera, LiveCamera, Source, Unchanging
from gateunit.clock import SystemClock
from gateunit.errors import CameraError
from gateunit.film import Film
from gateunit.picamera import ChildCamera
from gateunit.ports import Camera, Picture
from gateunit.still import PictureRefused, read_picture
from gateunit.stream import Stream, shown
from gateunit.v4l2 import JPEG, YUYV, V4l2Camera

from .own_model import own_model

STANDIN = Path(__file__).parent / "standin"
WITHIN_S = 60


def child(how: str = "", stall_ms: int = 5_000) -> ChildCamera:
    """The real child script under this Python, with the hardware's library stood in for."""
    environment = {**os.environ, "PYTHONPATH": str(STANDIN), "PICAMERA_STANDIN": how}
    return ChildCamera(picamera.command(sys.executable, 320, 240, 20), environment, stall_ms)


def film(folder: Path, *extra: bytes) -> Path:
    path = folder / "film.mjpeg"
    path.write_bytes(b"".join([jpeg(two_colours())] * 3) + b"".join(extra))
    return path


@pytest.fixture(scope="module")
def network() -> Any:
    camera = RtspCamera()
    yield camera
    camera.stop()


Made = tuple[Camera, Callable[[], None]]


def made(kind: str, folder: Path, network: RtspCamera) -> Made:
    """A camera of each kind, and what makes the fakes give a picture."""
    clock = SystemClock(battery=False)
    nothing = lambda: None  # noqa: E731
    if kind == "folder":
        (folder / "one.jpg").write_bytes(jpeg(two_colours()))
        return FolderCamera(folder, clock, 20), nothing
    if kind == "pushed":
        pushed = PushedCamera(clock)
        return pushed, lambda: pushed.push(two_colours())
    if kind == "page":
        page = PageCamera(clock, read_picture, PictureRefused)
        return page, lambda: asyncio.ensure_future(page.offer(jpeg(two_colours()))) and None
    sources: dict[str, Callable[[], Source]] = {
        "film": lambda: Film(film(folder), 50),
        "picamera2": child,
        "v4l2 jpeg": lambda: V4l2Camera("/dev/video0", kernel=FakeDevice().kernel),
        "v4l2 yuyv": lambda: V4l2Camera("/dev/video0", kernel=FakeDevice((YUYV,)).kernel),
        "rtsp": lambda: Stream(network.address),
    }
    return LiveCamera(sources[kind], clock, stall_ms=10_000), nothing


KINDS = ["folder", "pushed", "page", "film", "picamera2", "v4l2 jpeg", "v4l2 yuyv", "rtsp"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_camera_gives_its_pictures_in_colour_and_in_time_and_ends_when_closed(
    kind: str, tmp_path: Path, network: RtspCamera
) -> None:
    camera, poke = made(kind, tmp_path, network)
    seen: list[tuple[int, Picture]] = []
    async with asyncio.timeout(WITHIN_S):
        poke()
        async for mono, picture in camera.frames():
            seen.append((mono, picture))
            poke()
            if len(seen) == 3:
                assert camera.works
                camera.close()
                camera.close()
    assert len(seen) == 3
    assert [mono for mono, _ in seen] == sorted(mono for mono, _ in seen)
    for _, picture in seen:
        assert (picture.dtype, picture.ndim, picture.shape[2]) == (np.uint8, 3, 3)
        left, right = picture[:, : picture.shape[1] // 3], picture[:, -(picture.shape[1] // 3) :]
        assert left[..., 0].mean() > 150 > 60 > left[..., 2].mean()
        assert right[..., 2].mean() > 150 > 60 > right[..., 0].mean()


# --- faults -----------------------------------------------------------------------------------


class Scripted:
    """A source that does what a test says: True a picture, False an error, None silence until it is closed."""

    def __init__(self, script: Iterable[bool | None]) -> None:
        self._script, self._closed = iter(script), threading.Event()
        self.closes = 0

    def read(self) -> Picture:
        said = next(self._script, None)
        if said is None:
            self._closed.wait(WITHIN_S)
        if not said:
            raise CameraError("as the script says")
        self._closed.wait(0.005)
        return two_colours()

    def close(self) -> None:
        self.closes += 1
        self._closed.set()


@pytest.mark.parametrize("fault", [None, False], ids=["silent", "broken"])
async def test_a_camera_that_fails_is_opened_anew_until_it_gives_pictures_again(
    fault: bool | None, caplog: pytest.LogCaptureFixture
) -> None:
    # the last one goes on: who looks late sees its newest picture alone
    scripts: list[Iterable[bool | None]] = [[True, fault], [False], repeat(True)]
    opened: list[Scripted] = []

    def open_source() -> Scripted:
        if not scripts:
            raise CameraError("no more")
        opened.append(Scripted(scripts.pop(0)))
        return opened[-1]

    camera = LiveCamera(open_source, SystemClock(battery=False), stall_ms=1_000, retry_ms=10)
    async with asyncio.timeout(WITHIN_S):
        frames = camera.frames()
        await anext(frames)
        await anext(frames)
    assert [record.message[:24] for record in caplog.records] == [
        "the camera gives no pict",
        "the camera gives picture",
    ]
    assert camera.works
    assert len(opened) == 3
    assert all(source.closes for source in opened[:2])
    camera.close()


async def test_a_camera_that_never_was_there_is_a_fault_and_no_end() -> None:
    tried = []

    def open_source() -> Source:
        tried.append(1)
        raise CameraError("nothing there")

    camera = LiveCamera(open_source, SystemClock(battery=False), retry_ms=5)
    async with asyncio.timeout(WITHIN_S):
        waiting = asyncio.ensure_future(anext(camera.frames()))
        while len(tried) < 3:
            await asyncio.wait([waiting], timeout=0.01)
        assert not camera.works
        assert not waiting.done()
        camera.close()
        with pytest.raises(StopAsyncIteration):
            await waiting


class Counted:
    """A clock that goes on by `step` ms each time it is read, and never waits."""

    def __init__(self, step: int = 100) -> None:
        self.at, self.step = 0, step

    def mono(self) -> int:
        self.at += self.step
        return self.at

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(0)


class Shows:
    """A source that gives `picture` for ever."""

    picture = two_colours()

    def __init__(self) -> None:
        self._closed = threading.Event()

    def read(self) -> Picture:
        if self._closed.wait(0.001):
            raise CameraError("closed")
        return self.picture.copy()

    def close(self) -> None:
        self._closed.set()


async def test_a_camera_that_is_stuck_is_a_fault_until_it_shows_something_else() -> None:
    """Else the face on its last picture would stand there for ever, and open with whatever home number is typed."""
    opened: list[Shows] = []
    stamps: list[int] = []

    def open_source() -> Shows:
        opened.append(Shows())
        return opened[-1]

    async def take(camera: LiveCamera) -> None:
        async for at, _ in camera.frames():
            stamps.append(at)

    camera = LiveCamera(open_source, Counted(), retry_ms=1, stuck_ms=1_000)  # type: ignore[arg-type]
    async with asyncio.timeout(WITHIN_S):
        taking = asyncio.ensure_future(take(camera))
        while len(opened) < 4:
            await asyncio.wait([taking], timeout=0.001)
        assert not camera.works
        assert stamps[-1] - stamps[1] < 1_000, "a second of it, and none after it was opened anew"
        Shows.picture = np.ascontiguousarray(two_colours()[:, ::-1])
        while not camera.works:
            await asyncio.wait([taking], timeout=0.001)
        camera.close()
        await taking


def test_a_camera_that_lives_or_sees_nothing_is_not_stuck() -> None:
    base, random = two_colours(), np.random.default_rng(0)
    stuck, noisy, nearly, night = Unchanging(), Unchanging(), Unchanging(), Unchanging()
    for at in range(0, 60_000, 1_000):
        assert stuck.ms(at, base.copy()) == max(0, at - 1_000)
        noise = base ^ random.integers(0, 2, base.shape, np.uint8)
        assert noisy.ms(at, noise) == 0
        one = base.copy()
        one[5, 5] = at // 1_000
        assert nearly.ms(at, one) == 0, "one pixel, and none of those compared first"
        assert night.ms(at, np.full_like(base, 3)) == 0


@pytest.mark.parametrize("kind", ["v4l2", "picamera2", "rtsp"])
async def test_what_is_no_film_may_stand_still_for_half_a_minute(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a unit opens it, with the time that ships."""
    monkeypatch.setattr(eyes, "source_of", lambda *_: Shows)
    camera = eyes.open_camera(kind, tmp_path, "", None, Counted(1_000))  # type: ignore[arg-type]
    assert isinstance(camera, LiveCamera)
    stamps: list[int] = []

    async def take(camera: LiveCamera) -> None:
        async for at, _ in camera.frames():
            stamps.append(at)

    async with asyncio.timeout(WITHIN_S):
        taking = asyncio.ensure_future(take(camera))
        while camera.works and (len(stamps) < 2 or stamps[-1] - stamps[1] <= 60_000):
            await asyncio.wait([taking], timeout=0.001)
        camera.close()
        await taking
    assert not camera.works
    assert stamps[-1] - stamps[1] < 30_000, "from the second picture on: the first is only looked at in part"


async def test_a_film_may_stand_still(tmp_path: Path) -> None:
    camera = eyes.open_camera("file", film(tmp_path).parent, "film.mjpeg", None, Counted(10_000))  # type: ignore[arg-type]
    assert isinstance(camera, LiveCamera)
    async with asyncio.timeout(WITHIN_S):
        stream = camera.frames()
        first = (await anext(stream))[0]
        while (await anext(stream))[0] - first < 40_000:
            pass
    assert camera.works
    camera.close()


async def until_it_returns(camera: LiveCamera, hurt: Callable[[], None], heal: Callable[[], None]) -> None:
    """A picture, a fault, and a picture again, without a restart."""
    async with asyncio.timeout(WITHIN_S * 2):
        frames = camera.frames()
        await anext(frames)
        hurt()
        while camera.works:
            waiting = asyncio.ensure_future(anext(frames))
            while not waiting.done() and camera.works:
                await asyncio.wait([waiting], timeout=0.02)
        heal()
        await waiting
        assert camera.works
        camera.close()


async def test_a_camera_process_that_dies_is_started_again() -> None:
    children: list[ChildCamera] = []

    def opened() -> ChildCamera:
        children.append(child())
        return children[-1]

    camera = LiveCamera(opened, SystemClock(battery=False), stall_ms=10_000, retry_ms=10)
    await until_it_returns(camera, lambda: os.kill(children[0].pid, signal.SIGKILL), lambda: None)
    assert len(children) >= 2


async def test_a_camera_process_that_stalls_is_ended_and_started_again() -> None:
    how, children = ["stalls", "", ""], []

    def opened() -> ChildCamera:
        children.append(child(how.pop(0) if how else ""))
        return children[-1]

    camera = LiveCamera(opened, SystemClock(battery=False), stall_ms=1_000, retry_ms=10)
    await until_it_returns(camera, lambda: None, lambda: None)
    with pytest.raises(ProcessLookupError):
        os.kill(children[0].pid, 0)


async def test_a_usb_camera_that_is_pulled_out_is_found_when_it_is_put_in_again() -> None:
    device = FakeDevice()
    camera = LiveCamera(
        lambda: V4l2Camera("/dev/video0", kernel=device.kernel), SystemClock(battery=False), retry_ms=10
    )

    def pull(out: bool) -> None:
        device.gone = out

    await until_it_returns(camera, lambda: pull(True), lambda: pull(False))
    assert device.opened == 2


async def test_a_network_camera_that_goes_away_is_joined_when_it_comes_back() -> None:
    network = RtspCamera()
    camera = LiveCamera(
        lambda: Stream(network.address, 2_000), SystemClock(battery=False), stall_ms=4_000, retry_ms=100
    )
    try:
        await until_it_returns(camera, network.stop, network.start)
    finally:
        network.stop()


def read_to_the_end(stream: Stream) -> None:
    while True:
        stream.read()


def test_a_network_camera_that_falls_silent_is_noticed() -> None:
    network = RtspCamera()
    stream = Stream(network.address, 500)
    try:
        stream.read()
        network.silent = True
        with pytest.raises(CameraError, match="broken off"):
            read_to_the_end(stream)
    finally:
        stream.close()
        network.stop()


def test_no_camera_process_outlives_its_unit() -> None:
    camera = child()
    camera.read()
    assert camera._child.stdin is not None
    camera._child.stdin.close()
    assert camera._child.wait(WITHIN_S) == 0
    camera.close()


# --- hostile and broken ------------------------------------------------------------------------


def speaking(data: bytes) -> ChildCamera:
    """A child that says just this and stays."""
    script = f"import sys, time; sys.stdout.buffer.write({data!r}); sys.stdout.flush(); time.sleep(60)"
    return ChildCamera([sys.executable, "-c", script], stall_ms=1_500)


@pytest.mark.parametrize(
    "said",
    [
        b"XX1" + bytes(8),
        b"KF1" + (64).to_bytes(2, "big") * 2 + (64 * 64).to_bytes(4, "big") + bytes(64 * 64),
        b"KF1" + (4096).to_bytes(2, "big") * 2 + (3 * 4096 * 4096).to_bytes(4, "big"),
        b"KF1" + bytes(8),
        b"KF1" + (64).to_bytes(2, "big") * 2 + (3 * 64 * 64).to_bytes(4, "big") + bytes(100),
    ],
    ids=["other words", "wrong length", "far too long", "empty", "torn"],
)
def test_a_camera_process_that_does_not_speak_as_agreed_is_ended(said: bytes) -> None:
    camera = speaking(said)
    try:
        with pytest.raises(CameraError):
            camera.read()
    finally:
        camera.close()
    assert camera._child.poll() is not None


def read_once(device: FakeDevice) -> None:
    opened = V4l2Camera("/dev/video0", kernel=device.kernel)
    try:
        opened.read()
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"index": 7}, "never lent"),
        ({"used": 1 << 20}, "never lent"),
        ({"bytes": 40}, "is none"),
        ({"count": 0}, "lends no"),
    ],
)
def test_a_device_that_lies_is_refused_and_closed(lie: dict[str, int], words: str) -> None:
    device = FakeDevice((JPEG,))
    device.lie = lie
    with pytest.raises(CameraError, match=words):
        read_once(device)
    assert not device.is_open


def test_a_picture_the_driver_calls_damaged_is_left_out() -> None:
    device = FakeDevice()
    device.spoilt = 2
    camera = V4l2Camera("/dev/video0", kernel=device.kernel)
    assert camera.read().shape == (240, 320, 3)
    camera.close()
    assert not device.streaming


@pytest.mark.parametrize("device", [FakeDevice(caps=0x2), FakeDevice(formats=())], ids=["no camera", "other formats"])
def test_a_device_that_is_no_camera_for_us_is_refused_and_closed(device: FakeDevice) -> None:
    with pytest.raises(CameraError):
        V4l2Camera("/dev/video0", kernel=device.kernel)
    assert not device.is_open


def test_a_file_that_is_no_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(CameraError, match="refuses"):
        V4l2Camera(str(tmp_path / "video0"))
    with pytest.raises(CameraError, match="No such file"):
        V4l2Camera(str(tmp_path / "video1"))


@pytest.mark.parametrize("content", [b"", b"no film" * 100, b"\xff\xd8" + bytes(MOST_BYTES + 70_000)])
def test_a_film_without_pictures_is_a_fault_and_bounded(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.mjpeg").write_bytes(content)
    opened = Film(tmp_path / "film.mjpeg")
    with pytest.raises(CameraError):
        opened.read()
    opened.close()


async def test_a_torn_picture_in_a_film_stops_nothing(tmp_path: Path) -> None:
    path = film(tmp_path, jpeg(two_colours())[:400] + b"\xff\xd9")
    camera = LiveCamera(lambda: Film(path, 100), SystemClock(battery=False), retry_ms=10)
    count = 0
    async with asyncio.timeout(WITHIN_S):
        async for _ in camera.frames():
            count += 1
            if count == 8:
                camera.close()


def test_an_address_is_shown_without_its_password() -> None:
    assert shown("rtsp://door:secret@10.0.0.7/live") == "rtsp://10.0.0.7/live"
    with pytest.raises(CameraError) as wrong:
        Stream("rtsp://door:secret@127.0.0.1:1/live", 300)
    assert "secret" not in str(wrong.value)


# --- the door goes on --------------------------------------------------------------------------


async def test_a_dead_camera_is_shown_and_told_and_no_other_way_is_touched(house: Any) -> None:
    house.eyes = True
    async with house.running():
        house.camera.works = False
        await house.clock.advance(1_000)
        assert house.screen.shown[:2] == (feedback.IDLE, feedback.CAMERA)
        assert [entry.pub for entry in house.entries() if entry.typ == r.FAULT] == [[2]]
        assert [told.kind for _, told in house.story if isinstance(told, events.Alert)] == [events.ALERT_CAMERA]
        house.inputs.set(exit=True)
        await house.clock.advance(200)
        assert len(house.unlocks()) == 1
        await house.clock.advance(10_000)
        assert house.screen.shown[:2] == (feedback.IDLE, feedback.CAMERA)
        for _ in range(20):  # a loose contact: one fault, not twenty
            house.camera.works = not house.camera.works
            await house.clock.advance(1_000)
        house.camera.works = True
        await house.clock.advance(4_000)
        assert house.screen.shown[:2] == (feedback.IDLE, 0)
        assert [entry.pub for entry in house.entries() if entry.typ == r.FAULT] == [[2], [3]]


async def test_weights_nobody_named_leave_the_door_without_eyes_and_it_says_so(house: Any, tmp_path: Path) -> None:
    """Swapped or spoilt after the settings were read: the camera gives pictures, and nothing looks at them."""
    house.eyes = True
    house.options = replace(house.options, face_model=own_model(tmp_path, altered=b"!"))
    async with house.running():
        await house.see(np.full((480, 640, 3), 90, np.uint8), 4)
        await house.clock.advance(5_000)
        assert house.camera.works
        assert house.screen.shown[:2] == (feedback.IDLE, feedback.CAMERA)
        assert [entry.pub for entry in house.entries() if entry.typ == r.FAULT] == [[2]]
        assert [told.kind for _, told in house.story if isinstance(told, events.Alert)] == [events.ALERT_CAMERA]
        house.inputs.set(exit=True)
        await house.clock.advance(200)
        assert len(house.unlocks()) == 1


# --- what settings say -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "where", "words"),
    [
        ("picamera2", "/nowhere/python3", "has no picamera2"),
        ("v4l2", "", "/dev/video0: No such file"),
        ("v4l2", "/dev/null", "refuses"),
        ("rtsp", "", "camera_source ="),
        ("rtsp", "http://10.0.0.7/", "camera_source ="),
        ("file", "", "there is no such film"),
        ("file", "missing.mp4", "there is no such film"),
    ],
)
def test_a_camera_that_cannot_be_used_is_refused_before_anything_starts(
    tmp_path: Path, kind: str, where: str, words: str
) -> None:
    assert words in eyes.hindrance(kind, tmp_path, where)


def test_what_needs_the_extra_says_so_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "film.mp4").write_bytes(b"")
    monkeypatch.setattr("gateunit.stream.has_pyav", lambda: False)
    for kind, where in (("rtsp", "rtsp://10.0.0.7/live"), ("file", "film.mp4")):
        assert "pip install '.[stream]'" in eyes.hindrance(kind, tmp_path, where)


def test_good_cameras_have_no_hindrance_and_open_the_source_named(tmp_path: Path, network: RtspCamera) -> None:
    film(tmp_path)
    assert eyes.hindrance("none", tmp_path, "") == eyes.hindrance("file", tmp_path, "film.mjpeg") == ""
    assert eyes.hindrance("rtsp", tmp_path, network.address) == ""
    assert eyes.open_camera("none", tmp_path, "", None, SystemClock(battery=False)) is None
    for kind, where, source in (("file", "film.mjpeg", Film), ("rtsp", network.address, Stream)):
        opening = eyes.source_of(kind, tmp_path, where)
        assert opening is not None
        opened = opening()
        assert isinstance(opened, source)
        opened.close()


def test_the_stand_in_is_not_what_runs_on_a_pi() -> None:
    assert "picamera2" not in sys.modules
    assert picamera.has_picamera2(sys.executable, {**os.environ, "PYTHONPATH": str(STANDIN)})
    assert Image.open(io.BytesIO(jpeg(two_colours()))).size == (320, 240)
