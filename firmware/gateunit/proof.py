"""A recognised face shows that it is alive: what the person is asked, and that it is the same person all the while.

The challenge (gateface.liveness) measures life, not identity; whoever opens with a photo and blinks himself must not
pass. So the face is followed without a break, and every frontal frame of the proof, at least `GAP_MS` apart, is
compared again: each must be of the person accepted (as like them as 94 % of a person's pictures are, Floors.same), and
their mean must pass the rule for a named home. The last of them is taken after the challenge has been passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatecore import feedback
from gateface import Engine, Face, Found, Opened, TemplateRefused, Visit
from gateface.embed import unit
from gateface.face import Template, overlap
from gateface.liveness import Asking, Challenge, Failed, Look, Task, Why, looked
from gateface.mesh import Mesh
from gateface.visit import BYSTANDER, SAME_PLACE
from gateunit.infrared import shares
from gateunit.ports import Infrared, Picture, Random

TRIES = 2
GAP_MS = 400
FACING_MS = 2_000  # to look at the camera again after the moves
ANOTHER, UNLIKE = "another_face", "unlike"  # a frame of somebody else; all of them too little like the person

SAYS = {
    Task.FACE: feedback.LOOK_HERE,
    Task.LEFT: feedback.TURN_LEFT,
    Task.RIGHT: feedback.TURN_RIGHT,
    Task.BLINK: feedback.BLINK,
    Task.MOUTH: feedback.OPEN_MOUTH,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What one frame gave: the followed face alone in view, with its template where one was due."""

    face: Found
    look: Look | None


class Proof:
    """Construct when a face was accepted; `see` each frame until `ended`. `hint` is what the screen says now; `why` is
    what the last try failed by."""

    def __init__(self, opened: Opened, sure: bool, face: Found, random: Random, mono: int) -> None:
        self.opened, self.sure = opened, sure
        self._box = face.box
        self._tries = TRIES
        self._challenge = Challenge(random, mono)
        self._facing_until = 0
        self._taken_at = -GAP_MS
        self._templates: list[Template] = []
        self.ended: bool | None = None
        self.why = ""

    @property
    def hint(self) -> int:
        """A reason of gatecore.feedback."""
        return feedback.LOOK_HERE if self._facing_until else SAYS[self._challenge.task]

    def measure(
        self, engine: Engine, mesh: Mesh, picture: Picture, found: Sequence[Found], mono: int, eye: Infrared | None
    ) -> Shown | None:
        """The slow part, for another thread: the followed face's measures. None where it is not alone, or is no face
        in infrared."""
        face = max(found, key=lambda one: overlap(one.box, self._box), default=None)
        if face is None or overlap(face.box, self._box) < SAME_PLACE:
            return None
        if any(one is not face and one.quality.eyes >= BYSTANDER * face.quality.eyes for one in found):
            return None
        height, width = picture.shape[:2]
        if eye is not None and eye.sees(shares(face.box, width, height), mono) is False:
            return None
        look = looked(mesh.points(picture, face), mono)
        due = face.quality.usable and mono - self._taken_at >= GAP_MS
        return Shown(engine.embed(picture, face) if due else face, look)

    def see(self, shown: Shown | None, visit: Visit, mono: int) -> None:
        """One frame. `ended` becomes True when life is proven, False when it will not be."""
        if shown is not None:
            self._box = shown.face.box
            if isinstance(shown.face, Face) and not self._take(shown.face, visit, mono):
                self.ended, self.why = False, ANOTHER
                return
        if self._facing_until:
            self._face_up(visit, mono)
            return
        step = self._challenge.see(None if shown is None else shown.look, mono)
        if isinstance(step, Failed):
            self._again(step.why, mono)
        elif not isinstance(step, Asking):
            self._facing_until = mono + FACING_MS

    def _take(self, face: Face, visit: Visit, mono: int) -> bool:
        """Keeps a template; False if it is somebody else's."""
        self._taken_at = mono
        self._templates.append(face.template)
        match, floors = visit.gallery.nearest(face.template), visit.rule.model.floors
        known = match is not None and match.person == self.opened.person
        return known and floors is not None and match is not None and match.score >= floors.same

    def _face_up(self, visit: Visit, mono: int) -> None:
        """After the moves: a frame since then, and all of them pass the rule for a named home."""
        if self._taken_at > self._facing_until - FACING_MS and self._same_person(visit):
            self.ended = True
        elif mono >= self._facing_until:
            self.ended, self.why = False, UNLIKE

    def _same_person(self, visit: Visit) -> bool:
        templates = self._templates[-visit.rule.frames :]
        for frames in range(1, len(templates) + 1):
            try:
                mean = unit(np.sum(templates[-frames:], axis=0, dtype=np.float32))
            except TemplateRefused:
                return False
            match = visit.gallery.nearest(mean, self.opened.home)
            if match is None or match.person != self.opened.person:
                continue
            if visit.rule.accepts(match, visit.gallery.others(match.home), frames, claimed=True):
                return True
        return False

    def _again(self, why: Why, mono: int) -> None:
        self._tries, self.why = self._tries - 1, why
        if self._tries:
            self._challenge = self._challenge.again(mono)
        else:
            self.ended = False

    def forget(self) -> None:
        """Overwrites the templates made for this proof."""
        for template in self._templates:
            template.fill(0)
        self._templates.clear()
