"""The codec is the definition of the format: what it would not write, it does not read. cbor2 is the oracle."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.estate import DEVICE, STRANGER, verify

import gatehost.keys
import gateunit.signer
from gatecore import wire
from gatecore.errors import GateError, WireError
from gatecore.wire import MAX_DEPTH, decode, encode, mac0, open_mac0, open_sign1, sign1

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
leaves = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary() | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=6), max_leaves=30)


def depth(value: object) -> int:
    return 1 + max([depth(item) for item in value], default=0) if isinstance(value, list) else 0


@given(values)
def test_what_is_written_is_read_back_and_cbor2_agrees_both_ways(value: object) -> None:
    if depth(value) > MAX_DEPTH:
        with pytest.raises(WireError, match="depth"):
            encode(value)
        return
    data = encode(value)
    assert data == cbor2.dumps(value, canonical=True)
    assert cbor2.loads(data) == value
    assert decode(data) == value


@given(st.binary(max_size=64))
def test_any_bytes_are_a_value_with_that_encoding_or_our_own_error(data: bytes) -> None:
    try:
        value = decode(data)
    except WireError:
        return
    assert encode(value) == data


@given(values, st.data())
def test_an_altered_encoding_is_another_value_or_refused(value: object, draw: st.DataObject) -> None:
    if depth(value) > MAX_DEPTH:
        return
    data = bytearray(encode(value))
    at = draw.draw(st.integers(0, len(data) - 1))
    data[at] ^= 1 << draw.draw(st.integers(0, 7))
    try:
        read = decode(bytes(data))
    except WireError:
        return
    assert encode(read) == bytes(data) != encode(value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("non-minimal integer", "1801"),
        ("non-minimal length", "580161"),
        ("trailing byte", "0100"),
        ("indefinite array", "9f01ff"),
        ("indefinite string", "5f4161ff"),
        ("map", "a10102"),
        ("tag", "c100"),
        ("float", "f93c00"),
        ("undefined", "f7"),
        ("hostile array length", "9affffffff"),
        ("hostile string length", "5bffffffffffffffff"),
        ("reserved length", "1c"),
        ("overlong text", "62c080"),
        ("surrogate text", "63eda080"),
        ("text past Unicode", "64f4908080"),
        ("lone continuation", "6180"),
        ("cut text", "61c3"),
        ("nothing", ""),
        ("nine arrays deep", "81" * 9 + "01"),
    ],
)
def test_what_we_would_not_write_is_refused(name: str, data: str) -> None:
    with pytest.raises(WireError):
        decode(bytes.fromhex(data))


@pytest.mark.parametrize("value", [1.5, {}, object(), 2**64, -(2**64) - 1, "\ud800", {1}])
def test_what_has_no_encoding_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        encode(value)


def test_truth_is_not_one() -> None:
    assert encode([True, False, 1, 0]) == bytes.fromhex("84f5f40100")


def test_a_signature_holds_for_its_key_and_payload_only() -> None:
    data = sign1(b"payload", DEVICE)
    assert open_sign1(data, DEVICE.key_id, DEVICE.public, verify) == b"payload"
    for kid, public in ((STRANGER.key_id, STRANGER.public), (DEVICE.key_id, STRANGER.public)):
        with pytest.raises(WireError, match="signature"):
            open_sign1(data, kid, public, verify)


def test_every_flipped_bit_of_an_envelope_is_refused() -> None:
    for data, opened in (
        (sign1(b"payload" * 9, DEVICE), lambda x: open_sign1(x, DEVICE.key_id, DEVICE.public, verify)),
        (mac0(b"payload" * 9, DEVICE.key_id, b"k" * 32), lambda x: open_mac0(x, DEVICE.key_id, b"k" * 32)),
    ):
        assert opened(data) == b"payload" * 9
        for bit in range(len(data) * 8):
            altered = bytearray(data)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(GateError):
                opened(bytes(altered))
        for end in range(len(data)):
            with pytest.raises(GateError):
                opened(data[:end])


def test_a_mac_does_not_pass_for_a_signature() -> None:
    with pytest.raises(WireError, match="envelope"):
        open_sign1(mac0(b"payload" * 9, DEVICE.key_id, b"k" * 32), DEVICE.key_id, DEVICE.public, verify)


def test_a_host_and_a_unit_share_no_buffer_between_threads() -> None:
    """A board reuses one; where threads encode, what one of them saw there another would have taken."""
    assert gatehost.keys.wire is gateunit.signer.wire is wire
    for _ in range(2):  # one left from before the shells were imported goes with the first
        encode([1, b"x" * 100])
    assert wire._spare == []
