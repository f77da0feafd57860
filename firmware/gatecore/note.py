"""Checkpoints as signed notes (C2SP tlog-checkpoint, tlog-cosignature): three lines, an empty one, and signature lines.

<origin> <size> <base64 of root>, each ended by a newline; then, after an empty line, for each signature
"— <name> <base64 of key id[4] || signature>". What this module would not write, it does not read.
"""

import binascii

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import WireError
from gatecore.sign import key_id, sha256

if TYPE_CHECKING:
    from typing import Any

    from gatecore.compat import Verify

LOG_KEY, WITNESS_KEY = 1, 4  # C2SP's signature types: an Ed25519 signature, an Ed25519 cosignature/v1
MAX_NOTE, MAX_LINES, MAX_NAME = 16 * 1024, 64, 128
MAX_SIZE = 1 << 63
_DASH = b"\xe2\x80\x94 "


def origin(estate: bytes, generation: int) -> str:
    """The name of an estate's log: of its key, and of its checkpoints' first line."""
    return binascii.hexlify(key_id(estate)).decode() + "/gate/" + str(generation)


def body(name: str, size: int, root: bytes) -> bytes:
    """The three lines that are signed."""
    return (name + "\n" + str(size) + "\n").encode() + _base64(root) + b"\n"


def key_hash(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return sha256(name.encode(), b"\n", bytes([kind]), public)[:4]


def line(name: str, named: bytes, signature: bytes) -> bytes:
    """One signature line; `named` is the key's four bytes."""
    return _DASH + name.encode() + b" " + _base64(named + signature) + b"\n"


def signed(name: str, size: int, root: bytes, signer: "Any") -> bytes:
    """The log's own note: the body and its signature."""
    text = body(name, size, root)
    return text + b"\n" + line(name, key_hash(name, LOG_KEY, signer.public), signer.sign(text))


def cosigned_message(text: bytes, time: int) -> bytes:
    """What a witness signs: that at `time` (s since 1970) this was the largest tree it saw."""
    return b"cosignature/v1\ntime " + str(time).encode() + b"\n" + text


def cosignature_line(name: str, public: bytes, time: int, signature: bytes) -> bytes:
    """A witness's signature line."""
    return line(name, key_hash(name, WITNESS_KEY, public), time.to_bytes(8, "big") + signature)


class Note:
    """A note read: `text` its three lines, `lines` its signatures as (name, key's four bytes, signature bytes)."""

    def __init__(self, name: str, size: int, root: bytes, text: bytes, lines: "list[tuple[str, bytes, bytes]]") -> None:
        self.origin = name
        self.size = size
        self.root = root
        self.text = text
        self.lines = lines

    def by_log(self, public: bytes, verify: "Verify") -> bool:
        """Whether the log with this key signed it, in the first line."""
        name, named, signature = self.lines[0]
        if name != self.origin or named != key_hash(name, LOG_KEY, public) or len(signature) != 64:
            return False
        return verify(public, self.text, signature)

    def witnessed(self, name: str, public: bytes, verify: "Verify") -> "int | None":
        """When (s since 1970) the witness cosigned it; None if it did not."""
        for found, named, signature in self.lines[1:]:
            if found != name or named != key_hash(name, WITNESS_KEY, public) or len(signature) != 72:
                continue
            time = int.from_bytes(signature[:8], "big")
            if 0 < time < MAX_SIZE and verify(public, cosigned_message(self.text, time), signature[8:]):
                return time
        return None


def read(data: bytes) -> Note:
    """The note in `data`; WireError("note") for anything that is none."""
    if len(data) > MAX_NOTE:
        raise WireError("note")
    rows = bytes(data).split(b"\n")
    if not 6 <= len(rows) <= 5 + MAX_LINES or rows[3] or rows[-1]:
        raise WireError("note")
    name, size, root = _name(rows[0]), _size(rows[1]), _bytes(rows[2])
    if len(root) != 32:
        raise WireError("note")
    lines = [_line(row) for row in rows[4:-1]]
    if len(set([(found, named) for found, named, _ in lines])) != len(lines):
        raise WireError("note")
    return Note(name, size, root, body(name, size, root), lines)


def _line(row: bytes) -> "tuple[str, bytes, bytes]":
    if row[: len(_DASH)] != _DASH:
        raise WireError("note")
    words = row[len(_DASH) :].split(b" ")
    if len(words) != 2:
        raise WireError("note")
    raw = _bytes(words[1])
    if len(raw) < 5:
        raise WireError("note")
    return _name(words[0]), raw[:4], raw[4:]


def _name(data: bytes) -> str:
    if not 0 < len(data) <= MAX_NAME:
        raise WireError("note")
    for byte in data:
        if not 0x21 <= byte <= 0x7E or byte == 0x2B:
            raise WireError("note")
    return data.decode()


def _size(data: bytes) -> int:
    if not 0 < len(data) <= 19:
        raise WireError("note")
    for byte in data:
        if not 0x30 <= byte <= 0x39:
            raise WireError("note")
    size = int(data.decode())
    if size >= MAX_SIZE or str(size).encode() != data:
        raise WireError("note")
    return size


def _base64(data: bytes) -> bytes:
    return binascii.b2a_base64(data)[:-1]


def _bytes(data: bytes) -> bytes:
    """The bytes whose one base64 form is `data`: what the interpreter's own reader forgives is not forgiven."""
    try:
        raw = binascii.a2b_base64(data)
    except ValueError:  # binascii.Error
        raise WireError("note")
    if _base64(raw) != data:
        raise WireError("note")
    return raw
