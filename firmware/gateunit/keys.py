"""The unit's two secrets in files of mode 0600. Who takes the card has them: docs/privacy.md says so."""

import ctypes
import os
import resource
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateunit.errors import SettingsError, StorageError
from gateunit.ports import Random
from gateunit.seal import unseal
from gateunit.signer import Ed25519Signer

SIGN, BOX = "sign.key", "box.key"
NEXT, FIRST = "sign.next", "first.pub"
SECRET = 32
_PR_SET_DUMPABLE = 4


class FileKeys:
    """ports.KeyStore in a folder; what is missing is made and synced before it is used."""

    def __init__(self, folder: Path, random: Random = os.urandom) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._signer = FileSigner(folder, random)
            self._box = X25519PrivateKey.from_private_bytes(_secret(folder / BOX, random))
        except OSError as wrong:
            raise StorageError(f"{folder}: {wrong.strerror}") from wrong

    def signer(self) -> "FileSigner":
        """The signing key."""
        return self._signer

    def first(self) -> bytes:
        """See ports.KeyStore."""
        return self._signer.first

    def box_public(self) -> bytes:
        """The key faces are sealed to."""
        return self._box.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """See ports.KeyStore."""
        return unseal(sealed, self._box, info)


class FileSigner:
    """ports.ChangingSigner in two files; the first public key stays beside them once it is not the present one."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder, self._random = folder, random
        self._now = Ed25519Signer(_secret(folder / SIGN, random))
        self._next = Ed25519Signer(_secret(folder / NEXT, random)) if (folder / NEXT).exists() else None
        named = folder / FIRST
        self.first = named.read_bytes() if named.exists() else self._now.public

    @property
    def public(self) -> bytes:
        """The present key."""
        return self._now.public

    @property
    def key_id(self) -> bytes:
        """The present key's id."""
        return self._now.key_id

    def sign(self, message: bytes) -> bytes:
        """By the present key."""
        return self._now.sign(message)

    def prepare(self) -> bytes:
        """See ports.ChangingSigner."""
        if self._next is None:
            try:
                self._next = Ed25519Signer(_secret(self._folder / NEXT, self._random))
            except OSError as wrong:
                raise StorageError(f"{self._folder}: {wrong.strerror}") from wrong
        return self._next.public

    def next_public(self) -> bytes | None:
        """See ports.ChangingSigner."""
        return None if self._next is None else self._next.public

    def next_signer(self) -> Ed25519Signer | None:
        """See ports.ChangingSigner."""
        return self._next

    def advance(self) -> None:
        """See ports.ChangingSigner; the old secret is overwritten where it lay, as far as the card lets itself be."""
        if self._next is None:
            return
        try:
            if not (self._folder / FIRST).exists():
                write_whole(self._folder / FIRST, self.first)
            _replace_and_blank(self._folder / NEXT, self._folder / SIGN)
        except OSError as wrong:
            raise StorageError(f"{self._folder}: {wrong.strerror}") from wrong
        self._now, self._next = self._next, None


def no_core_dumps() -> None:
    """Keeps secrets and faces of this process out of dumps and away from other processes of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _secret(path: Path, random: Random) -> bytes:
    """The secret in `path`; one is made where there is none. SettingsError if others may read it or it is cut."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return _made(path, random(SECRET))
    try:
        mode, secret = os.fstat(file).st_mode, os.read(file, SECRET + 1)
    finally:
        os.close(file)
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(f"{path}: others may read this key: chmod 600 {path}")
    if len(secret) != SECRET:
        raise SettingsError(f"{path}: this is no key; move it away and enrol the unit again with a new claim")
    return secret


def _replace_and_blank(fresh: Path, old: Path) -> None:
    """Puts `fresh` in the place of `old` and overwrites what lay there."""
    former = os.open(old, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.replace(fresh, old)
        _sync_folder(old.parent)
        os.pwrite(former, bytes(SECRET), 0)
        os.fsync(former)
    finally:
        os.close(former)


def _made(path: Path, secret: bytes) -> bytes:
    write_whole(path, secret)
    return secret


def write_whole(path: Path, secret: bytes) -> None:
    """A file of mode 0600 that is whole or not there."""
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, secret)
        os.fsync(file)
    finally:
        os.close(file)
    os.replace(fresh, path)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
