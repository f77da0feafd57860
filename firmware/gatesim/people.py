"""The people of a folder: who lives here with which pictures, who is a stranger, and what could not be used.

DIR/<person>/*   first half of the pictures (at most five) enrol, the rest are the frames of one visit
DIR/_strangers/* each picture, or each folder of pictures, is one stranger's visit
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from gatesim.errors import FolderRefused
from gatesim.frame import read

STRANGERS = "_strangers"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
ENROL = 5
SHOWN = 6  # frames of one visit at most: about three seconds before the camera
MOST_PEOPLE = 2_000


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody with a home of their own: files to enrol with, files of one visit."""

    name: str
    home: str
    enrol: tuple[Path, ...]
    visit: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody unknown and the files of one visit."""

    name: str
    visit: tuple[Path, ...]


@dataclass(slots=True)
class Crowd:
    """Everybody of a folder. `unused` counts, in words, what was left out and why."""

    residents: list[Resident] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)


def read_folder(folder: Path, limit: int = MOST_PEOPLE) -> Crowd:
    """The people of `folder`, by name; FolderRefused if it is no folder or nobody in it can be enrolled."""
    if not folder.is_dir():
        raise FolderRefused(f"--faces {folder}: there is no such folder; give one that holds a folder per person")
    crowd = Crowd()
    for person in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != STRANGERS):
        _add_resident(crowd, person, limit)
    for one in sorted((folder / STRANGERS).iterdir()) if (folder / STRANGERS).is_dir() else ():
        _add_stranger(crowd, one)
    if not crowd.residents:
        raise FolderRefused(
            f"--faces {folder}: nobody here has two readable pictures; expected {folder.name}/<person>/*.jpg"
        )
    return crowd


def home_of(number: int) -> str:
    """The dial string of resident `number`'s home: building 2, stair, floor, door; ten homes a floor."""
    stair, rest = divmod(number, 500)
    floor, door = divmod(rest, 10)
    return f"2{stair + 1}{floor + 1:02d}{door + 1:02d}"


def _add_resident(crowd: Crowd, person: Path, limit: int) -> None:
    files = _readable(crowd, sorted(person.iterdir()))
    if len(files) < 2:
        crowd.unused["persons with fewer than two readable pictures"] += 1
        return
    if len(crowd.residents) >= limit:
        crowd.unused[f"persons beyond the first {limit}"] += 1
        return
    enrol = min(ENROL, len(files) // 2)
    visit = files[len(files) // 2 :][:SHOWN]
    crowd.residents.append(Resident(person.name, home_of(len(crowd.residents)), tuple(files[:enrol]), tuple(visit)))


def _add_stranger(crowd: Crowd, one: Path) -> None:
    files = _readable(crowd, sorted(one.iterdir()) if one.is_dir() else [one])
    if not files:
        crowd.unused["strangers without a readable picture"] += 1
        return
    shown = files[:SHOWN] if len(files) > 1 else files * 3  # one picture: the stranger stands still for three frames
    crowd.strangers.append(Stranger(one.stem, tuple(shown)))


def _readable(crowd: Crowd, paths: list[Path]) -> list[Path]:
    good = []
    for path in paths:
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.suffix.lower() not in SUFFIXES:
            crowd.unused["files that are no pictures by their name"] += 1
            continue
        try:
            read(path)
        except FolderRefused:
            crowd.unused["unreadable pictures"] += 1
            continue
        good.append(path)
    return good
