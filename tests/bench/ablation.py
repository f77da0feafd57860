"""Each point of the decision rule switched off in turn, on a folder of people: what it costs, what it lets in.

    python -m tests.bench.ablation DIR [--draws 10] [--size 100]

Galleries of `size` people with three photos, four to a home; frames are usable pictures the gallery has not seen, half
a second apart; free search, also where the gallery would refuse it, except in the row that says so. Everything else
stays as it ships. The table is in the embedder's model card.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gateface import AskHome, Attempts, Engine, Face, Gallery, Match, Opened, Rule, Verdict, Visit, open_engine
from gateface.album import Album, read_album
from gateface.evaluate import Trial, draw
from gateface.manifest import Floors, Model
from gateface.openset import Setting, scores, templates
from gateface.rule import rule_for

HERE, BESIDE = (0.0, 0.0, 100.0, 100.0), (300.0, 0.0, 400.0, 100.0)
STEP = 500


class EveryK(Rule):
    """Off: K = min(3, photos - 1)."""

    def most_frames(self, match: Match) -> int:
        return self.frames


class AnyBest(Visit):
    """Off: the same person best as for the frame before."""

    def see(self, faces: Sequence[Face], now_ms: int, claimed_home: str | None = None) -> Verdict:  # type: ignore[override]
        if self._track is not None:
            self._track.best = None
        return super().see(faces, now_ms, claimed_home)


class Unraised(Rule):
    """Off: thresholds raised by the gallery's own evidence."""

    def threshold(self, match: Match, frames: int, claimed: bool) -> float:
        floors = self.model.floors
        assert floors is not None
        raised = self.search[frames - 1] - floors.search[frames - 1]
        return Rule.threshold(self, match, frames, claimed) - (0.0 if claimed else raised)


class Alike(Visit):
    """Off: who has a look-alike in another home opens with the home number alone."""

    def __init__(self, rule: Rule, gallery: Gallery, attempts: Attempts | None = None) -> None:
        super().__init__(replace(rule, home_only=frozenset()), gallery, attempts)


class Crowded(Visit):
    """Off: nobody is accepted while two people are in view."""

    def _alone(self, face: object, faces: object) -> bool:
        return True


class Unending(Visit):
    """Off: another face, or the same after a while, starts from nothing."""

    def _followed(self, faces, now_ms):  # type: ignore[no-untyped-def]
        face, track = super()._followed(faces, now_ms)
        return face, track or self._track


@dataclass(slots=True)
class Count:
    """Of residents and of strangers: how many, opened, opened as somebody else."""

    residents: int = 0
    opened: int = 0
    another: int = 0
    strangers: int = 0
    let_in: int = 0

    def resident(self, verdict: Verdict | None, person: bytes) -> None:
        self.residents += 1
        if isinstance(verdict, Opened):
            self.opened += verdict.person == person
            self.another += verdict.person != person

    def stranger(self, verdict: Verdict | None) -> None:
        self.strangers += 1
        self.let_in += isinstance(verdict, Opened)

    def __str__(self) -> str:
        return (
            f"residents {self.opened}/{self.residents} ({self.opened / max(1, self.residents):.1%}), as another "
            f"{self.another}, strangers {self.let_in}/{self.strangers} ({self.let_in / max(1, self.strangers):.2%})"
        )


def last(visit: Visit, shown: Sequence[Sequence[Face]], start: int = 0, step: int = STEP) -> Verdict | None:
    """The decision on frames `step` ms apart; None where they did not suffice."""
    for at, faces in enumerate(shown):
        verdict = visit.see(faces, start + at * step)
        if isinstance(verdict, (Opened, AskHome)):
            return verdict
    return None


def at_place(face: Face, box: tuple[float, float, float, float] = HERE) -> Face:
    return replace(face, box=box)


def walk(trial: Trial, rule: Rule, kind: type[Visit], count: Count) -> None:
    """Everybody walks up once with up to three frames."""
    for at, faces in enumerate(trial.residents.values()):
        visit = kind(rule, trial.gallery, Attempts())
        count.resident(last(visit, [[at_place(face)] for face in faces]), at.to_bytes(16, "big"))
    for faces in trial.strangers.values():
        count.stranger(last(kind(rule, trial.gallery, Attempts()), [[at_place(face)] for face in faces]))


