"""Ways to show a portrait differently."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def on_canvas(picture: Picture, height: int, width: int, left: int, top: int) -> Picture:
    """The picture somewhere on a grey frame; what does not fit is cut."""
    frame = np.full((height, width, 3), 90, np.uint8)
    part = picture[: height - top, : width - left]
    frame[top : top + part.shape[0], left : left + part.shape[1]] = part
    return frame


def turned_picture(picture: Picture, degrees: float) -> Picture:
    return np.asarray(Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC))


def mirrored(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])
