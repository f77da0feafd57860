"""Open-set figures: which share of residents and of strangers reaches a score, by gallery size, photos and frames.

The score is the rule's (docs/models.md): m = s1 + 0.5 (s1 - s2), s2 the best of another home, four people to a home.
Galleries are drawn at random from the people with pictures enough; everybody else is a stranger to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .album import Album
from .evaluate import HOUSEHOLD, reached_by
from .selfcheck import tail_of

MARGIN = 0.5
TRIES = 4  # choices of frames per person and draw
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Setting:
    """A gallery of `residents` with `photos` photos each; visitors show `frames` frames."""

    residents: int
    photos: int
    frames: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Margin scores: residents' (-1 where somebody else was best) and strangers'; `cosines` are strangers' best.

    `people` and `tried` are how many different residents and strangers made them: many visits of few prove little.
    """

    setting: Setting
    genuine: Values
    strangers: Values
    cosines: Values
    people: int
    tried: int

    def opened(self, share: float) -> float | None:
        """The share of residents opened where `share` of strangers are; None with too few strangers to say."""
        if share * len(self.strangers) < 5 or not len(self.genuine):
            return None
        return float((self.genuine >= reached_by(np.sort(self.strangers), share)).mean())

    def floor(self, share: float) -> float:
        """The score that `share` of strangers reach: the higher of counted and modelled (selfcheck.Tail)."""
        counted = reached_by(np.sort(self.strangers), share)
        return max(counted, tail_of(self.strangers).threshold(share))


Templates = dict[str, Values]


def templates(album: Album) -> Templates:
    """float32[n, D] of every person's usable pictures."""
    usable = {name: [face.template for face in faces if face.quality.usable] for name, faces in album.people.items()}
    return {name: np.stack(found) for name, found in usable.items() if found}


def scores(
    people: Templates, setting: Setting, draws: int, names: set[str] | None = None, margin: float = MARGIN
) -> Scores:
    """Over `draws` galleries of everybody; visitors are all people, or the named, with pictures enough."""
    genuine: list[Values] = []
    strangers: list[Values] = []
    cosines: list[Values] = []
    shown: set[str] = set()
    tried: set[str] = set()
    for draw in range(draws):
        random = np.random.default_rng(draw)
        able = [name for name, own in people.items() if len(own) >= setting.photos]
        chosen = [str(name) for name in random.permutation(sorted(able))[: setting.residents]]
        split = {name: random.permutation(len(people[name])) for name in chosen}
        gallery = _units(np.stack([people[name][split[name][: setting.photos]].sum(0) for name in chosen]))
        for at, name in enumerate(chosen):
            rest = people[name][split[name][setting.photos :]]
            if len(rest) >= setting.frames and (names is None or name in names):
                best, score, _ = margins(gallery, np.stack(list(means(rest, setting.frames, random))), margin)
                genuine.append(np.where(best == at, score, np.float32(-1)))
                shown.add(name)
        for name, own in people.items():
            if name not in split and len(own) >= setting.frames and (names is None or name in names):
                _, score, cosine = margins(gallery, np.stack(list(means(own, setting.frames, random))), margin)
                strangers.append(score)
                cosines.append(cosine)
                tried.add(name)
    return Scores(setting, _joined(genuine), _joined(strangers), _joined(cosines), len(shown), len(tried))


def means(own: Values, frames: int, random: np.random.Generator) -> Iterator[Values]:
    """Unit means of `frames` different pictures, at most TRIES of them and each picture about as often."""
    order = random.permutation(len(own))
    for at in range(min(TRIES, max(1, len(own) // frames))):
        mean = own[order[at * frames : (at + 1) * frames]].sum(0)
        yield mean / np.linalg.norm(mean)


def margins(gallery: Values, probes: Values, margin: float = MARGIN) -> tuple[NDArray[np.intp], Values, Values]:
    """For each probe the best resident, the margin score and the best cosine; residents in order are four to a home."""
    found = probes @ gallery.T
    best = found.argmax(1)
    first = found.max(1)
    home = np.arange(found.shape[1]) // HOUSEHOLD
    second = np.where(home[None] == home[best][:, None], np.float32(-1), found).max(1)
    return best, (first + margin * (first - second)).astype(np.float32), first


def _units(rows: Values) -> Values:
    units: Values = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def _joined(parts: list[Values]) -> Values:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
