"""Ed25519 through the system's library, as strict as gatecore.ed25519: both say the same about every input."""

from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gatecore import wire
from gatecore.sign import key_id

wire.SPARE_BYTES = -1  # several threads encode here: no buffer is shared


class Ed25519Signer:
    """Signs with one 32-byte secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    @cached_property
    def public(self) -> bytes:
        """The 32-byte public key."""
        return self._key.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> bytes:
        """The device's name."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds; False for any bytes that are none.

    What the library lets pass is then held against the core's canonical form: points in their one encoding, none of
    small order. (The library already refuses scalars of the group order and above.)
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return _canonical(public) and _canonical(signature[:32])


_P = (1 << 255) - 19
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_Y_OF_SMALL_ORDER = frozenset((0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8))


def _canonical(point: bytes) -> bool:
    """Whether y is below the prime and no point of small order has it (so x = 0 with its sign set is refused too)."""
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y < _P and y not in _Y_OF_SMALL_ORDER
