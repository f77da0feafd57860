"""Raw NOR flash in regions: reading anywhere, programming (1 to 0) within a page, erasing (all to 1) a sector.

The device below speaks MicroPython's extended block protocol, as rp2.Flash and esp32.Partition do. No test here can
show how a real chip takes several programs of one page (whole pages are written, untouched bytes as 0xFF), nor how long
an erase keeps interrupts off: hw/README.md lists both.
"""

from gateboard.errors import FlashError
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

SECTOR = 4096
PAGE = 256
ERASE = 6  # ioctl
_BLANK_PAGE = b"\xff" * PAGE
_page = bytearray(_BLANK_PAGE)  # the one page being programmed, blank between two: not a new one each time
_seen = memoryview(bytearray(PAGE))  # what was read last


class Region:
    """`count` sectors from sector `first` of a device; addresses count from the region's start."""

    def __init__(self, device: "Any", first: int, count: int) -> None:
        self._device = device
        self._first = first
        self.count = count

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes from `at`."""
        return bytes(self.view(at, size))

    def view(self, at: int, size: int) -> memoryview:
        """The same, good until the next `view` or `read`."""
        buffer = _seen[:size] if size <= PAGE else memoryview(bytearray(size))
        self.read_into(at, buffer)
        return buffer

    def read_into(self, at: int, buffer: "bytearray | memoryview") -> None:
        """Fills `buffer` from `at`, without taking memory."""
        try:
            self._device.readblocks(self._first + at // SECTOR, buffer, at % SECTOR)
        except OSError:
            raise FlashError("read")

    def program(self, at: int, first: "bytes | bytearray", second: "bytes | bytearray" = b"") -> None:
        """Writes both, one after another, onto bytes that are still 0xFF; one operation for each page touched."""
        at = self._fill(self._fill(at, first), second)
        if at % PAGE:
            self._put(at - at % PAGE)

    def _fill(self, at: int, data: "bytes | bytearray") -> int:
        """Lays data into the page, programs each that is full; where it ends."""
        done = 0
        while done < len(data):
            size = min(len(data) - done, PAGE - at % PAGE)
            _page[at % PAGE : at % PAGE + size] = data if size == len(data) else data[done : done + size]
            done += size
            at += size
            if at % PAGE == 0:
                self._put(at - PAGE)
        return at

    def _put(self, at: int) -> None:
        try:
            self._device.writeblocks(self._first + at // SECTOR, _page, at % SECTOR)
        except OSError:
            raise FlashError("program")
        finally:
            _page[:] = _BLANK_PAGE

    def erase(self, sector: int) -> None:
        """Makes a sector blank; about 45 ms, up to 400."""
        try:
            self._device.ioctl(ERASE, self._first + sector)
        except OSError:
            raise FlashError("erase")

    def blank(self, at: int, end: int) -> bool:
        """Whether at .. end is erased."""
        while at < end:
            size = min(PAGE, end - at)
            if self.read(at, size) != b"\xff" * size:
                return False
            at += size
        return True


def open_device(chip: str) -> "Any":
    """The part of the flash that is ours: the end of the rp2's file area, or the esp32's partition `kaimen`."""
    if chip == "rp2":
        import rp2

        return rp2.Flash()
    import esp32

    return esp32.Partition.find(esp32.Partition.TYPE_DATA, label="kaimen")[0]
