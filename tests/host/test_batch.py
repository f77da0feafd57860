"""The quick reader of batches is the core's reader, faster: it takes nothing the core would not, and finds the same."""

import os
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecore.clock import HOST, Now
from gatecore.errors import GateError
from gatecore.log import Chain, check_batch, genesis, seal
from gatecore.records import ACCESS, ALARM, CALL, KEY, Private
from gatecore.wire import decode, encode
from gatehost.keys import Signer, verify
from gatehost.model.errors import DeviceRefused
from gatehost.service import columns
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


def wider(data: bytes, at: int) -> bytes:
    """The same bytes with the head at `at` in a longer form, if one stands there."""
    low = data[at] & 0x1F
    return data[:at] + bytes((data[at] & 0xE0 | 24, low)) + data[at + 1 :]


def test_what_the_quick_reader_takes_the_core_takes_after_any_alteration() -> None:
    chance = random.Random(3)
    half = Private(chance.randbytes(16), b"120502", ["120502", chance.randbytes(16), chance.randbytes(16), 0]).to_wire()
    entries, privates, sealed = batch_of([(3, 70_000, NOW, 3, ACCESS, [0, 1, 2, 0, 0], half)])
    taken = 0
    for data in altered(entries[0], chance):
        if quickly([data], privates) is None:
            continue
        taken += 1
        assert encode(decode(data)) == data
        chain = Chain(DEV, genesis(SIGNER.public))
        chain.take(data)  # the core reads it too: only the seal is against it
        with pytest.raises(GateError, match=r"^seal$"):
            check_batch(Chain(DEV, genesis(SIGNER.public)), [data], privates, sealed, SIGNER.public, verify)
        refused(data, privates, sealed)
    assert taken > 20


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
def test_no_bytes_make_the_private_pattern_take_what_the_core_refuses(data: bytes) -> None:
    if batch._PRIVATE.fullmatch(data) is not None:
        Private.from_wire(data)


def test_an_altered_private_half_is_never_plain_unless_the_core_reads_it() -> None:
    chance = random.Random(4)
    half = Private(chance.randbytes(16), b"120502", ["120502", chance.randbytes(16), b"", 1]).to_wire()
    for data in altered(half, chance):
        if batch._PRIVATE.fullmatch(data) is not None:
            assert Private.from_wire(data).to_wire() == data
