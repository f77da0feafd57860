"""The access log of a board: a ring of raw flash sectors, one program an entry, sectors erased ahead while idle.

A sector of ring number n (sector n modulo their count) holds, from its start:

    mark     "GR1" 00, n:u32, crc32:u32          programmed as soon as the erase is over
    head     size:u8, crc32:u32, CBOR [first seq, chain head before it, boot, mono, utc, tq, acknowledged, salt key]
    record   size:u8, crc32:u32, CBOR [mono since the one before, typ, pub, private, time]     none crosses a page

`private` is null, [detail] or [detail, subject] where the subject is not the person or home the detail names; `time` is
how far utc is from what `mono` says, or [boot, utc, tq], `mono` then being absolute; what is null or 0 at the end is
left out. All else is recomputed: the chain from the head, salts from salt key and seq, so that with a sector its salts
are gone too. After a cut what follows a spoilt record in its page is not looked at, and the next record goes to the
next page: no byte is ever programmed twice.
"""

import binascii
import struct

from gateboard.errors import FlashError
from gateboard.flash import PAGE, SECTOR
from gatecore.clock import Now
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError
from gatecore.log import Chain, commitment, genesis, link
from gatecore.records import GAP, private_wire
from gatecore.sign import key_id, sha256
from gatecore.wire import LISTS, decode, encode, write, write_head

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from gateboard.flash import Region
    from gatecore.compat import Random

MAGIC = b"GR1\x00"
_MARK = 12
_HEAD = 5
_LONGEST = PAGE - _HEAD
AHEAD = 2  # sectors kept erased ahead
_BLANK = 0xFF


