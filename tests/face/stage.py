"""What stands before a simulated camera: a head with depth, or a picture of one. Frames for measuring liveness.

Nothing here is shared with what is measured: this file draws with formulas of its own (a head as an ellipsoid with a
nose, a card as a piece of a cylinder), knows nothing of meshes or homographies, and a test walks its imports.
Lengths are in distances between the eyes' centres; angles in degrees, positive towards the person's own left.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, rotate

Picture = NDArray[np.uint8]
Grid = NDArray[np.float64]

HALF_WIDTH, HALF_HEIGHT, DEPTH = 1.25, 1.85, 1.45  # of the head's ellipsoid
BELOW_EYES = 0.45  # its middle
NOSE_OUT, NOSE_WIDE = 0.36, 0.2
NOSE_BASE = 0.25  # how far below the detector's point, which may lie 0.1 above the tip, it ends
NECK = -0.3  # the axis a head turns about
COARSE = 4  # pixels between the places that are worked out; the rest is interpolated


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture and where its features are: (x, y) of the person's right and left eye, of the tip of the nose and
    between the lips."""

    pixels: Picture
    right: tuple[float, float]
    left: tuple[float, float]
    nose: tuple[float, float]
    mouth: tuple[float, float]

    @property
    def features(self) -> tuple[tuple[float, float], ...]:
        return self.right, self.left, self.nose, self.mouth

    @property
    def unit(self) -> float:
        return float(np.hypot(self.left[0] - self.right[0], self.left[1] - self.right[1]))

    @property
    def middle(self) -> tuple[float, float]:
        return (self.right[0] + self.left[0]) / 2, (self.right[1] + self.left[1]) / 2

    def from_middle(self, point: tuple[float, float]) -> tuple[float, float]:
        """Of a feature: how far to the side of the eyes' middle it is, and how far below."""
        return (point[0] - self.middle[0]) / self.unit, (point[1] - self.middle[1]) / self.unit


def sample(pixels: Picture, x: Grid, y: Grid) -> Picture:
    """The picture read at x, y (float64[H, W]); its edge goes on for ever."""
    planes = [map_coordinates(pixels[..., c], [y, x], order=1, mode="nearest") for c in range(3)]
    return np.stack(planes, -1)


def places(height: int, width: int) -> tuple[Grid, Grid]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return x, y


# --- eyes -------------------------------------------------------------------------------------


def with_lids(portrait: Portrait, shut: float) -> Portrait:
    """The same picture with the upper lids drawn down: 0 as it is, 1 shut. A lid is skin like that around the eye, with
    its lashes at the edge."""
    if shut <= 0:
        return portrait
    x, y = places(*portrait.pixels.shape[:2])
    unit, drawn = portrait.unit, portrait.pixels.astype(np.float64)
    for centre in (portrait.right, portrait.left):
        across, down = (x - centre[0]) / unit, (y - centre[1]) / unit
        arch = np.sqrt(np.clip(1 - (across / 0.34) ** 2, 0, 1))
        top, edge = -0.15 * arch, (-0.15 + shut * 0.25) * arch
        above = sample(portrait.pixels, x, np.full_like(y, centre[1] - 0.22 * unit)).astype(np.float64)
        below = sample(portrait.pixels, x, np.full_like(y, centre[1] + 0.2 * unit)).astype(np.float64)
        part = np.clip((down - top) / 0.25, 0, 1)[..., None]
        skin = 0.35 * (1 - part) * above + (1 - 0.35 * (1 - part)) * below
        covers = np.clip((down - top) / 0.05, 0, 1) * np.clip((edge - down) / 0.03, 0, 1) * (arch > 0.05)
        lashes = 0.5 * np.exp(-(((down - edge) / 0.02) ** 2)) * (arch > 0.2)
        drawn += covers[..., None] * (skin - drawn)
        drawn *= 1 - lashes[..., None]
    return replace(portrait, pixels=np.clip(drawn, 0, 255).astype(np.uint8))


# --- a mouth ----------------------------------------------------------------------------------


