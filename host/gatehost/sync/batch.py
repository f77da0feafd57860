"""Verifying a batch: seal, chain and commitments, as gatecore.log.check_batch says, at the host's speed.

The quick reader knows the plain entry as a pattern over its bytes: the expected beginning is compared, the rest matched
once. The patterns name only minimal encodings of the core's subset, so what they match has no second form. Whatever is
not plain, or not right, goes to the core's own reader, which alone refuses. A property test pins the two together: what
the quick reader takes, the core takes with the same result.
"""

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, repeat
from typing import Any

from gatecore.errors import GateError
from gatecore.log import Chain, check_batch, open_seal
from gatecore.records import ACCESS, KEY
from gatecore.sign import key_id
from gatecore.wire import encode, open_sign1
from gatehost.digests import digests
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
        if quick is not None and _sealed(quick, chain, sealed, source.public, receipts):
            rows, chain.seq, chain.head = quick
            chain.sealed, chain.key = chain.epoch, None
            return rows
        _check_ack(open_seal(sealed, source.public, verify, chain.dev).ack, receipts)
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


Quick = tuple[list[EntryRow], int, bytes]


def _sealed(quick: Quick, chain: Chain, sealed: bytes, public: bytes, receipts: Sequence[bytes]) -> bool:
    """Whether the seal is a plain one over the end of these rows and holds; False says only that the core must look.
    GateError for another's signature, DeviceRefused("ack") for a receipt it may not repeat."""
    payload = open_sign1(sealed, key_id(public), public, verify)
    start = _SEAL + chain.dev + encode(chain.epoch) + encode(quick[1]) + b"\x58\x20" + quick[2]
    end = _SEAL_END.fullmatch(payload, len(start)) if payload.startswith(start) else None
    if end is None:
        return False
    _check_ack(end[1], receipts)
    return True


def _quick(
    source: Source, chain: Chain, entries: Sequence[bytes], privates: Sequence[bytes | None], now: int
) -> Quick | None:
    """(rows, seq, head) of plain entries that chain and keep their commitments; None if any is not of that kind."""
    found = _ENTRY.findall(b"".join(entries))
    halves = _PRIVATE.findall(b"".join([b"\xf6" if private is None else private for private in privates]))
    if not found or len(found) != len(entries) or len(halves) != len(privates):
        return None
    read, shown = list(zip(*found, strict=True)), list(zip(*halves, strict=True))
    if read[0] != tuple(entries) or list(shown[0]) != [private or b"" for private in privates]:
        return None
    heads = [chain.head, *digests(b"\x03", entries)]
    head = heads.pop()
    if not all(map(bytes.startswith, entries, _fronts(chain, heads))):
        return None
    rows = _rows(entry_id(source.no, chain.seq), now, read, shown, privates)
    return None if rows is None else (rows, chain.seq + len(rows), head)


def _fronts(chain: Chain, heads: Sequence[bytes]) -> Iterable[bytes]:
    """How entries after the chain begin, each up to the head before it, which is given."""
    front, first, last = b"\x8c\x01\x50" + chain.dev + encode(chain.epoch), chain.seq + 1, chain.seq + len(heads)
    for info, kind, least in ((0x19, "H", 0x100), (0x1A, "I", 0x10000)):
        if first >= least and last < least * least:
            pack = struct.Struct(f">{len(front)}sB{kind}H32s").pack
            return map(pack, repeat(front), repeat(info), range(first, last + 1), repeat(0x5820), heads)
    return [front + encode(seq) + b"\x58\x20" + head for seq, head in enumerate(heads, first)]


Columns = Sequence[tuple[bytes, ...]]


