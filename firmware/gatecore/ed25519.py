"""Ed25519 (RFC 8032 section 5.1) in small steps, for boards whose firmware offers no signatures to Python.

A signer is any object with `public`, `key_id` and `sign(message)`; a verifier is any callable
`(public, message, signature) -> bool`. Where `cryptography` exists, an adapter over it is faster.

Verification is as strict as it can be made without a second multiplication: the scalar is below the group order, both
points are canonically encoded and of no small order, and the equation holds without the cofactor. Integers are not
constant time: what is protected is a door against people who can send it bytes, not a board on a laboratory bench.
"""

from gatecore import edwards, sha512
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError
from gatecore.sign import key_id

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import TypeVar

    Result = TypeVar("Result")
    Steps = Generator[None, None, bytes]


class Signer:
    """Signs with one secret. Making one is free; the public key is worked out when it is first asked for."""

    __slots__ = ("_prefix", "_public", "_scalar", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise GateError("secret")  # an Ed25519 secret has 32 bytes
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
        """The same signature as the generator's return value, after about 80 steps, the first time 150."""
        if not self._public:
            yield from self._open()
        nonce = int.from_bytes((yield from sha512.slices(self._prefix + message)), "little") % edwards.ORDER
        commitment = yield from edwards.encode((yield from edwards.times_base(nonce)))
        challenge = yield from _challenge(commitment, self._public, message)
        return commitment + ((nonce + challenge * self._scalar) % edwards.ORDER).to_bytes(32, "little")

    def _open(self) -> "Steps":
        """Work out scalar, prefix and, last, the public key, which alone says that the others are there."""
        digest = yield from sha512.slices(self._secret)
        self._prefix = digest[32:]
        clamped = bytearray(digest[:32])  # RFC 8032 section 5.1.5, point 2
        clamped[0] &= 248
        clamped[31] = clamped[31] & 63 | 64
        self._scalar = int.from_bytes(clamped, "little")
        self._public = yield from edwards.encode((yield from edwards.times_base(self._scalar % edwards.ORDER)))
        return self._public


def public_of(secret: bytes) -> bytes:
    """The 32-byte public key of a 32-byte secret."""
    return Signer(secret).public


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the owner of `public`'s on `message`; False for any bytes that are not."""
    return _finish(verify_slices(public, message, signature))


def verify_slices(public: bytes, message: bytes, signature: bytes) -> "Generator[None, None, bool]":
    """`verify` as a generator that returns the verdict, in steps as short as a signature's."""
    if not well_formed(public, signature):
        return False
    key = yield from edwards.decode(public)
    if key is None:
        return False
    commitment = signature[:32]
    response = int.from_bytes(signature[32:], "little")
    challenge = yield from _challenge(commitment, public, message)
    # commitment == response * base - challenge * key. A key may carry a small-order part, so its multiplier may not be
    # changed by the group order: an even one is made odd by one key too many, taken off at the end.
    base_table = yield from edwards.base_table()
    key_table = yield from edwards.table_of(edwards.negative(key))
    total = yield from edwards.comb(
        ((edwards.digits_in_group(response), base_table), (edwards.digits_of(challenge | 1), key_table))
    )
    if not challenge & 1:
        total = edwards.add(total, edwards.addend_of(key))
    return (yield from edwards.encode(total)) == commitment


def well_formed(public: bytes, signature: bytes) -> bool:
    """Whether lengths, scalar and points allow one reading only: what `verify` asks before it multiplies.

    A faster verifier that asks this first gives `verify`'s verdict on all bytes: OpenSSL alone does not, it takes keys
    and commitments of small order, for which anybody can make signatures.
    """
    if len(public) != 32 or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= edwards.ORDER:
        return False
    return edwards.is_one_reading(public) and edwards.is_one_reading(signature[:32])


def _finish(steps: "Generator[None, None, Result]") -> "Result":
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def _challenge(commitment: bytes, public: bytes, message: bytes) -> "Generator[None, None, int]":
    return int.from_bytes((yield from sha512.slices(commitment + public + message)), "little") % edwards.ORDER
