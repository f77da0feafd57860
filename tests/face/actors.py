"""Who stands before the camera and does what is asked, at ten frames a second: a person, and people with pictures.

Everybody hears the task at once, which favours the attackers: a real one has to read it first. Like `stage`, this file
knows nothing of how liveness is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from tests.face.stage import (
    Held,
    Picture,
    Portrait,
    card,
    leaning,
    on_a_phone,
    through_a_camera,
    turned_head,
    with_lids,
    with_mouth,
)

FRAME_MS = 100
SIDES = {"left": 1, "right": -1}


@dataclass(frozen=True, slots=True)
class Cue:
    """What is asked and for how long; `before` is what was asked before that, or ""."""

    task: str
    since_ms: int
    before: str = ""


Actor = Callable[[Cue], Picture]


class Moving:
    """A head or a card that is somewhere between two poses: `towards` a new one it starts from where it is, after
    `wait` ms in which it goes on with what it was doing. Nothing that is held or has a neck is elsewhere at once."""

    def __init__(self) -> None:
        self._from = self._to = 0.0
        self._begins = self._way = 0.0
        self._after: tuple[float, float, float] | None = None  # begins, to, way

    def towards(self, now: float, to: float, wait: float, way: float) -> None:
        self._after = (now + wait, to, way)

    def at(self, now: float) -> float:
        if self._after is not None and now >= self._after[0]:
            begins, to, way = self._after
            self._from, self._after = self._place(begins), None
            self._begins, self._to, self._way = begins, to, way
        return self._place(now)

    def _place(self, now: float) -> float:
        return self._from + (self._to - self._from) * smooth((now - self._begins) / max(self._way, 1.0))


class Person:
    """Somebody alive: hears, waits a little, turns and comes back, blinks; never quite still."""

    def __init__(self, portrait: Portrait, seed: int) -> None:
        self._portrait, self._random = portrait, np.random.default_rng(seed)
        draw = self._random.uniform
        self._wait, self._way, self._shut = draw(400, 800), draw(400, 800), draw(200, 350)
        self._turn, self._lids = draw(20, 32), draw(0.8, 1.0)
        self._jaw, self._wide = draw(250, 450), draw(0.6, 1.0)
        self._neck, self._now, self._task = Moving(), 0, ""
        self._poses = lru_cache(64)(self._pose)

    def __call__(self, cue: Cue) -> Picture:
        if cue.task != self._task:
            self._task = cue.task
            self._hear(cue)
        yaw, shut, wide = self._neck.at(self._now), self._blink(cue), self._open(cue)
        self._now += FRAME_MS
        drawn = self._poses(float(round(yaw + self._random.normal(0, 0.7))), round(shut, 1), round(wide, 1))
        return through_a_camera(drawn, self._random)

    def _hear(self, cue: Cue) -> None:
        both = cue.task in SIDES and cue.before in SIDES
        wait = self._wait if cue.task in SIDES else self._wait / 2
        self._neck.towards(self._now, self._turn * SIDES.get(cue.task, 0), wait, self._way * (1.6 if both else 1))

    def _pose(self, yaw: float, shut: float, wide: float) -> Picture:
        return turned_head(with_mouth(with_lids(self._portrait, shut), wide), yaw)

    def _blink(self, cue: Cue) -> float:
        at = self._since_begun(cue, "blink", 900)
        return self._lids if 0 <= at < self._shut else 0.0

    def _open(self, cue: Cue) -> float:
        """The jaw goes down, stays for as long, and comes up."""
        at = self._since_begun(cue, "mouth", 1500) / self._jaw
        return self._wide * (smooth(at) if at < 2 else smooth(3 - at))

    def _since_begun(self, cue: Cue, task: str, again: float) -> float:
        """ms since this was last begun, -1 before: who is not believed does it `again`."""
        begins = self._wait + (self._way if cue.before else 0)
        return (cue.since_ms - begins) % again if cue.task == task and cue.since_ms > begins else -1.0


def smooth(part: float) -> float:
    """0 to 1, as limbs move."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


