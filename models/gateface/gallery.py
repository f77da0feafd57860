"""Enrolled people: int8 templates at rest, one float32 matrix in memory, one matrix-vector product to search.

A person's vector is p = unit(mean of the photos' unit vectors). Measured against float32 templates the int8 ones lose
0.02 points of TAR at FAR 1e-4, so 128 bytes a photo is all that is stored (docs/models.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from .embed import unit
from .errors import TemplateRefused
from .face import Template

SCALE = 127 / 0.45  # components of unit vectors in 128 dimensions stay under 0.45 in magnitude
LEARNED = 10
BATCH = 8192


def packed(template: Template) -> bytes:
    """A unit vector as D signed bytes."""
    require_unit(template)
    levels: NDArray[np.int8] = np.clip(np.rint(template * SCALE), -127, 127).astype(np.int8)
    return levels.tobytes()


def unpacked(stored: bytes) -> Template:
    """The unit vector of `packed` bytes, each component to about 0.002; TemplateRefused if there is no direction."""
    return unit(np.frombuffer(stored, np.int8).astype(np.float32))


def require_unit(template: Template) -> None:
    """TemplateRefused unless float32[D], finite and of length one."""
    if not isinstance(template, np.ndarray) or template.dtype != np.float32 or template.ndim != 1:
        raise TemplateRefused("wrong_size", "float32[D] expected")
    if not np.isfinite(template).all():
        raise TemplateRefused("not_finite", "a template with a number that is none")
    if abs(float(template @ template) - 1) > 1e-3:
        raise TemplateRefused("not_unit", "a template must have length one")


@dataclass(frozen=True, slots=True)
class Person:
    """One resident. `photos` are packed templates from the desk, never replaced; `learned` come from confirmed
    openings, at most one a day and ten in all. `model` is the embedder's id."""

    person: bytes
    home: str
    photos: tuple[bytes, ...]
    model: str
    learned: tuple[bytes, ...] = ()
    learned_day: int = -1

    def __post_init__(self) -> None:
        if len(self.person) != 16:
            raise TemplateRefused("wrong_person", "a person is 16 bytes")
        if not self.photos:
            raise TemplateRefused("empty", "a person needs at least one template")
        if len({len(stored) for stored in self.photos + self.learned}) != 1:
            raise TemplateRefused("wrong_size", "templates of different sizes")

    def having_learned(self, stored: bytes, day: int) -> "Person":
        """With one more packed template from `Visit.learnable`, on day `day` of any one calendar that only grows.

        The same person where something was learned that day or later already. Ten are kept, the oldest goes first;
        desk photos are never touched. TemplateRefused for a template of another size or without direction.
        """
        if day <= self.learned_day:
            return self
        if len(stored) != len(self.photos[0]):
            raise TemplateRefused("wrong_size", f"{len(self.photos[0])} components expected")
        unpacked(stored)
        return replace(self, learned=(*self.learned, stored)[-LEARNED:], learned_day=day)


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest person, its cosine `score`, and the best cosine of another home (None if there is no other)."""

    person: bytes
    home: str
    score: float
    other: float | None
    photos: int


class Gallery:
    """Immutable and shareable between threads. People of a home lie side by side."""

    def __init__(self, people: Iterable[Person], model: str) -> None:
        self.people: tuple[Person, ...] = tuple(sorted(people, key=lambda person: person.home))
        self.model = model
        for person in self.people:
            if person.model != model:
                raise TemplateRefused("other_model", f"a template of {person.model}, this gallery is of {model}")
        if len({person.person for person in self.people}) != len(self.people):
            raise TemplateRefused("twice", "the same person twice")
        self.vectors = _vectors(self.people)
        self.homes = _ranges(self.people)

    def __len__(self) -> int:
        return len(self.people)

    def require(self, model: str) -> None:
        """TemplateRefused if this gallery was made by another model."""
        if self.model != model:
            raise TemplateRefused("other_model", f"the gallery is of {self.model}, the engine of {model}")

    def check(self, template: Template) -> None:
        """TemplateRefused unless this template can be compared here."""
        require_unit(template)
        if len(self.people) and template.size != self.vectors.shape[1]:
            raise TemplateRefused("wrong_size", f"{self.vectors.shape[1]} components expected")

    def scores(self, template: Template) -> NDArray[np.float32]:
        """Cosine to every person, float32[N], in the order of `people`."""
        self.check(template)
        if not self.people:
            return np.zeros(0, np.float32)
        found: NDArray[np.float32] = self.vectors @ template
        return found

    def nearest(self, template: Template, home: str | None = None) -> Match | None:
        """The nearest person of all, or of one home, against the best of any other home."""
        scores = self.scores(template)
        if home is not None and home not in self.homes:
            return None
        if not len(scores):
            return None
        first, end = self.homes[home] if home is not None else (0, len(scores))
        best = first + int(scores[first:end].argmax())
        person = self.people[best]
        first, end = self.homes[person.home]
        others = [float(part.max()) for part in (scores[:first], scores[end:]) if part.size]
        return Match(
            person.person,
            person.home,
            float(scores[best]),
            max(others) if others else None,
            len(person.photos) + len(person.learned),
        )

    def others(self, home: str) -> int:
        """How many people live in other homes."""
        first, end = self.homes.get(home, (0, 0))
        return len(self.people) - (end - first)


def _ranges(people: Sequence[Person]) -> dict[str, tuple[int, int]]:
    """home -> (first, end) in the sorted people."""
    found: dict[str, tuple[int, int]] = {}
    at = 0
    for home, group in groupby(people, key=lambda person: person.home):
        size = sum(1 for _ in group)
        found[home] = (at, at + size)
        at += size
    return found


def _vectors(people: Sequence[Person]) -> NDArray[np.float32]:
    """float32[N, D], one unit vector a person, computed in batches so that 100,000 people need little memory.

    Component after component (Fortran order): a search reads memory straight on and takes two thirds of the time.
    """
    if not people:
        return np.zeros((0, 0), np.float32)
    size = len(people[0].photos[0])
    vectors = np.empty((len(people), size), np.float32, order="F")
    for at in range(0, len(people), BATCH):
        batch = people[at : at + BATCH]
        if any(len(person.photos[0]) != size for person in batch):
            raise TemplateRefused("wrong_size", "people with templates of different sizes")
        vectors[at : at + len(batch)] = _means(batch, size)
    return vectors


def _means(people: Sequence[Person], size: int) -> NDArray[np.float32]:
    stored = [part for person in people for part in person.photos + person.learned]
    photos = np.frombuffer(b"".join(stored), np.int8).reshape(-1, size).astype(np.float32)
    photos = _units(photos)
    counts = [len(person.photos) + len(person.learned) for person in people]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return _units(np.add.reduceat(photos, starts, axis=0))


def _units(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt((rows * rows).sum(1, keepdims=True))
    if not (lengths > 1e-6).all():
        raise TemplateRefused("not_finite", "a stored template without direction")
    units: NDArray[np.float32] = rows / lengths
    return units
