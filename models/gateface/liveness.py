"""Does a living head stand there, or a picture of one? Pure: looks and time go in, what to ask next comes out.

    challenge = Challenge(random, now_ms)
    look = looked(mesh.points(frame, face), now_ms)          # None where there is no face to measure
    step = challenge.see(look, now_ms)                       # Asking(task), Proven() or Failed(why)

A person is asked to blink and to turn the head to one side, in an order and to a side chosen at random. Where eyes are
too narrow for the mesh to tell a blink, to open the mouth instead. Five things are measured, each against the person's
own looks and never against an absolute level:

1. a blink: the lids come together by `BLINK_DROP` for 2 to 8 frames and part again while the head stays as it is;
2. an open mouth: the lips part by `MOUTH_OPEN` for 2 frames or more, by way of what lies between, while the head stays;
3. a turn: the nose tip wanders by `TURN_LEAST` towards the asked side, on a path without jumps;
4. planarity: between the left-most and the right-most look no homography carries the points of the one onto the
   other; a flat picture always has one, however it is held (gateface.plane);
5. a nose that stands out, told by patches of the picture: rolled paper has depth, but none there (gateface.nose).

What was not asked for counts against: turning to the other side, or turning when something else was asked. Numbers and
their measurement are in models/cards/face-mesh-1.md; what this stops and what not is in docs/threat-model.md.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .mesh import SURE, Sight
from .nose import Chip, Points, nose
from .plane import flatness_miss

LIMIT_MS = 4_000
NARROW_EYES = 0.22  # shut eyes measure 0.15 to 0.18: from here down a blink cannot be told from noise
GAP_MS = 350  # longer without a look, and somebody else may stand there
BLINK_DROP = 0.06  # of the eye's opening; five times what jitter and noise do
BLINK_FRAMES = (2, 8)
MOUTH_OPEN = 0.06  # of the face's height; four times what a still mouth's points do
MOUTH_BEGUN = 0.015  # a mouth that opens is seen between here and wide; a picture swapped for another is not
MOUTH_BETWEEN = 0.8  # of how wide it opens
MOUTH_FRAMES = 2
TURN_LEAST = 0.15  # of the width of the face
TURN_WRONG = 0.10
TURN_STILL = 0.06  # the head counts as still within this
STEP_MOST = 0.25  # of a turn, between two looks 100 ms apart
PLANE = 0.025  # mean miss of the best homography, in distances of the outer eye corners
NOSE = (0.12, 0.22)  # way of the nose's tip ahead of its line, and of its plane, for a turn of 1
SHAPE_STILL = 0.08  # relative change of the face's height to its width within a blink
FRONT = 0.2  # a try begins with a look this near to the middle: heads differ by as much as 0.17
BEGUN = 0.03  # a turn has begun; a picture swapped for another has not

# points of the mesh (mediapipe canonical face model)
RIGHT_EYE, LEFT_EYE = (33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380)
CHEEKS, NOSE_TIP = (234, 454), 4
FOREHEAD, CHIN = 10, 152
LIPS = (13, 14)  # their inner edges
READ = [*RIGHT_EYE, *LEFT_EYE, *CHEEKS, NOSE_TIP, FOREHEAD, CHIN, *LIPS]

Random = Callable[[int], bytes]


class Task(StrEnum):
    """What is asked; left and right are the person's own."""

    FACE = "face"  # the camera, before anything else is asked
    BLINK = "blink"
    MOUTH = "mouth"
    LEFT = "left"
    RIGHT = "right"


