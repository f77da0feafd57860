"""The comparisons of an album, and whole visits to galleries drawn from it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .album import Album
from .engine import Engine
from .face import Face
from .gallery import Gallery, Person, packed
from .rule import Rule, rule_for
from .verdict import AskHome, Opened, Refused, Verdict
from .visit import Attempts, Visit

HOUSEHOLD = 4


@dataclass(frozen=True, slots=True)
class Pairs:
    """All comparisons of two pictures, sorted."""

    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]

    def accepted(self, false_accepts: float) -> tuple[float, float]:
        """The cosine that `false_accepts` of the impostor pairs reach, and the share of genuine pairs that do."""
        threshold = reached_by(self.impostor, false_accepts)
        return threshold, 1 - int(np.searchsorted(self.genuine, threshold)) / len(self.genuine)


def reached_by(ordered: NDArray[np.float32], share: float) -> float:
    """The score that `share` of these rising ones reach, between two by a straight line (Hyndman and Fan 1996, type 7).

    numpy.quantile places it in the array's own precision: of 80 million float32 scores that is eight scores too coarse.
    """
    place = (1 - share) * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low]) + (place - low) * (float(ordered[high]) - float(ordered[low]))


def all_pairs(album: Album, names: set[str] | None = None) -> Pairs:
    """Every picture against every other one, of everybody or of the named."""
    own = [
        np.stack([face.template for face in faces])
        for name, faces in album.people.items()
        if not names or name in names
    ]
    genuine, impostor = [np.zeros(0, np.float32)], [np.zeros(0, np.float32)]
    every = np.concatenate(own) if own else np.zeros((0, 1), np.float32)
    end = 0
    for one in own:
        end += len(one)
        genuine.append((one @ one.T)[np.triu_indices(len(one), 1)])
        impostor.append((one @ every[end:].T).ravel())
    pairs = Pairs(np.concatenate(genuine), np.concatenate(impostor))
    pairs.genuine.sort()
    pairs.impostor.sort()
    return pairs


@dataclass(frozen=True, slots=True)
class Trial:
    """One gallery drawn from an album, its residents' further pictures and everybody else's."""

    gallery: Gallery
    rule: Rule
    residents: dict[str, list[Face]]
    strangers: dict[str, list[Face]]


def draw(
    album: Album, engine: Engine, size: int, photos: int, random: np.random.Generator, left: int | None = None
) -> Trial:
    """`size` residents with `photos` photos each, four to a home; only usable faces take part.

    They have at least `left` pictures more to show, as many as the rule may ask for unless said; three at most.
    """
    usable = {name: [face for face in faces if face.quality.usable] for name, faces in album.people.items()}
    least = photos + (min(3, photos - 1) if left is None else left)
    able = [name for name, faces in usable.items() if len(faces) >= least]
    chosen = [str(name) for name in random.permutation(able)[:size]]
    people, residents = [], {}
    for at, name in enumerate(chosen):
        order = [usable[name][one] for one in random.permutation(len(usable[name]))]
        stored = tuple(packed(face.template) for face in order[:photos])
        people.append(Person(at.to_bytes(16, "big"), str(at // HOUSEHOLD), stored, engine.model_id))
        residents[name] = order[photos : photos + 3]
    strangers = {name: faces[:3] for name, faces in usable.items() if faces and name not in residents}
    gallery = Gallery(people, engine.model_id)
    return Trial(gallery, rule_for(engine.model, gallery), residents, strangers)


def outcome(trial: Trial, faces: Sequence[Face], home: str | None) -> Verdict | None:
    """The last thing a visitor is told whose frames these are, 500 ms apart; everybody stands at one place."""
    visit = Visit(trial.rule, trial.gallery, Attempts())
    verdict: Verdict | None = None
    for at, face in enumerate(faces):
        verdict = visit.see([replace(face, box=(0, 0, 1, 1))], at * 500, home if at == 0 else None)
        if isinstance(verdict, (Opened, AskHome, Refused)):
            break
    return verdict


def visited(trial: Trial, claimed: bool, random: np.random.Generator) -> Iterator[tuple[str, bytes, Verdict | None]]:
    """Everybody walks up once: name, the resident's person (b"" for a stranger), how it ended."""
    for at, (name, faces) in enumerate(trial.residents.items()):
        yield name, at.to_bytes(16, "big"), outcome(trial, faces, str(at // HOUSEHOLD) if claimed else None)
    homes = list(trial.gallery.homes)
    for name, faces in trial.strangers.items():
        yield name, b"", outcome(trial, faces, str(random.choice(homes)) if claimed else None)


def outcomes(trial: Trial, names: set[str] | None, claimed: bool, random: np.random.Generator) -> Iterator[str]:
    """Words to count: resident opened / opened as another / asked, stranger opened / asked."""
    for name, person, verdict in visited(trial, claimed, random):
        if names is None or name in names:
            yield ("resident " if person else "stranger ") + word(verdict, person)


def word(verdict: Verdict | None, person: bytes) -> str:
    """How it ended."""
    if isinstance(verdict, Opened):
        return "opened" if not person or verdict.person == person else "opened as another"
    return "asked" if isinstance(verdict, (AskHome, Refused)) else "out of frames"


def ratios(count: Counter[str]) -> str:
    """Each word's share of its kind."""
    totals = {kind: sum(n for words, n in count.items() if words.startswith(kind)) for kind in ("resident", "stranger")}
    return ", ".join(f"{words} {n}/{totals[words.split()[0]]}" for words, n in sorted(count.items()))
