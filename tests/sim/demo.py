"""A running demo, and browsers whose camera shows a portrait: for the tests of the simulator's pages."""

import asyncio
import io
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance
from playwright.async_api import Browser, async_playwright
from tests.ports import free_ports
from tests.web.window import CHROMIUM, FLAGS

from gatesim.frame import read
from gatesim.pictures import HERE

STARTS_S = 90
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@dataclass(frozen=True)
class Running:
    """The demo's process and what it said."""

    process: asyncio.subprocess.Process
    folder: Path
    port: int
    said: str

    @property
    def index(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def unit(self, number: int) -> str:
        """0 the gate, 1 the building's door, 2 the desk's unit."""
        return f"http://127.0.0.1:{self.port + 3 + number}/"


async def kaimen(*words: str, within_s: float = 60) -> tuple[int, str]:
    """Runs a verb to its end: (status, all it said)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kaimen", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(within_s):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[Running]:
    """`kaimen demo` until it says where to go; ended as a person ends it, by Ctrl-C."""
    port = free_ports(6)
    words = ["-m", "kaimen", "demo", "--port", str(port), "--dir", str(folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(STARTS_S):
            while "Ctrl-C" not in said:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        yield Running(process, folder, port, said)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(30):
                await process.communicate()


# height in pixels (near enough for 40 between the eyes), light, tilt in degrees: straight, nearer, other light, turned
POSES = ((760, 1.0, 0.0), (900, 1.0, 0.0), (760, 0.8, 0.0), (900, 0.82, 0.0), (830, 1.12, -4.0))


def film(path: Path, portrait: str) -> Path:
    """A camera's film (motion JPEG, 640x480) of one portrait that moves as a guided person does."""
    picture = read(HERE / portrait)
    frames = []
    for step in range(30):
        side, light, tilt = POSES[step // 6]
        turned = ImageEnhance.Brightness(picture.rotate(tilt, Image.Resampling.BICUBIC)).enhance(light)
        near = turned.resize((side * picture.width // picture.height, side))
        wall = Image.new("RGB", (640, 480), (150, 146, 138))
        wall.paste(near, ((640 - near.width) // 2 + step % 5, -(step % 3)))
        out = io.BytesIO()
        wall.save(out, "JPEG", quality=90)
        frames.append(out.getvalue())
    path.write_bytes(b"".join(frames))
    return path


@asynccontextmanager
async def browser_with_camera(film_path: Path | None) -> AsyncIterator[Browser]:
    """Chromium whose camera plays the film; None: a machine without a camera."""
    flags = [*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={film_path}"] if film_path else FLAGS
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


def digits_of(text: str) -> str:
    """The digits of a text."""
    return re.sub(r"\D", "", text)
