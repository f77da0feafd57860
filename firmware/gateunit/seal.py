"""Sealed boxes: HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305, and what lies in them.

A person's templates are encrypted once under the person's own key (RFC 8439); only that key is sealed, once per door.
Forgetting the key therefore forgets every copy of the templates.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gatecore.errors import GateError
from gatecore.records import BYTES, LIST, UINT, fits
from gatecore.wire import decode, encode
from gateunit.errors import SealError

NONCE, TAG, SHARE = 12, 16, 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal(data: bytes, box: bytes, info: bytes) -> bytes:
    """`data` for the holder of the X25519 key `box` alone: the 32-byte share, then ciphertext and tag."""
    try:
        return _SUITE.encrypt(data, X25519PublicKey.from_public_bytes(box), info)
    except ValueError as wrong:
        raise SealError("this is no box key") from wrong


def unseal(sealed: bytes, secret: X25519PrivateKey, info: bytes) -> bytes:
    """What `seal` was given; SealError for another key, another `info` or altered bytes."""
    if len(sealed) < SHARE + TAG:
        raise SealError("too short for a sealed box")
    try:
        return _SUITE.decrypt(sealed, secret, info)
    except (InvalidTag, ValueError) as wrong:
        raise SealError("the box does not open") from wrong


def face_info(estate: bytes, person: bytes, model: str, dev: bytes) -> bytes:
    """What a sealed person key is bound to: it opens for this estate, person, model and door only."""
    return encode(["gate-face/1", estate, person, model, dev])


def seal_templates(photos: list[bytes], key: bytes, nonce: bytes, person: bytes, model: str) -> bytes:
    """A person's packed templates under the person's key: nonce (12 bytes), ciphertext, tag."""
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, encode(photos), encode([person, model]))


def seal_learned(vectors: list[bytes], day: int, key: bytes, nonce: bytes, person: bytes, model: str) -> bytes:
    """What a door learned of a person up to `day`, as it lies on its disk: nonce, ciphertext, tag."""
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, encode([day, vectors]), _learned_of(person, model))


def open_learned(sealed: bytes, key: bytes, person: bytes, model: str) -> tuple[tuple[bytes, ...], int]:
    """(templates, day); SealError for anything but what `seal_learned` made for this person and model."""
    try:
        opened = ChaCha20Poly1305(key).decrypt(sealed[:NONCE], sealed[NONCE:], _learned_of(person, model))
        day, vectors = decode(opened)
    except (InvalidTag, ValueError, TypeError, GateError) as wrong:
        raise SealError("what was learned does not open") from wrong
    if not fits(day, UINT) or not fits(vectors, LIST) or not all(fits(vector, BYTES) for vector in vectors):
        raise SealError("these are no templates")
    return tuple(vectors), day


def _learned_of(person: bytes, model: str) -> bytes:
    return encode(["gate-learned/1", person, model])


def open_templates(sealed: bytes, key: bytes, person: bytes, model: str) -> list[bytes]:
    """The packed templates; SealError for anything but what `seal_templates` made for this person and model."""
    try:
        opened = ChaCha20Poly1305(key).decrypt(sealed[:NONCE], sealed[NONCE:], encode([person, model]))
        photos = decode(opened)
    except (InvalidTag, ValueError, GateError) as wrong:
        raise SealError("the templates do not open") from wrong
    if not isinstance(photos, list) or not photos or not all(fits(photo, BYTES) for photo in photos):
        raise SealError("these are no templates")
    return photos
