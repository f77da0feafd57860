"""Where backups lie: a first place of whole backups and shared documents, a second one of the key table.

first place                                    second place, elsewhere
  kaimen-backup.txt     what this folder is      kaimen-keys.txt
  2026-06-15T020000Z/   one backup:              2026-06-15T020000Z.keys   the key table, sealed, 7 days at most
    manifest.json         its last file          gone                      what ended since (gatehost.store.gone)
    database.sealed keys.sealed
  documents/            as the host has them: sealed already, named by their SHA-256
  restored              the highest generation a restore was given
A backup is made under `.new` and gets its name when it is whole and on storage, so that a cut leaves the ones before.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from gatehost.files import write_private
from gatehost.model.errors import BackupError
from gatehost.store import manifest
from gatehost.store.shelf import DOCUMENTS, Shelf, sync

MANIFEST = "manifest.json"
FIRST, SECOND = "kaimen-backup.txt", "kaimen-keys.txt"
KEPT_MS = 7 * 86_400_000  # a key table: what is erased is gone from every backup after it
_TABLE = ".keys"
_STAMP = len("2026-06-15T020000Z")  # a second backup of one second has a number after it
_TEXTS = {
    FIRST: "Backups of a Kaimen host, sealed. Keep them apart from the key table and from the private key.\n"
    "门禁主机的加密备份。请与密钥表和私钥分开保管。\n",
    SECOND: "The key table of a Kaimen host, sealed. Never keep it beside the backups of the database.\n"
    "门禁主机的密钥表（已加密）。切勿与数据库备份放在一起。\n",
}


class Hashed:
    """A file being written, with the size and SHA-256 of what was."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._hash, self.size = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """Writes it."""
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def done(self, name: str) -> manifest.File:
        """Brings it to storage and closes it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return manifest.File(name, self.size, self._hash.hexdigest())


def hashed(path: Path) -> tuple[int, str]:
    """(size, SHA-256) of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


class First:
    """The first place. BackupError if the folder holds something else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shelf = folder, Shelf(folder / DOCUMENTS)

    def open(self) -> None:
        """Makes the place ready to be written."""
        _open(self.folder, FIRST)

    def names(self) -> list[str]:
        """Every whole backup, oldest first."""
        found = (path.parent for path in self.folder.glob(f"*/{MANIFEST}"))
        return sorted(path.name for path in found if manifest.is_name(path.name))

    def path(self, name: str, file: str) -> Path:
        """A file of a backup."""
        return self.folder / name / file

    @contextmanager
    def making(self) -> Iterator[Path]:
        """The folder of a backup that is being made, alone; nothing of it is left if that fails."""
        new = self.folder / ".new"
        with (self.folder / FIRST).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"another backup is being made into {self.folder}") from None
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o700)
            try:
                yield new
            finally:
                shutil.rmtree(new, ignore_errors=True)

    def finish(self, new: Path, name: str) -> None:
        """The backup is whole: from now on it is one."""
        sync(new)
        new.rename(self.folder / name)
        sync(self.folder)

    def forget(self, name: str) -> None:
        """Takes an old backup away, its manifest first."""
        self.path(name, MANIFEST).unlink()
        shutil.rmtree(self.folder / name)

    def generation(self) -> int:
        """The highest generation that a restore from here was given; 0 before the first."""
        path = self.folder / "restored"
        return int(path.read_text()) if path.exists() else 0

    def put_generation(self, number: int) -> None:
        """A restore is given this generation."""
        write_private(self.folder / "restored", str(number).encode())


class Second:
    """The second place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Makes the place ready to be written."""
        _open(self.folder, SECOND)

    def names(self) -> list[str]:
        """Every key table, oldest first."""
        found = (path.stem for path in self.folder.glob(f"*{_TABLE}"))
        return sorted(name for name in found if manifest.is_name(name))

    def newest(self) -> int | None:
        """When the newest key table was kept, ms UTC: it knows every key destroyed before. None without one, 0 for one
        whose name is no moment."""
        names = self.names()
        if not names:
            return None
        try:
            moment = datetime.strptime(names[-1][:_STAMP], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return 0
        return int(moment.timestamp()) * 1000

    def path(self, name: str) -> Path:
        """The file of a key table."""
        return self.folder / f"{name}{_TABLE}"

    def forget(self, names: list[str]) -> None:
        """Takes old key tables away."""
        for name in names:
            self.path(name).unlink()

    def keep(self, told: bytes) -> None:
        """Replaces what is known of what ended. OSError if the place cannot be written."""
        self.open()
        write_private(self.folder / "gone", told)

    def gone(self) -> bytes:
        """What `keep` kept last; empty if nothing was."""
        path = self.folder / "gone"
        return path.read_bytes() if path.exists() else b""


def _open(folder: Path, marker: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / marker).exists():
        return
    if any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty and holds no backup: name an empty folder")
    write_private(folder / marker, _TEXTS[marker].encode())


def apart(*folders: Path) -> None:
    """BackupError if one of these folders is another one, or lies in it."""
    real = [folder.resolve() for folder in folders]
    for one in real:
        for other in real:
            if one is not other and (one == other or other in one.parents):
                raise BackupError(f"{one} and {other} must be kept apart: name another folder, best on another disk")
