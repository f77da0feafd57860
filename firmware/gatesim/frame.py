"""Still pictures as a door's camera would see them: JPEG frames of 640 pixels, and small movements of one portrait."""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from gatesim.errors import FolderRefused

SIDE = 640  # the longer side of a frame
QUALITY = 92
BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError, IndexError, KeyError, TypeError)


def read(path: Path) -> Image.Image:
    """The picture, upright and RGB; FolderRefused if it cannot be read."""
    try:
        with Image.open(path) as found:
            found.draft("RGB", (2 * SIDE, 2 * SIDE))  # a phone's JPEG in a third of the time; a frame has SIDE pixels
            return ImageOps.exif_transpose(found).convert("RGB")
    except BROKEN as wrong:
        raise FolderRefused(
            f"{path.name} is not a picture that can be read ({type(wrong).__name__}: {wrong})"
        ) from wrong


def as_frame(picture: Image.Image) -> bytes:
    """The picture scaled to SIDE pixels along its longer side, as JPEG."""
    scale = SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return jpeg(picture.resize(size, Image.Resampling.LANCZOS))


def jpeg(picture: Image.Image) -> bytes:
    """The picture as JPEG bytes."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def moved(picture: Image.Image, number: int) -> bytes:
    """Frame `number` of one portrait before a camera: a little nearer, turned, aside, brighter or darker each time.

    All are one photo, so they prove the way through the door, not how well people are told apart.
    """
    step = number % 7
    zoom = 1.0 + 0.02 * step
    turned = picture.rotate((step - 3) * 0.8, Image.Resampling.BICUBIC, expand=False)
    width, height = round(picture.width / zoom), round(picture.height / zoom)
    left = (picture.width - width) // 2 + 3 * (step % 3 - 1)
    top = (picture.height - height) // 2 + 3 * (step % 2)
    near = turned.crop((left, top, left + width, top + height)).resize(picture.size, Image.Resampling.BICUBIC)
    return as_frame(ImageEnhance.Brightness(near).enhance(0.94 + 0.02 * step))


# nearness, brightness, tilt in degrees of five guided frames: near, a step back, other light, turned
POSES = ((1.35, 1.0, 0.0), (1.1, 1.0, 0.0), (1.35, 0.8, 0.0), (1.1, 0.85, 3.0), (1.2, 1.12, -4.0))


def posed(picture: Image.Image, number: int) -> bytes:
    """Guided frame `number` of one portrait before a desk unit: another distance, light or angle each time."""
    near, light, tilt = POSES[number % len(POSES)]
    turned = picture.rotate(tilt, Image.Resampling.BICUBIC)
    width, height = round(picture.width / near), round(picture.height / near)
    left = (picture.width - width) // 2
    cut = turned.crop((left, (picture.height - height) // 2, left + width, (picture.height + height) // 2))
    return as_frame(ImageEnhance.Brightness(cut).enhance(light))


@cache
def nobody() -> bytes:
    """What the camera sees between two visitors: a wall."""
    return jpeg(Image.new("RGB", (SIDE, 480), (150, 146, 138)))
