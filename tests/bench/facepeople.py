"""How well: goals G2, G3, G4 and whole visits, on a folder of pictures of people, with peers side by side.

Protocol: every picture of every person against every other one ("all pairs over the folder"), not LFW's ten folds. TAR
at FAR f is the share of same-person pairs at or above the cosine that a share f of different-person pairs reaches.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.bench.face import dlib_templates
from tests.bench.facespeed import goal

from gateface import Engine, open_engine
from gateface.evaluate import Album, Pairs, all_pairs, draw, outcomes, ratios, read_album
from gateface.openset import Setting, Templates, means, scores, templates

Values = NDArray[np.float32]
DRAWS = 60  # of photos and frames for G3: ten wander by 0.2 points


def report(folder: Path, names: Path | None, quick: bool) -> None:
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
    visits(album, engine, group, 2 if quick else 10)


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
            tries = f"{len(found.genuine)} visits of residents, {len(found.strangers)} of strangers"
            words = "too few strangers to say" if value is None else said(value, len(found.genuine))
            print(f"G4, {label}, {photos} photos + {frames} frames, TPIR at FPIR {share:.1%}: {words} ({tries})")


def visits(album: Album, engine: Engine, group: set[str] | None, draws: int) -> None:
    """Whole visits under the rule as it ships: who opens."""
    for claimed, way in ((False, "free search"), (True, "home number first")):
        for photos in (3, 5):
            for who, label in ((None, "everybody"), (group, "the named")):
                if who is not None and not who:
                    continue
                count: Counter[str] = Counter()
                for seed in range(draws):
                    random = np.random.default_rng(seed)
                    count.update(outcomes(draw(album, engine, 100, photos, random), who, claimed, random))
                print(f"visits, up to 100 residents, {photos} photos, {way}, {label}: {ratios(count)}")


def said(share: float, count: int) -> str:
    """With Wilson's 95 % interval (Wilson 1927)."""
    low, high = interval(share, count)
    return f"{share:.1%} (95 %: {low:.1%} to {high:.1%})"


def interval(share: float, count: int) -> tuple[float, float]:
    if not count:
        return 0.0, 1.0
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
