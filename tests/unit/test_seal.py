"""Sealed boxes and signatures: the standard's own vectors, round trips, and every kind of tampering."""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gatecore import ed25519
from gateunit.errors import SealError
from gateunit.seal import face_info, open_templates, seal, seal_templates, unseal
from gateunit.signer import Ed25519Signer, verify

PERSON, MODEL, DEV, ESTATE = b"p" * 16, "resnet29-relu6-int8-1", b"d" * 16, b"e" * 32
INFO = face_info(ESTATE, PERSON, MODEL, DEV)
SECRET = X25519PrivateKey.from_private_bytes(bytes(range(32)))
BOX = SECRET.public_key().public_bytes_raw()

# RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode, sequence 0.
# Its messages carry an aad, ours carry none; key and nonce, which the vector fixes, do not depend on it.
RFC_SECRET = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"
RFC_PUBLIC = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
RFC_SHARE = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
RFC_INFO = "4f6465206f6e2061204772656369616e2055726e"
RFC_KEY = "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91"
RFC_NONCE = "5c4d98150661b848853b547f"


def test_the_box_is_rfc_9180s(rng: random.Random) -> None:
    """What the RFC's key and nonce of context A.2.1 encrypt, with the empty aad of single-shot boxes, opens here."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    secret = X25519PrivateKey.from_private_bytes(bytes.fromhex(RFC_SECRET))
    assert secret.public_key().public_bytes_raw().hex() == RFC_PUBLIC
    message = rng.randbytes(32)
    inner = ChaCha20Poly1305(bytes.fromhex(RFC_KEY)).encrypt(bytes.fromhex(RFC_NONCE), message, b"")
    assert unseal(bytes.fromhex(RFC_SHARE) + inner, secret, bytes.fromhex(RFC_INFO)) == message


def test_what_is_sealed_opens_for_its_key_and_info(rng: random.Random) -> None:
    for size in (0, 1, 32, 1000):
        data = rng.randbytes(size)
        assert unseal(seal(data, BOX, INFO), SECRET, INFO) == data


def test_two_boxes_of_the_same_are_different() -> None:
    assert seal(b"k" * 32, BOX, INFO) != seal(b"k" * 32, BOX, INFO)


def test_no_altered_byte_opens() -> None:
    sealed = seal(b"k" * 32, BOX, INFO)
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(SealError):
            unseal(altered, SECRET, INFO)
        with pytest.raises(SealError):
            unseal(sealed[:at], SECRET, INFO)


@pytest.mark.parametrize(
    "info",
    [
        face_info(b"x" * 32, PERSON, MODEL, DEV),
        face_info(ESTATE, b"x" * 16, MODEL, DEV),
        face_info(ESTATE, PERSON, "other", DEV),
        face_info(ESTATE, PERSON, MODEL, b"x" * 16),
    ],
    ids=["estate", "person", "model", "door"],
)
def test_a_box_of_another_estate_person_model_or_door_does_not_open(info: bytes) -> None:
    with pytest.raises(SealError):
        unseal(seal(b"k" * 32, BOX, info), SECRET, INFO)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealError):
        unseal(seal(b"k" * 32, BOX, INFO), X25519PrivateKey.from_private_bytes(b"o" * 32), INFO)


@pytest.mark.parametrize("box", [b"", bytes(31), bytes(32), b"\x01" + bytes(31)])
def test_what_is_no_box_key_is_refused(box: bytes) -> None:
    with pytest.raises(SealError):
        seal(b"k" * 32, box, INFO)


def test_templates_open_only_under_their_key_for_their_person_and_model(rng: random.Random) -> None:
    photos, key, nonce = [rng.randbytes(128) for _ in range(5)], rng.randbytes(32), rng.randbytes(12)
    sealed = seal_templates(photos, key, nonce, PERSON, MODEL)
    assert open_templates(sealed, key, PERSON, MODEL) == photos
    wrongs = [
        (sealed, bytes(32), PERSON, MODEL),
        (sealed, key, DEV, MODEL),
        (sealed, key, PERSON, "other"),
        (sealed[:-1], key, PERSON, MODEL),
        (b"", key, PERSON, MODEL),
        (sealed, b"", PERSON, MODEL),
    ]
    for wrong in wrongs:
        with pytest.raises(SealError):
            open_templates(*wrong)
    assert not any(photo in sealed for photo in photos)


P, L = (1 << 255) - 19, (1 << 252) + 27742317777372353535851937790883648493
SMALL_Y = (0, 1, P - 1, 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826)
ODD_POINTS = [
    (y + more | sign << 255).to_bytes(32, "little") for y in SMALL_Y for more in (0, P) for sign in (0, 1)
    if y + more < 1 << 255
]  # fmt: skip


def test_both_signers_sign_alike(rng: random.Random) -> None:
    for _ in range(10):
        secret, message = rng.randbytes(32), rng.randbytes(rng.randrange(100))
        ours, core = Ed25519Signer(secret), ed25519.Signer(secret)
        assert (ours.public, ours.key_id, ours.sign(message)) == (core.public, core.key_id, core.sign(message))


def test_both_verifiers_say_the_same_about_good_altered_and_odd_signatures(rng: random.Random) -> None:
    secret, message = rng.randbytes(32), b"message"
    signer = Ed25519Signer(secret)
    good = signer.sign(message)
    s = int.from_bytes(good[32:], "little")
    cases = [(signer.public, message, good), (signer.public, b"other", good), (signer.public, message, good[:63])]
    cases += [(signer.public, message, good[:32] + (s + L).to_bytes(32, "little"))]
    cases += [(signer.public, message, bytes(64)), (bytes(32), message, bytes(64)), (b"", message, good)]
    cases += [(point, message, good) for point in ODD_POINTS]
    cases += [(signer.public, message, point + good[32:]) for point in ODD_POINTS]
    cases += [(point, message, other + bytes(32)) for point in ODD_POINTS for other in ODD_POINTS]
    for _ in range(60):
        altered = bytearray(signer.public + good)
        altered[rng.randrange(96)] ^= 1 << rng.randrange(8)
        cases.append((bytes(altered[:32]), message, bytes(altered[32:])))
    verdicts = [(verify(*case), ed25519.verify(*case)) for case in cases]
    assert [ours for ours, _ in verdicts] == [core for _, core in verdicts]
    assert [ours for ours, _ in verdicts].count(True) == 1
