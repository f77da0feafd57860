"""A NOR flash as a board sees it through the block protocol, and what a power cut in any operation makes of it."""

SECTOR, PAGE = 4096, 256
TEARS = (0, 1, 4, 7, 8)  # eighths of an operation that were done when the power went
Operation = tuple[str, int, bytes]  # "program" or "erase", address, page


class Nor:
    """Programming takes bits away, erasing sets them. A byte programmed twice, or over a page's end, is our fault.

    With `tale` set to a list, every operation is told before it is done: (memory, operation, `mark`).
    """

    def __init__(self, sectors: int, memory: bytes | None = None) -> None:
        self.sectors = sectors
        self.memory = bytearray(b"\xff" * sectors * SECTOR if memory is None else memory)
        self.tale: list[tuple[bytes, Operation, int]] | None = None
        self.mark = 0
        self.broken = False
        self.failing_half = False
        self.reads = self.programs = self.erases = 0

    def readblocks(self, block: int, buffer: bytearray, offset: int = 0) -> None:
        if self.broken:
            raise OSError(5)
        self.reads += 1
        at = block * SECTOR + offset
        assert at + len(buffer) <= len(self.memory)
        buffer[:] = self.memory[at : at + len(buffer)]

    def writeblocks(self, block: int, buffer: bytes, offset: int = 0) -> None:
        """Programs one whole, aligned page, as the rp2 demands."""
        assert offset % PAGE == 0
        assert len(buffer) == PAGE
        at = block * SECTOR + offset
        self._tell(("program", at, bytes(buffer)))
        if self.failing_half:
            self.tear(("program", at, bytes(buffer)), 4)
            raise OSError(5)
        for n in range(PAGE):
            assert buffer[n] == 0xFF or self.memory[at + n] == 0xFF, "a byte is programmed twice"
            self.memory[at + n] &= buffer[n]
        self.programs += 1

    def ioctl(self, op: int, argument: int) -> int | None:
        if op == 6:
            at = argument * SECTOR
            self._tell(("erase", at, b""))
            self.memory[at : at + SECTOR] = b"\xff" * SECTOR
            self.erases += 1
        return 0

    def tear(self, operation: Operation, eighths: int) -> None:
        """Does so much of an operation; the byte after it is half done, after an erase so are the next 64."""
        kind, at, page = operation
        if kind == "program":
            wanted = [n for n in range(PAGE) if page[n] != 0xFF]
            done = len(wanted) * eighths // 8
            for n in wanted[:done]:
                self.memory[at + n] &= page[n]
            for n in wanted[done : done + 1]:
                self.memory[at + n] &= page[n] | 0x55
        else:
            done = SECTOR * eighths // 8
            self.memory[at : at + done] = b"\xff" * done
            for n in range(at + done, min(at + done + 64, at + SECTOR)):
                self.memory[n] |= 0x55

    def _tell(self, operation: Operation) -> None:
        if self.broken:
            raise OSError(5)
        if self.tale is not None:
            self.tale.append((bytes(self.memory), operation, self.mark))
