# The board's side of `kaimen provision`: it makes its own key, asks and believes for itself, and shows its wires.
# The laptop at the other end of the cable carries bytes; it learns no secret. Called line by line in the raw REPL, each
# call prints one line.
import json
import os
import time
from binascii import hexlify, unhexlify

from gateboard import keys, settings
from gateboard.flash import Region, open_device
from gateboard.lock import Lock
from gateboard.notes import Note
from gateboard.ring import Ring
from gateboard.rtc import BatteryClock
from gateboard.wires import NAMES, Inputs, Keypad
from gatecore import ed25519, enrol, frames
from gatecore.clock import Now
from gatecore.keypad import Matrix
from gatecore.log import seal
from gatecore.records import BOOT, Claim, Enrol, Enrolled, Hello
from gatecore.sign import equal, key_id, sha256
from gatecore.trust import Trust
from gatecore.wire import open_sign1, sign1

ASKED = "/asked.cbor"
SCAN_MS = 5


class Bench:
    """One board being set up."""

    def __init__(self):
        self.board = settings.read("/settings.json")["board"]
        self._matrix = Matrix()
        device = open_device(self.board["chip"])
        flash, end = self.board["flash"], device.ioctl(4, 0)
        first = end - flash["log"] // 4 - flash["state"] // 2 - 8
        self._note = Note(Region(device, first, 4))
        self._log = Region(device, end - flash["log"] // 4, flash["log"] // 4)
        self._take(keys.load(self._note))

    def _take(self, kept):
        self._kept = kept
        self._signer = ed25519.Signer(kept.secret) if kept else None

    # --- who it is ------------------------------------------------------------------------

    def state(self):
        """Public key, slot once it is enrolled, and a request that waits for its answer; "" for what is not there."""
        public = hexlify(self._kept.public).decode() if self._kept else ""
        print(json.dumps({"public": public, "slot": self._slot(), "asked": hexlify(_read(ASKED)).decode()}))

    def _slot(self):
        kept = self._kept
        return self._trust(kept.estate).accept_cert(kept.cert).slot if kept and kept.cert else ""

    def make(self, seed):
        """A new device: a key of this board's randomness mixed with the laptop's, no certificate, an empty log."""
        secret = sha256(b"kaimen-board-key/1", os.urandom(32), unhexlify(seed))
        _forget(ASKED)
        for sector in range(self._log.count):
            if not self._log.blank(sector * 4096, sector * 4096 + 256):
                self._log.erase(sector)
        self._take(keys.make(self._note, secret))
        print(hexlify(self._kept.public).decode())

    def ask(self, claim):
        """The request for the claim's slot; kept, so that the same bytes are sent after a pulled cable."""
        found = Claim.from_wire(unhexlify(claim))
        asked = enrol.request(found, self._kept.public, None, os.urandom(16), self.board["name"])
        with open(ASKED, "wb") as file:
            file.write(asked.to_wire())
        print(hexlify(asked.to_wire()).decode())

    def digits(self, claim):
        """The six digits, worked out here."""
        print(enrol.digits(Enrol.from_wire(_read(ASKED)), Claim.from_wire(unhexlify(claim)).estate))

    def accept(self, claim, answer, authority):
        """Believes the estate's answer to this very request, and only then keeps who it is."""
        found, asked = Claim.from_wire(unhexlify(claim)), Enrol.from_wire(_read(ASKED))
        answer, authority = unhexlify(answer), unhexlify(authority)
        if not equal(sha256(authority), found.authority):
            raise ValueError("authority")
        enrol.accept(answer, asked, self._trust(found.estate), ed25519.verify)
        told = Enrolled.from_wire(open_sign1(answer, key_id(found.estate), found.estate, ed25519.verify))
        self._take(keys.enrolled(self._note, self._kept, found.url, authority, found.estate, told.cert, told.keys))
        _forget(ASKED)
        print("ok")

    def _trust(self, estate):
        return Trust(key_id(self._kept.public), estate, ed25519.verify, os.urandom)

    # --- what its wires do ----------------------------------------------------------------

    def wire(self):
        """Takes the pins; the lock first, at its start level."""
        self._lock = Lock(self.board["lock"])
        self._keypad, self._inputs = Keypad(self.board["keypad"]), Inputs(self.board["inputs"])
        print("ok")

    def keys(self, ms):
        """Keys that went down within so many ms, debounced as a door does it."""
        found, began = "", time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), began) < ms:
            found += self._matrix.scan(self._keypad.read(), time.ticks_ms()) or ""
            time.sleep_ms(SCAN_MS)
        print(found or "-")

    def click(self, ms):
        """Energises the lock for so many ms, as a grant does, and lets it fall whatever happens."""
        try:
            self._lock.unlock(ms)
            time.sleep_ms(ms)
        finally:
            self._lock.close()
        print("ok")

    def inputs(self):
        """What each input says now."""
        down = self._inputs.read()
        print(json.dumps({NAMES[n]: bool(down >> n & 1) for n in range(len(NAMES))}))

    def clock(self):
        """The battery clock's time in ms; null without one, or when it has stood still since it was set."""
        print(json.dumps(BatteryClock(self.board["rtc"]).read()))

    # --- a sealed entry -------------------------------------------------------------------

    def dial(self):
        """Writes an entry and begins a connection; prints the frames to send."""
        self._believed = self._trust(self._kept.estate)
        self._believed.accept_keys(self._kept.keys)
        self._ring = Ring(self._log, self._kept.public, os.urandom)
        self._ring.append(Now(self._ring.boot + 1, time.ticks_ms(), None, 0), BOOT, [0, 0], None, None)
        self._nonce, self._number, self._acked = os.urandom(16), 0, None
        self._say([(frames.NONCE, (self._nonce,))])

    def hear(self, data):
        """Takes one frame of the host's; prints how far the host has acknowledged, and the frames to send."""
        kind, _, fields = frames.unpack(unhexlify(data))
        act = {frames.NONCE: self._on_nonce, frames.HOST: self._on_host, frames.ACK: self._on_ack}.get(kind)
        if kind == frames.REFUSED:
            raise ValueError(fields[0])
        self._say(act(*fields) if act else [])

    def _on_nonce(self, theirs):
        chain = self._ring.chain
        hello = Hello(chain.dev, theirs, self._ring.boot, chain.seq, chain.head, 0, 0)
        return [(frames.HELLO, (sign1(hello.to_wire(), self._signer),))]

    def _on_host(self, data):
        self._believed.accept_host(data, self._nonce)
        return []

    def _on_ack(self, upto, receipt):
        if upto >= self._ring.chain.seq:
            self._acked = upto
            return []
        batch = None
        steps = self._ring.batch(upto, frames.MAX_BATCH)
        while batch is None:
            try:
                next(steps)
            except StopIteration as over:
                batch = over.value
        first, entries, privates, chain = batch
        sealed = seal(chain, Now(self._ring.boot, time.ticks_ms(), None, 0), receipt, self._signer)
        return [(frames.BATCH, (first, entries, privates, sealed))]

    def _say(self, said):
        out = []
        for kind, fields in said:
            self._number += 1
            out.append(hexlify(frames.pack(kind, self._number, *fields)).decode())
        print(json.dumps({"acked": self._acked, "seq": self._ring.chain.seq, "frames": out}))


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