class Ring:
    """The log in `region`. `chain` stands after the last entry; `acked` is how far the host has everything."""

    def __init__(self, region: "Region", public: bytes, random: "Random") -> None:
        self._region = region
        self._random = random
        self.chain = Chain(key_id(public), genesis(public))
        self.acked = 0
        self.boot = 0
        self._number = -1  # ring number of the sector in use
        self._at = SECTOR  # where in it the next record goes
        self._ready = 0  # sectors prepared after it
        self._time = Now(0, 0, None, 0)  # of the last entry
        self._size = bytearray(_HEAD)  # before each record: its length and checksum
        self._draft = bytearray()  # what is hashed or programmed and then not needed any more
        self._salts = bytearray(8)
        self._mount()

    @property
    def quick(self) -> bool:
        """Whether the next entry needs no erase first."""
        return self._ready > 0 or self._at + PAGE <= SECTOR

    def append(self, now: Now, typ: int, pub: "list[int]", subject: "bytes | None", detail: "Any") -> int:
        """Writes one entry; its seq, once it is durable. FlashError, and the log as it was, if it cannot be."""
        at = self._room(now)
        commit = self._commit(subject, detail)
        body = self._fresh_draft()
        self.chain.write_next(body, now, typ, pub, commit)
        head = link(body)
        self._write_record(self._fresh_draft(), now, typ, pub, subject, detail)
        if len(body) > _LONGEST:
            raise FlashError("long")
        if at % PAGE + _HEAD + len(body) > PAGE:
            at += PAGE - at % PAGE
            if at == SECTOR:
                self._at = SECTOR
                return self.append(now, typ, pub, subject, detail)
        self._at = at + _HEAD + len(body)
        try:
            self._write(self._number, at, body)
        except FlashError:
            self._at = at + PAGE - at % PAGE  # whatever was programmed there stays unread
            raise
        self.chain.follow(head)
        self._time = now
        return self.chain.seq

    def tidy(self, now: Now) -> "tuple[int, int] | None":
        """Prepares one sector ahead, if one is lacking; (first, last) of entries the host never had that a gap entry
        had to replace. About 45 ms."""
        if self._ready >= AHEAD:
            return None
        lost = self._lost(self._number + self._ready + 1 - self._region.count)
        if lost is not None:
            self.append(now, GAP, [lost[0], lost[1]], None, None)
        if self._ready < AHEAD:  # the gap entry may have opened one
            self._prepare(self._number + self._ready + 1)
            self._ready += 1
        return lost

    @property
    def wants_tidy(self) -> bool:
        """Whether `tidy` has something to do."""
        return self._ready < AHEAD

    def oldest(self) -> int:
        """The seq of the oldest entry kept; one past the last if there is none."""
        head = self._head(self._first()) if self._number >= 0 else None
        return self.chain.seq + 1 if head is None else int(head[0])

    def batch(self, after: int, most: int) -> "Generator[None, None, tuple[Any, ...] | None]":
        """Up to `most` entries after `after`, read in steps of one: (first seq, entries, privates, chain), or None."""
        number = yield from self._sector_of(after + 1)
        if number < 0:
            return None
        entries: "list[bytes]" = []
        privates: "list[bytes | None]" = []
        walk = None
        while number <= self._number and len(entries) < most:
            walk = Walk(self._region, number, self.chain.dev)
            while len(entries) < most and walk.step():
                if walk.chain.seq > after:
                    entries.append(walk.entry)
                    privates.append(walk.private)
                yield
            number += 1
        if walk is None or not entries:
            return None
        return walk.chain.seq - len(entries) + 1, entries, privates, walk.chain

    # --- writing --------------------------------------------------------------------------

    def _room(self, now: Now) -> int:
        """Where the next record goes; opens the next sector, erasing it if that was not done ahead."""
        if self._at + _HEAD >= SECTOR:
            if not self._ready:
                self._prepare(self._number + 1)
                self._ready = 1
            self._open(self._number + 1, now)
        return self._at

    def _open(self, number: int, now: Now) -> None:
        salts = self._random(16)
        head = [self.chain.seq + 1, self.chain.head, now.boot, now.mono, now.utc, now.quality, self.acked, salts]
        body = encode(head)
        ready, self._ready = self._ready - 1, 0  # should the head fail, this sector is erased again
        self._write(number, _MARK, body)
        self._number, self._ready = number, ready
        self._at = _MARK + _HEAD + len(body)
        self._salts = salted(salts)
        self._time = now

    def _prepare(self, number: int) -> None:
        self._region.erase(number % self._region.count)
        mark = MAGIC + number.to_bytes(4, "big")
        self._region.program(number % self._region.count * SECTOR, mark, _crc(mark, 0).to_bytes(4, "big"))

    def _write(self, number: int, at: int, body: "bytes | bytearray") -> None:
        start = number % self._region.count * SECTOR
        struct.pack_into(">BI", self._size, 0, len(body), _crc(body, number * SECTOR + at))
        self._region.program(start + at, self._size, body)

    def _write_record(
        self, out: bytearray, now: Now, typ: int, pub: "list[int]", subject: "bytes | None", detail: "Any"
    ) -> None:
        last = self._time
        joins = last.boot == now.boot and last.mono <= now.mono and last.quality == now.quality
        joins = joins and (last.utc is None) == (now.utc is None)
        since, drift = now.mono - last.mono, 0
        if last.utc is not None and now.utc is not None:
            drift = now.utc - last.utc - since
        has_private = subject is not None or detail is not None
        count = 5 if drift or not joins else 4 if has_private else 3
        write_head(out, count)
        write(out, since if joins else now.mono)
        write(out, typ)
        write(out, pub)
        if count > 3:
            _write_private(out, has_private, subject, detail)
        if not joins:
            write(out, [now.boot, now.utc, now.quality])
        elif drift:
            write(out, drift)

    def _fresh_draft(self) -> bytearray:
        self._draft[:] = b""
        return self._draft

    def _commit(self, subject: "bytes | None", detail: "Any") -> "bytes | None":
        """What the next entry holds of its private half."""
        if subject is None and detail is None:
            return None
        out = self._fresh_draft()
        write_head(out, 3)
        write(out, salt_of(self._salts, self.chain.seq + 1))
        write(out, subject or b"")
        write(out, detail)
        return commitment(out)

    # --- finding --------------------------------------------------------------------------

    def _mount(self) -> None:
        """What a power cut left: the newest sector with a head, and the chain through it."""
        for sector in range(self._region.count):
            number = _marked(self._region, sector)
            if number > self._number and self._head(number) is not None:
                self._number = number
        if self._number < 0:
            return
        walk = Walk(self._region, self._number, self.chain.dev)
        while walk.step():
            pass
        self.chain, self.acked, self._salts, self._time = walk.chain, walk.acked, walk.salts, walk.time
        self.boot = walk.time.boot
        self._at = walk.at
        while self._ready < AHEAD and self._fresh(self._number + 1 + self._ready):
            self._ready += 1

    def _fresh(self, number: int) -> bool:
        """Whether a sector is prepared for `number` and nothing else was begun in it."""
        start = number % self._region.count * SECTOR
        marked = _marked(self._region, number % self._region.count) == number
        return marked and self._region.blank(start + _MARK, start + SECTOR)

    def _head(self, number: int) -> "list[Any] | None":
        sector = number % self._region.count
        if _marked(self._region, sector) != number:
            return None
        return _body(self._region, number, _MARK)

    def _first(self) -> int:
        """The oldest sector that still joins the ones after it."""
        number = self._number
        while number > 0 and self._number - number < self._region.count - 1 and self._whole(number - 1):
            number -= 1
        return number

    def _whole(self, number: int) -> bool:
        """Whether a sector's entries reach to the next one's first; a half-erased one's do not."""
        head, after = self._head(number), self._head(number + 1)
        if head is None or after is None:
            return False
        walk = Walk(self._region, number, self.chain.dev)
        while walk.step():
            pass
        return bool(walk.chain.seq + 1 == after[0] and walk.chain.head == after[1])

    def _sector_of(self, seq: int) -> "Generator[None, None, int]":
        """The sector that holds an entry, or the oldest after it; -1 if it is not written yet. One head a step."""
        if self._number < 0 or seq > self.chain.seq:
            return -1
        number = self._number
        while number > 0:
            head = self._head(number)
            if head is None:
                return number + 1
            if head[0] <= seq:
                return number
            number -= 1
            yield
        return 0

    def _lost(self, number: int) -> "tuple[int, int] | None":
        """Entries of a sector about to be erased that the host has not acknowledged."""
        head, after = (self._head(number), self._head(number + 1)) if number >= 0 else (None, None)
        if head is None or after is None or after[0] - 1 <= self.acked:
            return None
        return max(head[0], self.acked + 1), after[0] - 1


