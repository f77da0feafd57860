"""Verifying a batch: seal, chain and commitments, as gatecore.log.check_batch says, at the host's speed.

The quick reader takes only entries in the plainest shape, lays their expected beginning over the bytes, and decodes the
rest with cbor2. Whatever is not plain, or not right, goes to the core's own reader, which alone refuses. A property
test pins the two together: what the quick reader takes, the core takes with the same result.

Minimal encoding is proved by length: every head cbor2 can read is at least as long as the minimal one, so a sum of
lengths that equals the minimal sum leaves no room for a longer head, a tag, an indefinite length or a trailing byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2

from gatecore.errors import GateError
from gatecore.log import Chain, check_batch, open_seal
from gatecore.records import ACCESS, ALARM, CALL
from gatecore.wire import encode
from gatehost.keys import verify
from gatehost.model.errors import DeviceRefused
from gatehost.service import columns
from gatehost.store.accesslog import SEALED, SEALED_WITHOUT_PRIVATE, EntryRow, entry_id

_CALLED = (CALL, ALARM)


@dataclass(frozen=True, slots=True)
class Source:
    """Whose log it is: the device's row number, its public key."""

    no: int
    public: bytes


def check(
    source: Source,
    chain: Chain,
    entries: Sequence[bytes],
    privates: Sequence[bytes | None],
    sealed: bytes,
    receipts: Sequence[bytes],
    now: int,
) -> list[EntryRow]:
    """The rows of a batch that holds; `chain` moves to its end.

    DeviceRefused(code of the core | "ack" | "batch") and `chain` as it was for anything else. `receipts` are those the
    seal may repeat; with none, it repeats nothing."""
    if len(privates) != len(entries):
        raise DeviceRefused("privates")
    quick = _quick(source, chain, entries, privates, now)
    try:
        record = open_seal(sealed, source.public, verify)
        _check_ack(record.ack, receipts)
        if quick is not None and (record.seq, record.head, record.epoch) == (quick[1], quick[2], chain.epoch):
            rows, chain.seq, chain.head = quick
            return rows
        taken = check_batch(chain, list(entries), list(privates), sealed, source.public, verify)
    except GateError as wrong:
        raise DeviceRefused(wrong.code) from wrong
    pairs = zip(taken, entries, privates, strict=True)
    return [columns.row(source.no, now, entry, data, private) for entry, data, private in pairs]


def _check_ack(ack: bytes | None, receipts: Sequence[bytes]) -> None:
    if ack is None and not receipts:
        return
    if ack not in receipts:
        raise DeviceRefused("ack")


def _quick(
    source: Source, chain: Chain, entries: Sequence[bytes], privates: Sequence[bytes | None], now: int
) -> tuple[list[EntryRow], int, bytes] | None:
    """(rows, seq, head) of plain entries that chain and keep their commitments; None if any is not of that kind."""
    front = b"\x8c\x01\x50" + chain.dev + encode(chain.epoch)
    seq, head, rows = chain.seq, chain.head, []
    for data, private in zip(entries, privates, strict=True):
        seq += 1
        before = front + _uint(seq) + b"\x58\x20" + head
        if not data.startswith(before):
            return None
        row = _row(source.no, seq, now, data, len(before), private)
        if row is None:
            return None
        rows.append(row)
        head = sha256(b"\x03" + data).digest()
    return rows, seq, head


def _uint(n: int) -> bytes:
    if n < 24:
        return bytes((n,))
    if n < 0x100:
        return bytes((24, n))
    if n < 0x10000:
        return b"\x19" + n.to_bytes(2, "big")
    return encode(n)


def _row(no: int, seq: int, now: int, data: bytes, at: int, private: bytes | None) -> EntryRow | None:
    """The row of an entry whose first five fields end at `at`."""
    rest = _loads(b"\x87" + data[at:])
    if type(rest) is not list or len(rest) != 7:
        return None
    boot, mono, utc, tq, typ, pub, commit = rest
    numbers = _width(boot) + _width(mono) + _width(typ)
    if type(pub) is not list or type(tq) is not int or not 0 <= tq <= 4 or numbers > 27:
        return None
    for number in pub:
        if type(number) is not int or not 0 <= number < 24:
            return None
    size = numbers + 2 + len(pub)
    size += 1 if utc is None else _width(utc)
    size += 34 if type(commit) is bytes and len(commit) == 32 else 1
    if len(pub) >= 24 or size != len(data) - at or (utc is not None and size > 100):
        return None
    if commit is not None and type(commit) is not bytes:
        return None
    named = _private(private, commit, typ)
    if named is None:
        return None
    when = utc if utc is not None and tq else now
    verdict = SEALED_WITHOUT_PRIVATE if commit is not None and private is None else SEALED
    if typ == ACCESS and len(pub) >= 5:
        return (entry_id(no, seq), when, now, tq, typ, pub[1], pub[2], pub[3], pub[4], *named, verdict, data, private)
    return (entry_id(no, seq), when, now, tq, typ, None, None, None, None, *named, verdict, data, private)


_NOT_PLAIN = 1000  # a width no sum of plain ones reaches


def _width(n: Any) -> int:
    """The bytes of a plain number's minimal encoding."""
    if type(n) is not int or n < 0:
        return _NOT_PLAIN
    if n < 24:
        return 1
    if n < 0x100:
        return 2
    if n < 0x10000:
        return 3
    if n < 0x100000000:
        return 5
    return 9 if n < 1 << 62 else _NOT_PLAIN


Named = tuple[str | None, bytes | None, bytes | None]
_NOBODY: Named = (None, None, None)


def _private(private: bytes | None, commit: bytes | None, typ: int) -> Named | None:
    """(home, person, mark) of a plain private half that is the one committed to; None for any other."""
    if private is None:
        return _NOBODY
    if sha256(b"\x02" + private).digest() != commit:
        return None
    value = _loads(private)
    if type(value) is not list or len(value) != 3:
        return None
    salt, subject, detail = value
    if type(salt) is not bytes or len(salt) != 16 or type(subject) is not bytes or type(detail) is not list:
        return None
    size = 1 + 17 + _bytes_width(subject) + 1
    for item in detail:
        size += _plain_width(item)
    if size != len(private) or size >= _NOT_PLAIN or not detail or len(detail) >= 24:
        return None
    return _named(detail) if typ == ACCESS else _called(detail, typ)


def _named(detail: list[Any]) -> Named:
    home = detail[0] if type(detail[0]) is str and detail[0] else None
    if len(detail) < 3:
        return home, None, None
    person = detail[1] if type(detail[1]) is bytes and len(detail[1]) == 16 else None
    mark = detail[2] if type(detail[2]) is bytes and 0 < len(detail[2]) <= 32 else None
    return home, person, mark


def _called(detail: list[Any], typ: int) -> Named:
    if typ not in _CALLED or type(detail[0]) is not str or not detail[0]:
        return _NOBODY
    return detail[0], None, None


def _bytes_width(data: bytes) -> int:
    n = len(data)
    return n + (1 if n < 24 else 2 if n < 0x100 else _NOT_PLAIN)


def _plain_width(item: Any) -> int:
    kind = type(item)
    if item is None:
        return 1
    if kind is bytes:
        return _bytes_width(item)
    if kind is str:
        return _bytes_width(item.encode()) if item.isascii() else _NOT_PLAIN
    return _width(item)


def _loads(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except (cbor2.CBORError, ValueError, OverflowError, TypeError, RecursionError):
        return None
