"""Hashes, message authentication and key names, on nothing but SHA-256.

Neither `hmac` nor a hash object that can be copied exists on the small interpreter, so HMAC is spelt out here.
"""

import hashlib

_BLOCK = 64  # bytes SHA-256 takes in at a time
_INNER = int.from_bytes(b"\x36" * _BLOCK, "little")
_OUTER = int.from_bytes(b"\x5c" * _BLOCK, "little")
# A door asks under two keys again and again, its list's and a zone's: the padded forms of the last two are kept.
_last: "tuple[bytes, bytes, bytes]" = (b"", b"\x36" * _BLOCK, b"\x5c" * _BLOCK)
_before = _last


def sha256(first: "bytes | bytearray" = b"", second: "bytes | bytearray" = b"", *more: bytes) -> bytes:
    """SHA-256 of the parts, one after another; 32 bytes. Most are two, which are named: a starred one takes memory."""
    state = hashlib.sha256(first)
    state.update(second)
    for part in more:
        state.update(part)
    return state.digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of `message`; 32 bytes."""
    global _last, _before
    held = _last
    if held[0] != key:
        held = _before
        if held[0] != key:
            held = (key, _padded(key, _INNER), _padded(key, _OUTER))
        _last, _before = held, _last
    return sha256(held[2], sha256(held[1], message))


def _padded(key: bytes, pad: int) -> bytes:
    if len(key) > _BLOCK:
        key = sha256(key)
    number = int.from_bytes(key, "little")  # so that the zeros a short key is filled up with need not be written
    return (number ^ pad).to_bytes(_BLOCK, "little")


def equal(a: bytes, b: bytes) -> bool:
    """Whether two byte strings are the same, in a time that depends on their lengths only."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


def key_id(public: bytes) -> bytes:
    """The 16 bytes that name a signing key, and with it the device that holds it."""
    return sha256(b"gate-dev/1", public)[:16]