class Walk:
    """Reads one sector's entries in order; after each `step` that is true, `entry` and `private` are the next."""

    def __init__(self, region: "Region", number: int, dev: bytes) -> None:
        self._region = region
        self._number = number
        self.at = SECTOR
        self.chain = Chain(dev, b"")
        self.time = Now(0, 0, None, 0)
        self.entry = b""
        self.private: "bytes | None" = None
        self.acked, self.salts = 0, bytearray(8)
        head = _body(region, number, _MARK)
        if head is None:
            return
        first, before, boot, mono, utc, quality, self.acked, salts = head
        self.salts = salted(salts)
        self.chain = Chain(dev, before, first - 1)
        self.time = Now(boot, mono, utc, quality)
        self.at = _MARK + _HEAD + region.read(number % region.count * SECTOR + _MARK, 1)[0]

    def step(self) -> bool:
        """Takes the next entry; False at the end, where `at` is the place for a new one."""
        start = self._number % self._region.count * SECTOR
        while self.at < SECTOR:
            page_end = self.at + PAGE - self.at % PAGE
            left = self._region.read(start + self.at, page_end - self.at)
            if left == b"\xff" * len(left):
                if self._region.blank(start + page_end, start + SECTOR):
                    return False
                self.at = page_end
                continue
            body = _parsed(left, self._number * SECTOR + self.at)
            if body is not None and self._take(body):
                self.at += _HEAD + left[0]
                return True
            self.at = page_end
        return False

    def _take(self, record: "list[Any]") -> bool:
        try:
            since, typ, pub, private, time = (record + [None, 0][len(record) - 3 :])[:5]
            last = self.time
            if isinstance(time, list):
                boot, utc, quality = time
                now = Now(boot, since, utc, quality)
            else:
                utc = None if last.utc is None else last.utc + since + time
                now = Now(last.boot, last.mono + since, utc, last.quality)
            self.private = self._private(private)
            self.entry = self.chain.next(now, typ, pub, self.private)
        except (GateError, ValueError, TypeError):
            return False
        self.chain.follow(link(self.entry))
        self.time = now
        return True

    def _private(self, kept: "list[Any] | None") -> "bytes | None":
        if kept is None:
            return None
        subject = kept[1] if len(kept) == 2 else named(kept[0]) or b""
        return private_wire(salt_of(self.salts, self.chain.seq + 1), subject, kept[0])


def named(detail: "Any") -> "bytes | None":
    """The subject that an entry's detail names: its person, or else its home."""
    if not isinstance(detail, LISTS) or not detail or not isinstance(detail[0], str):
        return None
    if len(detail) == 4 and isinstance(detail[1], bytes):
        return detail[1]
    return detail[0].encode()


def _write_private(out: bytearray, has: bool, subject: "bytes | None", detail: "Any") -> None:
    if not has:
        return write(out, None)
    implied = subject == named(detail)
    write_head(out, 1 if implied else 2)
    write(out, detail)
    return None if implied else write(out, subject or b"")


def salted(key: bytes) -> bytearray:
    """What a sector's salts are hashed from: its salt key, and room for a seq."""
    return bytearray(b"gate-salt/1" + key + bytes(8))


def salt_of(salts: bytearray, seq: int) -> bytes:
    """The 16 bytes of salt of an entry: half of a hash over its sector's salt key and its seq."""
    struct.pack_into(">Q", salts, len(salts) - 8, seq)
    return sha256(salts)[:16]


def _crc(data: "bytes | bytearray", seed: int) -> int:
    """Bound to its place: what an older turn of the ring left there does not fit."""
    return binascii.crc32(data, seed & 0xFFFFFFFF)


def _marked(region: "Region", sector: int) -> int:
    """The ring number a sector was prepared for, or -1."""
    mark = region.read(sector * SECTOR, _MARK)
    magic, number, crc = struct.unpack(">4sII", mark)
    if magic != MAGIC or crc != _crc(mark[:8], 0):
        return -1
    return number if number % region.count == sector else -1


def _body(region: "Region", number: int, at: int) -> "list[Any] | None":
    return _parsed(region.read(number % region.count * SECTOR + at, PAGE - at), number * SECTOR + at)


def _parsed(data: bytes, seed: int) -> "list[Any] | None":
    """The array at the start of `data`, or None for bytes that are no whole record."""
    size = data[0]
    body = data[_HEAD : _HEAD + size]
    if size == _BLANK or len(body) != size or int.from_bytes(data[1:_HEAD], "big") != _crc(body, seed):
        return None
    try:
        value = decode(body)
    except GateError:
        return None
    return value if isinstance(value, list) else None
