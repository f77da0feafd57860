"""A backup: one moment of the database, keys and documents in a first place, the key table in a second one.

Made while the host runs, sealed for a key that the estate keeps off the machine, signed by the estate's key. Whatever
goes wrong, the backups before stay whole. The key table is what erasure rests on: it is kept apart and seven days.
"""

import io
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from gatehost.files import write_private
from gatehost.keys import Signer, verify
from gatehost.model.errors import BackupError, StoreError
from gatehost.store import envelope, manifest, snapshot, trial
from gatehost.store.backups import KEPT_MS, MANIFEST, First, Hashed, Second, apart
from gatehost.store.manifest import File, Manifest
from gatehost.store.shelf import DOCUMENTS, Shelf
from gatehost.store.snapshot import Facts
from gatehost.store.store import HALVES

DATABASE, KEYS, TABLE = "database.sealed", "keys.sealed", "table"
PUBLIC, STATUS, WORK = "backup.pub", "backup.json", ".backup"
BESIDE = ("trust.txt", "host.toml")  # what is backed up with the keys
KEEP = 14
_HEAD = "kaimen-backup-key 1"
_AS_BEFORE = "the ones before are as they were"


@dataclass(frozen=True, slots=True)
class Machine:
    """A host's folder and the address of its database."""

    folder: Path
    database: str


def make_key(folder: Path, target: Path) -> str:
    """Makes the key that backups are sealed for: the private half into `target`, to be kept off the machine, the
    public half beside the host's keys. Its public half (hex). BackupError if there is one, or `target` is taken."""
    public = folder / "keys" / PUBLIC
    if not public.parent.is_dir():
        raise BackupError(f"{folder} is no host's folder: there are no keys in it")
    if public.exists():
        raise BackupError(f"{public} is there already: remove it only if the private half is lost or known to others")
    if target.exists():
        raise BackupError(f"{target} is there already: name another file")
    apart(folder, target)
    private, made = envelope.new_key()
    write_private(target, f"{_HEAD}\nprivate {private.hex()}\n".encode())
    write_private(public, made.hex().encode() + b"\n")
    return made.hex()


def read_key(path: Path) -> bytes:
    """The private half in a file. BackupError for anything else."""
    try:
        head, line = path.read_text(encoding="ascii").split("\n")[:2]
        name, _, told = line.partition(" ")
        private = bytes.fromhex(told)
    except (OSError, ValueError) as wrong:
        raise BackupError(f"{path} is not the private key of backups") from wrong
    if head != _HEAD or name != "private" or len(private) != 32:
        raise BackupError(f"{path} is not the private key of backups")
    return private


