"""Signatures: the same as everybody's where everybody agrees, and refused wherever a second reading exists."""

import hashlib
import json
from collections.abc import Generator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatecore import ed25519, edwards, sha512
from gatecore.errors import GateError
from gatecore.sign import key_id

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "ed25519.json").read_text(encoding="utf-8"))
secrets = st.binary(min_size=32, max_size=32)

# An independent curve: affine points, the group law as RFC 8032 section 5.1.4 and the curve's equation give it.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Affine = tuple[int, int]


def plus(p: Affine, q: Affine) -> Affine:
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + y1 * x2) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(n: int, p: Affine) -> Affine:
    total = (0, 1)
    for bit in bin(n)[2:]:
        total = plus(total, total)
        if bit == "1":
            total = plus(total, p)
    return total


def root(square: int) -> int:
    x = pow(square, (P + 3) // 8, P)
    return x if x * x % P == square % P else x * pow(2, (P - 1) // 4, P) % P


def encoded(p: Affine) -> bytes:
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L


BASE_Y = 4 * pow(5, -1, P) % P
BASE_X = root((BASE_Y**2 - 1) * pow(D * BASE_Y**2 + 1, -1, P))
BASE = (min(BASE_X, P - BASE_X, key=lambda x: x & 1), BASE_Y)
Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
ORDER_8 = (root((Y_OF_ORDER_8**2 - 1) * pow(D * Y_OF_ORDER_8**2 + 1, -1, P)), Y_OF_ORDER_8)
TORSION = [times(i, ORDER_8) for i in range(8)]


def openssl_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def part(case: dict[str, str], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def returned(steps: Generator[None, None, object]) -> object:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


# --- agreement ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["name"])
def test_the_published_keys_and_signatures_come_out(case: dict[str, str]) -> None:
    secret, public, message, signature = part(case, "secret", "public", "message", "signature")
    signer = ed25519.Signer(secret)
    assert signer.public == ed25519.public_of(secret) == public
    assert signer.sign(message) == signature
    assert ed25519.verify(public, message, signature)


@given(secrets, st.binary(max_size=300))
def test_signatures_are_the_ones_openssl_makes_and_each_accepts_the_others(secret: bytes, message: bytes) -> None:
    theirs = Ed25519PrivateKey.from_private_bytes(secret)
    ours = ed25519.Signer(secret)
    signature = ours.sign(message)
    assert signature == theirs.sign(message)
    assert ours.public == theirs.public_key().public_bytes_raw()
    assert ed25519.verify(ours.public, message, theirs.sign(message))
    assert openssl_accepts(ours.public, message, signature)


@given(st.binary(max_size=600))
@example(bytes(111))
@example(bytes(112))
@example(bytes(127))
@example(bytes(128))
def test_sha512_is_sha512(message: bytes) -> None:
    assert returned(sha512.slices(message)) == hashlib.sha512(message).digest()


def test_a_key_is_named_by_its_hash_under_its_own_purpose() -> None:
    signer = ed25519.Signer(bytes(32))
    assert signer.key_id == key_id(signer.public) == hashlib.sha256(b"gate-dev/1" + signer.public).digest()[:16]


def test_the_stored_table_is_the_base_points() -> None:
    stored = returned(edwards.base_table())
    assert isinstance(stored, list)
    assert len(stored) == 8
    for entry, (sum_, difference, product, two) in enumerate(stored):
        multiple = 2 ** (3 * 64) + sum((1 if entry >> i & 1 else -1) * 2 ** (i * 64) for i in range(3))
        x, y = times(multiple, BASE)
        assert (sum_, difference, product, two) == ((y + x) % P, (y - x) % P, 2 * D * x * y % P, 2)


def test_the_points_of_small_order_are_eight() -> None:
    assert len(set(TORSION)) == 8
    assert times(8, ORDER_8) == (0, 1)
    assert {y for _, y in TORSION} == set(edwards._Y_OF_SMALL_ORDER)


# --- refusal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["name"])
def test_what_is_named_bad_is_refused(case: dict[str, str]) -> None:
    assert not ed25519.verify(*part(case, "public", "message", "signature"))


@pytest.mark.parametrize("case", VECTORS["odd"], ids=lambda case: case["name"])
def test_a_key_with_a_small_order_part_is_judged_without_the_cofactor(case: dict[str, str]) -> None:
    public, message, signature = part(case, "public", "message", "signature")
    assert ed25519.verify(public, message, signature) is case["accepted"]
    assert openssl_accepts(public, message, signature) is case["accepted"]


@settings(max_examples=60)
@given(secrets, st.integers(1, L - 1), st.integers(0, 7), st.integers(0, 7), st.binary(max_size=40))
def test_openssl_agrees_on_every_key_that_is_not_of_small_order(
    secret: bytes, nonce: int, of_key: int, of_commitment: int, message: bytes
) -> None:
    scalar = number(secret) or 1
    public = encoded(plus(times(scalar, BASE), TORSION[of_key]))
    commitment = encoded(plus(times(nonce, BASE), TORSION[of_commitment]))
    response = (nonce + number(commitment, public, message) * scalar) % L
    signature = commitment + response.to_bytes(32, "little")
    assert ed25519.verify(public, message, signature) == openssl_accepts(public, message, signature)


@pytest.mark.parametrize("case", VECTORS["bad"] + VECTORS["odd"], ids=lambda case: case["name"])
def test_openssl_behind_the_same_questions_gives_the_same_verdict(case: dict[str, str]) -> None:
    public, message, signature = part(case, "public", "message", "signature")
    theirs = ed25519.well_formed(public, signature) and openssl_accepts(public, message, signature)
    assert theirs == ed25519.verify(public, message, signature)


@given(secrets, st.binary(max_size=80), st.integers(1, 15))
def test_the_second_reading_of_a_scalar_is_refused(secret: bytes, message: bytes, times_more: int) -> None:
    signer = ed25519.Signer(secret)
    signature = signer.sign(message)
    response = int.from_bytes(signature[32:], "little") + times_more * L
    if response < 1 << 256:
        assert not ed25519.verify(signer.public, message, signature[:32] + response.to_bytes(32, "little"))


@settings(max_examples=200)
@given(st.data())
def test_one_changed_bit_anywhere_is_refused(data: st.DataObject) -> None:
    public, message, signature = part(VECTORS["good"][-1], "public", "message", "signature")
    whole = bytearray(public + signature + message)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    assert not ed25519.verify(bytes(whole[:32]), bytes(whole[96:]), bytes(whole[32:96]))


def test_no_point_of_small_order_is_a_key_or_a_commitment() -> None:
    for point in TORSION:
        for extra in (0, P):  # the second reading of y, where 255 bits can hold it
            if point[1] + extra < 1 << 255:
                for sign in (0, 1):
                    key = (point[1] + extra | sign << 255).to_bytes(32, "little")
                    message, signature = forged(key)
                    assert not ed25519.verify(key, message, signature)


def forged(key: bytes) -> tuple[bytes, bytes]:
    """A message and a signature for a key of small order that satisfy the equation: no secret is needed."""
    commitment = encoded(times(5, BASE))
    for counter in range(1000):
        message = counter.to_bytes(2, "big")
        if number(commitment, key, message) % 8 == 0:
            return message, commitment + (5).to_bytes(32, "little")
    raise AssertionError("no message found")


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=130))
@example(b"", b"", b"")
@example(bytes(32), b"", bytes(64))
@example(b"\xff" * 32, b"", b"\xff" * 64)
def test_no_bytes_of_any_length_raise_or_pass(public: bytes, message: bytes, signature: bytes) -> None:
    assert ed25519.verify(public, message, signature) is False


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, L - 1))
def test_no_bytes_of_the_right_lengths_raise_or_pass(public: bytes, commitment: bytes, response: int) -> None:
    assert ed25519.verify(public, b"", commitment + response.to_bytes(32, "little")) is False


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(GateError, match=r"^secret$") as refusal:
        ed25519.Signer(b"\xa5" * length)
    assert "a5" not in str(refusal.value)


