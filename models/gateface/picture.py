"""Bytes of an uploaded or captured photo -> uint8[H, W, 3] RGB, upright. Anything doubtful is refused in our words."""

import io
import math
import struct
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import PictureRefused
from .pixels import Picture

MOST_PIXELS = 50_000_000
MOST_WHOLE = 16_000_000  # of what must be decoded whole; only a plain JPEG need not
LARGE = 6_000_000  # what was decoded whole and is larger is reduced before anything is made of it
MOST_BYTES = 64 << 20
LEAST_SIDE = 32
ENOUGH = 2000  # a larger JPEG is decoded at a half, quarter or eighth, but not below this
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")  # MPO opens as JPEG; naming it hides what is none
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    EOFError,
    OverflowError,
    MemoryError,
)


def read_picture(content: bytes) -> Picture:
    """The photo in RGB, turned as its EXIF says; grey, CMYK, 16-bit and transparent ones are converted (over white).

    PictureRefused (empty, not_a_picture, truncated, too_large, too_small, animated) for all other bytes.
    """
    if not content:
        raise PictureRefused("empty", "the file is empty")
    if len(content) > MOST_BYTES:
        raise PictureRefused("too_large", f"more than {MOST_BYTES >> 20} MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata; what matters here raises
        image = _opened(content)
        try:
            image.draft("RGB", (ENOUGH, ENOUGH))  # JPEG only: saves three quarters of the memory of a phone's photo
            image.load()
            upright = ImageOps.exif_transpose(_reduced(image))
            return np.ascontiguousarray(np.asarray(_in_colour(upright), dtype=np.uint8))
        except BROKEN as error:
            raise PictureRefused("truncated", "the picture ends early or is damaged") from error


def _opened(content: bytes) -> Image.Image:
    """The header read and judged, no pixel decoded yet."""
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        moving = bool(getattr(image, "is_animated", False))  # never counted: a small file may hold 100,000 pictures
    except Image.DecompressionBombError as error:
        raise PictureRefused("too_large", f"more than {MOST_PIXELS // 1_000_000} million pixels") from error
    except UnidentifiedImageError as error:
        raise PictureRefused("not_a_picture", "neither JPEG, PNG, WebP, BMP, TIFF nor GIF") from error
    except BROKEN as error:
        raise PictureRefused("truncated", "the picture ends early or is damaged") from error
    most = MOST_PIXELS if _comes_reduced(image) else MOST_WHOLE
    if image.width * image.height > most:
        raise PictureRefused("too_large", f"more than {most // 1_000_000} million pixels")
    if min(image.size) < LEAST_SIDE:
        raise PictureRefused("too_small", f"both sides must be at least {LEAST_SIDE} pixels")
    if moving and image.format != "MPO":  # phones store a second picture in MPO; the first is the photo
        raise PictureRefused("animated", "one still picture expected")
    return image


def _comes_reduced(image: Image.Image) -> bool:
    """Whether the decoder itself gives a smaller picture, and holds no more than that."""
    return image.format in ("JPEG", "MPO") and not image.info.get("progressive")


def _reduced(image: Image.Image) -> Image.Image:
    """At most about LARGE pixels of what was decoded whole: conversions hold several pictures at once."""
    if image.format in ("JPEG", "MPO"):
        return image
    times = math.ceil(math.sqrt(image.width * image.height / LARGE))
    if times == 1:
        return image
    if image.mode in ("1", "P", "PA") or image.mode.startswith("I;"):  # their neighbours cannot be averaged
        return image.resize((image.width // times or 1, image.height // times or 1), Image.Resampling.NEAREST)
    return image.reduce(times)


def _in_colour(image: Image.Image) -> Image.Image:
    """RGB: 16-bit greys scaled to 8, transparent parts over white."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return _grey_of_many_bits(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def _grey_of_many_bits(image: Image.Image) -> Image.Image:
    """16-bit and float greys: by their format's range, floats by their own."""
    values = np.asarray(image).astype(np.float32)
    if image.mode == "F":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        if not np.isfinite([low, high]).all():
            raise ValueError("a float picture without finite range")
        values = np.nan_to_num((values - low) * (65535 / max(high - low, 1e-9)))
    return Image.fromarray(np.clip(values / 257, 0, 255).astype(np.uint8))
