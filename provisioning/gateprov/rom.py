"""The program as the image of a read-only file system, whose code runs where it lies in flash.

For firmware that was built with one (docs/adr/0130 says how); no stock firmware of an rp2 or an ESP32 was. `kaimen
provision` finds out and writes the image itself; `kaimen rom` makes it for `mpremote romfs deploy`.
"""

import argparse
import base64
import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateprov.errors import ImageError, ProvisionError
from gateprov.flasher import WIPE
from gateprov.image import LIB
from gateprov.line import Line

BLOCK = 4096
CHUNK = 1024  # whole pages, and what one command carries
DONE, FAILED = 0, 2
Progress = Callable[[int, int], None]

# The first partition, or None: firmware without ROM file system, none in its flash, or one that is no block device.
FIND = """
import vfs
try:
 _d=vfs.rom_ioctl(2,0) if vfs.rom_ioctl(1)>0 else None
except AttributeError:
 _d=None
if not hasattr(_d,'writeblocks'):_d=None
"""
HELD = """
import hashlib
from binascii import hexlify as _x
print(_x(hashlib.sha256(memoryview(_d)[:{size}]).digest()).decode())
"""
WIPE_LIB = f"""
import os
{WIPE}
try:_wipe('/lib')
except OSError:pass
"""


def image(program: Mapping[str, bytes]) -> bytes:
    """The program, by its path below /lib, as a ROM file system that has it below lib."""
    from mpremote.romfs import VfsRomWriter

    writer = VfsRomWriter()
    writer.opendir(LIB.strip("/"))
    for folder in sorted({path.rpartition("/")[0] for path in program}):
        if folder:
            writer.opendir(folder)
        for path, data in sorted(program.items()):
            if path.rpartition("/")[0] == folder:
                writer.mkfile(path.rpartition("/")[2], data)
        if folder:
            writer.closedir()
    writer.closedir()
    return bytes(writer.finalise())


def room(line: Line) -> int:
    """Bytes of the board's ROM partition; 0 if its firmware has none."""
    return int(line.run(FIND + "print(0 if _d is None else _d.ioctl(4,0)*_d.ioctl(5,0))"))


def deploy(line: Line, program: Mapping[str, bytes], progress: Progress) -> bool:
    """Brings the program into the board's ROM partition, verified by its digest there; False if it was there already.

    The chip is restarted, so that its firmware mounts what is new. ImageError if it does not fit or does not verify.
    """
    made = image(program)
    has = room(line)
    if len(made) > has:
        raise ImageError(
            f"{line.port}: the ROM partition has {has // 1024} KiB and the program takes {-(-len(made) // 1024)}; "
            "build the firmware with a larger one (docs/operations.md)"
        )
    line.run(WIPE_LIB)  # a program in files would be found instead
    digest = hashlib.sha256(made).hexdigest()
    if _held(line, len(made)) == digest:
        return False
    _write(line, made, progress)
    if _held(line, len(made)) != digest:
        raise ImageError(f"{line.port}: the ROM partition does not keep what is written to it; take another board")
    line.reset()
    return True


def _held(line: Line, size: int) -> str:
    return line.run(HELD.format(size=size), timeout=60)


def _write(line: Line, made: bytes, progress: Progress) -> None:
    line.run("try:vfs.umount('/rom')\nexcept OSError:pass\nfrom binascii import a2b_base64 as _u")
    blocks = -(-len(made) // BLOCK)
    for block in range(blocks):
        progress(block, blocks)
        line.run(f"_d.ioctl(6,{block})")
        for offset in range(0, BLOCK, CHUNK):
            at = block * BLOCK + offset
            piece = base64.b64encode(made[at : at + CHUNK].ljust(CHUNK, b"\xff")).decode()
            line.run(f"_d.writeblocks({block},_u('{piece}'),{offset})")
    progress(blocks, blocks)


def main(words: Sequence[str]) -> int:
    """`kaimen rom [--output FILE]`: 0 when the image is written, 2 with what to do when it is not."""
    parser = argparse.ArgumentParser(prog="kaimen rom", description="The boards' program for firmware with a ROM file "
                                     "system, to be written by `mpremote romfs deploy`.")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("kaimen.romfs"), metavar="FILE", help="(kaimen.romfs)")
    given = parser.parse_args(words)
    try:
        from gateprov.image import program

        made = image(program())
        given.output.write_bytes(made)
    except (ProvisionError, OSError) as wrong:
        print(f"kaimen rom: {wrong}", file=sys.stderr)
        return FAILED
    print(f"{given.output}: {len(made)} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}")
    print(f"Write it with: mpremote romfs deploy {given.output}")
    return DONE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
