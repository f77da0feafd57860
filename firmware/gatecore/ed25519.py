"""Ed25519 (RFC 8032 section 5.1) in small steps, for boards whose firmware offers no signatures to Python.

A signer is any object with `public`, `key_id` and `sign(message)`; a verifier is any callable
`(public, message, signature) -> bool`. Where `cryptography` exists, an adapter over it is faster.

Verification is as strict as it can be made without a second multiplication: the scalar is below the group order, both
points are canonically encoded and of no small order, and the equation holds without the cofactor. So for one message
and one signing nonce there is exactly one signature that passes. Integers are not constant time: what is protected is
a door against people who can send it bytes, not a board on a laboratory bench.

Points are extended Edwards coordinates (Hisil et al. 2008) whose product T is kept as its two factors:
(X, Y, Z, E, H) with x = X/Z, y = Y/Z, x*y = E*H/Z. A multiplication is a signed comb of 5 teeth, 51 bits apart.
"""

from gatecore import sha512
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError
from gatecore.sign import key_id

if TYPE_CHECKING:
    from collections.abc import Generator

    Point = tuple[int, int, int, int, int]
    Addend = tuple[int, int, int, int]  # (Y + X, Y - X, 2dT, 2Z)
    Steps = Generator[None, None, bytes]

_P = (1 << 255) - 19
_L = (1 << 252) + 27742317777372353535851937790883648493
_D = 0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3
_ROOT_OF_MINUS_ONE = 0x2B8324804FC1DF0B2B4D00993DFBD7A72F431806AD2FE478C4EE1B274A0EA0B0
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_Y_OF_SMALL_ORDER = (0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8)

_NEUTRAL = (0, 1, 1, 0, 1)
_TEETH = 5
_SPACING = 51
_ALL_ONES = (1 << (_TEETH * _SPACING)) - 1

# (squarings, which earlier power to multiply by): from z to z ** (2 ** 252 - 3).
_CHAIN = ((1, 0), (2, 1), (1, 0), (5, 3), (10, 4), (20, 5), (10, 4), (50, 7), (100, 8), (50, 7), (2, 0))
_SQUARINGS_A_STEP = 24

