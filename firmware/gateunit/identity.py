"""Who this unit has become by first contact; kept as one small record."""

from dataclasses import dataclass

from gatecore.errors import GateError
from gatecore.records import BYTES, TEXT, Cert, Record
from gatecore.sign import key_id
from gatecore.wire import open_sign1
from gateunit.ports import Records
from gateunit.signer import verify

RECORD = "identity"


class _Kept(Record):
    PURPOSE = "unit-identity/1"
    FIELDS = (("url", TEXT), ("authority", BYTES), ("estate", 32), ("cert", BYTES), ("keys", BYTES))

    url: str
    authority: bytes
    estate: bytes
    cert: bytes
    keys: bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """The host's address, its TLS authority (DER), the estate key, and what that key signed (COSE_Sign1 each)."""

    url: str
    authority: bytes
    estate: bytes
    cert: bytes
    keys: bytes

    def to_wire(self) -> bytes:
        """As it is kept."""
        return _Kept(self.url, self.authority, self.estate, self.cert, self.keys).to_wire()

    def certificate(self) -> Cert:
        """The certificate, verified again; GateError if the estate key did not sign it."""
        cert: Cert = Cert.from_wire(open_sign1(self.cert, key_id(self.estate), self.estate, verify))
        return cert


def load(records: Records) -> Identity | None:
    """The identity kept; None for a unit that has none, or whose record is spoilt: it then waits for a new claim."""
    data = records.load(RECORD)
    if data is None:
        return None
    try:
        kept: _Kept = _Kept.from_wire(data)
    except GateError:
        return None
    return Identity(kept.url, kept.authority, kept.estate, kept.cert, kept.keys)
