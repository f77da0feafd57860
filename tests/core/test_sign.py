"""Hashes, HMAC and comparison against the standard library's."""

import hashlib
import hmac

from hypothesis import example, given
from hypothesis import strategies as st

from gatecore import sign


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_parts_are_hashed_one_after_another(parts: list[bytes]) -> None:
    assert sign.sha256(*parts) == hashlib.sha256(b"".join(parts)).digest()


@given(st.binary(max_size=200), st.binary(max_size=200))
@example(bytes(63), b"")
@example(bytes(64), b"")
@example(b"\xff" * 64, b"")
@example(b"\xff" * 65, b"")
def test_hmac_is_hmac_for_keys_of_any_length(key: bytes, message: bytes) -> None:
    assert sign.hmac_sha256(key, message) == hmac.digest(key, message, "sha256")


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_equal_is_equality(a: bytes, b: bytes) -> None:
    assert sign.equal(a, b) is (a == b)
    assert sign.equal(a, a[:]) is True


@given(st.binary(min_size=1, max_size=64), st.data())
def test_one_different_bit_is_not_equal(a: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(a) * 8 - 1))
    other = bytearray(a)
    other[bit // 8] ^= 1 << bit % 8
    assert sign.equal(a, bytes(other)) is False


def test_a_key_is_named_by_the_first_half_of_a_hash_with_its_purpose_in_front() -> None:
    assert sign.key_id(bytes(32)) == hashlib.sha256(b"gate-dev/1" + bytes(32)).digest()[:16]
