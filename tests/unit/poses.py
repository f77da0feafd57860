"""One portrait as a guided person shows it: near, a step back, in other light, turned. One photo, so no accuracy."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

Frame = NDArray[np.uint8]
# nearness, brightness, tilt in degrees
STEPS = ((1.6, 1.0, 0.0), (1.2, 1.0, 0.0), (1.6, 0.8, 0.0), (1.2, 0.85, 3.0), (1.4, 1.15, -4.0))


def posed(portrait: Frame, near: float, light: float, tilt: float) -> Frame:
    """The portrait nearer by `near`, brighter by `light`, tilted; cut to its former size from the top's middle."""
    picture = Image.fromarray(portrait).rotate(tilt, Image.Resampling.BICUBIC)
    width, height = picture.size
    large = picture.resize((round(width * near), round(height * near)), Image.Resampling.BICUBIC)
    left = (large.width - width) // 2
    cut = large.crop((left, 0, left + width, height))
    return np.array(ImageEnhance.Brightness(cut).enhance(light))


def poses(portrait: Frame) -> Iterator[Frame]:
    """Five frames a guided capture takes."""
    return (posed(portrait, *step) for step in STEPS)
