"""The unit's secrets: made once, readable by nobody else, refused when they are not as they were left."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateunit.errors import SettingsError
from gateunit.keys import BOX, SIGN, FileKeys
from gateunit.seal import seal


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    first, second = FileKeys(tmp_path / "keys"), FileKeys(tmp_path / "keys")
    assert first.signer().public == second.signer().public
    assert second.open(seal(b"secret", first.box_public(), b"info"), b"info") == b"secret"


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    FileKeys(tmp_path / "keys")
    assert [(tmp_path / "keys" / name).stat().st_mode & 0o777 for name in (SIGN, BOX)] == [0o600, 0o600]
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", [SIGN, BOX])
def test_a_key_others_could_read_is_refused(tmp_path: Path, name: str) -> None:
    FileKeys(tmp_path)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        FileKeys(tmp_path)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_spoilt_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    FileKeys(tmp_path)
    (tmp_path / SIGN).write_bytes(content)
    with pytest.raises(SettingsError, match="no key"):
        FileKeys(tmp_path)
    assert (tmp_path / SIGN).read_bytes() == content


def test_the_process_leaves_no_core_dump() -> None:
    look = (
        "import ctypes, resource; from gateunit.keys import no_core_dumps; no_core_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, check=True).stdout == b"(0, 0) 0\n"
