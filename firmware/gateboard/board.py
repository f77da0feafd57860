"""One door on a board, without waiting: ports become events, `gatecore.door.step` decides, effects become ports.

One turn looks at keypad and wires, carries out what happened, and does at most one piece of what takes long: a step of
a signature, or one sector erased while nobody types. While nothing happens a turn allocates nothing.
"""

from gateboard.carry import Carrier
from gateboard.errors import FlashError
from gateboard.session import Checked, Parts
from gateboard.wires import CONTACT, EXIT, FIRE
from gatecore import events
from gatecore.clock import NOTED_STEP_MS, Clock
from gatecore.compat import TYPE_CHECKING
from gatecore.door import Door, noted
from gatecore.ed25519 import Signer
from gatecore.errors import GateError
from gatecore.keypad import DEBOUNCE_MS, Matrix
from gatecore.records import ALARM, UINT, fits
from gatecore.throttle import Memory
from gatecore.trust import Trust
from gatecore.wire import decode, encode

if TYPE_CHECKING:
    from typing import Any

    from gateboard.keys import Kept
    from gateboard.link import Link
    from gatecore.clock import Now
    from gatecore.compat import Random
    from gatecore.events import Told

TICK_MS = 250
SAVE_MS = 3_600_000  # how often the clock's floor is written
BATTERY_MS = 60_000
QUIET_MS = 3_000  # within this time of a key nothing is begun that keeps the next one unread
LOUD_MS = 20_000  # who holds a key down or types for ever puts it off no longer: once in this time
NO_ESTATE = bytes(32)  # a point of small order: no signature holds under it


class Ports:
    """What a board touches: `mono()` ms since start (main.Ticks), lock, keypad, inputs, signals, battery clock, and its
    flash: the log's ring, the shelf of states, the notes of memory and clock. `reader` is None where none is wired."""

    def __init__(
        self, mono: "Any", lock: "Any", keypad: "Any", inputs: "Any", signals: "Any", battery: "Any",
        ring: "Any", shelf: "Any", memory: "Any", saved: "Any", reader: "Any" = None,
    ) -> None:  # fmt: skip
        self.mono = mono
        self.lock = lock
        self.keypad = keypad
        self.inputs = inputs
        self.signals = signals
        self.battery = battery
        self.ring = ring
        self.shelf = shelf
        self.memory = memory
        self.saved = saved
        self.reader = reader


