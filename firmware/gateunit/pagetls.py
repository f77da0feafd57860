"""TLS for the guard's page away from loopback: a key and certificate of the unit's own, made once.

Nobody vouches for it: the tablet's browser is told once to trust it, when the gate is set up, with the fingerprint that
the unit's log line names.
"""

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateunit.errors import StorageError
from gateunit.keys import write_whole

FILE = "page.pem"
YEARS_20 = datetime.timedelta(days=7300)
BEGIN = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def context(folder: Path) -> tuple[ssl.SSLContext, str]:
    """(TLS with the unit's certificate, its SHA-256 in hex); made at the first call, StorageError if it cannot be."""
    path = folder / FILE
    try:
        if not path.exists():
            write_whole(path, _made())
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_cert_chain(path)
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as wrong:
        raise StorageError(f"{path}: the certificate of the guard's page cannot be used; move it away") from wrong
    return made, certificate.fingerprint(hashes.SHA256()).hex()


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kaimen gate")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(BEGIN).not_valid_after(BEGIN + 2 * YEARS_20)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate
