"""What a backup says of itself: every file with size and SHA-256, what the database held, signed by the estate's key.

The text is JSON and, after it, a line with the Ed25519 signature (hex) over `gate-backup/1 LF` and all before that
line. It names no person and no home.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from gatehost.model.errors import StoreError

FORMAT = "kaimen-backup/1"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(-\d+)?")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it lies in the backup; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `made` and `newest` (the log's newest entry) are ms UTC, `estate` and `key` hex public keys: who
    signed, and for whom it is sealed. `table` is the key table in the second place, `lost` documents that the host
    itself had no more."""

    name: str
    made: int
    title: str
    estate: str
    key: str
    software: str
    schema: int
    database: str
    generation: int
    newest: int
    counts: dict[str, int]
    files: tuple[File, ...]
    table: File
    documents: tuple[str, ...]
    lost: tuple[str, ...]

    def to_text(self, sign: Callable[[bytes], bytes]) -> bytes:
        """The file as it is written."""
        body = json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1).encode() + b"\n"
        return body + sign(_said(body)).hex().encode() + b"\n"


def is_name(text: str) -> bool:
    """Whether this may be the name of a backup: the moment it was made."""
    return _NAME.fullmatch(text) is not None


def read(text: bytes, verify: Callable[[bytes, bytes, bytes], bool]) -> Manifest:
    """The manifest of a file. StoreError("manifest") for anything but what `to_text` wrote, ("signature") if it was
    altered. Whose key signed it is for the caller to compare."""
    body, _, signature = text.removesuffix(b"\n").rpartition(b"\n")
    try:
        if not text.endswith(b"\n"):
            raise ValueError("cut off")
        made = _taken(json.loads(body))
        signed = bytes.fromhex(signature.decode("ascii"))
        public = bytes.fromhex(made.estate)
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise StoreError("manifest") from wrong
    if not verify(public, _said(body + b"\n"), signed):
        raise StoreError("signature")
    return made


def _said(body: bytes) -> bytes:
    return b"gate-backup/1\n" + body


def _taken(told: dict[str, Any]) -> Manifest:
    if told.pop("format") != FORMAT:
        raise ValueError("format")
    files = tuple(File(**one) for one in told.pop("files"))
    table, documents, lost = File(**told.pop("table")), tuple(told.pop("documents")), tuple(told.pop("lost"))
    made = Manifest(**told, files=files, table=table, documents=documents, lost=lost)
    hashes = [*(one.sha256 for one in (*files, table)), *documents]
    plain = all(re.fullmatch(r"[a-z]+\.sealed", one.name) for one in files)
    if not is_name(made.name) or not plain or not all(_HASH.fullmatch(one) for one in hashes):
        raise ValueError("names")
    return made
