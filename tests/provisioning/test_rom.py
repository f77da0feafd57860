"""Firmware with a ROM file system: the program is written into it, verified there, and runs where it lies."""

from pathlib import Path

import pytest
from tests.board.micropython import MicroPython
from tests.provisioning.board import PICO_W as MACHINE
from tests.provisioning.board import Board
from tests.provisioning.installer import CLOSED, PICO_W, Installer, installed
from tests.provisioning.office import Office

from gateprov import flasher, image, rom
from gateprov.errors import ImageError, PortError
from gateprov.line import Line

pytestmark = pytest.mark.micropython


@pytest.fixture
def with_rom() -> Board:
    """A board whose firmware was built with a ROM file system."""
    return Board(MACHINE + ", with ROM")


def told(done: int, of: int) -> None:
    """Nobody looks on."""


def test_a_board_with_a_rom_partition_runs_its_program_where_it_lies(
    office: Office, with_rom: Board, claimed: Path
) -> None:
    with with_rom as board:
        person = Installer(board, office)
        done = installed(board, office, claimed, person, testing=False)
        assert done.tests[-1].what == "start"
        assert board.alive.acquire(timeout=30)
        assert "the program written to the ROM partition, verified there" in person.said
        assert "1 of 1 files copied, all verified on the board" in person.said
        board.unplug()
        board.plug()
        with Line(board.port) as line:
            where = line.run(
                "import gateboard.main,gatecore.door\nprint(gateboard.main.__file__,gatecore.door.__file__)"
            )
            assert where.split() == ["/rom/lib/gateboard/main.mpy", "/rom/lib/gatecore/door.mpy"]
            assert line.run("print('lib' in os.listdir('/'))") == "False"
            assert not rom.deploy(line, image.program(), told)  # the same command again writes nothing


def test_a_program_in_files_gives_way_to_the_one_in_the_rom_partition(with_rom: Board) -> None:
    made = image.build(PICO_W, None)
    assert set(made.without_program().files) == {image.SETTINGS}
    with with_rom as board, Line(board.port) as line:
        flasher.copy(line, made, told)
        assert rom.deploy(line, image.program(), told)
        assert line.run("import gatecore.wire\nprint(gatecore.wire.__file__)") == "/rom/lib/gatecore/wire.mpy"
        assert line.run("import os\nprint(os.listdir('/lib'))") == "[]"


def test_a_rom_partition_that_is_too_small_or_forgets_is_refused(
    with_rom: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = image.program()
    with with_rom as board, Line(board.port) as line:
        assert rom.room(line) == 128 * 1024
        with pytest.raises(ImageError, match="ROM partition has 128 KiB and the program takes"):
            rom.deploy(line, program | {"gatecore/more.mpy": bytes(128 * 1024)}, told)
        line.run("type(_d).writeblocks=lambda *words:None")
        with pytest.raises(ImageError, match="does not keep what is written"):
            rom.deploy(line, program, told)


def test_power_cut_while_the_rom_partition_is_written_is_made_good_by_the_same_command(with_rom: Board) -> None:
    def cut(done: int, of: int) -> None:
        if done == of // 2:
            raise PortError("the power is gone")

    program = image.program()
    with with_rom as board, Line(board.port) as line:
        assert rom.deploy(line, program, told)
        newer = program | {"gatecore/wire.mpy": program["gatecore/wire.mpy"] + b"\0" * 5000}
        with pytest.raises(PortError):
            rom.deploy(line, newer, cut)
        line.reset()  # half of it is new, half as it was: it is mounted, and nothing of it may be believed
        assert rom.deploy(line, program, told)
        assert not rom.deploy(line, program, told)
        assert line.run("import gatecore.wire\nprint(gatecore.wire.__file__)") == "/rom/lib/gatecore/wire.mpy"


def test_stock_firmware_has_no_rom_partition(board: Board) -> None:
    board.ground(*CLOSED)
    with Line(board.port) as line:
        assert rom.room(line) == 0


def test_the_image_of_the_verb_is_mounted_by_the_real_interpreter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kaimen.romfs"
    assert rom.main(["--output", str(path)]) == rom.DONE
    assert f"mpremote romfs deploy {path}" in capsys.readouterr().out
    mount = "import sys, vfs\nROM = memoryview(open('rom', 'rb').read())\nvfs.mount(vfs.VfsRom(ROM), '/rom')\n"
    uses = "sys.path.append('/rom/lib')\nfrom gatecore import wire, door\nprint(door.__file__, wire.encode([1, 'x']))"
    (step,) = MicroPython(packages=(), files={"rom": path.read_bytes()}).run(mount + uses)
    assert step.text == "/rom/lib/gatecore/door.mpy b'\\x82\\x01ax'"


def test_an_image_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rom.main(["--output", str(tmp_path)]) == rom.FAILED
    assert "kaimen rom:" in capsys.readouterr().err
