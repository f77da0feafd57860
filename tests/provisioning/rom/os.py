"""`os` as a board has it: what the WebAssembly build lacks, beside what it has."""

import binascii

import _wires
from uos import *


def urandom(size):
    return binascii.unhexlify(_wires.random(size))


def uname():
    return _Uname(("rp2", "rp2", "1.29.0", "v1.29.0", _wires.machine()))


class _Uname(tuple):
    @property
    def machine(self):
        return self[4]


def mounted():
    try:
        with open("/chip/mounted") as file:
            return int(file.read())
    except OSError:
        return 848 * 1024


def statvfs(path):
    if not mounted():
        raise OSError(19)
    free = int(_wires.free()) // 4096
    return (4096, 4096, mounted() // 4096, free, free, 0, 0, 0, 0, 255)


def sync():
    pass
