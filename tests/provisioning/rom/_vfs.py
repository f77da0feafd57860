"""`vfs` of the board on the desk: file systems are told apart by size, and the outer one keeps its own boot.py.

Firmware that was built with a ROM file system has `rom_ioctl`, a partition of flash, and at its start mounts what is
there with the interpreter's own driver: the code in it runs where it lies.
"""

import os

import _wires
import vfs as _real

_OUTER = "/chip/outer.py"
_INNER = "/chip/inner"  # there once the inner file system has been made
_WHOLE = 848 * 1024
_OURS = ("chip", "tmp", "home", "dev", "proc")


class VfsLfs2:
    def __init__(self, device, progsize=32):
        self.size = device.ioctl(4, 0) * 4096

    @staticmethod
    def mkfs(device, progsize=32):
        _wipe("")
        if device.ioctl(4, 0) * 4096 == _WHOLE:
            _forget(_OUTER)
            _forget(_INNER)
        else:
            open(_INNER, "w").close()


def mount(fs, path):
    if fs.size != _WHOLE:
        try:
            os.stat(_INNER)
        except OSError:
            raise OSError(19) from None  # what lies there is no file system
    _now(fs.size)


def umount(path):
    if path == "/rom":
        return _real.umount(path)
    if not os.mounted():
        raise OSError(22)
    if os.mounted() == _WHOLE:
        try:
            os.rename("/boot.py", _OUTER)
        except OSError:
            pass
    _now(0)


def _now(size):
    with open("/chip/mounted", "w") as file:
        file.write(str(size))


def _wipe(path):
    for name, kind, *_ in list(os.ilistdir(path or "/")):
        if not path and name in _OURS:
            continue
        at = path + "/" + name
        if kind & 0x4000:
            _wipe(at)
            os.rmdir(at)
        else:
            os.remove(at)


def _forget(path):
    try:
        os.remove(path)
    except OSError:
        pass


# --- firmware with a ROM file system -------------------------------------------------------

_PARTITION = "/chip/rom.bin"
_ROM_BYTES = 128 * 1024
_BLOCK = 4096


class _Rom(bytearray):
    """The partition: a block device that is also memory, as rp2.Flash is."""

    def ioctl(self, op, argument):
        if op == 6:
            self[argument * _BLOCK : (argument + 1) * _BLOCK] = b"\xff" * _BLOCK
            self._keep()
        return {4: _ROM_BYTES // _BLOCK, 5: _BLOCK}.get(op, 0)

    def writeblocks(self, block, buffer, offset=0):
        if len(buffer) % 256 or offset % 256:
            raise OSError(22)
        at = block * _BLOCK + offset
        for n in range(len(buffer)):
            self[at + n] &= buffer[n]
        self._keep()

    def _keep(self):
        with open(_PARTITION, "wb") as file:
            file.write(self)


def _partition():
    try:
        with open(_PARTITION, "rb") as file:
            return _Rom(file.read())
    except OSError:
        return _Rom(b"\xff" * _ROM_BYTES)


def _rom_ioctl(op, *arguments):
    return 1 if op == 1 else _partition() if op == 2 else -22


def boot():
    """What such firmware does before any file of ours runs."""
    global rom_ioctl
    if "ROM" not in _wires.machine():
        return
    rom_ioctl = _rom_ioctl
    held = _partition()
    if held[:3] == b"\xd2\xcd\x31":
        _real.mount(_real.VfsRom(memoryview(held)), "/rom")
