"""Which models are in use, where they come from, and what was measured for them. Unknown weights never start."""

import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ModelRefused

SHIPPED = Path(__file__).parent / "MANIFEST.toml"
SAME, REPEAT = 0.93, 0.985  # of the embedder that ships; its manifest need not say so
INPUTS = ("uint8", "float32", "pairs")
LEAST_SCALE = 1e-6  # of a pixel: a network that is given nothing finds everybody alike
KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "file", "sha256", "source", "licence", "licence_file", "input", "metric"), str),
    **dict.fromkeys(("side", "size"), int),
    **dict.fromkeys(("mean", "scale"), (int, float)),
    **dict.fromkeys(("mirror", "bgr"), bool),
    **dict.fromkeys(("points", "point_weights"), list),
    **dict.fromkeys(("stem", "stem_tiled", "floors"), dict),
}


@dataclass(frozen=True, slots=True)
class Floors:
    """The lowest accepting scores measured for one embedder, by number of frames (docs/models.md).

    `search` and `home` are for free search and for a claimed home; `crowd` is the score of the best other household
    assumed where fewer than `crowd_size` others are enrolled, so that an empty house does not count as a wide margin.
    `same` and `repeat` are cosines of two single pictures of one person: 94 % of them reach the one, 1.5 % the other.
    """

    search: tuple[float, ...]
    home: tuple[float, ...]
    crowd: tuple[float, ...]
    crowd_size: int
    margin: float
    several: float
    people: int
    same: float = SAME
    repeat: float = REPEAT


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight file."""

    path: Path
    sha256: str

    def content(self) -> bytes:
        """The file's bytes; ModelRefused unless they are exactly those the manifest names."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ModelRefused("weights_missing", f"{self.path.name} cannot be read: {error.strerror}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise ModelRefused("weights_unknown", f"{self.path.name} has sha256 {found}, {self.sha256} expected")
        return content


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `points` and `weights` are the embedder's alignment template in chip pixels.

    `input` names how an embedder takes its chip (gateface.intake): "uint8" the pixels as they are, "float32" as
    (pixel - mean) * scale, "pairs" rearranged for a first convolution of 7x7 with stride 2; `bgr` blue first. A model
    in two files begins with `stem`, or with `stem_tiled`, the same for processors with 8-bit tiles.
    """

    id: str
    path: Path
    sha256: str
    side: int
    size: int = 0
    mirror: bool = False
    input: str = "uint8"
    mean: float = 127.5
    scale: float = 1 / 127.5
    bgr: bool = False
    points: tuple[tuple[float, float], ...] = ()
    weights: tuple[float, ...] = ()
    floors: Floors | None = None
    stem: Weights | None = None
    stem_tiled: Weights | None = None

    def content(self) -> bytes:
        """The file's bytes; ModelRefused unless they are exactly those the manifest names."""
        return Weights(self.path, self.sha256).content()

    def beginning(self, tiles: bool) -> bytes | None:
        """The stem for this processor, every stem's bytes being those the manifest names; None for a model without."""
        plain = None if self.stem is None else self.stem.content()
        tiled = None if self.stem_tiled is None else self.stem_tiled.content()
        return tiled if tiles and tiled is not None else plain


@dataclass(frozen=True, slots=True)
class Manifest:
    """The detector and the embedder of one engine; `mesh` is for liveness alone, and may be missing."""

    detector: Model
    embedder: Model
    mesh: Model | None = None


