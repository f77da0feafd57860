"""The quick reader of batches is the core's reader, faster: it takes nothing the core would not, and finds the same."""

import os
import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatecore.clock import FLOOR, HOST, Now
from gatecore.errors import GateError
from gatecore.log import Chain, check_batch, genesis, open_seal, seal, seal_payload
from gatecore.records import ACCESS, ALARM, CALL, KEY, Private
from gatecore.wire import decode, encode, sign1
from gatehost.keys import Signer, verify
from gatehost.model.errors import DeviceRefused
from gatehost.service import columns
from gatehost.store import accesslog
from gatehost.sync import batch

SIGNER = Signer(bytes(range(32)))
DEV = SIGNER.key_id
NOW = 1_781_488_800_000

number = st.one_of(st.integers(0, 30), st.integers(0, (1 << 64) - 1))
salt = st.binary(min_size=16, max_size=16)
text = st.one_of(st.from_regex(r"[0-9]{0,13}", fullmatch=True), st.text(max_size=14))
mark = st.one_of(st.just(b""), st.binary(min_size=16, max_size=16), st.binary(max_size=40))
subject = st.one_of(salt, st.binary(max_size=20), st.from_regex(rb"[0-9]{6}", fullmatch=True))
plain = st.tuples(text, st.one_of(st.none(), salt), mark, st.integers(0, 2)).map(list)
detail: Any = st.one_of(
    plain,
    st.none(),
    st.booleans(),
    st.lists(st.one_of(plain, text, st.integers(-(1 << 64), (1 << 64) - 1)), max_size=5),
)
private = st.one_of(st.none(), st.builds(lambda *a: Private(*a).to_wire(), salt, subject, detail))
line = st.tuples(
    number,
    number,
    st.one_of(st.none(), st.just(NOW), number),
    st.integers(0, 4),
    st.one_of(st.sampled_from([ACCESS, CALL, ALARM]), number).filter(lambda typ: typ != KEY),
    st.lists(st.one_of(st.integers(0, 23), st.integers(-5, 300)), max_size=7),
    private,
)


def batch_of(lines: list[tuple[Any, ...]]) -> tuple[list[bytes], list[bytes | None], bytes]:
    """Entries of these lines, sealed."""
    chain, entries, privates = Chain(DEV, genesis(SIGNER.public)), [], []
    for boot, mono, utc, tq, typ, pub, half in lines:
        data = chain.next(Now(boot, mono, utc, tq), typ, pub, half)
        chain.take(data)
        entries.append(data)
        privates.append(half)
    return entries, privates, seal(chain, Now(1, 1, NOW, HOST), None, SIGNER)


def slowly(entries: list[bytes], privates: list[bytes | None], sealed: bytes) -> list[Any]:
    """What the core's reader finds."""
    chain = Chain(DEV, genesis(SIGNER.public))
    taken = check_batch(chain, entries, privates, sealed, SIGNER.public, verify)
    return [columns.row(1, NOW, e, d, p) for e, d, p in zip(taken, entries, privates, strict=True)]


def quickly(entries: list[bytes], privates: list[bytes | None]) -> Any:
    """What the quick reader finds; None if it leaves the batch to the core."""
    return batch._quick(batch.Source(1, SIGNER.public), Chain(DEV, genesis(SIGNER.public)), entries, privates, NOW)


@given(st.lists(line, min_size=1, max_size=4))
def test_any_good_batch_gives_the_rows_the_core_gives(lines: list[tuple[Any, ...]]) -> None:
    entries, privates, sealed = batch_of(lines)
    expected = slowly(entries, privates, sealed)
    chain = Chain(DEV, genesis(SIGNER.public))
    assert batch.check(batch.Source(1, SIGNER.public), chain, entries, privates, sealed, (), NOW) == expected
    assert chain.seq == len(lines)
    found = quickly(entries, privates)
    assert found is None or found[0] == expected


def test_the_everyday_entry_is_read_quickly() -> None:
    half = Private(os.urandom(16), b"120502", ["120502", None, os.urandom(16), 0]).to_wire()
    person = Private(os.urandom(16), os.urandom(16), ["120502", os.urandom(16), b"", 0]).to_wire()
    lines = [(3, 70_000, NOW, 3, ACCESS, [0, 1, 2, 0, 0], one) for one in (half, person)]
    lines.append((3, 80_000, NOW, 3, 2, [], None))
    entries, privates, sealed = batch_of(lines)
    found = quickly(entries, privates)
    assert found is not None
    assert found[0] == slowly(entries, privates, sealed)


