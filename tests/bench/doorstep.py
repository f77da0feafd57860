"""A visit before a door that asks every accepted face to show that it is alive: the parts of a unit, without the unit.

Recognition (gateface.visit), the proof with its two tries and its frames compared again (gateunit.proof), the detector,
the mesh and the embedder, as gateunit.sight calls them.
"""

from collections.abc import Callable

import numpy as np
from tests.face.actors import FRAME_MS, Actor, Cue
from tests.face.stage import Picture, Portrait

from gateface import Engine, Found, Gallery, Opened, Person, Visit, Waiting, packed, rule_for
from gateface.mesh import Mesh
from gateface.verdict import Hint
from gateunit.proof import SAYS, Proof

LONGEST_MS = 20_000
PROVEN, UNKNOWN, GONE = "proven", "not recognised", "gone"
TASKS = {reason: str(task) for task, reason in SAYS.items()}


def enrolled(engine: Engine, portrait: Portrait) -> Gallery:
    """The portrait's person, with three photos of one minute."""
    moved = [np.roll(portrait.pixels, step, (0, 1)) for step in ((0, 0), (3, -2), (-4, 3))]
    photos = tuple(packed(engine.faces(picture)[0].template) for picture in moved)
    return Gallery([Person(bytes(16), "101", photos, engine.model_id)], engine.model_id)


class Doorstep:
    """One door with one resident and whoever stands there."""

    def __init__(self, engine: Engine, mesh: Mesh, gallery: Gallery, random: Callable[[int], bytes]) -> None:
        self._engine, self._mesh, self._random = engine, mesh, random
        self._visit = Visit(rule_for(engine.model, gallery), gallery)
        self._proof: Proof | None = None

    def visited(self, actor: Actor) -> str:
        """PROVEN, or why the door does not open."""
        task, before, since = "", "", 0
        for now in range(0, LONGEST_MS, FRAME_MS):
            asked = TASKS[self._proof.hint] if self._proof is not None else ""
            if asked != task:
                task, before, since = asked, task, now
            ended = self._frame(actor(Cue(task, now - since, before)), now)
            if ended:
                return ended
        return UNKNOWN

    def _frame(self, picture: Picture, now: int) -> str:
        found = self._engine.detect(picture)
        return self._recognise(picture, found, now) if self._proof is None else self._prove(picture, found, now)

    def _recognise(self, picture: Picture, found: list[Found], now: int) -> str:
        wanted = self._visit.wants(found, now)
        seen = [self._engine.embed(picture, face) if face is wanted else face for face in found]
        verdict = self._visit.see(seen, now)
        if isinstance(verdict, Opened):
            self._proof = Proof(verdict, True, seen[0], self._random, now)
        return ""

    def _prove(self, picture: Picture, found: list[Found], now: int) -> str:
        proof = self._proof
        assert proof is not None
        shown = proof.measure(self._engine, self._mesh, picture, found, now, None)
        if self._visit.see(found, now) != Waiting(Hint.DONE):
            return GONE
        proof.see(shown, self._visit, now)
        return "" if proof.ended is None else PROVEN if proof.ended else str(proof.why)
