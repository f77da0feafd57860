"""Frames that come from a browser: the newest counts, and none of them harms the unit."""

import asyncio
import io

import numpy as np
import pytest
from PIL import Image

from gatesim.camera import MOST_BYTES, WAITING, PageCamera
from gatesim.clock import SimClock
from gateunit.ports import Picture


class Spoilt(Exception):
    """A frame that does not decode."""

    code = "truncated"


def read(data: bytes) -> Picture:
    try:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    except OSError as wrong:
        raise Spoilt from wrong


def jpeg(grey: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (grey, grey, grey)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def camera() -> PageCamera:
    return PageCamera(SimClock(), read, Spoilt)


async def test_a_frame_is_answered_when_the_unit_asks_for_the_next(camera: PageCamera) -> None:
    frames = camera.frames()
    offered = asyncio.ensure_future(camera.offer(jpeg(10)))
    _, picture = await anext(frames)
    assert picture.shape == (48, 64, 3)
    assert not offered.done()
    waiting = asyncio.ensure_future(anext(frames))
    assert await offered == ""
    camera.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_of_live_frames_only_the_newest_is_seen(camera: PageCamera) -> None:
    offered = [asyncio.ensure_future(camera.offer(jpeg(grey))) for grey in (10, 120, 240)]
    await asyncio.sleep(0)
    _, picture = await anext(camera.frames())
    assert int(picture[0, 0, 0]) == pytest.approx(240, abs=3)
    assert [await offered[0], await offered[1]] == ["", ""]


async def test_played_frames_keep_their_own_time_and_are_not_dropped(camera: PageCamera) -> None:
    offered = [asyncio.ensure_future(camera.offer(jpeg(50), at)) for at in (400, 800, 1200)]
    frames = camera.frames()
    assert [(await anext(frames))[0] for _ in range(3)] == [400, 800, 1200]
    camera.close()
    assert len(offered) == 3


async def test_played_frames_that_nobody_takes_are_bounded(camera: PageCamera) -> None:
    offered = [asyncio.ensure_future(camera.offer(jpeg(50), at)) for at in range(WAITING)]
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        assert await camera.offer(jpeg(50), WAITING) == "too_many"
    camera.close()
    assert {await one for one in offered} == {""}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_jpeg"),
        (b"GIF89a" + bytes(100), "not_a_jpeg"),
        (b"\xff\xd8\xff" + bytes(MOST_BYTES), "too_large"),
    ],
)
async def test_a_hostile_frame_is_refused_before_anything_reads_it(camera: PageCamera, data: bytes, code: str) -> None:
    async with asyncio.timeout(2):
        assert await camera.offer(data) == code


async def test_a_frame_that_does_not_decode_is_answered_and_the_next_is_seen(camera: PageCamera) -> None:
    torn = asyncio.ensure_future(camera.offer(jpeg(10)[:60], 1))
    good = asyncio.ensure_future(camera.offer(jpeg(200), 2))
    await asyncio.sleep(0)
    at, _ = await anext(camera.frames())
    assert (at, await torn) == (2, "truncated")
    camera.close()
    assert not good.done()
