"""The estate's TLS authority: a door that does not know the time yet can believe it, and learns the time by it."""

import datetime
from pathlib import Path

import pytest
from cryptography import x509

from gatehost import authority
from gatehost.model.errors import SettingsError

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
CLOCK = int(NOW.timestamp() * 1000)
NAMES = ("gate.lan", "192.168.1.5")


def certificates(
    folder: Path, clock: int = CLOCK, names: tuple[str, ...] = NAMES
) -> tuple[x509.Certificate, x509.Certificate]:
    made = authority.authority(folder, names, clock)
    return x509.load_der_x509_certificate(made.ca_der), x509.load_pem_x509_certificate(made.leaf_path.read_bytes())


@pytest.mark.parametrize("wakes_up", [datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2000, 2021)])
def test_a_board_whose_chip_wakes_up_long_ago_finds_the_host_s_certificate_valid(
    tmp_path: Path, wakes_up: datetime.datetime
) -> None:
    """2000 on an esp32, 2021 on an rp2: their firmware compares the dates, the authority's own too."""
    ca, leaf = certificates(tmp_path)
    leaf.verify_directly_issued_by(ca)
    for one in (ca, leaf):
        assert one.not_valid_before_utc < wakes_up < NOW < one.not_valid_after_utc


def test_a_leaf_that_begins_too_late_for_such_a_door_is_made_anew_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(authority, "_FROM", NOW)
        _, late = certificates(tmp_path)
    assert late.not_valid_before_utc == NOW
    _, fresh = certificates(tmp_path)
    assert fresh.not_valid_before_utc < datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    assert certificates(tmp_path)[1] == fresh


def names_of(leaf: x509.Certificate) -> set[str]:
    held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(one.value) for one in held}


def test_a_host_that_moved_is_still_believed_at_the_addresses_its_doors_were_told(tmp_path: Path) -> None:
    certificates(tmp_path)
    ca, leaf = certificates(tmp_path, names=("192.168.7.7", "2001:db8::7"))
    leaf.verify_directly_issued_by(ca)
    assert names_of(leaf) == {*NAMES, "192.168.7.7", "2001:db8::7"}
    assert certificates(tmp_path, names=("192.168.7.7", "2001:db8::7"))[1] == leaf
    late = certificates(tmp_path, CLOCK + 790 * 86_400_000, ("192.168.7.7",))[1]
    assert late != leaf
    assert names_of(late) == names_of(leaf)


@pytest.mark.parametrize("spoilt", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_damaged_leaf_is_made_anew_and_a_damaged_authority_stops_the_start(tmp_path: Path, spoilt: bytes) -> None:
    ca, _ = certificates(tmp_path)
    (tmp_path / "tls.crt").write_bytes(spoilt)
    certificates(tmp_path)[1].verify_directly_issued_by(ca)
    (tmp_path / "ca.crt").write_bytes(spoilt)
    with pytest.raises(SettingsError, match=r"ca\.crt is damaged: restore it from the key backup"):
        certificates(tmp_path)