# What `_table` gives for the base point, with Z = 1: 16 times y + x, y - x, 2dxy, 32 bytes each, little-endian.
_BASE = (
    b"\x68\xe9\x27\x0c\xb9\x61\xba\x8e\x66\x08\xc2\x62\x25\x83\x6b\xde\x75\x15\x16\xcc\x16\xf0\x9e\xee"
    b"\xde\xcf\xad\x5d\x34\x08\xaf\x53\xa5\x67\x87\x94\x61\x92\xdb\x16\x8a\xa6\x69\x34\x4d\xe3\x33\x61"
    b"\x1b\xc1\x40\xee\xcd\x8d\xc8\x1d\xe7\xcf\x1a\x99\x48\xe4\x2d\x42\x93\xcc\xe5\x96\xfd\xa3\x78\x1b"
    b"\xcc\x68\x4a\x7a\x65\xb8\xc2\x16\xf6\x98\xcc\xff\x90\x53\x68\x3b\xe8\x6b\x1c\x3f\x8f\xc8\x76\x2e"
    b"\x68\x9a\xec\xc7\x11\x24\xe9\x75\xc3\xb1\x93\x7c\xb4\x32\x31\xd8\xd8\x68\xec\x40\x29\x6c\x02\x2d"
    b"\x1f\x2d\x5b\x2a\x4f\x5b\x32\x33\xb9\x1b\xe4\x83\x62\xac\x23\x01\x1f\x01\x0b\x79\x69\x75\x59\x6c"
    b"\x01\x4f\xe9\xf1\x7c\x34\x76\x96\xc7\x9d\x1e\x65\x7c\xdc\xa0\x7b\x3f\x53\x03\x0a\x75\xbb\x5c\xf3"
    b"\x30\x77\x73\x63\xb6\x8f\xb7\xef\x98\xe3\xc0\x59\xfe\x05\xf7\xb5\x99\xde\xcd\x8a\xad\x5d\xdf\x16"
    b"\xf8\xa9\x70\xb2\x28\xed\x1c\x17\x90\x04\xb9\x2d\x74\x4b\xcd\x64\xed\xda\xf8\xb0\x1a\x76\xa7\xa3"
    b"\x33\x2e\x50\x32\x71\x99\x39\x0f\x46\xba\x2c\x02\x09\x2d\xa5\x4a\x99\x9a\x6c\x77\x61\x4c\x01\x43"
    b"\x96\xe1\xe9\xb3\xf0\x8b\xcd\xe5\xba\xd6\x38\x45\x9c\x8f\x6f\x3b\x4d\x97\xd2\x16\x78\x96\xdf\xf8"
    b"\x6e\x2a\xfc\xb1\x59\xbb\x03\x6c\x11\xd7\x7d\x5f\x2a\xea\x85\xf4\x97\x85\xf3\x9d\xf7\xba\x09\x0f"
    b"\x89\x2d\x75\xee\x87\x77\x10\x52\x45\x29\xfd\x49\xed\x4b\x70\x9c\x62\xb7\xff\x03\x38\x54\x8c\xb2"
    b"\x46\x39\xa1\xbd\x04\x89\xcf\x57\xd1\x72\x19\x27\xc1\x2e\xd3\xba\xf6\x58\x90\xf4\x1a\xf4\x46\x74"
    b"\x43\xef\x1b\x04\xa9\xf8\xc7\x04\x78\x64\x85\xbc\xf2\x31\x9c\x1e\x44\xa4\x07\x55\x58\xee\xa0\x90"
    b"\x1a\x8e\x48\x45\x55\x4c\x63\x46\x1a\x38\x98\x11\xb2\xc0\x7b\x07\x69\x89\x12\x17\x19\xc4\x75\x29"
    b"\x17\xf3\x2b\x83\xeb\x3e\x5e\x26\x37\x1a\x69\x2d\xc1\x0b\x65\x81\x1d\xd1\x99\xf6\x63\xc3\xa8\xd0"
    b"\x23\x85\x48\x1f\x81\xb0\x6e\x09\x3c\x4b\x7f\x61\x8c\x57\x19\x51\xdb\x84\x04\x4d\x6e\xbe\x9b\x02"
    b"\x18\x65\x22\xc1\x61\x0c\x77\xe0\x27\x48\x72\x5d\xc1\x16\x71\x4d\xce\x07\x9b\x65\x3e\xca\xe0\x65"
    b"\xa3\x0d\x6d\x54\x79\x93\xf8\xa8\x75\xf8\xa8\x8e\x53\x11\x31\x6c\x02\xb8\x90\xd7\xcc\x5b\x6a\x3f"
    b"\x4f\x17\x01\xb8\xd7\x04\xc3\xd1\xe3\x37\x15\x09\xf0\xbf\x4b\x59\x59\x31\x3b\xf7\x56\xd9\x93\x4d"
    b"\x5c\x15\xf3\x0c\xf0\x76\x81\x3a\x90\xf8\x7f\x4b\xec\x4d\xd8\x67\x10\xa9\xeb\xb4\xa7\x5a\xb7\xdc"
    b"\xcb\xdc\x40\xa5\x0c\x14\x9a\x28\x70\x59\x90\x15\x12\x0c\x51\x7b\x57\x90\xac\x73\xd1\x71\xe1\x36"
    b"\x16\x71\xa0\xb5\x44\x12\x37\x65\x4e\x64\x7c\x7a\x09\xc4\x90\x18\x8d\xca\x9a\x2e\x31\x1e\x46\x56"
    b"\x0f\x0e\xa2\x21\xcb\xf7\x38\xae\x3d\x6b\x86\xea\x10\x14\x8e\xd7\xe5\x72\x60\xc1\xce\x47\x25\x08"
    b"\x64\x8b\x32\x56\xde\xb4\xb7\x75\xed\x3f\x92\xe5\x37\x0d\x35\x7b\x43\x84\xd7\xeb\x9c\x1a\xf8\x1a"
    b"\x0b\x84\x91\x45\xa7\xc6\xfd\xf2\xe4\x03\x41\xaa\x9d\x7f\xa0\x79\xaf\x85\x53\x6f\x6c\xb2\x1d\xda"
    b"\x1b\xba\xa2\x33\xee\x0e\x64\x4a\xea\x6f\x74\x83\x4e\xe6\xb7\x1d\x77\x3d\xc9\x7d\x88\xcb\xb8\x21"
    b"\x9c\xd7\xcb\xf3\x9b\xd5\x0f\x43\x1b\x01\xab\x65\x29\x81\x70\xf8\x0b\x6c\x6d\x2b\x9b\xd4\x72\x1b"
    b"\xe0\x71\x4a\x27\x68\x0e\xea\x6e\xb0\x5f\xa9\xf3\xd9\x5f\x3d\xd1\x67\x5f\xe9\xbf\x73\xca\x59\x38"
    b"\xfd\xea\x1b\x0c\x35\x9a\xc6\x56\x69\xd8\x2a\xaa\xee\xf0\xf6\x04\xda\x58\xfd\x34\xd3\xf2\x5f\x3c"
    b"\xc2\x00\xab\x33\x07\xf1\x4e\xfd\x96\xb2\x2b\xdf\xfe\x2a\x73\x8d\x22\x77\x4b\xbd\x52\xa2\x08\x19"
    b"\x8c\x1f\xbc\xf7\x02\x52\xa1\x61\xb5\x1d\x21\xbc\x1a\xff\x4b\x3b\x23\xbe\xf4\xc6\xff\x25\xdf\xfb"
    b"\x2e\xbc\x34\x1c\x2b\xe0\x35\x20\x73\x4c\x0e\x70\xd4\xf3\xe2\x8a\x39\xb5\x65\x75\x0e\x1f\x68\xb8"
    b"\x2b\xc6\xd2\x24\x17\xb9\x0f\x5a\x70\x16\x44\xfa\x0a\x8e\xb5\x57\xef\x6b\xfa\x61\x65\x15\x1d\xe4"
    b"\x1c\x74\xf7\x4c\xf4\x0f\x3b\x53\xf2\x77\xa8\xa4\x2d\xa3\x8f\xc1\x51\x8e\xe0\xfe\xe3\x77\xd8\x58"
    b"\x4c\xd6\xef\xb1\x4b\xc1\x73\xfe\x0b\xe1\xf9\x5a\x62\x6f\xbd\xf3\xc4\x7e\xc2\x15\x08\xa7\xc7\x92"
    b"\x14\x36\xd9\x36\x7e\x43\x7f\x2d\x8b\xac\xab\xcd\x2e\x82\xe3\x65\xdf\xfc\x28\x9e\xbc\x95\x25\x69"
    b"\xa6\xf4\x70\x8d\xb6\x61\xb8\x39\x3a\x74\x15\xd5\xef\xf1\x37\x1d\x2b\x14\xc4\x62\x5f\x01\x0d\x26"
    b"\x69\xdf\x77\x80\xbe\x12\x82\x32\x24\xba\x49\xa0\x93\xf1\xe7\x82\x30\x6e\xec\x4c\x58\x2d\x2b\x45"
    b"\x5d\xa0\x98\xb1\x35\xfe\x02\x52\x64\x34\xc1\x3b\xf8\x3e\xd0\xb5\xc3\x8b\x32\xb7\x10\x9f\x02\x67"
    b"\xbb\xf3\x68\x75\x6f\x44\x5c\x26\x20\xf4\xcf\xe0\xfb\x5b\x79\x8f\x3a\xc2\xf6\xc3\x56\xc6\xb8\x2b"
    b"\x6e\x41\xa3\x46\xe0\xcb\x2b\xf7\xf1\xbf\xf9\x1c\xb8\xd7\xa0\x47\x32\x5d\xde\x8f\x52\x1c\x7c\x27"
    b"\xcd\x55\x4a\x58\xce\x1b\xd2\xde\xde\x57\x23\x81\xa2\x7d\x6a\x84\xd2\xf5\xf8\x8b\x7f\x40\x27\x77"
    b"\xe0\x3c\x59\x64\xf3\x9b\xf7\x01\x04\x5b\x80\x91\x69\x33\xbc\x18\x9c\x0b\xa6\xf9\x2a\x9f\x06\xab"
    b"\x47\x40\x6c\xab\x6d\x3b\xd9\x36\xfb\x69\xae\x22\x24\xef\x64\xcd\xb4\x85\xe8\x15\x83\x87\x26\x76"
    b"\xf1\x08\x25\x63\x09\x66\x2d\xb6\xfd\xd3\xb6\xeb\x63\xa4\x55\x45\xa3\xa2\x05\x2f\x87\x2d\xe9\xb9"
    b"\xe4\x15\x87\x90\x14\xf4\xde\x54\x18\x1d\xdc\x9e\xb0\xc5\xa9\x03\x66\xec\xfd\x95\xcb\x06\xeb\x61"
    b"\xf8\x0b\xe9\xf9\x2d\xfd\x22\xd1\x63\x84\xf8\xe4\xac\x41\x23\xcd\x4c\xbf\xbe\x8b\xb1\x1c\x75\xa5"
    b"\xf1\x86\x71\xab\xe1\xce\xf9\x59\x53\x6d\x04\xd8\x39\xe3\x4f\x2a\x37\xa4\xaf\xef\x7a\x3c\x0b\x63"
    b"\x50\x54\x4f\x6b\x6b\x23\xf7\x51\x9a\x56\xe8\x38\x9d\xce\xe6\x16\xa8\xe3\xf9\x04\x00\xcb\xfb\xe3"
    b"\x60\xb1\xeb\xe4\x48\xff\x30\x8a\xb4\xce\x65\x7f\xd4\x4c\x42\x96\xd9\xba\x10\x48\x20\x5b\xc7\x09"
    b"\x8e\x21\x67\x7d\x66\x84\xa6\x60\x18\x20\xcc\xb9\x48\x98\x9d\x72\xc9\x4c\x6d\x7e\x84\xbb\x47\xd9"
    b"\x6b\xa0\xf6\x73\xca\xe9\x9e\x47\xa6\xb1\x98\x86\x9c\x43\x8d\xb5\x51\xda\x5e\xe1\x51\xb6\x06\x57"
    b"\x7a\xe7\xa8\x2f\xd8\x2c\xa3\x0a\x63\x24\x1e\x9f\xd3\xd6\xdc\x07\xd2\xf2\xcc\xa1\xa5\xc3\x02\x23"
    b"\xc7\xf8\x49\xc0\x5c\x93\x23\x14\xc2\xb9\x6c\xa3\x7a\xfc\xa0\x7f\x49\x72\x86\x2d\xa2\xab\x33\x4d"
    b"\x06\xbe\x83\x8b\x82\x3e\x15\x4d\x85\xc7\x31\x43\x1b\x53\x90\x16\x48\x22\x01\xad\xd5\x1d\x1f\xf2"
    b"\x97\xf3\xb4\xde\x05\x08\x37\x3f\x7c\x3e\x94\x54\x7e\xad\xd1\xff\x6c\x57\x10\x0e\x6a\xca\x4c\x65"
    b"\x8d\x80\xc9\x4b\xdc\xad\x50\x63\x43\x69\x6d\xaa\x02\x2b\xfb\x24\x9f\x5a\xf0\x4a\x47\x72\xab\x18"
    b"\xf2\x8c\x70\x0f\xf1\x59\xc0\x90\x50\x6c\x91\xf5\x02\x16\x8a\x57\xfd\xcd\xeb\x50\x1e\x3c\x7d\x4a"
    b"\xf4\xc7\x5e\x04\x7b\x56\xfd\x10\xb7\xcb\xb7\x47\xc5\x6c\xb7\xd6\x68\xed\xb5\x66\x8b\xf5\x13\x40"
    b"\xd6\xf1\x04\x73\xb3\x29\x38\x5e\xa6\xd0\xe2\x70\x50\x7e\xbe\x9f\xff\xff\xf7\x73\xf0\xe0\x0d\x13"
    b"\xd0\x02\xe8\x71\xb8\xfe\x57\x91\x6b\x04\x17\x3d\xcd\x7d\xbb\x4c\xe1\xf7\x7e\xc6\xef\xc2\xdd\x1c"
    b"\xd8\x1c\x41\xc4\x79\xd5\x02\xfe\x49\xd8\x8f\x65\xf0\x81\xea\x7d\xdc\xd8\xba\xb5\x58\xfe\x6d\x2a"
)


