"""Files of sealed bytes, named by their own SHA-256: what a name says is what lies there, or it is damaged."""

import hashlib
import os
from pathlib import Path

from gatehost.model.errors import StoreError

DOCUMENTS = "documents"  # the folder's name beside the database


class Shelf:
    """A folder of files; made at the first use, for its owner's eyes only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, sealed: bytes) -> str:
        """Keeps the bytes durably; their name. Putting the same again changes nothing."""
        name = hashlib.sha256(sealed).hexdigest()
        path = self.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync(path.parent)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a name. StoreError("damaged") if they are not those, or are not there."""
        try:
            sealed = self.path(name).read_bytes()
        except OSError:
            raise StoreError("damaged") from None
        if hashlib.sha256(sealed).hexdigest() != name:
            raise StoreError("damaged")
        return sealed

    def drop(self, name: str) -> None:
        """Deletes a file; no error if there is none."""
        self.path(name).unlink(missing_ok=True)

    def names(self, before: float | None = None) -> list[str]:
        """Every file, or those last changed before `before` (s since 1970)."""
        found = (path for path in self.folder.glob("??/*") if before is None or path.stat().st_mtime < before)
        return sorted(path.name for path in found)

    def path(self, name: str) -> Path:
        """Where the file of a name lies."""
        return self.folder / name[:2] / name


def sync(folder: Path) -> None:
    """What stands in a folder is on storage."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
