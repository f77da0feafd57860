"""What a board does on the installer's bench, asked over the serial line; the running door does not load it.

Each answer is a line of text or hexadecimal. The secret is made here and never leaves: the board's own randomness is
mixed with 32 bytes from the tool, so that neither alone decides it.
"""

import binascii

from gateboard import keys, settings
from gateboard.errors import SettingsError
from gateboard.flash import open_device
from gateboard.main import SETTINGS_FILE, Areas, Ticks
from gateboard.notes import Note
from gatecore import enrol
from gatecore.compat import TYPE_CHECKING
from gatecore.ed25519 import Signer, verify
from gatecore.keypad import Matrix
from gatecore.log import seal
from gatecore.records import BEACON, Claim, Enrol, Enrolled
from gatecore.sign import key_id, sha256
from gatecore.trust import Trust
from gatecore.wire import open_sign1

if TYPE_CHECKING:
    from typing import Any

    from gateboard.keys import Kept
    from gatecore.compat import Random


def areas() -> Areas:
    """The flash by the settings on this board."""
    board = settings.read(SETTINGS_FILE)["board"]
    return Areas(open_device(board["chip"]), board["flash"])


def make_key(mixed: bytes, random: "Random") -> str:
    """A new secret from both sides' randomness; the public key. What this board was before is forgotten."""
    if len(mixed) != 32:
        raise SettingsError("32 bytes of randomness are needed")
    kept = keys.make(Note(areas().keys), sha256(b"gate-board-key/1", random(32), mixed))
    return _hex(kept.public)


def request(claim: bytes, model: str, random: "Random") -> str:
    """gate-enrol/1 for the claim's slot, to be posted by the tool."""
    asked = enrol.request(Claim.from_wire(claim), _kept().public, None, random(16), model)
    return _hex(asked.to_wire())


def digits(asked: bytes, claim: bytes) -> str:
    """The six digits a person compares with those on the host's page."""
    return enrol.digits(Enrol.from_wire(asked), Claim.from_wire(claim).estate)


def believe(answer: bytes, asked: bytes, claim: bytes, authority: bytes, random: "Random") -> str:
    """Keeps the host's answer, if the estate key of the claim signed it and the authority is the claim's; the slot."""
    wanted = Claim.from_wire(claim)
    if sha256(authority) != wanted.authority:
        raise SettingsError("the authority is not the claim's")
    kept = _kept()
    trust = Trust(key_id(kept.public), wanted.estate, verify, random)
    cert = enrol.accept(answer, Enrol.from_wire(asked), trust, verify)
    told = Enrolled.from_wire(open_sign1(answer, key_id(wanted.estate), wanted.estate, verify))
    note = Note(areas().keys)
    keys.enrolled(note, kept, wanted.url, authority, wanted.estate, told.cert, told.keys)
    return cert.slot


def echo_keys(seconds: int) -> str:
    """The keys pressed within so many seconds, as they are printed on the keypad."""
    from gateboard.wires import Keypad

    keypad, matrix, mono = Keypad(settings.read(SETTINGS_FILE)["board"]["keypad"]), Matrix(), Ticks()
    typed = ""
    until = mono() + seconds * 1000
    while mono() < until:
        typed += matrix.scan(keypad.read(), mono())
    return typed


def click(ms: int) -> str:
    """Energises the lock once for `ms`; its own timer ends that."""
    from gateboard.lock import Lock

    board = settings.read(SETTINGS_FILE)["board"]
    Lock(board["lock"], -1 if board["chip"] == "rp2" else 0).unlock(ms)
    return "clicked"


def sealed_entry(random: "Random") -> str:
    """Appends a beacon and seals it: the entry and the seal, which the host or the tool verifies."""
    from gateboard.ring import Ring
    from gatecore.clock import Now

    kept = _kept()
    ring = Ring(areas().log, kept.public, random)
    now = Now(ring.boot + 1, Ticks()(), None, 0)
    ring.append(now, BEACON, [], None, None)
    batch = _finished(ring.batch(ring.chain.seq - 1, 1))
    return _hex(batch[1][0]) + " " + _hex(seal(batch[3], now, None, Signer(kept.secret)))


def _kept() -> "Kept":
    kept = keys.load(Note(areas().keys))
    if kept is None:
        raise SettingsError("this board has no keys yet")
    return kept


def _finished(steps: "Any") -> "Any":
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _hex(data: bytes) -> str:
    return binascii.hexlify(data).decode()
