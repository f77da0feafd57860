"""The one encoding of everything that is signed: deterministic CBOR (RFC 8949 section 4.2.1) without maps, floats and
tags, and two COSE envelopes (RFC 9052) as fixed byte templates. What this module would not write, it does not read.

Values: int -2^64 .. 2^64-1, bytes, str, list or tuple, bool, None. Lists nest at most MAX_DEPTH deep.
"""

import struct

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import WireError

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify

MAX_DEPTH = 8
MAX_BYTES = 1 << 20
SPARE_BYTES = 512  # the longest encoding whose buffer is kept; -1 where several threads encode

_UINT, _NINT, _BYTES, _TEXT, _LIST = 0x00, 0x20, 0x40, 0x60, 0x80
_FALSE, _TRUE, _NULL = 0xF4, 0xF5, 0xF6
# made once: a tuple written where it is used takes memory each time
BYTES_LIKE = (bytes, bytearray, memoryview)
LISTS = (list, tuple)
_SIZES = (">B", ">H", ">I", ">Q")
_spare: "list[bytearray]" = []  # the buffer of the last encoding: a door writes ten for one decision


def encode(value: "Any") -> bytes:
    """The only encoding of `value`; WireError("type" | "range" | "depth" | "text") for what has none."""
    out = _spare.pop() if _spare else bytearray()
    out[:] = b""
    write(out, value)
    data = bytes(out)
    if not _spare and len(data) <= SPARE_BYTES:
        _spare.append(out)
    return data


def opening(count: int) -> bytes:
    """What a list of so many items begins with: their encodings follow."""
    out = bytearray()
    write_head(out, count)
    return bytes(out)


def write(out: bytearray, value: "Any", depth: int = 0) -> None:
    """Appends the encoding of `value`; WireError as of `encode`."""
    if value is None:
        out.append(_NULL)
    elif value is True:  # before int: True is an int on CPython and is none on MicroPython
        out.append(_TRUE)
    elif value is False:
        out.append(_FALSE)
    elif isinstance(value, int):
        if value >= 0:
            _head(out, _UINT, value)
        else:
            _head(out, _NINT, -1 - value)
    elif isinstance(value, BYTES_LIKE):
        _head(out, _BYTES, len(value))
        out.extend(value)
    elif isinstance(value, str):
        text = _utf8(value)
        _head(out, _TEXT, len(text))
        out.extend(text)
    elif isinstance(value, LISTS):
        if depth >= MAX_DEPTH:
            raise WireError("depth")
        write_head(out, len(value))
        for item in value:
            write(out, item, depth + 1)
    else:
        raise WireError("type")


def write_head(out: bytearray, count: int) -> None:
    """Appends the head of an array; `count` items are to follow."""
    _head(out, _LIST, count)


def _utf8(text: str) -> bytes:
    try:
        data = text.encode()
    except ValueError:  # UnicodeEncodeError: a lone surrogate
        raise WireError("text")
    if not _is_utf8(data):
        raise WireError("text")
    return data


def _head(out: bytearray, major: int, n: int) -> None:
    if n < 24:
        out.append(major | n)
    elif n < 0x100:
        out.append(major | 24)
        out.append(n)
    elif n < 0x10000:
        out.append(major | 25)
        out.append(n >> 8)
        out.append(n & 0xFF)
    elif n < 0x100000000:
        out.append(major | 26)
        out.extend(b"\x00\x00\x00\x00")
        struct.pack_into(">I", out, len(out) - 4, n)  # in place: to_bytes would make bytes to be thrown away
    elif n < 0x10000000000000000:
        out.append(major | 27)
        out.extend(b"\x00\x00\x00\x00\x00\x00\x00\x00")
        struct.pack_into(">Q", out, len(out) - 8, n)
    else:
        raise WireError("range")


