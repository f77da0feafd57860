"""An ESP32's flash: the table we give it, and a chip without our partition, which learns what to do."""

import hashlib
import struct
from pathlib import Path

import pytest

from gateprov import boards, flasher, image, partition
from gateprov.errors import ImageError
from gateprov.line import Line

from .board import Board

BOARD = boards.read(boards.find("esp32"))
FLASH = 4 << 20


def parsed(table: bytes) -> list[tuple[str, int, int]]:
    """(label, offset, size) of each entry, up to the digest, which holds."""
    found, at = [], 0
    while table[at : at + 2] == b"\xaa\x50":
        _, _, offset, size, label, _ = struct.unpack_from("<xxBBII16sI", table, at)
        found.append((label.rstrip(b"\x00").decode(), offset, size))
        at += 32
    assert table[at : at + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert table[at + 16 : at + 32] == hashlib.md5(table[:at], usedforsecurity=False).digest()
    assert set(table[at + 32 :]) == {0xFF}
    return found


def test_the_table_has_room_for_all_and_overlaps_nothing() -> None:
    table = partition.table()
    assert len(table) == partition.SIZE
    end = partition.AT + 0x1000
    for _, offset, size in (entries := parsed(table)):
        assert offset >= end
        end = offset + size
    assert end == FLASH
    assert {label: size for label, _, size in entries}["kaimen"] >= image.raw_area(BOARD)
    assert {label: size for label, _, size in entries}["vfs"] >= image.build(BOARD, None).room(4096)


@pytest.mark.micropython
def test_a_chip_is_refused_with_what_to_do_unless_its_partition_is_there_large_enough_and_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chip = "class P:\n def __init__(s,n,e):s.a=n,e\n def info(s):return 1,64,0,s.a[0],'kaimen',s.a[1]\n"
    chip += "class Partition:\n TYPE_DATA=1\n have=[]\n @staticmethod\n def find(kind,label):return Partition.have\n"
    with Board("Generic ESP32 module with ESP32") as board, Line(board.port) as line:
        line.write("/esp32.py", chip.encode())
        with pytest.raises(ImageError, match=r"no partition for log and keys(.|\n)*write_flash 0x8000"):
            flasher.divide(line, BOARD)
        assert (tmp_path / "kaimen-partitions.bin").read_bytes() == partition.table()
        for have, why in (
            ("P(1024*1024,False)", "log and state take 1600 KiB"),
            ("P(1<<21,True)", "encrypts its flash"),
        ):
            line.run(f"import esp32\nesp32.Partition.have=[esp32.{have}]")
            with pytest.raises(ImageError, match=why):
                flasher.divide(line, BOARD)
        line.run("esp32.Partition.have=[esp32.P(1600*1024,False)]")
        assert flasher.divide(line, BOARD) is False