def with_mouth(portrait: Portrait, wide: float) -> Portrait:
    """The same picture with the jaw let down: 0 as it is, 1 wide open. What lies under the lips moves down with the
    jaw, less towards the cheeks and the neck; between the lips it is dark."""
    if wide <= 0:
        return portrait
    x, y = places(*portrait.pixels.shape[:2])
    unit = portrait.unit
    across, down = (x - portrait.mouth[0]) / unit, (y - portrait.mouth[1]) / unit
    let_down = 0.55 * wide * np.exp(-((across / 0.75) ** 2)) * np.clip((2.0 - down) / 1.0, 0, 1)
    lip = 0.55 * wide * np.sqrt(np.clip(1 - (across / 0.5) ** 2, 0, 1))
    moved = np.where(down > 0, np.maximum(down - let_down, 0.02), down)
    drawn = sample(portrait.pixels, x, moved * unit + portrait.mouth[1]).astype(np.float64)
    dark = np.clip((lip - down) / 0.05, 0, 1) * np.clip(down / 0.04, 0, 1) * (np.abs(across) < 0.5)
    drawn += dark[..., None] * (np.array((52.0, 24.0, 24.0)) - drawn)
    return replace(portrait, pixels=np.clip(drawn, 0, 255).astype(np.uint8))


# --- a head -----------------------------------------------------------------------------------


def relief(portrait: Portrait, x: Grid, y: Grid, nose_out: float) -> Grid:
    """How far each point of the face stands out: the nose and the lips where the picture has them."""
    (tip_x, tip_y), (lips_x, lips_y) = portrait.from_middle(portrait.nose), portrait.from_middle(portrait.mouth)
    down = (y - BELOW_EYES) / HALF_HEIGHT
    skull = DEPTH * np.sqrt(np.clip(1 - (x / HALF_WIDTH) ** 2 - down**2, 0, None))
    length = np.clip(y / tip_y, 0, 1)
    nose = nose_out * length * np.exp(-(((x - tip_x * length) / NOSE_WIDE) ** 2)) * (y < tip_y + NOSE_BASE)
    sockets = -0.1 * np.exp(-(((np.abs(x) - 0.5) / 0.22) ** 2) - (y / 0.16) ** 2)
    lips = 0.08 * np.exp(-(((x - lips_x) / 0.4) ** 2) - ((y - lips_y) / 0.15) ** 2)
    return np.asarray(skull + nose + sockets + lips)


def turned_head(portrait: Portrait, yaw: float, nose_out: float = NOSE_OUT) -> Picture:
    """The head turned about the neck; what lies beside it stays. Hidden parts are hidden, row by row."""
    if abs(yaw) < 0.05:
        return portrait.pixels
    height, width = portrait.pixels.shape[:2]
    unit, (mid_x, mid_y) = portrait.unit, portrait.middle
    angle = np.radians(yaw)
    rows = np.arange(0, height + COARSE, COARSE, dtype=np.float64)
    columns = np.arange(0, width + COARSE, COARSE, dtype=np.float64)
    found = np.empty((len(rows), len(columns)))
    for index, row in enumerate(rows):
        y = (row - mid_y) / unit
        half = HALF_WIDTH * np.sqrt(max(0.0, 1 - ((y - BELOW_EYES) / HALF_HEIGHT) ** 2))
        wanted = (columns - mid_x) / unit
        if half < 0.05:
            found[index] = columns
            continue
        x = np.linspace(-half, half, 240)
        moved = x * np.cos(angle) + (relief(portrait, x, np.full_like(x, y), nose_out) - NECK) * np.sin(angle)
        moved -= (0 - NECK) * np.sin(angle)  # the rim's own way is not the head's
        front = np.maximum.accumulate(moved) if yaw > 0 else np.minimum.accumulate(moved[::-1])[::-1]
        front = front + np.linspace(0, 1e-6, len(front))
        inside = (wanted >= front[0]) & (wanted <= front[-1])
        found[index] = np.where(inside, np.interp(wanted, front, x) * unit + mid_x, columns)
    x, y = places(height, width)
    return sample(portrait.pixels, fine(found, height, width), y)


