"""Frames as they come in: the core's reader, and for batches, which are nearly all of the traffic, a quick one."""

from typing import Any

import cbor2

from gatecore import frames
from gatecore.errors import GateError
from gatehost.model.errors import DeviceRefused

GREETING_BYTES = 1024  # before a device is known it may not make the host read more
MOST_BYTES = 640 * 1024
_BATCH_START = bytes((0x83, frames.BATCH))

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
    for item in entries:
        if type(item) is not bytes:
            return None
        size += _head(len(item)) + len(item)
    for item in privates:
        if item is None:
            size += 1
        elif type(item) is bytes:
            size += _head(len(item)) + len(item)
        else:
            return None
    if size != len(data) or type(number) is not int or type(first) is not int:
        return None
    return frames.BATCH, number, value[2]


def _head(n: int) -> int:
    """The bytes of a minimal head; for what has none of at most nine, more than any frame."""
    if n < 0 or n >= 1 << 64:
        return 1 << 30
    return 1 if n < 24 else 2 if n < 0x100 else 3 if n < 0x10000 else 5 if n < 0x100000000 else 9