def still(trial: Trial, rule: Rule, count: Count) -> None:
    """Off: 400 ms between frames. All frames are of one moment, here the same picture."""
    for at, faces in enumerate(trial.residents.values()):
        visit = Visit(rule, trial.gallery, Attempts())
        count.resident(last(visit, [[at_place(faces[0])]] * 3), at.to_bytes(16, "big"))
    for faces in trial.strangers.values():
        count.stranger(last(Visit(rule, trial.gallery, Attempts()), [[at_place(faces[0])]] * 3))


def beside(trial: Trial, rule: Rule, kind: type[Visit], count: Count) -> None:
    """Each resident comes with a stranger at the side, as large; counted as strangers let in."""
    others = [faces[0] for faces in trial.strangers.values()]
    for at, faces in enumerate(trial.residents.values()):
        visit = kind(rule, trial.gallery, Attempts())
        with_stranger = [[at_place(face), at_place(others[at % len(others)], BESIDE)] for face in faces]
        count.stranger(last(visit, with_stranger))


def handed_over(trial: Trial, rule: Rule, kind: type[Visit], count: Count) -> None:
    """A resident's first frame does not open; he leaves and a stranger stands there two seconds later."""
    others = list(trial.strangers.values())
    for at, faces in enumerate(trial.residents.values()):
        visit = kind(rule, trial.gallery, Attempts())
        if isinstance(visit.see([at_place(faces[0])], 0), Opened):
            continue
        for stranger in others[at :: max(1, len(others) // 20)]:
            again = kind(rule, trial.gallery, Attempts())
            again.see([at_place(faces[0])], 0)
            count.stranger(last(again, [[at_place(face)] for face in stranger], 2000))


def learning(trial: Trial, rule: Rule, learns: bool, count: Count) -> None:
    """Each resident's first two further pictures are openings confirmed by a home number, a day each; then a visit."""
    visits = {at: faces for at, faces in enumerate(trial.residents.values()) if len(faces) > 2}
    people = {int.from_bytes(one.person, "big"): one for one in trial.gallery.people}
    for at, faces in visits.items():
        for day in (1, 2) if learns else ():
            seen = Visit(rule, trial.gallery)
            home = people[at].home
            if isinstance(seen.see([at_place(faces[day - 1])], 0, home), Opened):
                frame = seen.learnable(people[at].person, 0)
                people[at] = people[at] if frame is None else people[at].having_learned(frame, day)
    gallery = Gallery(people.values(), trial.gallery.model)
    for at, faces in visits.items():
        visit = Visit(rule, gallery, Attempts())
        count.resident(last(visit, [[at_place(face)] for face in faces[2:]]), at.to_bytes(16, "big"))
    for faces in trial.strangers.values():
        count.stranger(last(Visit(rule, gallery, Attempts()), [[at_place(face)] for face in faces]))


def anything(album: Album) -> Album:
    """Off: near frontal, large, lit, sharp, whole. Every picture counts as a photo and as a frame."""
    every = {
        n: [replace(f, quality=replace(f.quality, defects=())) for f in faces] for n, faces in album.people.items()
    }
    return Album(defaultdict(list, every), album.missed)


def returning(trial: Trial, album: Album, rule: Rule, unlimited: bool, count: Count, seed: int) -> None:
    """Strangers of six usable pictures or more come 20 times within ten minutes, with any three of them each time."""
    random = np.random.default_rng(seed)
    for name in trial.strangers:
        faces = [face for face in album.people[name] if face.quality.usable]
        if len(faces) < 6:
            continue
        attempts, verdict = Attempts(), None
        for time in range(20):
            attempts = Attempts() if unlimited else attempts
            shown = [[at_place(faces[one])] for one in random.permutation(len(faces))[:3]]
            verdict = last(Visit(rule, trial.gallery, attempts), shown, time * 20_000)
            if isinstance(verdict, Opened):
                break
        count.stranger(verdict)


def with_floors(model: Model, **changed: object) -> Model:
    floors: Floors = replace(model.floors, **changed)  # type: ignore[type-var, arg-type]
    return replace(model, floors=floors)


def table(album: Album, engine: Engine, draws: int, size: int) -> Iterator[tuple[str, Count]]:
    """(what is off, counts); the first row is the rule as it ships."""
    model, floors = engine.model, engine.model.floors
    assert floors is not None
    flat = with_floors(model, search=(floors.search[0],) * len(floors.search))
    variants: dict[str, tuple[Model, type[Rule], type[Visit]]] = {
        "nothing": (model, Rule, Visit),
        "a floor for each number of frames (0.980 for all)": (flat, Rule, Visit),
        "the margin, same floors": (with_floors(model, margin=0.0), Rule, Visit),
        "0.001 more where several are tried": (with_floors(model, several=0.0), Rule, Visit),
        "the same person best": (model, Rule, AnyBest),
        "thresholds raised by the gallery itself": (model, Unraised, Visit),
        "look-alikes dial first": (model, Rule, Alike),
        "K = photos - 1 (three frames with three photos)": (model, EveryK, Visit),
    }
    counts = {name: Count() for name in variants}
    more: dict[str, Count] = {}
    for seed in range(draws):
        trial = draw(album, engine, size, 3, np.random.default_rng(seed))
        for name, (its, kind, visit) in variants.items():
            rule = rule_for(its, trial.gallery)
            walk(trial, kind(its, rule.search, rule.home, (), rule.home_only), visit, counts[name])
        shipped = rule_for(model, trial.gallery)
        judged = more.setdefault(f"nothing, and galleries that refuse free search stay shut: {size} people", Count())
        walk(trial, shipped, Visit, judged)
        others(trial, album, replace(shipped, closed=()), more, seed)
        blind = draw(anything(album), engine, size, 3, np.random.default_rng(seed))
        count = more.setdefault("near frontal, large, lit, sharp, whole: every picture counts", Count())
        walk(blind, replace(rule_for(model, blind.gallery), closed=()), Visit, count)
        small = draw(album, engine, 6, 3, np.random.default_rng(seed))
        for words, its in (("with", model), ("without", with_floors(model, crowd_size=0))):
            count = more.setdefault(f"stand-in for a crowd, {words}: a house of six people", Count())
            walk(small, replace(rule_for(its, small.gallery), closed=()), Visit, count)
    yield from counts.items()
    yield from more.items()


def others(trial: Trial, album: Album, rule: Rule, more: dict[str, Count], seed: int) -> None:
    """What needs a scene of its own, with and without the law."""

    def counted(words: str) -> Count:
        return more.setdefault(words, Count())

    still(trial, rule, counted("independence: three frames of one moment"))
    for words, kinds in (("with", Visit), ("without", Crowded)):
        beside(trial, rule, kinds, counted(f"two people in view, {words}: a stranger comes along"))
    for words, kinds in (("with", Visit), ("without", Unending)):
        handed_over(trial, rule, kinds, counted(f"a new track, {words}: a stranger after a resident"))
    for words, learns in (("with", True), ("without", False)):
        learning(trial, rule, learns, counted(f"learning, {words}: the third of three visits, one frame"))
    for words, unlimited in (("with", False), ("without", True)):
        name = f"limits, {words}: a stranger comes 20 times in ten minutes"
        returning(trial, album, rule, unlimited, counted(name), seed)


def without_margin(album: Album, draws: int, size: int) -> Iterator[str]:
    """The margin at equal shares of strangers, since its scores are on another scale."""
    people = templates(album)
    for frames, photos in ((1, 3), (2, 3), (3, 5)):
        row = []
        for margin in (0.5, 0.0):
            found = scores(people, Setting(size, photos, frames), draws, None, margin)
            shares = [found.opened(share) for share in (0.01, 0.001)]
            row.append(" / ".join("too few strangers" if one is None else f"{one:.1%}" for one in shares))
        yield f"margin, {photos} photos + {frames} frames, TPIR at FPIR 1 / 0.1 %: with {row[0]}, without {row[1]}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ablation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--size", type=int, default=100)
    chosen = parser.parse_args(argv)
    engine = open_engine()
    album = read_album(engine, chosen.folder)
    for name, count in table(album, engine, chosen.draws, chosen.size):
        print(f"{name}: {count}", flush=True)
    for line in without_margin(album, chosen.draws, chosen.size):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
