"""What is put on a board: verified, of no use on a computer, and on a flash divided so that no log is formatted."""

import ast
import json
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from littlefs import LittleFS, UserContext

from gateprov import boards, image, wifi
from gateprov.errors import ImageError

GATEBOARD = Path(__file__).parents[2] / "firmware" / "gateboard"
SMALL = [name for name in boards.names() if boards.read(boards.find(name)).chip.small]
BLOCK, FLASH = 4096, 848 * 1024
AS_STOCK = {"block_size": BLOCK, "read_size": 32, "prog_size": 256, "cache_size": 1024, "lookahead_size": 32}


@pytest.mark.parametrize("name", ["boot.py", "main.py", "manifest.py", "desk.py"])
def test_nothing_of_the_board_image_can_be_imported_on_a_computer(name: str) -> None:
    path = image.BOARD_IMAGE / name
    with pytest.raises((ImportError, NameError)):
        runpy.run_path(str(path))
    with pytest.raises((ImportError, NameError)):
        __import__(f"board-image.{path.stem}")


def test_the_command_itself_needs_no_board_to_say_what_it_takes() -> None:
    told = subprocess.run([sys.executable, "-m", "gateprov", "--help"], capture_output=True, text=True, timeout=30)
    assert told.returncode == 0
    assert "--boot-dir" in told.stdout


@pytest.mark.parametrize("name", SMALL)
def test_the_settings_are_ones_the_board_reads(name: str) -> None:
    from gateboard.settings import check

    network = wifi.Wifi("门", "12345678", "CN")
    check(json.loads(json.dumps(image.settings(boards.read(boards.find(name)), network))))


def test_the_image_is_what_the_board_lists_and_nothing_else() -> None:
    listed = tomllib.loads((GATEBOARD / "modules.toml").read_text(encoding="utf-8"))
    wanted = {f"/lib/gatecore/{name}.mpy" for name in listed["core"] + listed["bench_core"]}
    wanted |= {f"/lib/gateboard/{name}.mpy" for name in listed["shell"] + listed["bench"]}
    made = image.build(boards.read(boards.find("pico-w")), None)
    assert set(made.files) == wanted | {"/settings.json", "/lib/desk.mpy"}
    wanted |= {"/lib/gatecore/cards.mpy", "/lib/gateboard/reader.mpy"}
    with_reader = image.build(boards.read(boards.find("pico-2-w-reader")), None)
    assert set(with_reader.files) == wanted | {"/settings.json", "/lib/desk.mpy"}
    assert image.START not in made.files


def test_the_raw_area_is_as_large_as_the_board_takes_it_to_be() -> None:
    text = (GATEBOARD / "main.py").read_text(encoding="utf-8")
    (line,) = [node for node in ast.parse(text).body if isinstance(node, ast.Assign) and "MEMORY" in ast.unparse(node)]
    assert isinstance(line.value, ast.Tuple)
    sectors = sum(ast.literal_eval(one) for one in line.value.elts)
    assert sectors * BLOCK == image.RAW_BESIDE_LOG * 1024


def test_a_module_that_is_missing_or_does_not_compile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.py").write_text("match 1:\n case 1: pass\n")
    monkeypatch.setattr(image, "modules", lambda: iter([("gatecore", "wrong", tmp_path / "wrong.py")]))
    with pytest.raises(ImageError, match=r"wrong\.py: does not compile for a board: SyntaxError"):
        image.build(boards.read(boards.find("pico-w")), None)
    monkeypatch.undo()
    monkeypatch.setattr(image, "_source", lambda package: tmp_path)
    (tmp_path / "modules.toml").write_text("core = ['gone']\nbench_core = []\nshell = []\nbench = []\n")
    with pytest.raises(ImageError, match=r"gone\.py: a module of the board is missing"):
        list(image.modules())


# --- the flash of an rp2, on the real littlefs ----------------------------------------------


def formatted(memory: bytearray, blocks: int, **files: bytes) -> None:
    """A fresh file system over the first so many blocks, with these files."""
    context = UserContext(len(memory))
    context.buffer = memory
    fs = LittleFS(context, block_count=blocks, mount=False, **AS_STOCK)
    fs.format()
    fs.mount()
    for name, data in files.items():
        with fs.open(f"{name}.py", "wb") as file:
            file.write(data)
    fs.unmount()


def test_the_outer_file_system_holds_boot_py_in_two_blocks_whatever_lies_behind(tmp_path: Path) -> None:
    boot = image.boot(image.file_area(boards.read(boards.find("pico-w")), FLASH))
    memory = bytearray(b"\xff" * FLASH)
    formatted(memory, FLASH // BLOCK, boot=boot)
    assert memory[image.OUTER :] == b"\xff" * (FLASH - image.OUTER)
    memory[image.OUTER :] = bytes(n * 7 % 251 for n in range(FLASH - image.OUTER))  # program, log and keys
    context = UserContext(FLASH)
    context.buffer = memory
    fs = LittleFS(context, block_count=FLASH // BLOCK, mount=False, **AS_STOCK)
    fs.mount()  # what stock firmware does at each start; where it fails, it formats
    with fs.open("boot.py", "rb") as file:
        assert file.read() == boot


def test_a_boot_py_that_outgrows_its_directory_would_be_written_into_the_raw_area() -> None:
    memory = bytearray(b"\xff" * FLASH)
    formatted(memory, FLASH // BLOCK, boot=bytes(700))
    assert memory[image.OUTER :] != b"\xff" * (FLASH - image.OUTER)
    for name in ("pico-w", "pico-2-w"):
        assert (
            len(image.boot(image.file_area(boards.read(boards.find(name)), 2560 * 1024 if "2" in name else FLASH)))
            < 512
        )
