"""The people of a folder: who lives here with which pictures, who is a stranger, and what could not be used.

DIR/<person>/*   first half of the pictures (at most five) enrol, the rest are the frames of one visit
DIR/_strangers/* each picture, or each folder of pictures, is one stranger's visit

Names are only names: whatever a folder is called, it is a person, unless it is hidden (begins with a dot).
"""

from collections import Counter
from collections.abc import Iterator
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
    *_, crowd = reading(folder, limit)
    return crowd


def reading(folder: Path, limit: int = MOST_PEOPLE) -> Iterator[Crowd]:
    """`read_folder` one person at a time: a thousand people's photos take minutes, and whoever waits may want to end
    it. The last crowd given out is whole."""
    if not folder.is_dir():
        raise FolderRefused(f"--faces {folder}: there is no such folder; give one that holds a folder per person")
    crowd = Crowd()
    try:
        for person in _listed(folder):
            if not person.is_dir():
                crowd.unused["files beside the persons' folders"] += 1
            elif person.name != STRANGERS:
                _add_resident(crowd, person, limit)
                yield crowd
        for one in _listed(folder / STRANGERS) if (folder / STRANGERS).is_dir() else ():
            _add_stranger(crowd, one)
            yield crowd
    except OSError as wrong:
        raise FolderRefused(f"--faces {folder}: {wrong.filename} cannot be read: {wrong.strerror}") from wrong
    if not crowd.residents:
        raise FolderRefused(
            f"--faces {folder}: nobody here has two readable pictures; expected {folder.name}/<person>/*.jpg"
        )


def _listed(folder: Path) -> list[Path]:
    """What lies in a folder, by name, but for what is hidden."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def home_of(number: int) -> str:
    """The dial string of resident `number`'s home: building 2, stair, floor, door; ten homes a floor."""
    stair, rest = divmod(number, 500)
    floor, door = divmod(rest, 10)
    return f"2{stair + 1}{floor + 1:02d}{door + 1:02d}"


def _add_resident(crowd: Crowd, person: Path, limit: int) -> None:
    files = _readable(crowd, _listed(person))
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
    files = _readable(crowd, _listed(one) if one.is_dir() else [one])
    if not files:
        crowd.unused["strangers without a readable picture"] += 1
        return
    shown = files[:SHOWN] if len(files) > 1 else files * 3  # one picture: the stranger stands still for three frames
    crowd.strangers.append(Stranger(one.stem, tuple(shown)))


def _readable(crowd: Crowd, paths: list[Path]) -> list[Path]:
    good = []
    for path in paths:
        if path.is_dir():
            crowd.unused["folders inside a person's folder"] += 1
            continue
        if path.suffix.lower() not in SUFFIXES:
            crowd.unused["files other than JPEG, PNG, WebP and BMP"] += 1
            continue
        try:
            read(path)
        except FolderRefused:
            crowd.unused["unreadable pictures"] += 1
            continue
        good.append(path)
    return good
