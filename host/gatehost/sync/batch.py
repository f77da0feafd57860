"""Verifying a batch: seal, chain and commitments, as gatecore.log.check_batch says, at the host's speed.

The quick reader knows the plain entry as a pattern over its bytes: the expected beginning is compared, the rest matched
once. The patterns name only minimal encodings of the core's subset, so what they match has no second form. Whatever is
not plain, or not right, goes to the core's own reader, which alone refuses. A property test pins the two together: what
the quick reader takes, the core takes with the same result.
"""

import re
import struct
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
    found = _ENTRY.findall(b"".join(entries))
    present = [private for private in privates if private is not None]
    halves = _PRIVATE.findall(b"".join(present))
    if [one[0] for one in found] != list(entries) or [one[0] for one in halves] != present:
        return None
    if not entries or {one[1] for one in found} != {chain.dev + encode(chain.epoch)}:
        return None
    if [one[2] for one in found] != _encoded(chain.seq + 1, len(found)):
        return None
    head = _linked(chain.head, found)
    rows = _rows(entry_id(source.no, chain.seq), now, found, privates, halves)
    return None if head is None or rows is None else (rows, chain.seq + len(rows), head)


Found = Sequence[tuple[bytes, ...]]


def _encoded(first: int, many: int) -> list[bytes]:
    """So many numbers in a row as they stand in entries."""
    last = first + many - 1
    if first >= 0x100 and last < 0x10000:
        return [_SHORT(0x19, seq) for seq in range(first, last + 1)]
    if first >= 0x10000 and last < 0x100000000:
        return [_LONG(0x1A, seq) for seq in range(first, last + 1)]
    return [encode(seq) for seq in range(first, last + 1)]


def _linked(head: bytes, found: Found) -> bytes | None:
    """The head after entries of which each joins the one before it."""
    begun = sha256(b"\x03").copy
    for one in found:
        if one[3] != head:
            return None
        whole = begun()
        whole.update(one[0])
        head = whole.digest()
    return head


def _rows(
    number: int, now: int, found: Found, privates: Sequence[bytes | None], halves: Found
) -> list[EntryRow] | None:
    """The rows of entries after the one with this id; None if one is not plain, or a half not the one committed to."""
    rows, begun, shown = list[EntryRow](), sha256(b"\x02").copy, iter(halves)
    for (data, _, _, _, told, quality, kind, count, pub, commit), private in zip(found, privates, strict=True):
        typ, tq, number = kind[0], quality[0], number + 1
        if count[0] != _PUB_HEAD + len(pub) or typ == KEY:
            return None
        named, verdict = _NOBODY, SEALED
        if private is not None:
            whole = begun()
            whole.update(private)
            if whole.digest() != commit or typ != ACCESS:
                return None
            _, home, person, short, long = next(shown)
            named = home[1:].decode() or None, person or None, short or long or None
        elif commit:
            verdict = SEALED_WITHOUT_PRIVATE
        when = int.from_bytes(told, "big") if told and tq else now
        result = (pub[1], pub[2], pub[3], pub[4]) if typ == ACCESS and len(pub) >= 5 else _NO_RESULT
        rows.append((number, when, now, tq, typ, *result, *named, verdict, data, private))
    return rows


_SHORT, _LONG = struct.Struct(">BH").pack, struct.Struct(">BI").pack
_PUB_HEAD = 0x80
_NO_RESULT = (None, None, None, None)
_NOBODY: tuple[str | None, bytes | None, bytes | None] = (None, None, None)


def _digits(head: int) -> bytes:
    """A string of up to twelve ASCII digits under a major type's head."""
    return b"(?:" + b"|".join(re.escape(bytes((head + n,))) + b"[0-9]{%d}" % n for n in range(13)) + b")"


# an entry; its dev with epoch, seq, prev, utc, quality, type, head of pub, pub of small numbers, commit: any minimal
# number below 2^62; utc null or 2^32..2^62 ms
_NUMBER = rb"(?:[\x00-\x17]|\x18[\x18-\xff]|\x19(?!\x00)..|\x1a(?!\x00\x00)....|\x1b(?!\x00{4})[\x00-\x3f].{7})"
_ENTRY = re.compile(
    rb"(\x8c\x01\x50(.{16}" + _NUMBER + rb")(" + _NUMBER + rb")\x58\x20(.{32})" + _NUMBER + _NUMBER
    + rb"(?:\xf6|\x1b(?!\x00{4})([\x00-\x3f].{7}))([\x00-\x04])([\x00-\x17])"
    + rb"([\x80-\x97])([\x00-\x17]{0,23})(?:\xf6|\x58\x20(.{32})))",
    re.DOTALL,
)  # fmt: skip
# a private half: salt, subject (a person or a home), [home, person or null, mark of 0, 16 or 32 bytes, duress]
_PRIVATE = re.compile(
    rb"(\x83\x50.{16}(?:\x50.{16}|" + _digits(0x40) + rb")\x84(" + _digits(0x60) + rb")"
    rb"(?:\xf6|\x50(.{16}))(?:\x40|\x50(.{16})|\x58\x20(.{32}))[\x00\x01])",
    re.DOTALL,
)
