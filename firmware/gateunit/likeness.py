"""Who among the people kept looks like a newcomer of another home: enrolled twice, or only alike.

Compared are mean templates of one model. Whom a newcomer resembles never leaves the vault: what is said is that there
is somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gatecore import intake
from gateface import FaceError, unpacked
from gateface.embed import unit
from gateface.manifest import Floors

MOST_ASKED = 3  # guesses about whom a face belongs to, a person
MOST_REFUSED = 64  # refused newcomers remembered
# Measured on half of LFW, mean of 3 photos against mean of 3 others of the same 39 people: 77 % reach the first floor
# of free search (0.980), 92 % reach it less 0.005; of 18,528 pairs of different people the nearest had 0.964.
ALIKE_BELOW = 0.005  # as gateface.rule: nearer than this to the floor are look-alikes


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody kept: packed templates, opened for the comparison only."""

    person: bytes
    home: str
    photos: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """People of other homes: `same` look like one and the same, `alike` near enough to be taken for each other."""

    same: frozenset[bytes]
    alike: frozenset[bytes]


def likeness(new: Known, kept: Iterable[Known], floors: Floors) -> Likeness:
    """Compares a newcomer with everybody of another home; the same person's own record is no twin."""
    mine = mean(new.photos)
    same, alike = set(), set()
    for one in kept:
        if one.person == new.person or one.home == new.home:
            continue
        try:
            score = float(mean(one.photos) @ mine)
        except (FaceError, ValueError):
            continue  # of another size, or without direction: nothing to compare
        if score >= floors.search[0]:
            same.add(one.person)
        elif score >= floors.search[0] - ALIKE_BELOW:
            alike.add(one.person)
    return Likeness(frozenset(same), frozenset(alike))


def mean(photos: Iterable[bytes]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """The unit mean of packed templates."""
    return unit(np.sum([unpacked(photo) for photo in photos], axis=0, dtype=np.float32))


@dataclass(slots=True)
class Refused:
    """A newcomer not enrolled because of `same`, and how often somebody has guessed who that is."""

    same: frozenset[bytes]
    asked: int = 0


class Twins:
    """Newcomers whose face is enrolled in another home: refused until the office has decided."""

    def __init__(self) -> None:
        self._refused: dict[bytes, Refused] = {}
        self._allowed: set[bytes] = set()

    def bar(self, person: bytes, same: frozenset[bytes]) -> bool:
        """Whether the newcomer is refused; a leave given by the office is used up."""
        if not same or person in self._allowed:
            self._allowed.discard(person)
            return False
        while len(self._refused) >= MOST_REFUSED:
            del self._refused[next(iter(self._refused))]  # the oldest: that person's capture is done again
        before = self._refused.get(person)
        self._refused[person] = Refused(same, before.asked if before else 0)
        return True

    def same(self, person: bytes, other: bytes) -> int:
        """Whether the refused person's face is `other`'s (intake.SAME_*); few guesses each: nobody asks round."""
        refused = self._refused.get(person)
        if refused is None:
            return intake.SAME_UNKNOWN
        if refused.asked >= MOST_ASKED:
            return intake.SAME_ENOUGH
        refused.asked += 1
        return intake.SAME_YES if other in refused.same else intake.SAME_NO

    def allow(self, person: bytes) -> None:
        """The office decided that the newcomer only looks like somebody else."""
        self._refused.pop(person, None)
        self._allowed.add(person)

    def forget(self, person: bytes) -> None:
        """Nothing is known of the person any more."""
        self._refused.pop(person, None)
        self._allowed.discard(person)
