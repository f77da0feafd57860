"""How sure is sure: the accepting scores of one gallery, and whether it may be searched freely at all.

Measured background in docs/models.md. The score of a match is m = s1 + margin * (s1 - s2): cosine to the best person,
and how far the best person of another home lies behind. Its thresholds rise with the number of frames and hardly depend
on how many people are enrolled, so three numbers per way suffice. A gallery of 30 or more also judges itself: its
residents stand in for strangers, and where they come too near to each other it raises the thresholds and stops free
search.
"""

from dataclasses import dataclass
from enum import StrEnum

from .errors import TemplateRefused
from .gallery import Gallery, Match
from .manifest import Floors, Model
from .selfcheck import Tail, look_alikes, stranger_tail, unrecognised

ENOUGH_TO_JUDGE = 30
ENOUGH_PHOTOS = 3
PROMISE = 0.001


class Closed(StrEnum):
    """Why a door does not search freely and asks for the home number first. POLICY: the estate decided so."""

    POLICY = "policy"
    FEW_PHOTOS = "few_photos"
    TOO_MANY_PEOPLE = "too_many_people"
    TOO_ALIKE = "too_alike"
    HARD_TO_RECOGNISE = "hard_to_recognise"
    NO_FLOORS = "no_floors"
    PAUSED = "paused"
    LOOK_ALIKE = "look_alike"
    NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True)
class Rule:
    """The thresholds of one gallery. Never below the model's floors: a Rule that is, cannot be made.

    `search` and `home` are the accepting scores for 1, 2, 3 frames; `closed` says why free search is off (empty: it is
    on); `home_only` are people whose look-alikes live in another home.
    """

    model: Model
    search: tuple[float, ...]
    home: tuple[float, ...]
    closed: tuple[Closed, ...] = ()
    home_only: frozenset[bytes] = frozenset()
    gap_ms: int = 400
    gone_ms: int = 700
    claims: int = 3

    def __post_init__(self) -> None:
        floors = self.model.floors
        if floors is None:
            if not self.closed:
                raise TemplateRefused("other_model", f"{self.model.id} has no measured floors")
            return
        for ours, least in ((self.search, floors.search), (self.home, floors.home)):
            if len(ours) != len(least) or not all(t >= floor for t, floor in zip(ours, least, strict=True)):
                raise ValueError("a threshold below its measured floor")
        if self.gap_ms < 400:
            raise ValueError("frames less than 400 ms apart count as one")

    @property
    def frames(self) -> int:
        """The most frames any decision uses."""
        return len(self.home)

    def most_frames(self, match: Match) -> int:
        """How many frames may be tried for this person: one less than there are photos, at least one."""
        return max(1, min(self.frames, match.photos - 1))

    def threshold(self, match: Match, frames: int, claimed: bool) -> float:
        """The score that `frames` frames need. Trying several numbers of frames costs `several` each time."""
        level = self.home if claimed else self.search
        several = self.model.floors.several if self.model.floors else 0.0
        return level[frames - 1] + (several if self.most_frames(match) > 1 else 0.0)

    def accepts(self, match: Match, others: int, frames: int, claimed: bool) -> bool:
        """Whether the match opens; `others` is the number of people enrolled in other homes."""
        if self.model.floors is None or not 1 <= frames <= self.most_frames(match):
            return False
        return self.score(match, others, frames) >= self.threshold(match, frames, claimed)

    def score(self, match: Match, others: int, frames: int) -> float:
        """The margin score; -1 for a model without floors."""
        return margin_score(match, others, frames, self.model.floors) if self.model.floors else -1.0


def margin_score(match: Match, others: int, frames: int, floors: Floors) -> float:
    """s1 + margin * (s1 - s2). Where fewer than `crowd_size` others are enrolled, s2 is at least the `crowd` value."""
    other = match.other if match.other is not None else -1.0
    if others < floors.crowd_size:
        other = max(other, floors.crowd[frames - 1])
    return match.score + floors.margin * (match.score - other)


def rule_for(model: Model, gallery: Gallery, promise: float = PROMISE) -> Rule:
    """The rule of one gallery: floors, raised by its own evidence; `promise` is the share of strangers let in."""
    gallery.require(model.id)
    floors = model.floors
    if floors is None:
        return Rule(model, (), (), (Closed.NO_FLOORS,))
    small = len(gallery) <= floors.people
    tails = tails_of(gallery, floors) if small and len(gallery) >= ENOUGH_TO_JUDGE else []
    search = tuple(
        max(floor, tail.threshold(3 * promise)) if tail else floor
        for floor, tail in zip(floors.search, tails or [None] * len(floors.search), strict=True)
    )
    closed = reasons_to_close(gallery, floors, tails, promise)
    alike = look_alikes(gallery, search[0] - 0.005) if small else frozenset()
    return Rule(model, search, floors.home, closed, alike)


def tails_of(gallery: Gallery, floors: Floors) -> list[Tail | None]:
    """How near residents come to each other, for each number of frames; None where photos are too few."""
    return [stranger_tail(gallery, frames, floors.margin) for frames in range(1, len(floors.search) + 1)]


def reasons_to_close(gallery: Gallery, floors: Floors, tails: list[Tail | None], promise: float) -> tuple[Closed, ...]:
    """Why this gallery must not be searched freely."""
    few = sum(len(person.photos) < ENOUGH_PHOTOS for person in gallery.people)
    alike = (
        tail is not None and tail.share_above(floor) > 3 * promise  # of one k; `several` is for what all k let in
        for tail, floor in zip(tails, floors.search, strict=False)
    )
    reasons = {
        Closed.FEW_PHOTOS: few > 0.05 * len(gallery),
        Closed.TOO_MANY_PEOPLE: len(gallery) > floors.people,
        Closed.TOO_ALIKE: any(alike),
        Closed.HARD_TO_RECOGNISE: bool(tails) and unrecognised(gallery, floors.search[0], floors.margin) > 0.10,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
