"""A door as a witness: which checkpoints of the estate's log it takes (docs/protocol.md section 8).

A checkpoint is taken only if the believed log signed it, it continues the one taken last, and it holds the door's own
newest entry that was acknowledged below its size: by the chain that entry binds all before it. Nothing taken is ever
given back; what is refused changes nothing.
"""

from gatecore import note as notes
from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError, RecordError, TrustError
from gatecore.records import BYTES, LIST, UINT, Record, fits
from gatecore.tree import consistent, included, leaf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gatecore.compat import Verify

MOST_PENDING = 32
OVERDUE_MS = 600_000


class Kept(Record):
    """What a witness remembers over a power cut."""

    generation: int
    public: bytes
    note: bytes
    receipted: int
    began: int
    seq: int
    index: int
    pending: "list[Any]"

    PURPOSE = "gate-witness/1"
    FIELDS = (
        ("generation", UINT),
        ("public", 32),
        ("note", BYTES),  # the checkpoint taken last; empty before the first
        ("receipted", UINT),
        ("began", UINT),  # the device's newest entry when it first believed this log
        ("seq", UINT),  # the newest acknowledged entry and its leaf; 0, 0 before the first
        ("index", UINT),
        ("pending", LIST),  # [[seq, index], ...] acknowledged and not yet covered, rising
    )


class Proof:
    """The fields of a RECEIPT."""

    def __init__(
        self, note: bytes, first: int, path: "Sequence[Any]", seq: int, index: int, inclusion: "Sequence[Any]"
    ) -> None:
        self.note = note
        self.first = first
        self.path = path
        self.seq = seq
        self.index = index
        self.inclusion = inclusion


