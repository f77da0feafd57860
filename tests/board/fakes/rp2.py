"""The flash of a Pico: what is on it outlives a restart of the board."""

SECTOR = 4096
SECTORS = 96
memory = bytearray(b"\xff" * SECTOR * SECTORS)


class Flash:
    def readblocks(self, block, buffer, offset=0):
        at = block * SECTOR + offset
        for n in range(len(buffer)):  # no slice: the chip's driver is C and takes no memory, which is measured here
            buffer[n] = memory[at + n]

    def writeblocks(self, block, buffer, offset=0):
        if offset % 256 or len(buffer) != 256:
            raise OSError(22)
        at = block * SECTOR + offset
        for n in range(256):
            memory[at + n] &= buffer[n]

    def ioctl(self, op, argument):
        if op == 4:
            return SECTORS
        if op == 6:
            memory[argument * SECTOR : (argument + 1) * SECTOR] = b"\xff" * SECTOR
        return 0