def _rows(
    number: int, now: int, read: Columns, shown: Columns, privates: Sequence[bytes | None]
) -> list[EntryRow] | None:
    """The rows of entries after the one with this id; None if one is not plain, or a half not the one committed to."""
    datas, told, kinds, commits = read
    halves, homes, persons, short, long = shown
    meanings = {kind: _meaning(kind) for kind in set(kinds)}
    named = {home: home[1:].decode() or None for home in set(homes)}
    if None in meanings.values() or any(kind[1] != ACCESS for kind in set(compress(kinds, halves))):
        return None
    if digests(b"\x02", filter(None, halves)) != list(compress(commits, halves)):
        return None
    lines: tuple[Iterable[Any], ...] = (
        range(number + 1, number + 1 + len(datas)),
        _times(told, kinds, now),
        [now] * len(datas),
        *zip(*map(meanings.__getitem__, kinds), strict=True),
        map(named.__getitem__, homes),
        [person or None for person in persons],
        [one or other or None for one, other in zip(short, long, strict=True)],
        _verdicts(commits, halves),
        datas,
        privates,
    )
    return list(zip(*lines, strict=True))


def _times(told: Sequence[bytes], kinds: Sequence[bytes], now: int) -> Sequence[int]:
    """The times entries were told to be at; now for those that knew none."""
    if all(told) and all(kind[0] for kind in set(kinds)):
        return struct.unpack(f">{len(told)}Q", b"".join(told))
    return [int.from_bytes(one, "big") if one and kind[0] else now for one, kind in zip(told, kinds, strict=True)]


def _verdicts(commits: Sequence[bytes], halves: Sequence[bytes]) -> Sequence[int]:
    """What is proved of entries whose halves are those committed to."""
    if commits.count(b"") == halves.count(b""):
        return [SEALED] * len(commits)
    pairs = zip(commits, halves, strict=True)
    return [SEALED_WITHOUT_PRIVATE if commit and not half else SEALED for commit, half in pairs]


Meaning = tuple[int, int, int | None, int | None, int | None, int | None]


@lru_cache(4096)
def _meaning(kind: bytes) -> Meaning | None:
    """(quality, type, result, method, reason, flags) of a quality, a type and its small numbers; None for a head of
    another count, or for a change of keys."""
    tq, typ, pub = kind[0], kind[1], kind[3:]
    if kind[2] != _PUB_HEAD + len(pub) or typ == KEY:
        return None
    if typ == ACCESS and len(pub) >= 5:
        return tq, typ, pub[1], pub[2], pub[3], pub[4]
    return tq, typ, None, None, None, None


_PUB_HEAD = 0x80
_SEAL = b"\x89\x6bgate-seal/1\x50"  # its start, up to the device


def _digits(head: int) -> bytes:
    """A string of up to twelve ASCII digits under a major type's head."""
    return b"(?:" + b"|".join(re.escape(bytes((head + n,))) + b"[0-9]{%d}" % n for n in range(13)) + b")"


# any minimal number below 2^62, the everyday forms first
_NUMBER = (
    rb"(?:[\x00-\x17]|\x1a[^\0]...|\x1b\0\0[^\0].....|\x19[^\0].|\x18[\x18-\xff]"
    rb"|\x1a\0[^\0]..|\x1b(?!\0{4})[\x00-\x3f].......)"
)
# an entry; its utc, its quality and type with pub of small numbers, its commit; utc null or 2^32..2^62
_ENTRY = re.compile(
    rb"(\x8c\x01\x50.{16}" + _NUMBER + _NUMBER + rb"\x58\x20.{32}" + _NUMBER + _NUMBER
    + rb"(?:\x1b(\0\0[^\0].....|(?!\0{4})[\x00-\x3f].......)|\xf6)"
    + rb"([\x00-\x04][\x00-\x17][\x80-\x97][\x00-\x17]{0,23})(?:\xf6|\x58\x20(.{32})))",
    re.DOTALL,
)  # fmt: skip
# a private half or null: salt, subject (a person or a home), [home, person or null, mark of 0, 16 or 32 bytes, duress]
_PRIVATE = re.compile(
    rb"(\x83\x50.{16}(?:\x50.{16}|" + _digits(0x40) + rb")\x84(" + _digits(0x60) + rb")"
    rb"(?:\xf6|\x50(.{16}))(?:\x40|\x50(.{16})|\x58\x20(.{32}))[\x00\x01])|\xf6",
    re.DOTALL,
)
# what follows the head in a seal: boot, mono, utc or null, ack or null
_SEAL_END = re.compile(_NUMBER + _NUMBER + rb"(?:\xf6|" + _NUMBER + rb")(?:\xf6|\x50(.{16}))", re.DOTALL)
