"""What remains of a backup that was tried: which one was opened with its key, and when; signed by the estate's key.

Only who opened the backup has that key (it lies sealed in it), so that a trial that was none leaves no such word. The
text is JSON and, after it, a line with the Ed25519 signature (hex) over `gate-trial/1 LF` and all before that line.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from gatehost.files import write_private
from gatehost.model.errors import StoreError

FORMAT = "kaimen-trial/1"
FILE = "tried.json"  # in the first place, and in the host's folder
LARGEST = 4096

Verify = Callable[[bytes, bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Trial:
    """A backup by its name, when it was made and when it was opened whole (ms UTC), and whose it is (hex key)."""

    name: str
    made: int
    at: int
    estate: str

    def to_text(self, sign: Callable[[bytes], bytes]) -> bytes:
        """The file as it is written."""
        body = json.dumps({"format": FORMAT} | asdict(self)).encode() + b"\n"
        return body + sign(_said(body)).hex().encode() + b"\n"


def read(text: bytes, verify: Verify) -> Trial:
    """The trial of a file. StoreError("trial") for anything but what `to_text` wrote. Whose key signed it is for the
    caller to compare."""
    body, _, signature = text[:LARGEST].removesuffix(b"\n").rpartition(b"\n")
    try:
        told = json.loads(body)
        if told.pop("format") != FORMAT:
            raise ValueError("format")
        made = Trial(**told)
        texts, numbers = (made.name, made.estate), (made.made, made.at)
        right = all(type(one) is str for one in texts) and all(type(one) is int for one in numbers)
        held = right and verify(
            bytes.fromhex(made.estate), _said(body + b"\n"), bytes.fromhex(signature.decode("ascii"))
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise StoreError("trial") from wrong
    if not held:
        raise StoreError("trial")
    return made


def held(folder: Path, estate: str, verify: Verify) -> Trial | None:
    """The trial a folder tells of, if it is this estate's; None for none, an altered or another's."""
    try:
        with (folder / FILE).open("rb") as file:
            made = read(file.read(LARGEST), verify)
    except (OSError, StoreError):
        return None
    return made if made.estate == estate else None


def carry(source: Path, target: Path, estate: str, verify: Verify) -> None:
    """What a trial left at the backups' place is told to the host's folder, unless that knows of a newer one."""
    new, old = held(source, estate, verify), held(target, estate, verify)
    if new is not None and (old is None or new.at > old.at):
        write_private(target / FILE, (source / FILE).read_bytes())


def _said(body: bytes) -> bytes:
    return b"gate-trial/1\n" + body
