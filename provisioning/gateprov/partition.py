"""The flash of an ESP32 in partitions: the stock ones, the file system made smaller, and behind it ours, raw.

A table is entries of 32 bytes, the MD5 of them, and FF up to 3 KiB (ESP-IDF, Partition Tables); it lies at 0x8000.
Stock MicroPython for 4 MiB has nvs, phy_init, factory and vfs; `kaimen` holds log, keys and state (docs/adr/0071).
"""

import hashlib
import json
import struct
from pathlib import Path

from gateprov import image
from gateprov.boards import Board
from gateprov.errors import ImageError
from gateprov.line import Line

AT = 0x8000
SIZE = 0xC00
LABEL = "kaimen"
APP, DATA = 0, 1
# label, type, subtype, offset, size
TABLE = (
    ("nvs", DATA, 0x02, 0x9000, 0x6000),
    ("phy_init", DATA, 0x01, 0xF000, 0x1000),
    ("factory", APP, 0x00, 0x10000, 0x1F0000),
    ("vfs", DATA, 0x81, 0x200000, 0x70000),
    (LABEL, DATA, 0x40, 0x270000, 0x190000),
)
FOUND = """
import esp32,json
found=esp32.Partition.find(esp32.Partition.TYPE_DATA,label='kaimen')
print(json.dumps([[p.info()[3],bool(p.info()[5])] for p in found]))
"""


def table() -> bytes:
    """The table as it is flashed."""
    entries = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, offset, size, label.encode(), 0)
        for label, kind, subtype, offset, size in TABLE
    )
    digest = hashlib.md5(entries, usedforsecurity=False).digest()
    return (entries + b"\xeb\xeb" + b"\xff" * 14 + digest).ljust(SIZE, b"\xff")


def check(line: Line, board: Board, beside: Path) -> None:
    """ImageError with what to do unless the chip has our partition, large enough and not encrypted.

    Where there is none, the table to flash is written to `beside`.
    """
    found = json.loads(line.run(FOUND))
    needed = image.raw_area(board)
    if not found:
        beside.write_bytes(table())
        raise ImageError(
            f"{line.port}: this ESP32 has no partition for log and keys. Its table is now in {beside}: run "
            f"`esptool --port {line.port} erase_flash`, write MicroPython's .bin at 0x1000 and then "
            f"`esptool --port {line.port} write_flash {AT:#x} {beside}`, and the same command again"
        )
    size, encrypted = found[0]
    if encrypted:
        raise ImageError(
            f"{line.port}: this ESP32 encrypts its flash, so no entry could be added to a page; take another one"
        )
    if size < needed:
        raise ImageError(
            f"{board.name}: log and state take {needed // 1024} KiB, the partition {LABEL} has {size // 1024}; write "
            "less into its [flash]"
        )
