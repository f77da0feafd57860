"""The access log of one device: a hash chain of entries, sealed at its head.

prev of entry n = SHA-256(0x03 || entry n-1); the first prev comes from the device's first public key. How it is kept
is for gatecore.logfile (a unit) and gateboard.ring (a board) to say.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import ChainError
from gatecore.records import ENTRY_VERSION, KEY, Entry, Private, Seal, check_pub
from gatecore.sign import key_id, sha256
from gatecore.wire import open_sign1, sign1, write, write_head

if TYPE_CHECKING:
    from typing import Any

    from gatecore.clock import Now
    from gatecore.compat import Verify

PRIVATE_DOMAIN, CHAIN_DOMAIN = b"\x02", b"\x03"


def genesis(public: bytes) -> bytes:
    """The `prev` of a device's first entry."""
    return sha256(b"gate-genesis/1", public)


def link(entry: "bytes | bytearray") -> bytes:
    """The chain head after `entry` (its wire bytes)."""
    return sha256(CHAIN_DOMAIN, entry)


def commitment(private: "bytes | bytearray") -> bytes:
    """What an entry holds of its private half."""
    return sha256(PRIVATE_DOMAIN, private)


class Chain:
    """Where a device's log stands: the next `seq`, the head it must join, and the `epoch` of the next entry.

    `sealed` is the epoch of the last entry: its key seals the head. `key` is the key the last entry took begins, if it
    was a key change (KEY)."""

    def __init__(self, dev: bytes, head: bytes, seq: int = 0, epoch: int = 0) -> None:
        self.dev = dev
        self.head = head
        self.seq = seq
        self.epoch = self.sealed = epoch
        self.key: "bytes | None" = None

    def next(self, now: "Now", typ: int, pub: "list[int]", private: "bytes | None") -> bytes:
        """The bytes of the entry that would follow; the chain does not move before `take`."""
        out = bytearray()
        self.write_next(out, now, typ, pub, None if private is None else commitment(private))
        return bytes(out)

    def write_next(self, out: bytearray, now: "Now", typ: int, pub: "list[int]", commit: "bytes | None") -> None:
        """Appends that entry to `out`; field by field, since a tuple of them would take memory."""
        check_pub(pub)
        write_head(out, 12)
        write(out, ENTRY_VERSION)
        write(out, self.dev)
        write(out, self.epoch)
        write(out, self.seq + 1)
        write(out, self.head)
        write(out, now.boot)
        write(out, now.mono)
        write(out, now.utc)
        write(out, now.quality)
        write(out, typ)
        write(out, pub)
        write(out, commit)

    def follow(self, head: bytes) -> None:
        """Moves the chain over the entry just written, whose link is `head`; never over a key change."""
        self.seq += 1
        self.head = head

    def take(self, data: bytes) -> Entry:
        """Moves the chain over an entry that joins it; ChainError("dev" | "seq" | "prev" | "epoch") if it does not."""
        entry = Entry.from_wire(data)
        if entry.dev != self.dev:
            raise ChainError("dev")
        if entry.seq != self.seq + 1:
            raise ChainError("seq")
        if entry.prev != self.head:
            raise ChainError("prev")
        if entry.epoch != self.epoch:
            raise ChainError("epoch")
        self.key = next_key(entry)
        self.seq = entry.seq
        self.head = link(data)
        self.sealed = entry.epoch
        self.epoch = entry.epoch if self.key is None else entry.epoch + 1
        return entry

    def copy(self) -> "Chain":
        """Another chain that stands in the same place."""
        other = Chain(self.dev, self.head, self.seq, self.epoch)
        other.sealed, other.key = self.sealed, self.key
        return other


def next_key(entry: Entry) -> "bytes | None":
    """The key that seals what follows a key change; None after any other entry. ChainError("key") for a bad one."""
    if entry.typ != KEY:
        return None
    if len(entry.pub) != 5 or entry.pub[0] != entry.epoch + 1:
        raise ChainError("key")
    for number in entry.pub:
        if not 0 <= number < 1 << 64:
            raise ChainError("key")
    return b"".join([number.to_bytes(8, "big") for number in entry.pub[1:]])


def seal(chain: Chain, now: "Now", ack: "bytes | None", signer: "Any") -> bytes:
    """The device's COSE_Sign1 over its chain head; `ack` echoes the host's last receipt."""
    return sign1(seal_payload(chain, now, ack), signer)


def seal_payload(chain: Chain, now: "Now", ack: "bytes | None") -> bytes:
    """What `seal` signs."""
    return Seal(chain.dev, chain.sealed, chain.seq, chain.head, now.boot, now.mono, now.utc, ack).to_wire()


def open_seal(data: bytes, public: bytes, verify: "Verify", dev: "bytes | None" = None) -> Seal:
    """The seal in a COSE_Sign1 by the key `public` of device `dev` (None: of its first key); ChainError("dev") if it
    names another device."""
    record: Seal = Seal.from_wire(open_sign1(data, key_id(public), public, verify))
    if record.dev != (key_id(public) if dev is None else dev):
        raise ChainError("dev")
    return record


def check_batch(
    chain: Chain, entries: "list[bytes]", privates: "list[bytes | None]", sealed: bytes, public: bytes, verify: "Verify"
) -> "list[Entry]":
    """The entries of a batch that joins `chain` (which moves), ends at the seal and keeps its commitments.

    Raises a GateError and leaves `chain` as it was when any entry, commitment or the seal does not hold. A private half
    may be null (withheld or erased); one that is present must be the one committed to.
    """
    record = open_seal(sealed, public, verify, chain.dev)
    if len(entries) != len(privates):
        raise ChainError("privates")
    trial = chain.copy()
    taken: "list[Entry]" = []
    for data, private in zip(entries, privates):
        if taken and trial.key is not None:  # a key change ends what one seal can cover
            raise ChainError("epoch")
        entry = trial.take(data)
        check_private(entry, private)
        taken.append(entry)
    if record.seq != trial.seq or record.head != trial.head or record.epoch != trial.sealed:
        raise ChainError("seal")
    chain.head, chain.seq, chain.epoch = trial.head, trial.seq, trial.epoch
    chain.sealed, chain.key = trial.sealed, trial.key
    return taken


def check_private(entry: Entry, private: "bytes | None") -> None:
    """ChainError("commit") unless a private half that is present is the one the entry commits to."""
    if private is None:
        return
    if entry.commit is None or commitment(private) != entry.commit:
        raise ChainError("commit")
    Private.from_wire(private)
