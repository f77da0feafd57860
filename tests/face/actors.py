"""Who stands before the camera and does what is asked, at ten frames a second: a person, and people with pictures.

Everybody hears the task at once, which favours the attackers: a real one has to read it first. Like `stage`, this file
knows nothing of how liveness is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from tests.face.stage import Held, Picture, Portrait, card, on_a_phone, through_a_camera, turned_head, with_lids

FRAME_MS = 100
SIDES = {"left": 1, "right": -1}


@dataclass(frozen=True, slots=True)
class Cue:
    """What is asked and for how long; `before` is what was asked before that, or ""."""

    task: str
    since_ms: int
    before: str = ""


Actor = Callable[[Cue], Picture]


class Person:
    """Somebody alive: hears, waits a little, turns and comes back, blinks; never quite still."""

    def __init__(self, portrait: Portrait, seed: int) -> None:
        self._portrait, self._random = portrait, np.random.default_rng(seed)
        draw = self._random.uniform
        self._wait, self._way, self._shut = draw(400, 800), draw(400, 800), draw(200, 350)
        self._turn, self._lids = draw(20, 32), draw(0.8, 1.0)
        self._poses = lru_cache(64)(self._pose)

    def __call__(self, cue: Cue) -> Picture:
        yaw, shut = self._yaw(cue), self._blink(cue)
        drawn = self._poses(float(round(yaw + self._random.normal(0, 0.7))), round(shut, 1))
        return through_a_camera(drawn, self._random)

    def _pose(self, yaw: float, shut: float) -> Picture:
        return turned_head(with_lids(self._portrait, shut), yaw)

    def _yaw(self, cue: Cue) -> float:
        done = smooth((cue.since_ms - self._wait) / self._way)
        if cue.task in SIDES:
            return SIDES[cue.task] * self._turn * done
        back = smooth((cue.since_ms - self._wait / 2) / self._way)
        return SIDES.get(cue.before, 0) * self._turn * (1 - back)

    def _blink(self, cue: Cue) -> float:
        if cue.task != "blink":
            return 0.0
        begins = self._wait + (self._way if cue.before else 0)
        again = 900.0  # who is not believed blinks again
        at = (cue.since_ms - begins) % again if cue.since_ms > begins else -1.0
        return self._lids if 0 <= at < self._shut else 0.0


def smooth(part: float) -> float:
    """0 to 1, as limbs move."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


class WithACard:
    """Somebody with a picture, who moves it as fits the task best. `lids`: eye holes with living eyes behind."""

    def __init__(
        self, texture: Portrait, seed: int, *, tilt: float = 0, bend: float = 0, drift: float = 0, lids: bool = False
    ) -> None:
        self._portrait, self._random = texture, np.random.default_rng(seed)
        self._tilt, self._bend, self._drift, self._lids = tilt, bend, drift, lids
        self._phase = self._random.uniform(0, 6.28, 3)
        self._shown = lru_cache(64)(self._show)

    def __call__(self, cue: Cue) -> Picture:
        held = self._drifting(cue, Held(bend=self._bend))
        shut = 0.0
        if cue.task in SIDES:
            held = replace(held, yaw=SIDES[cue.task] * self._tilt * smooth((cue.since_ms - 300) / 700))
        elif 500 <= cue.since_ms % 1200 < 800:
            held = replace(held, pitch=self._tilt)  # the eyes look narrower
            shut = 0.9 if self._lids else 0.0
        return through_a_camera(self._shown(held, shut), self._random)

    def _show(self, held: Held, shut: float) -> Picture:
        return card(with_lids(self._portrait, shut).pixels, held)

    def _drifting(self, cue: Cue, held: Held) -> Held:
        if not self._drift:
            return held
        waves = np.sin(cue.since_ms / 400 + self._phase)
        shift = (self._drift * 40 * waves[0], self._drift * 25 * waves[1])
        return replace(held, roll=self._drift * 8 * waves[1], size=1 + self._drift * 0.12 * waves[2], shift=shift)


class Replay:
    """A film of the true person doing `played`, shown on a screen whatever is asked."""

    def __init__(self, portrait: Portrait, seed: int, played: tuple[str, ...]) -> None:
        self._person, self._played = Person(portrait, seed), played
        self._frame = 0

    def __call__(self, cue: Cue) -> Picture:
        part, at = divmod(self._frame * FRAME_MS, 1_500)
        self._frame += 1
        now = self._played[part % len(self._played)]
        before = self._played[(part - 1) % len(self._played)] if part else ""
        return on_a_phone(self._person(Cue(now, at, before)))


def cut_out(portrait: Portrait) -> Portrait:
    """Only the face, as on a paper mask that is rolled around a head."""
    (x, y), unit = portrait.middle, portrait.unit
    height, width = portrait.pixels.shape[:2]
    left, top = int(max(0, x - 1.3 * unit)), int(max(0, y - 1.4 * unit))
    right, bottom = int(min(width, x + 1.3 * unit)), int(min(height, y + 2.2 * unit))
    part = portrait.pixels[top:bottom, left:right]
    shift = np.array([left, top])
    right_eye, left_eye = np.array(portrait.right) - shift, np.array(portrait.left) - shift
    frame = np.full((part.shape[0], part.shape[1] * 2, 3), 128, np.uint8)
    room = part.shape[1] // 2
    frame[:, room : room + part.shape[1]] = part
    return Portrait(frame, (right_eye[0] + room, right_eye[1]), (left_eye[0] + room, left_eye[1]))


MASKS = ("cut out with eye holes, rolled",)  # of `attacks`: what rather is a mask than a picture


def attacks(portrait: Portrait, seed: int) -> dict[str, Actor]:
    """Still pictures, shown as cleverly as we can think of."""
    phone = replace(portrait, pixels=on_a_phone(portrait.pixels))
    return {
        "print, still": WithACard(portrait, seed),
        "print, moved and turned in its plane": WithACard(portrait, seed, drift=1),
        "print, tilted 30 degrees": WithACard(portrait, seed, tilt=30),
        "print, tilted 45 degrees": WithACard(portrait, seed, tilt=45),
        "print, bent and tilted": WithACard(portrait, seed, tilt=35, bend=120),
        "face cut out, rolled and tilted": WithACard(cut_out(portrait), seed, tilt=40, bend=150),
        "print with eye holes, tilted": WithACard(portrait, seed, tilt=35, lids=True),
        "cut out with eye holes, rolled": WithACard(cut_out(portrait), seed, tilt=45, bend=150, lids=True),
        "phone, still": WithACard(phone, seed),
        "phone, moved and tilted": WithACard(phone, seed, tilt=35, drift=0.5),
    }