class WithACard:
    """Somebody with a picture, who moves it as fits the task best. `lids`: eye holes with living eyes behind, which
    blink. `swap`: holds up others with shut eyes and an open mouth in its place, for as long as a person would. `lean`:
    of the pipe it is rolled around, the face being upright."""

    def __init__(
        self,
        texture: Portrait,
        seed: int,
        *,
        tilt: float = 0,
        bend: float = 0,
        lean: float = 0,
        drift: float = 0,
        lids: bool = False,
        swap: bool = False,
    ) -> None:
        self._portrait, self._random = texture, np.random.default_rng(seed)
        self._tilt, self._drift, self._lids, self._swap = tilt, drift, lids, swap
        self._flat = Held(bend=bend, roll=lean)
        self._phase = self._random.uniform(0, 6.28, 3)
        self._wrist, self._now, self._task = Moving(), 0, ""
        self._shown = lru_cache(64)(self._show)

    def __call__(self, cue: Cue) -> Picture:
        if cue.task != self._task:
            self._task = cue.task
            self._wrist.towards(self._now, self._tilt * SIDES.get(cue.task, 0), 300, 700)
        held = replace(self._drifting(cue, self._flat), yaw=round(self._wrist.at(self._now), 1))
        self._now += FRAME_MS
        shut = wide = 0.0
        if self._swap:
            shut = 1.0 if cue.task == "blink" and 500 <= cue.since_ms % 1200 < 800 else 0.0
            wide = 1.0 if cue.task == "mouth" and cue.since_ms >= 500 else 0.0
        elif cue.task not in SIDES and 500 <= cue.since_ms % 1200 < 800:
            shut = 0.9 if self._lids else 0.0
            held = held if self._lids else replace(held, pitch=self._tilt)  # the eyes look narrower
        return through_a_camera(self._shown(held, shut, wide), self._random)

    def _show(self, held: Held, shut: float, wide: float) -> Picture:
        texture = with_mouth(with_lids(self._portrait, shut), wide).pixels
        return card(leaning(texture, self._flat.roll), held)

    def _drifting(self, cue: Cue, held: Held) -> Held:
        if not self._drift:
            return held
        waves = np.sin(cue.since_ms / 400 + self._phase)
        shift = (self._drift * 40 * waves[0], self._drift * 25 * waves[1])
        return replace(
            held, roll=held.roll + self._drift * 8 * waves[1], size=1 + self._drift * 0.12 * waves[2], shift=shift
        )


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


class Slides:
    """Somebody with a picture of every move on a screen, who swaps them as he is asked: a film made by hand."""

    def __init__(self, portrait: Portrait, seed: int) -> None:
        self._portrait, self._random = portrait, np.random.default_rng(seed)
        self._shown = lru_cache(16)(self._show)

    def __call__(self, cue: Cue) -> Picture:
        at, still = cue.since_ms - 400, cue.task not in SIDES
        side = SIDES.get(cue.before if still else cue.task, 0)
        step = min(max(at // 200, 0), 2)  # a swap each fifth of a second
        yaw = side * 11 * (2 - step if still else step)
        shut = cue.task == "blink" and 600 <= at % 1200 < 900
        wide = (0.0, 0.5, 1.0)[min(max(at // 200 - 3, 0), 2)] if cue.task == "mouth" else 0.0
        return through_a_camera(self._shown(float(yaw), float(shut), wide), self._random)

    def _show(self, yaw: float, shut: float, wide: float) -> Picture:
        return on_a_phone(turned_head(with_mouth(with_lids(self._portrait, shut), wide), yaw))


def cut_out(portrait: Portrait) -> Portrait:
    """Only the face, as on a paper mask that is rolled around a head."""
    (x, y), unit = portrait.middle, portrait.unit
    height, width = portrait.pixels.shape[:2]
    left, top = int(max(0, x - 1.3 * unit)), int(max(0, y - 1.4 * unit))
    right, bottom = int(min(width, x + 1.3 * unit)), int(min(height, y + 2.2 * unit))
    part = portrait.pixels[top:bottom, left:right]
    shift = np.array([left, top])
    inner = [np.array(point) - shift for point in portrait.features]
    frame = np.full((part.shape[0], part.shape[1] * 2, 3), 128, np.uint8)
    room = part.shape[1] // 2
    frame[:, room : room + part.shape[1]] = part
    return Portrait(frame, *[(float(x) + room, float(y)) for x, y in inner])


MASKS = (
    "cut out with eye holes, rolled",
    "cut out with eye holes, rolled askew",
    "cut-outs swapped, rolled",
)  # of `attacks`: rather masks than a picture


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
        "prints swapped, tilted": WithACard(portrait, seed, tilt=35, swap=True),
        "print with eye holes, tilted": WithACard(portrait, seed, tilt=35, lids=True),
        "cut out with eye holes, rolled": WithACard(cut_out(portrait), seed, tilt=45, bend=150, lids=True),
        "cut out with eye holes, rolled askew": WithACard(
            cut_out(portrait), seed, tilt=45, bend=170, lean=40, lids=True
        ),
        "cut-outs swapped, rolled": WithACard(cut_out(portrait), seed, tilt=40, bend=150, swap=True),
        "phone, still": WithACard(phone, seed),
        "phone, moved and tilted": WithACard(phone, seed, tilt=35, drift=0.5),
    }
