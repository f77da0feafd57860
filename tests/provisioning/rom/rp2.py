"""`rp2.Flash` of the board on the desk: NOR flash in a file, which survives resets as the chip's does."""

_FILE = "/chip/flash.bin"
_SIZE = 848 * 1024
_SECTOR = 4096
try:
    open(_FILE, "rb").close()
except OSError:
    with open(_FILE, "wb") as _new:
        for _ in range(_SIZE // _SECTOR):
            _new.write(b"\xff" * _SECTOR)


class Flash:
    def __init__(self, start=0, len=_SIZE):
        self._start, self._len = start, len

    def readblocks(self, block, buffer, offset=0):
        with open(_FILE, "rb") as file:
            file.seek(self._start + block * _SECTOR + offset)
            file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        at = self._start + block * _SECTOR + offset
        with open(_FILE, "r+b") as file:
            file.seek(at)
            was = file.read(len(buffer))
            file.seek(at)
            file.write(bytes(a & b for a, b in zip(was, buffer)))

    def ioctl(self, what, block):
        if what == 4:
            return self._len // _SECTOR
        if what == 5:
            return _SECTOR
        if what == 6:
            with open(_FILE, "r+b") as file:
                file.seek(self._start + block * _SECTOR)
                file.write(b"\xff" * _SECTOR)
            return 0
        return None
