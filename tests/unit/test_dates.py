"""A unit whose clock is years off still finds its host, and nobody else: the time comes over that connection."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateunit.link import authority_context

Key = ec.EllipticCurvePrivateKey
PAST, NEVER = (datetime(1999, 1, 1, tzinfo=UTC), datetime(2003, 1, 1, tzinfo=UTC)), (
    datetime(2090, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC),
)  # fmt: skip


def certificate(name: str, key: Key, by: tuple[x509.Name, Key] | None, dates: tuple[datetime, datetime]) -> bytes:
    """DER; of an authority if nobody else signs it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signer = by or (subject, key)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(dates[0]).not_valid_after(dates[1])
    made = made.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    return made.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def met(trusted: bytes, folder: Path, leaf: bytes, key: Key) -> bool:
    """Whether a unit that trusts an authority finishes its handshake with who shows this leaf."""
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (folder / "leaf.pem").write_text(secret + ssl.DER_cert_to_PEM_cert(leaf))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "leaf.pem")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    unit = authority_context(trusted).wrap_bio(back, there)
    host = serving.wrap_bio(there, back, server_side=True)
    try:
        for side in (unit, host) * 4:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    except ssl.SSLError:
        return False
    return unit.version() is not None and unit.getpeercert(binary_form=True) == leaf


@pytest.mark.parametrize("dates", [PAST, NEVER])
def test_a_certificate_whose_dates_are_not_now_is_believed_if_the_estate_s_authority_made_it(
    tmp_path: Path, dates: tuple[datetime, datetime]
) -> None:
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    estate = certificate("authority", keys[0], None, dates)
    assert met(estate, tmp_path, certificate("host", keys[1], (name, keys[0]), dates), keys[1])
    stranger = certificate("host", keys[3], (name, keys[2]), dates)  # another authority of the same name
    assert not met(estate, tmp_path, stranger, keys[3])
