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
import hashlib
import json
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
        return array(data, at, end, number, room)
    if major == 7 and number in SIMPLE:
        return SIMPLE[number], at
    raise Refused("a map, tag, float or simple value")


def array(data: bytes, at: int, end: int, number: int, room: int) -> tuple[list[Any], int]:
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


def combined(m: int, a: Point, n: int = 0, b: Point = NEUTRAL) -> Point:
    """m a + n b, both in one walk over the bits. Nothing here is secret, so nothing takes constant time."""
    table, total = (NEUTRAL, a, b, added(a, b)), NEUTRAL
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        total = added(total, total)
        choice = (m >> bit & 1) | (n >> bit & 1) << 1
        if choice:
            total = added(total, table[choice])
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
    if point is None or packed(combined(8, point)) == packed(NEUTRAL):
        return None
    return point


BASE = unpacked((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the owner of `public`'s, over exactly these bytes."""
    key, s = sound(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= L or sound(signature[:32]) is None:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    against = (P - key[0], key[1], key[2], P - key[3])
    return packed(combined(s, BASE, k, against)) == signature[:32]


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


@dataclass(slots=True)
class Device:
    """What one device's section showed; numbers count entries."""

    slot: str
    kind: str
    dev: str
    serial: int
    since: int  # seconds since 1970, by the certificate
    first: int  # seq
    last: int
    seal_utc: int | None = None
    granted: int = 0
    refused: int = 0
    late: int = 0
    gaps: int = 0
    disclosed: int = 0
    withheld: int = 0
    plain: int = 0  # entries that have no private half
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
class Report:
    """What an export showed up to `place`, which names the first wrong thing if `verify` raised."""

    estate: str = ""
    trusted: bool = False
    devices: list[Device] = field(default_factory=list)
    place: str = "head of the file"

    @property
    def entries(self) -> int:
        """Entries in all sections that hold."""
        return sum(device.last - device.first + 1 for device in self.devices)


# The chain (section 4)

ENTRY = "u b16 u u b32 u u u? u u ints b32?"


@dataclass(slots=True)
class Chain:
    """A device's chain at its head."""

    dev: bytes
    epoch: int
    seq: int
    head: bytes

    def take(self, entry: bytes, device: Device) -> bytes | None:
        """Append one entry if it chains; its commitment."""
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
        self.seq, self.head = seq, hashlib.sha256(b"\x03" + entry).digest()
        device.event(typ, pub, 1)
        device.moment(quality, utc)
        return commit  # type: ignore[no-any-return]


def disclose(private: bytes | None, commit: bytes | None, device: Device) -> None:
    """Count a private half, or refuse one that the entry did not commit to."""
    if private is None:
        device.withheld += commit is not None
        device.plain += commit is None
        return
    if commit is None:
        raise Refused("a private half beside an entry that has none")
    if hashlib.sha256(b"\x02" + private).digest() != commit:
        raise Refused("the private half is not the one committed to")
    shaped(decoded(private), "b16 b any", "private half")
    device.disclosed += 1


# The fast way: entries of the usual layout, exactly as the slow way would take them. What it does not know it leaves.

_U = rb"(?:[\x00-\x17]|\x1b(?!\0{4}).{8}|\x1a(?!\0\0).{4}|\x19(?!\0).{2}|\x18[\x18-\xff])"
_I = rb"(?:[\x00-\x17\x20-\x37]|[\x19\x39](?!\0).{2}|[\x18\x38][\x18-\xff]|[\x1a\x3a](?!\0\0).{4})"
_B = rb"(?:\x50.{16}|" + b"|".join(rb"\x%02x.{%d}" % (0x40 + n, n) for n in range(24) if n != 16) + rb")"
_T = rb"(?:" + b"|".join(rb"\x%02x[\0-\x7f]{%d}" % (0x60 + n, n) for n in range(24)) + rb")"
_PUB = rb"(?:\x85" + _I + rb"{5}|\x82" + _I + rb"{2}|\x83" + _I + rb"{3}|\x81" + _I + rb"|\x80)"
_DETAIL = rb"(?:\x84" + _T + rb"(?:\xf6|\x50.{16})" + _B + rb"[\0-\x17]|\xf6)"
_PRIVATE = rb"\x83\x50.{16}" + _B + _DETAIL
# a pair of entry and private half; groups: entry's length, entry, dev with epoch, seq, prev, utc, quality, typ with
# pub, commit, private half's length, private half. What begins otherwise is the last group, to the end of the window.
_PAIR = rb"\x82\x58(.)(\x8c\x01\x50(.{16}%s)(%s)\x58\x20(.{32})%s%s(%s|\xf6)([\0-\x04])(%s%s)(?:\x58\x20(.{32})|\xf6))"
_HALF = rb"(?:\x58([\x18-\xff])(%s)|\xf6)|(.+)"
PAIRS = re.compile(_PAIR % (_U, _U, _U, _U, _U, _U, _PUB) + _HALF % _PRIVATE, re.DOTALL)
STRIDE = 1 << 18  # bytes looked at in one stride
DISTINCT = 4096  # meanings counted before they are folded: a hostile file gets no memory


class Tally:
    """Counts of the fast way by raw bytes; `fold` gives them to the device's report."""

    def __init__(self) -> None:
        self.meanings: Counter[bytes] = Counter()
        self.disclosed = self.withheld = self.plain = 0

    def fold(self, device: Device) -> None:
        """Add everything to `device` and forget it."""
        for raw, times in self.meanings.items():
            typ, at = item(raw, 0, len(raw))
            device.event(typ, item(raw, at, len(raw))[0], times)
        device.disclosed += self.disclosed
        device.withheld += self.withheld
        device.plain += self.plain
        self.__init__()  # type: ignore[misc]


def sequence(first: int, number: int) -> list[bytes]:
    """The encodings of `number` integers from `first`."""
    last, pack = first + number, struct.Struct(">BH" if first < 1 << 16 else ">BI").pack
    if first >= 1 << 8 and last <= 1 << 16:
        return [pack(0x19, n) for n in range(first, last)]
    if first >= 1 << 16 and last <= 1 << 32:
        return [pack(0x1A, n) for n in range(first, last)]
    return [uint(n) for n in range(first, last)]


def stride(stream: Stream, chain: Chain, left: int, tally: Tally, device: Device) -> tuple[int, int]:
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
    sizes, entries, fronts, seqs, prevs, utcs, qualities, meanings, commits, lengths, halves, _ = columns
    shown = list(filter(None, halves))
    link = linked(chain.head, entries, prevs)
    usual = (
        link is not None
        and set(fronts) == {chain.dev + uint(chain.epoch)}
        and list(seqs) == sequence(chain.seq + 1, number)
        and b"".join(sizes) == bytes(map(len, entries))
        and b"".join(lengths) == bytes(map(len, shown))
        and committed(commits, halves)
    )
    if not usual or link is None:
        return 0, number
    chain.seq, chain.head = chain.seq + number, link
    stream.at += 4 * number + sum(map(len, entries)) + sum(map(len, shown)) + len(shown)
    tally.meanings.update(meanings)
    tally.disclosed += len(shown)
    tally.withheld += sum(map(bool, commits)) - len(shown)
    tally.plain += number - sum(map(bool, commits))
    spans(device, utcs, qualities)
    return number, 0


def linked(head: bytes, entries: Sequence[bytes], prevs: Sequence[bytes]) -> bytes | None:
    """The head after `entries` if each joins the one before it; a copied hash is cheaper than a new one."""
    chained = hashlib.sha256(b"\x03").copy
    for entry, prev in zip(entries, prevs, strict=True):
        if prev != head:
            return None
        whole = chained()
        whole.update(entry)
        head = whole.digest()
    return head


def committed(commits: Sequence[bytes], halves: Sequence[bytes]) -> bool:
    """Whether every private half that is there is the one its entry commits to."""
    begun = hashlib.sha256(b"\x02").copy
    for commit, half in zip(commits, halves, strict=True):
        if half:
            whole = begun()
            whole.update(half)
            if whole.digest() != commit:
                return False
    return True


def spans(device: Device, utcs: Sequence[bytes], qualities: Sequence[bytes]) -> None:
    """Widen the device's time ranges; encoded times sort as the times do."""
    for quality, number in Counter(qualities).items():
        known = [utc for utc, one in zip(utcs, qualities, strict=True) if one == quality and utc != b"\xf6"]
        device.moment(quality[0], None, number)
        for utc in (min(known), max(known)) if known else ():
            device.moment(quality[0], decoded(utc), 0)


# The whole


def verify(file: BinaryIO, estate: bytes | None, report: Report, fast: bool = True) -> None:
    """Read an export to its end and fill `report`.

    Args:
        estate: the trusted estate key (32 bytes), or None: then the file's own is believed.
        fast: whether entries of the usual layout may be taken by the fast way; the result is the same.

    Raises:
        Refused: at the first wrong thing; `report.place` names it.
        Unreadable: the file stopped giving bytes.
    """
    stream = Stream(file)
    _, public, devices = shaped_head(stream.next(), "gate-export/1", "t b32 u")
    report.estate, report.trusted = public.hex(), estate is not None
    if estate is not None and public != estate:
        raise Refused("the export is of another estate than the trust file's")
    if not devices:
        raise Refused("an export without a device")
    seen: set[bytes] = set()
    for number in range(1, devices + 1):
        report.place = f"device {number}"
        section(stream, public, seen, report, fast)
    report.place = "end of the file"
    if not stream.finished():
        raise Refused("bytes after the last seal")


def shaped_head(value: Any, word: str, shape: str) -> list[Any]:
    """An unsigned line of the export that starts with its word."""
    if shaped(value, shape, f"line {word}")[0] != word:
        raise Refused(f"not a line {word}")
    return value  # type: ignore[no-any-return]


def section(stream: Stream, estate: bytes, seen: set[bytes], report: Report, fast: bool) -> None:
    """One device: certificate, entries, seal."""
    _, envelope, first, before, number = shaped_head(stream.next(), "device", "t b u b32 u")
    _, dev, public, _, slot, kind, serial, since = opened(envelope, estate, "gate-cert/1", CERT)
    if kind not in KINDS or dev != key_id(public) or sound(public) is None:
        raise Refused("the certificate is not of a device's first key")
    if dev in seen:
        raise Refused("a second section of the same device")
    seen.add(dev)
    if not first or not number or first + number > 1 << 64:
        raise Refused("no such entries: seq starts at 1, a section has one at least")
    if first == 1 and before != hashlib.sha256(b"gate-genesis/1" + public).digest():
        raise Refused("the first entry's head is not the genesis of the device's key")
    report.place += f" {shown(slot)}"
    device = Device(slot, kind, dev.hex(), serial, since, first, first + number - 1)
    chain = Chain(dev, 0, first - 1, before)
    entries(stream, chain, device, report, fast)
    sealed(stream, chain, public, device, report)
    report.devices.append(device)


def entries(stream: Stream, chain: Chain, device: Device, report: Report, fast: bool) -> None:
    """Take a section's entries, the usual ones the fast way."""
    base, tally = report.place, Tally()
    while chain.seq < device.last:
        stream.fill()
        _, slowly = stride(stream, chain, device.last - chain.seq, tally, device) if fast else (0, 1)
        if len(tally.meanings) > DISTINCT:
            tally.fold(device)
        for _ in range(slowly):
            stream.fill()
            report.place = f"{base}, entry {chain.seq + 1}"
            entry, private = shaped(stream.next(), "b b?", "pair of an entry and its private half")
            disclose(private, chain.take(entry, device), device)
    tally.fold(device)
    report.place = base


def sealed(stream: Stream, chain: Chain, public: bytes, device: Device, report: Report) -> None:
    """The device's own signature over the head after the last entry."""
    report.place += f", seal after entry {chain.seq}"
    envelope = stream.next()
    if type(envelope) is not bytes:
        raise Refused("not a seal")
    _, dev, epoch, seq, link, _, _, utc, _ = opened(envelope, public, "gate-seal/1", SEAL)
    if dev != chain.dev or epoch != chain.epoch:
        raise Refused("the seal is of another device or epoch")
    if seq != chain.seq or link != chain.head:
        raise Refused("the seal is not over these entries")
    device.seal_utc = utc


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


def lines(report: Report) -> Iterator[str]:
    """The report in words, a device after the other."""
    yield f"estate key {report.estate}{'' if report.trusted else '  (taken from the file itself)'}"
    for device in report.devices:
        yield f"{shown(device.slot)}  {device.kind}  key {device.dev}  certificate {device.serial}"
        yield f"    entries {device.first} to {device.last}, sealed {moment(device.seal_utc)}"
        for quality, (count, earliest, latest) in sorted(device.times.items()):
            span = "no time" if earliest is None else f"{moment(earliest)} to {moment(latest)}"
            yield f"    {span}  ({QUALITY[quality]}: {count} entries)"
        yield f"    access granted {device.granted}, refused {device.refused}; late {device.late}, gaps {device.gaps}"
        halves = f"{device.disclosed} disclosed, {device.withheld} withheld, {device.plain} never had one"
        yield f"    private halves: {halves}"


def unproven(report: Report) -> list[str]:
    """What even an export that holds does not show."""
    said = [
        "Openings without an entry (by hand, by a key, by a wire past the lock) are not seen here.",
        "A device that was left out as a whole is not missed: compare the list above with the doors of the estate.",
        "What a device wrote after its seal shown here is not in this file.",
        "A time is as good as the quality beside it; order within a device is proven, order between devices is not.",
        "Who holds a device's own key (takes its card) can write in its name.",
    ]
    if any(device.first > 1 for device in report.devices):
        said.append("Entries before the first one shown of a device were left out of this export.")
    if any(device.gaps for device in report.devices):
        said.append("Entries named by a gap were lost on the device before they were stored elsewhere.")
    if any(device.withheld for device in report.devices):
        said.append("Who is meant by a withheld private half: it is fixed, but not in this file.")
    if not report.trusted:
        said.append("Who the estate is: whoever made this file may have made its key. Ask the owners' committee.")
    return said


VERDICT = {
    HOLDS: "Everything holds under the trusted estate key.",
    UNTRUSTED: "Consistent in itself; without a trust file it is no proof against the administrator.",
    ALTERED: "Altered, dropped, inserted, reordered or forged. First place: ",
    UNREADABLE: "Cannot be read: ",
}


def as_json(report: Report, code: int, verdict: str) -> str:
    """The report for programs: one object; times in ms, keys in hex."""
    devices = [{name: getattr(device, name) for name in Device.__slots__} for device in report.devices]
    whole = {"exit": code, "verdict": verdict, "estate": report.estate, "trusted": report.trusted}
    whole |= {"entries": report.entries, "devices": devices}
    whole |= {"not_proven": unproven(report)} if code in (HOLDS, UNTRUSTED) else {"place": report.place}
    return json.dumps(whole)


def as_text(report: Report, code: int, verdict: str) -> str:
    """The report for people."""
    if code not in (HOLDS, UNTRUSTED):
        return verdict
    not_proven = ["Not proven by this file:"] + [f"  - {line}" for line in unproven(report)]
    total = f"{len(report.devices)} devices, {report.entries} entries"
    return "\n".join([*lines(report), total, *not_proven, verdict])


# The command


class Arguments(argparse.ArgumentParser):
    """Says what is wrong with the arguments without leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise Unreadable(f"{message}\n{self.format_usage().strip()}")


def arguments(argv: list[str]) -> argparse.Namespace:
    """FILE, --trust, --json."""
    parser = Arguments(prog="kaimen verify", description="Verify an export of the access log.", add_help=False)
    parser.add_argument("file", metavar="FILE", help="the export")
    parser.add_argument("--trust", metavar="FILE", help="the estate's trust file")
    parser.add_argument("--json", action="store_true", help="the report for programs")
    return parser.parse_args(argv)


def trusted(path: str | None) -> bytes | None:
    """The estate key of a trust file; forgiving in blanks and capitals, since a person may have typed it."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            raw = file.read(4096)
        words = [line.split() for line in raw.decode("ascii").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Unreadable(f"trust file: {error}") from None
    if len(words) != 2 or words[0] != ["kaimen-trust", "1"] or len(words[1]) != 2 or words[1][0] != "estate":
        raise Unreadable("trust file: not two lines, `kaimen-trust 1` and `estate HEX64`")
    if not re.fullmatch("[0-9a-fA-F]{64}", words[1][1]) or sound(bytes.fromhex(words[1][1])) is None:
        raise Unreadable("trust file: the estate key is mistyped")
    return bytes.fromhex(words[1][1])


def judged(options: argparse.Namespace, report: Report) -> tuple[int, str]:
    """Exit code and verdict of one run."""
    try:
        estate = trusted(options.trust)
        with open(options.file, "rb") as file:
            verify(file, estate, report)
    except Refused as error:
        return ALTERED, f"{VERDICT[ALTERED]}{report.place}: {error}."
    except (Unreadable, OSError, ValueError) as error:
        return UNREADABLE, f"{VERDICT[UNREADABLE]}{error}"
    code = UNTRUSTED if estate is None else HOLDS
    return code, VERDICT[code]


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
    encoding = sys.stdout.encoding or "ascii"
    print(out.encode(encoding, "backslashreplace").decode(encoding))
    return code


if __name__ == "__main__":
    sys.exit(main())