class Board:
    """Construct, `start()`, then `turn()` for ever. `link` is set once there is a host to dial."""

    def __init__(self, ports: Ports, kept: "Kept", random: "Random") -> None:
        self.ports = ports
        boot, floor, self.address = _saved(ports.saved.data)
        self.clock = Clock(max(boot, ports.ring.boot) + 1, floor)
        checked = Checked()
        self.trust = Trust(ports.ring.chain.dev, kept.estate or NO_ESTATE, checked, random)
        if kept.keys is not None and kept.estate is not None:
            checked.known(kept.keys, kept.estate)
            self.trust.accept_keys(kept.keys)
        memory = Memory.restore(b"" if ports.memory.spoilt else ports.memory.data)
        self.door = Door(ports.shelf.state, memory, self.trust, random)
        self.carrier = Carrier(ports.lock, ports.signals, ports.ring, ports.memory)
        self.parts = Parts(
            self.clock, ports.mono, self.trust, checked, Signer(kept.secret), ports.ring, ports.shelf, random,
            self.post, self.is_failing, self.is_quiet,
        )  # fmt: skip
        self.link: "Link | None" = None
        self._matrix = Matrix()
        self._bitmap = self._levels = 0  # keys seen, keys settled, wires settled
        self._wires, self._moved = 0, [0] * 4
        self._settling = False
        self._asked = self._quiet_at = self._kept_at = ports.mono()
        self._typed = self._asked - QUIET_MS
        self._failed = False

    def is_failing(self) -> bool:
        """Whether storage does not take what it is given."""
        return self.carrier.failing

    def is_quiet(self) -> bool:
        """Whether something may be done now that takes long: nobody types, nothing is held down or before the reader,
        or that has been so for LOUD_MS."""
        mono = self.ports.mono()
        reader = self.ports.reader
        down = self._bitmap or (reader is not None and reader.busy)
        if mono - self._typed < (LOUD_MS if down else QUIET_MS) and mono - self._quiet_at < LOUD_MS:
            return False
        self._quiet_at = mono
        return True

    def start(self) -> None:
        """The first entry of this boot."""
        self._save()
        self._ask_battery()
        self.post(events.Booted())

    def post(self, event: "Told") -> None:
        """Takes an event and carries out at once what the door answers."""
        now = self.now()
        self.carrier.carry(self.door.step(event, now), now)

    def now(self) -> "Now":
        """The instant as this door knows it."""
        return self.clock.now(self.ports.mono())

    def turn(self) -> None:
        """Once round: a few ms, or 45 when a sector is erased."""
        self.scan()
        ticked = self.ports.mono.passed(TICK_MS)
        if ticked:
            self._tick(self.ports.mono())
        link = self.link
        ports = self.ports  # not both at once: that would be a tuple, each turn
        if link is not None:
            link.step(ticked)
            if link.work() and not ports.shelf.wants_tidy:
                return
        if ports.shelf.wants_tidy or ports.ring.wants_tidy or ports.memory.wants_tidy or ports.saved.wants_tidy:
            self._tidy()

    def scan(self) -> None:
        """Keypad and wires. Allocates nothing while nothing moves."""
        bitmap = self.ports.keypad.read()
        wires = self.ports.inputs.read()
        if bitmap != self._bitmap or self._settling:
            self._keys(bitmap)
        if wires != self._wires or wires != self._levels:
            self._wired(wires)
        if self.ports.reader is not None:
            self._read()

    def _keys(self, bitmap: int) -> None:
        mono = self.ports.mono()
        if bitmap != self._bitmap:
            self._bitmap, self._typed = bitmap, mono
        key = self._matrix.scan(bitmap, mono)
        self._settling = mono - self._typed <= 2 * DEBOUNCE_MS
        if key:
            self.post(events.Key(key))

    def _read(self) -> None:
        told = self.ports.reader.read()
        if told is not None:
            self._typed = self.ports.mono()
            self.post(told)

    def _wired(self, wires: int) -> None:
        """Each wire settles by itself: a contact that chatters keeps nobody's exit button unheard."""
        mono, moved = self.ports.mono(), wires ^ self._wires
        self._wires = wires
        for n in (2, 1, 3, 0):  # who leaves is known before the leaf that opens
            bit = 1 << n
            if moved & bit:
                self._moved[n] = mono
            elif (wires ^ self._levels) & bit and mono - self._moved[n] >= DEBOUNCE_MS:
                self._levels ^= bit
                self._settled(bit, bool(wires & bit))

    def _settled(self, wire: int, on: bool) -> None:
        if wire == FIRE:
            self.post(events.Fire(on))
        elif wire == CONTACT:
            self.post(events.Contact(on))
        elif on:
            self.post(events.Exit() if wire == EXIT else events.Tamper())

    def _tick(self, mono: int) -> None:
        self.post(events.Tick())
        self.ports.signals.step(mono)
        if self.carrier.failing != self._failed:
            self._failed = self.carrier.failing
            self.post(events.Stored(not self._failed))
        if mono - self._asked >= BATTERY_MS:
            self._asked = mono
            self._ask_battery()
        link = self.link
        if link is not None and link.up and link.address != self.address:
            self.address = link.address
            self._save()
        if mono - self._kept_at >= SAVE_MS:
            self._save()

    def _tidy(self) -> None:
        """One sector erased ahead, in the quiet."""
        ports = self.ports
        if not self.is_quiet():
            return
        try:
            if ports.shelf.wants_tidy:
                ports.shelf.tidy()
            elif ports.ring.wants_tidy:
                if ports.ring.tidy(self.now()) is not None:
                    self._full()
            elif ports.memory.wants_tidy:
                ports.memory.tidy()
            elif ports.saved.wants_tidy:
                ports.saved.tidy()
        except FlashError:
            self.carrier.failing = True

    def _full(self) -> None:
        """The log had to drop entries the host never had: its gap entry is written, now the alarm, as a unit's."""
        alarm = [noted(ALARM, events.ALERT_LOG_FULL), events.Alert(events.ALERT_LOG_FULL, "")]
        self.carrier.carry(alarm, self.now())

    def _ask_battery(self) -> None:
        utc = self.ports.battery.read()
        if utc is None:
            return
        step = self.clock.battery(utc, self.ports.mono())
        if step is not None and abs(step) > NOTED_STEP_MS:
            self.post(events.Stepped(step, self.now().quality))

    def _save(self) -> None:
        """Boot count, floor and the host's address, and the battery clock set by a better one."""
        self._kept_at = self.ports.mono()
        try:
            self.ports.saved.write(encode([self.clock.boot, self.clock.keep_floor(self._kept_at), self.address]))
        except FlashError:
            self.carrier.failing = True
        now = self.now()
        if now.quality > 2 and now.utc is not None:
            self.ports.battery.write(now.utc)


def _saved(data: "bytes | None") -> "tuple[int, int | None, Any]":
    """Boot count and floor of the last run, and where the host was; nothing is known where the record is missing or
    spoilt. A program before this one kept no address."""
    try:
        value = None if data is None else decode(data)
    except GateError:
        return 0, None, None
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not fits(value[0], UINT):
        return 0, None, None
    at = value[2] if len(value) == 3 and isinstance(value[2], list) else None
    return value[0], value[1] if fits(value[1], UINT) else None, None if at is None else tuple(at)
