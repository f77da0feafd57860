"""First contact: a claim's token proves the device to the host, the estate key proves the host to the device, and six
digits shown on both sides prove each of them to the person who stands between. A door that runs does not load this.
"""

from gatecore.compat import TYPE_CHECKING
from gatecore.errors import GateError, TrustError
from gatecore.records import BYTES, OR_NULL, TEXT, UINT, Record
from gatecore.sign import equal, hmac_sha256, key_id, sha256
from gatecore.trust import Trust
from gatecore.wire import open_sign1

if TYPE_CHECKING:
    from gatecore.compat import Verify
    from gatecore.records import Cert

NO_PROOF = bytes(32)


class Claim(Record):
    """What an installer carries to a new device: where the host is, how to know it, and a token good once."""

    url: str
    authority: bytes
    estate: bytes
    slot: str
    token: bytes
    until: int

    PURPOSE = "gate-claim/1"
    FIELDS = (("url", TEXT), ("authority", 32), ("estate", 32), ("slot", TEXT), ("token", 16), ("until", UINT))


class Enrol(Record):
    """A new device asks for its slot; `proof` = HMAC(token, the record with 32 zero bytes as proof)."""

    public: bytes
    box: "bytes | None"
    slot: str
    nonce: bytes
    model: str
    proof: bytes

    PURPOSE = "gate-enrol/1"
    FIELDS = (("public", 32), ("box", 32 + OR_NULL), ("slot", TEXT), ("nonce", 16), ("model", TEXT), ("proof", 32))


class Enrolled(Record):
    """Signed by the estate key over the device's nonce: the host answered, with its certificates (COSE_Sign1 each)."""

    nonce: bytes
    cert: bytes
    keys: bytes

    PURPOSE = "gate-enrolled/1"
    FIELDS = (("nonce", 16), ("cert", BYTES), ("keys", BYTES))


def request(claim: Claim, public: bytes, box: "bytes | None", nonce: bytes, model: str) -> Enrol:
    """The device's request for the claim's slot."""
    bare = Enrol(public, box, claim.slot, nonce, model, NO_PROOF)
    return Enrol(public, box, claim.slot, nonce, model, hmac_sha256(claim.token, bare.to_wire()))


def proves(asked: Enrol, token: bytes) -> bool:
    """Whether the request was made by somebody who holds the claim's token, and not altered since."""
    bare = Enrol(asked.public, asked.box, asked.slot, asked.nonce, asked.model, NO_PROOF)
    return equal(asked.proof, hmac_sha256(token, bare.to_wire()))


def digits(asked: Enrol, estate: bytes) -> str:
    """The six digits both sides show; another key, box key, nonce or estate gives others."""
    mark = sha256(b"gate-digits/1", asked.public, asked.box or b"", asked.nonce, estate)
    number = int.from_bytes(mark[:8], "big") % 1_000_000
    return "0" * (6 - len(str(number))) + str(number)


def box_digits(public: bytes, box: bytes, estate: bytes) -> str:
    """The six digits under which a person confirms a door's box key on the vault's screen; the door shows the same."""
    number = int.from_bytes(sha256(b"gate-box-digits/1", public, box, estate)[:8], "big") % 1_000_000
    return "0" * (6 - len(str(number))) + str(number)


def accept(data: bytes, asked: Enrol, trust: Trust, verify: "Verify") -> "Cert":
    """The device's certificate from the host's answer, for this very request; `trust` has taken the working keys."""
    try:
        answer: Enrolled = Enrolled.from_wire(open_sign1(data, key_id(trust.estate), trust.estate, verify))
    except GateError as wrong:
        raise TrustError(wrong.code)
    if not equal(answer.nonce, asked.nonce):
        raise TrustError("nonce")
    cert = trust.accept_cert(answer.cert)
    if cert.public != asked.public or cert.slot != asked.slot or cert.box != asked.box:
        raise TrustError("device")
    trust.accept_keys(answer.keys)
    return cert
