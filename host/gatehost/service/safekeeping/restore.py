"""Checking a backup, and a host's folder made from one: into an empty place only, and whole or not at all."""

import io
import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.engine import make_url

from gatehost.files import write_private
from gatehost.keys import Signer, verify
from gatehost.model.errors import BackupError, StoreError
from gatehost.service.safekeeping import restored
from gatehost.service.safekeeping.backup import BESIDE, DATABASE, KEYS, TABLE
from gatehost.service.safekeeping.restored import UNFINISHED
from gatehost.store import endings, envelope, manifest, snapshot, trial
from gatehost.store.backups import MANIFEST, First, Second, apart, hashed
from gatehost.store.endings import Gone
from gatehost.store.halves import Halves, name_in, names_in
from gatehost.store.manifest import Manifest
from gatehost.store.shelf import DOCUMENTS, Shelf, sync
from gatehost.store.store import HALVES, open_store, sqlite_url
from gatehost.store.trial import Trial


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup of which nothing is missing or altered; `table` is the newest key table and whether it may be the one
    made with this backup, `gone` whether the second place knows what ended since."""

    told: Manifest
    backups: int
    table: str
    gone: bool
    opened: bool


def check(first: First, second: Second | None, name: str, estate: str, private: bytes | None) -> Checked:
    """Reads a backup whole, the newest if `name` is empty. `estate` is the public key it must be signed with (hex;
    empty: any), `private` opens it as well. BackupError names the first file that is not as it was made."""
    told = _manifest(first, name or _newest(first), estate)
    for one in told.files:
        _as_told(first.path(told.name, one.name), one.size, one.sha256)
    for document in told.documents:
        path = first.shelf.path(document)
        _as_told(path, None, document)
    table, gone = _second(second, told)
    if private is not None:
        _fits(told, private)
        _opened(first, second, told, table, private)
    return Checked(told, len(first.names()), table, gone, private is not None)


def note(first: First, told: Manifest, private: bytes, at: int, *folders: Path) -> list[Path]:
    """Leaves word in these folders that the backup was opened whole at `at` (ms UTC), in the estate's own hand; in
    which it could. The private key must have opened it (`check`)."""
    plain = io.BytesIO()
    _unsealed(first.path(told.name, KEYS), plain, private, f"{told.name} {KEYS}")
    plain.seek(0)
    with tarfile.open(fileobj=plain) as tar:
        file = tar.extractfile("keys/estate.key")
        assert file is not None  # every backup has it: `check` has seen who signed
        signer = Signer(file.read())
    text, noted = Trial(told.name, told.made, at, told.estate).to_text(signer.sign), list[Path]()
    for folder in folders:
        with suppress(OSError):
            write_private(folder / trial.FILE, text)
            (folder / trial.FILE).chmod(0o644)  # no secret: whoever makes the next backup reads it
            noted.append(folder)
    return noted


def _newest(first: First) -> str:
    names = first.names()
    if not names:
        raise BackupError(f"{first.folder} holds no whole backup")
    return names[-1]


def _manifest(first: First, name: str, estate: str) -> Manifest:
    path = first.path(name, MANIFEST)
    try:
        told = manifest.read(path.read_bytes(), verify)
    except OSError:
        raise BackupError(f"{first.folder} holds no whole backup {name}") from None
    except StoreError as wrong:
        raise BackupError(f"{path} was altered: this backup proves nothing") from wrong
    if told.name != name:
        raise BackupError(f"{path} belongs to the backup {told.name}")
    if estate and told.estate != estate:
        raise BackupError(f"{path} was signed by another estate's key ({told.estate[:16]}...)")
    return told


def _as_told(path: Path, size: int | None, sha256: str) -> None:
    try:
        found = hashed(path)
    except OSError:
        raise BackupError(f"{path} is missing") from None
    if found[1] != sha256 or size not in (None, found[0]):
        raise BackupError(f"{path} was altered or is cut off")


def _second(second: Second | None, told: Manifest) -> tuple[str, bool]:
    """(the newest key table, whether what ended since is known there)."""
    if second is None:
        return "", False
    names = [name for name in second.names() if name >= told.name]
    if not names:
        raise BackupError(f"{second.folder} holds no key table as new as the backup {told.name}")
    if told.name in names:
        _as_told(second.path(told.name), told.table.size, told.table.sha256)
    _gone(second)
    return names[-1], bool(second.gone())


def _gone(second: Second) -> Gone:
    text = second.gone()
    try:
        return endings.read(text) if text else Gone()
    except StoreError as wrong:
        raise BackupError(f"{second.folder / 'gone'} was altered or is cut off") from wrong


def _fits(told: Manifest, private: bytes) -> None:
    if envelope.public_of(private).hex() != told.key:
        raise BackupError(f"this is not the private key of the backup {told.name}: it is sealed for {told.key[:16]}...")


def _opened(first: First, second: Second | None, told: Manifest, table: str, private: bytes) -> None:
    """Opens every sealed file of it; the plain text goes nowhere."""
    with Path(os.devnull).open("wb") as nowhere:
        for one in told.files:
            _unsealed(first.path(told.name, one.name), nowhere, private, f"{told.name} {one.name}")
    if second is not None:
        plain = io.BytesIO()
        _unsealed(second.path(table), plain, private, f"{table} {TABLE}")
        _holds(first, told, second.path(table), plain.getvalue())


def _holds(first: First, told: Manifest, path: Path, table: bytes) -> None:
    """The key table has a key for every document, or knows that it was destroyed."""
    try:
        known = names_in(table)
    except ValueError:
        raise BackupError(f"{path} is no key table") from None
    for document in told.documents:
        if name_in(first.shelf.get(document)) not in known:
            raise BackupError(f"{path} does not hold the key of {first.shelf.path(document)}")


def _unsealed(path: Path, target: envelope.Writable, private: bytes, what: str) -> None:
    try:
        with path.open("rb") as sealed:
            envelope.unseal(sealed, target, private, what)
    except StoreError as wrong:
        told = "is sealed for another key" if wrong.code == "key" else "was altered or is cut off"
        raise BackupError(f"{path} {told}") from wrong


async def restore(
    first: First, second: Second, folder: Path, name: str, estate: str, private: bytes, database: str = ""
) -> Checked:
    """Makes a host's folder from a backup that was checked first; `database` is the address to restore it into, by
    default the one in the restored host.toml, or a file in the folder. The first start there does the rest
    (service.safekeeping.restored). BackupError, and the folder is as empty as it was, if anything is in the way."""
    apart(first.folder, second.folder, folder)
    checked = check(first, second, name, estate, private)
    generation = max(first.generation(), *(_generation(first, one) for one in first.names())) + 1
    with _empty(folder) as work:
        _unpacked(first, checked.told, private, work)
        url = database or _database(work) or sqlite_url(work / "kaimen.db")
        copy = work / "copy.db"
        with _private(copy) as plain:
            _unsealed(first.path(checked.told.name, DATABASE), plain, private, f"{checked.told.name} {DATABASE}")
        _keys_back(second, checked.table, private, work / HALVES)
        for document in checked.told.documents:
            Shelf(work / DOCUMENTS).put(first.shelf.get(document))
        waiting = restored.Restored(checked.told.name, checked.told.made, generation)
        restored.mark(work, waiting, second.gone())
        first.put_generation(generation)
        await _filled(copy, url)
    return checked


def _generation(first: First, name: str) -> int:
    """Of a manifest that may be damaged: then it counts for nothing."""
    try:
        return manifest.read(first.path(name, MANIFEST).read_bytes(), verify).generation
    except StoreError:
        return 0


@contextmanager
def _empty(folder: Path) -> Iterator[Path]:
    """A folder to work in below the empty `folder`; what is in it stands in `folder` in the end, or nothing does."""
    work = folder / UNFINISHED
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty: a backup is restored into an empty folder only")
        work.mkdir(mode=0o700)
        try:
            yield work
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
        for path in sorted(work.iterdir()):
            path.rename(folder / path.name)
        sync(folder)
        work.rmdir()
    except OSError as wrong:
        raise BackupError(f"nothing was restored: {wrong.filename or folder}: {wrong.strerror}") from wrong
    except StoreError as wrong:
        raise BackupError(f"nothing was restored: {_REASONS.get(wrong.code, 'the database cannot be used')}") from wrong


_REASONS = {
    "occupied": "there are tables in the database already: name an empty one",
    "newer": "the backup was made by a newer version of this program: install that version",
    "unreadable": "the database in the backup is damaged, or the one named with --database cannot be used",
}


def _unpacked(first: First, told: Manifest, private: bytes, work: Path) -> None:
    """The keys and what lies beside them: plain files of known names."""
    plain = io.BytesIO()
    _unsealed(first.path(told.name, KEYS), plain, private, f"{told.name} {KEYS}")
    plain.seek(0)
    (work / "keys").mkdir(mode=0o700)
    with tarfile.open(fileobj=plain) as tar:
        for one in tar.getmembers():
            name = one.name.removeprefix("keys/")
            held = tar.extractfile(one)
            if held is None or "/" in name or name.startswith(".") or (name == one.name and name not in BESIDE):
                raise BackupError(f"nothing was restored: {KEYS} holds {one.name!r}, which is none of its files")
            write_private(work / one.name, held.read())


def _database(work: Path) -> str:
    """The address in a restored host.toml; empty without one."""
    path = work / "host.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8")).get("database", "") if path.exists() else ""
    return str(told)


def _private(path: Path) -> BinaryIO:
    """A new file only its owner can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _keys_back(second: Second, table: str, private: bytes, path: Path) -> None:
    """The key table, without the keys that were destroyed after it was kept."""
    with _private(path) as plain:
        _unsealed(second.path(table), plain, private, f"{table} {TABLE}")
    halves = Halves(path)
    known, told = halves.forgotten(), _gone(second).keys
    for reason, at in sorted(set(told.values())):
        halves.forget([name for name in told if told[name] == (reason, at) and name not in known], reason, at)
    halves.close()


async def _filled(copy: Path, url: str) -> None:
    """The copy, brought to today's schema, as the database at `url`."""
    store = await open_store(sqlite_url(copy), copy.with_name(HALVES))
    await store.close()
    snapshot.look(copy)
    for beside in ("-wal", "-shm"):  # empty, left by looking
        copy.with_name(copy.name + beside).unlink(missing_ok=True)
    if snapshot.is_sqlite(url):
        _put(copy, Path(make_url(url).database or ""))
    else:
        await snapshot.load(copy, url)
        _put(copy, None)


def _put(copy: Path, target: Path | None) -> None:
    if target is None:
        copy.unlink()
        return
    if target.exists():
        raise BackupError(f"nothing was restored: {target} is there already")
    copy.rename(target)