async def make(machine: Machine, first: First, second: Second, keep: int, now: int) -> Manifest:
    """One more backup; those before the last `keep` go, and key tables older than seven days. BackupError, and the
    backups before are as they were, if anything is in the way."""
    apart(machine.folder, first.folder, second.folder)
    public, signer = _public(machine.folder), _estate(machine.folder)
    with _told(machine.folder):
        first.open()
        second.open()
        with first.making() as new:
            name = _name(first, now)
            facts, files, lost = await _gathered(machine, first, new, public, name)
            table = _table(machine.folder / HALVES, second, public, name)
            made = Manifest(
                name, now, facts.title, signer.public.hex(), public.hex(), version("kaimen"), facts.schema,
                "sqlite" if snapshot.is_sqlite(machine.database) else "postgresql", facts.generation, facts.newest,
                facts.counts, files, table, tuple(one for one in facts.documents if one not in lost), lost,
            )  # fmt: skip
            write_private(new / MANIFEST, made.to_text(signer.sign))
            first.finish(new, name)
        _tidy(first, second, keep, now)
        write_private(machine.folder / STATUS, made.to_text(signer.sign))
        trial.carry(first.folder, machine.folder, made.estate, verify)
    return made


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Failures of disks and databases in a sentence; no plain copy stays behind."""
    try:
        yield
    except OSError as wrong:
        where = f"{wrong.filename}: " if wrong.filename else ""
        raise BackupError(f"no backup was made: {where}{wrong.strerror}; {_AS_BEFORE}") from wrong
    except StoreError as wrong:
        raise BackupError(f"no backup was made: the database cannot be read, or is damaged; {_AS_BEFORE}") from wrong
    finally:
        shutil.rmtree(folder / WORK, ignore_errors=True)


def _public(folder: Path) -> bytes:
    try:
        public = bytes.fromhex((folder / "keys" / PUBLIC).read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise BackupError(
            f"there is no key to seal for: make it with `kaimen host backup-key FILE --dir {folder}`"
        ) from None
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or "is damaged"
        raise BackupError(f"{folder / 'keys' / PUBLIC}: {reason}; backups are sealed for that key") from wrong
    return public


def _estate(folder: Path) -> Signer:
    try:
        return Signer((folder / "keys" / "estate.key").read_bytes())
    except (OSError, ValueError):
        raise BackupError(f"{folder} is no host's folder: there is no estate.key in it") from None


def _name(first: First, now: int) -> str:
    stem = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H%M%SZ")
    taken, number, name = set(first.names()), 1, stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


async def _gathered(
    machine: Machine, first: First, new: Path, public: bytes, name: str
) -> tuple[Facts, tuple[File, ...], tuple[str, ...]]:
    """Documents, then the database that names them, then the documents it names and that came in between: an erased
    one may be missing, no other."""
    shelf, work = Shelf(machine.folder / DOCUMENTS), machine.folder / WORK
    _copied(shelf, first.shelf, shelf.names())
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    copy = work / "copy.db"
    facts = await snapshot.take(machine.database, copy)
    lost = _copied(shelf, first.shelf, facts.documents)
    with copy.open("rb") as plain:
        database = _sealed(plain, new / DATABASE, public, f"{name} {DATABASE}")
    keys = _sealed(io.BytesIO(_keys(machine.folder)), new / KEYS, public, f"{name} {KEYS}")
    return facts, (database, keys), lost


def _copied(shelf: Shelf, to: Shelf, names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Carries over what is not there yet; the names of what the host has no more, or only damaged."""
    lost, there = [], set(to.names())
    for name in names:
        if name in there:
            continue
        try:
            to.put(shelf.get(name))
        except StoreError:
            lost.append(name)
    return tuple(lost)


def _keys(folder: Path) -> bytes:
    """Every key file, the trust file and the settings, as a tar."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        whole = (path for path in (folder / "keys").iterdir() if path.suffix != ".new")  # which is being written
        for path in sorted(whole):
            tar.add(path, f"keys/{path.name}", recursive=False)
        for name in BESIDE:
            if (folder / name).exists():
                tar.add(folder / name, name, recursive=False)
    return made.getvalue()


def _sealed(plain: envelope.Readable, target: Path, public: bytes, what: str) -> File:
    written = Hashed(target)
    envelope.seal(plain, written, public, what)
    return written.done(target.name)


def _table(halves: Path, second: Second, public: bytes, name: str) -> File:
    """The key table, by way of memory: it never lies in a third place, not even for a moment."""
    with closing(sqlite3.connect(":memory:")) as copied:
        if halves.exists():
            with closing(sqlite3.connect(f"file:{halves}?mode=rw", uri=True, timeout=30.0)) as held:
                held.backup(copied)
        plain = io.BytesIO(copied.serialize())
    part = second.path(name).with_suffix(".part")
    part.unlink(missing_ok=True)
    made = _sealed(plain, part, public, f"{name} {TABLE}")
    part.rename(second.path(name))
    return File(second.path(name).name, made.size, made.sha256)


def _tidy(first: First, second: Second, keep: int, now: int) -> None:
    """Old backups go, with the documents that only they named; so do old key tables, never the newest."""
    names = first.names()
    for name in names[:-keep]:
        first.forget(name)
    try:
        kept = [manifest.read(first.path(name, MANIFEST).read_bytes(), verify) for name in names[-keep:]]
    except StoreError:
        kept = []  # one is damaged: who knows what it named
    needed = {document for one in kept for document in one.documents}
    for document in first.shelf.names() if kept else ():
        if document not in needed:
            first.shelf.drop(document)
    stamp = datetime.fromtimestamp((now - KEPT_MS) / 1000, UTC).strftime("%Y-%m-%dT%H%M%SZ")
    second.forget([name for name in second.names()[:-1] if name < stamp])
