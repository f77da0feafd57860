"""The estate's secret keys: each its own file (0600) under DIR/keys, apart from the database, made at first start.

estate.key policy.key operator.key   Ed25519 seeds, 32 bytes
log-N.key                             Ed25519 seed of the log of generation N; log.head: its newest checkpoint
codes.key sealing.key                secrets of visitor codes; of what the database may not show (PINs, listed codes)
ca.key ca.crt tls.key tls.crt        the authority devices know the host by (ECDSA P-256), and the leaf it serves with
DIR/trust.txt                        the estate's public key for the owners' committee (docs/protocol.md section 7)
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatecore import wire
from gatecore.records import Keys
from gatecore.sign import hmac_sha256, key_id, sha256
from gatecore.wire import encode, sign1
from gatehost.authority import Authority, authority, ends
from gatehost.files import write_private
from gatehost.model.errors import SettingsError

wire.SPARE_BYTES = -1  # several threads encode here: no buffer is shared

_TRUST = "kaimen-trust 1\nestate {}\n"


class Signer:
    """An Ed25519 key that signs (the `signer` of gatecore.wire.sign1)."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature (RFC 8032)."""
        return self._key.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds; keys of small order and points not in their one encoding never do."""
    key = _public_key(public)
    if key is None or len(signature) != 64 or not sound(signature[:32]):
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(4096)
def _public_key(public: bytes) -> Ed25519PublicKey | None:
    """The key of 32 bytes, if they may be one; a device's is asked for with every batch."""
    try:
        return Ed25519PublicKey.from_public_bytes(public) if sound(public) else None
    except ValueError:
        return None


_P = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = {0, 1, _P - 1, _ORDER_8, _P - _ORDER_8}  # the y of the eight points of small order


def sound(point: bytes) -> bool:
    """Whether 32 bytes may be a public key or an R: their y is below p and not that of a point of small order."""
    if len(point) != 32:
        return False
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y < _P and y not in _SMALL_ORDER


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The key of each generation of the log, and beside them its newest checkpoint: what tells a restored database."""

    folder: Path
    random: Callable[[int], bytes]

    def newest(self) -> int:
        """The highest generation that has a key; 0 without one."""
        found = [path.stem.removeprefix("log-") for path in self.folder.glob("log-*.key")]
        return max((int(name) for name in found if name.isdecimal()), default=0)

    def signer(self, generation: int) -> Signer:
        """The key of a generation, made if it is missing. SettingsError as for any key file."""
        return Signer(_secret(self.folder / f"log-{generation}.key", self.random))

    def head(self) -> bytes:
        """The checkpoint signed last, by whatever generation; empty before the first."""
        path = self.folder / "log.head"
        return path.read_bytes() if path.exists() else b""

    def put_head(self, note: bytes) -> None:
        """Keeps a checkpoint whose tree is durable."""
        write_private(self.folder / "log.head", note)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key of a running host."""

    estate: Signer
    policy: Signer
    operator: Signer
    codes: bytes
    sealing: bytes
    authority: Authority
    logs: LogKeys

    def working_keys(self) -> bytes:
        """gate-keys/1, signed by the estate key."""
        return sign1(Keys(1, self.policy.public, self.operator.public).to_wire(), self.estate)

    def list_key(self, dev: bytes) -> bytes:
        """The key under which one device's state holds digests of codes and PINs."""
        return hmac_sha256(self.codes, encode(["gate-list-key/1", dev]))

    def hide(self, text: str, nonce: bytes) -> bytes:
        """`text` as the database may hold it; `nonce` is 12 fresh random bytes."""
        return nonce + ChaCha20Poly1305(self.sealing).encrypt(nonce, text.encode(), b"gate-hidden/1")

    def reveal(self, hidden: bytes) -> str:
        """The text behind `hide`."""
        return ChaCha20Poly1305(self.sealing).decrypt(hidden[:12], hidden[12:], b"gate-hidden/1").decode()

    def reveal_bytes(self, hidden: bytes) -> bytes:
        """A photo as the database held it before photos were documents. InvalidTag under another key."""
        return ChaCha20Poly1305(self.sealing).decrypt(hidden[:12], hidden[12:], b"gate-hidden-bytes/1")

    def mark(self, purpose: str, secret: str) -> bytes:
        """A keyed hash to find a secret by: the database alone does not let anybody try candidates."""
        return hmac_sha256(self.sealing, encode([purpose, secret]))

    def fingerprint(self) -> bytes:
        """SHA-256 of the authority's certificate (DER): what a claim names."""
        return sha256(self.authority.ca_der)

    def ends(self) -> int:
        """When the leaf that is shown to doors ends (ms UTC)."""
        return ends(self.authority)

    def tls(self) -> ssl.SSLContext:
        """The device port's server side: TLS 1.2 or newer with the leaf certificate."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        self.present(made)
        return made

    def present(self, port: ssl.SSLContext) -> None:
        """Whoever connects from now on is shown the leaf as it lies there; who is connected stays."""
        port.load_cert_chain(self.authority.leaf_path, self.authority.leaf_key_path)

    def renew(self, names: tuple[str, ...], clock: int) -> bool:
        """Makes the leaf anew if it ends soon, as a start does; whether it did."""
        before = self.authority.leaf_path.read_bytes()
        return authority(self.logs.folder, names, clock).leaf_path.read_bytes() != before


def load(folder: Path, names: tuple[str, ...], clock: int, random: Callable[[int], bytes]) -> Keyring:
    """The keys of DIR, made where they are missing. `names` are the host names and addresses the leaf must carry,
    `clock` UTC ms. SettingsError when a key file is of the wrong size or readable by others."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    estate, policy, operator = (Signer(_secret(keys / f"{n}.key", random)) for n in ("estate", "policy", "operator"))
    ring = Keyring(
        estate,
        policy,
        operator,
        _secret(keys / "codes.key", random),
        _secret(keys / "sealing.key", random),
        authority(keys, names, clock),
        LogKeys(keys, random),
    )
    trust = folder / "trust.txt"
    if not trust.exists():
        trust.write_text(_TRUST.format(ring.estate.public.hex()), encoding="ascii")
    return ring


def _secret(path: Path, random: Callable[[int], bytes]) -> bytes:
    if not path.exists():
        write_private(path, random(32))
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path.name} can be read by others: set its mode to 0600")
    data = path.read_bytes()
    if len(data) != 32:
        raise SettingsError(f"{path.name} is damaged: {len(data)} bytes instead of 32; restore it from the key backup")
    return data
