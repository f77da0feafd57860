"""Records, states, frames and first contact: shapes are exact, and a purpose is never another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.estate import DEVICE, ESTATE, KEYS, POLICY, STRANGER, Rows, cert, counter, verify

from gatecore import enrol, frames, state
from gatecore.enrol import Claim, Enrol, Enrolled
from gatecore.errors import GateError, RecordError, TrustError
from gatecore.records import OR_NULL, Command, Entry, Hello, Private, Seal, StateHeader
from gatecore.state import HeldState
from gatecore.trust import Trust
from gatecore.wire import decode, encode, sign1

CLAIM = Claim("https://127.0.0.1:8443", b"f" * 32, ESTATE.public, "stair-3", b"t" * 16, 5)
RECORDS = [
    CLAIM,
    KEYS,
    Command(DEVICE.key_id, "open", b"c" * 16, b"y" * 32),
    Hello(DEVICE.key_id, b"n" * 16, 1, 2, b"h" * 32, 3, 4),
    Seal(DEVICE.key_id, 0, 9, b"h" * 32, 1, 2, None, None),
    StateHeader(DEVICE.key_id, 1, 2, 3, [b"h" * 32]),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.PURPOSE)
def test_a_record_is_read_back_and_is_no_other_record(record: object) -> None:
    data = record.to_wire()  # type: ignore[attr-defined]
    for kind in {other.__class__ for other in RECORDS}:
        if kind is record.__class__:
            assert kind.from_wire(data) == record
        else:
            with pytest.raises(RecordError, match="purpose"):
                kind.from_wire(data)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.PURPOSE)
def test_a_field_too_many_too_few_or_of_another_kind_is_refused(record: object) -> None:
    value = decode(record.to_wire())  # type: ignore[attr-defined]
    wrong = [value[:-1], [*value, 0], [value[0], *[True] * (len(value) - 1)], value[0], []]
    for other in wrong:
        with pytest.raises(GateError):
            record.from_wire(encode(other))  # type: ignore[attr-defined]


@given(st.binary(max_size=120))
def test_no_bytes_crash_a_reader(data: bytes) -> None:
    for read in (Entry.from_wire, Private.from_wire, Claim.from_wire, HeldState().add, frames.unpack):
        with pytest.raises(GateError):
            read(data)


def test_a_truth_where_a_number_belongs_is_refused() -> None:
    fields = [1, DEVICE.key_id, 0, 1, b"p" * 32, 1, 2, None, 3, 10, [0, 1], None]
    assert Entry.from_wire(encode(fields)).pub == [0, 1]
    for n in (0, 2, 3, 5, 6, 8, 9):
        with pytest.raises(GateError):
            Entry.from_wire(encode([*fields[:n], True, *fields[n + 1 :]]))
    for pub in ([True], ["120502"], [None]):
        with pytest.raises(GateError):
            Entry.from_wire(encode([*fields[:10], pub, None]))
    with pytest.raises(GateError):
        Entry.from_wire(encode([*fields[:8], 5, *fields[9:]]))


def test_a_state_of_two_thousand_homes_is_chunked_and_read_back() -> None:
    rows: list[list[object]] = [[f"{n:06d}", "12", 1] for n in range(2000)]
    chunks = state.chunks(state.HOMES, rows)
    assert max(len(chunk) for chunk in chunks) <= 3072
    held = HeldState()
    for chunk in chunks:
        held.add(chunk)
    assert all(held.home(f"{n:06d}") for n in range(2000))


@pytest.mark.parametrize(
    "value", [[99, []], [1, [[1]]], [True, []], [4, [["1", "2"]]], [4, "x"], [4], [4, [["1", "2", True]]], 7]
)
def test_a_chunk_that_is_not_one_is_refused_to_the_last_field(value: object) -> None:
    with pytest.raises(RecordError):
        HeldState().add(encode(value))


def test_an_oversized_chunk_is_refused() -> None:
    with pytest.raises(RecordError, match="long"):
        HeldState().add(encode([4, [["1" * 3000, "2" * 100, 1]]]))


def test_a_short_number_takes_the_prefix_and_a_full_one_does_not() -> None:
    held = Rows().state()
    assert held.canonical("02") == "120502"
    assert held.canonical("120502") == "120502"
    assert HeldState().canonical("02") == "02"


@pytest.mark.parametrize("kind", sorted(frames.SHAPES))
def test_every_frame_has_one_shape(kind: int) -> None:
    sample = {frames.UINT: 1, frames.TEXT: "x", frames.BYTES: b"x", frames.LIST: [], frames.UINT + OR_NULL: 1}
    fields = [sample.get(shape, bytes(max(shape, 0))) for shape in frames.SHAPES[kind]]
    assert frames.unpack(frames.pack(kind, 3, *fields)) == (kind, 3, fields)
    for wrong in ([*fields, 1], [True] * len(fields) if fields else [1]):
        with pytest.raises(RecordError):
            frames.unpack(encode([kind, 3, wrong]))
    with pytest.raises(RecordError):
        frames.unpack(encode([200, 3, fields]))


def test_a_request_is_proved_by_the_claims_token_and_nothing_altered_is() -> None:
    asked = enrol.request(CLAIM, DEVICE.public, b"b" * 32, b"n" * 16, "simulated")
    assert enrol.proves(asked, CLAIM.token)
    assert not enrol.proves(asked, b"u" * 16)
    for altered in (
        Enrol(STRANGER.public, asked.box, asked.slot, asked.nonce, asked.model, asked.proof),
        Enrol(asked.public, None, asked.slot, asked.nonce, asked.model, asked.proof),
        Enrol(asked.public, asked.box, "gate-1", asked.nonce, asked.model, asked.proof),
    ):
        assert not enrol.proves(altered, CLAIM.token)
        if altered.slot == asked.slot:
            assert enrol.digits(altered, ESTATE.public) != enrol.digits(asked, ESTATE.public)


def answer(nonce: bytes = b"n" * 16, signer: object = ESTATE, keys_by: object = ESTATE) -> bytes:
    return sign1(Enrolled(nonce, cert(), sign1(KEYS.to_wire(), keys_by)).to_wire(), signer)


def test_the_answer_counts_for_this_request_by_the_estate_key_alone() -> None:
    asked = enrol.request(CLAIM, DEVICE.public, None, b"n" * 16, "simulated")

    def accept(data: bytes) -> str:
        trust = Trust(DEVICE.key_id, ESTATE.public, verify, counter())
        return enrol.accept(data, asked, trust, verify).slot

    assert accept(answer()) == "stair-3"
    for wrong in (answer(nonce=b"m" * 16), answer(signer=POLICY), answer(keys_by=STRANGER), b"", b"\xd2\x84"):
        with pytest.raises(TrustError):
            accept(wrong)
    asked = enrol.request(CLAIM, STRANGER.public, None, b"n" * 16, "simulated")
    with pytest.raises(TrustError, match="device"):
        accept(answer())
