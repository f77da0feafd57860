"""A small estate with its log, written as docs/protocol.md sections 4, 7 and 8 say: doors, the host's chain, the tree,
checkpoints, cosignatures, and exports of any scope taken from it. Everything in it may be made wrong by an attack.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tests.core import oracle
from tests.core.estate import ESTATE, Signer

from gatecore import log, note
from gatecore.clock import Now
from gatecore.records import Cert, Private, Seal
from gatecore.sign import sha256
from gatecore.wire import decode, encode, sign1
from gateverify import standalone

DAWN = 1_795_000_000_000  # 2026-11-18, ms
STEP = 61_000
KEY_CHANGE, GAP, BELIEVED, BEGUN, ENROLLED, REVOKED, GIVEN, ERASED = 3, 7, 9, 30, 31, 32, 33, 35
Pair = tuple[bytes, bytes | None]


def eights(value: bytes) -> list[int]:
    """A hash or name as numbers of `pub`."""
    return [int.from_bytes(value[at : at + 8], "big") for at in range(0, len(value), 8)]


@dataclass
class Wrote:
    """A device: its keys by epoch, its entries, and which of them lie in which generation's tree."""

    signer: Signer
    slot: str
    kind: str = "door"
    serial: int = 7
    now: Signer | None = None
    pairs: list[Pair] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    seals: dict[int, bytes] = field(default_factory=dict)  # by seq
    changes: list[int] = field(default_factory=list)  # seqs of key changes

    def __post_init__(self) -> None:
        self.now = self.now or self.signer
        self.chain = log.Chain(self.signer.key_id, log.genesis(self.signer.public))
        self.heads.append(self.chain.head)

    @property
    def dev(self) -> bytes:
        return self.signer.key_id

    def cert(self, by: Signer = ESTATE) -> bytes:
        box = None
        return sign1(
            Cert(self.dev, self.signer.public, box, self.slot, self.kind, self.serial, 1_790_000_000).to_wire(), by
        )

    def write(self, typ: int, pub: list[int], half: bytes | None, utc: int | None) -> int:
        """The next entry; its seq."""
        boot = self.serial if self.kind == "host" else 1
        quality = 3 if utc is not None else 0
        entry = self.chain.next(Now(boot, 1000 + 7 * self.chain.seq, utc, quality), typ, pub, half)
        self.chain.take(entry)
        self.pairs.append((entry, half))
        self.heads.append(self.chain.head)
        return self.chain.seq

    def seal(self, by: Signer | None = None) -> bytes:
        """The device's word for everything so far."""
        assert self.now is not None
        record = Seal(self.dev, self.chain.sealed, self.chain.seq, self.chain.head, 1, 9_000_000, DAWN, None)
        self.seals[self.chain.seq] = sign1(record.to_wire(), by or self.now)
        return self.seals[self.chain.seq]

    def change(self, new: Signer, utc: int) -> int:
        """A key change; its seq."""
        seq = self.write(KEY_CHANGE, [self.chain.sealed + 1, *eights(new.public)], None, utc)
        self.seal()
        self.changes.append(seq)
        self.now = new
        return seq


def access(number: int, home: str = "120502", person: bytes | None = b"P" * 16) -> bytes:
    """An access entry's private half."""
    subject = person or home.encode()
    return Private(sha256(b"salt", str(number).encode())[:16], subject, [home, person, b"mark", 0]).to_wire()


def deed(number: int, home: str, action: str) -> bytes:
    """A host entry's private half."""
    detail = ["Clerk", "desk", action, home, "", ""]
    return Private(sha256(b"deed", str(number).encode())[:16], home.encode(), detail).to_wire()


