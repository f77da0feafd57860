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
SECRET = 32
_PR_SET_DUMPABLE = 4


class FileKeys:
    """ports.KeyStore in a folder; what is missing is made and synced before it is used."""

    def __init__(self, folder: Path, random: Random = os.urandom) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._signer = Ed25519Signer(_secret(folder / SIGN, random))
            self._box = X25519PrivateKey.from_private_bytes(_secret(folder / BOX, random))
        except OSError as wrong:
            raise StorageError(f"{folder}: {wrong.strerror}") from wrong

    def signer(self) -> Ed25519Signer:
        """The signing key."""
        return self._signer

    def box_public(self) -> bytes:
        """The key faces are sealed to."""
        return self._box.public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """See ports.KeyStore."""
        return unseal(sealed, self._box, info)


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


def _made(path: Path, secret: bytes) -> bytes:
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, secret)
        os.fsync(file)
    finally:
        os.close(file)
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return secret
