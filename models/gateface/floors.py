"""The floors of one embedder: measured on a folder of people, written as a table, asked for before it is adopted.

A floor is the score that the allowed share of strangers reaches, the higher of counted and modelled, rounded up to a
thousandth: 0.1 % of everybody and 1 % of the worst group measured for free search, 1 % of everybody for a home number.
"""

import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import ModelRefused
from .evaluate import reached_by
from .manifest import Floors, Model, floors_of, read_manifest
from .openset import MARGIN, Scores, Setting, Templates, Values, scores

EVERYBODY, GROUP, HOME, CROWD = 0.001, 0.01, 0.01, 0.001
PHOTOS = (3, 3, 5)  # for 1, 2, 3 frames: as the rule asks
LEAST_RESIDENTS, LEAST_TRIES, LEAST_GROUP_TRIES = 30, 2000, 100
MOST_PEOPLE, CROWD_SIZE = 300, 8
SEVERAL, UNION = 0.001, 1.5  # at least; trying all numbers of frames lets in up to so many times as many
OF_ONE = (0.94, 0.015)  # shares of the pairs of one person's pictures that reach Floors.same and Floors.repeat
UNREACHED = 1.999  # a score is below 2: s1 + 0.5 (s1 - s2) of two cosines
KEYS = ("search", "home", "crowd")
REST = ("crowd_size", "margin", "several", "people", "same", "repeat")


@dataclass(frozen=True, slots=True)
class Table:
    """Floors measured for exactly one model; `tries` are the strangers' visits counted for 1, 2, 3 frames."""

    model: str
    identity: str
    floors: Floors
    tries: tuple[int, ...]
    group_tries: tuple[int, ...]


def identity(model: Model) -> str:
    """sha256 over all that makes this model's vectors what they are: weights, alignment, input, mirror."""
    made_of = (model.id, model.sha256, model.side, model.size, model.mirror, model.input, model.mean, model.scale)
    stems = [one.sha256 for one in (model.stem, model.stem_tiled) if one is not None]
    return hashlib.sha256(repr((*made_of, model.bgr, model.points, model.weights, *stems)).encode()).hexdigest()


def measure(model: Model, people: Templates, names: set[str] | None, draws: int = 10) -> Table:
    """The table of one model; ModelRefused (too_few_people) where the folder cannot say."""
    residents = min(100, sum(len(own) >= max(PHOTOS) for own in people.values()))
    if residents < LEAST_RESIDENTS:
        raise ModelRefused("too_few_people", f"{residents} people with five usable pictures, {LEAST_RESIDENTS} needed")
    everybody, group = [], []
    for frames, photos in enumerate(PHOTOS, 1):
        setting = Setting(residents, photos, frames)
        everybody.append(scores(people, setting, draws))
        if names:
            group.append(scores(people, setting, draws, names))
    _enough(everybody, LEAST_TRIES, "everybody")
    _enough(group, LEAST_GROUP_TRIES, "the named")
    search = [_up(one.floor(EVERYBODY)) for one in everybody]
    for at, one in enumerate(group):
        search[at] = max(search[at], _up(one.floor(GROUP)))
    home = [_up(one.floor(HOME)) for one in everybody]
    crowd = [min(1.0, _up(float(np.quantile(one.cosines, 1 - CROWD)))) for one in everybody]
    single = everybody[0]  # counted on most visits
    several = max(SEVERAL, _up(single.floor(EVERYBODY / UNION) - single.floor(EVERYBODY)))
    pairs = np.sort(np.concatenate([_pairs(own) for own in people.values()]))
    same, repeat = (min(1.0, _up(reached_by(pairs, share))) for share in OF_ONE)
    floors = Floors(tuple(search), tuple(home), tuple(crowd), CROWD_SIZE, MARGIN, several, MOST_PEOPLE, same, repeat)
    tries = tuple(len(one.strangers) for one in everybody)
    return Table(model.id, identity(model), floors, tries, tuple(len(one.strangers) for one in group))