def read_manifest(path: Path = SHIPPED) -> Manifest:
    """The manifest at `path`; weight files are named relative to it. ModelRefused on anything not understood.

    A manifest without a detector uses the one that ships.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        embedder = _aligned(_model(path.parent, table["embedder"]))
        if "detector" not in table and path != SHIPPED:
            shipped = read_manifest()
            return Manifest(shipped.detector, embedder, shipped.mesh)
        mesh = _model(path.parent, table["mesh"]) if "mesh" in table else None
        return Manifest(_model(path.parent, table["detector"]), embedder, mesh)
    except OSError as error:
        raise ModelRefused("manifest_missing", f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused("manifest_invalid", f"{path.name} is not understood: {error!r}") from error


def _model(folder: Path, table: dict[str, Any]) -> Model:
    _understood(table)
    if table.get("metric", "cosine") != "cosine":
        raise ValueError(f"metric {table['metric']!r}, only cosine is known")
    points = tuple((_finite(x), _finite(y)) for x, y in table.get("points", ()))
    weights = tuple(_finite(weight) for weight in table.get("point_weights", ()))
    if len(points) != len(weights):
        raise ValueError("points and point_weights differ in number")
    if "stem_tiled" in table and "stem" not in table:
        raise ValueError("a stem_tiled needs a stem for other processors")
    return Model(
        id=table["id"],
        path=folder / table["file"],
        sha256=table["sha256"],
        side=table["side"],
        size=table.get("size", 0),
        mirror=table.get("mirror", False),
        input=_input(table),
        mean=_finite(table.get("mean", 127.5)),
        scale=_finite(table.get("scale", 1 / 127.5)),
        bgr=table.get("bgr", False),
        points=points,
        weights=weights,
        floors=floors_of(table["floors"]) if "floors" in table else None,
        stem=_stem(folder, table, "stem"),
        stem_tiled=_stem(folder, table, "stem_tiled"),
    )


def _understood(table: dict[str, Any]) -> None:
    """ValueError for a key that is not known, or a value that is not what its key holds."""
    for key, value in table.items():
        if key not in KINDS:
            raise ValueError(f"{key} is no known key")
        if not isinstance(value, KINDS[key]) or isinstance(value, bool) != (KINDS[key] is bool):
            raise ValueError(f"{key} = {value!r}")
    if not table["id"].strip():
        raise ValueError("id is empty")
    if not LEAST_SCALE <= abs(table.get("scale", 1)) <= 1 / LEAST_SCALE:
        raise ValueError(f"scale = {table['scale']!r}")


def _aligned(embedder: Model) -> Model:
    """The same; ValueError unless its template says where a detected face's six points belong."""
    carrying = {point for point, weight in zip(embedder.points, embedder.weights, strict=True) if weight > 0}
    if len(embedder.points) != 6 or len(carrying) < 2 or min(embedder.weights) < 0:
        raise ValueError("points: six places in the chip expected, two of them at least with a weight")
    return embedder


def _stem(folder: Path, table: dict[str, Any], name: str) -> Weights | None:
    return Weights(folder / str(table[name]["file"]), str(table[name]["sha256"])) if name in table else None


def _input(table: dict[str, Any]) -> str:
    name = str(table.get("input", "uint8"))
    if name not in INPUTS:
        raise ValueError(f"input {name!r}, one of {', '.join(INPUTS)} expected")
    return name


def _finite(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no number")
    return number


def floors_of(table: dict[str, Any]) -> Floors:
    """The floors in a TOML table; ValueError, KeyError or TypeError for anything else."""
    search, home, crowd = (tuple(float(value) for value in table[name]) for name in ("search", "home", "crowd"))
    if not len(search) == len(home) == len(crowd) > 0:
        raise ValueError("search, home and crowd need one value per number of frames")
    margin, several = _finite(table["margin"]), _finite(table["several"])
    if margin < 0 or several < 0:
        raise ValueError("margin and several must not be negative")
    if not all(0 < value < 1 + 2 * margin for value in search + home) or not all(0 < value <= 1 for value in crowd):
        raise ValueError("a floor must be a score that can be reached, and not 0; crowd a cosine")
    same, repeat = _finite(table.get("same", SAME)), _finite(table.get("repeat", REPEAT))
    if not -1 <= same <= repeat <= 1:
        raise ValueError("same and repeat are cosines, repeat the higher one")
    return Floors(search, home, crowd, int(table["crowd_size"]), margin, several, int(table["people"]), same, repeat)
