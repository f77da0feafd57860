"""Checkpoints: one text for one tree head, signatures by the named key only, nothing read that would not be written."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.estate import DEVICE, ESTATE, STRANGER, Signer, verify

from gatecore import note
from gatecore.errors import WireError
from gatecore.sign import sha256

LOG = Signer("log")
ORIGIN = note.origin(ESTATE.public, 1)
ROOT = sha256(b"root")
NAME = DEVICE.key_id.hex()


def cosigned(time: int = 1_800_000_000, name: str = NAME) -> bytes:
    text = note.body(ORIGIN, 7, ROOT)
    signature = DEVICE.sign(note.cosigned_message(text, time))
    return note.signed(ORIGIN, 7, ROOT, LOG) + note.cosignature_line(name, DEVICE.public, time, signature)


def test_a_checkpoint_is_the_c2sp_text() -> None:
    signed = note.signed(ORIGIN, 7, ROOT, LOG)
    text = f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()}\n".encode()
    named = sha256(ORIGIN.encode() + b"\n\x01" + LOG.public)[:4]
    line = f"— {ORIGIN} {base64.b64encode(named + LOG.sign(text)).decode()}\n".encode()
    assert signed == text + b"\n" + line
    assert f"{ESTATE.key_id.hex()}/gate/1" == ORIGIN


def test_the_log_and_its_witness_are_known_by_their_own_keys_only() -> None:
    read = note.read(cosigned())
    assert (read.origin, read.size, read.root) == (ORIGIN, 7, ROOT)
    assert read.by_log(LOG.public, verify)
    assert not read.by_log(STRANGER.public, verify)
    assert read.witnessed(NAME, DEVICE.public, verify) == 1_800_000_000
    assert read.witnessed(NAME, STRANGER.public, verify) is None
    assert read.witnessed("committee", DEVICE.public, verify) is None


def test_a_cosignature_is_none_of_the_log_and_the_other_way_round() -> None:
    text = note.body(ORIGIN, 7, ROOT)
    named = note.key_hash(NAME, note.WITNESS_KEY, DEVICE.public)
    plain = note.line(NAME, named, (5).to_bytes(8, "big") + DEVICE.sign(text))
    read = note.read(note.signed(ORIGIN, 7, ROOT, LOG) + plain)
    assert read.witnessed(NAME, DEVICE.public, verify) is None
    by_witness = note.read(note.signed(ORIGIN, 7, ROOT, DEVICE))
    assert not by_witness.by_log(LOG.public, verify)


@pytest.mark.parametrize("time", [0, 1 << 63])
def test_a_time_that_is_none_vouches_for_nothing(time: int) -> None:
    assert note.read(cosigned(time)).witnessed(NAME, DEVICE.public, verify) is None


def test_a_cosignature_moved_to_another_tree_or_time_does_not_hold() -> None:
    line = cosigned().splitlines(keepends=True)[-1]
    for other in (note.signed(ORIGIN, 8, ROOT, LOG), note.signed(note.origin(ESTATE.public, 2), 7, ROOT, LOG)):
        assert note.read(other + line).witnessed(NAME, DEVICE.public, verify) is None
    raw = bytearray(base64.b64decode(line.split()[2]))
    raw[11] ^= 1  # the last byte of the time
    moved = f"— {NAME} {base64.b64encode(raw).decode()}\n".encode()
    assert note.read(note.signed(ORIGIN, 7, ROOT, LOG) + moved).witnessed(NAME, DEVICE.public, verify) is None


def test_every_bit_and_every_byte_counts() -> None:
    whole = cosigned()
    for bit in range(len(whole) * 8):
        bent = bytearray(whole)
        bent[bit // 8] ^= 1 << bit % 8
        assert not holds(bytes(bent)), bit
    for at in range(len(whole)):
        assert not holds(whole[:at])
        assert not holds(whole[:at] + whole[at + 1 :])
        assert not holds(whole[:at] + b"\n" + whole[at:])


def holds(data: bytes) -> bool:
    """Whether both signatures of `cosigned` are found."""
    try:
        read = note.read(data)
    except WireError:
        return False
    return read.by_log(LOG.public, verify) and read.witnessed(NAME, DEVICE.public, verify) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n7\n", b"\n07\n"),
        (b"\n7\n", b"\n+7\n"),
        (b"\n7\n", b"\n\n"),
        (b"\n7\n", b"\n9223372036854775808\n"),
        (b"\n7\n", b"\n7\nextension\n"),
        (b"/gate/1\n7", b"/gate/1 \n7"),
        (b"=\n\n", b"\n\n"),
        (b"\n\n", b"\n"),
        (b"\n\n", b"\n\n\n"),
        ("— ".encode(), b"- "),
        (b"\n", b"\r\n"),
    ],
)
def test_another_way_to_write_the_same_is_refused(old: bytes, new: bytes) -> None:
    assert old in cosigned()
    with pytest.raises(WireError):
        note.read(cosigned().replace(old, new, 1))


def test_base64_has_one_form() -> None:
    lines = cosigned().split(b"\n")
    stray = lines[2][:-2] + (b"B" if lines[2][-2:-1] != b"B" else b"C") + b"="  # unused bits that are not zero
    assert base64.b64decode(stray)[:31] == ROOT[:31]
    with pytest.raises(WireError):
        note.read(b"\n".join([*lines[:2], stray, *lines[3:]]))


def test_one_key_signs_once_and_not_too_often() -> None:
    line = cosigned().splitlines(keepends=True)[-1]
    with pytest.raises(WireError):
        note.read(cosigned() + line)
    many = b"".join(note.line(f"w{n}", b"abcd", bytes(72)) for n in range(note.MAX_LINES))
    with pytest.raises(WireError):
        note.read(note.signed(ORIGIN, 7, ROOT, LOG) + many)
    with pytest.raises(WireError):
        note.read(bytes(note.MAX_NOTE + 1))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_our_own_refusal(data: bytes) -> None:
    try:
        read = note.read(data)
    except WireError:
        return
    assert data.startswith(read.text)