def _pairs(own: Values) -> Values:
    """Cosines of every two pictures of one person."""
    cosines: Values = (own @ own.T)[np.triu_indices(len(own), 1)]
    return cosines


def _enough(measured: list[Scores], least: int, whom: str) -> None:
    for one in measured:
        if len(one.strangers) < least:
            raise ModelRefused(
                "too_few_people",
                f"{len(one.strangers)} visits of strangers ({whom}, {one.setting.frames} frames), {least} needed",
            )


def _up(score: float) -> float:
    """To the next thousandth. A floor may lie above 1: the lead over the next home counts too."""
    return min(UNREACHED, math.ceil(score * 1000 - 1e-9) / 1000)


def written(table: Table) -> str:
    """As TOML."""
    lines = [
        "# Written by `kaimen face evaluate`; `kaimen face adopt` asks for it. Measured, not chosen.",
        f'model = "{table.model}"',
        f'identity = "{table.identity}"',
        f"tries = {list(table.tries)}",
        f"group_tries = {list(table.group_tries)}",
        "",
        *section("floors", table.floors),
    ]
    return "\n".join(lines) + "\n"


def section(name: str, floors: Floors) -> list[str]:
    """One TOML table of floors, as the manifest has it."""
    rows = [f"{key} = [{', '.join(f'{value:.3f}' for value in getattr(floors, key))}]" for key in KEYS]
    rest = [f"{key} = {getattr(floors, key)}" for key in REST]
    return [f"[{name}]", *rows, *rest]


def read_table(path: Path) -> Table:
    """The table at `path`; ModelRefused (no_floors) where there is none or it is not understood."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        floors = floors_of({key: found["floors"][key] for key in (*KEYS, *REST)})
        tries, group = (tuple(int(n) for n in found[key]) for key in ("tries", "group_tries"))
        return Table(str(found["model"]), str(found["identity"]), floors, tries, group)
    except OSError as error:
        raise ModelRefused("no_floors", f"{path.name}: no floors table; `kaimen face evaluate` writes one") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused("no_floors", f"{path.name} is no floors table: {error!r}") from error


def adopted(path: Path, table: Table) -> str:
    """The manifest at `path` with its floors, fit to be used; ModelRefused unless all of this holds.

    Weights are those named; a licence is named and its text is there; the table was measured for this very model; the
    manifest's own floors, if it has any, are nowhere below the measured ones.
    """
    manifest = read_manifest(path)
    for model in (manifest.detector, manifest.embedder):
        model.content()
    text = path.read_text(encoding="utf-8")
    _licensed(path, text)
    if (table.model, table.identity) != (manifest.embedder.id, identity(manifest.embedder)):
        raise ModelRefused("other_model", f"the floors were measured for {table.model} as it was then, not for this")
    ours = manifest.embedder.floors
    if ours is None:
        return text.rstrip() + "\n\n" + "\n".join(section("embedder.floors", table.floors)) + "\n"
    for key in (*KEYS, "several", "crowd_size", "same"):
        _not_below(key, getattr(ours, key), getattr(table.floors, key))
    if ours.margin != table.floors.margin or ours.people > table.floors.people:
        raise ModelRefused("floors_too_low", "margin and people must be those measured")
    return text


def _not_below(key: str, ours: float | tuple[float, ...], least: float | tuple[float, ...]) -> None:
    pairs = zip(np.atleast_1d(ours), np.atleast_1d(least), strict=False)
    if np.size(ours) != np.size(least) or any(one < other for one, other in pairs):
        raise ModelRefused("floors_too_low", f"{key} {ours} is below the measured {least}")


def _licensed(path: Path, text: str) -> None:
    entry = tomllib.loads(text)["embedder"]
    named = str(entry.get("licence", "")).strip()
    if not named or named.lower() in ("unknown", "none", "?"):
        raise ModelRefused("no_licence", "the manifest names no licence for the embedder")
    file = path.parent / str(entry.get("licence_file", ""))
    if not file.is_file() or not file.read_bytes().strip():
        raise ModelRefused("no_licence", "the licence's text (licence_file) is not there")
