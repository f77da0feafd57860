"""The access log: what a cut leaves is a valid beginning, and what was altered is seen."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.estate import DEVICE, STRANGER, Signer, at, verify

from gatecore.errors import ChainError, GateError
from gatecore.log import Chain, check_batch, genesis, open_seal, seal
from gatecore.logfile import frame, recover
from gatecore.records import ACCESS, BEACON, Private


def chain(signer: Signer = DEVICE) -> Chain:
    return Chain(signer.key_id, genesis(signer.public))


def written(n: int, signer: Signer = DEVICE) -> tuple[Chain, list[bytes], list[bytes | None]]:
    """A chain of n entries, every second one with a private half."""
    made, entries, privates = chain(signer), [], []
    for i in range(n):
        private = Private(i.to_bytes(16, "big"), b"120502", ["120502", None, b"", 0]).to_wire() if i % 2 else None
        pub = [0, 1, 2, 0, 0] if i % 2 else []
        entry = made.next(at(9, i), ACCESS if i % 2 else BEACON, pub, private)
        made.take(entry)
        entries.append(entry)
        privates.append(private)
    return made, entries, privates


def sealed(made: Chain, signer: Any = DEVICE) -> bytes:
    return seal(made, at(9), None, signer)


def test_a_batch_that_joins_is_taken_and_moves_the_chain() -> None:
    made, entries, privates = written(5)
    held = chain()
    taken = check_batch(held, entries, privates, sealed(made), DEVICE.public, verify)
    assert [entry.seq for entry in taken] == [1, 2, 3, 4, 5]
    assert (held.seq, held.head) == (made.seq, made.head)


def test_erased_private_halves_leave_the_batch_valid() -> None:
    made, entries, _ = written(5)
    check_batch(chain(), entries, [None] * 5, sealed(made), DEVICE.public, verify)


def attacks() -> list[tuple[str, list[bytes], list[bytes | None], bytes]]:
    made, e, p = written(5)
    good = sealed(made)
    other, oe, _ = written(5, STRANGER)
    short, _, _ = written(4)
    return [
        ("dropped first", e[1:], p[1:], good),
        ("dropped middle", e[:2] + e[3:], p[:2] + p[3:], good),
        ("dropped last", e[:4], p[:4], good),
        ("duplicated", e[:2] + e[1:], p[:2] + p[1:], good),
        ("swapped", [e[1], e[0], *e[2:]], [p[1], p[0], *p[2:]], good),
        ("another device's entries", oe, p, good),
        ("another device's seal", e, p, sealed(other, STRANGER)),
        ("seal by a stranger in the device's name", e, p, sealed(made, STRANGER)),
        ("an older seal", e, p, sealed(short)),
        ("private half altered", e, [p[0], Private(b"x" * 16, b"120502", []).to_wire(), *p[2:]], good),
        ("private half where none was", e, [p[1], *p[1:]], good),
        ("private half missing its place", e, p[:4], good),
        ("no entries", [], [], good),
    ]


@pytest.mark.parametrize(("name", "entries", "privates", "proof"), attacks(), ids=[a[0] for a in attacks()])
def test_a_batch_that_was_touched_is_refused_and_moves_nothing(
    name: str, entries: list[bytes], privates: list[bytes | None], proof: bytes
) -> None:
    held = chain()
    with pytest.raises(GateError):
        check_batch(held, entries, privates, proof, DEVICE.public, verify)
    assert (held.seq, held.head) == (0, genesis(DEVICE.public))


def test_every_flipped_bit_of_every_entry_is_seen() -> None:
    made, entries, privates = written(3)
    proof = sealed(made)
    for n, entry in enumerate(entries):
        for bit in range(len(entry) * 8):
            altered = bytearray(entry)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(GateError):
                check_batch(
                    chain(), [*entries[:n], bytes(altered), *entries[n + 1 :]], privates, proof, DEVICE.public, verify
                )


def stored(n: int) -> tuple[bytes, list[int]]:
    """n frames and where each ends."""
    _, entries, privates = written(n)
    data, ends = b"", []
    for entry, private in zip(entries, privates, strict=True):
        data += frame(entry, private)
        ends.append(len(data))
    return data, ends


@settings(max_examples=60)
@given(st.integers(1, 6), st.data(), st.binary(max_size=40))
def test_whatever_a_cut_leaves_the_whole_frames_before_it_are_the_log(n: int, draw: st.DataObject, torn: bytes) -> None:
    data, ends = stored(n)
    cut = draw.draw(st.integers(0, len(data)))
    held = chain()
    found, length = recover(data[:cut] + torn, held)
    whole = sum(end <= cut for end in ends)
    assert len(found) >= whole
    assert held.seq == len(found)
    if len(found) == whole:  # (a torn tail may by chance be the cut-off rest)
        assert length == ([0, *ends])[whole]


def test_a_cut_at_every_byte_loses_no_whole_frame_and_the_next_append_joins() -> None:
    data, ends = stored(4)
    for cut in range(len(data) + 1):
        held = chain()
        found, length = recover(data[:cut], held)
        assert len(found) == sum(end <= cut for end in ends)
        entry = held.next(at(10), BEACON, [], None)
        again = chain()
        assert len(recover(data[:length] + frame(entry, None), again)[0]) == len(found) + 1


def test_a_half_written_private_half_is_a_torn_frame_though_its_entry_joins() -> None:
    _, entries, privates = written(2)
    private = privates[1]
    assert private is not None
    whole = frame(entries[0], None) + frame(entries[1], private)
    torn = whole[:-1] + bytes([whole[-1] ^ 1])
    assert len(recover(whole, chain())[0]) == 2
    assert len(recover(torn, chain())[0]) == 1


@given(st.binary(max_size=200))
def test_no_bytes_crash_recovery(data: bytes) -> None:
    found, length = recover(data, chain())
    assert (found, length) == ([], 0)


def test_a_frame_of_another_devices_chain_ends_the_log() -> None:
    data, ends = stored(2)
    _, entries, _ = written(3, STRANGER)
    held = chain()
    assert len(recover(data + frame(entries[2], None), held)[0]) == 2
    assert held.seq == 2
    assert ends[-1] == recover(data, chain())[1]


def test_a_device_that_skips_a_number_is_refused_though_its_hashes_join() -> None:
    made, entries, _ = written(1)
    made.seq += 1
    entries.append(made.next(at(9, 5), BEACON, [], None))
    made.take(entries[-1])
    with pytest.raises(ChainError, match="seq"):
        check_batch(chain(), entries, [None, None], sealed(made), DEVICE.public, verify)


def test_a_seal_names_its_device() -> None:
    made, _, _ = written(1)
    made.dev = STRANGER.key_id
    with pytest.raises(ChainError, match="dev"):
        open_seal(seal(made, at(9), None, DEVICE), DEVICE.public, verify)
