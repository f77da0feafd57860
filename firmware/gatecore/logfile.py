"""A log in a file, as a unit keeps it: frames that survive a torn write. A board has gateboard.ring instead.

A frame is  length:u16  crc32:u32  body,  body = CBOR [entry, private or null]; after a cut, the longest run of whole
frames that chain is the log and the rest is dropped.
"""

import binascii

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import ChainError, GateError
from gatecore.records import BYTES, OR_NULL, fits
from gatecore.wire import decode, encode

if TYPE_CHECKING:
    from gatecore.log import Chain

MAX_FRAME = 4096
_FRAME_HEAD = 6


def frame(entry: bytes, private: "bytes | None") -> bytes:
    """An entry and its private half as they lie on storage."""
    body = encode([entry, private])
    if len(body) > MAX_FRAME:
        raise ChainError("long")
    return len(body).to_bytes(2, "big") + binascii.crc32(body).to_bytes(4, "big") + body


def recover(stored: bytes, chain: "Chain") -> "tuple[list[tuple[bytes, bytes | None]], int]":
    """What a power cut left: [(entry, private or null)] that join `chain`, and the length of their frames.

    Bytes after that length are a torn tail and are to be cut off. Never raises.
    """
    found: list[tuple[bytes, bytes | None]] = []
    at = 0
    while True:
        pair, end = _frame_at(stored, at)
        if pair is None:
            return found, at
        try:
            chain.take(pair[0])
        except GateError:
            return found, at
        found.append(pair)
        at = end


def _frame_at(stored: bytes, at: int) -> "tuple[tuple[bytes, bytes | None] | None, int]":
    if len(stored) - at < _FRAME_HEAD:
        return None, at
    size = int.from_bytes(stored[at : at + 2], "big")
    end = at + _FRAME_HEAD + size
    body = bytes(stored[at + _FRAME_HEAD : end])
    if size > MAX_FRAME or len(body) != size:
        return None, at
    if binascii.crc32(body) != int.from_bytes(stored[at + 2 : at + 6], "big"):
        return None, at
    try:
        value = decode(body)
    except GateError:
        return None, at
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not fits(value[0], BYTES)
        or not fits(value[1], BYTES + OR_NULL)
    ):
        return None, at
    return (value[0], value[1]), end
