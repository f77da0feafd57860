"""A board from its box to its door: real MicroPython on a pseudo-terminal, real mpremote, a real host process."""

import asyncio
import os
import pty
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.device import Played
from tests.provisioning.board import Board
from tests.provisioning.installer import CLOSED, PICO_W, Installer, hold, installed, order
from tests.provisioning.office import Office

from gatecore.enrol import Claim
from gatecore.keypad import KEYS
from gateprov import boards, claim, flasher, host, image, install
from gateprov.bench import Bench
from gateprov.errors import ClaimError, HostError, ImageError, PortError
from gateprov.image import START
from gateprov.line import BoardRaised, Line
from gateprov.sheet import FAILED, OK, SKIPPED
from gateprov.wifi import Wifi

pytestmark = pytest.mark.micropython
LOCK = PICO_W.outputs["lock"].pin
FILES = image.file_area(PICO_W, 848 * 1024)


def start_file(board: Board) -> bool:
    """Whether the board would start as a door."""
    with Line(board.port) as line:
        return line.digests([START])[START] != "-"


def test_one_command_makes_a_board_a_door_within_half_a_minute(office: Office, board: Board, claimed: Path) -> None:
    board.ground(*CLOSED)
    sheet = claimed.with_name("sheet.html")
    words = ["--slot", "b12-door", "--serial", board.port, "--claim", str(claimed), "--sheet", str(sheet)]
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "gateprov", *words]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = ""
        while char := process.stdout.read(1):
            told += char
            line = told.rsplit("\n", 2)[-2] if told.endswith("\n") else told.rsplit("\n", 1)[-1]
            if told.endswith("\n") and re.fullmatch(r" +\d{3} \d{3}", line):
                office.confirm("b12-door", line.strip().replace(" ", ""))
            elif told.endswith("\n") and " Left: " in line:
                first = line.split(" Left: ")[1].split()[0]
                hold(board, "C" if first == "Call" else first)
            elif told.endswith("\n") and "All keys work." in line:
                hold(board, "")
            elif line.endswith("[y/n] "):
                process.stdin.write("y\n")
                told += "y\n"
    took = re.search(r"b12-door: a door after (\d+\.\d) s", told)
    assert process.returncode == 0, told
    assert took is not None
    assert float(took[1]) <= 30, told
    assert board.alive.acquire(timeout=30)
    held, newest = office.holds("b12-door")
    assert held == newest > 0
    page = sheet.read_text(encoding="utf-8")
    assert "FAILED" not in page
    assert "not tested" not in page
    # the lock moved once, for the click, and no longer than it may
    (_, rest, _), (_, on, since), (_, off, until) = [one for one in board.history if one[0] == LOCK][:3]
    assert (rest, on, off) == (0, 1, 0)
    assert 400 <= until - since <= PICO_W.outputs["lock"].max_on_ms


def test_a_cable_pulled_anywhere_leaves_no_door_and_the_same_command_goes_on(
    office: Office, board: Board, claimed: Path
) -> None:
    copied = []
    for pulled_after in (30_000, 60_000):
        board.unplug()
        board.plug(pulled_after)
        with pytest.raises(PortError, match="put the cable in again and run the same command"):
            installed(board, office, claimed, testing=False)
        board.unplug()
        board.plug()
        assert not start_file(board)
    person = Installer(board, office)
    done = installed(board, office, claimed, person, testing=False)
    copied = [int(text.split()[0]) for text in person.said if "files copied" in text]
    assert copied < [len(image.build(PICO_W, None).files)]
    assert done.tests[-1].what == "start"
    assert board.alive.acquire(timeout=30)


CUTS = (
    "d=rp2.Flash()", "except OSError:pass", "mkfs(d,", "mount(vfs.VfsLfs2(d,", "f.close()\n", "ok=f.read()",
    "umount('/')\ni=", "mkfs(i,",
)  # fmt: skip