class Signer:
    """Signs with one secret. Making one is free; the public key is worked out when it is first asked for."""

    __slots__ = ("_prefix", "_public", "_scalar", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise GateError("an Ed25519 secret has 32 bytes")
        self._secret = bytes(secret)
        self._scalar = 0
        self._prefix = b""
        self._public = b""

    @property
    def public(self) -> bytes:
        """The 32-byte public key."""
        if not self._public:
            _finish(self._open())
        return self._public

    @property
    def key_id(self) -> bytes:
        """The 16 bytes by which this key is known in records."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`, in one go."""
        return _finish(self.slices(message))

    def slices(self, message: bytes) -> "Steps":
        """The same signature as the generator's return value, no step longer than about a hundredth of the whole."""
        if not self._public:
            yield from self._open()
        nonce = int.from_bytes((yield from sha512.slices(self._prefix + message)), "little") % _L
        commitment = yield from _encode((yield from _comb(((_digits_in_group(nonce), _base_table()),))))
        challenge = yield from _challenge(commitment, self._public, message)
        return commitment + ((nonce + challenge * self._scalar) % _L).to_bytes(32, "little")

    def _open(self) -> "Steps":
        """Work out scalar, prefix and, last, the public key, which alone says that the others are there."""
        digest = yield from sha512.slices(self._secret)
        self._prefix = digest[32:]
        self._scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
        digits = _digits_in_group(self._scalar % _L)
        self._public = yield from _encode((yield from _comb(((digits, _base_table()),))))
        return self._public


def public_of(secret: bytes) -> bytes:
    """The 32-byte public key of a 32-byte secret."""
    return Signer(secret).public


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the owner of `public`'s on `message`; False for any bytes that are not."""
    steps = verify_slices(public, message, signature)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def verify_slices(public: bytes, message: bytes, signature: bytes) -> "Generator[None, None, bool]":
    """`verify` as a generator that returns the verdict, in steps as short as a signature's."""
    if len(public) != 32 or len(signature) != 64:
        return False
    commitment = signature[:32]
    response = int.from_bytes(signature[32:], "little")
    if response >= _L or _y_of(public) is None or _y_of(commitment) is None:
        return False
    key = yield from _decode(public)
    if key is None:
        return False
    challenge = yield from _challenge(commitment, public, message)
    # commitment == response * base - challenge * key. A key may carry a small-order part, so its multiplier may not be
    # changed by the group order: an even one is made odd by one key too many, taken off at the end.
    minus = _negative(key)
    table = yield from _table(minus)
    total = yield from _comb(((_digits_in_group(response), _base_table()), (_digits(challenge | 1), table)))
    if not challenge & 1:
        total = _add(total, _addend(key))
    return (yield from _encode(total)) == commitment


def _finish(steps: "Steps") -> bytes:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bytes(end.value)


def _challenge(commitment: bytes, public: bytes, message: bytes) -> "Generator[None, None, int]":
    return int.from_bytes((yield from sha512.slices(commitment + public + message)), "little") % _L


# --- scalars ------------------------------------------------------------------------


def _digits(odd: int) -> int:
    """The bits that stand for the digits of `odd`: bit i set means + 2 ** i, clear means - 2 ** i."""
    return (odd + _ALL_ONES) >> 1


def _digits_in_group(scalar: int) -> int:
    """The same for a scalar below the group order that multiplies a point of that order: even ones are made odd."""
    return _digits(scalar + (1 - (scalar & 1)) * _L)


# --- points -------------------------------------------------------------------------


def _double(point: "Point") -> "Point":
    """2 * point: four squarings and three multiplications (dbl-2008-hwcd)."""
    x, y, z, _, _ = point
    a = x * x % _P
    b = y * y % _P
    h = a + b
    e = h - (x + y) * (x + y) % _P
    g = a - b
    f = 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e, h


def _add(point: "Point", addend: "Addend") -> "Point":
    """point + addend, for all points alike (add-2008-hwcd-3)."""
    x, y, z, e, h = point
    sum2, difference2, product2, z2 = addend
    a = (y - x) * difference2 % _P
    b = (y + x) * sum2 % _P
    c = e * h % _P * product2 % _P
    d = z * z2 % _P
    e = b - a
    f = d - c
    g = d + c
    h = b + a
    return e * f % _P, g * h % _P, f * g % _P, e, h


def _negative(point: "Point") -> "Point":
    x, y, z, e, h = point
    return -x, y, z, -e, h


def _addend(point: "Point") -> "Addend":
    x, y, z, e, h = point
    return (y + x) % _P, (y - x) % _P, 2 * _D * e * h % _P, 2 * z


def _comb(terms: "tuple[tuple[int, list[Addend]], ...]") -> "Generator[None, None, Point]":
    """The sum of digits * point over `terms`, each given by its digits and the point's table."""
    total = _NEUTRAL
    for column in range(_SPACING - 1, -1, -1):
        total = _double(total)
        for digits, table in terms:
            total = _add(total, _entry(table, digits >> column))
        yield
    return total


def _entry(table: "list[Addend]", digits: int) -> "Addend":
    """The table's point for one column, negated if the last tooth's digit is: the same work for every scalar."""
    number = digits & 1
    for tooth in range(1, _TEETH):
        number |= (digits >> (tooth * _SPACING) & 1) << tooth
    sign = number >> 4
    entry = table[(number ^ (sign - 1)) & 15]
    return entry[1 - sign], entry[sign], entry[2] * (2 * sign - 1), entry[3]


def _base_table() -> "list[Addend]":
    numbers = [int.from_bytes(_BASE[i : i + 32], "little") for i in range(0, len(_BASE), 32)]
    return [(numbers[i], numbers[i + 1], numbers[i + 2], 2) for i in range(0, len(numbers), 3)]


def _table(point: "Point") -> "Generator[None, None, list[Addend]]":
    """Entry n: the last tooth's multiple of `point`, plus or minus each other tooth's by the bits of n."""
    teeth = []
    doubles = []
    for _ in range(_TEETH - 1):
        teeth.append(point)
        doubles.append(_addend(_double(point)))
        for i in range(_SPACING):
            point = _double(point)
            if i % 4 == 3:
                yield
    for tooth in teeth:
        point = _add(point, _addend(_negative(tooth)))
    points = [point]
    for double in doubles:
        for i in range(len(points)):
            points.append(_add(points[i], double))
            yield
    return [_addend(point) for point in points]


# --- bytes --------------------------------------------------------------------------


def _root_power(z: int) -> "Generator[None, None, int]":
    """z ** (2 ** 252 - 3) mod p, the long part of both an inverse and a square root."""
    powers = [z]
    done = 0
    for squarings, factor in _CHAIN:
        power = powers[-1]
        for _ in range(squarings):
            power = power * power % _P
            done += 1
            if done % _SQUARINGS_A_STEP == 0:
                yield
        powers.append(power * powers[factor] % _P)
    return powers[-1]


def _encode(point: "Point") -> "Steps":
    """32 bytes: y, little-endian, and the lowest bit of x on top (RFC 8032 5.1.2)."""
    x, y, z, _, _ = point
    inverse = yield from _root_power(z)
    for _ in range(3):
        inverse = inverse * inverse % _P
    inverse = inverse * z % _P * z % _P * z % _P  # z ** (8 * (2 ** 252 - 3) + 3) = z ** (p - 2)
    x = x * inverse % _P
    y = y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _y_of(encoded: bytes) -> "int | None":
    """The y of 32 bytes, None if it is not canonical or only points of small order have it."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    return None if y >= _P or y in _Y_OF_SMALL_ORDER else y


def _decode(encoded: bytes) -> "Generator[None, None, Point | None]":
    """The point of 32 bytes that `_y_of` did not refuse, None if there is none (RFC 8032 5.1.3)."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    u = y * y - 1
    v = _D * y * y + 1
    cube = v * v * v % _P
    x = u * cube * (yield from _root_power(u * cube * cube * v % _P)) % _P
    if (v * x * x + u) % _P == 0:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (v * x * x - u) % _P != 0:
        return None
    if x & 1 != encoded[31] >> 7:
        x = _P - x
    return x, y, 1, x, y
