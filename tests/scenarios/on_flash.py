"""The same stories at a door whose log, memory and state lie on a board's flash, and are read back from there.

Every entry goes through the ring and comes back before it is chained; each state is streamed, swapped and looked up on
flash; a power cut keeps nothing but the flash. One byte that differs from a unit's is another line or another head.
"""

from scenarios.player import DEVICE, Player

from gateboard.flash import SECTOR, Region
from gateboard.notes import Note
from gateboard.ring import Ring
from gateboard.shelf import Shelf
from gatecore import events as e
from gatecore import state
from gatecore.records import Private
from gatecore.throttle import Memory

NOT_HERE = (state.FACES, state.SEAL_TO)  # the stories have faces, so this board keeps people


class Flash:
    """Flash that works."""

    def __init__(self, sectors):
        self._memory = bytearray(b"\xff" * (sectors * SECTOR))

    def readblocks(self, block, buffer, offset=0):
        at = block * SECTOR + offset
        buffer[:] = self._memory[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * SECTOR + offset
        for n in range(len(buffer)):
            self._memory[at + n] &= buffer[n]

    def ioctl(self, op, argument):
        if op == 6:
            self._memory[argument * SECTOR : (argument + 1) * SECTOR] = b"\xff" * SECTOR
        return 0


class OnFlash(Player):
    """A Player that remembers nothing but what is on its flash."""

    def __init__(self):
        super().__init__()
        self._flash = Flash(24)
        self._mount()

    def _mount(self):
        self._salts = 0
        self._ring = Ring(Region(self._flash, 0, 4), DEVICE.public, self._salt)
        self._note = Note(Region(self._flash, 4, 4))
        self._shelf = Shelf((Region(self._flash, 8, 8), Region(self._flash, 16, 8)), NOT_HERE)

    def _salt(self, n):
        self._salts += 1
        return self._salts.to_bytes(n, "big")

    def _append(self, log):
        self._ring.tidy(self.now())
        self._ring.append(self.now(), log.typ, log.pub, log.subject, log.detail)
        steps = self._ring.batch(self._ring.chain.seq - 1, 1)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                _, entries, privates, _ = end.value
                break
        back = _read_back(entries[0], privates[0])
        Player._append(self, back)

    def do(self, event):
        effects = Player.do(self, event)
        for effect in effects:
            if isinstance(effect, e.Remember):
                self._note.write(effect.data)
                self._note.tidy()
        return effects

    def take_state(self):
        self.version += 1
        self._shelf.begin([bytes([self.version])])
        for kind in sorted(self.rows):
            for chunk in state.chunks(kind, self.rows[kind]):
                self._shelf.add(chunk)
        return self.do(e.StateTaken(self._shelf.swap(1, self.version)))

    def reboot(self):
        if self.memory == b"spoilt":
            self._note.write(self.memory)
        self.boot, self.start, self.mono = self.boot + 1, self.start + self.mono, 0
        self._mount()
        self.door = self.made(self._shelf.state, Memory.restore(self._note.data))
        return self.do(e.Booted())


def _read_back(data, private):
    """What an entry and its private half say, as the effect that made them."""
    from gatecore.records import Entry

    entry = Entry.from_wire(data)
    told = None if private is None else Private.from_wire(private)
    return e.Log(entry.typ, entry.pub, told and told.subject, told and told.detail)
