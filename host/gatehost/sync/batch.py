"""Verifying a batch: seal, chain and commitments, as gatecore.log.check_batch says, at the host's speed.

The quick reader knows the plain entry as a pattern over its bytes: the expected beginning is compared, the rest matched
once. The patterns name only minimal encodings of the core's subset, so what they match has no second form. Whatever is
not plain, or not right, goes to the core's own reader, which alone refuses. A property test pins the two together: what
the quick reader takes, the core takes with the same result.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from gatecore.errors import GateError
from gatecore.log import Chain, check_batch, open_seal
from gatecore.records import ACCESS, KEY
from gatecore.wire import encode
from gatehost.keys import verify
from gatehost.model.errors import DeviceRefused
from gatehost.service import columns
from gatehost.store.accesslog import SEALED, SEALED_WITHOUT_PRIVATE, EntryRow, entry_id


@dataclass(frozen=True, slots=True)
class Source:
    """Whose log it is: the device's row number, the public key of its present epoch."""

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
        record = open_seal(sealed, source.public, verify, chain.dev)
        _check_ack(record.ack, receipts)
        if quick is not None and (record.seq, record.head, record.epoch) == (quick[1], quick[2], chain.epoch):
            rows, chain.seq, chain.head = quick
            chain.sealed, chain.key = chain.epoch, None
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
    front, base = b"\x8c\x01\x50" + chain.dev + encode(chain.epoch), entry_id(source.no, 0)
    seq, head, rows, digest = chain.seq, chain.head, list[EntryRow](), sha256
    for data, private in zip(entries, privates, strict=True):
        seq += 1
        before = front + _uint(seq) + head
        if not data.startswith(before):
            return None
        row = _row(base + seq, now, data, len(before), private)
        if row is None:
            return None
        rows.append(row)
        head = digest(b"\x03" + data).digest()
    return rows, seq, head


def _uint(n: int) -> bytes:
    """A sequence number and the head of the hash that follows it."""
    if 0x100 <= n < 0x10000:
        return b"\x19" + n.to_bytes(2, "big") + b"\x58\x20"
    return encode(n) + b"\x58\x20"


_PUB_HEAD = 0x80


def _row(number: int, now: int, data: bytes, at: int, private: bytes | None) -> EntryRow | None:
    """The row of an entry whose first five fields end at `at`."""
    match = _REST.fullmatch(data, at)
    if match is None:
        return None
    told, quality, kind, head, pub, commit = match.groups()
    typ, tq = kind[0], quality[0]
    if head[0] != _PUB_HEAD + len(pub) or typ == KEY:
        return None
    if private is None:
        named, verdict = _NOBODY, SEALED if commit is None else SEALED_WITHOUT_PRIVATE
    else:
        if commit != sha256(b"\x02" + private).digest() or typ != ACCESS:
            return None
        found = _PRIVATE.fullmatch(private)
        if found is None:
            return None
        home, person, mark = found.groups()
        named, verdict = (home[1:].decode() or None, person, mark), SEALED
    when = int.from_bytes(told, "big") if told is not None and tq else now
    if typ == ACCESS and len(pub) >= 5:
        return (number, when, now, tq, typ, pub[1], pub[2], pub[3], pub[4], *named, verdict, data, private)
    return (number, when, now, tq, typ, None, None, None, None, *named, verdict, data, private)


Named = tuple[str | None, bytes | None, bytes | None]
_NOBODY: Named = (None, None, None)


def _digits(head: int) -> bytes:
    """A string of up to twelve ASCII digits under a major type's head."""
    return b"(?:" + b"|".join(re.escape(bytes((head + n,))) + b"[0-9]{%d}" % n for n in range(13)) + b")"


# boot, mono: any minimal number below 2^62; utc: null or 2^32..2^62 ms; tq; typ; pub of small numbers; commit
_NUMBER = rb"(?:[\x00-\x17]|\x18[\x18-\xff]|\x19(?!\x00)..|\x1a(?!\x00\x00)....|\x1b(?!\x00{4})[\x00-\x3f].{7})"
_REST = re.compile(
    _NUMBER + _NUMBER + rb"(?:\xf6|\x1b(?!\x00{4})([\x00-\x3f].{7}))([\x00-\x04])([\x00-\x17])"
    rb"([\x80-\x97])([\x00-\x17]{0,23})(?:\xf6|\x58\x20(.{32}))",
    re.DOTALL,
)
# salt, subject (a person or a home), [home, person or null, mark, duress]
_PRIVATE = re.compile(
    rb"\x83\x50.{16}(?:\x50.{16}|" + _digits(0x40) + rb")\x84(" + _digits(0x60) + rb")"
    rb"(?:\xf6|\x50(.{16}))(?:\x40|(?:\x50(?=.{17}\Z)|\x58\x20(?=.{33}\Z))(.{16}|.{32}))[\x00\x01]",
    re.DOTALL,
)
