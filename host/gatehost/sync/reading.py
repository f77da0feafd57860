"""Frames as they come in: the core's reader, and for batches, which are nearly all of the traffic, a quick one."""

from typing import Any

import cbor2

from gatecore import frames
from gatecore.errors import GateError
from gatehost.model.errors import DeviceRefused

GREETING_BYTES = 1024  # before a device is known it may not make the host read more
MOST_BYTES = 640 * 1024
_BATCH_START = bytes((0x83, frames.BATCH))
_BYTES = {bytes}

Frame = tuple[int, int, list[Any]]


def read(data: bytes, known: bool) -> Frame:
    """(kind, id, fields) of a frame; DeviceRefused("long" | code of the core) for anything else."""
    if len(data) > (MOST_BYTES if known else GREETING_BYTES):
        raise DeviceRefused("long")
    if known and data.startswith(_BATCH_START):
        quick = _quick_batch(data)
        if quick is not None:
            return quick
    try:
        return frames.unpack(data)
    except GateError as wrong:
        raise DeviceRefused(wrong.code) from wrong


def _quick_batch(data: bytes) -> Frame | None:
    """A batch of plain byte strings, minimal by its length (see sync.batch); None for any other bytes."""
    try:
        value = cbor2.loads(data)
    except (cbor2.CBORError, ValueError, OverflowError, TypeError, RecursionError):
        return None
    match value:
        case [int(), int() as number, [int() as first, list() as entries, list() as privates, bytes() as seal]]:
            pass
        case _:
            return None
    size = 3 + _head(number) + _head(first) + _head(len(entries)) + _head(len(privates)) + _head(len(seal)) + len(seal)
    present = [item for item in privates if item is not None]
    if not _all_bytes(entries) or not _all_bytes(present) or type(number) is not int or type(first) is not int:
        return None
    if size + _sizes(entries) + _sizes(present) + len(privates) - len(present) != len(data):
        return None
    return frames.BATCH, number, value[2]


def _all_bytes(items: list[Any]) -> bool:
    return set(map(type, items)) <= _BYTES


def _sizes(items: list[bytes]) -> int:
    """What byte strings take with their minimal heads."""
    lengths = list(map(len, items))
    if lengths and min(lengths) >= 24 and max(lengths) < 0x100:  # as nearly all are
        return sum(lengths) + 2 * len(lengths)
    return sum(lengths) + sum(map(_head, lengths))


def _head(n: int) -> int:
    """The bytes of a minimal head; for what has none of at most nine, more than any frame."""
    if n < 0 or n >= 1 << 64:
        return 1 << 30
    return 1 if n < 24 else 2 if n < 0x100 else 3 if n < 0x10000 else 5 if n < 0x100000000 else 9
