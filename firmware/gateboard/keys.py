"""Who this board is: its secret, and what the estate signed for it, in one record of raw flash.

The record is CBOR ["board-keys/1", secret, public, url, authority (DER), estate key, certificate, working keys], the
last five null until the board has been let into a slot. Flash is not encrypted: who takes the board has its secret
until the device is revoked.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.ed25519 import Signer
from gatecore.errors import GateError
from gatecore.records import BYTES, OR_NULL, TEXT, Record

if TYPE_CHECKING:
    from gateboard.notes import Note


class Kept(Record):
    """What is written."""

    PURPOSE = "board-keys/1"
    FIELDS = (
        ("secret", 32),
        ("public", 32),
        ("url", TEXT + OR_NULL),
        ("authority", BYTES + OR_NULL),
        ("estate", 32 + OR_NULL),
        ("cert", BYTES + OR_NULL),
        ("keys", BYTES + OR_NULL),
    )

    secret: bytes
    public: bytes
    url: "str | None"
    authority: "bytes | None"
    estate: "bytes | None"
    cert: "bytes | None"
    keys: "bytes | None"


def load(note: "Note") -> "Kept | None":
    """The record; None for a board that has none, or whose record is spoilt: it needs a new claim."""
    if note.data is None:
        return None
    try:
        return Kept.from_wire(note.data)  # type: ignore[no-any-return]
    except GateError:
        return None


def make(note: "Note", secret: bytes) -> Kept:
    """Makes this board somebody new; durable when it returns. The public key takes about a second."""
    kept = Kept(secret, Signer(secret).public, None, None, None, None, None)
    note.write(kept.to_wire())
    return kept


def enrolled(note: "Note", kept: Kept, url: str, authority: bytes, estate: bytes, cert: bytes, keys: bytes) -> Kept:
    """Keeps what the estate signed; the caller has had it checked by gatecore.enrol.accept."""
    fresh = Kept(kept.secret, kept.public, url, authority, estate, cert, keys)
    note.write(fresh.to_wire())
    return fresh
