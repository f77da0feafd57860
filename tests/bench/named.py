"""Strangers of one group by leave-one-out, and goal G4's columns for it and for everybody else.
`python -m tests.bench.named DIR NAMES [WITHOUT]`

DIR holds a folder of pictures for each person, NAMES one of its names a line, WITHOUT names between commas of whom is
left out altogether: somebody whom the folder holds under two names is no stranger to himself. Thresholds are those
that ship, with nothing that a gallery adds for itself, free search also where a gallery would refuse it. Intervals
count people, not visits, and know nothing of it that two people taken for each other are one case and not two.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.bench.facepeople import said

from gateface import Engine, Face, Gallery, Opened, Person, Rule, open_engine, packed
from gateface.album import read_album
from gateface.evaluate import Trial, outcome
from gateface.manifest import Floors
from gateface.openset import Setting, Templates, scores, templates

Faces = dict[str, list[Face]]
WALKS, DRAWS = 400, 100  # of photos and frames for leave-one-out (twenty wander by half); of galleries for a column
COLUMNS = ((3, 1), (3, 2), (5, 1), (5, 2), (5, 3))  # photos, frames


@dataclass(frozen=True, slots=True)
class Walk:
    """A stranger who walked up to `before` people, and who opened as one of them; "" for nobody."""

    name: str
    before: int
    opened_as: str


def main(words: Sequence[str]) -> int:
    """Prints the figures; 2 where the words are of no use."""
    if len(words) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    engine = open_engine()
    album = read_album(engine, Path(words[0]))
    left_out = set(words[2].split(",")) if words[2:] else set()
    listed = {line.strip() for line in Path(words[1]).read_text(encoding="utf-8").splitlines()}
    usable = {name: [one for one in faces if one.quality.usable] for name, faces in album.people.items()}
    usable = {name: faces for name, faces in usable.items() if faces and name not in left_out}
    named = listed & set(usable)
    if not named or not left_out <= set(album.people):
        print("nobody named has a usable picture, or who is to be left out is not there", file=sys.stderr)
        return 2
    others = set(usable) - named
    print(f"with a usable picture: {len(named)} named, {len(others)} others; {len(left_out)} left out")
    for label, who, among, photos, draws in (
        ("the named before each other", named, named, 3, WALKS),
        ("the named before everybody", named, set(usable), 3, WALKS),
        ("the named before everybody", named, set(usable), 5, WALKS),
        ("the others before each other", others, others, 3, WALKS // 20),
    ):
        walks = list(leave_one_out(engine, usable, who, among, photos, draws))
        print(f"{label}, {photos} photos, {draws} draws: {told(walks)}", flush=True)
    people = {name: own for name, own in templates(album).items() if name in usable}
    columns(engine.model.floors, people, (("the named", named), ("the others", others)))
    return 0


def leave_one_out(
    engine: Engine, usable: Faces, who: Collection[str], among: Collection[str], photos: int, draws: int
) -> Iterator[Walk]:
    """In each draw of photos and frames everybody of `who` walks up, with up to three pictures, to all of `among` but
    themselves who have `photos` photos, each of a home of their own."""
    assert engine.model.floors is not None
    rule = Rule(engine.model, engine.model.floors.search, engine.model.floors.home)
    names = sorted(name for name in among if len(usable[name]) >= photos)
    for draw in range(draws):
        random = np.random.default_rng(draw)
        people = {}
        for at, name in enumerate(names):
            stored = tuple(packed(face.template) for face in drawn(usable[name], photos, random))
            people[name] = Person(at.to_bytes(16, "big"), str(at), stored, engine.model_id)
        everybody = Gallery(people.values(), engine.model_id)
        for name in sorted(who):
            before = everybody
            if name in people:
                before = Gallery((one for other, one in people.items() if other != name), engine.model_id)
            verdict = outcome(Trial(before, rule, {}, {}), drawn(usable[name], 3, random), None)
            found = names[int.from_bytes(verdict.person, "big")] if isinstance(verdict, Opened) else ""
            yield Walk(name, len(before), found)


def drawn(faces: list[Face], most: int, random: np.random.Generator) -> list[Face]:
    return [faces[at] for at in random.permutation(len(faces))[:most]]


def told(walks: list[Walk]) -> str:
    """How many opened, of how many people, and who as whom, the most frequent five."""
    opened = Counter((walk.name, walk.opened_as) for walk in walks if walk.opened_as)
    people, before = {walk.name for walk in walks}, {walk.before for walk in walks}
    words = (
        f"{opened.total()} of {len(walks)} strangers' visits opened, {said(opened.total() / len(walks), len(people))}"
    )
    pairs = "; ".join(f"{one} as {other} {count}" for (one, other), count in opened.most_common(5))
    return f"{words} ({len(people)} people, each before {min(before)} to {max(before)}; {pairs or 'nobody'})"


def columns(floors: Floors | None, people: Templates, groups: Sequence[tuple[str, set[str]]]) -> None:
    """Goal G4 by photos and frames among 100 drawn at random, at the thresholds that ship; the visitors are a group."""
    assert floors is not None
    for photos, frames in COLUMNS:
        least = floors.search[frames - 1] + floors.several
        for label, who in groups:
            found = scores(people, Setting(100, photos, frames), DRAWS, who)
            lines = (("residents", found.genuine, found.people), ("strangers", found.strangers, found.tried))
            words = ", ".join(
                f"{kind} {said(float((score >= least).mean()), count)} of {len(score)} visits of {count} people"
                for kind, score, count in lines
                if len(score)
            )
            print(f"G4, {label}, {photos} photos + {frames} frames, opened: {words}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
