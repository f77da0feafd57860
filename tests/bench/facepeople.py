"""How well: goals G2, G3, G4, G5 and whole visits, on a folder of pictures of people, with peers side by side.

Protocol: every picture of every person against every other one ("all pairs over the folder"), not LFW's ten folds. TAR
at FAR f is the share of same-person pairs at or above the cosine that a share f of different-person pairs reaches.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.bench.face import dlib_templates
from tests.bench.facespeed import goal

from gateface import Engine, Opened, Verdict, open_engine
from gateface.album import Album, read_album
from gateface.evaluate import Pairs, all_pairs, draw, visited
from gateface.openset import Setting, Templates, means, scores, templates
from gateface.rule import PROMISE
from gateunit.promise import WORST_GROUP

Values = NDArray[np.float32]
DRAWS = 60  # of photos and frames for G3: ten wander by 0.2 points


def report(folder: Path, names: Path | None, quick: bool) -> dict[int, float]:
    """Prints the figures; returns which share of opened residents one, two, three frames decided."""
    engine = open_engine()
    album = read_album(engine, folder)
    print(f"{sum(map(len, album.people.values()))} faces of {len(album.people)} people, {album.missed} without a face")
    group = None
    if names:
        lines = names.read_text(encoding="utf-8").splitlines()
        group = {line.strip() for line in lines if line[:1] != "#"} & set(album.people)
    pairs(album, group)
    peer(folder, quick)
    people = templates(album)
    three_and_two(people)
    for who, label in ((None, "everybody"), (group, "the named")):
        if who is None or who:
            search(people, who, label, 4 if quick else 20)
    return visits(album, engine, group, 2 if quick else 10)


def pairs(album: Album, group: set[str] | None) -> None:
    """Goal G2, and the named apart."""
    found = all_pairs(album)
    for share, least in ((1e-4, 0.84), (1e-5, 0.67)):
        value = found.accepted(share)[1]
        goal(f"G2, all pairs, TAR at FAR {share:g}", said(value, len(found.genuine)), f">= {least:.0%}", value >= least)
    if group:
        named = all_pairs(album, group)
        for share in (1e-2, 1e-3):
            value = named.accepted(share)[1]
            print(
                f"the named ({len(group)} people), all pairs, TAR at FAR {share:g}: {said(value, len(named.genuine))}"
            )


def peer(folder: Path, quick: bool) -> None:
    """dlib's float network on the same pictures, found and aligned by dlib itself, compared by its own L2 distance."""
    vectors, owner, missed = dlib_templates(folder, 300 if quick else None)
    if vectors is None:
        print(
            "dlib is not installed (requirements/bench.txt): no peer. OpenCV's package holds no face weights: no peer."
        )
        return
    near = -((vectors**2).sum(1)[:, None] + (vectors**2).sum(1)[None] - 2 * vectors @ vectors.T)
    upper = np.triu_indices(len(vectors), 1)
    same = (owner[:, None] == owner[None])[upper]
    found = Pairs(np.sort(near[upper][same]), np.sort(near[upper][~same]))
    for share in (1e-3, 1e-4, 1e-5):
        if share * len(found.impostor) >= 5:
            value = found.accepted(share)[1]
            print(f"dlib float, L2, all pairs, TAR at FAR {share:g}: {said(value, len(found.genuine))}")
    print(f"dlib float found no face in {missed} of {len(vectors) + missed} pictures (left out above)")


def three_and_two(people: Templates) -> None:
    """Goal G3: templates of three photos against the mean of two other pictures, all people with five."""
    random = np.random.default_rng(0)
    genuine, impostor = [], []
    for _ in range(DRAWS):
        stored, shown = [], []
        for own in people.values():
            if len(own) >= 5:
                order = random.permutation(len(own))
                stored.append(own[order[:3]].sum(0))
                shown.append(next(means(own[order[3:]], 2, random)))
        gallery = np.stack(stored) / np.linalg.norm(np.stack(stored), axis=1, keepdims=True)
        found = np.stack(shown) @ gallery.T
        genuine.append(np.diag(found))
        impostor.append(found[~np.eye(len(found), dtype=bool)])
    every = Pairs(np.sort(np.concatenate(genuine)), np.sort(np.concatenate(impostor)))
    value = every.accepted(1e-4)[1]
    people_count = len(genuine[0])
    words = f"{said(value, people_count)} ({people_count} people, {DRAWS} draws; interval by people)"
    goal("G3, 3 photos + 2 frames, TAR at FAR 1e-4", words, ">= 99.8 %", value >= 0.998)


