"""One device's entries in an export: certificate, key changes before, entries with their halves, seals over them."""

from gatecore.compat import TYPE_CHECKING
from gatecore.edwards import decode as point
from gatecore.edwards import is_one_reading
from gatecore.errors import ChainError, RecordError, TrustError
from gatecore.lines import shaped
from gatecore.log import Chain, check_private, genesis, link, open_seal
from gatecore.records import (
    BEACON,
    BYTES,
    ENROLLED,
    ERASED,
    GAP,
    GENERATION,
    KEY,
    LIST,
    OR_NULL,
    REVOKED,
    TEXT,
    UINT,
    Cert,
    Entry,
    Private,
    fits,
)
from gatecore.records import LOG as BELIEVED
from gatecore.sign import key_id
from gatecore.tree import leaf
from gatecore.wire import open_sign1
from gatecore.witness import from_numbers

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify
    from gatecore.lines import Lines

HOST = "host"
KINDS = ("door", "desk", "board", HOST)
_SECTION = (TEXT, BYTES, UINT, 32, UINT, LIST)
_PAIR = (BYTES, BYTES + OR_NULL)
_CHANGE = (BYTES, BYTES)
_FIXED = {GAP: 2, GENERATION: 7, ENROLLED: 5, REVOKED: 4}  # numbers in pub where it decides something


class Section:
    """A section that holds in itself; `log` and `leaves` (seq -> index) are told by the logs that follow it."""

    def __init__(self, cert: Cert, first: int, last: int, before: bytes) -> None:
        self.dev = cert.dev
        self.kind = cert.kind
        self.serial = cert.serial
        self.first = first
        self.last = last
        self.before = before
        self.head = before
        self.keys: "list[tuple[int, bytes]]" = []  # (seq, entry) of every key change up to the end
        self.hashes = bytearray()  # leaves, 32 bytes each
        self.told: "list[tuple[int, int, list[int], Private | None]]" = []  # entries that decide something
        self.absent: "list[int]" = []  # seqs with a commitment and no private half
        self.given: "list[int]" = []  # seqs whose private half is here
        self.needed: "set[int]" = set()
        self.leaves: "dict[int, int]" = {}
        self.log: "int | None" = None  # the generation of the one that holds it

    @property
    def disclosed(self) -> int:
        """How many private halves are here."""
        return len(self.given)

    def leaf(self, seq: int) -> bytes:
        """The leaf of one of its entries."""
        at = 32 * (seq - self.first)
        return bytes(self.hashes[at : at + 32])

    def need(self, devs: "set[bytes]") -> None:
        """Says whose place in the tree must be shown: first, last, and what enrols or revokes one of `devs`."""
        told = self.told if self.kind == HOST else ()
        named = [seq for seq, typ, pub, _ in told if typ in (ENROLLED, REVOKED) and from_numbers(pub[:2]) in devs]
        self.needed = set([self.first, self.last] + named)


def certificate(envelope: bytes, estate: bytes, verify: "Verify") -> Cert:
    """The certificate of a device's first key, or of a log's, by the estate key."""
    cert: Cert = Cert.from_wire(open_sign1(envelope, key_id(estate), estate, verify))
    if key_id(cert.public) != cert.dev or cert.kind not in KINDS or not is_key(cert.public):
        raise TrustError("device")
    if cert.kind == HOST and (cert.box is not None or cert.slot != HOST or cert.serial < 1):
        raise TrustError("log")
    return cert


def is_key(public: bytes) -> bool:
    """Whether these bytes name a point that a signature can be judged by."""
    if not is_one_reading(public):
        return False
    steps = point(public)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value is not None