@pytest.mark.parametrize("after", CUTS)
def test_power_cut_while_the_flash_is_divided_is_made_good_by_the_same_command(board: Board, after: str) -> None:
    """The boot file lies there and mounts what is not made yet: such a board starts without any file system."""
    code = flasher.DIVIDE.format(boot=image.boot(FILES), outer=image.OUTER, files=FILES)
    done = code[: code.index("\n", code.index(after) + len(after.rstrip("\n")))]
    with Line(board.port) as line:
        line.run(done)
        line.reset()  # the power comes back
        assert flasher.divide(line, PICO_W) == (after != "mkfs(i,")
        line.reset()
        assert not flasher.divide(line, PICO_W)


def test_a_cable_pulled_while_the_office_compares_asks_again_with_the_same_key(
    office: Office, board: Board, claimed: Path
) -> None:
    first = Installer(board, None, on_digits=board.unplug)
    with pytest.raises(PortError, match="run the same command"):
        installed(board, office, claimed, first)
    board.plug()
    assert not start_file(board)
    second = Installer(board, office)
    done = installed(board, office, claimed, second)
    assert second.shown == first.shown
    assert done.passed
    assert len(office.waiting()) == 0


def answer_to_another(office: Office, slot: str) -> bytes:
    """What an office answers to somebody else's request, confirmed by a person."""

    async def asked() -> bytes:
        assert (await device.post("enrol", device.asked.to_wire()))[0] == 202
        await asyncio.to_thread(office.confirm, slot, device.digits)
        return (await device.post("enrolled", device.asked.to_wire()))[1]

    device = Played(office.claim(slot).read_bytes())
    return asyncio.run(asked())


def test_a_board_believes_no_answer_but_the_estates_own_to_its_own_request(
    office: Office, board: Board, claimed: Path, tmp_path: Path
) -> None:
    with pytest.raises(PortError):
        installed(board, office, claimed, Installer(board, None, on_digits=board.unplug), testing=False)
    board.plug()
    with Office(tmp_path) as stranger, Line(board.port) as line:
        bench, mine = Bench(line), order(board.port, claimed)
        other = order(board.port, stranger.claim("b12-door"))
        who = bench.who()
        for forged in (answer_to_another(stranger, "b12-door"), answer_to_another(office, "b13-door"), b""):
            with pytest.raises(BoardRaised):
                bench.accept(mine.claim, forged, mine.host.authority)
        with pytest.raises(BoardRaised, match="authority"):
            bench.accept(mine.claim, b"", other.host.authority)
        assert bench.who() == who
        assert who.slot == ""
    assert not start_file(board)


