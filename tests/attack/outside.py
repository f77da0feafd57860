"""A witness outside the estate: a process of its own, with its own key file, that never saw a key of the host's.

It runs the product's own `gateverify.witness` on each request and answers with its line, or with why not.
"""

import base64
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.attack.history import History, consistency
from tests.core.estate import ESTATE

from gatecore import note
from gateverify import witness


class Outside:
    """`with Outside(name, secret) as committee:` the process, and how far it has gone."""

    def __init__(self, name: str, secret: bytes) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.name, self.size, self.refused = name, 0, 0
        self.key, self.trust = Path(self.folder.name, "key"), Path(self.folder.name, "trust")
        witness.keep(self.key, witness.Kept(name, secret))
        self.trust.write_text(f"kaimen-trust 1\nestate {ESTATE.public.hex()}\n", encoding="ascii")

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.attack.outside", str(self.key), str(self.trust)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.folder.cleanup()

    def asked(self, asks: bytes) -> bytes:
        """The witness's line, with its line end; nothing if it refused."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(base64.b64encode(asks) + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.refused += line == b"\n"
        return b"" if line == b"\n" else line

    def sees(self, history: History, sizes: list[int]) -> None:
        """Lets it cosign the honest checkpoints of these sizes."""
        for size in sizes:
            shown = b"\n".join(history.notes[history.sizes.index(size)].split(b"\n")[:5]) + b"\n"
            line = self.asked(request(history, history, self.size, shown, size))
            assert line, "an honest checkpoint was refused"
            self.size = size


def request(made: History, proof_of: History, old: int, told: bytes | None = None, size: int | None = None) -> bytes:
    """A request to go from `old` leaves to the checkpoint `told` of `made`, with the proof of `proof_of`'s tree."""
    size = len(made.order) if size is None else size
    if told is None:
        told = note.signed(made.origin, size, made.root(size), made.devices[0].signer)
    leaves = tuple(proof_of.leaves())[: max(size, old)]
    path = consistency(leaves, old) if 0 < old < len(leaves) else ()
    lines = [b"old %d" % old, b"log " + base64.b64encode(made.devices[0].cert())]
    return b"\n".join([*lines, *(base64.b64encode(one) for one in path), b"", told])


def serve(key: Path, trust: Path) -> None:
    """One request a line, in base64; one line of answer, empty for a refusal."""
    ask = key.with_name("request")
    for line in sys.stdin.buffer:
        ask.write_bytes(base64.b64decode(line))
        options = witness.arguments(
            ["sign", str(ask), "--key", str(key), "--trust", str(trust), "--time", "1795086400"]
        )
        try:
            told = witness.cosign(options).encode()
        except witness.Refused:
            told = b""
        sys.stdout.buffer.write(told + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
