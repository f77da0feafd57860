"""`vfs` of the board on the desk: file systems are told apart by size, and the outer one keeps its own boot.py."""

import os

_OUTER = "/rom/outer.py"
_WHOLE = 848 * 1024
_OURS = ("rom", "tmp", "home", "dev", "proc")


class VfsLfs2:
    def __init__(self, device, progsize=32):
        self.size = device.ioctl(4, 0) * 4096

    @staticmethod
    def mkfs(device, progsize=32):
        _wipe("")
        if device.ioctl(4, 0) * 4096 == _WHOLE:
            _forget(_OUTER)


def mount(fs, path):
    with open("/rom/mounted", "w") as file:
        file.write(str(fs.size))


def umount(path):
    if os.mounted() == _WHOLE:
        try:
            os.rename("/boot.py", _OUTER)
        except OSError:
            pass


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