def fine(coarse: Grid, height: int, width: int) -> Grid:
    """Between the worked-out places, a straight line."""
    x, y = places(height, width)
    return np.asarray(map_coordinates(coarse, [y / COARSE, x / COARSE], order=1, mode="nearest"))


# --- a card: a print, or a screen ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """How a card is held: `yaw` about its upright axis, `pitch` about its level one, `bend` the angle its width is
    rolled into, `roll` in its own plane, `size` and `shift` (pixels) of where it is."""

    yaw: float = 0
    pitch: float = 0
    bend: float = 0
    roll: float = 0
    size: float = 1
    shift: tuple[float, float] = (0, 0)


def card(texture: Picture, held: Held, wall: tuple[int, int, int] = (120, 124, 130)) -> Picture:
    """The card before a wall, seen from three of its widths away."""
    height, width = texture.shape[:2]
    x, y = places(height, width)
    x, y = x - width / 2 - held.shift[0], y - height / 2 - held.shift[1]
    angle = np.radians(held.roll)
    across = (x * np.cos(angle) + y * np.sin(angle)) / held.size
    down = (-x * np.sin(angle) + y * np.cos(angle)) / held.size
    down, across = leaned(down, across, height, held.pitch, 0.0, 3.0 * width)
    across, down = leaned(across, down, width, held.yaw, held.bend, 3.0 * width)
    inside = (np.abs(across) <= width / 2) & (np.abs(down) <= height / 2)
    drawn = sample(texture, across + width / 2, down + height / 2)
    return np.where(inside[..., None], drawn, np.array(wall, np.uint8)).astype(np.uint8)


def leaned(along: Grid, other: Grid, length: int, angle: float, bend: float, away: float) -> tuple[Grid, Grid]:
    """From where a point is seen to where it lies on the card: along the leaning axis, and across it."""
    if not angle and not bend:
        return along, other
    s = np.linspace(-length / 2, length / 2, 600)
    turn, rolled = np.radians(angle), np.radians(max(abs(bend), 1e-3)) * np.sign(bend or 1)
    radius = length / rolled
    flat, out = radius * np.sin(s / radius), radius * (np.cos(s / radius) - 1)  # bent: the middle stands out
    moved, near = flat * np.cos(turn) + out * np.sin(turn), -flat * np.sin(turn) + out * np.cos(turn)
    scale = away / (away - near)
    seen = np.maximum.accumulate(moved * scale) + np.linspace(0, 1e-6, len(s))
    where = np.interp(along, seen, s, left=-length, right=length)
    return where, other / np.interp(along, seen, scale)


def leaning(texture: Picture, lean: float) -> Picture:
    """Turned in its frame, so that it is upright on a card held at that roll: rolled, around a pipe that leans."""
    if not lean:
        return texture
    return np.asarray(rotate(texture, lean, reshape=False, order=1, mode="nearest"))


def on_a_phone(texture: Picture) -> Picture:
    """The picture on a phone's screen: a dark rim, brighter and bluer than paper."""
    height, width = texture.shape[:2]
    glow = np.clip(texture.astype(np.float64) * (0.98, 1.02, 1.1) + 8, 0, 255).astype(np.uint8)
    rim = max(4, width // 40)
    glow[:rim], glow[-rim:], glow[:, :rim], glow[:, -rim:] = 12, 12, 12, 12
    assert glow.shape == (height, width, 3)
    return glow


@lru_cache(8)
def grain(shape: tuple[int, ...], number: int) -> NDArray[np.int16]:
    """One of a few prepared sheets of noise."""
    return np.random.default_rng(number).normal(0, 3.0, shape).astype(np.int16)


def through_a_camera(picture: Picture, random: np.random.Generator) -> Picture:
    """With a sensor's noise, and a pixel more or less to the side."""
    shaken = np.roll(picture, tuple(random.integers(-1, 2, 2)), (0, 1))
    noisy = shaken.astype(np.int16) + grain(picture.shape, int(random.integers(6)))
    return np.clip(noisy, 0, 255).astype(np.uint8)