def test_the_everyday_batch_asks_the_core_for_nothing_but_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests below compare the core with itself."""
    entries, privates, sealed = batch_of([(3, 70_000, NOW, 3, 2, [], None)])
    monkeypatch.delattr(batch, "check_batch")
    chain = Chain(DEV, genesis(SIGNER.public))
    assert len(batch.check(batch.Source(1, SIGNER.public), chain, entries, privates, sealed, (), NOW)) == 1
    assert (chain.seq, chain.sealed, chain.key) == (1, 0, None)


@pytest.mark.parametrize("receipts", [(), (bytes(range(16)), bytes(16))])
def test_a_device_that_seals_something_else_is_judged_as_by_the_core(receipts: tuple[bytes, ...]) -> None:
    """Every bit of what it signs altered, every head widened, cut and lengthened, all under its own good signature."""
    lines = [(3, 70_000, NOW, 3, 2, [], None)] * 2
    entries, privates, _ = batch_of(lines)
    chain = Chain(DEV, genesis(SIGNER.public))
    for data in entries:
        chain.take(data)
    good = seal_payload(chain, Now(1 << 16, 1 << 24, 1 << 40, HOST), receipts[0] if receipts else None)
    taken = 0
    for payload in [good, *altered(good, random.Random(5))]:
        sealed, held = sign1(payload, SIGNER), Chain(DEV, genesis(SIGNER.public))
        try:
            batch.check(batch.Source(1, SIGNER.public), held, entries, privates, sealed, receipts, NOW)
            found = "taken"
        except DeviceRefused as wrong:
            found = wrong.code
            assert held.seq == 0
        assert found == judged(sealed, entries, privates, receipts)
        taken += found == "taken"
    assert 100 < taken < 400  # another boot, another time: whatever it says of these, it says


class Pretender:
    """Signs with another key under the device's name."""

    key_id = DEV

    def sign(self, message: bytes) -> bytes:
        return Signer(bytes(32)).sign(message)


def test_a_seal_that_the_device_did_not_sign_is_refused() -> None:
    entries, privates, sealed = batch_of([(3, 70_000, NOW, 3, 2, [], None)])
    chain = Chain(DEV, genesis(SIGNER.public))
    chain.take(entries[0])
    forged = [seal(chain, Now(1, 1, NOW, HOST), None, signer) for signer in (Pretender(), Signer(bytes(32)))]
    flipped = [sealed[:at] + bytes((sealed[at] ^ 1 << at % 8,)) + sealed[at + 1 :] for at in range(len(sealed))]
    for data in [*forged, *flipped, b"", sealed[:-1], sealed + b"\0"]:
        held = Chain(DEV, genesis(SIGNER.public))
        with pytest.raises(DeviceRefused):
            batch.check(batch.Source(1, SIGNER.public), held, entries, privates, data, (), NOW)
        assert held.seq == 0


def judged(sealed: bytes, entries: list[bytes], privates: list[bytes | None], receipts: tuple[bytes, ...]) -> str:
    """What the core says of a seal, and of the receipt in it."""
    try:
        ack = open_seal(sealed, SIGNER.public, verify, DEV).ack
        if ack not in (receipts or (None,)):
            return "ack"
        check_batch(Chain(DEV, genesis(SIGNER.public)), entries, privates, sealed, SIGNER.public, verify)
    except GateError as wrong:
        return wrong.code
    return "taken"


def wider(data: bytes, at: int) -> bytes:
    """The same bytes with the head at `at` in a longer form, if one stands there."""
    low = data[at] & 0x1F
    return data[:at] + bytes((data[at] & 0xE0 | 24, low)) + data[at + 1 :]


FORMS = (  # one flipped bit away from a form that is too long, from no clock, from a change of keys
    (3, 1 << 24, 1 << 40, HOST, ACCESS, [0, 1, 2, 0, 16]),
    (1 << 8, 1 << 16, 1 << 32, FLOOR, ACCESS, [0, 1, 2, 0, 0]),
    (1 << 16, 1 << 32, NOW, HOST, ACCESS, [0, 1, 2, 0, 0]),
    (3, 70_000, NOW, HOST, 2, []),
)


