"""Settings that could move a lock unasked, or that mean nothing, are refused with file, line and what to write."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateface.manifest import SHIPPED, read_manifest
from gateunit.__main__ import main
from gateunit.errors import SettingsError
from gateunit.settings import read_board, read_settings
from gateunit.unit import Options

from .conftest import HOME, VISITOR, House
from .own_model import FLOORS, own_model

ALL = sorted((Path(__file__).parents[2] / "hw" / "boards").glob("*.toml"))
BOARDS = [path for path in ALL if "\nchip = " not in path.read_text(encoding="utf-8")]  # the others run gateboard
PI4 = Path(__file__).parents[2] / "hw" / "boards" / "raspberry-pi-4.toml"
GOOD = 'folder = "unit"\nboard = "board.toml"\ncamera = "none"\ncamera_folder = ""\nlanguage = "zh-CN"\n'


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_shipped_board_can_be_read(path: Path) -> None:
    board = read_board(path)
    assert board.name == path.stem
    assert board.lock.start is board.lock.shutdown is False


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("pin = 17", "pin = 5", "rows", "GPIO 5 is already lock.pin"),
        ("call = 26", "call = 21", "call", "GPIO 21 is already keypad.columns"),
        ("fire = { pin = 24", "fire = { pin = 23", "fire", "GPIO 23 is already inputs.exit"),
        ("shutdown = false", "shutdown = true", "shutdown", "same as start"),
        ("start = false", "start = true", "shutdown", "same as start"),
        ("pin = 17", "pin = 28", "pin", "from 2 to 27"),
        ("pin = 17", "pin = true", "pin", "from 2 to 27"),
        ("pin = 17", 'pin = "17"', "pin", "from 2 to 27"),
        ("max_on_ms = 30000", "max_on_ms = 60001", "max_on_ms", "500 to 60000"),
        ("max_on_ms = 30000", "max_on_ms = -1", "max_on_ms", "500 to 60000"),
        ("active_high = true", "active_hihg = true", "active_hihg", "no such setting"),
        ("rows = [5, 6, 13, 19]", "rows = [5, 6, 13]", "rows", "four GPIO numbers"),
        ("exit = { pin = 23", "exit = { pni = 23", "exit", "no such setting"),
        ('camera = "picamera2"', 'camera = "webcam"', "camera", "one of none"),
    ],
)
def test_a_board_that_cannot_be_meant_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, line: str, why: str
) -> None:
    text = PI4.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path = tmp_path / "board.toml"
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read_board(path)
    assert str(refused.value).startswith(f"{path}:{line_of(changed, line)}: ")
    assert why in str(refused.value)


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    path = tmp_path / "board.toml"
    path.write_text(PI4.read_text(encoding="utf-8").replace("max_on_ms = 30000", "#"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"lock\.max_on_ms is missing"):
        read_board(path)


@pytest.mark.parametrize("text", ["folder = ", "\x00", "[", "folder = 1\nfolder = 2"])
def test_what_is_no_toml_is_refused_with_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "unit.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"unit\.toml"):
        read_settings(path)


def written(folder: Path, text: str) -> Path:
    (folder / "board.toml").write_text(PI4.read_text(encoding="utf-8"), encoding="utf-8")
    path = folder / "unit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_settings_are_read_relative_to_their_file(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, GOOD))
    assert (settings.folder, settings.language, settings.camera_folder) == (tmp_path / "unit", 0, None)


@pytest.mark.parametrize("camera", ["picamera2", "v4l2"])
def test_a_camera_that_is_not_there_is_refused_with_the_line_to_change(tmp_path: Path, camera: str) -> None:
    path = written(tmp_path, GOOD.replace('"none"', f'"{camera}"'))
    with pytest.raises(SettingsError, match=r'unit\.toml:3: camera: .*write camera = "none"'):
        read_settings(path)


def test_a_folder_camera_needs_its_folder_and_pictures(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace('"none"', '"folder"').replace('folder = ""', 'folder = "faces"'))
    with pytest.raises(SettingsError, match=r"unit\.toml:4: camera_folder"):
        read_settings(path)


def named(folder: Path, floors: str = FLOORS, altered: bytes = b"") -> Path:
    """Settings that name an embedder of the operator's own."""
    own_model(folder, floors, altered)
    return written(folder, GOOD + 'face_model = "adopted.toml"\n')


def test_a_model_of_the_operator_s_own_is_named_by_its_adopted_manifest(tmp_path: Path) -> None:
    settings = read_settings(named(tmp_path))
    assert read_manifest(settings.face_model).embedder.id == "small-test-1"
    assert read_settings(written(tmp_path, GOOD)).face_model == SHIPPED


