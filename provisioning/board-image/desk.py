# The board's end of `kaimen provision`: called line by line in the raw REPL, each call prints one line. What a board
# believes and signs is gateboard's own program; the laptop carries bytes and learns no secret.
import json
import os
import time
from binascii import hexlify, unhexlify

from gateboard import bench, keys, main, settings
from gateboard.flash import SECTOR
from gateboard.lock import Lock
from gateboard.notes import Note
from gateboard.session import Session
from gateboard.wires import NAMES, Inputs, Keypad
from gatecore.ed25519 import verify
from gatecore.keypad import Matrix
from gatecore.records import Cert
from gatecore.sign import key_id
from gatecore.wire import open_sign1

ASKED = "/asked.cbor"
SCAN_MS = 5
ENOUGH = 400  # steps of work in one call, so that no call is silent for long


class Desk:
    """One board being set up."""

    def __init__(self):
        self._values = settings.read(main.SETTINGS_FILE)
        self._areas = bench.areas()

    # --- who it is ------------------------------------------------------------------------

    def who(self):
        """Public key, slot and estate once let in, a request that waits for its answer; "" for what is not there."""
        kept = keys.load(Note(self._areas.keys))
        public = hexlify(kept.public).decode() if kept else ""
        estate = hexlify(kept.estate or b"").decode() if kept else ""
        asked = hexlify(_read(ASKED)).decode()
        print(json.dumps({"public": public, "slot": _slot(kept), "estate": estate, "asked": asked}))

    def make(self, seed):
        """A new device: nothing of what this board was before stays, then a key out of both sides' randomness."""
        _forget(ASKED)
        areas = self._areas
        for region in (areas.log, areas.memory, areas.saved, areas.keys) + areas.states:
            for sector in range(region.count):
                if not region.blank(sector * SECTOR, (sector + 1) * SECTOR):
                    region.erase(sector)
        print(bench.make_key(unhexlify(seed), os.urandom))

    def ask(self, claim):
        """The request for the claim's slot; kept, so that the same bytes are sent after a pulled cable."""
        asked = bench.request(unhexlify(claim), self._values["board"]["name"], os.urandom)
        with open(ASKED, "wb") as file:
            file.write(unhexlify(asked))
        print(asked)

    def digits(self, claim):
        """The six digits, worked out here."""
        print(bench.digits(_read(ASKED), unhexlify(claim)))

    def accept(self, claim, answer, authority):
        """Believes the estate's answer to this very request, and only then keeps who it is."""
        slot = bench.believe(unhexlify(answer), _read(ASKED), unhexlify(claim), unhexlify(authority), os.urandom)
        _forget(ASKED)
        print(slot)

    # --- what its wires do ----------------------------------------------------------------

    def wire(self):
        """Takes the pins; the lock first, at its start level."""
        board = self._values["board"]
        self._lock = Lock(board["lock"], -1 if board["chip"] == "rp2" else 0)
        self._keypad, self._inputs, self._matrix = Keypad(board["keypad"]), Inputs(board["inputs"]), Matrix()
        print("ok")

    def keys(self, ms):
        """Keys that went down within so many ms, debounced as a door does it."""
        found, began = "", time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), began) < ms:
            found += self._matrix.scan(self._keypad.read(), time.ticks_ms()) or ""
            time.sleep_ms(SCAN_MS)
        print(found or "-")

    def click(self, ms):
        """Energises the lock as a grant does, and lets it fall whatever happens."""
        try:
            self._lock.unlock(ms)
            time.sleep_ms(ms)
        finally:
            self._lock.close()
        print("ok")

    def inputs(self):
        """What each input says now."""
        yes = self._inputs.read()
        print(json.dumps({NAMES[n]: bool(yes >> n & 1) for n in range(len(NAMES))}))

    # --- one connection, the cable instead of the radio --------------------------------------

    def dial(self):
        """The door's own program, started on its own flash, and its own session; prints the frames to send."""
        self._board = main.build(self._values, os.urandom)
        self._board.start()
        self._session = Session(self._board.parts)
        self._tell()

    def hear(self, frame):
        """Gives the session a frame of the host's; empty for none. Prints what it says, and how far it is."""
        if frame:
            self._session.receive(unhexlify(frame))
        steps = 0
        while steps < ENOUGH and self._session.work():
            steps += 1
            if self._board.ports.shelf.wants_tidy:
                self._board.ports.shelf.tidy()
        self._session.due()
        self._tell()

    def _tell(self):
        board, session = self._board, self._session
        out = [hexlify(frame).decode() for frame in session.out]
        session.out.clear()
        held, ring = board.ports.shelf.state, board.ports.ring
        print(json.dumps({"seq": ring.chain.seq, "acked": ring.acked, "version": held.version, "frames": out}))

    def clock(self):
        """Sets the battery clock by the host's signed time, and reads it: UTC in ms, null if it does not run."""
        now = self._board.now()
        if now.quality > 2:
            self._board.ports.battery.write(now.utc)
        print(json.dumps(self._board.ports.battery.read()))


def _slot(kept):
    if not kept or kept.cert is None:
        return ""
    return Cert.from_wire(open_sign1(kept.cert, key_id(kept.estate), kept.estate, verify)).slot


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _forget(path):
    try:
        os.remove(path)
    except OSError:
        pass
