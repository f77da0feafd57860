"""Small records that must survive a power cut (identity, the throttle's memory, the clock): two slots of raw flash.

Within a slot a new record goes behind the last one, page by page, until there is no room; then the other slot, blank by
then, is taken, and the old one is erased while the door is idle. The newest whole record counts:

    "KN" number:u32 size:u16 crc32:u32, data
"""

import binascii
import struct

from gateboard.errors import FlashError
from gateboard.flash import PAGE, SECTOR
from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from gateboard.flash import Region

_MAGIC = b"KN"
_HEAD = 12


class Note:
    """One record in a region of an even number of sectors. `data` is what is kept, None if nothing ever was."""

    def __init__(self, region: "Region") -> None:
        self._region = region
        self._size = region.count // 2 * SECTOR
        self._number = 0
        self._mark = bytearray(_HEAD)
        self._marked = memoryview(self._mark)[:8]  # what the checksum is over
        self._slot = 1  # so that the first record goes to slot 0
        self._at = self._size
        self.data: "bytes | None" = None
        self.spoilt = False  # something was written here once, and nothing can be read
        self._mount()
        self._unclean = region.count // 2  # sectors of the other slot still to be erased: after a start, all

    @property
    def wants_tidy(self) -> bool:
        """Whether `tidy` has something to do."""
        return self._unclean > 0

    def tidy(self) -> None:
        """Erases one sector of the slot not in use; about 45 ms."""
        if self._unclean:
            self._region.erase((1 - self._slot) * (self._region.count // 2) + self._unclean - 1)
            self._unclean -= 1

    def write(self, data: bytes) -> None:
        """Replaces the record; durable when this returns. FlashError, and the old one kept, if it cannot be."""
        size = _HEAD + len(data)
        if size > self._size:
            raise FlashError("long")
        if self._at + size > self._size:
            while self._unclean:
                self.tidy()
            self._slot, self._at, self._unclean = 1 - self._slot, 0, self._region.count // 2
        at = self._slot * self._size + self._at
        self._at += size + (-size) % PAGE
        self._number += 1
        struct.pack_into(">2sIH", self._mark, 0, _MAGIC, self._number, len(data))
        crc = binascii.crc32(data, binascii.crc32(self._marked))
        struct.pack_into(">I", self._mark, 8, crc)
        self._region.program(at, self._mark, data)
        self.data = data

    def _mount(self) -> None:
        for slot in range(2):
            at = 0
            while at + _HEAD <= self._size:
                at = self._look(slot, at)
        if self._number == 0:
            self.spoilt = not self._region.blank(0, self._region.count * SECTOR)
            self._at = self._size  # nothing is programmed where something unreadable may lie

    def _look(self, slot: int, at: int) -> int:
        """Takes a newer record at `at`, if there is one; the next place to look."""
        start = slot * self._size + at
        head = self._region.read(start, _HEAD)
        number, size = int.from_bytes(head[2:6], "big"), int.from_bytes(head[6:8], "big")
        if head[:2] == _MAGIC and at + _HEAD + size <= self._size:
            data = self._region.read(start + _HEAD, size)
            if binascii.crc32(head[:8] + data).to_bytes(4, "big") == head[8:]:
                end = at + _HEAD + size
                end += (-end) % PAGE
                if number > self._number:
                    self._number, self._slot, self._at, self.data = number, slot, self._free(slot, end), data
                return end
        return at + PAGE

    def _free(self, slot: int, at: int) -> int:
        """The first page from `at` after which the slot is blank."""
        for page in range(self._size - PAGE, at - 1, -PAGE):
            if not self._region.blank(slot * self._size + page, slot * self._size + page + PAGE):
                return page + PAGE
        return at
