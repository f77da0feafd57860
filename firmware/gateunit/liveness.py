"""An accepted face is asked to show that it is alive, where the estate's rule wants that (gateunit.proof).

What was measured is told to the door, which decides; a door whose face mesh is refused says so, and proves nothing.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from gatecore import events
from gatecore.state import LIFE_OFF, LIFE_UNSURE
from gateface import Engine, Found, Hint, ModelRefused, Opened, Visit, Waiting, Way
from gateface.mesh import Mesh, open_mesh
from gateunit.held import Held
from gateunit.ports import Infrared, Picture, Random
from gateunit.proof import Proof

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Aside(Protocol):
    """Runs slow work on another thread."""

    def __call__(self, work: Callable[[], Result]) -> Awaitable[Result]:
        """What the work gave."""


class Liveness:
    """At most one proof at a time: `begin` it, `see` every frame while `asking`, `leave` when the face has gone."""

    def __init__(self, held: Held, aside: Aside, random: Random, infrared: Infrared | None) -> None:
        self._held, self._aside, self._random, self._infrared = held, aside, random, infrared
        self._proof: Proof | None = None
        self.mesh: Mesh | None = None

    @property
    def asking(self) -> bool:
        """Whether somebody is being asked."""
        return self._proof is not None

    @property
    def hint(self) -> int:
        """What the person is to do now, a reason of gatecore.feedback; only while `asking`."""
        assert self._proof is not None
        return self._proof.hint

    async def begin(self, opened: Opened, sure: bool, face: Found, mono: int) -> events.FaceSeen | None:
        """What the door is told of an accepted face at once; None where a proof is asked for first."""
        rule = self._held.state.life
        if rule == LIFE_OFF or (rule == LIFE_UNSURE and sure) or not await self._can_prove():
            return seen(opened, sure, events.LIFE_UNASKED)
        self._proof = Proof(opened, sure, face, self._random, mono)
        return None

    async def see(
        self, engine: Engine, visit: Visit, picture: Picture, found: list[Found], mono: int
    ) -> events.FaceSeen | None:
        """One frame; what the door is told once the proof has ended."""
        proof, mesh, eye = self._proof, self.mesh, self._infrared
        assert proof is not None
        assert mesh is not None
        shown = await self._aside(lambda: proof.measure(engine, mesh, picture, found, mono, eye))
        if visit.see(found, mono) != Waiting(Hint.DONE):
            proof.ended = False  # the face has gone, or is another
        else:
            proof.see(shown, visit, mono)
        return None if proof.ended is None else self._end(proof)

    def leave(self) -> events.FaceSeen | None:
        """The face has gone; what the door is told if a proof was under way."""
        return None if self._proof is None else self._end(self._proof)

    def forget(self) -> None:
        """The visitor has gone: what the infrared eye keeps of him goes too. On the thread that looks."""
        if self._infrared is not None:
            self._infrared.forget()

    def _end(self, proof: Proof) -> events.FaceSeen:
        self._proof = None
        proof.forget()
        if not proof.ended:
            log.info("an accepted face has not shown that it is alive: %s", proof.why or "gone")
        return seen(proof.opened, proof.sure, events.LIFE_PROVEN if proof.ended else events.LIFE_NOT_PROVEN)

    async def _can_prove(self) -> bool:
        if self.mesh is None:
            try:
                self.mesh = await self._aside(open_mesh)
            except ModelRefused as wrong:
                log.error("no face can show that it is alive: %s", wrong)
        return self.mesh is not None


def seen(opened: Opened, sure: bool, live: int) -> events.FaceSeen:
    """An accepted face as the door hears of it."""
    return events.FaceSeen(opened.person, opened.way is Way.HOME, live, sure)
