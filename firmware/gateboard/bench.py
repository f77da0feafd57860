"""What a board does on the installer's bench, asked over the serial line; the running door does not load it.

Each answer is a line of text or hexadecimal. The secret is made here and never leaves: the board's own randomness is
mixed with 32 bytes from the tool, so that neither alone decides it.
"""

import binascii

from gateboard import keys, settings
from gateboard.errors import SettingsError
from gateboard.flash import open_device
from gateboard.main import SETTINGS_FILE, Areas
from gateboard.notes import Note
from gatecore import enrol
from gatecore.compat import TYPE_CHECKING
from gatecore.ed25519 import verify
from gatecore.enrol import Claim, Enrol, Enrolled
from gatecore.sign import key_id, sha256
from gatecore.trust import Trust
from gatecore.wire import open_sign1

if TYPE_CHECKING:
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


def _kept() -> "Kept":
    kept = keys.load(Note(areas().keys))
    if kept is None:
        raise SettingsError("this board has no keys yet")
    return kept


def _hex(data: bytes) -> str:
    return binascii.hexlify(data).decode()
