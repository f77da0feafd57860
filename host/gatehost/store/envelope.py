"""Files that only the holder of a private key can read, sealed piece by piece as they are written.

kaimen-sealed/1 LF | box | pieces
box      a fresh 32-byte key for the holder of an X25519 key: HPKE base mode with HKDF-SHA256 and ChaCha20-Poly1305
         (RFC 9180), bound to what the file is; 80 bytes
piece    up to 1 MiB, ChaCha20-Poly1305 under that key; its nonce is its number (11 bytes) and 1 for the last, else 0

Only the last piece may be shorter, and there is one even of an empty file: nothing can be cut off, moved, left out or
said twice (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizar 2015).
"""

import os
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gatehost.model.errors import StoreError


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Up to so many; fewer only at the end."""
        ...


class Writable(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """All of them."""
        ...


PIECE = 1 << 20
MAGIC = b"kaimen-sealed/1\n"
BOX, TAG = 80, 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def new_key() -> tuple[bytes, bytes]:
    """(private, public) of a fresh key, 32 bytes each."""
    made = X25519PrivateKey.generate()
    private = made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return private, made.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_of(private: bytes) -> bytes:
    """The public half of 32 private bytes."""
    held = X25519PrivateKey.from_private_bytes(private)
    return held.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def seal(source: Readable, target: Writable, public: bytes, what: str) -> None:
    """Writes everything `source` holds into `target`, for the holder of `public` alone and as `what` alone."""
    key = os.urandom(32)
    box = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), _bound(what))
    target.write(MAGIC + box)
    cipher = ChaCha20Poly1305(key)
    for number, last, piece in _pieces(source, PIECE):
        target.write(cipher.encrypt(_nonce(number, last), piece, None))


def unseal(source: Readable, target: Writable, private: bytes, what: str) -> None:
    """Writes into `target` what `seal` was given. StoreError("key") if it is not for this key or not this file,
    StoreError("damaged") if it is altered or cut off."""
    head = source.read(len(MAGIC) + BOX)
    if len(head) != len(MAGIC) + BOX or not head.startswith(MAGIC):
        raise StoreError("damaged")
    try:
        key = _SUITE.decrypt(head[len(MAGIC) :], X25519PrivateKey.from_private_bytes(private), _bound(what))
    except (InvalidTag, ValueError) as wrong:
        raise StoreError("key") from wrong
    cipher = ChaCha20Poly1305(key)
    for number, last, piece in _pieces(source, PIECE + TAG):
        try:
            target.write(cipher.decrypt(_nonce(number, last), piece, None))
        except InvalidTag as wrong:
            raise StoreError("damaged") from wrong


def _bound(what: str) -> bytes:
    return b"gate-sealed/1 " + what.encode()


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _pieces(source: Readable, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """(number, whether it is the last, bytes); at least one."""
    number, piece = 0, source.read(size)
    while True:
        after = source.read(size) if len(piece) == size else b""
        yield number, not after, piece
        if not after:
            return
        number, piece = number + 1, after
