"""`os` as a board has it: what the WebAssembly build lacks, beside what it has."""

import binascii

import _wires
from uos import *
from uos import statvfs as _statvfs


def urandom(size):
    return binascii.unhexlify(_wires.random(size))


def uname():
    return _Uname(("rp2", "rp2", "1.29.0", "v1.29.0", _wires.machine()))


class _Uname(tuple):
    @property
    def machine(self):
        return self[4]


def statvfs(path):
    free = int(_wires.free()) // 4096
    return (4096, 4096, 212, free, free, 0, 0, 0, 0, 255)


def sync():
    pass
