"""A folder of people -> everybody's faces, and a word for every file that gave none.

One folder of pictures per person, at any depth, links followed. Where pictures lie loose in the folder itself, or under
`_strangers`, the person is the file's name without the number behind it ("Ana_0001.jpg", "Ana (2).png"). A layout that
could mean two things is refused: one person taken for two, or two for one, makes every figure wrong.
Nothing is kept of the pictures but their templates, in memory.
"""

import hashlib
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .engine import Engine
from .errors import ModelRefused, PictureRefused
from .face import Face
from .picture import MOST_BYTES, read_picture

ENDINGS = {
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".gif",
    ".heic",
    ".heif",
    ".avif",
}
LOOSE = "_strangers"
NUMBER = re.compile(r"[ _-]+\(?\d+\)?$")
NO_FACE, NO_PICTURE, CLOSED = "no face found", "no picture by its name", "cannot be opened"
AGAIN, ANOTHERS = "the same picture again", "the same picture under another name"


@dataclass(slots=True)
class Album:
    """Everybody's faces. `left_out` counts the files that gave none by their reason, `example` has the first of each;
    `several` counts pictures of more than one face, of which the one nearest to the middle was taken."""

    people: dict[str, list[Face]] = field(default_factory=lambda: defaultdict(list))
    left_out: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    several: int = 0

    @property
    def missed(self) -> int:
        """Pictures without a face."""
        return self.left_out[NO_FACE]

    def leave_out(self, reason: str, file: str) -> None:
        """Counts a file that gives no face."""
        self.left_out[reason] += 1
        self.example.setdefault(reason, file)


def read_album(engine: Engine, folder: Path) -> Album:
    """Everybody's faces, each picture once. ModelRefused (folder_unclear) where it is not clear whose they are."""
    every = files(folder)
    whose = dict((path, name) for name, path in named(folder, every))
    album, owners = Album(), dict[bytes, str]()
    for path in every:
        file = path.relative_to(folder).as_posix()
        if path not in whose:
            album.leave_out(NO_PICTURE, file)
        elif (content := content_of(path)) is None:
            album.leave_out(CLOSED, file)
        elif (owner := owners.setdefault(hashlib.sha256(content).digest(), file)) != file:
            album.leave_out(AGAIN if whose[folder / owner] == whose[path] else ANOTHERS, file)
        else:
            _add(album, engine, whose[path], content, file)
    return album


def pictures(folder: Path) -> list[tuple[str, Path]]:
    """Whose they are, and where they lie; ModelRefused (folder_unclear)."""
    return named(folder, files(folder))


def files(folder: Path) -> list[Path]:
    """Every file below, in order; a folder linked to twice counts once."""
    found, seen = [], set()
    for place, inner, names in os.walk(folder, onerror=_raise, followlinks=True):
        inner.sort(key=lambda name: (os.path.islink(os.path.join(place, name)), name))
        real = os.path.realpath(place)
        if real in seen:
            inner.clear()
        else:
            found += [Path(place, name) for name in names]
        seen.add(real)
    return sorted(found)


def named(folder: Path, every: Iterable[Path]) -> list[tuple[str, Path]]:
    """The pictures among these files with whose they are."""
    found = [path for path in every if path.suffix.lower() in ENDINGS and not path.name.startswith(".")]
    _clear(folder, {path.parent for path in found} - {folder})
    return [(name_of(folder, path), path) for path in found]


def name_of(folder: Path, path: Path) -> str:
    """The person a picture is of, composed (NFC), as lists of names are."""
    loose = path.parent == folder or path.parent.name == LOOSE
    name = (NUMBER.sub("", path.stem) or path.stem) if loose else path.parent.name
    return unicodedata.normalize("NFC", name)


def _clear(folder: Path, places: set[Path]) -> None:
    """ModelRefused where two folders have one name, or pictures lie beside a folder of pictures."""
    known: dict[str, Path] = {}
    for place in sorted(place for place in places if place.name != LOOSE):
        other = known.setdefault(unicodedata.normalize("NFC", place.name), place)
        above = next((upper for upper in place.parents if upper in places), place)
        for one in (other, above):
            if one != place:
                two = " and ".join(str(each.relative_to(folder)) for each in (one, place))
                raise ModelRefused("folder_unclear", f"{two}: one person or two? One folder of pictures a person")


def content_of(path: Path) -> bytes | None:
    """None where it cannot be opened; of what is too large to be a picture so much that it is refused as such."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        return None


def _add(album: Album, engine: Engine, name: str, content: bytes, file: str) -> None:
    """The face nearest to the picture's middle."""
    try:
        picture = read_picture(content)
    except PictureRefused as wrong:
        album.leave_out(str(wrong), file)
        return
    found = engine.detect(picture)
    if not found:
        album.leave_out(NO_FACE, file)
        return
    album.several += len(found) > 1
    middle = np.array([picture.shape[1], picture.shape[0]]) / 2
    nearest = min(found, key=lambda one: float(np.abs(one.landmarks[:4].mean(0) - middle).sum()))
    album.people[name].append(engine.embed(picture, nearest))


def _raise(wrong: OSError) -> None:
    raise wrong