def decode(data: bytes) -> "Any":
    """The value whose encoding is exactly `data`; WireError with the reason for any other bytes."""
    if len(data) > MAX_BYTES:
        raise WireError("long")
    items: "list[Any]" = []
    if read(items, data, 0, 0) != len(data):
        raise WireError("trailing")
    return items[0]


def array(data: "bytes | memoryview", at: int) -> "tuple[int, int]":
    """How many items the array at `at` has (-1 if it is none), and where the first begins."""
    if at >= len(data) or data[at] & 0xE0 != _LIST:
        return -1, at
    return _argument(data, at), at + _width(data[at])


def read(items: "list[Any]", data: "bytes | memoryview", at: int, depth: int = 1) -> int:
    """Puts the item of `data` that starts at `at` behind `items`; where it ends. No tuple of both: it takes memory."""
    if at >= len(data):
        raise WireError("cut")
    first = data[at]
    if first in (_FALSE, _TRUE, _NULL):
        items.append(None if first == _NULL else first == _TRUE)
        return at + 1
    major = first & 0xE0
    if major > _LIST:
        raise WireError("type")
    n = _argument(data, at)
    at += _width(first)
    if major == _UINT:
        items.append(n)
    elif major == _NINT:
        items.append(-1 - n)
    elif n > len(data) - at:  # an item is at least one byte: a hostile length never allocates
        raise WireError("cut")
    elif major == _LIST:
        return _inner(items, data, at, n, depth)
    else:
        body = bytes(data[at : at + n])
        at += n
        if major == _TEXT and not _is_utf8(body):
            raise WireError("text")
        items.append(body if major == _BYTES else body.decode())
    return at


