"""The estate's TLS authority: ECDSA P-256, because it is the curve small boards check fastest and every stack knows."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from gatehost.files import write_private
from gatehost.model.errors import SettingsError

# A board's chip wakes up in 2000 or 2021, a Raspberry Pi months behind, and each learns the time from the host only
# once it believes this certificate: what is valid from the beginning needs no clock.
_FROM = datetime.datetime(1999, 1, 1, tzinfo=datetime.UTC)
# No door can be given another authority: one that ends would end every door with it, years after who set it up has left
# (RFC 5280 section 4.1.2.5: a certificate without a well-defined end).
_UNTIL = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
_LEAF_DAYS = 800
_RENEW_DAYS = 60


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate (DER) and where the leaf's files lie."""

    ca_der: bytes
    leaf_path: Path
    leaf_key_path: Path


def authority(keys: Path, names: tuple[str, ...], clock: int) -> Authority:
    """The authority in the folder, made if missing; its leaf is made anew when it lacks a name, ends soon, or
    began later than a door without a clock believes. Names it had it keeps: doors that were told an address dial it
    for ever, and the host may still be there too (docs/adr/0200). SettingsError for an authority that is damaged."""
    now = datetime.datetime.fromtimestamp(clock / 1000, datetime.UTC)
    ca_path, ca_key_path = keys / "ca.crt", keys / "ca.key"
    if not ca_key_path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(ca_path, _self_signed(key).public_bytes(Encoding.PEM))
        write_private(ca_key_path, _pem(key))
    try:
        ca = x509.load_pem_x509_certificate(ca_path.read_bytes())
    except ValueError as wrong:
        raise SettingsError("ca.crt is damaged: restore it from the key backup") from wrong
    made = Authority(ca.public_bytes(Encoding.DER), keys / "tls.crt", keys / "tls.key")
    if not _leaf_holds(made.leaf_path, made.leaf_key_path, names, now):
        ca_key = load_pem_private_key(ca_key_path.read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        every = tuple(dict.fromkeys((*names, *_names_of(made.leaf_path))))
        write_private(made.leaf_key_path, _pem(key))
        write_private(made.leaf_path, _leaf(ca, ca_key, key, every, now).public_bytes(Encoding.PEM))
    return made


def ends(made: Authority) -> int:
    """When the leaf ends, ms UTC."""
    leaf = x509.load_pem_x509_certificate(made.leaf_path.read_bytes())
    return int(leaf.not_valid_after_utc.timestamp()) * 1000


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("Kaimen estate authority")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    now: datetime.datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(_name("Kaimen host"))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(now + datetime.timedelta(days=_LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _leaf_holds(path: Path, key_path: Path, names: tuple[str, ...], now: datetime.datetime) -> bool:
    leaf = _leaf_of(path)
    if leaf is None or not key_path.exists():
        return False
    if leaf.not_valid_before_utc > _FROM or leaf.not_valid_after_utc - now < datetime.timedelta(days=_RENEW_DAYS):
        return False
    return set(names) <= set(_names_of(path))


def _names_of(path: Path) -> tuple[str, ...]:
    """The names and addresses a leaf carries; none where there is no leaf."""
    leaf = _leaf_of(path)
    if leaf is None:
        return ()
    held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(one.value) for one in held)


def _leaf_of(path: Path) -> x509.Certificate | None:
    """The leaf in a file; None for one that is missing or damaged, and is made anew."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
