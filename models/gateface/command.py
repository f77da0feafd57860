"""`kaimen face evaluate DIR` measures a model on a folder of people; `kaimen face adopt MANIFEST` lets one be used.

DIR holds one folder of pictures per person (pictures of other people may lie loose, or together under `_strangers`:
gateface.album). They are read, measured and forgotten: out come figures, curves and the table of floors that `adopt`
asks for.
"""

import argparse
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .album import Album, pictures, read_album
from .engine import Engine, open_engine
from .errors import FaceError, ModelRefused
from .evaluate import all_pairs, draw, outcomes, ratios
from .floors import PHOTOS, adopted, measure, read_table, written
from .manifest import SHIPPED
from .openset import Setting, Templates, scores, templates
from .plot import Curve, chart

SHARES = (1e-2, 1e-3, 1e-4, 1e-5)
CURVE = np.geomspace(1e-5, 1, 101)


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `face`; 1 with a word on standard error where something is refused."""
    chosen = _parser().parse_args(argv)
    try:
        return _evaluate(chosen) if chosen.task == "evaluate" else _adopt(chosen)
    except (FaceError, OSError) as wrong:
        print(f"kaimen face: {wrong}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kaimen face", description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    measuring = tasks.add_parser("evaluate", help="measure a model on a folder of people and write its floors")
    measuring.add_argument("folder", type=Path, metavar="DIR")
    measuring.add_argument("--names", type=Path, help="people whose figures are given apart, one name a line")
    measuring.add_argument("--manifest", type=Path, default=SHIPPED, help="the model's manifest; default: what ships")
    measuring.add_argument("--out", type=Path, default=Path("face-evaluation"), help="where tables and curves go")
    measuring.add_argument("--sizes", type=_count, nargs="+", default=[30, 100], help="people in a gallery")
    measuring.add_argument("--draws", type=_count, default=10, help="galleries drawn for each figure")
    adopting = tasks.add_parser("adopt", help="check a measured model and write the manifest a unit uses")
    adopting.add_argument("manifest", type=Path, metavar="MANIFEST")
    adopting.add_argument("--floors", type=Path, help="default: floors.toml beside the manifest")
    adopting.add_argument("--out", type=Path, help="default: adopted.toml beside the manifest")
    return parser


def _adopt(chosen: argparse.Namespace) -> int:
    table = read_table(chosen.floors or chosen.manifest.parent / "floors.toml")
    text = adopted(chosen.manifest, table)
    open_engine(chosen.manifest)
    target = chosen.out or chosen.manifest.parent / "adopted.toml"
    if target.resolve().parent != chosen.manifest.resolve().parent:
        raise ModelRefused("manifest_invalid", "weights are named relative to the manifest: keep them in one folder")
    target.write_text(text, encoding="utf-8")
    print(f"{table.model}: adopted as {target}; people enrolled with another model must enrol again")
    return 0


def _evaluate(chosen: argparse.Namespace) -> int:
    engine = open_engine(chosen.manifest)
    next(chosen.folder.iterdir(), None)  # what is wrong with folder, names and place is told before an hour's work
    there = {name for name, _ in pictures(chosen.folder)}
    names = _names(chosen.names, there) if chosen.names else None
    chosen.out.mkdir(parents=True, exist_ok=True)
    album = read_album(engine, chosen.folder)
    _counted(album, engine.model_id)
    people = templates(album)
    groups = [("everybody", None)] + ([(_label(chosen.names), names)] if names else [])
    curves = [_pairs(album, label, group) for label, group in groups]
    _draw(chosen.out / "pairs.svg", "Single pictures, all pairs", "different people accepted", curves)
    for label, group in groups:
        curves = list(_open_set(people, label, group, chosen.sizes, chosen.draws))
        _draw(chosen.out / f"search-{label}.svg", f"Free search: {label}", "strangers opened", curves)
    if engine.model.floors is not None:
        for label, group in groups:
            _visits(album, engine, label, group, chosen.sizes, chosen.draws)
    (chosen.out / "floors.toml").unlink(missing_ok=True)  # never a table of an earlier run
    table = measure(engine.model, people, names, chosen.draws)
    (chosen.out / "floors.toml").write_text(written(table), encoding="utf-8")
    print(f"floors and curves: {chosen.out}")
    return 0


def _counted(album: Album, model: str) -> None:
    """Prints what was found and what became of everything else; ModelRefused where that is too little."""
    found = sum(map(len, album.people.values()))
    several = f" ({album.several} of them the middle one of several)" if album.several else ""
    print(f"{model}: {found} faces{several} of {len(album.people)} people")
    for reason, count in sorted(album.left_out.items()):
        print(f"left out, {reason}: {count} (first: {album.example[reason]})")
    if found < 2:
        raise ModelRefused("too_few_people", "no two faces to compare")


def _label(names: Path) -> str:
    """What the named are called; never as everybody is."""
    return names.stem if names.stem != "everybody" else "the-named"


def _names(path: Path, there: set[str]) -> set[str]:
    """Those of the file who have a picture; ModelRefused (too_few_people) where that is nobody."""
    try:
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ModelRefused("too_few_people", f"{path.name} is not UTF-8 text") from error
    named = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
    if not named & there:
        raise ModelRefused("too_few_people", f"{path.name} names nobody with a picture here: one folder's name a line")
    absent = sorted(named - there)
    if absent:
        some = ", ".join(absent[:5]) + (", ..." if absent[5:] else "")
        print(f"{path.name}: {len(absent)} of {len(named)} names have no picture here: {some}")
    return named & there


def _count(text: str) -> int:
    """A number of people or galleries, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"invalid number {text!r}: 1 or more expected")
    return int(text)