def _inner(items: "list[Any]", data: "bytes | memoryview", at: int, n: int, depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise WireError("depth")
    inner: "list[Any]" = []
    for _ in range(n):
        at = read(inner, data, at, depth + 1)
    items.append(inner)
    return at


def _width(first: int) -> int:
    """Bytes of a head: itself, and its argument if that does not fit in it."""
    low = first & 0x1F
    return 1 if low < 24 else 1 + (1 << (low - 24))


def _argument(data: "bytes | memoryview", at: int) -> int:
    low = data[at] & 0x1F
    if low < 24:
        return low
    if low > 27:
        raise WireError("length")
    if _width(low) > len(data) - at:
        raise WireError("cut")
    n: int = struct.unpack_from(_SIZES[low - 24], data, at + 1)[0]
    if n < (24 if low == 24 else 1 << (4 << (low - 24))):
        raise WireError("minimal")
    return n


def _is_utf8(data: bytes) -> bool:
    """RFC 3629 to the letter; MicroPython's own check lets overlong forms and surrogates pass."""
    more = point = least = 0
    for byte in data:
        if more:
            if byte & 0xC0 != 0x80:
                return False
            point = point << 6 | byte & 0x3F
            more -= 1
            if not more and (point < least or point > 0x10FFFF or point & 0x1FF800 == 0xD800):
                return False
        elif byte >= 0xF8:
            return False
        elif byte >= 0xF0:
            more, point, least = 3, byte & 0x07, 0x10000
        elif byte >= 0xE0:
            more, point, least = 2, byte & 0x0F, 0x800
        elif byte >= 0xC0:
            more, point, least = 1, byte & 0x1F, 0x80
        elif byte >= 0x80:
            return False
    return not more


# COSE_Sign1 = 18([ <<{1: -19, 4: kid}>>, {}, payload, signature ]), RFC 9864's Ed25519.
# COSE_Mac0  = 17([ <<{1:   5, 4: kid}>>, {}, payload, tag ]), HMAC-SHA-256.
# Everything before the payload is constant but for the key id, and is compared byte for byte.
_SIGN1 = (b"\xd2\x84\x55\xa2\x01\x32\x04\x50", b"\x84\x6aSignature1", b"\x58\x40", 64)
_MAC0 = (b"\xd1\x84\x55\xa2\x01\x05\x04\x50", b"\x84\x64MAC0", b"\x58\x20", 32)
_KID = 16


def _authenticated(envelope: "tuple[bytes, bytes, bytes, int]", kid: bytes, payload: bytes) -> bytes:
    """The Sig_structure or MAC_structure: context, protected header, empty external data, payload."""
    protected = envelope[0][2:] + kid
    return envelope[1] + protected + b"\x40" + encode(payload)


def _wrap(envelope: "tuple[bytes, bytes, bytes, int]", kid: bytes, payload: bytes, proof: bytes) -> bytes:
    return envelope[0] + kid + b"\xa0" + encode(payload) + envelope[2] + proof


def _unwrap(envelope: "tuple[bytes, bytes, bytes, int]", data: bytes) -> "tuple[bytes, bytes, bytes]":
    """(kid, payload, proof) of an envelope that is byte for byte what `_wrap` writes."""
    start = len(envelope[0]) + _KID + 1
    tail = len(envelope[2]) + envelope[3]
    if len(data) < start + tail or len(data) > MAX_BYTES:
        raise WireError("envelope")
    kid = bytes(data[len(envelope[0]) : len(envelope[0]) + _KID])
    found: "list[Any]" = []
    end = read(found, data, start, 0)
    payload = found[0]
    if not isinstance(payload, bytes) or end != len(data) - tail:
        raise WireError("envelope")
    proof = bytes(data[len(data) - envelope[3] :])
    if bytes(data) != _wrap(envelope, kid, payload, proof):
        raise WireError("envelope")
    return kid, payload, proof


def sign1(payload: bytes, signer: "Any") -> bytes:
    """COSE_Sign1 of `payload` by `signer` (an object with `key_id: bytes[16]` and `sign(message) -> bytes[64]`)."""
    return sign1_from(payload, signer.key_id, signer.sign(sign1_text(payload, signer.key_id)))


def sign1_text(payload: bytes, kid: bytes) -> bytes:
    """What is signed in a COSE_Sign1 of `payload`: for who signs in steps."""
    return _authenticated(_SIGN1, kid, payload)


def sign1_from(payload: bytes, kid: bytes, signature: bytes) -> bytes:
    """The COSE_Sign1 with a signature made over `sign1_text`."""
    return _wrap(_SIGN1, kid, payload, signature)


def sign1_parts(data: bytes) -> "tuple[bytes, bytes, bytes]":
    """(key id, what is signed, signature) of a COSE_Sign1: for who verifies in steps. WireError if it is none."""
    kid, payload, signature = _unwrap(_SIGN1, data)
    return kid, _authenticated(_SIGN1, kid, payload), signature


def signed_by(data: bytes) -> bytes:
    """The key id (16 bytes) a COSE_Sign1 names; nothing is verified yet. WireError if it is none."""
    return _unwrap(_SIGN1, data)[0]


def open_sign1(data: bytes, kid: bytes, public: bytes, verify: "Verify") -> bytes:
    """The payload of a COSE_Sign1 made by the key `public`, known by the id `kid`; WireError("signature") otherwise."""
    named, payload, signature = _unwrap(_SIGN1, data)
    if named != kid or not verify(public, _authenticated(_SIGN1, kid, payload), signature):
        raise WireError("signature")
    return payload


def mac0(payload: bytes, kid: bytes, key: bytes) -> bytes:
    """COSE_Mac0 of `payload` under the shared `key` known by the id `kid` (16 bytes)."""
    from gatecore.sign import hmac_sha256

    return _wrap(_MAC0, kid, payload, hmac_sha256(key, _authenticated(_MAC0, kid, payload)))


def open_mac0(data: bytes, kid: bytes, key: bytes) -> bytes:
    """The payload of a COSE_Mac0 made with `key`; WireError("signature") otherwise."""
    from gatecore.sign import equal, hmac_sha256

    named, payload, tag = _unwrap(_MAC0, data)
    if named != kid or not equal(tag, hmac_sha256(key, _authenticated(_MAC0, kid, payload))):
        raise WireError("signature")
    return payload