class Why(StrEnum):
    """Why nothing was proven."""

    TOO_SLOW = "too_slow"
    LOST = "lost"
    JUMPED = "jumped"
    WRONG_MOVE = "wrong_move"
    FLAT = "flat"
    ROLLED = "rolled"


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame says: `opening` of the eyes (height to width), `mouth` the gap between the lips (to the face's
    height), `turn` of the nose tip between the cheeks (0 in the middle, positive to the person's left), `shape` the
    face's height to its width."""

    at: int
    opening: float
    mouth: float
    turn: float
    shape: float
    points: Points
    chip: Chip


@dataclass(frozen=True, slots=True)
class Asking:
    """This is asked now."""

    task: Task


@dataclass(frozen=True, slots=True)
class Proven:
    """Everything asked was seen and the face is not flat."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing is proven; a person may try again."""

    why: Why


Step = Asking | Proven | Failed


def looked(sight: Sight, now_ms: int) -> Look | None:
    """The measures of one frame; None where the mesh sees no face."""
    if sight.presence < SURE or not np.isfinite(sight.points).all():
        return None
    read = sight.points[READ].tolist()
    right_cheek, left_cheek, nose, forehead, chin, upper_lip, lower_lip = read[12:]
    x, y = left_cheek[0] - right_cheek[0], left_cheek[1] - right_cheek[1]
    length = x * x + y * y
    if length < 1:
        return None
    turn = ((nose[0] - right_cheek[0]) * x + (nose[1] - right_cheek[1]) * y) / length - 0.5
    height = math.dist(chin, forehead)
    mouth = math.dist(upper_lip, lower_lip) / max(height, 1e-6)
    opening = (eye_opening(read[:6]) + eye_opening(read[6:12])) / 2
    return Look(now_ms, opening, mouth, turn, height / math.sqrt(length), sight.points, sight.chip)


def eye_opening(eye: list[list[float]]) -> float:
    """The eye aspect ratio of Soukupova and Cech (2016) of outer corner, top, top, inner corner, low, low."""
    outer, top, top2, inner, low2, low = eye
    return (math.dist(top, low) + math.dist(top2, low2)) / max(2 * math.dist(outer, inner), 1e-6)


def asked(random: Random, blink: bool) -> list[Task]:
    """A turn and a blink, or where none can be told an open mouth; the side and the order by chance."""
    chance = random(1)[0]
    side, still = Task.LEFT if chance & 1 else Task.RIGHT, Task.BLINK if blink else Task.MOUTH
    return [still, side] if chance & 2 else [side, still]


class Challenge:
    """One try of one person, from the first frontal look on. `random(n)` gives n bytes nobody can foresee; without
    `blink` the mouth is asked for, whatever the eyes."""

    def __init__(self, random: Random, now_ms: int, limit_ms: int = LIMIT_MS, *, blink: bool = True) -> None:
        self._random, self._limit_ms, self._blink = random, limit_ms, blink
        self._tasks = [Task.FACE]
        self._until = now_ms + limit_ms
        self._seen_at = now_ms
        self._looks: list[Look] = []
        self._turned = Task.FACE  # the task before this one
        self._since = 0  # the look at which the present task began
        self._ended: Step | None = None

    @property
    def task(self) -> Task:
        """What is asked now; the last task when all is over."""
        return self._tasks[0]

    def again(self, now_ms: int) -> "Challenge":
        """Another try, drawn anew. Who was not seen to blink opens the mouth; the turn is asked of everybody."""
        return Challenge(self._random, now_ms, self._limit_ms, blink=self.task is not Task.BLINK)

    def see(self, look: Look | None, now_ms: int) -> Step:
        """One frame. After Proven or Failed the answer stays the same."""
        if self._ended is None:
            step = self._step(look, now_ms)
            if isinstance(step, Asking):
                return step
            self._ended = step
        return self._ended

    def _step(self, look: Look | None, now_ms: int) -> Step:
        if now_ms > self._until:
            return Failed(Why.TOO_SLOW)
        if look is None:
            return Failed(Why.LOST) if self._looks and now_ms - self._seen_at > GAP_MS else Asking(self.task)
        if self._looks and now_ms - self._seen_at > GAP_MS:
            return Failed(Why.LOST)
        if self._looks and jumped(self._looks[-1], look):
            return Failed(Why.JUMPED)
        self._seen_at = now_ms
        if not self._looks:
            return self._begin(look, now_ms)
        self._looks.append(look)
        return self._measured()

    def _begin(self, look: Look, now_ms: int) -> Step:
        if abs(look.turn) <= FRONT:
            self._tasks = asked(self._random, self._blink and look.opening >= NARROW_EYES)
            self._turned = Task.FACE
            self._until = now_ms + self._limit_ms
            self._looks.append(look)
        return Asking(self.task)

    def _measured(self) -> Step:
        looks, start = self._looks[self._since :], self._looks[0]
        if wrong_move(self.task, self._turned, looks[-1].turn - start.turn):
            return Failed(Why.WRONG_MOVE)
        if not done(self.task, looks, start):
            return Asking(self.task)
        if len(self._tasks) > 1:
            self._turned = self._tasks.pop(0)
            self._since = len(self._looks) - 1
            return Asking(self.task)
        return self._solid()

    def _solid(self) -> Proven | Failed:
        left = max(self._looks, key=lambda look: look.turn)
        right = min(self._looks, key=lambda look: look.turn)
        if flatness_miss(right.points, left.points) < PLANE:
            return Failed(Why.FLAT)
        start = self._looks[0]
        aside = [(look.turn - start.turn, look.chip) for look in self._looks]
        line, plane = nose(start.chip, aside)
        return Proven() if line >= NOSE[0] and plane >= NOSE[1] else Failed(Why.ROLLED)


def jumped(before: Look, look: Look) -> bool:
    """Whether a head could not have moved like that in the time."""
    return abs(look.turn - before.turn) > STEP_MOST * max(1.0, (look.at - before.at) / 100)


def wrong_move(task: Task, before: Task, turn: float) -> bool:
    """Whether the head turned where it was not asked to; in the task after a turn it may come back from it."""
    leftwards = Task.LEFT in (task, before)
    rightwards = Task.RIGHT in (task, before)
    return (turn > TURN_WRONG and not leftwards) or (turn < -TURN_WRONG and not rightwards)


def done(task: Task, looks: list[Look], start: Look) -> bool:
    """Whether the looks since the task was asked show it."""
    if task is Task.BLINK:
        return blinked(looks, start)
    return opened(looks) if task is Task.MOUTH else turned(looks, start, 1 if task is Task.LEFT else -1)


def turned(looks: list[Look], start: Look, side: int) -> bool:
    """Far enough to that side, by way of what lies between."""
    path = [side * (look.turn - start.turn) for look in looks]
    return path[-1] >= TURN_LEAST and any(BEGUN < turn < TURN_LEAST for turn in path)


def blinked(looks: list[Look], start: Look) -> bool:
    """Lids that met and parted while the head stood still, measured against the open eyes before."""
    still = [look for look in looks if abs(look.turn - looks[-1].turn) <= TURN_STILL]
    if len(still) < BLINK_FRAMES[0] + 2:
        return False
    level = float(np.median([look.opening for look in still]))
    level = max(level, float(np.quantile([look.opening for look in still], 0.7)))
    shut = [look.opening <= level - BLINK_DROP for look in still]
    if shut[-1] or not any(shut):
        return False
    last = max(index for index, closed in enumerate(shut) if closed)
    first = last
    while first and shut[first - 1]:
        first -= 1
    frames = last - first + 1
    steady = np.ptp([look.shape for look in still[max(0, first - 1) : last + 2]]) <= SHAPE_STILL * still[last].shape
    return first > 0 and BLINK_FRAMES[0] <= frames <= BLINK_FRAMES[1] and bool(steady)


def opened(looks: list[Look]) -> bool:
    """Lips that parted, on the way seen between shut and wide, while the head stood still; measured against the least
    gap since it was asked, as some smile when they are asked."""
    gaps = [look.mouth for look in looks if abs(look.turn - looks[-1].turn) <= TURN_STILL]
    shut = min(range(len(gaps)), key=gaps.__getitem__)
    after = [gap - gaps[shut] for gap in gaps[shut:]]
    wide = max(after)
    on_the_way = any(MOUTH_BEGUN < gap < MOUTH_BETWEEN * wide for gap in after[: after.index(wide)])
    return on_the_way and sum(gap >= MOUTH_OPEN for gap in after) >= MOUTH_FRAMES
