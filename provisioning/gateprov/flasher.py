"""The program onto the board: the flash divided, files copied, every one verified by its digest as the board reads it.

The start file goes first and comes back last, so a cable pulled at any moment leaves a board that starts to its prompt
with the lock at rest. What is there and right is not copied again: the same command goes on where it stopped.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateprov import image, partition
from gateprov.boards import Board, find, names, read
from gateprov.chips import ESP32
from gateprov.errors import ImageError, PortError
from gateprov.image import LIB, START, Image
from gateprov.line import Line

OLDEST = (1, 24)
MPY_VERSION = 6
Progress = Callable[[int, int], None]

LOOK = """
import sys,os,json
v=sys.implementation
print(json.dumps([v[0],list(v[1])[:3],getattr(v,'_mpy',0)&255,os.uname()[4],os.uname()[0]]))
"""
WIPE = """
def _wipe(path):
 for name,kind,*_ in list(os.ilistdir(path)):
  at=path+'/'+name
  if kind&0x4000:
   _wipe(at)
   os.rmdir(at)
  else:os.remove(at)
"""
STRANGERS = """
def _strangers(known):
 for folder in ('/lib/gatecore','/lib/gateboard'):
  try:
   found=[folder+'/'+one[0] for one in os.ilistdir(folder)]
  except OSError:
   found=[]
  for path in found:
   if path not in known:os.remove(path)
 for name in ('/gatecore','/gateboard'):
  try:_wipe(name)
  except OSError:pass
  else:os.rmdir(name)
"""
# Blocks of what is mounted; none where a cut left a boot file that mounts what was not made any more.
DIVIDED = """
import json,os
try:s=os.statvfs('/')
except OSError:s=(0,0,0)
print(json.dumps([s[0],s[2]]))
"""
DIVIDE = """
import rp2,vfs
d=rp2.Flash()
try:vfs.umount('/')
except OSError:pass
vfs.VfsLfs2.mkfs(d,progsize=256)
vfs.mount(vfs.VfsLfs2(d,progsize=256),'/')
f=open('/boot.py','wb')
f.write({boot!r})
f.close()
f=open('/boot.py','rb')
ok=f.read()=={boot!r}
f.close()
vfs.umount('/')
i=rp2.Flash(start={outer},len={files})
vfs.VfsLfs2.mkfs(i,progsize=256)
vfs.mount(vfs.VfsLfs2(i,progsize=256),'/')
print(ok)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What answers at the other end of the line."""

    version: tuple[int, ...]
    machine: str
    port: str

    @property
    def firmware(self) -> str:
        """For the acceptance sheet."""
        return f"MicroPython {'.'.join(str(part) for part in self.version)}"


def look(line: Line) -> Found:
    """What the board is; PortError if it is no MicroPython we can use."""
    name, version, mpy, machine, port = json.loads(line.run(LOOK))
    if name != "micropython" or tuple(version) < OLDEST or mpy != MPY_VERSION:
        shown = ".".join(str(part) for part in version)
        raise PortError(
            f"{line.port}: this is {name} {shown}; write MicroPython {OLDEST[0]}.{OLDEST[1]} or newer onto the board"
        )
    return Found(tuple(version), machine, port)


def board_for(found: Found, chosen: str | None) -> Board:
    """The board file for what answered: the one named, or the one shipped; PortError if it is another board."""
    for name in [chosen] if chosen is not None else names():
        board = read(find(name))
        if any(known in found.machine for known in board.chip.machines):
            return board
    if chosen is not None:
        raise PortError(
            f"{chosen}: is for another board than the {found.machine} on this port; change --board or --serial"
        )
    raise PortError(f"there are no pins for a {found.machine}; write a board file and name it with --board FILE.toml")


def stop_what_runs(line: Line) -> None:
    """A board in service has a watchdog that cannot be stopped: its start file goes, and the chip starts anew."""
    if line.digests([START])[START] != "-":
        line.run(f"import os\nos.remove({START!r})")
        line.reset()


def divide(line: Line, board: Board) -> bool:
    """Gives program and raw area their parts of the flash; False if they have them already."""
    if board.chip.name == ESP32:  # the raw area is a partition of its own there
        partition.check(line, board, Path("kaimen-partitions.bin"))
        return False
    size = int(line.run("import rp2,os\nprint(rp2.Flash().ioctl(4,0)*4096)"))
    files = image.file_area(board, size)
    here = json.loads(line.run(DIVIDED))
    if here[0] * here[1] == files:
        return False
    boot = image.boot(files)
    if line.run(DIVIDE.format(boot=boot, outer=image.OUTER, files=files), timeout=60) != "True":
        raise ImageError(f"{line.port}: the flash does not keep what is written to it; take another board")
    return True


def copy(line: Line, made: Image, progress: Progress) -> int:
    """Brings every file onto the board; how many were copied. ImageError, and no start file, if one does not verify."""
    wanted = made.digests()
    paths = list(made.files)
    line.run("import os\n" + WIPE + STRANGERS)
    line.run(f"_strangers({[path for path in paths if path.startswith(LIB)]!r})")
    held = line.digests(paths)
    lacking = [path for path in paths if held[path] != wanted[path]]
    _check_room(line, made, lacking)
    _make_folders(line, paths)
    for number, path in enumerate(lacking):
        progress(number, len(lacking))
        line.write(path, made.files[path])
    progress(len(lacking), len(lacking))
    verify(line, {path: wanted[path] for path in paths})
    return len(lacking)


def verify(line: Line, wanted: dict[str, str]) -> None:
    """ImageError naming the first file that is not, byte for byte, what was sent."""
    held = line.digests(list(wanted))
    for path, digest in wanted.items():
        if held[path] != digest:
            raise ImageError(
                f"{line.port}: {path} is not on the board as it was sent; run this again, or take another board"
            )


def finish(line: Line, made: Image) -> None:
    """The start file, verified; from now on the board is a door."""
    line.write(START, made.start)
    verify(line, {START: made.digests()[START]})


def _check_room(line: Line, made: Image, lacking: list[str]) -> None:
    block, free = json.loads(line.run("import json\ns=os.statvfs('/')\nprint(json.dumps([s[0],s[3]]))"))
    needed = sum(-(-len(made.files[path]) // block) for path in lacking) + 4
    if needed > free:
        raise ImageError(
            f"{line.port}: the flash is full: {needed * block // 1024} KiB are needed and {free * block // 1024} KiB "
            "are free; remove files that are not ours, or use --fresh"
        )


def _make_folders(line: Line, paths: list[str]) -> None:
    folders = sorted({path.rsplit("/", 1)[0] for path in paths} - {""})
    line.run(f"for p in {folders!r}:\n try:os.mkdir(p)\n except OSError:pass")