@pytest.mark.parametrize("form", FORMS)
def test_what_the_quick_reader_takes_the_core_takes_after_any_alteration(form: tuple[Any, ...]) -> None:
    chance = random.Random(3)
    half = Private(chance.randbytes(16), b"120502", ["120502", chance.randbytes(16), chance.randbytes(16), 0]).to_wire()
    entries, privates, sealed = batch_of([(*form, half if form[4] == ACCESS else None)])
    taken = 0
    for data in altered(entries[0], chance):
        found = quickly([data], privates)
        if found is None:
            continue
        taken += 1
        assert encode(decode(data)) == data
        chain = Chain(DEV, genesis(SIGNER.public))
        assert found[0] == [columns.row(1, NOW, chain.take(data), data, privates[0])]
        assert found[1:] == (chain.seq, chain.head)
        with pytest.raises(GateError, match=r"^seal$"):  # only the seal is against it
            check_batch(Chain(DEV, genesis(SIGNER.public)), [data], privates, sealed, SIGNER.public, verify)
        refused(data, privates, sealed)
    assert taken > 20


def test_entries_that_do_not_follow_one_another_are_left_to_the_core() -> None:
    lines = [(3, 70_000 + at, NOW, 3, 2, [], None) for at in range(300)]
    entries, privates, _ = batch_of(lines)
    for first in (0, 250, 290):  # seq in one byte, in two, and over the edge between them
        chain = Chain(DEV, genesis(SIGNER.public))
        for data in entries[:first]:
            chain.take(data)
        some = entries[first : first + 9]
        swapped = [*some[:3], some[4], some[3], *some[5:]]
        for wrong in (some[:3] + some[4:], swapped, some[:4] + some[3:], some[1:]):
            assert batch._quick(batch.Source(1, SIGNER.public), chain, wrong, privates[: len(wrong)], NOW) is None
        assert batch._quick(batch.Source(1, SIGNER.public), chain, some, privates[: len(some)], NOW) is not None


def test_a_half_beside_another_entry_or_under_another_type_is_left_to_the_core() -> None:
    halves = [Private(bytes((at,)) * 16, b"120502", ["120502", None, b"", 0]).to_wire() for at in range(2)]
    for typ, left in ((ACCESS, False), (CALL, True)):
        entries, _, _ = batch_of([(3, 70_000, NOW, 3, typ, [], half) for half in halves])
        assert (quickly(entries, [*halves]) is None) is left
        for privates in ([halves[1], halves[0]], [halves[0], halves[0]], [halves[0], b"\xf6"], [halves[0], b""]):
            assert quickly(entries, [*privates]) is None
        assert quickly(entries, [None, None]) is not None
        withheld = quickly(entries, [None, None])
        assert [row[12] for row in withheld[0]] == [accesslog.SEALED_WITHOUT_PRIVATE] * 2
    bare, _, _ = batch_of([(3, 70_000, NOW, 3, ACCESS, [], None)])
    assert quickly(bare, [halves[0]]) is None
    assert quickly(bare, [b""]) is None


def altered(data: bytes, chance: random.Random) -> list[bytes]:
    """Every bit flipped, every head widened, cut and lengthened."""
    made = [data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :] for at in range(len(data)) for bit in range(8)]
    made += [wider(data, at) for at in range(len(data))]
    return [*made, *(data[:at] for at in range(len(data))), *(data + chance.randbytes(n) for n in range(1, 9))]


def refused(data: bytes, privates: list[bytes | None], sealed: bytes) -> None:
    """An altered entry under the old seal is refused whole."""
    chain = Chain(DEV, genesis(SIGNER.public))
    try:
        batch.check(batch.Source(1, SIGNER.public), chain, [data], privates, sealed, (), NOW)
    except DeviceRefused:
        assert chain.seq == 0
        return
    raise AssertionError("an altered entry was taken")


@given(st.binary(max_size=90))
@example(b"\xf6")
def test_no_bytes_make_the_private_pattern_take_what_the_core_refuses(data: bytes) -> None:
    found = batch._PRIVATE.fullmatch(data)
    if found is not None and found[1] is None:
        assert data == b"\xf6"  # stands where there is no half; who sends it as one is left to the core, see above
    elif found is not None:
        Private.from_wire(data)


def test_an_altered_private_half_is_never_plain_unless_the_core_reads_it() -> None:
    chance = random.Random(4)
    half = Private(chance.randbytes(16), b"120502", ["120502", chance.randbytes(16), b"", 1]).to_wire()
    for data in altered(half, chance):
        if batch._PRIVATE.fullmatch(data) is not None:
            assert Private.from_wire(data).to_wire() == data
