"""How fast the stand-alone file verifies an export: entries per second, and the memory it took.

    python -m tests.bench.verify [ENTRIES]

The export is one gate's, written to a temporary file: of ten entries six are granted or refused with their private
halves, two of these withheld, the others have none. The verifier runs as its own process, as the committee runs it.
The ratio is to what no verifier can save: two SHA-256 per entry over the same lengths in the same run.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tests.attack.bundle import DAWN, GATE, certificate, sealed
from tests.core.estate import ESTATE

from gatecore import bundle, log
from gateverify import standalone

ACCESS = b"\x0a\x85\x00\x01\x01\x00\x00"
MEANINGS = (ACCESS, b"\x0a\x85\x00\x00\x02\x05\x00", b"\x15\x80", ACCESS, b"\x02\x80", ACCESS, ACCESS, b"\x15\x80")


def write(file: BinaryIO, number: int) -> None:
    """An honest export of `number` entries, laid out by hand because that is ten times faster than by the core."""
    file.write(bundle.head_line(ESTATE.public, 1))
    before = log.genesis(GATE.public)
    file.write(bundle.device_line(certificate(GATE, "Gate 3"), 1, before, number))
    start, head, uint = b"\x8c\x01\x50" + GATE.key_id + b"\x00", before, standalone.uint
    for seq in range(1, number + 1):
        meaning = MEANINGS[seq % len(MEANINGS)]
        salt = hashlib.sha256(b"%d" % seq).digest()[:16]
        half = b"\x83\x50" + salt + b"\x50" + b"P" * 16 + b"\x84\x66120502\x50" + b"P" * 16 + b"\x48template\x00"
        commit = b"\x58\x20" + log.commitment(half) if meaning[0] == 10 else b"\xf6"
        now = uint(1 + seq // 5000) + uint(seq % 5000 * 30_000) + uint(DAWN + seq * 30_000)
        entry = start + uint(seq) + b"\x58\x20" + head + now + b"\x03" + meaning + commit
        shown = b"\x58" + bytes([len(half)]) + half if meaning[0] == 10 and seq % 3 else b"\xf6"
        file.write(b"\x82\x58" + bytes([len(entry)]) + entry + shown)
        head = log.link(entry)
    file.write(bundle.seal_line(sealed(GATE, GATE.key_id, number, head)))


def floor(number: int) -> float:
    """Seconds of two SHA-256 per entry, nothing else."""
    entry, half, sha256 = b"e" * 121, b"p" * 76, hashlib.sha256
    began = time.process_time()
    for _ in range(number):
        sha256(entry).digest()
        sha256(half).digest()
    return time.process_time() - began


def main(argv: Sequence[str]) -> int:
    """Print the figures; 1 if the export did not hold."""
    number = int(argv[0]) if argv else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        export, trust = Path(folder, "export"), Path(folder, "trust")
        with export.open("wb") as file:
            write(file, number)
        trust.write_text(f"kaimen-trust 1\nestate {ESTATE.public.hex()}\n", encoding="ascii")
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
        f"{number} entries of {size:.0f} bytes: {wall:.2f} s wall, {cpu:.2f} s of a core, {number / cpu:,.0f} entries/s"
    )
    print(f"{cpu / floor(number):.1f} times two bare SHA-256 an entry; {used.ru_maxrss / 1024:.0f} MiB resident")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
