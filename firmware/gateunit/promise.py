"""What a door can promise about faces with the people it carries now, and what would make it better.

Counted and estimated here, where the templates are open; the host is told numbers, and persons by their random name:
who should come for more photos, and who opens with face and home number. Who resembles whom is not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gatecore.intake import WAY_FREE, WAY_HOME, WAY_OFF
from gatecore.state import FACE_AT_HOME, FACE_FREE
from gateface import Closed, Gallery, Rule
from gateface.rule import ENOUGH_PHOTOS, ENOUGH_TO_JUDGE, PROMISE
from gateface.selfcheck import found_by_the_rest, look_alikes, stranger_tail
from gateunit.likeness import ALIKE_BELOW

WORST_GROUP = 0.02  # the nearest whole per cent to 2.1 % (95 %: 0.4 to 10.9) of the worst group measured: docs/adr/0203
MILLION = 1_000_000
MOST_NAMED = 1_000
POLICY = str(Closed.POLICY)  # the estate decided on the home number; not a reason of the gallery's
OTHER_MODEL = "other_model"  # some were enrolled with another embedder; no reason of the rule's either


@dataclass(frozen=True, slots=True)
class Promise:
    """`estimated` is the share of strangers like the residents whom free search would let in now; None where the
    gallery is too small, or too large, to judge itself."""

    way: int
    why: tuple[str, ...]
    people: int
    more_photos: tuple[bytes, ...]
    alike: tuple[bytes, ...]
    promised: float
    worst: float
    estimated: float | None
    model: str

    def fields(self) -> tuple[object, ...]:
        """Of a frames.PROMISE."""
        shares = [per_million(self.promised), per_million(self.worst)]
        shares.append(None if self.estimated is None else per_million(self.estimated))  # type: ignore[arg-type]
        named = [list(self.more_photos[:MOST_NAMED]), list(self.alike[:MOST_NAMED])]
        return (self.way, list(self.why), self.people, *named, shares, self.model)


def with_look_alikes(rule: Rule, gallery: Gallery) -> Rule:
    """The rule with everybody who has a look-alike in another home by the measured floor: look-alikes raise the
    gallery's own threshold, and must not thereby escape being told apart by their home numbers."""
    floors = rule.model.floors
    if floors is None or len(gallery) > floors.people:
        return rule
    return replace(rule, home_only=rule.home_only | look_alikes(gallery, floors.search[0] - ALIKE_BELOW))


def promise_of(rule: Rule, gallery: Gallery, mode: int, elsewhere: Iterable[bytes] = ()) -> Promise:
    """The promise of one gallery under its rule; `mode` is the door's face mode (gatecore.state.FACE_*), `elsewhere`
    who was enrolled with another embedder: they are not carried, and come again."""
    closed = tuple(str(reason) for reason in rule.closed)
    free = mode == FACE_FREE and not closed
    way = WAY_FREE if free else WAY_HOME if mode in (FACE_FREE, FACE_AT_HOME) else WAY_OFF
    left = set(elsewhere)
    why = (*([POLICY] if mode == FACE_AT_HOME else []), *closed, *([OTHER_MODEL] if left else []))
    return Promise(
        way=way,
        why=why,
        people=len(gallery),
        more_photos=tuple(sorted(left.union(weak(rule, gallery)))),
        alike=tuple(sorted(rule.home_only)),
        promised=PROMISE,
        worst=WORST_GROUP,
        estimated=estimate(rule, gallery),
        model=rule.model.id,
    )


def weak(rule: Rule, gallery: Gallery) -> Iterable[bytes]:
    """People with too few photos, or whom none of their photos finds by the others.

    The latter is free search's question, so it is not asked of more people than may be searched: each photo is
    compared with everybody, which at a gate of thousands would keep the next face waiting for minutes.
    """
    floors = rule.model.floors
    judged = floors is not None and len(gallery) <= floors.people
    for at, person in enumerate(gallery.people):
        few = len(person.photos) < ENOUGH_PHOTOS
        if few or (judged and floors and not found_by_the_rest(gallery, at, floors.search[0], floors.margin)):
            yield person.person


def estimate(rule: Rule, gallery: Gallery) -> float | None:
    """The largest share over the numbers of frames, at the thresholds in force."""
    floors = rule.model.floors
    if floors is None or not ENOUGH_TO_JUDGE <= len(gallery) <= floors.people:
        return None
    tails = [stranger_tail(gallery, frames, floors.margin) for frames in range(1, len(rule.search) + 1)]
    shares = [
        tail.share_above(threshold + floors.several)
        for tail, threshold in zip(tails, rule.search, strict=True)
        if tail is not None
    ]
    return max(shares) if shares else None


def per_million(share: float) -> int:
    """A share as it travels."""
    return min(MILLION, round(share * MILLION))