def read_section(lines: "Lines", verify: "Verify", estate: bytes) -> Section:
    """The next section of the file, up to its last seal."""
    _, envelope, first, before, number, changes = lines.shaped(_SECTION, "section")
    cert = certificate(envelope, estate, verify)
    if first < 1 or number < 1 or first + number > 1 << 64:
        raise RecordError("seq")
    if first == 1 and before != genesis(cert.public):
        raise ChainError("prev")
    found = Section(cert, first, first + number - 1, before)
    public = key_changes(found, changes, cert, first, verify)
    if found.keys and found.keys[-1][0] == first - 1 and link(found.keys[-1][1]) != before:
        raise ChainError("prev")
    chain = Chain(cert.dev, before, first - 1, len(found.keys))
    while chain.seq < found.last:
        data = _pair(lines, chain, found)
        if chain.key is not None:
            _sealed(lines.item(), chain, public, cert.dev, verify)
            public = _next(chain.key, cert)
            found.keys.append((chain.seq, data))
    if chain.key is None:
        _sealed(lines.item(), chain, public, cert.dev, verify)
    found.head = chain.head
    if cert.kind == HOST:
        _begins(found)
    return found


def key_changes(found: Section, changes: "list[Any]", cert: Cert, before: int, verify: "Verify") -> bytes:
    """The key that seals after these key changes, which stand in `found.keys` then; the first one's without any."""
    public = cert.public
    for change in changes:
        entry, seal = shaped(change, _CHANGE)
        record = Entry.from_wire(entry)
        former = found.keys[-1][0] if found.keys else 0
        if record.dev != cert.dev or record.typ != KEY or not former < record.seq < before:
            raise ChainError("key")
        chain = Chain(cert.dev, record.prev, record.seq - 1, len(found.keys))
        chain.take(entry)
        _sealed(seal, chain, public, cert.dev, verify)
        public = _next(chain.key, cert)
        found.keys.append((record.seq, entry))
    return public


def joins(one: Section, other: Section) -> None:
    """ChainError unless `other` goes on where `one`, of the same device, ended, or later."""
    if one.dev != other.dev or other.kind == HOST or other.first <= one.last:
        raise ChainError("sections")
    if other.first == one.last + 1 and other.before != one.head:
        raise ChainError("prev")
    if [change for change in other.keys if change[0] <= one.last] != one.keys:
        raise ChainError("key")


def _pair(lines: "Lines", chain: Chain, found: Section) -> bytes:
    data: bytes
    data, half = shaped(lines.item(), _PAIR)
    entry = chain.take(data)
    check_private(entry, half)
    found.hashes.extend(leaf(data))
    if half is not None:
        found.given.append(entry.seq)
    if entry.commit is not None and half is None:
        found.absent.append(entry.seq)
    if _tells(entry, found.kind == HOST):
        _shape(entry)
        private = None if half is None else Private.from_wire(half)
        found.told.append((entry.seq, entry.typ, entry.pub, private))
    return data


def _tells(entry: Entry, host: bool) -> bool:
    return entry.typ in ((GENERATION, ENROLLED, REVOKED, ERASED) if host else (BEACON, GAP, BELIEVED))


def _shape(entry: Entry) -> None:
    if entry.typ not in _FIXED:
        return
    if len(entry.pub) != _FIXED[entry.typ]:
        raise RecordError("pub")
    from_numbers(entry.pub)
    if entry.typ == GAP and not 0 < entry.pub[0] <= entry.pub[1] < entry.seq:
        raise RecordError("gap")


def _next(public: "bytes | None", cert: Cert) -> bytes:
    if public is None or cert.kind == HOST or not is_key(public):
        raise ChainError("key")
    return public


def _sealed(sealed: "Any", chain: Chain, public: bytes, dev: bytes, verify: "Verify") -> None:
    if not fits(sealed, BYTES):
        raise RecordError("seal")
    record = open_seal(sealed, public, verify, dev)
    if record.seq != chain.seq or record.head != chain.head or record.epoch != chain.sealed:
        raise ChainError("seal")


def _begins(host: Section) -> None:
    """The host's chain is whole from the one entry that begins its generation and names a former one, or none."""
    begun = [(seq, pub) for seq, typ, pub, _ in host.told if typ == GENERATION]
    if host.first != 1 or len(begun) != 1 or begun[0][0] != 1:
        raise ChainError("generation")
    serial, former, size = begun[0][1][:3]
    if serial != host.serial or former >= serial:
        raise ChainError("generation")
    if not former and (size or [number for number in begun[0][1][3:] if number]):
        raise ChainError("generation")
