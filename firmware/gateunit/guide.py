"""Which frames of a capture become photos, and what the person is told meanwhile: defects first, then the next step.

Five frames are wished for: straight, a step back, other light, with or without glasses, turned a little. A frame counts
when it holds one usable face of the same person, some time after the last, and differs from every frame kept so far:
the same pose five times is one photo. What could not be varied is told at the end, not insisted on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gatecore import feedback, intake
from gateface import Defect, Face
from gateface.manifest import REPEAT, SAME, Floors
from gateface.visit import BYSTANDER

GAP_MS = 700  # between two photos
DISTANCES = 1.15  # ratio of eye distances that makes two distances
LIGHTS = 12.0  # grey levels that make two lights
ANGLES = 0.06  # eye distances the nose moves by
AWAY_MS = 20_000  # nobody there for so long: it is said
GONE_MS = 180_000  # nothing came for so long: the capture ends by itself

DEFECTS = {
    Defect.TOO_SMALL: feedback.COME_CLOSER,
    Defect.TURNED: feedback.LOOK_HERE,
    Defect.DARK: feedback.MORE_LIGHT,
    Defect.COVERED: feedback.UNCOVER,
    Defect.BLURRED: intake.BLURRED,
    Defect.BRIGHT: intake.BRIGHT,
    Defect.CUT_OFF: intake.CUT_OFF,
}


@dataclass(slots=True)
class Guide:
    """Sees every frame of one capture. `kept` are the faces that became photos; `reasons` what is told now. Of another
    embedder than the one that ships the capture says by which cosines (`same`, `repeat` of manifest.Floors) it goes."""

    same: float = SAME  # to the first photo: 0.07 % of other people's pictures reach it too (LFW)
    repeat: float = REPEAT  # below it two pictures of one person differ by themselves
    kept: list[Face] = field(default_factory=list)
    reasons: tuple[int, ...] = (intake.STRAIGHT,)
    _began: int | None = None
    _taken: int = 0
    _seen: int = 0

    def see(self, faces: Sequence[Face], mono: int) -> Face | None:
        """The face to keep of this frame, if any; `reasons` says why not, and what to do next."""
        if self._began is None:
            self._began = self._taken = self._seen = mono
        near = alone(faces)
        self._seen = mono if near else self._seen
        wrong = self.judge(near)
        if wrong:
            away = wrong == intake.NO_FACE and mono - self._seen >= AWAY_MS
            self.reasons = (intake.WALKED_AWAY if away else wrong, *self._next())
            return None
        if self.kept and mono - self._taken < GAP_MS:
            return None
        self._taken = mono
        self.keep(near[0])
        return near[0]

    def judge(self, faces: Sequence[Face]) -> int:
        """The reason why these faces of one picture make no photo; 0 when they do."""
        if not faces:
            return intake.NO_FACE
        if len(faces) > 1:
            return feedback.ONE_AT_A_TIME
        face = faces[0]
        if face.quality.defects:
            return DEFECTS[face.quality.defects[0]]
        if self.kept and float(face.template @ self.kept[0].template) < self.same:
            return intake.OTHER_PERSON
        return 0 if all(differs(face, other, self.repeat) for other in self.kept) else intake.SAME_POSE

    def goes_by(self, floors: Floors | None) -> None:
        """The cosines measured for the embedder that makes the templates."""
        if floors is not None:
            self.same, self.repeat = floors.same, floors.repeat

    def keep(self, face: Face) -> None:
        """Counts a photo; the next step is told."""
        self.kept.append(face)
        self.reasons = self._next()

    def over(self, mono: int) -> bool:
        """Whether the person has gone for good, or nothing has come of it for minutes."""
        return self._began is not None and mono - max(self._taken, self._began) >= GONE_MS

    def lacking(self) -> tuple[int, ...]:
        """What all photos have in common and should not: one distance, one light, too few."""
        eyes = [face.quality.eyes for face in self.kept]
        light = [face.quality.brightness for face in self.kept]
        found = {
            intake.FEW_PHOTOS: len(self.kept) < 3,
            intake.ONE_DISTANCE: not eyes or max(eyes) < DISTANCES * min(eyes),
            intake.ONE_LIGHT: not light or max(light) - min(light) < LIGHTS,
        }
        return tuple(reason for reason, holds in found.items() if holds)

    def _next(self) -> tuple[int, ...]:
        """The step that brings most: what is lacking goes before what comes in order."""
        if not self.kept:
            return (intake.STRAIGHT,)
        if len(self.kept) >= len(intake.WISHES):
            return ()
        lacking = self.lacking()
        if len(self.kept) > 1 and intake.ONE_DISTANCE in lacking:
            return (intake.STEP_BACK,)
        if len(self.kept) > 2 and intake.ONE_LIGHT in lacking:
            return (intake.OTHER_LIGHT,)
        return (intake.WISHES[len(self.kept)],)


def differs(face: Face, other: Face, repeat: float = REPEAT) -> bool:
    """Whether two pictures of one person are two photos: by distance, light, angle, or in themselves."""
    one, two = face.quality, other.quality
    return (
        max(one.eyes, two.eyes) >= DISTANCES * min(one.eyes, two.eyes)
        or abs(one.brightness - two.brightness) >= LIGHTS
        or max(abs(one.turn - two.turn), abs(one.nod - two.nod)) >= ANGLES
        or float(face.template @ other.template) < repeat
    )


def alone(faces: Sequence[Face]) -> list[Face]:
    """Without people far behind: as before a door, a face half as large as the nearest one disturbs nobody."""
    return [face for face in faces if face.quality.eyes >= BYSTANDER * faces[0].quality.eyes]
