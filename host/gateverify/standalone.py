"""The second opinion: does an export of the access log hold? One file, Python's standard library, nothing else.

Written from docs/protocol.md alone, without the core's code, so that a mistake made there is not made here again. Copy
this file anywhere and run `python standalone.py FILE --trust TRUST`. The export is read as a stream: a million entries
need no more memory than a thousand.

Errors, and no other exception leaves `verify` whatever the bytes:

    VerifyError
        Refused      the bytes are not what honest devices, host and estate wrote
        Unreadable   the arguments or files cannot be read
"""

import argparse
import array
import base64
import gc
import hashlib
import json
import re
import struct
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any, BinaryIO, NoReturn

HOLDS, ALTERED, UNREADABLE, UNTRUSTED = 0, 1, 2, 3  # exit codes, section 7

LARGEST = 1 << 20  # bytes of one item, section 1
WINDOW = 4 << 20  # bytes read at once: a window always holds the largest item whole
DEEPEST = 8  # arrays in one another, section 1


class VerifyError(Exception):
    """Anything this file has to say against its input."""


class Refused(VerifyError):
    """Altered, dropped, inserted, reordered or forged."""


class Unreadable(VerifyError):
    """Arguments or files that cannot be read."""


# Encoding (section 1)

FLOOR = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # the least number worth that head
SIMPLE = {20: False, 21: True, 22: None}