def search(people: Templates, names: set[str] | None, label: str, draws: int) -> None:
    """Goal G4: free search among 100, by photos and frames, at the threshold that 0.1 % and 1 % of strangers reach."""
    for photos, frames in ((3, 1), (3, 2), (5, 3)):
        found = scores(people, Setting(100, photos, frames), draws, names)
        for share in (0.001, 0.01):
            value = found.opened(share)
            tries = f"{len(found.genuine)} visits of {found.people} residents"
            tries += f", {len(found.strangers)} of {found.tried} strangers; interval by people"
            words = "too few strangers to say" if value is None else said(value, found.people)
            print(f"G4, {label}, {photos} photos + {frames} frames, TPIR at FPIR {share:.1%}: {words} ({tries})")


@dataclass(slots=True)
class Tally:
    """Visits of one kind of people. Its interval counts people: visits of one person are no news of another."""

    visits: int = 0
    opened: int = 0
    another: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, name: str, person: bytes, verdict: Verdict | None) -> None:
        self.visits += 1
        self.people.add(name)
        if isinstance(verdict, Opened):
            self.opened += verdict.person == person or not person
            self.another += verdict.person != person and bool(person)

    @property
    def share(self) -> float:
        return self.opened / max(1, self.visits)

    def __str__(self) -> str:
        return (
            f"{self.opened} of {self.visits} opened, {said(self.share, len(self.people))} ({len(self.people)} people)"
        )


Told = list[tuple[str, bytes, Verdict | None]]


def tallied(told: Told, who: set[str] | None) -> tuple[Tally, Tally]:
    """Residents and strangers."""
    both = Tally(), Tally()
    for name, person, verdict in told:
        if who is None or name in who:
            both[0 if person else 1].add(name, person, verdict)
    return both


def visits(album: Album, engine: Engine, group: set[str] | None, draws: int) -> dict[int, float]:
    """Whole visits under the rule as it ships: who opens. The last kind shows one to three frames, as many as there
    are: more people, and a bound from below for G4. Returns how many frames decided free search of the first kind."""
    by_frames: Counter[int] = Counter()
    for photos, left in ((3, None), (5, None), (5, 1)):
        for claimed, way in ((False, "free search"), (True, "home number first")):
            random = [np.random.default_rng(seed) for seed in range(draws)]
            trials = [draw(album, engine, 100, photos, one, left) for one in random]
            told = [list(visited(trial, claimed, one)) for trial, one in zip(trials, random, strict=True)]
            agreed = [one for one, trial in zip(told, trials, strict=True) if claimed or not trial.rule.closed]
            words = (
                f"{len(trials[0].gallery)} residents, {photos} photos, {'1 to 3' if left else 'up to 3'} frames, {way}"
            )
            closed = f" in the {len(agreed)} galleries of {draws} that may be searched" if not claimed else ""
            for who, label, promise in ((None, "everybody", PROMISE), (group, "the named", WORST_GROUP)):
                if agreed and (who is None or who):
                    residents, strangers = tallied([one for each in agreed for one in each], who)
                    print(f"visits, {words}, {label}{closed}: residents {residents}, as another {residents.another}")
                    print(f"visits, {words}, {label}{closed}: strangers {strangers}")
                    if not claimed:
                        kept(agreed, who, f"G5, {words}, {label}", promise)
    return {frames: by_frames[frames] / max(1, by_frames.total()) for frames in (1, 2, 3)}


def kept(agreed: list[Told], who: set[str] | None, name: str, promise: float) -> None:
    """Goal G5: no gallery the software agrees to search lets in more than chance explains of the promised share."""
    found = [tallied(told, who)[1] for told in agreed]
    most = [by_chance(one.visits, promise) for one in found]
    above = sum(one.opened > limit for one, limit in zip(found, most, strict=True))
    worst = max(one.opened for one in found)
    words = f"{worst} strangers in at most, {min(most)} by chance where {promise:.1%} are promised"
    goal(name, f"{words}; {above} of {len(found)} galleries above", "0 above its 95 % interval", above == 0)


def by_chance(tries: int, share: float) -> int:
    """The upper end of the 95 % interval of how many of `tries` come in where `share` do (binomial)."""
    count, below = 0, (1 - share) ** tries
    while below < 0.975:
        count += 1
        below += math.comb(tries, count) * share**count * (1 - share) ** (tries - count)
    return count


def said(share: float, count: int) -> str:
    """With Wilson's 95 % interval (Wilson 1927)."""
    low, high = interval(share, count)
    digits = 2 if share < 0.01 else 1
    return f"{share:.{digits}%} (95 %: {low:.{digits}%} to {high:.{digits}%})"


def interval(share: float, count: int) -> tuple[float, float]:
    if not count:
        return 0.0, 1.0
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
