"""The one encoding of everything that is signed: deterministic CBOR (RFC 8949 section 4.2.1) without maps, floats and
tags, and two COSE envelopes (RFC 9052) as fixed byte templates. What this module would not write, it does not read.

Values: int -2^64 .. 2^64-1, bytes, str, list or tuple, bool, None. Lists nest at most MAX_DEPTH deep.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import WireError

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify

MAX_DEPTH = 8
MAX_BYTES = 1 << 20
_SPARE_BYTES = 512

_UINT, _NINT, _BYTES, _TEXT, _LIST = 0x00, 0x20, 0x40, 0x60, 0x80
_FALSE, _TRUE, _NULL = 0xF4, 0xF5, 0xF6
_spare: "list[bytearray]" = []  # the buffer of the last encoding: a door writes ten for one decision


def encode(value: "Any") -> bytes:
    """The only encoding of `value`; WireError("type" | "range" | "depth" | "text") for what has none."""
    out = _spare.pop() if _spare else bytearray()
    out[:] = b""
    _write(out, value, 0)
    data = bytes(out)
    if not _spare and len(data) <= _SPARE_BYTES:
        _spare.append(out)
    return data


def _write(out: bytearray, value: "Any", depth: int) -> None:
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
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _head(out, _BYTES, len(value))
        out.extend(value)
    elif isinstance(value, str):
        text = _utf8(value)
        _head(out, _TEXT, len(text))
        out.extend(text)
    elif isinstance(value, (list, tuple)):
        if depth >= MAX_DEPTH:
            raise WireError("depth")
        _head(out, _LIST, len(value))
        for item in value:
            _write(out, item, depth + 1)
    else:
        raise WireError("type")


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
        out.extend(n.to_bytes(4, "big"))
    elif n < 0x10000000000000000:
        out.append(major | 27)
        out.extend(n.to_bytes(8, "big"))
    else:
        raise WireError("range")


def decode(data: bytes) -> "Any":
    """The value whose encoding is exactly `data`; WireError with the reason for any other bytes."""
    if len(data) > MAX_BYTES:
        raise WireError("long")
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise WireError("trailing")
    return value


def item(data: bytes, at: int) -> "tuple[Any, int]":
    """The item within `data` that starts at `at`, and where it ends: for what is read piece by piece."""
    return _read(data, at, 1)


def array(data: bytes, at: int) -> "tuple[int, int]":
    """How many items the array at `at` has (-1 if it is none), and where the first begins."""
    if at >= len(data) or data[at] & 0xE0 != _LIST:
        return -1, at
    return _argument(data, at)


def _read(data: bytes, at: int, depth: int) -> "tuple[Any, int]":
    if at >= len(data):
        raise WireError("cut")
    first = data[at]
    if first in (_FALSE, _TRUE, _NULL):
        return (None if first == _NULL else first == _TRUE), at + 1
    major = first & 0xE0
    if major > _LIST:
        raise WireError("type")
    if first & 0x1F < 24:  # most are: no tuple for them
        n = first & 0x1F
        at += 1
    else:
        n, at = _argument(data, at)
    if major == _UINT:
        return n, at
    if major == _NINT:
        return -1 - n, at
    if major == _LIST:
        return _items(data, at, n, depth)
    if n > len(data) - at:
        raise WireError("cut")
    body = bytes(data[at : at + n])
    if major == _BYTES:
        return body, at + n
    if not _is_utf8(body):
        raise WireError("text")
    return body.decode(), at + n


def _items(data: bytes, at: int, n: int, depth: int) -> "tuple[list[Any], int]":
    if depth >= MAX_DEPTH:
        raise WireError("depth")
    if n > len(data) - at:  # an item is at least one byte: a hostile length never allocates
        raise WireError("cut")
    items = []
    for _ in range(n):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return items, at


def _argument(data: bytes, at: int) -> "tuple[int, int]":
    low = data[at] & 0x1F
    at += 1
    if low < 24:
        return low, at
    if low > 27:
        raise WireError("length")
    size = 1 << (low - 24)
    if size > len(data) - at:
        raise WireError("cut")
    n = data[at] if size == 1 else int.from_bytes(data[at : at + size], "big")
    if n < (24 if size == 1 else 1 << (4 * size)):
        raise WireError("minimal")
    return n, at + size


def _is_utf8(data: bytes) -> bool:
    """RFC 3629 to the letter; MicroPython's own check lets overlong forms and surrogates pass."""
    at, end = 0, len(data)
    while at < end:
        lead = data[at]
        if lead < 0x80:
            at += 1
            continue
        if 0xC2 <= lead <= 0xDF:
            more, low, high = 1, 0x80, 0xBF
        elif 0xE0 <= lead <= 0xEF:
            more, low, high = 2, 0xA0 if lead == 0xE0 else 0x80, 0x9F if lead == 0xED else 0xBF
        elif 0xF0 <= lead <= 0xF4:
            more, low, high = 3, 0x90 if lead == 0xF0 else 0x80, 0x8F if lead == 0xF4 else 0xBF
        else:
            return False
        if at + more >= end or not low <= data[at + 1] <= high:
            return False
        for i in range(at + 2, at + more + 1):
            if not 0x80 <= data[i] <= 0xBF:
                return False
        at += more + 1
    return True


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
    payload, end = _read(data, start, 0)
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