class Witness:
    """One log's witness. `estate` is the estate's public key, `saved` a former `to_wire` (a spoilt one is nothing)."""

    def __init__(self, estate: bytes, saved: "bytes | None" = None) -> None:
        self._estate = estate
        self.generation = 0  # none believed yet
        self.public = bytes(32)
        self.note = b""
        self.size, self.root = 0, b""
        self.receipted = self._began = 0
        self._seq = self._index = 0
        self._pending: "list[tuple[int, int, int]]" = []  # seq, index, connected time when it was acknowledged
        self._spent = self._looked = 0  # connected time (ms), counted up to this mono
        if saved is not None:
            try:
                self._restore(Kept.from_wire(saved))
            except GateError:
                return

    def _restore(self, kept: Kept) -> None:
        pending = []
        for pair in kept.pending:
            if not fits(pair, LIST) or len(pair) != 2 or not fits(pair[0], UINT) or not fits(pair[1], UINT):
                raise RecordError("pending")
            pending.append((pair[0], pair[1], 0))
        if kept.note:
            taken = notes.read(kept.note)
            self.size, self.root = taken.size, taken.root
        self.generation, self.public, self.note = kept.generation, kept.public, kept.note
        self.receipted, self._began, self._pending = kept.receipted, kept.began, pending
        self._seq, self._index = kept.seq, kept.index

    def to_wire(self) -> bytes:
        """What is to be durable before a cosignature is given."""
        pending = [[seq, index] for seq, index, _ in self._pending]
        place = (self.receipted, self._began, self._seq, self._index)
        return Kept(self.generation, self.public, self.note, *(place + (pending,))).to_wire()

    @property
    def seen(self) -> "list[int]":
        """Generation, size and root of the checkpoint taken last as numbers for an entry's pub; [] before the first."""
        return [self.generation, self.size] + numbers(self.root) if self.note else []

    def follow(self, generation: int, public: bytes, seq: int) -> "list[int] | None":
        """Believes this log from now on, at our entry `seq`; the pub of the entry (type 9) that says so, None if it was
        believed already.

        TrustError("rollback") for a lower generation, ("conflict") for another key of the same."""
        if generation < self.generation:
            raise TrustError("rollback")
        if generation == self.generation:
            if public != self.public:
                raise TrustError("conflict")
            return None
        former = self.seen
        self.generation, self.public = generation, public
        self.note, self.size, self.root = b"", 0, b""
        self._began, self._seq, self._index = seq, 0, 0
        self._pending = []
        return [generation] + (former or [0] * 6)

    def connected(self, mono: int) -> None:
        """A connection begins: only the time of connections counts against the host, but all of them together: one
        that hangs up every few minutes gains nothing."""
        self._looked = mono

    def acknowledged(self, seq: int, index: "int | None", mono: int) -> None:
        """Entry `seq` was acknowledged as leaf `index`; TrustError("index") for one that cannot be."""
        if self.generation == 0:
            return
        if index is None:
            if seq > self._began:  # every entry since this log was believed is a leaf of it
                raise TrustError("index")
            return
        if seq < self._seq or seq == 0:
            return
        if seq == self._seq:
            if index != self._index:
                raise TrustError("index")
            return
        if self._seq and index <= self._index:
            raise TrustError("index")
        if index < self.size and seq > self.receipted:  # below a tree that was taken without showing it
            raise TrustError("index")
        self._seq, self._index = seq, index
        if index >= self.size:
            self._pass(mono)
            self._pending.append((seq, index, self._spent))
        if len(self._pending) > MOST_PENDING:
            del self._pending[1 : MOST_PENDING // 2]  # the oldest counts for the alarm, the newest for the rule

    def overdue(self, mono: int) -> bool:
        """Whether an acknowledged entry has waited too long for a checkpoint that covers it; asked again and again
        while there is a connection."""
        self._pass(mono)
        return bool(self._pending) and self._spent - self._pending[0][2] > OVERDUE_MS

    def _pass(self, mono: int) -> None:
        self._spent += max(0, mono - self._looked)
        self._looked = mono

    def take(self, proof: Proof, entry: "bytes | None", verify: "Verify") -> None:
        """Takes a checkpoint by the witness rule; `entry` are this door's own bytes of entry `proof.seq`, None if it
        has none such. TrustError("signature" | "size" | "consistency" | "inclusion") and nothing changed otherwise."""
        fresh = self._read(proof.note, verify)
        if proof.first != self.size or fresh.size < self.size:
            raise TrustError("size")
        hashes = list(proof.path) + list(proof.inclusion)
        if not all([fits(one, 32) for one in hashes]):
            raise TrustError("consistency")
        if not consistent(self.size, self.root, fresh.size, fresh.root, proof.path):
            raise TrustError("consistency")
        self._check_mine(proof, entry, fresh)
        self.note, self.size, self.root = bytes(proof.note), fresh.size, fresh.root
        self.receipted = max(self.receipted, proof.seq)
        self._pending = [pair for pair in self._pending if pair[1] >= fresh.size]

    def _read(self, data: bytes, verify: "Verify") -> notes.Note:
        try:
            fresh = notes.read(data)
        except GateError:
            raise TrustError("signature")
        if not self.generation or fresh.origin != notes.origin(self._estate, self.generation):
            raise TrustError("signature")
        if not fresh.by_log(self.public, verify):
            raise TrustError("signature")
        return fresh

    def _check_mine(self, proof: Proof, entry: "bytes | None", fresh: notes.Note) -> None:
        """Point 3 of the rule: none of my acknowledged entries is left out, and the one shown is where it is said."""
        for seq, index, _ in self._pending:
            if index < fresh.size and seq > proof.seq:
                raise TrustError("inclusion")
            if seq == proof.seq and index != proof.index:
                raise TrustError("inclusion")
        if proof.seq == 0:
            if proof.index or proof.inclusion:
                raise TrustError("inclusion")
            return
        if entry is None or proof.index < self.size:
            raise TrustError("inclusion")
        if not included(leaf(entry), proof.index, fresh.size, proof.inclusion, fresh.root):
            raise TrustError("inclusion")

    def cosign(self, time: int, signer: "Any") -> bytes:
        """This door's signature, at `time` (s since 1970), under the checkpoint taken last."""
        taken = notes.read(self.note)
        signature: bytes = signer.sign(notes.cosigned_message(taken.text, time))
        return signature


def numbers(data: bytes) -> "list[int]":
    """Bytes as an entry's pub holds them: in groups of eight, big-endian."""
    return [int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)]


def from_numbers(held: "Sequence[int]") -> bytes:
    """The bytes behind `numbers`; RecordError("pub") for numbers that are none."""
    for number in held:
        if not 0 <= number < 1 << 64:
            raise RecordError("pub")
    return b"".join([number.to_bytes(8, "big") for number in held])
