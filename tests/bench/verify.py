"""How fast the stand-alone file verifies an export: entries per second, and the memory it took.

    python -m tests.bench.verify [ENTRIES]

The export is whole: four gates whose batches of 64 take turns in the tree, and the host's chain. Of ten entries six are
granted or refused with their private halves, two of these erased, the others have none. The verifier runs as its own
process under a trust file that demands a witness, as the committee runs it. The ratio is to what no verifier can save:
an entry's link, its leaf, one node of the tree and the private half, SHA-256 each, over the same lengths.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.attack.history import DAWN, History, Witness, Wrote
from tests.attack.written import COMMITTEE, TRUST
from tests.core.estate import ESTATE, Signer

from gatecore import log, note
from gatecore.bundlelog import Growing
from gatecore.records import Seal
from gatecore.tree import leaf
from gatecore.wire import encode, sign1
from gateverify import standalone

GATES, BATCH, LINE = 4, 64, 2000
ACCESS = b"\x0a\x85\x00\x01\x01\x00\x00"
MEANINGS = (ACCESS, b"\x0a\x85\x00\x00\x02\x05\x00", b"\x15\x80", ACCESS, b"\x02\x80", ACCESS, ACCESS, b"\x15\x80")


@dataclass
class Gate:
    """A gate's entries as they are written, laid out by hand because that is ten times faster than by the core."""

    number: int
    many: int
    seq: int = 0
    head: bytes = b""
    pairs: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.signer = Signer(f"gate {self.number}")
        self.device = Wrote(self.signer, f"Gate {self.number}")
        self.head = self.device.chain.head
        self.start = b"\x8c\x01\x50" + self.signer.key_id + b"\x00"

    def batch(self) -> Iterator[bytes]:
        """The next 64 entries."""
        uint = standalone.uint
        for seq in range(self.seq + 1, min(self.seq + BATCH, self.many) + 1):
            meaning = MEANINGS[seq % len(MEANINGS)]
            salt = hashlib.sha256(b"%d %d" % (self.number, seq)).digest()[:16]
            half = b"\x83\x50" + salt + b"\x50" + b"P" * 16 + b"\x84\x66120502\x50" + b"P" * 16 + b"\x48template\x00"
            commit = b"\x58\x20" + log.commitment(half) if meaning[0] == 10 else b"\xf6"
            now = uint(1 + seq // 5000) + uint(seq % 5000 * 30_000) + uint(DAWN + seq * 30_000)
            entry = self.start + uint(seq) + b"\x58\x20" + self.head + now + b"\x03" + meaning + commit
            shown = b"\x58" + bytes([len(half)]) + half if meaning[0] == 10 and seq % 3 else b"\xf6"
            self.pairs += b"\x82\x58" + bytes([len(entry)]) + entry + shown
            self.head, self.seq = log.link(entry), seq
            yield entry

    def write(self, file: BinaryIO) -> None:
        """Its section."""
        record = Seal(self.signer.key_id, 0, self.seq, self.head, 1, 9_000_000, DAWN, None)
        first = self.device.heads[0]
        file.write(encode(["section", self.device.cert(), 1, first, self.seq, []]))
        file.write(self.pairs)
        file.write(encode(sign1(record.to_wire(), self.signer)))


def write(file: BinaryIO, number: int) -> int:
    """An honest whole export of about `number` entries; how many there are."""
    made, tree, runs = History(), Growing(), [[0, 1, 1 + GATES]]
    gates = [Gate(at + 1, number // GATES) for at in range(GATES)]
    for gate in gates:
        made.enrol(gate.device)
    host = made.devices[0]
    for entry, _ in host.pairs:
        tree.add(leaf(entry))
    while gates[-1].seq < gates[-1].many:
        for at, gate in enumerate(gates, 1):
            first = gate.seq + 1
            for entry in gate.batch():
                tree.add(leaf(entry))
            runs.append([at, first, gate.seq - first + 1])
    told = cosigned(note.signed(made.origin, tree.size, tree.root(), host.signer), made.origin, tree)
    file.write(encode(["gate-export/2", ESTATE.public, "whole", 1 + GATES, 1]))
    file.write(encode(["section", host.cert(), 1, host.heads[0], len(host.pairs), []]))
    file.write(b"".join(encode([entry, half]) for entry, half in host.pairs) + encode(host.seal()))
    for gate in gates:
        gate.write(file)
    file.write(encode(["log", host.cert(), [told], [], []]))
    for at in range(0, len(runs), LINE):
        file.write(encode(["leaves", runs[at : at + LINE]]))
    file.write(encode(["end"]))
    return tree.size


def cosigned(told: bytes, origin: str, tree: Growing) -> bytes:
    """The checkpoint with the committee's line."""
    one = Witness("committee", COMMITTEE)
    text = note.body(origin, tree.size, tree.root())
    signature = COMMITTEE.sign(note.cosigned_message(text, one.time))
    return told + note.cosignature_line(one.name, COMMITTEE.public, one.time, signature)


def floor(number: int) -> float:
    """Seconds of four SHA-256 per entry, nothing else."""
    entry, half, nodes, sha256 = b"e" * 121, b"p" * 76, b"n" * 65, hashlib.sha256
    began = time.process_time()
    for _ in range(number):
        sha256(entry).digest()
        sha256(entry).digest()
        sha256(nodes).digest()
        sha256(half).digest()
    return time.process_time() - began


def main(argv: Sequence[str]) -> int:
    """Print the figures; 1 if the export did not hold."""
    with tempfile.TemporaryDirectory() as folder:
        export, trust = Path(folder, "export"), Path(folder, "trust")
        with export.open("wb") as file:
            number = write(file, int(argv[0]) if argv else 1_000_000)
        trust.write_text(TRUST, encoding="ascii")
        command = [sys.executable, "-I", standalone.__file__, str(export), "--trust", str(trust), "--json"]
        began = time.perf_counter()
        ran = subprocess.run(command, capture_output=True, check=False)
        wall = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = export.stat().st_size / number
    cpu = used.ru_utime + used.ru_stime
    if ran.returncode or json.loads(ran.stdout)["entries"] != number:
        print(ran.stdout.decode(), ran.stderr.decode())
        return 1
    print(
        f"{number} entries of {size:.0f} bytes: {wall:.2f} s wall, {cpu:.2f} s of a core, {number / cpu:,.0f} a second"
    )
    print(f"{cpu / floor(number):.1f} times four bare SHA-256 an entry; {used.ru_maxrss / 1024:.0f} MiB resident")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
