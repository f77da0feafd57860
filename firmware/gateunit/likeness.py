"""Who among the people kept looks like a newcomer of another home: enrolled twice, or only alike.

Compared are mean templates of one model. Whom a newcomer resembles never leaves the vault: what is said is that there
is somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gateface import FaceError, unpacked
from gateface.embed import unit
from gateface.manifest import Floors

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