@dataclass
class History:
    """One estate from its first start. `devices[0]` is the host; `order` the leaves as (device, seq)."""

    generation: int = 1
    estate: Signer = ESTATE
    devices: list[Wrote] = field(default_factory=list)
    order: list[tuple[int, int]] = field(default_factory=list)
    notes: list[bytes] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    clock: int = DAWN
    former: tuple[int, int, bytes] | None = None

    def __post_init__(self) -> None:
        key = Signer(f"log key {self.generation}")
        self.devices.append(Wrote(key, "host", "host", self.generation))
        told = [0] * 6 if self.former is None else [self.former[0], self.former[1], *eights(self.former[2])]
        self.host(BEGUN, [self.generation, *told])

    def tick(self) -> int:
        self.clock += STEP
        return self.clock

    def host(self, typ: int, pub: list[int], half: bytes | None = None) -> int:
        """An entry of the host's chain, in the tree at once."""
        seq = self.devices[0].write(typ, pub, half, self.tick())
        self.order.append((0, seq))
        return seq

    def enrol(self, device: Wrote, after: int = 0) -> int:
        """A device comes into service; its number."""
        self.devices.append(device)
        self.host(ENROLLED, [*eights(device.dev), device.serial, self.clock // 1000, after])
        return len(self.devices) - 1

    def revoke(self, number: int, last: int | None = None) -> None:
        device = self.devices[number]
        self.host(REVOKED, [*eights(device.dev), device.chain.seq if last is None else last, 1])

    def given(self, home: str) -> None:
        self.host(GIVEN, [], deed(len(self.order), home, "pin.give"))

    def batch(self, number: int, rows: Sequence[tuple[int, list[int], bytes | None]]) -> None:
        """Entries of one door, sealed, and in the tree in their order."""
        device, first = self.devices[number], self.devices[number].chain.seq + 1
        for typ, pub, half in rows:
            device.write(typ, pub, half, self.tick())
        device.seal()
        self.order += [(number, seq) for seq in range(first, device.chain.seq + 1)]

    def change_key(self, number: int, new: Signer) -> None:
        self.order.append((number, self.devices[number].change(new, self.tick())))

    def erase(self, number: int, seqs: Sequence[int]) -> None:
        """Private halves are gone, and the host's chain says so."""
        device = self.devices[number]
        for seq in seqs:
            device.pairs[seq - 1] = (device.pairs[seq - 1][0], None)
        half = Private(sha256(b"erased", bytes(seqs[:1])).ljust(16)[:16], b"", [[device.dev, list(seqs)]]).to_wire()
        self.host(ERASED, [1, len(seqs)], half)

    def leaves(self, size: int | None = None) -> list[bytes]:
        """The entries in the order of the tree."""
        return [self.devices[number].pairs[seq - 1][0] for number, seq in self.order[:size]]

    def root(self, size: int | None = None) -> bytes:
        return tree_root(tuple(self.leaves(size)))

    @property
    def origin(self) -> str:
        return note.origin(self.estate.public, self.generation)

    def checkpoint(
        self, witnesses: Sequence["Witness"] = (), size: int | None = None, by: Signer | None = None
    ) -> bytes:
        """A checkpoint of the tree as it is, cosigned by these."""
        self.devices[0].seal()
        size = len(self.order) if size is None else size
        told = note.signed(self.origin, size, self.root(size), by or self.devices[0].signer)
        for one in witnesses:
            told += one.line(self, size)
        self.notes.append(told)
        self.sizes.append(size)
        return told

    def beacon(self, number: int) -> None:
        """A door says which checkpoint it saw last."""
        size = self.sizes[-1]
        self.batch(number, [(2, [self.generation, size, *eights(self.root(size))], None)])


@dataclass(frozen=True)
class Witness:
    """Who cosigns: a door of the estate or somebody outside, under a name, by a key."""

    name: str
    signer: Signer
    kind: str = "outside"
    time: int = DAWN // 1000 + 86_400

    def line(self, history: History, size: int) -> bytes:
        """A cosignature line over the tree of this size. It judges nothing: who asks it decides."""
        text = note.body(history.origin, size, history.root(size))
        return note.cosignature_line(
            self.name, self.signer.public, self.time, self.signer.sign(note.cosigned_message(text, self.time))
        )


@lru_cache(256)
def tree_root(entries: tuple[bytes, ...]) -> bytes:
    return oracle.mth(list(entries))


@lru_cache(4096)
def inclusion(entries: tuple[bytes, ...], index: int) -> tuple[bytes, ...]:
    return tuple(oracle.path(index, list(entries)))


@lru_cache(256)
def consistency(entries: tuple[bytes, ...], first: int) -> tuple[bytes, ...]:
    return tuple(oracle.proof(first, list(entries)))


# Exports


@dataclass
class Parts:
    """An export in lines that an attack can change: the head, each section's lines, each log's lines."""

    head: list[Any]
    sections: list[list[Any]]
    logs: list[list[Any]]

    def to_wire(self) -> bytes:
        """The file; the numbers in its head as they are now."""
        head = [*self.head, len(self.sections), len(self.logs)] if len(self.head) == 3 else self.head
        lines = [head, *(line for part in (*self.sections, *self.logs) for line in part)]
        return b"".join(encode(line) for line in lines)

    def copy(self) -> "Parts":
        """Lines that can be changed without changing these."""
        return Parts(list(self.head), [_copied(one) for one in self.sections], [_copied(one) for one in self.logs])


def _copied(lines: list[Any]) -> list[Any]:
    return [_copied(line) if isinstance(line, list) else line for line in lines]


def section(device: Wrote, first: int, last: int, shown: Iterable[int] | None = None) -> list[Any]:
    """The lines of entries first..last; private halves of all, or of those in `shown`."""
    changes = [[device.pairs[seq - 1][0], device.seals[seq]] for seq in device.changes if seq < first]
    lines: list[Any] = [["section", device.cert(), first, device.heads[first - 1], last - first + 1, changes]]
    kept = set(range(first, last + 1) if shown is None else shown)
    for seq in range(first, last + 1):
        entry, half = device.pairs[seq - 1]
        lines.append([entry, half if seq in kept else None])
        if seq in device.changes and seq != last:
            lines.append(device.seals[seq])
    return [*lines, device.seals[last]]


def log_lines(
    history: History, body: list[Any], certs: Sequence[Any] = (), notes: Sequence[int] | None = None
) -> list[Any]:
    """The lines of a log around what tells where the entries stand."""
    chosen = range(len(history.notes)) if notes is None else notes
    sizes = [history.sizes[at] for at in chosen]
    whole = tuple(history.leaves())
    proofs = [list(consistency(whole[:later], size)) for size, later in pairwise(sizes)]
    return [
        ["log", history.devices[0].cert(), [history.notes[at] for at in chosen], proofs, list(certs)],
        *body,
        ["end"],
    ]


def runs(history: History, numbers: Sequence[tuple[int, int, int]]) -> list[Any]:
    """The line `leaves`; `numbers` are sections as (device, first, last)."""
    found: list[list[int]] = []
    for device, seq in history.order[: history.sizes[-1]]:
        at = next(at for at, (one, first, last) in enumerate(numbers) if one == device and first <= seq <= last)
        if found and found[-1][0] == at and found[-1][1] + found[-1][2] == seq:
            found[-1][2] += 1
        else:
            found.append([at, seq, 1])
    return [["leaves", found]]


def whole(history: History, scope: str = "whole", certs: Sequence[Any] = ()) -> Parts:
    """Everything under the newest checkpoint."""
    last: dict[int, int] = {}
    for device, seq in history.order[: history.sizes[-1]]:
        last[device] = max(seq, last.get(device, 0))
    numbers = [(device, 1, seq) for device, seq in sorted(last.items())]
    sections = [
        section(history.devices[device], 1, seq, None if scope == "whole" or not device else ())
        for device, _, seq in numbers
    ]
    return Parts(
        ["gate-export/2", history.estate.public, scope], sections, [log_lines(history, runs(history, numbers), certs)]
    )


def window(
    history: History,
    numbers: Sequence[tuple[int, int, int]],
    scope: str = "window",
    certs: Sequence[Any] = (),
    shown: Iterable[int] | None = None,
) -> Parts:
    """Spans (device, first, last) of some devices, and the host's whole chain in front."""
    size = history.sizes[-1]
    hosts = [seq for device, seq in history.order[:size] if not device]
    spans = [(0, 1, hosts[-1]), *numbers]
    sections = [
        section(history.devices[device], first, last, shown if device else None) for device, first, last in spans
    ]
    devs = {history.devices[device].dev for device, _, _ in spans}
    leaves, body = tuple(history.leaves(size)), []
    for at, (device, first, last) in enumerate(spans):
        for seq in sorted({first, last} | (named(history, devs) if not device else set())):
            index = history.order.index((device, seq))
            body.append(["leaf", at, seq, index, list(inclusion(leaves, index))])
    return Parts(["gate-export/2", history.estate.public, scope], sections, [log_lines(history, body, certs)])


def named(history: History, devs: set[bytes]) -> set[int]:
    """Seqs of the host's entries that enrol or revoke these devices."""
    found = set()
    for seq, (entry, _) in enumerate(history.devices[0].pairs, 1):
        fields = decode(entry)
        if fields[9] in (ENROLLED, REVOKED) and b"".join(n.to_bytes(8, "big") for n in fields[10][:2]) in devs:
            found.add(seq)
    return found


def by_the_file(data: bytes, trust: standalone.Trust | None, fast: bool = True) -> str:
    """What the stand-alone file finds: "" if it holds, or the first place and why."""
    report = standalone.Report()
    try:
        standalone.verify(io.BytesIO(data), trust, report, fast)
    except standalone.Refused as refused:
        return f"{report.place}: {refused}"
    return ""
