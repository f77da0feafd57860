"""The export of access logs: a CBOR sequence (RFC 8742) of lines, written piece by piece and checked as a stream.

["gate-export/1", estate key, number of devices], then for each device ["device", certificate, from seq, head before it,
number of entries], as many [entry, private or null], and the seal over the head after the last. What stands in no
signature (numbers, heads) must agree with what does. `gateverify` reads the same from docs/protocol.md alone.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import ChainError, RecordError, TrustError, WireError
from gatecore.log import Chain, check_private, genesis, open_seal
from gatecore.records import BYTES, OR_NULL, TEXT, UINT, Cert, fits
from gatecore.sign import key_id
from gatecore.wire import MAX_BYTES, MAX_DEPTH, decode, encode, open_sign1

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gatecore.compat import Verify

    Read = Callable[[int], bytes]  # n -> the next n bytes, fewer only at the end of the file

HEAD, DEVICE = "gate-export/1", "device"
KINDS = ("door", "desk", "board")
_HEAD = (TEXT, 32, UINT)
_DEVICE = (TEXT, BYTES, UINT, 32, UINT)
_PAIR = (BYTES, BYTES + OR_NULL)


def head_line(estate: bytes, devices: int) -> bytes:
    """The first line: whose export it is and how many devices follow (at least one)."""
    return encode([HEAD, estate, devices])


def device_line(cert: bytes, first: int, before: bytes, number: int) -> bytes:
    """The line before `number` (at least one) entries from seq `first`, which join the head `before`."""
    return encode([DEVICE, cert, first, before, number])


def entry_line(entry: bytes, private: "bytes | None") -> bytes:
    """One entry; a private half that is withheld or erased is null."""
    return encode([entry, private])


def seal_line(sealed: bytes) -> bytes:
    """The device's seal (COSE_Sign1) over the head after the last entry of its section."""
    return encode(sealed)


def check(read: "Read", verify: "Verify", trusted: "bytes | None" = None) -> int:
    """The number of entries of an export that holds under the estate key `trusted`, or else under the one it names.

    Raises a GateError at the first thing that does not hold; holds one entry at a time.
    """
    line = _line(read, _HEAD, HEAD)
    estate, devices = line[1], line[2]
    if trusted is not None and estate != trusted:
        raise TrustError("estate")
    if devices < 1:
        raise RecordError("devices")
    seen: "set[bytes]" = set()
    entries = 0
    while devices:
        entries += _section(read, verify, estate, seen)
        devices -= 1
    if read(1):
        raise WireError("trailing")
    return entries


def _section(read: "Read", verify: "Verify", estate: bytes, seen: "set[bytes]") -> int:
    _, envelope, first, before, number = _line(read, _DEVICE, DEVICE)
    cert = _cert(envelope, estate, verify)
    if cert.dev in seen:
        raise ChainError("twice")
    seen.add(cert.dev)
    if first < 1 or number < 1 or first + number > 1 << 64:
        raise RecordError("seq")
    if first == 1 and before != genesis(cert.public):
        raise ChainError("prev")
    chain = Chain(cert.dev, before, first - 1)
    while chain.seq < first + number - 1:
        entry, private = _shaped(_item(read), _PAIR)
        check_private(chain.take(entry), private)
    sealed = _item(read)
    if not fits(sealed, BYTES):
        raise RecordError("seal")
    record = open_seal(sealed, cert.public, verify)
    if record.seq != chain.seq or record.head != chain.head or record.epoch != chain.sealed:
        raise ChainError("seal")
    return int(number)


def _cert(envelope: bytes, estate: bytes, verify: "Verify") -> Cert:
    cert: Cert = Cert.from_wire(open_sign1(envelope, key_id(estate), estate, verify))
    if key_id(cert.public) != cert.dev or cert.kind not in KINDS:
        raise TrustError("device")
    return cert


def _line(read: "Read", kinds: "tuple[int, ...]", word: str) -> "list[Any]":
    line = _shaped(_item(read), kinds)
    if line[0] != word:
        raise RecordError("purpose")
    return line


def _shaped(value: "Any", kinds: "tuple[int, ...]") -> "list[Any]":
    if not isinstance(value, list) or len(value) != len(kinds):
        raise RecordError("shape")
    for one, kind in zip(value, kinds):
        if not fits(one, kind):
            raise RecordError("shape")
    return value


def _item(read: "Read") -> "Any":
    raw = bytearray()
    _copy(read, raw, 0)
    return decode(bytes(raw))


def _copy(read: "Read", raw: bytearray, depth: int) -> None:
    """Appends the next item's bytes to `raw`; only where it ends is looked at here, `decode` judges the rest."""
    first = _bytes(read, raw, 1)[0]
    major, number = first >> 5, first & 0x1F
    if number > 27:
        raise WireError("length")
    if number > 23:
        number = int.from_bytes(_bytes(read, raw, 1 << (number - 24)), "big")
    if major == 2 or major == 3:
        _bytes(read, raw, number)
    elif major == 4:
        if depth >= MAX_DEPTH:
            raise WireError("depth")
        for _ in range(number if number <= MAX_BYTES else MAX_BYTES + 1):
            _copy(read, raw, depth + 1)


def _bytes(read: "Read", raw: bytearray, number: int) -> bytes:
    if number > MAX_BYTES - len(raw):  # before reading: a hostile length never allocates
        raise WireError("long")
    found = read(number)
    if len(found) != number:
        raise WireError("cut")
    raw.extend(found)
    return found