def head(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Major type, number and the place after one CBOR head in its shortest form."""
    if at >= end:
        raise Refused("cut short")
    major, number = data[at] >> 5, data[at] & 31
    if number < 24:
        return major, number, at + 1
    if number > 27:
        raise Refused("reserved or indefinite length")
    after = at + 1 + (1 << (number - 24))
    if after > end:
        raise Refused("cut short")
    floor, number = FLOOR[number], int.from_bytes(data[at + 1 : after], "big")
    if number < floor:
        raise Refused("not in its shortest form")
    return major, number, after


def item(data: bytes, at: int, end: int, room: int = DEEPEST) -> tuple[Any, int]:
    """The item at `at` and the place after it; nothing is reserved before its bytes are there."""
    major, number, at = head(data, at, end)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3, 4) and number > end - at:
        raise Refused("cut short")
    if major == 2:
        return data[at : at + number], at + number
    if major == 3:
        return text(data[at : at + number]), at + number
    if major == 4:
        return items(data, at, end, number, room)
    if major == 7 and number in SIMPLE:
        return SIMPLE[number], at
    raise Refused("a map, tag, float or simple value")


def items(data: bytes, at: int, end: int, number: int, room: int) -> tuple[list[Any], int]:
    """`number` items in a list, and the place after them."""
    if not room:
        raise Refused("arrays nest too deep")
    found = []
    for _ in range(number):
        one, at = item(data, at, end, room - 1)
        found.append(one)
    return found, at


def text(raw: bytes) -> str:
    """Strict UTF-8 (RFC 3629)."""
    try:
        return raw.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Refused("text is not UTF-8") from None


def decoded(data: bytes) -> Any:
    """The one item that `data` is, with nothing after it."""
    if len(data) > LARGEST:
        raise Refused("larger than 1 MiB")
    value, at = item(data, 0, len(data))
    if at != len(data):
        raise Refused("bytes after the end")
    return value


def uint(number: int, major: int = 0) -> bytes:
    """A head in its shortest form. For major type 0 the bytes sort as the numbers do."""
    first = major << 5
    if number < 24:
        return bytes([first | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([first | info]) + number.to_bytes(size, "big")
    raise ValueError("more than 64 bits")


def shaped(value: Any, shape: str, what: str) -> list[Any]:
    """`value` if it is an array of the fields `shape` names: u, t, b, bN, ints, any; `?` = or null."""
    kinds = shape.split()
    if type(value) is not list or len(value) != len(kinds):
        raise Refused(f"not a {what}")
    for one, kind in zip(value, kinds, strict=True):
        if not fits(one, kind):
            raise Refused(f"not a {what}: a field has the wrong shape")
    return value


def fits(value: Any, kind: str) -> bool:
    """Whether one field has its shape. A bool is never a number."""
    if kind == "any":
        return True
    if kind.endswith("?"):
        return value is None or fits(value, kind[:-1])
    if kind == "u":
        return type(value) is int and value >= 0
    if kind == "t":
        return type(value) is str
    if kind == "ints":
        return type(value) is list and all(type(one) is int for one in value)
    return type(value) is bytes and kind in ("b", f"b{len(value)}")


# Ed25519 (RFC 8032), strict: s < L, both points canonical and not of small order, the equation without the cofactor

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def added(a: Point, b: Point) -> Point:
    """The sum of two points (RFC 8032 section 5.1.4); complete, so it doubles too."""
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def doubled(a: Point) -> Point:
    """Twice a point (RFC 8032 section 5.1.4)."""
    square_x, square_y, z = a[0] * a[0], a[1] * a[1], 2 * a[2] * a[2]
    h, g = square_x + square_y, square_x - square_y
    e, f = h - (a[0] + a[1]) ** 2, z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


WINDOW_BITS = 3


@lru_cache(64)
def windows(point: Point) -> list[list[Point]]:
    """For every three bits of a number the eight multiples of `point` they may stand for; most keys sign often."""
    rows = []
    for _ in range(0, 256, WINDOW_BITS):
        row = [NEUTRAL, point]
        for _ in range((1 << WINDOW_BITS) - 2):
            row.append(added(row[-1], point))
        rows.append(row)
        point = added(row[-1], point)
    return rows


def times(number: int, point: Point, total: Point = NEUTRAL) -> Point:
    """`total` + `number` times `point`. Nothing here is secret, so nothing takes constant time."""
    for row in windows(point):
        if digit := number & (1 << WINDOW_BITS) - 1:
            total = added(total, row[digit])
        number >>= WINDOW_BITS
    return total


def unpacked(raw: bytes) -> Point | None:
    """The point that 32 bytes name in their one canonical way, or None."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def packed(point: Point) -> bytes:
    """The 32 canonical bytes of a point."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def sound(public: bytes) -> Point | None:
    """The point of 32 bytes if it is canonical and not of small order."""
    point = unpacked(public)
    if point is None:
        return None
    x, y, z, _ = doubled(doubled(doubled(point)))
    return None if x == 0 and y == z else point


BASE = unpacked((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the owner of `public`'s, over exactly these bytes."""
    key, s = sound(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= L or sound(signature[:32]) is None:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    against = (P - key[0], key[1], key[2], P - key[3])
    return packed(times(s, BASE, times(k, against))) == signature[:32]


# Envelopes and records (sections 2 and 3)

PROTECTED = b"\x55\xa2\x01\x32\x04\x50"
CERT = "t b16 b32 b32? t t u u"
SEAL = "t b16 u u b32 u u u? b16?"
KINDS = ("door", "desk", "board")


def key_id(public: bytes) -> bytes:
    """16 bytes that name a key; of a device's first key, the device."""
    return hashlib.sha256(b"gate-dev/1" + public).digest()[:16]


def opened(envelope: bytes, public: bytes, purpose: str, shape: str) -> list[Any]:
    """The record in a COSE_Sign1 signed by `public`; the envelope is the only one there is for it."""
    kid = key_id(public)
    first = b"\xd2\x84" + PROTECTED + kid + b"\xa0"
    if not envelope.startswith(first):
        raise Refused(f"{purpose}: not signed under the expected key")
    major, size, start = head(envelope, len(first), len(envelope))
    end = start + size
    if major != 2 or envelope[end : end + 2] != b"\x58\x40" or len(envelope) != end + 66:
        raise Refused(f"{purpose}: not the envelope a writer writes")
    to_sign = b"\x84\x6aSignature1" + PROTECTED + kid + b"\x40" + envelope[len(first) : end]
    if not signed(public, to_sign, envelope[-64:]):
        raise Refused(f"{purpose}: the signature does not hold")
    record = shaped(decoded(envelope[start:end]), shape, purpose)
    if record[0] != purpose:
        raise Refused(f"signed for another purpose than {purpose}")
    return record


# The stream (section 7)


class Stream:
    """A file as a sequence of items; `data` from `at` holds the largest item whole, or the file's rest."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.data, self.at, self.ended = file, b"", 0, False

    def fill(self) -> None:
        """Read on when less than the largest item is left."""
        while not self.ended and len(self.data) - self.at < LARGEST:
            try:
                more = self.file.read(WINDOW)
            except (OSError, ValueError) as error:
                raise Unreadable(f"the file cannot be read: {error}") from None
            self.ended = not more
            self.data, self.at = self.data[self.at :] + more, 0

    def next(self) -> Any:
        """The next item; never more than 1 MiB is looked at."""
        self.fill()
        end = min(len(self.data), self.at + LARGEST)
        try:
            value, self.at = item(self.data, self.at, end)
        except Refused as error:
            whole = end < len(self.data) and str(error) == "cut short"
            raise Refused("larger than 1 MiB") if whole else error from None
        return value

    def finished(self) -> bool:
        """Whether nothing is left."""
        self.fill()
        return self.at == len(self.data)


# What is found


@dataclass(slots=True)
class Device:
    """What one section showed; numbers count entries."""

    slot: str
    kind: str
    dev: str
    serial: int
    since: int  # seconds since 1970, by the certificate
    first: int  # seq
    last: int
    evidence: str = "A"  # A: sealed by the device's own key; B: the host says so
    log: int | None = None  # generation of the log that holds these entries
    seal_utc: int | None = None
    granted: int = 0
    refused: int = 0
    late: int = 0
    gaps: int = 0
    disclosed: int = 0
    withheld: int = 0
    erased: int = 0
    missing: int = 0
    plain: int = 0  # entries that have no private half
    ungranted: int | None = None  # openings of a home that the host chain shows no right for; None: cannot be told
    younger: list[Any] | None = None  # [seq, s]: entries from seq on are younger than that
    older: int | None = None  # s: all these entries are older than that
    types: dict[int, int] = field(default_factory=dict)
    times: dict[int, list[Any]] = field(default_factory=dict)  # quality -> entries, earliest, latest utc in ms

    def event(self, typ: int, pub: list[int], times: int) -> None:
        """Count `times` entries of one meaning (section 4); a type that is not known here is counted as its number."""
        if typ in self.types or len(self.types) < 64:
            self.types[typ] = self.types.get(typ, 0) + times
        if typ == 10 and len(pub) == 5:
            self.granted += times * (pub[1] == 1)
            self.refused += times * (pub[1] == 0)
            self.late += times * (pub[4] & 1)
        self.late += times * (typ == 8)
        self.gaps += times * (typ == 7)

    def moment(self, quality: int, utc: int | None, times: int = 1) -> None:
        """Widen the time range of one quality."""
        seen = self.times.setdefault(quality, [0, None, None])
        seen[0] += times
        if utc is not None:
            seen[1] = utc if seen[1] is None else min(seen[1], utc)
            seen[2] = utc if seen[2] is None else max(seen[2], utc)


@dataclass(slots=True)
class Cosignature:
    """One witness's word for one checkpoint."""

    name: str
    kind: str  # door or outside, as the trust file says; else unlisted
    size: int
    time: int  # s since 1970, by the witness's clock


@dataclass(slots=True)
class Log:
    """What one generation of the estate's tree showed."""

    generation: int
    size: int
    root: str
    witnessed: int = 0  # leaves below this are witnessed as the trust file demands
    former: list[Any] = field(default_factory=list)  # generation, size, root named when this log began
    cosignatures: list[Cosignature] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What an export showed up to `place`, which names the first wrong thing if `verify` raised."""

    estate: str = ""
    trusted: bool = False
    scope: str = "whole"
    devices: list[Device] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # entries that are not there, and why
    restored: int = 0  # of these, entries that a restore of the host took
    demanded: bool = False  # whether the trust file demands a witness at all
    unwitnessed: int = 0  # sections whose last entry is beyond what is witnessed
    head: str = ""  # what became of the trust file's tree head
    place: str = "head of the file"

    @property
    def entries(self) -> int:
        """Entries in all sections that hold."""
        return sum(device.last - device.first + 1 for device in self.devices)


# The chain (section 4)

ENTRY = "u b16 u u b32 u u u? u u ints b32?"
BEACON, KEYS, GAP, BELIEVED, BEGUN, ENROLLED, REVOKED, GIVEN, ERASED = 2, 3, 7, 9, 30, 31, 32, 33, 35


def genesis(public: bytes) -> bytes:
    """The head before a device's first entry."""
    return hashlib.sha256(b"gate-genesis/1" + public).digest()


def linked_to(entry: bytes) -> bytes:
    """The head after an entry."""
    return hashlib.sha256(b"\x03" + entry).digest()


def joined(numbers: list[int]) -> bytes:
    """The bytes that numbers in `pub` stand for, eight each."""
    if any(not 0 <= number < 1 << 64 for number in numbers):
        raise Refused("not the bytes of a hash")
    return b"".join(number.to_bytes(8, "big") for number in numbers)


@dataclass(slots=True)
class Chain:
    """A device's chain at its head; `leaves` are the tree's leaves of the entries taken, 32 bytes each."""

    dev: bytes
    epoch: int
    seq: int
    head: bytes
    leaves: bytearray = field(default_factory=bytearray)
    grows: bool = False  # whether leaves are kept

    def take(self, entry: bytes, device: Device) -> tuple[int, list[int], bytes | None]:
        """Append one entry if it chains; its type, public part and commitment."""
        fields = shaped(decoded(entry), ENTRY, "log entry")
        version, dev, epoch, seq, prev, _, _, utc, quality, typ, pub, commit = fields
        if version != 1 or quality > 4:
            raise Refused("not a log entry of this protocol")
        if dev != self.dev or epoch != self.epoch:
            raise Refused("an entry of another device or epoch")
        if seq != self.seq + 1:
            raise Refused(f"seq {seq} follows {self.seq}")
        if prev != self.head:
            raise Refused("does not chain to the entry before it")
        self.seq, self.head = seq, linked_to(entry)
        if self.grows:
            self.leaves += hashlib.sha256(b"\0" + entry).digest()
        device.event(typ, pub, 1)
        device.moment(quality, utc)
        return typ, pub, commit


def disclose(private: bytes | None, commit: bytes | None, device: Device) -> list[Any] | None:
    """The fields of a private half, counted; refused if it is not the one that the entry committed to."""
    if private is None:
        device.withheld += commit is not None
        device.plain += commit is None
        return None
    if commit is None:
        raise Refused("a private half beside an entry that has none")
    if hashlib.sha256(b"\x02" + private).digest() != commit:
        raise Refused("the private half is not the one committed to")
    fields = shaped(decoded(private), "b16 b any", "private half")
    device.disclosed += 1
    return fields


def home_of(private: list[Any] | None, at: int) -> str | None:
    """The home that stands at a place of a private half's detail."""
    detail = None if private is None else private[2]
    found = type(detail) is list and len(detail) > at and type(detail[at]) is str
    return detail[at] or None if found and detail is not None else None


# The fast way: entries of the usual layout, exactly as the slow way would take them. What it does not know it leaves.

# The everyday form stands first in each choice, and bytes that may not be 0 are named where that decides: both are
# quicker to match than a look ahead.
_U = (
    rb"(?:[\x00-\x17]|\x1a[^\0]...|\x1b\0\0[^\0].....|\x19[^\0].|\x18[\x18-\xff]"
    rb"|\x1a\0[^\0]..|\x1b(?!\0{4})........)"
)
_TYP = rb"(?:[\x00-\x02\x04-\x06\x08-\x17]|\x18[\x18-\x1d\x22\x24-\xff])"  # none that decides something (section 4)
_I = rb"(?:[\x00-\x17\x20-\x37]|[\x19\x39][^\0].|[\x18\x38][\x18-\xff]|[\x1a\x3a](?!\0\0)....)"
_B = rb"(?:\x50.{16}|" + b"|".join(rb"\x%02x.{%d}" % (0x40 + n, n) for n in range(24) if n != 16) + rb")"
_T = rb"(?:" + b"|".join(rb"\x%02x[\0-\x7f]{%d}" % (0x60 + n, n) for n in range(24)) + rb")"
_PUB = rb"(?:\x85[\0-\x17]{5}|\x80|" + b"|".join(rb"\x%02x%s{%d}" % (0x80 + n, _I, n) for n in (5, 3, 2, 1)) + rb")"
_DETAIL = rb"(?:\x84(" + _T + rb")(?:\xf6|\x50.{16})" + _B + rb"[\0-\x17]|\xf6)"
_PRIVATE = rb"\x83\x50.{16}" + _B + _DETAIL
# a pair of entry and private half; groups: entry's length, entry, utc, quality, typ with pub, commit, private half's
# length, private half, home. What begins otherwise is the last group, to the window's end.
_PAIR = rb"\x82\x58(.)(\x8c\x01\x50.{16}%s%s\x58\x20.{32}%s%s(%s|\xf6)([\0-\x04])(%s%s)(?:\x58\x20(.{32})|\xf6))"
_HALF = rb"(?:\x58([\x18-\xff])(%s)|\xf6)|(.+)"
PAIRS = re.compile(_PAIR % (_U, _U, _U, _U, _U, _TYP, _PUB) + _HALF % _PRIVATE, re.DOTALL)
STRIDE = 1 << 16  # bytes looked at in one stride: few enough to stay in a processor's own memory
DISTINCT = 4096  # meanings counted before they are folded: a hostile file gets no memory


@dataclass(slots=True)
class Shown:
    """What a section's entries told beyond counts. Sets stop growing at DISTINCT * 16: then `full`."""

    absent: "array.array[int]" = field(
        default_factory=lambda: array.array("Q")
    )  # seqs with a commitment and no private half
    homes: Counter[str] = field(default_factory=Counter)  # openings by home
    meanings: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)  # (typ with pub, home) not yet folded

    def opened(self, typ: int, pub: list[int], home: str | None, times: int) -> None:
        """Count openings of a home."""
        known = home in self.homes or len(self.homes) < 16 * DISTINCT
        if typ == 10 and len(pub) == 5 and pub[1] == 1 and home and known:
            self.homes[home] += times

    def fold(self, device: Device) -> None:
        """Give what the fast way counted by raw bytes to `device`, and forget it."""
        for (raw, home), times in self.meanings.items():
            typ, at = item(raw, 0, len(raw))
            pub = item(raw, at, len(raw))[0]
            device.event(typ, pub, times)
            self.opened(typ, pub, decoded(home) if home else None, times)
        self.meanings.clear()


def digests(first: bytes, parts: Iterable[bytes]) -> list[bytes]:
    """SHA-256 of each part behind one byte; a copied hash is cheaper than a new one."""
    begun, found = hashlib.sha256(first).copy, list[bytes]()
    add = found.append
    for part in parts:
        whole = begun()
        whole.update(part)
        add(whole.digest())
    return found


def fronts(chain: Chain, heads: Sequence[bytes]) -> Iterable[bytes]:
    """How the next entries begin, each up to the head before it."""
    front, first, last = b"\x8c\x01\x50" + chain.dev + uint(chain.epoch), chain.seq + 1, chain.seq + len(heads)
    for info, kind, least in ((0x19, "H", 1 << 8), (0x1A, "I", 1 << 16)):
        if first >= least and last < least * least:
            pack = struct.Struct(f">{len(front)}sB{kind}H32s").pack
            return map(pack, repeat(front), repeat(info), range(first, last + 1), repeat(0x5820), heads)
    return [front + uint(seq) + b"\x58\x20" + head for seq, head in enumerate(heads, first)]


def stride(stream: Stream, chain: Chain, left: int, found: Shown, device: Device) -> tuple[int, int]:
    """Take up to `left` entries of the usual layout from the window.

    Returns how many were taken, and how many must be taken the slow way next: something is unusual there, or wrong.
    `chain` stands after the last one taken.
    """
    data, at = stream.data, stream.at
    rows = PAIRS.findall(data, at, min(len(data), at + STRIDE))[:left]
    if rows and rows[-1][-1]:
        rows.pop()
    if not rows:
        return 0, 1
    number, columns = len(rows), zip(*rows, strict=True)
    sizes, entries, utcs, qualities, meanings, commits, lengths, halves, homes, _ = columns
    there, long = list(filter(None, halves)), bytes(map(len, entries))
    heads = [chain.head, *digests(b"\x03", entries)]
    link = heads.pop()
    usual = (
        all(map(bytes.startswith, entries, fronts(chain, heads)))
        and b"".join(sizes) == long
        and b"".join(lengths) == bytes(map(len, there))
        and digests(b"\x02", there) == [commit for commit, half in zip(commits, halves, strict=True) if half]
    )
    if not usual:
        return 0, number
    if chain.grows:
        chain.leaves += b"".join(digests(b"\0", entries))
    if (hidden := number - commits.count(b"") - len(there)) != 0:
        seqs = range(chain.seq + 1, chain.seq + number + 1)
        triples = zip(seqs, commits, halves, strict=True)
        found.absent.extend([seq for seq, commit, half in triples if commit and not half])
    chain.seq, chain.head = chain.seq + number, link
    stream.at += 4 * number + sum(long) + sum(map(len, there)) + len(there)
    found.meanings.update(zip(meanings, homes, strict=True))
    device.disclosed += len(there)
    device.withheld += hidden
    device.plain += number - hidden - len(there)
    spans(device, utcs, qualities)
    return number, 0


def spans(device: Device, utcs: Sequence[bytes], qualities: Sequence[bytes]) -> None:
    """Widen the device's time ranges; encoded times sort as the times do."""
    for quality in set(qualities):
        number, pairs = qualities.count(quality), zip(utcs, qualities, strict=True)
        known = utcs if number == len(utcs) else [utc for utc, one in pairs if one == quality]
        device.moment(quality[0], None, number)
        if (latest := max(known)) == b"\xf6":  # null sorts after every number
            known = [utc for utc in known if utc != latest]
            latest = max(known, default=latest)
        for utc in (min(known), latest) if known else ():
            device.moment(quality[0], decoded(utc), 0)


def sealed(envelope: Any, chain: Chain, public: bytes) -> int | None:
    """The time in a seal by `public` over the chain's head; refused if it is none."""
    if type(envelope) is not bytes:
        raise Refused("not a seal")
    _, dev, epoch, seq, link, _, _, utc, _ = opened(envelope, public, "gate-seal/1", SEAL)
    if dev != chain.dev or epoch != chain.epoch:
        raise Refused("the seal is of another device or epoch")
    if seq != chain.seq or link != chain.head:
        raise Refused("the seal is not over these entries")
    return utc  # type: ignore[no-any-return]


def worded(value: Any, word: str, shape: str) -> list[Any]:
    """An unsigned line of the export that starts with its word."""
    if shaped(value, shape, f"line {word}")[0] != word:
        raise Refused(f"not a line {word}")
    return value  # type: ignore[no-any-return]


def certified(envelope: bytes, estate: bytes, kinds: tuple[str, ...]) -> list[Any]:
    """dev, public, box, slot, kind, serial, since of a certificate by the estate key, of one of these kinds."""
    _, dev, public, box, slot, kind, serial, since = opened(envelope, estate, "gate-cert/1", CERT)
    if kind not in kinds or dev != key_id(public) or sound(public) is None:
        raise Refused("the certificate is not of a device's first key")
    if kind == "host" and (box is not None or slot != "host" or serial < 1):
        raise Refused("not the certificate of a log key")
    return [dev, public, box, slot, kind, serial, since]


def in_range(first: int, number: int) -> None:
    """Refuses numbers of entries that no device has."""
    if not first or not number or first + number > 1 << 64:
        raise Refused("no such entries: seq starts at 1, a section has one at least")


@dataclass(slots=True)
class Keyed:
    """Whose entries a section holds: its present key, and what its entries told."""

    public: bytes
    host: bool = False
    changes: bool = False  # whether a type 3 changes the key
    keys: list[bytes] = field(default_factory=list)  # entries of type 3, in order
    found: Shown = field(default_factory=Shown)
    named: list[tuple[int, int, list[int], list[Any] | None]] = field(default_factory=list)  # seq, typ, pub, private


def taken(stream: Stream, chain: Chain, keyed: Keyed, device: Device, report: Report, fast: bool) -> None:
    """Take a section's entries, the usual ones the fast way, and the seal after them."""
    base, ended = report.place, False
    while chain.seq < device.last:
        stream.fill()
        quickly, slowly = stride(stream, chain, device.last - chain.seq, keyed.found, device) if fast else (0, 1)
        ended = ended and not quickly
        if slowly or len(keyed.found.meanings) > DISTINCT:  # what stands first is counted first
            keyed.found.fold(device)
        for _ in range(slowly):
            stream.fill()
            report.place = f"{base}, entry {chain.seq + 1}"
            ended = slow(stream, chain, keyed, device)
    keyed.found.fold(device)
    device.times = dict(sorted(device.times.items()))
    if not ended:
        report.place = f"{base}, seal after entry {chain.seq}"
        device.seal_utc = sealed(stream.next(), chain, keyed.public)
    report.place = base


def slow(stream: Stream, chain: Chain, keyed: Keyed, device: Device) -> bool:
    """Take one pair; whether it was the last entry of an epoch, whose seal then stood behind it."""
    entry, half = shaped(stream.next(), "b b?", "pair of an entry and its private half")
    typ, pub, commit = chain.take(entry, device)
    private = disclose(half, commit, device)
    if commit is not None and half is None:
        keyed.found.absent.append(chain.seq)
    keyed.found.opened(typ, pub, home_of(private, 0), 1)
    if not keyed.changes:
        return False
    if typ == KEYS:
        public = changed(pub, chain.epoch, keyed.host)
        device.seal_utc = sealed(stream.next(), chain, keyed.public)
        keyed.public, chain.epoch = public, chain.epoch + 1
        keyed.keys.append(entry)
        return True
    telling = (BEGUN, ENROLLED, REVOKED, GIVEN, ERASED) if keyed.host else (BEACON, GAP, BELIEVED)
    if typ in telling:
        keyed.named.append((chain.seq, typ, told(typ, pub, chain.seq), private))
    return False


def changed(pub: list[int], epoch: int, host: bool) -> bytes:
    """The key that an entry of type 3 names for the next epoch."""
    if host:
        raise Refused("a log key does not change")
    if len(pub) != 5 or pub[0] != epoch + 1 or sound(joined(pub[1:])) is None:
        raise Refused("not a key change")
    return joined(pub[1:])


LENGTHS = {GAP: 2, BEGUN: 7, ENROLLED: 5, REVOKED: 4}


def told(typ: int, pub: list[int], seq: int) -> list[int]:
    """`pub` of a type that decides something, if it has its shape."""
    if typ in LENGTHS:
        if len(pub) != LENGTHS[typ] or any(not 0 <= number < 1 << 64 for number in pub):
            raise Refused(f"an entry of type {typ} of another shape")
        if typ == GAP and not 0 < pub[0] <= pub[1] < seq:
            raise Refused("a gap that names no entries before it")
    return pub


# The tree (RFC 6962 section 2.1, its proofs as in RFC 9162 section 2.1)


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels_of(leaves: bytes | bytearray) -> list[bytes]:
    """The whole subtrees over leaves, 32 bytes each: level k holds those of 2^k leaves."""
    levels = [bytes(leaves)]
    while (pairs := len(levels[-1]) // 64) > 0:
        levels.append(b"".join(digests(b"\x01", struct.unpack_from("64s" * pairs, levels[-1]))))
    return levels


def parts_of(levels: list[bytes], size: int) -> list[bytes]:
    """The whole subtrees that the first `size` leaves fall into, the largest first."""
    found = []
    for level in range(len(levels) - 1, -1, -1):
        if size >> level & 1:
            at = 32 * ((size >> level) - 1)
            found.append(levels[level][at : at + 32])
    return found


def folded(parts: list[bytes]) -> bytes:
    """The root over subtrees that stand side by side, the largest first."""
    root = parts[-1] if parts else hashlib.sha256().digest()
    for part in reversed(parts[:-1]):
        root = node(part, root)
    return root


PIECE = 1 << 14  # leaves: a tree is worked out in pieces of so many


@dataclass(slots=True)
class Growing:
    """A tree whose leaves come in order: its roots at the sizes `asked` for, the last of them its whole size."""

    asked: list[int]
    roots: dict[int, bytes] = field(default_factory=dict)
    size: int = 0  # leaves in whole pieces
    edge: list[bytes] = field(default_factory=list)  # their subtrees, the largest first
    waiting: bytearray = field(default_factory=bytearray)

    def add(self, leaves: bytes | bytearray) -> None:
        """More leaves, 32 bytes each."""
        self.waiting += leaves
        while len(self.waiting) >= 32 * PIECE:
            self._piece(bytes(self.waiting[: 32 * PIECE]))
            del self.waiting[: 32 * PIECE]

    def end(self) -> None:
        """No more leaves."""
        self._piece(bytes(self.waiting))

    def _piece(self, leaves: bytes) -> None:
        levels, many = levels_of(leaves), len(leaves) // 32
        for size in self.asked[bisect_left(self.asked, self.size) : bisect_left(self.asked, self.size + many + 1)]:
            self.roots[size] = folded(self.edge + parts_of(levels, size - self.size))
        whole, root = self.size // PIECE, levels[-1]
        while whole & 1:
            root, whole = node(self.edge.pop(), root), whole >> 1
        self.edge.append(root)
        self.size += many


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the proof, all of it, leads from the leaf at `index` to the root over `size` leaves."""
    if index >= size:
        return False
    at, last = index, size - 1
    for other in proof:
        if not last:
            return False
        if at & 1 or at == last:
            leaf = node(other, leaf)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            leaf = node(leaf, other)
        at, last = at >> 1, last >> 1
    return not last and leaf == root


def continued(size: int, root: bytes, later: int, newer: bytes, proof: list[bytes]) -> bool:
    """Whether the proof, all of it, shows that a tree of `later` leaves begins with that of `size` (not 0)."""
    path = list(proof) if size & (size - 1) else [root, *proof]
    at, last = size - 1, later - 1
    if not path or not 0 < size < later:
        return False
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            old, new = node(other, old), node(other, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, other)
        at, last = at >> 1, last >> 1
    return not last and old == root and new == newer


def hashes(value: Any) -> list[bytes]:
    """A proof: hashes in an array."""
    if type(value) is not list or any(type(one) is not bytes or len(one) != 32 for one in value):
        raise Refused("not a proof")
    return value


# Checkpoints (section 8)

NOTE = re.compile(rb"([!-~]{1,128})\n(0|[1-9][0-9]{0,19})\n([A-Za-z0-9+/]{43}=)\n\n")
LINE = re.compile(rb"\xe2\x80\x94 ([!-*,-~]{1,128}) ([A-Za-z0-9+/]+={0,2})\n")
MOST_LINES, LARGEST_NOTE = 64, 16 << 10


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint as a signed note; `lines` are name, key id and what follows it."""

    origin: bytes
    size: int
    root: bytes
    text: bytes
    lines: list[tuple[bytes, bytes, bytes]]


def exact(raw: bytes) -> bytes:
    """What base64 stands for, if this is the one way to write it."""
    try:
        found = base64.b64decode(raw, validate=True)
    except ValueError:
        raise Refused("a checkpoint's base64 is none") from None
    if base64.b64encode(found) != raw:
        raise Refused("a checkpoint's base64 in another form")
    return found


def note_of(raw: Any) -> Note:
    """The checkpoint that these bytes are."""
    if type(raw) is not bytes or len(raw) > LARGEST_NOTE:
        raise Refused("not a checkpoint")
    first = NOTE.match(raw)
    if first is None:
        raise Refused("not a checkpoint")
    at, found = first.end(), []
    while at < len(raw) and (line := LINE.match(raw, at)) is not None:
        told = exact(line[2])
        if len(told) < 5:
            raise Refused("a signature line without a signature")
        found.append((line[1], told[:4], told[4:]))
        at = line.end()
    if at != len(raw) or not 0 < len(found) <= MOST_LINES:
        raise Refused("not a checkpoint: its signature lines")
    if len({one[:2] for one in found}) != len(found):
        raise Refused("a checkpoint with two signatures of one name and key")
    return Note(first[1], int(first[2]), exact(first[3]), raw[: first.end() - 1], found)


def line_id(name: bytes, kind: bytes, public: bytes) -> bytes:
    """The four bytes that name a key in a signature line."""
    return hashlib.sha256(name + b"\n" + kind + public).digest()[:4]


def by_the_log(note: Note, origin: bytes, public: bytes) -> None:
    """Refuses a checkpoint of another log, or whose first line is not the log's own signature."""
    name, told, signature = note.lines[0]
    if note.origin != origin or name != origin or told != line_id(origin, b"\x01", public):
        raise Refused("a checkpoint of another log")
    if not signed(public, note.text, signature):
        raise Refused("the log's signature of a checkpoint does not hold")


def cosigned(note: Note, witnesses: "dict[bytes, Witness]") -> list[Cosignature]:
    """What known witnesses say of a checkpoint; a known one's signature that does not hold is refused, and so is a
    known key under another name, or a name shown by its certificate with a key that device never had. Lines of others
    say nothing here."""
    found, ids = [], {line_id(name, b"\x04", key) for name, one in witnesses.items() for key in one.keys}
    for name, told, rest in note.lines[1:]:
        witness = witnesses.get(name)
        keys = [] if witness is None else [key for key in witness.keys if line_id(name, b"\x04", key) == told]
        if witness is None or not keys:
            if told in ids or (witness is not None and witness.certified):
                raise Refused(f"a cosignature that is not {shown(name.decode('ascii', 'replace'))}'s")
            continue
        time = int.from_bytes(rest[:8], "big")
        message = b"cosignature/v1\ntime %d\n%s" % (time, note.text)
        if len(rest) != 72 or not 0 < time < 1 << 63 or not any(signed(key, message, rest[8:]) for key in keys):
            raise Refused(f"the cosignature of {shown(name.decode('ascii'))} does not hold")
        found.append(Cosignature(name.decode("ascii"), witness.kind, note.size, time))
    return found


# The trust file (section 7)


@dataclass(slots=True)
class Witness:
    """A witness, its kind (door, outside, unlisted) and the keys it may sign with."""

    kind: str
    keys: list[bytes]
    certified: bool = False  # all keys it ever had are shown


@dataclass(slots=True)
class Trust:
    """What the owners' committee holds: the estate's key, the first tree head, witnesses, how many are needed."""

    estate: bytes
    head: tuple[int, int, bytes] | None = None
    witnesses: dict[bytes, Witness] = field(default_factory=dict)
    need: int = 0
    outside: int = 0


def trust_of(raw: bytes) -> Trust:
    """The trust file that these bytes are; forgiving in blanks and capital digits, since a person may have typed it."""
    try:
        words = [line.split() for line in raw.decode("ascii").splitlines() if line.strip()]
    except ValueError as error:
        raise Unreadable(f"trust file: {error}") from None
    if not words or words[0] not in (["kaimen-trust", "1"], ["kaimen-trust", "2"]):
        raise Unreadable("trust file: does not begin with `kaimen-trust 1` or `kaimen-trust 2`")
    if words[0][1] == "1" and len(words) != 2:
        raise Unreadable("trust file: not two lines, `kaimen-trust 1` and `estate HEX64`")
    said: dict[str, list[str]] = {}
    witnesses: dict[bytes, Witness] = {}
    for line in words[1:]:
        word = "need outside" if line[:2] == ["need", "outside"] else line[0]
        if word == "witness":
            listed(line, witnesses)
        elif word in said or word not in ("estate", "head", "need", "need outside"):
            raise Unreadable(f"trust file: a line {word!r} too many")
        said[word] = line
    if "estate" not in said or len(said["estate"]) != 2:
        raise Unreadable("trust file: no line `estate HEX64`")
    trust = Trust(typed(said["estate"][1], "estate key"), None, witnesses)
    if sound(trust.estate) is None:
        raise Unreadable("trust file: the estate key is mistyped")
    if "head" in said:
        trust.head = head_of(said["head"])
    if words[0][1] == "2" and "need" not in said:
        raise Unreadable("trust file: no line `need K`")
    outside = sum(one.kind == "outside" for one in witnesses.values())
    trust.need = count(said.get("need"), 1, len(witnesses))
    trust.outside = count(said.get("need outside"), 2, outside)
    return trust


def typed(word: str, what: str) -> bytes:
    """32 bytes in 64 hex digits."""
    if not re.fullmatch("[0-9a-fA-F]{64}", word):
        raise Unreadable(f"trust file: the {what} is mistyped")
    return bytes.fromhex(word)


def listed(line: list[str], witnesses: dict[bytes, Witness]) -> None:
    """Add the witness of a line."""
    if len(line) != 4 or line[1] not in ("door", "outside") or not re.fullmatch("[!-*,-~]{1,128}", line[2]):
        raise Unreadable("trust file: not a line `witness door NAME HEX64` or `witness outside NAME HEX64`")
    public = typed(line[3], f"key of witness {line[2]}")
    if line[2].encode() in witnesses or any(public in one.keys for one in witnesses.values()):
        raise Unreadable(f"trust file: witness {line[2]} or its key twice")
    if sound(public) is None:
        raise Unreadable(f"trust file: the key of witness {line[2]} is mistyped")
    witnesses[line[2].encode()] = Witness(line[1], [public])


def head_of(line: list[str]) -> tuple[int, int, bytes]:
    """Generation, size and root of a line `head`."""
    if len(line) != 4 or not all(re.fullmatch("0|[1-9][0-9]{0,18}", word) for word in line[1:3]):
        raise Unreadable("trust file: not a line `head GENERATION SIZE HEX64`")
    return int(line[1]), int(line[2]), typed(line[3], "tree head")


def count(line: list[str] | None, at: int, most: int) -> int:
    """The number of a line `need`; 0 without one."""
    if line is None:
        return 0
    if len(line) != at + 1 or not re.fullmatch("0|[1-9][0-9]{0,3}", line[at]) or int(line[at]) > most:
        raise Unreadable(f"trust file: not a number of at most {most} witnesses in the line `need`")
    return int(line[at])


# Sections

SCOPES = ("whole", "public", "window", "person")


@dataclass(slots=True)
class Section:
    """One section as it was read; `indexes` are the leaves of its entries that are asked for, by seq."""

    device: Device
    dev: bytes
    keyed: Keyed
    leaves: bytearray
    before: bytes
    head: bytes
    generation: int = 0  # of the log that holds it
    lacks: tuple[int, int] | None = None  # seqs before it that are not here
    asked: list[int] = field(default_factory=list)
    indexes: dict[int, int] = field(default_factory=dict)

    def ask(self, devs: set[bytes]) -> None:
        """Ask for the leaves of the first and last entry, and of the enrolments and revocations of `devs`."""
        told = self.keyed.named if self.keyed.host else []
        named = {seq for seq, typ, pub, _ in told if typ in (ENROLLED, REVOKED) and joined(pub[:2]) in devs}
        self.asked = sorted(named | {self.device.first, self.device.last})

    def leaf(self, seq: int) -> bytes:
        """The leaf of an entry."""
        at = 32 * (seq - self.device.first)
        return bytes(self.leaves[at : at + 32])


def all_sections(stream: Stream, estate: bytes, many: int, report: Report, fast: bool) -> list[Section]:
    """All its sections, each in order in itself and after the one before."""
    found: list[Section] = []
    seen: set[bytes] = set()
    for number in range(many):
        report.place = f"section {number + 1}"
        one = section(stream, estate, report, fast)
        if found and found[-1].dev == one.dev:
            after(found[-1], one)
        elif one.dev in seen:
            raise Refused("sections of one device that do not stand in a row")
        seen.add(one.dev)
        found.append(one)
        report.devices.append(one.device)
    report.place = "sections"
    for at, one in enumerate(found):
        one.ask(seen)
        former = found[at - 1] if at and found[at - 1].dev == one.dev else None
        start = former.device.last + 1 if former else 1 if report.scope in ("whole", "public") else one.device.first
        if report.scope != "person" and start < one.device.first:
            one.lacks = start, one.device.first - 1
    return found


def section(stream: Stream, estate: bytes, report: Report, fast: bool) -> Section:
    """One device's entries from a seq on, and the seals over them."""
    line = worded(stream.next(), "section", "t b u b32 u any")
    _, envelope, first, before, number, changes = line
    dev, public, _, slot, kind, serial, since = certified(envelope, estate, (*KINDS, "host"))
    in_range(first, number)
    report.place += f" {shown(slot)}"
    keyed = Keyed(public, kind == "host", True)
    last_change = key_changes(changes, dev, keyed, first)
    if first == 1 and before != genesis(public):
        raise Refused("the first entry's head is not the genesis of the device's key")
    if last_change is not None and last_change[0] == first - 1 and last_change[1] != before:
        raise Refused("does not join the key change before it")
    device = Device(slot, kind, dev.hex(), serial, since, first, first + number - 1, "B" if keyed.host else "A")
    chain = Chain(dev, len(keyed.keys), first - 1, before, bytearray(), True)
    taken(stream, chain, keyed, device, report, fast)
    if keyed.host:
        host_begins(keyed, device)
    if report.scope == "public" and not keyed.host and device.disclosed:
        raise Refused("a private half in an export of the public parts")
    return Section(device, dev, keyed, chain.leaves, before, chain.head)


def key_changes(changes: Any, dev: bytes, keyed: Keyed, before: int) -> tuple[int, bytes] | None:
    """Walk the key changes before seq `before`, each sealed by the key it ends; seq and head of the last."""
    if type(changes) is not list or (changes and keyed.host):
        raise Refused("not key changes")
    last: tuple[int, bytes] | None = None
    for epoch, change in enumerate(changes):
        entry, seal = shaped(change, "b b", "key change")
        fields = shaped(decoded(entry), ENTRY, "log entry")
        seq = fields[3]
        if fields[0] != 1 or fields[8] > 4 or fields[1] != dev or fields[2] != epoch or fields[9] != KEYS:
            raise Refused("not a key change of this device and epoch")
        if not (0 if last is None else last[0]) < seq < before:
            raise Refused("key changes out of order")
        chain = Chain(dev, epoch, seq, linked_to(entry))
        sealed(seal, chain, keyed.public)
        keyed.public = changed(fields[10], epoch, keyed.host)
        keyed.keys.append(entry)
        last = seq, chain.head
    return last


def host_begins(keyed: Keyed, device: Device) -> None:
    """A host's chain is whole from its first entry, type 30 of its generation, which is the only one."""
    begun = [(seq, pub) for seq, typ, pub, _ in keyed.named if typ == BEGUN]
    if device.first != 1 or [seq for seq, _ in begun] != [1] or begun[0][1][0] != device.serial:
        raise Refused("the host's chain does not begin with its generation")
    former = begun[0][1][1:]
    if former[0] >= device.serial or (not former[0] and any(former)):
        raise Refused("a generation that follows none before it")


def after(one: Section, other: Section) -> None:
    """Refuses a section that does not continue the one before it of the same device."""
    if other.keyed.host:
        raise Refused("the host's chain in two sections")
    if other.device.first <= one.device.last:
        raise Refused("sections of one device out of order")
    if other.device.first == one.device.last + 1 and other.before != one.head:
        raise Refused("does not join the section before it")
    known, here = one.keyed.keys, other.keyed.keys
    if here[: len(known)] != known:
        raise Refused("another history of keys than in the section before it")
    if any(decoded(entry)[3] <= one.device.last for entry in here[len(known) :]):
        raise Refused("a key change that the section before it does not show")


def lacking(sections: list[Section], report: Report) -> None:
    """Refuses seqs that a device lacks and that nothing explains."""
    for one in sections:
        if one.lacks is None:
            continue
        at, end = one.lacks
        same = [other for other in sections if other.dev == one.dev]
        gaps = [pub for other in same for _, typ, pub, _ in other.keyed.named if typ == GAP]
        spans = [(first, last, "replaced, the log was full") for first, last in gaps]
        spans += [(first, last, RESTORED) for first, last in restored(one.dev, sections, report)]
        for first, last, why in sorted(spans):
            if first <= at <= min(last, end):
                report.lost.append(f"{shown(one.device.slot)} entries {at} to {min(last, end)}: {why}")
                report.restored += (min(last, end) - at + 1) * (why == RESTORED)
                at = min(last, end) + 1
        if at <= end:
            report.place = f"{shown(one.device.slot)}, entry {at}"
            raise Refused("is missing, and nothing shows why")


RESTORED = "lost in a restore of the host"


def restored(dev: bytes, sections: list[Section], report: Report) -> list[tuple[int, int]]:
    """Spans of a device's seqs that a log of a later generation says were lost before it, and the device too."""
    found = []
    for host in sections:
        there = [one for one in sections if one.dev == dev and one.generation == host.device.serial]
        if not host.keyed.host or not there or not went_on(there, host.device.serial, report):
            continue
        first = min(one.device.first for one in there)
        for _, typ, pub, _ in host.keyed.named:
            if typ == ENROLLED and joined(pub[:2]) == dev and pub[4] + 1 < first:
                found.append((pub[4] + 1, first - 1))
    return found


def went_on(there: list[Section], generation: int, report: Report) -> bool:
    """Whether the device's own type 9 names a checkpoint of a former log beyond what is shown of that log. A device
    drops nothing that no checkpoint covers: if its newest one is shown, so is all it dropped."""
    sizes = {log.generation: log.size for log in report.logs}
    told = [pub for one in there for _, typ, pub, _ in one.keyed.named if typ == BELIEVED and len(pub) == 7]
    return any(
        own == generation and 0 < former < generation and size > sizes.get(former, 0) for own, former, size, *_ in told
    )


# Logs


@dataclass(slots=True)
class Tree:
    """A log's roots: at the sizes of its checkpoints and, when all leaves are shown, wherever one is named."""

    notes: list[Note]
    roots: dict[int, bytes]


def logs(stream: Stream, estate: bytes, number: int, sections: list[Section], trust: Trust, report: Report) -> None:
    """All its logs; each section lies in one of them."""
    last = 0
    trees: dict[int, Tree] = {}
    for at in range(1, number + 1):
        report.place = f"log {at}"
        _, envelope, notes, proofs, cosigners = worded(stream.next(), "log", "t b any any any")
        _, public, _, _, _, generation, _ = certified(envelope, estate, ("host",))
        if generation <= last:
            raise Refused("logs out of order")
        last = generation
        report.place = f"log of generation {generation}"
        hosts = [one for one in sections if one.keyed.host and one.dev == key_id(public)]
        if not hosts or hosts[0].device.serial != generation:
            raise Refused("a log whose host's chain is not shown")
        found = checkpoints(notes, proofs, estate, generation, public)
        witnesses = known_witnesses(cosigners, estate, found, trust)
        log = Log(generation, found[-1].size, found[-1].root.hex())
        log.cosignatures = [one for note in found for one in cosigned(note, witnesses)]
        log.former = former_of(hosts[0])
        log.witnessed = witnessed(log, trust)
        report.logs.append(log)
        trees[generation] = Tree(found, {note.size: note.root for note in found})
        grows = Growing(sorted({found[-1].size} | asked(sections, trust, generation)))
        ends(stream, sections, trees[generation], grows, log, report)
        if trust.head is not None and trust.head[0] == generation:
            from_the_head(trust.head, trees[generation])
            report.head = "continues the tree head of the trust file"
        report.place = f"log of generation {generation}"
        same = [one for one in sections if one.generation == generation]
        if hosts[0] not in same or hosts[0].indexes[1] != 0:
            raise Refused("the log does not begin with its host's chain")
        for one in same:
            report.place = f"log of generation {generation}, {shown(one.device.slot)}"
            in_service(one, hosts[0])
            bounded(one, log, report)
    report.place = "logs"
    if any(not one.generation for one in sections):
        raise Refused("a section that no log holds")
    for one in sections:
        report.place = f"{shown(one.device.slot)}, checkpoints it names"
        saw_the_same(one, trees)


def checkpoints(notes: Any, proofs: Any, estate: bytes, generation: int, public: bytes) -> list[Note]:
    """The checkpoints of a log, each the continuation of the one before."""
    if type(notes) is not list or not notes or type(proofs) is not list or len(proofs) != len(notes) - 1:
        raise Refused("not checkpoints with the proofs between them")
    origin = f"{key_id(estate).hex()}/gate/{generation}".encode()
    found: list[Note] = []
    for at, raw in enumerate(notes):
        note = note_of(raw)
        by_the_log(note, origin, public)
        if found and not continued(found[-1].size, found[-1].root, note.size, note.root, hashes(proofs[at - 1])):
            raise Refused(f"checkpoint {at + 1} does not continue the one before it")
        found.append(note)
    if not found[0].size:
        raise Refused("a checkpoint of nothing")
    return found


def known_witnesses(value: Any, estate: bytes, notes: list[Note], trust: Trust) -> dict[bytes, Witness]:
    """The trust file's witnesses and the devices shown as such, by name; a device's key changes count for both."""
    if type(value) is not list:
        raise Refused("not witnesses")
    names = {name for note in notes for name, _, _ in note.lines[1:]}
    found = {name: Witness(one.kind, list(one.keys)) for name, one in trust.witnesses.items()}
    seen: set[bytes] = set()
    for one in value:
        envelope, changes = shaped(one, "b any", "witness")
        dev, public, _, _, _, _, _ = certified(envelope, estate, KINDS)
        name = dev.hex().encode()
        if dev in seen or name not in names:
            raise Refused("a witness twice, or one that cosigned nothing here")
        seen.add(dev)
        keyed, keys = Keyed(public), [public]
        for at in range(1, 1 + (len(changes) if type(changes) is list else 0)):
            keyed = Keyed(public)
            key_changes(changes[:at], dev, keyed, 1 << 64)
            keys.append(keyed.public)
        if not isinstance(changes, list):
            raise Refused("not key changes")
        if name not in found:
            found[name] = Witness("unlisted", keys, certified=True)
        elif found[name].keys[0] == public:
            found[name].keys, found[name].certified = keys, True
    return found


def former_of(host: Section) -> list[Any]:
    """Generation, size and root of the former log's checkpoint that this one names; empty if it names none."""
    generation, size, *root = next(pub for _, typ, pub, _ in host.keyed.named if typ == BEGUN)[1:]
    return [generation, size, joined(root).hex()] if generation else []


def named_in(one: Section) -> Iterator[tuple[int, int, bytes]]:
    """Generation, size and root of every checkpoint that entries of a section name."""
    for _, typ, pub, _ in one.keyed.named:
        told = pub[1:] if typ in (BEGUN, BELIEVED) else pub
        if typ in (BEACON, BEGUN, BELIEVED) and len(told) == 6 and all(0 <= number < 1 << 64 for number in told):
            yield told[0], told[1], joined(told[2:])


def asked(sections: list[Section], trust: Trust, generation: int) -> set[int]:
    """The sizes at which a root of this log is named."""
    found = {size for one in sections for named, size, _ in named_in(one) if named == generation}
    return found | ({trust.head[1]} if trust.head is not None and trust.head[0] == generation else set())


def saw_the_same(one: Section, trees: dict[int, Tree]) -> None:
    """Refuses a checkpoint named in an entry that is not one of the tree shown here: there were two histories."""
    for generation, size, root in named_in(one):
        if generation in trees and trees[generation].roots.get(size, root) != root:
            raise Refused("a checkpoint that is not of the tree shown here")


def witnessed(log: Log, trust: Trust) -> int:
    """The number of leaves that as many witnesses as the trust file demands have vouched for."""
    sizes = {"any": [0] * len(trust.witnesses), "outside": [0] * len(trust.witnesses)}
    for at, (name, one) in enumerate(trust.witnesses.items()):
        most = max((word.size for word in log.cosignatures if word.name.encode() == name), default=0)
        sizes["any"][at] = most
        sizes["outside"][at] = most if one.kind == "outside" else 0
    reached = [sorted(sizes["any"], reverse=True)[trust.need - 1]] if trust.need else []
    reached += [sorted(sizes["outside"], reverse=True)[trust.outside - 1]] if trust.outside else []
    return min(reached, default=0)


def ends(stream: Stream, sections: list[Section], tree: Tree, grows: Growing, log: Log, report: Report) -> None:
    """Lines up to `end`: where the entries stand in the tree."""
    whole, newest = report.scope in ("whole", "public"), tree.notes[-1]
    held: dict[int, int] = {}
    size, last = 0, (-1, 0)
    base = report.place
    while True:
        line = stream.next()
        if line == ["end"]:
            break
        report.place = f"{base}, leaves from {size}"
        if whole:
            size = run_line(line, sections, held, grows, size, log)
        else:
            last = proof_line(line, sections, last, newest, log)
    report.place = base
    if whole:
        grows.end()
        if size != log.size or grows.roots[size] != newest.root:
            raise Refused("the entries are not the leaves of the checkpoint")
        tree.roots |= grows.roots
        if any(held[number] != one.device.last for number, one in enumerate(sections) if number in held):
            raise Refused("entries of a section that are not in the tree")
    for one in sections:
        if one.generation == log.generation and any(seq not in one.indexes for seq in one.asked):
            raise Refused(f"no proof for an entry of {shown(one.device.slot)} that needs one")


def run_line(line: Any, sections: list[Section], held: dict[int, int], grows: Growing, size: int, log: Log) -> int:
    """Take runs of leaves; the number of leaves so far."""
    found = worded(line, "leaves", "t any")[1]
    for run in found if type(found) is list else [None]:
        number, first, many = shaped(run, "u u u", "run of leaves")
        if number >= len(sections) or not many:
            raise Refused("a run of no entries")
        one = sections[number]
        if one.generation not in (0, log.generation):
            raise Refused("an entry in two logs")
        if first != held.get(number, one.device.first - 1) + 1 or first + many - 1 > one.device.last:
            raise Refused("an entry that is twice in the tree, or not in order")
        for seq in one.asked[bisect_left(one.asked, first) : bisect_left(one.asked, first + many)]:
            one.indexes[seq] = size + seq - first
        one.generation, held[number] = log.generation, first + many - 1
        at = 32 * (first - one.device.first)
        size += many
        if size > log.size:
            raise Refused("more leaves than the checkpoint counts")
        grows.add(one.leaves[at : at + 32 * many])
    return size


def proof_line(line: Any, sections: list[Section], last: tuple[int, int], note: Note, log: Log) -> tuple[int, int]:
    """Take the inclusion proof of one entry; its section and seq."""
    _, number, seq, index, proof = worded(line, "leaf", "t u u u any")
    if number >= len(sections) or (number, seq) <= last:
        raise Refused("proofs out of order")
    one = sections[number]
    if not one.device.first <= seq <= one.device.last or one.generation not in (0, log.generation):
        raise Refused("a proof of an entry that is not here, or in two logs")
    if not included(one.leaf(seq), index, note.size, hashes(proof), note.root):
        raise Refused(f"entry {seq} of {shown(one.device.slot)} is not in the tree at {index}")
    if one.indexes and index - max(one.indexes.values()) < seq - max(one.indexes):
        raise Refused("leaves of a device that are not in order")
    one.generation, one.indexes[seq] = log.generation, index
    return number, seq


def from_the_head(head: tuple[int, int, bytes], tree: Tree) -> None:
    """Refuses a tree that does not continue the trust file's tree head."""
    _, size, root = head
    if size > tree.notes[-1].size:
        raise Refused("the tree is smaller than the trust file's tree head")
    found = tree.roots.get(size) if size else hashlib.sha256().digest()
    if found is None:
        raise Refused("nothing shows that the tree continues the trust file's tree head")
    if found != root:
        raise Refused("the tree does not continue the trust file's tree head")


def in_service(one: Section, host: Section) -> None:
    """Refuses entries of a device before its enrolment in this log, or after its revocation."""
    named: dict[tuple[int, bytes], tuple[int, list[int]]] = {}
    for seq, typ, pub, _ in host.keyed.named:
        if typ in (ENROLLED, REVOKED) and joined(pub[:2]) == one.dev:
            if (typ, one.dev) in named or (typ == REVOKED and (ENROLLED, one.dev) not in named):
                raise Refused("a device enrolled or revoked twice in one log")
            named[typ, one.dev] = seq, pub
    if one.keyed.host:
        if one is not host or named:
            raise Refused("the chain of another generation's host")
        return
    if (ENROLLED, one.dev) not in named:
        raise Refused("a device that was never enrolled")
    seq, (_, _, serial, _, lost) = named[ENROLLED, one.dev]
    if serial != one.device.serial or host.indexes[seq] > one.indexes[one.device.first]:
        raise Refused("entries before the device's enrolment")
    if lost >= one.device.first:
        raise Refused("entries that this log says are not its own")
    if (REVOKED, one.dev) in named and named[REVOKED, one.dev][1][2] < one.device.last:
        raise Refused("entries after the device's revocation")


def timed(log: Log, report: Report) -> list[Cosignature]:
    """The words whose times count: with a trust file, of those it lists. Who holds the estate key makes others."""
    return [word for word in log.cosignatures if word.kind != "unlisted" or not report.trusted]


def bounded(one: Section, log: Log, report: Report) -> None:
    """Say between which witnessed times a section's entries were written."""
    one.device.log = log.generation
    index, words = one.indexes[one.device.last], timed(log, report)
    one.device.older = min((word.time for word in words if word.size > index), default=None)
    for seq, typ, pub, _ in one.keyed.named:
        if typ == BEACON and pub and pub[0] == log.generation:
            times = [word.time for word in words if word.size == pub[1]]
            if times and pub[1] <= log.size:
                one.device.younger = [seq, min(times)]


def halves(sections: list[Section], report: Report) -> None:
    """Tell erased private halves from withheld and missing ones, and openings without a right given."""
    erased: dict[bytes, set[int]] = {}
    homes: set[str] = set()
    blind = False
    for host in sections:
        for _, typ, _, private in host.keyed.named if host.keyed.host else ():
            if typ == ERASED and private is not None:
                forgotten(private[2], erased)
            if typ == GIVEN:
                blind |= private is None
                homes.add(home_of(private, 3) or "")
    for one in sections:
        device, absent = one.device, one.keyed.found.absent
        gone = erased.get(one.dev, set())
        device.erased = sum(seq in gone for seq in absent)
        device.withheld = len(absent) - device.erased
        if report.scope == "whole":
            device.missing, device.withheld = device.withheld, 0
        if not one.keyed.host and not blind and report.scope != "public":
            device.ungranted = sum(n for home, n in one.keyed.found.homes.items() if home not in homes)


def forgotten(detail: Any, erased: dict[bytes, set[int]]) -> None:
    """Add what the private half of a type 35 names; one of another shape names nothing."""
    if type(detail) is not list:
        return
    for one in detail:
        if type(one) is list and len(one) == 2 and type(one[0]) is bytes and type(one[1]) is list:
            erased.setdefault(one[0], set()).update(seq for seq in one[1] if type(seq) is int)


# The whole


def verify(file: BinaryIO, trust: Trust | None, report: Report, fast: bool = True) -> None:
    """Read an export to its end and fill `report`.

    Args:
        trust: what the trust file says, or None: then the estate key in the file's head is believed.
        fast: whether entries of the usual layout may be taken by the fast way; the result is the same.

    Raises:
        Refused: at the first wrong thing; `report.place` names it.
        Unreadable: the file stopped giving bytes.
    """
    stream = Stream(file)
    _, public, report.scope, many, held = worded(stream.next(), "gate-export/2", "t b32 t u u")
    report.estate, report.trusted = public.hex(), trust is not None
    if trust is not None and public != trust.estate:
        raise Refused("the export is of another estate than the trust file's")
    if report.scope not in SCOPES or not many or not held:
        raise Refused("an export of no known scope, or without a section or a log")
    known = trust or Trust(public)
    report.demanded = known.need > 0 or known.outside > 0
    found = all_sections(stream, public, many, report, fast)
    logs(stream, public, held, found, known, report)
    lacking(found, report)
    halves(found, report)
    size = {log.generation: log.witnessed for log in report.logs}
    report.unwitnessed = sum(one.indexes[one.device.last] >= size[one.generation] for one in found)
    report.place = "end of the file"
    if not stream.finished():
        raise Refused("bytes after the last line")


# What a person reads


def shown(name: str) -> str:
    """A name in quotes; what a terminal would act on, or hide, is written out."""
    return "“" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name) + "”"


def moment(utc: int | None) -> str:
    """A time in ms as UTC text; any number has one."""
    if utc is None:
        return "no time"
    if utc >= 253402300800000:
        return f"{utc} ms since 1970"
    return datetime.fromtimestamp(utc // 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


QUALITY = ("no clock", "not before", "battery clock", "host's time", "two sources")
SCOPE_SAID = {
    "whole": "everything the host has",
    "public": "everything the host has, without the private halves",
    "window": "some doors, from an instant to an instant",
    "person": "one person's own entries",
}


def lines(report: Report) -> Iterator[str]:
    """The report in words, a device after the other."""
    yield f"estate key {report.estate}{'' if report.trusted else '  (taken from the file itself)'}"
    yield f"shown: {SCOPE_SAID[report.scope]}"
    for log in report.logs:
        yield from log_lines(log, report)
    for device in report.devices:
        yield from device_lines(device)
    yield from report.lost


def log_lines(log: Log, report: Report) -> Iterator[str]:
    """A generation of the tree and who vouches for it."""
    yield f"log of generation {log.generation}: {log.size} leaves, root {log.root}"
    yield f"    witnessed as the trust file demands: the first {log.witnessed} leaves"
    if log.former:
        yield f"    follows generation {log.former[0]}, of which it names {log.former[1]} leaves, root {log.former[2]}"
    newest = max(timed(log, report), key=lambda one: (one.time, one.size), default=None)
    if newest is None:
        yield f"    no witness {'of the trust file ' if report.trusted else ''}cosigned it"
    else:
        yield f"    newest cosignature: {moment(newest.time * 1000)} by {newest.kind} {shown(newest.name)}"
    largest = {
        (one.kind, one.name): max(o.size for o in log.cosignatures if o.name == one.name) for one in log.cosignatures
    }
    for (kind, name), size in sorted(largest.items()):
        yield f"    {kind} {shown(name)} vouches for the first {size} leaves"


def device_lines(device: Device) -> Iterator[str]:
    """One section."""
    named = f"key {device.dev}  certificate {device.serial}  evidence {device.evidence}"
    yield f"{shown(device.slot)}  {device.kind}  {named}"
    yield f"    entries {device.first} to {device.last}, sealed {moment(device.seal_utc)}"
    for quality, (number, earliest, latest) in sorted(device.times.items()):
        span = "no time" if earliest is None else f"{moment(earliest)} to {moment(latest)}"
        yield f"    {span}  ({QUALITY[quality]}: {number} entries)"
    if device.younger is not None:
        since = moment(device.younger[1] * 1000)
        yield f"    from entry {device.younger[0]} on: written after {since} by a witness's clock"
    if device.older is not None:
        yield f"    all written before {moment(device.older * 1000)} by a witness's clock"
    yield f"    access granted {device.granted}, refused {device.refused}; late {device.late}, gaps {device.gaps}"
    halves = f"{device.disclosed} disclosed, {device.withheld} withheld, {device.plain} never had one"
    yield f"    private halves: {halves}; {device.erased} lawfully erased, {device.missing} MISSING"
    if device.ungranted is not None:
        yield f"    openings for a home to which the host's chain shows no right given: {device.ungranted}"


def unproven(report: Report) -> list[str]:
    """What even an export that holds does not show."""
    said = [
        "Openings without an entry (by hand, by a key, by a wire past the lock) are not seen here.",
        "A time is as good as the quality beside it; order within a device is proven, order between devices is not.",
        "Who holds a device's own key (takes its card) can write in its name.",
        "What a device wrote after the last checkpoint, or never delivered, is not in this file.",
        "Evidence B is what the host says; it is proof only from the first witness on.",
    ]
    if report.scope in ("window", "person"):
        said.append("Other doors, times and people: this file was made for a part, and shows nothing of the rest.")
    if report.scope == "window":
        said.append(
            "Whether a door wrote more in the hours asked for: its first and last entry here must lie outside them."
        )
    if any(device.gaps for device in report.devices):
        said.append("Entries named by a gap were lost on the device before they were stored elsewhere.")
    if any(device.withheld for device in report.devices):
        said.append("Who is meant by a withheld private half: it is fixed, but not in this file.")
    if any(device.erased for device in report.devices):
        said.append("Whether an erasure was asked for or due: that it was entered, and when, is what is shown.")
    if any(device.missing for device in report.devices):
        said.append("Why private halves are MISSING: nobody entered their erasure.")
    if any(log.former for log in report.logs) and len(report.logs) == 1:
        said.append("The former generations of the log: they are not in this file.")
    if report.restored:
        said.append("What stood in the entries that a restore of the host took: nobody can show it any more.")
    if report.trusted and not report.head:
        said.append("Whether this continues the first tree head: the trust file has none of a generation shown here.")
    if not report.trusted:
        said.append("Who the estate is: whoever made this file may have made its key. Ask the owners' committee.")
    elif not report.demanded:
        said.append("Against the administrator: the trust file demands no witness.")
    elif report.unwitnessed:
        said.append("Against the administrator: there are entries that too few witnesses have vouched for so far.")
    return said


VERDICT = {
    HOLDS: "Everything holds under the trusted estate key, and is witnessed as the trust file demands.",
    UNTRUSTED: "Consistent in itself; it is no proof against the administrator: ",
    ALTERED: "Altered, dropped, inserted, reordered or forged. First place: ",
    UNREADABLE: "Cannot be read: ",
}


def as_json(report: Report, code: int, verdict: str) -> str:
    """The report for programs: one object; times in ms (of witnesses in s), keys in hex."""
    whole = {"exit": code, "verdict": verdict} | asdict(report) | {"entries": report.entries}
    place = whole.pop("place")
    whole |= {"not_proven": unproven(report)} if code in (HOLDS, UNTRUSTED) else {"place": place}
    return json.dumps(whole)


def as_text(report: Report, code: int, verdict: str) -> str:
    """The report for people."""
    if code not in (HOLDS, UNTRUSTED):
        return verdict
    not_proven = ["Not proven by this file:"] + [f"  - {line}" for line in unproven(report)]
    total = f"{len(report.devices)} sections, {report.entries} entries"
    return "\n".join([*lines(report), total, *not_proven, verdict])


# The same in Chinese: each line by its pattern. A place in the file and a reason to refuse stay as they are.

TERMS = {
    "no time": "无时间", "door": "门", "desk": "前台", "board": "门控板", "host": "主机", "outside": "外部",
    "unlisted": "名单之外的", "no clock": "没有时钟", "not before": "不早于", "battery clock": "电池时钟",
    "host's time": "主机时间", "two sources": "两个来源一致", "everything the host has": "主机所有的全部记录",
    "everything the host has, without the private halves": "主机所有的全部记录，不含个人部分",
    "some doors, from an instant to an instant": "某些门的某段时间", "one person's own entries": "某人自己的记录",
    "  (taken from the file itself)": "（取自文件本身）", "of the trust file ": "信任文件中",
    "replaced, the log was full": "日志已满，被替换", "lost in a restore of the host": "主机恢复备份时丢失",
}  # fmt: skip
SAID = (
    ("estate key (.*?)(  \\(taken .*)?", "小区密钥 {}{}"),
    ("shown: (.*)", "出示范围：{}"),
    ("log of generation (.*): (.*) leaves, root (.*)", "第 {} 代日志：{} 条，根 {}"),
    ("    witnessed as .*: the first (.*) leaves", "    按信任文件的要求，已被见证的是前 {} 条"),
    (
        "    follows generation (.*), of which it names (.*) leaves, root (.*)",
        "    接第 {} 代，所记为 {} 条，根 {}",
    ),
    ("    no witness (.*)cosigned it", "    没有{}见证人联署"),
    ("    newest cosignature: (.*) by (\\w+) (“.*)", "    最新联署：{}，{}见证人{}"),
    ("    (\\w+) (“.*”) vouches for the first (.*) leaves", "    {}见证人{}证明前 {} 条"),
    ("(“.*”)  (\\w+)  key (.*)  certificate (.*)  evidence (.*)", "{}  {}  密钥 {}  证书 {}  证据等级 {}"),
    ("    entries (.*) to (.*), sealed (.*)", "    第 {} 至 {} 条，封签时间 {}"),
    ("    (.*) to (.*)  \\((.*): (.*) entries\\)", "    {} 至 {}（{}：{} 条）"),
    ("    no time  \\((.*): (.*) entries\\)", "    无时间（{}：{} 条）"),
    ("    from entry (.*) on: written after (.*) by a .*", "    从第 {} 条起：写于 {} 之后（按见证人的时钟）"),
    ("    all written before (.*) by a .*", "    全部写于 {} 之前（按见证人的时钟）"),
    ("    access granted (.*), refused (.*); late (.*), gaps (.*)", "    放行 {}，拒绝 {}；开门后才存 {}，缺口 {}"),
    (
        "    private halves: (.*) disclosed, (.*) withheld, (.*) never had one; (.*) lawfully erased, (.*) MISSING",
        "    个人部分：公开 {}，不出示 {}，本来没有 {}；依法删除 {}，缺失 {}",
    ),
    ("    openings for a home .*: (.*)", "    为某户开门而主机日志中没有相应授权的次数：{}"),
    ("(“.*”) entries (.*) to (.*): (.*)", "{}第 {} 至 {} 条：{}"),
    ("(.*) sections, (.*) entries", "{} 段，{} 条记录"),
    ("Not proven by this file:", "本文件不能证明："),
    ("  - Openings without an entry .*", "  - 没有记录的开门（手动、钥匙、绕过锁的接线），这里看不到。"),
    ("  - A time is as good .*", "  - 时间只如旁边所注的时钟一样可靠；同一扇门内的先后已被证明，各门之间的先后没有。"),
    ("  - Who holds a device's own key .*", "  - 谁拿到门自己的密钥（取走存储卡），就能以它的名义书写。"),
    ("  - What a device wrote after .*", "  - 最后一个检查点之后写的、或从未送达的记录，不在本文件里。"),
    ("  - Evidence B is .*", "  - 证据等级 B 是主机自己说的；从第一位见证人起才算证明。"),
    ("  - Other doors, times and people: .*", "  - 其他的门、时间和人：本文件只是一部分，其余一概不示。"),
    ("  - Whether a door wrote more .*", "  - 所问时段内是否还有别的记录：这里的第一条和最后一条应当落在该时段之外。"),
    ("  - Entries named by a gap .*", "  - 缺口所指的记录，在存到别处之前就已在门上丢失。"),
    ("  - Who is meant by a withheld .*", "  - 未出示的个人部分是谁：内容已固定，但不在本文件里。"),
    ("  - Whether an erasure .*", "  - 删除是否真有人要求或到期：这里只示已登记删除及其时间。"),
    ("  - Why private halves are MISSING: .*", "  - 个人部分为何缺失：没有人登记过删除。"),
    ("  - The former generations .*", "  - 前几代日志：不在本文件里。"),
    ("  - What stood in the entries .*", "  - 主机恢复备份时丢失的记录写了什么：再没有人能出示。"),
    ("  - Whether this continues .*", "  - 是否接续最初的树头：信任文件里没有这里所示各代的树头。"),
    ("  - Who the estate is: .*", "  - 小区是谁：做这个文件的人可能自己造了密钥。请向业主委员会要信任文件。"),
    ("  - Against the administrator: the .*", "  - 对管理员不成证明：信任文件没有要求任何见证人。"),
    ("  - Against the administrator: there .*", "  - 对管理员不成证明：有些记录作证的见证人还太少。"),
    ("Everything holds .*", "成立：在所信任的小区密钥之下全部成立，并已按信任文件的要求被见证。（状态 0）"),
    ("Consistent .*: there is no trust file\\.", "前后一致，但对管理员不成证明：没有信任文件。（状态 3）"),
    ("Consistent .*: the trust file .*", "前后一致，但对管理员不成证明：信任文件没有要求任何见证人。（状态 3）"),
    ("Consistent .*: (.*) entries .*", "前后一致，但对管理员不成证明：主机恢复备份时丢失了 {} 条记录。（状态 3）"),
    (
        "Consistent .*: (.*) sections .*",
        "前后一致，但对管理员不成证明：{} 段的末尾见证人还不够。（状态 3）",
    ),
    ("Altered, dropped.*? First place: (.*)", "不成立：被改动、删去、插入、调换或伪造。最先出错之处：{}（状态 1）"),
    ("Cannot be read: (.*)", "无法读取：{}（状态 2）"),
)


def in_chinese(text: str) -> str:
    """The report for people, in Chinese."""
    return "\n".join(map(spoken, text.split("\n")))


def spoken(line: str) -> str:
    """One line of it."""
    for pattern, said in SAID:
        if (found := re.fullmatch(pattern, line)) is not None:
            return said.format(*(TERMS.get(one or "", one or "") for one in found.groups()))
    return line


# The command


class Arguments(argparse.ArgumentParser):
    """Says what is wrong with the arguments without leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise Unreadable(f"{message}\n{self.format_usage().strip()}")


def arguments(argv: list[str]) -> argparse.Namespace:
    """FILE, --trust, --json, --zh."""
    parser = Arguments(
        prog="kaimen verify",
        description="Verify an export of the access log.",
        epilog="Status 0: it holds; 1: altered, and where; 2: cannot be read; 3: consistent in itself, not witnessed.",
    )
    parser.add_argument("file", metavar="FILE", help="the export")
    parser.add_argument("--trust", metavar="FILE", help="the estate's trust file")
    parser.add_argument("--json", action="store_true", help="the report for programs")
    parser.add_argument("--zh", action="store_true", help="the report in Chinese / 中文报告")
    return parser.parse_args(argv)


def trusted(path: str | None) -> Trust | None:
    """What a trust file says; None without one."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return trust_of(file.read(LARGEST))
    except (OSError, ValueError) as error:
        raise Unreadable(f"trust file: {error}") from None


def against(report: Report) -> str:
    """Why what holds is no proof against the administrator; "" if it is."""
    if not report.trusted:
        return "there is no trust file."
    if not report.demanded:
        return "the trust file demands no witness."
    if report.restored:
        return f"{report.restored} entries were lost in a restore of the host."
    if report.unwitnessed:
        return f"{report.unwitnessed} sections end beyond what is witnessed as the trust file demands."
    return ""


def judged(options: argparse.Namespace, report: Report) -> tuple[int, str]:
    """Exit code and verdict of one run."""
    try:
        trust = trusted(options.trust)
        with open(options.file, "rb") as file:
            verify(file, trust, report)
    except Refused as error:
        return ALTERED, f"{VERDICT[ALTERED]}{report.place}: {error}."
    except (Unreadable, OSError, ValueError) as error:
        return UNREADABLE, f"{VERDICT[UNREADABLE]}{error}"
    why = against(report)
    return (UNTRUSTED, VERDICT[UNTRUSTED] + why) if why else (HOLDS, VERDICT[HOLDS])


def main(argv: list[str] | None = None) -> int:
    """Verify FILE, print the report, return the exit code of section 7."""
    try:
        options = arguments(sys.argv[1:] if argv is None else argv)
    except Unreadable as error:
        print(VERDICT[UNREADABLE] + str(error), file=sys.stderr)
        return UNREADABLE
    report = Report()
    code, verdict = judged(options, report)
    out = as_json(report, code, verdict) if options.json else as_text(report, code, verdict)
    out = in_chinese(out) if options.zh and not options.json else out
    encoding = sys.stdout.encoding or "ascii"
    print(out.encode(encoding, "backslashreplace").decode(encoding))
    return code


if __name__ == "__main__":
    gc.disable()  # nothing here refers back to itself: looking for what does is 3 % of the time
    sys.exit(main())