@given(st.integers(0, P - 1), st.integers(0, 1))
@example(2, 0)
@example(BASE_Y, 0)
@example(BASE_Y, 1)
def test_bytes_are_a_point_only_if_it_is_on_the_curve(y: int, sign: int) -> None:
    square = (y**2 - 1) * pow(D * y**2 + 1, -1, P) % P
    x = root(square)
    decoded = returned(edwards.decode((y | sign << 255).to_bytes(32, "little")))
    if x * x % P != square:
        assert decoded is None
    elif x:
        assert isinstance(decoded, tuple)
        assert decoded[:3] == (x if x & 1 == sign else P - x, y, 1)


# --- small steps -------------------------------------------------------------------------------------------------


def test_a_signature_comes_in_many_steps_and_is_the_same() -> None:
    signer = ed25519.Signer(bytes(range(32)))
    steps = signer.slices(b"a checkpoint")
    for _ in range(100):
        next(steps)
    assert returned(steps) == ed25519.Signer(bytes(range(32))).sign(b"a checkpoint")


def test_a_signature_given_up_half_way_leaves_the_signer_whole() -> None:
    for started in (1, 5, 40, 90, 130):
        signer = ed25519.Signer(bytes(range(32)))
        steps = signer.slices(b"interrupted")
        for _ in range(started):
            next(steps)
        steps.close()
        assert signer.sign(b"message") == ed25519.Signer(bytes(range(32))).sign(b"message")


def test_two_signatures_may_be_worked_on_in_turns() -> None:
    signer = ed25519.Signer(bytes(range(32)))
    jobs = {message: signer.slices(message) for message in (b"one", b"other")}
    done: dict[bytes, bytes] = {}
    while len(done) < 2:
        for message, steps in jobs.items():
            if message not in done:
                try:
                    next(steps)
                except StopIteration as end:
                    done[message] = end.value
    assert all(ed25519.verify(signer.public, message, signature) for message, signature in done.items())


def test_a_verdict_in_small_steps_is_the_verdict() -> None:
    public, message, signature = part(VECTORS["good"][0], "public", "message", "signature")
    assert returned(ed25519.verify_slices(public, message, signature)) is True
    assert returned(ed25519.verify_slices(public, message + b"x", signature)) is False