@pytest.mark.parametrize(
    ("floors", "altered", "why"),
    [
        ("", b"", "no measured floors: name the file that `kaimen face adopt` wrote"),
        (FLOORS, b"!", "has sha256"),
        ("[embedder.floors]\nsearch = 1\n", b"", "is not understood"),
    ],
)
def test_a_model_that_could_open_to_anybody_is_refused_at_its_line(
    tmp_path: Path, floors: str, altered: bytes, why: str
) -> None:
    with pytest.raises(SettingsError, match=r"unit\.toml:6: face_model: .*" + why):
        read_settings(named(tmp_path, floors, altered))
    missing = written(tmp_path, GOOD + 'face_model = "none.toml"\n')
    with pytest.raises(SettingsError, match=r"unit\.toml:6: face_model: none.toml cannot be read"):
        read_settings(missing)


def test_a_unit_that_cannot_start_says_why_in_one_line_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateunit.__main__.no_core_dumps", lambda: None)  # it is this process's for good
    assert main(["--settings", str(tmp_path / "missing.toml")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'missing.toml'}: No such file or directory\n"
    path = written(tmp_path, GOOD)
    assert main(["--settings", str(path), "--claim", str(tmp_path / "claim")]) == 2
    assert "there is no such claim" in capsys.readouterr().err


async def test_the_unit_runs_as_a_process_and_stops_when_told(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("zh-CN", "en"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateunit", "--settings", str(path),
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(20):
        lines = [await process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert any(b"not set up" in line or b"released" in line for line in lines), lines
    assert process.returncode == 0
    assert (tmp_path / "unit" / "log").stat().st_size > 0


def test_an_infrared_eye_is_named_or_absent_and_must_be_one(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, GOOD)).infrared == ""
    missing = written(tmp_path, GOOD + 'infrared = "/nowhere/video2"\n')
    with pytest.raises(SettingsError, match=r"unit\.toml:6: infrared: no camera can be opened.*infrared = \"\""):
        read_settings(missing)


WIRED = "[reader]\ndata0 = 14\ndata1 = 15\n"


def with_reader(tmp_path: Path, board: str, unit: str) -> Path:
    """A unit's folder whose board and settings end with these lines."""
    text = PI4.read_text(encoding="utf-8")
    (tmp_path / "board.toml").write_text(f"{text}\n{board}", encoding="utf-8")
    path = tmp_path / "unit.toml"
    path.write_text(GOOD + unit, encoding="utf-8")
    return path


def test_a_reader_is_wired_or_named_and_none_by_default(tmp_path: Path) -> None:
    settings = read_settings(with_reader(tmp_path, "", ""))
    assert (settings.reader, settings.board.reader) == ("none", None)
    settings = read_settings(with_reader(tmp_path, WIRED, 'reader = "wiegand"\n'))
    assert settings.board.reader is not None
    assert (settings.board.reader.data0, settings.board.reader.data1) == (14, 15)
    settings = read_settings(with_reader(tmp_path, "", 'reader = "usb"\nreader_device = "/dev/input/event3"\n'))
    assert settings.reader_device == "/dev/input/event3"


@pytest.mark.parametrize(
    ("board", "unit", "line", "why"),
    [
        ("", 'reader = "wiegand"\n', "unit.toml:6", "add [reader] to it"),
        ("", 'reader = "usb"\n', "unit.toml:6", "reader_device = "),
        ("", 'reader = "usb"\nreader_device = "event3"\n', "unit.toml:7", "/dev/input/by-id"),
        ("", 'reader = "nfc"\n', "unit.toml:6", "one of none, wiegand, usb"),
        ("[reader]\ndata0 = 14\n", "", "board.toml", "reader.data1 is missing"),
        ("[reader]\ndata0 = 14\ndata1 = 14\n", "", "board.toml", "GPIO 14 is already reader.data0"),
        ("[reader]\ndata0 = 17\ndata1 = 15\n", "", "board.toml", "GPIO 17 is already lock.pin"),
        ("[reader]\ndata0 = 14\ndata1 = 15\nbits = 26\n", "", "board.toml", "no such setting"),
    ],
)
def test_a_reader_that_cannot_be_meant_is_refused(tmp_path: Path, board: str, unit: str, line: str, why: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(with_reader(tmp_path, board, unit))
    assert line in str(refused.value)
    assert why in str(refused.value)


async def test_a_taken_port_of_the_guards_page_is_told_once_a_minute_and_the_door_opens(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        house.options = Options(scan_ms=20, gate_page=("127.0.0.1", other.getsockname()[1]))
        async with house.running():
            await house.type(f"{HOME}#{VISITOR}")
            assert house.lock.unlocked
            await house.clock.advance(30_000)
    told = [record.getMessage() for record in caplog.records if record.name == "gateunit.unit"]
    assert len(told) == 1
    assert told[0].startswith("gate page: nobody can open it (")
    assert told[0].endswith("name another port as gate_page in unit.toml")