def _draw(path: Path, title: str, across: str, curves: list[Curve]) -> None:
    path.write_text(chart(title, across, "the right person accepted", curves), encoding="utf-8")


def _pairs(album: Album, label: str, names: set[str] | None) -> Curve:
    """Prints TAR at FAR and returns the curve."""
    pairs = all_pairs(album, names)
    if not len(pairs.genuine) or not len(pairs.impostor):
        print(f"{label}: no pairs")
        return Curve(label, ())
    for share in SHARES:
        if share * len(pairs.impostor) >= 5:
            threshold, accepted = pairs.accepted(share)
            print(f"{label}: all pairs, FAR {share:g}: TAR {accepted:.1%} at cosine {threshold:.4f}")
    shares = [float(share) for share in CURVE if share * len(pairs.impostor) >= 5]
    return Curve(label, tuple((share, pairs.accepted(share)[1]) for share in shares))


def _open_set(people: Templates, label: str, names: set[str] | None, sizes: list[int], draws: int) -> list[Curve]:
    """Prints TPIR at stranger FPIR for each gallery size and number of frames."""
    curves = []
    for size in sizes:
        for frames, photos in enumerate(PHOTOS, 1):
            able = sum(len(own) >= photos for own in people.values())
            if able < max(2, size // 2):
                print(f"{label}: only {able} people with {photos} usable pictures, no gallery of {size}")
                continue
            measured = scores(people, Setting(size, photos, frames), draws, names)
            shares = [float(share) for share in CURVE if measured.opened(float(share)) is not None]
            curve = Curve(f"{size}, {photos} photos, {frames} fr.", tuple((s, measured.opened(s) or 0) for s in shares))
            curves.append(curve)
            at = {f"{share:g}": measured.opened(share) for share in (1e-2, 1e-3)}
            words = ", ".join(
                f"FPIR {share}: {'-' if value is None else f'{value:.1%}'}" for share, value in at.items()
            )
            count = f"{len(measured.genuine)} visits of {measured.people} residents"
            count += f", {len(measured.strangers)} of {measured.tried} strangers"
            print(f"{label}: {min(size, able)} residents, {photos} photos, {frames} frames: TPIR at {words} ({count})")
    return curves


def _visits(album: Album, engine: Engine, label: str, names: set[str] | None, sizes: list[int], draws: int) -> None:
    """Prints how whole visits under the model's rule end."""
    for size in sizes:
        for claimed in (False, True):
            count: Counter[str] = Counter()
            closed: Counter[str] = Counter()
            residents = 0
            for seed in range(draws):
                random = np.random.default_rng(seed)
                trial = draw(album, engine, size, 3, random)
                residents = len(trial.gallery)
                if residents:
                    closed.update(trial.rule.closed)
                    count.update(outcomes(trial, names, claimed, random))
            way = "home number first" if claimed else "free search"
            shut = ", ".join(f"{reason} {times}" for reason, times in closed.items()) or "never"
            told = f"{ratios(count)}; closed of {draws}: {shut}" if count else "nobody to walk up"
            print(f"{label}: visits to {residents} residents of 3 photos, {way}: {told}")