def test_a_file_that_does_not_arrive_as_sent_is_named_and_nothing_starts(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Line.write

    def spoilt(line: Line, path: str, data: bytes) -> None:
        sent(line, path, data[:-1] + bytes((data[-1] ^ 1,)) if path.endswith(("door.mpy", image.START)) else data)

    monkeypatch.setattr(Line, "write", spoilt)
    made = image.build(PICO_W, None)
    with Line(board.port) as line:
        flasher.divide(line, PICO_W)
        with pytest.raises(ImageError, match=rf"{image.START} is not on the board as it was sent"):
            flasher.finish(line, made)
        line.run(f"import os\nos.remove({image.START!r})")
        with pytest.raises(ImageError, match=r"/lib/gatecore/door\.mpy is not on the board as it was sent"):
            flasher.copy(line, made, lambda done, of: None)
    assert not start_file(board)


def test_what_somebody_left_in_our_folders_is_removed_before_it_can_be_imported(board: Board) -> None:
    made = image.build(PICO_W, None)
    with Line(board.port) as line:
        line.run("import os\nos.mkdir('/gatecore')\nos.mkdir('/lib/gatecore')")
        for path in ("/gatecore/door.py", "/lib/gatecore/door.py"):
            line.write(path, b"raise SystemExit\n")
        flasher.copy(line, made, lambda done, of: None)
        assert set(line.digests(["/gatecore/door.py", "/lib/gatecore/door.py"]).values()) == {"-"}
        assert flasher.copy(line, made, lambda done, of: None) == 0


def test_a_full_flash_is_refused_before_anything_is_copied(board: Board) -> None:
    board.room(40_000)
    with Line(board.port) as line, pytest.raises(ImageError, match=r"the flash is full: \d+ KiB are needed and 36 KiB"):
        flasher.copy(line, image.build(PICO_W, None), lambda done, of: None)


def test_the_key_is_mixed_from_both_sides_and_never_leaves(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = bytearray()
    reading = Line.run

    def listening(line: Line, code: str, timeout: float = 10.0) -> str:
        said = reading(line, code, timeout)
        heard.extend(code.encode() + said.encode())
        return said

    monkeypatch.setattr(Line, "run", listening)
    with Line(board.port) as line:
        flasher.copy(line, image.build(PICO_W, None), lambda done, of: None)
        bench = Bench(line)
        keys = [bench.make(bytes(32)), bench.make(bytes(32))]
        board.random("00" * 32)
        keys += [bench.make(bytes([n]) * 32) for n in (1, 1, 2)]
        code = "from gateboard import keys,bench as b\nfrom gateboard.notes import Note\nimport binascii\n"
        transcript = bytes(heard)
        line.run(code + "k=keys.load(Note(b.areas().keys))")
        secret = bytes.fromhex(line.run("print(binascii.hexlify(k.secret).decode())"))
    assert keys[0] != keys[1]  # the board's part, the laptop's being the same
    assert keys[2] == keys[3] != keys[4]  # the laptop's part, the board's being the same
    assert len(secret) == 32
    assert secret.hex().encode() not in transcript
    assert secret not in transcript


def test_a_loose_key_a_silent_relay_and_an_open_fire_wire_are_told_with_their_pins(
    office: Office, board: Board, claimed: Path
) -> None:
    class Unwired(Installer):
        def confirm(self, question: str) -> bool:
            board.ground(CLOSED[0])
            return False

    person = Unwired(board, office, dead="8C")
    done = installed(board, office, claimed, person, now=lambda: time.monotonic() * 60)
    results = {test.what: test for test in done.tests}
    assert results["keypad"].result == results["relay"].result == results["inputs"].result == FAILED
    assert (
        results["keypad"].detail
        == "not seen: 8C; check 8 at GP6 (pin 9) and GP9 (pin 12), the call button at GP11 (pin 15)"
    )
    assert "GP17 (pin 22)" in results["relay"].detail
    assert "fire at GP20 (pin 26)" in results["inputs"].detail
    assert results["entry"].result == results["start"].result == OK
    assert set(person.seen) == set(KEYS) - set("8C")
    assert not done.passed
    assert board.alive.acquire(timeout=30)


def test_a_board_that_serves_another_door_needs_fresh(office: Office, board: Board, claimed: Path) -> None:
    first = installed(board, office, claimed, testing=False)
    assert {test.what for test in first.tests if test.result == SKIPPED} == set()
    assert board.alive.acquire(timeout=30)
    gate = office.claim("gate-1-in")
    with pytest.raises(PortError, match=r"this board is b12-door; --fresh makes it a new device for gate-1-in"):
        installed(board, office, gate, slot="gate-1-in", testing=False)
    done = installed(board, office, gate, slot="gate-1-in", testing=False, fresh=True)
    assert done.dev != first.dev
    assert office.holds("gate-1-in")[0] > 0


def test_a_board_in_service_takes_another_network_long_after_its_claim_ended(
    office: Office, board: Board, claimed: Path
) -> None:
    """The host makes no new claim for a door that has a device; and the board needs none, it stays who it is."""
    late = int(time.time()) + 300 * 86_400
    with pytest.raises(ClaimError, match=r"this claim ended on .*get a new one"):
        installed(board, office, claimed, testing=False, today=late)
    first = installed(board, office, claimed, testing=False)
    assert board.alive.acquire(timeout=30)
    changed = Wifi("doors", "another password", "CN")
    again = installed(board, office, claimed, testing=False, today=late, wifi=changed)
    assert again.dev == first.dev
    assert board.alive.acquire(timeout=30)
    with Line(board.port) as line:
        assert "another password" in line.run("print(open('/settings.json').read())")


def test_a_board_of_another_estate_is_not_taken_for_this_one_s_though_its_door_has_the_same_name(
    office: Office, board: Board, claimed: Path
) -> None:
    """As after a rehearsal on another host; and a board that was revoked is told how it becomes a new device."""
    first = Installer(board, office)
    installed(board, office, claimed, first, testing=False)
    assert first.said[0] == claim.ITSELF.format("127.0.0.1"), "it would look for its host in itself"
    assert board.alive.acquire(timeout=30)
    here = order(board.port, claimed, testing=False)
    elsewhere = replace(here, claim=Claim(*[getattr(here.claim, name) for name, _ in Claim.FIELDS]))
    elsewhere.claim.estate, elsewhere.claim.url = bytes(32), "https://gate.lan:8443"
    person = Installer(board, office)
    with pytest.raises(PortError, match=r"this board is b12-door of another estate; --fresh makes it a new device"):
        install.Installation(elsewhere, person).run()
    assert person.said[0] == install.NAMED, "a board looks names up at the keypad's cost"
    office.revoke("b12-door", "lost")
    with pytest.raises(HostError, match=r"does not let this board in \(revoked\): --fresh makes it a new device"):
        installed(board, office, office.claim("b12-door"), testing=False)


# --- what may stand at the other end of a port ---------------------------------------------


def test_a_port_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(PortError, match=r"/dev/ttyACM99: there is no such port; there are: "), Line("/dev/ttyACM99"):
        pass


def test_a_port_another_program_holds_is_told(board: Board) -> None:
    with Line(board.port), pytest.raises(PortError, match="another program holds it"), Line(board.port):
        pass


def test_a_port_without_micropython_is_told(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with (
        pytest.raises(PortError, match=r"nothing there speaks MicroPython; write the firmware first"),
        Line(os.ttyname(theirs)),
    ):
        pass
    os.close(ours)
    os.close(theirs)


def test_another_board_than_the_one_named_is_refused() -> None:
    with Board("Raspberry Pi Pico 2 W with RP2350") as board, Line(board.port) as line:
        found = flasher.look(line)
        assert flasher.board_for(found, None).name == "pico-2-w"
        with pytest.raises(PortError, match=r"pico-w: is for another board than the Raspberry Pi Pico 2 W"):
            flasher.board_for(found, "pico-w")


def test_a_board_without_pins_of_ours_is_refused() -> None:
    found = flasher.Found((1, 29, 0), "Some board with STM32", "pyboard")
    with pytest.raises(PortError, match=r"no pins for a Some board.*--board FILE\.toml"):
        flasher.board_for(found, None)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('["circuitpython",[9,2,0],6,"x","rp2"]', "this is circuitpython 9.2.0"),
        ('["micropython",[1,19,1],6,"x","rp2"]', "MicroPython 1.24 or newer"),
        ('["micropython",[1,29,0],5,"x","rp2"]', "MicroPython 1.24 or newer"),
    ],
)
def test_another_or_an_old_firmware_is_refused(said: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Line, "run", lambda *_: said)
    with pytest.raises(PortError, match=told):
        flasher.look(Line("/dev/ttyACM0"))


def test_a_host_that_does_not_answer_is_told_before_the_board_is_touched(claimed: Path) -> None:
    found = claim.read(claimed, "b12-door")
    with pytest.raises(HostError, match=r"does not answer; is this laptop in the doors' network\?"):
        host.reach(found, "https://127.0.0.1:9")
    with pytest.raises(HostError, match="must begin with https://"):
        host.reach(found, "http://127.0.0.1:9")


def test_another_host_at_the_claims_address_is_refused(claimed: Path, tmp_path: Path) -> None:
    found = claim.read(claimed, "b12-door")
    with (
        Office(tmp_path) as stranger,
        pytest.raises(HostError, match="another host answers there than the claim names"),
    ):
        host.reach(found, stranger.devices)


def test_every_shipped_small_board_leaves_room_for_the_program() -> None:
    flash = {"pico-w": 848, "pico-2-w": 2560}
    for name, kib in flash.items():
        made = boards.read(boards.find(name))
        area = image.file_area(made, kib * 1024)
        assert image.build(made, None).room(4096) <= area
    small = boards.read(boards.find("pico-2-w"))
    with pytest.raises(ImageError, match=r"write less into its \[flash\]"):
        image.file_area(small, 848 * 1024)
