"""A gallery measures its own danger: residents, seen through their own photos, stand in for strangers.

The k photos of a resident, averaged, are scored against everybody of other homes; the upper fifth of those scores is
modelled by a generalised Pareto tail of shape -0.1. Against real strangers this predicted their share within about a
factor of two, on the safe side on average, for strangers who look like the residents (docs/models.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from .embed import unit
from .gallery import Gallery, Person, unpacked

SHAPE = 0.1  # minus xi
TAIL = 0.2  # the share of scores above the tail's start
WIDENED = 1.1
SUBSETS = 10


@dataclass(frozen=True, slots=True)
class Tail:
    """Scores of strangers above their 80 % quantile `start`; `scale` is widened by a tenth."""

    start: float
    scale: float

    def threshold(self, share: float) -> float:
        """The score that `share` (at most 0.2) of strangers would reach."""
        return self.start + self.scale / SHAPE * (1 - float((share / TAIL) ** SHAPE))

    def share_above(self, score: float) -> float:
        """The share of strangers at or above `score`; 0.2 stands for 0.2 or more."""
        if score <= self.start:
            return TAIL
        left = 1 - SHAPE * (score - self.start) / max(self.scale, 1e-12)
        return float(TAIL * max(0.0, left) ** (1 / SHAPE))


def stranger_tail(gallery: Gallery, frames: int, margin: float) -> Tail | None:
    """The tail for `frames` averaged photos; None if fewer than 30 scores can be made."""
    scores = [
        score
        for person in gallery.people
        for probe in probes(person, frames)
        if (score := scored(gallery, probe, person.home, margin)) is not None
    ]
    return tail_of(scores) if len(scores) >= 30 else None


def tail_of(scores: Sequence[float] | NDArray[np.float32]) -> Tail:
    """The tail of strangers' scores."""
    values = np.asarray(scores, np.float64)
    start = float(np.quantile(values, 1 - TAIL))
    excess = values[values > start] - start
    return Tail(start, WIDENED * float(excess.mean()) if len(excess) else 0.0)


def probes(person: Person, frames: int) -> Iterator[NDArray[np.float32]]:
    """Unit means of choices of `frames` photos, at most ten."""
    photos = [unpacked(stored) for stored in person.photos]
    return islice((unit(np.sum(chosen, axis=0)) for chosen in combinations(photos, frames)), SUBSETS)


def scored(gallery: Gallery, probe: NDArray[np.float32], without: str, margin: float) -> float | None:
    """The margin score of a probe against all homes but one; None where fewer than two homes are left."""
    scores = gallery.scores(probe)
    scores[slice(*gallery.homes[without])] = -2
    best = int(scores.argmax())
    score = float(scores[best])
    scores[slice(*gallery.homes[gallery.people[best].home])] = -2
    other = float(scores.max())
    return score + margin * (score - other) if other > -2 else None


def unrecognised(gallery: Gallery, threshold: float, margin: float) -> float:
    """The share of residents of three photos or more none of whose photos finds them by the other ones, and of whom
    the door has learned nothing yet."""
    asked = [at for at, person in enumerate(gallery.people) if len(person.photos) >= 3]
    unknown = [at for at in asked if not gallery.people[at].learned]
    missed = sum(not found_by_the_rest(gallery, at, threshold, margin) for at in unknown)
    return missed / len(asked) if asked else 0.0


def found_by_the_rest(gallery: Gallery, at: int, threshold: float, margin: float) -> bool:
    """Leave one out: does any photo of the person reach the threshold against the mean of the person's others?"""
    person = gallery.people[at]
    photos = np.stack([unpacked(stored) for stored in person.photos])
    outside = slice(*gallery.homes[person.home])
    for one in range(len(photos)):
        score = float(unit(np.delete(photos, one, 0).sum(0)) @ photos[one])
        scores = gallery.scores(photos[one])
        scores[outside] = -1
        if score + margin * (score - float(scores.max())) >= threshold:
            return True
    return False


def look_alikes(gallery: Gallery, limit: float) -> frozenset[bytes]:
    """People to whom somebody of another home lies at a cosine of `limit` or more."""
    found = set()
    for at, person in enumerate(gallery.people):
        scores = gallery.vectors @ gallery.vectors[at]
        scores[slice(*gallery.homes[person.home])] = -1
        if scores.max() >= limit:
            found.add(person.person)
    return frozenset(found)
