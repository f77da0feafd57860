"""Bytes become pictures, or are refused in our own words."""

import io
import struct
import time
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from gateface import PictureRefused, read_picture
from gateface.picture import MOST_PIXELS, MOST_WHOLE


def stored(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def shaded(mode: str = "RGB") -> Image.Image:
    """64x48, dark on the left, light on the right."""
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    return Image.fromarray(ramp).convert("RGB").convert(mode)


def refused(content: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        read_picture(content)
    return caught.value.code


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LA"])
def test_every_kind_of_colour_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    picture = read_picture(stored(shaded(mode), kind))
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8
    assert picture[:, :8].mean() < 60 < 190 < picture[:, -8:].mean()


def test_sixteen_bits_become_eight_without_clipping() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1))
    for kind in ("PNG", "TIFF"):
        picture = read_picture(stored(Image.fromarray(ramp), kind))
        assert abs(int(picture[20, 32].mean()) - 129) <= 3, kind


def test_transparent_parts_become_white() -> None:
    assert read_picture(stored(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG")).min() == 255


@pytest.mark.parametrize(("orientation", "dark_side"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")])
def test_a_turned_phone_gives_an_upright_picture(orientation: int, dark_side: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(stored(shaded(), "JPEG", exif=exif)).astype(float)
    sides = {"left": picture[:, :5], "right": picture[:, -5:], "top": picture[:5], "bottom": picture[-5:]}
    assert min(sides, key=lambda side: sides[side].mean()) == dark_side


def test_nothing_text_and_documents_are_no_pictures() -> None:
    assert refused(b"") == "empty"
    for content in (b"x", b"hello" * 100, b"%PDF-1.7\n" + bytes(500), b"\xff\xd8", b"<svg xmlns='x'/>", b"GIF"):
        assert refused(content) in {"not_a_picture", "truncated"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_picture_cut_anywhere_is_refused_or_whole(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = stored(Image.fromarray(noise), kind)
    for end in range(0, len(content) - 64, max(1, len(content) // 60)):
        assert refused(content[:end]) in {"empty", "not_a_picture", "truncated"}, end


def test_a_moving_picture_is_refused() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        assert refused(stored(frames[0], kind, save_all=True, append_images=frames[1:])) == "animated", kind


def test_pictures_of_one_file_are_not_counted() -> None:
    """The thread that would count them is the one that looks for faces: 100,000 would keep it busy for minutes."""
    side, strip = 64, b"\x80" * 64 * 64
    tags = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (278, side), (279, len(strip))]
    table = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    begin, each = 8 + len(strip), len(table) + 4
    tables = b"".join(table + struct.pack("<I", begin + each * number) for number in range(1, 6_000))
    content = b"II*\0" + struct.pack("<I", begin) + strip + tables + table + bytes(4)
    began = time.process_time()
    assert refused(content) == "animated"
    assert time.process_time() - began < 0.3, "counted they take more than a second"


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    assert refused(content) == "too_large"


def test_fifty_million_pixels_are_the_limit() -> None:
    assert refused(stored(Image.new("1", (10_000, MOST_PIXELS // 10_000 + 1)), "PNG")) == "too_large"


def test_what_must_be_decoded_whole_may_have_fewer() -> None:
    wide = Image.new("L", (MOST_WHOLE // 4_000 + 1, 4_000))
    assert refused(stored(wide, "PNG")) == "too_large"
    assert refused(stored(wide, "JPEG", progressive=True)) == "too_large"
    assert min(read_picture(stored(wide, "JPEG")).shape[:2]) >= 2_000


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "F"])
def test_a_large_picture_keeps_its_looks_in_every_kind_of_colour(mode: str) -> None:
    """It is reduced first, in its own kind of colour."""
    kind, deep = "TIFF" if mode == "F" else "PNG", mode in ("I;16", "F")
    small = Image.fromarray(np.asarray(shaded("L")).astype(np.uint16) * 257) if deep else shaded(mode)
    large = small.resize((3_200, 2_400), Image.Resampling.NEAREST)
    picture = read_picture(stored(large.convert("F") if mode == "F" else large, kind))
    assert picture.shape == (1_200, 1_600, 3)
    assert picture[:, :150].mean() < 60 < 190 < picture[:, -150:].mean()


def test_a_stamp_is_too_small() -> None:
    assert refused(stored(Image.new("RGB", (31, 200)), "PNG")) == "too_small"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_raise_anything_but_our_own_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]))
    content = bytearray(stored(shaded(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture: NDArray[np.uint8] = read_picture(bytes(content))
    except PictureRefused:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused):
        read_picture(content)
