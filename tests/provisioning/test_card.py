"""A folder stands for a card's boot partition: what is written, what is refused, and the first boot itself, really run.

The first-boot script runs against a root of its own; `systemctl`, `useradd` and the like are scripts that note how they
were called.
"""

import os
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

import pytest

from gatecore.enrol import Claim
from gateprov import boards, card, claim, wifi
from gateprov.__main__ import DONE, FAILED
from gateprov.__main__ import main as command
from gateprov.errors import BoardFileError, CardError, ClaimError, ProvisionError
from gateunit.settings import read_settings

NOW = 1_795_320_000
ISSUE = "Raspberry Pi reference {}\nGenerated using pi-gen, https://github.com/RPi-Distro/pi-gen, 0123abcd, stage2\n"
LINE = "console=serial0,115200 console=tty1 root=PARTUUID=57c84f67-02 rootfstype=ext4 fsck.repair=yes rootwait\n"
WIFI = wifi.Wifi("doors 门", " pass\\word", "CN")
ROOMY = 500_000_000


def claim_for(slot: str = "b12-door", until: int = NOW + 7 * 86_400) -> Claim:
    """A claim as the host makes it."""
    return Claim("https://gate.lan:8443", bytes(32), bytes(range(32)), slot, b"token-of-a-claim", until)


@pytest.fixture
def bookworm(tmp_path: Path) -> Path:
    """The boot partition of a freshly written Bookworm card."""
    boot = tmp_path / "bootfs"
    boot.mkdir()
    (boot / "cmdline.txt").write_text(LINE)
    (boot / "config.txt").write_text("arm_64bit=1\n")
    (boot / "issue.txt").write_text(ISSUE.format("2025-05-13"))
    return boot


@pytest.fixture
def trixie(bookworm: Path) -> Path:
    """The boot partition of a freshly written Trixie card."""
    (bookworm / "issue.txt").write_text(ISSUE.format("2025-12-04"))
    (bookworm / "user-data").write_text("#cloud-config\n# hostname: raspberrypi\n")
    (bookworm / "meta-data").write_text("dsmode: local\ninstance_id: rpios-image\n")
    (bookworm / "network-config").write_text("# nothing yet\n")
    return bookworm


@pytest.fixture
def software(tmp_path: Path) -> Path:
    """A folder that stands for downloaded wheels; their contents are not looked at before the first boot."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / "kaimen-0.1.0-py3-none-any.whl").write_bytes(b"PK" * 500)
    (folder / "other-1-py3-none-any.whl").write_bytes(b"PK" * 300)
    return folder


def prepared(boot: Path, software: Path | None = None, **more: object) -> str:
    """Prepares a card with room enough."""
    return card.prepare(card.Order(boot, claim_for(), software=software, **more), lambda _: ROOMY)  # type: ignore[arg-type]


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what is written ----------------------------------------------------------------------


def test_bookworm_gets_a_script_and_the_one_line_that_calls_it(bookworm: Path) -> None:
    assert prepared(bookworm) == card.FIRSTRUN
    line = (bookworm / "cmdline.txt").read_text()
    assert line == f"{LINE.strip()} {card.RUN}\n"
    assert Claim.from_wire((bookworm / "kaimen" / "claim").read_bytes()) == claim_for()
    assert (bookworm / "firstrun.sh").read_text().startswith("#!/bin/bash")


def test_trixie_gets_a_command_and_a_new_instance(trixie: Path) -> None:
    assert prepared(trixie, wifi=WIFI) == card.CLOUD_INIT
    assert (trixie / "user-data").read_text() == (
        "#cloud-config\n# hostname: raspberrypi\nruncmd:\n  - bash /boot/firmware/kaimen/first-boot.sh now\n"
    )
    assert (trixie / "cmdline.txt").read_text() == LINE
    meta = (trixie / "meta-data").read_text()
    assert meta.startswith("dsmode: local\ninstance-id: kaimen-")
    assert "rpios-image" not in meta
    assert '"doors \\u95e8":\n          password: " pass\\\\word"' in (trixie / "network-config").read_text()


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_running_the_command_again_changes_nothing(release: str, request: pytest.FixtureRequest) -> None:
    boot = request.getfixturevalue(release)
    prepared(boot, wifi=WIFI)
    once = everything(boot)
    prepared(boot, wifi=WIFI)
    assert everything(boot) == once


def test_a_new_claim_makes_the_first_boot_run_again(trixie: Path) -> None:
    prepared(trixie)
    before = (trixie / "meta-data").read_text()
    other = Claim("https://gate.lan:8443", bytes(32), bytes(32), "b12-door", b"another-token-16", NOW + 60)
    card.prepare(card.Order(trixie, other), lambda _: ROOMY)
    assert (trixie / "meta-data").read_text() != before


def test_what_imager_had_asked_for_is_kept_and_runs_first(bookworm: Path, tmp_path: Path) -> None:
    (bookworm / "firstrun.sh").write_text("#!/bin/bash\necho imager >> $KAIMEN_ROOT/order\n")
    (bookworm / "cmdline.txt").write_text(
        LINE.strip() + " systemd.run=/boot/firstrun.sh systemd.run_success_action=reboot\n"
    )
    prepared(bookworm)
    prepared(bookworm)
    assert (bookworm / "cmdline.txt").read_text() == f"{LINE.strip()} {card.RUN}\n"
    assert b"imager" in (bookworm / "kaimen" / "firstrun-before.sh").read_bytes()


def test_the_settings_are_ones_the_unit_reads(bookworm: Path, tmp_path: Path) -> None:
    prepared(bookworm, language="en")
    for name in ("raspberry-pi-4", "raspberry-pi-5", "zero-2w"):
        shutil.copy(bookworm / "kaimen" / "unit.toml", tmp_path / "unit.toml")
        shutil.copy(bookworm / "kaimen" / "boards" / f"{name}.toml", tmp_path / "board.toml")
        settings = read_settings(tmp_path / "unit.toml")
        assert (settings.board.name, settings.language) == (name, 1)


def test_a_board_that_was_named_is_the_only_one_on_the_card(bookworm: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(boards.find("raspberry-pi-4").read_text(encoding="utf-8").replace("call = 26", "call = 16"))
    prepared(bookworm, board=copy)
    (only,) = (bookworm / "kaimen" / "boards").iterdir()
    assert tomllib.loads(only.read_text())["keypad"]["call"] == 16


# --- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["cmdline.txt", "config.txt"])
def test_a_folder_that_is_no_boot_partition_is_refused_and_untouched(bookworm: Path, missing: str) -> None:
    (bookworm / missing).unlink()
    before = everything(bookworm)
    with pytest.raises(CardError, match=rf"there is no {missing}.*--boot-dir"):
        prepared(bookworm)
    assert everything(bookworm) == before


@pytest.mark.parametrize(
    "issue", ["", "Debian GNU/Linux 12\n", ISSUE.format("2023-05-03"), "Raspberry Pi reference x\n"]
)
def test_an_unknown_system_is_refused_with_the_line_that_says_so(bookworm: Path, issue: str) -> None:
    (bookworm / "issue.txt").write_text(issue)
    before = everything(bookworm)
    with pytest.raises(CardError, match=r"issue\.txt:1: .*Bookworm or Trixie"):
        prepared(bookworm)
    assert everything(bookworm) == before


def test_a_card_without_room_is_refused_before_anything_is_written(bookworm: Path, software: Path) -> None:
    before = everything(bookworm)
    with pytest.raises(CardError, match=r"1 MB are needed and 0 MB are free"):
        card.prepare(card.Order(bookworm, claim_for(), software=software), lambda _: 4096)
    assert everything(bookworm) == before


def test_a_card_that_cannot_be_written_is_told_and_boots_as_before(bookworm: Path) -> None:
    (bookworm / "kaimen").write_text("in the way")
    with pytest.raises(CardError, match=r"Run this again"):
        prepared(bookworm)
    assert (bookworm / "cmdline.txt").read_text() == LINE


def test_a_folder_without_our_wheel_is_refused(bookworm: Path, software: Path) -> None:
    (software / "kaimen-0.1.0-py3-none-any.whl").unlink()
    with pytest.raises(CardError, match=r"no kaimen-\*\.whl.*--software"):
        prepared(bookworm, software)
    assert (bookworm / "cmdline.txt").read_text() == LINE


@pytest.mark.parametrize("platform", ["manylinux_2_28_x86_64", "macosx_11_0_arm64", "manylinux2014_armv7l"])
def test_a_wheel_no_raspberry_pi_can_install_is_refused_at_the_laptop(
    bookworm: Path, software: Path, platform: str
) -> None:
    for good in ("manylinux2014_aarch64.manylinux_2_17_aarch64", "linux_aarch64", "any"):
        (software / f"numpy-2.3-cp311-cp311-{good}.whl").write_bytes(b"PK")
    prepared(bookworm, software)
    (software / f"pillow-12.0-cp311-cp311-{platform}.whl").write_bytes(b"PK")
    with pytest.raises(CardError, match=rf"pillow-12.0-cp311-cp311-{platform}.whl: is not for a 64-bit .*--software"):
        prepared(bookworm, software)


@pytest.mark.parametrize("indent", ["  ", ""])
def test_the_runcmd_of_imager_gets_our_command_as_its_first_line(trixie: Path, indent: str) -> None:
    """Imager writes one whenever a country was chosen and no network, which is how a card is made for --wifi."""
    theirs = f'{indent}- [ rfkill, unblock, wifi ]\n{indent}- [ sh, -c, "for f in a; do echo 0; done" ]\n'
    (trixie / "user-data").write_text(f"#cloud-config\nruncmd:\n\n# why\n{theirs}timezone: Asia/Shanghai\n")
    assert prepared(trixie) == card.CLOUD_INIT
    whole = f"#cloud-config\nruncmd:\n\n# why\n{indent}- {card.COMMAND}\n{theirs}timezone: Asia/Shanghai\n"
    assert (trixie / "user-data").read_text() == whole
    prepared(trixie)
    assert (trixie / "user-data").read_text() == whole


@pytest.mark.parametrize("theirs", ["runcmd: [echo]\n", "runcmd:\n", "runcmd:\ntimezone: UTC\n- x\n"])
def test_a_runcmd_that_is_no_list_of_lines_is_refused_with_its_line(trixie: Path, theirs: str) -> None:
    (trixie / "user-data").write_text(f"#cloud-config\n{theirs}")
    with pytest.raises(CardError, match=r"user-data:2: .* list with - bash /boot/firmware/kaimen/first-boot.sh now"):
        prepared(trixie)
    assert "kaimen" not in (trixie / "meta-data").read_text()


@pytest.mark.parametrize("line", ["", "one\ntwo root=x\n", "console=tty1\n"])
def test_a_spoilt_kernel_line_is_refused(bookworm: Path, line: str) -> None:
    (bookworm / "cmdline.txt").write_text(line)
    with pytest.raises(CardError, match=r"cmdline\.txt:1: must be one line with root="):
        prepared(bookworm)


def test_a_board_without_a_card_is_refused(bookworm: Path) -> None:
    with pytest.raises(BoardFileError, match=r"pico-w has no card; use --serial"):
        prepared(bookworm, board=boards.find("pico-w"))


def test_a_claim_is_refused_for_another_slot_after_its_end_and_when_it_is_none(tmp_path: Path) -> None:
    path = tmp_path / "b12-door.claim"
    with pytest.raises(ClaimError, match="No such file"):
        claim.read(path, "b12-door")
    path.write_bytes(b"\x83\x01")
    with pytest.raises(ClaimError, match=r"this is no claim"):
        claim.read(path, "b12-door")
    path.write_bytes(claim_for().to_wire())
    with pytest.raises(ClaimError, match=r"for b12-door, not b13-door: change --slot or --claim"):
        claim.read(path, "b13-door")
    with pytest.raises(ClaimError, match=r"ended on 2026-11-\d\d .*get a new one on the host.*change --claim"):
        claim.check_end(claim.read(path, "b12-door"), NOW + 7 * 86_400)
    claim.check_end(claim_for(), NOW + 7 * 86_400 - 1)


def test_a_claim_that_names_the_unit_itself_is_told_and_one_that_never_ends_is_none(
    bookworm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host that was started without device_url names 127.0.0.1: a unit would look for it in itself, for ever."""
    path, later = tmp_path / "b12-door.claim", int(time.time()) + 60
    words = ["--slot", "b12-door", "--claim", str(path), "--boot-dir", str(bookworm)]
    for url, told in (("https://127.0.0.1:8443", True), ("https://localhost", True), ("https://gate.lan:8443", False)):
        path.write_bytes(replaced(url, later))
        assert command(words) == DONE
        assert ("is the unit itself: set device_url in host.toml" in capsys.readouterr().out) is told
    path.write_bytes(replaced("https://gate.lan:8443", 1 << 40))
    assert command(words) == FAILED
    assert "this is no claim (until)" in capsys.readouterr().err


def replaced(url: str, until: int) -> bytes:
    """A claim with another address and end."""
    return Claim(url, bytes(32), bytes(range(32)), "b12-door", b"token-of-a-claim", until).to_wire()


@pytest.mark.parametrize("there", ["nowhere/sheet.html", "."])
def test_a_sheet_that_cannot_be_written_is_told_before_the_board_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    path = tmp_path / "b12-door.claim"
    path.write_bytes(Claim("https://gate.lan:8443", bytes(32), bytes(32), "b12-door", bytes(16), 1 << 36).to_wire())
    sheet = str(tmp_path / there)
    words = ["--slot", "b12-door", "--claim", str(path), "--serial", "/dev/none", "--sheet", sheet]
    assert command(words) == FAILED
    assert f"{sheet}: nothing can be written there; name another place with --sheet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ssid = ", "cannot be read"),
        ('ssid = "a"\npassword = "12345678"', "must have ssid, password and country"),
        ('ssid = ""\npassword = "12345678"\ncountry = "CN"', "1 to 32 bytes"),
        ('ssid = "a"\npassword = "1234567"\ncountry = "CN"', "8 to 63"),
        ('ssid = "a"\npassword = "12345678\\n"\ncountry = "CN"', "8 to 63"),
        ('ssid = "a"\npassword = "12345678"\ncountry = "cn"', "two capital letters"),
    ],
)
def test_a_network_that_cannot_be_is_refused_without_repeating_it(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "wifi.toml"
    path.write_text(text)
    with pytest.raises(ProvisionError, match=told) as wrong:
        wifi.read(path)
    assert "1234567" not in str(wrong.value)


# --- the first boot -----------------------------------------------------------------------


class Machine:
    """A root folder, a card and the commands a first boot calls."""

    STUBS = ("systemctl", "useradd", "chown", "raspi-config", "python3", "id", "sync")

    def __init__(self, folder: Path, boot: Path, model: str = "Raspberry Pi 4 Model B Rev 1.5") -> None:
        self.boot, self.root, self.called = boot, folder / "root", folder / "called"
        tree = self.root / "proc" / "device-tree"
        tree.mkdir(parents=True)
        (tree / "model").write_bytes(model.encode() + b"\0")
        self.home = self.root / "var" / "lib" / "kaimen"
        self.commands = folder / "commands"
        self.commands.mkdir()
        for name in self.STUBS:
            self.stub(name, "exit 1" if name == "id" else "exit 0")
        self.stub(
            "python3", f'mkdir -p "{self.root}/opt/kaimen/bin"; cp "{self.commands}/pip" "{self.root}/opt/kaimen/bin/"'
        )
        self.stub("pip", f'touch "{self.root}/opt/kaimen/bin/kaimen"; chmod +x "{self.root}/opt/kaimen/bin/kaimen"')

    def stub(self, name: str, act: str) -> None:
        """A command that notes how it was called."""
        path = self.commands / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self.called}"\n{act}\n')
        path.chmod(0o755)

    def boots(self, script: str = "kaimen/first-boot.sh", *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the script as the system would."""
        known = {"KAIMEN_BOOT": str(self.boot), "KAIMEN_ROOT": str(self.root)}
        path = {"PATH": f"{self.commands}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", str(self.boot / script), *words], env=known | path, capture_output=True, text=True, timeout=30
        )

    def calls(self) -> list[str]:
        """What was called so far."""
        return self.called.read_text().splitlines() if self.called.exists() else []


@pytest.mark.parametrize("script", ["firstboot.sh", "firstrun.sh"])
def test_the_scripts_are_sound_bash(script: str) -> None:
    assert subprocess.run(["bash", "-n", str(card.HERE / script)], capture_output=True, timeout=10).stderr == b""


def test_bookworms_first_boot_makes_a_unit_and_leaves_no_claim(bookworm: Path, software: Path, tmp_path: Path) -> None:
    prepared(bookworm, software, wifi=WIFI)
    machine = Machine(tmp_path, bookworm)
    assert machine.boots("firstrun.sh").returncode == 0
    assert (machine.home / "claim").read_bytes() == claim_for().to_wire()
    assert (machine.home / "claim").stat().st_mode & 0o777 == 0o600
    assert read_settings(machine.home / "unit.toml").board.name == "raspberry-pi-4"
    assert "systemctl enable kaimen-unit.service" in machine.calls()
    assert (bookworm / "cmdline.txt").read_text() == LINE
    assert not (bookworm / "firstrun.sh").exists()
    secrets = (claim_for().token, b"pass\\word", b"pass\\\\word")
    assert not [name for name, data in everything(bookworm).items() if any(secret in data for secret in secrets)]
    connection = machine.root / "etc/NetworkManager/system-connections/kaimen.nmconnection"
    assert connection.stat().st_mode & 0o777 == 0o600
    assert "psk=\\spass\\\\word" in connection.read_text()


def test_trixies_first_boot_starts_the_unit_at_once(trixie: Path, software: Path, tmp_path: Path) -> None:
    prepared(trixie, software)
    machine = Machine(tmp_path, trixie, "Raspberry Pi 5 Model B Rev 1.0")
    assert machine.boots("kaimen/first-boot.sh", "now").returncode == 0
    assert machine.calls()[-1] == "systemctl start --no-block kaimen-unit.service"
    assert read_settings(machine.home / "unit.toml").board.name == "raspberry-pi-5"
    assert not (trixie / "kaimen" / "claim").exists()


def test_trixies_radio_is_unblocked_for_its_country(trixie: Path, software: Path, tmp_path: Path) -> None:
    """cloud-init brings the network, but nothing on it lifts the block the radio starts with."""
    prepared(trixie, software, wifi=WIFI)
    machine = Machine(tmp_path, trixie)
    assert machine.boots("kaimen/first-boot.sh", "now").returncode == 0
    assert "raspi-config nonint do_wifi_country CN" in machine.calls()


def test_a_second_first_boot_changes_nothing(bookworm: Path, software: Path, tmp_path: Path) -> None:
    prepared(bookworm, software)
    machine = Machine(tmp_path, bookworm)
    machine.boots()
    (machine.home / "claim").unlink()  # the unit has used it
    once = everything(machine.root), everything(bookworm)
    assert machine.boots().returncode == 0
    assert (everything(machine.root), everything(bookworm)) == once


def test_imagers_own_script_runs_before_ours(bookworm: Path, software: Path, tmp_path: Path) -> None:
    (bookworm / "firstrun.sh").write_text('#!/bin/bash\necho imager >> "$KAIMEN_ROOT/order"\n')
    (bookworm / "cmdline.txt").write_text(LINE.strip() + " systemd.run=/boot/firstrun.sh\n")
    prepared(bookworm, software)
    machine = Machine(tmp_path, bookworm)
    assert machine.boots("firstrun.sh").returncode == 0
    assert (machine.root / "order").read_text() == "imager\n"
    assert (machine.home / "claim").exists()


@pytest.mark.parametrize(
    ("model", "with_software", "told"),
    [
        ("Raspberry Pi 3 Model B", True, "no pins for a Raspberry Pi 3 Model B: prepare the card again with --board"),
        ("Raspberry Pi 4 Model B", False, "prepare the card again with --software"),
    ],
)
def test_a_first_boot_that_cannot_go_on_says_why_on_the_card_and_keeps_the_claim(
    bookworm: Path, software: Path, tmp_path: Path, model: str, with_software: bool, told: str
) -> None:
    prepared(bookworm, software if with_software else None)
    machine = Machine(tmp_path, bookworm, model)
    assert machine.boots().returncode == 1
    assert told in (bookworm / "kaimen" / "PROBLEM.txt").read_text()
    assert (bookworm / "kaimen" / "claim").exists()
    assert not any(call.startswith("systemctl") for call in machine.calls())


@pytest.mark.parametrize("failing", ["useradd", "chown", "systemctl", "python3", "pip"])
def test_a_first_boot_that_fails_anywhere_says_where_on_the_card(
    bookworm: Path, software: Path, tmp_path: Path, failing: str
) -> None:
    prepared(bookworm, software)
    machine = Machine(tmp_path, bookworm)
    machine.stub(failing, "exit 7")
    assert machine.boots("firstrun.sh").returncode == 0  # the system starts all the same
    said = (bookworm / "kaimen" / "PROBLEM.txt").read_text()
    assert {"python3": "python3-venv", "pip": "wheels"}.get(failing, f"stopped at: {failing} ") in said
    assert not (bookworm / "kaimen" / "DONE.txt").exists()
    assert (bookworm / "cmdline.txt").read_text() == LINE


def test_what_was_changed_on_the_unit_stays_until_something_else_is_given(
    bookworm: Path, software: Path, tmp_path: Path
) -> None:
    prepared(bookworm, software)
    machine = Machine(tmp_path, bookworm)
    assert machine.boots().returncode == 0
    settings = machine.home / "unit.toml"
    settings.write_text(settings.read_text().replace('camera = "none"', 'camera = "v4l2"'))
    assert machine.boots().returncode == 0
    assert 'camera = "v4l2"' in settings.read_text()
    prepared(bookworm, software, camera="picamera2")
    assert machine.boots().returncode == 0
    assert 'camera = "picamera2"' in settings.read_text()


def test_a_camera_the_image_has_no_program_for_is_told_on_the_card(
    bookworm: Path, software: Path, tmp_path: Path
) -> None:
    prepared(bookworm, software, camera="picamera2")
    machine = Machine(tmp_path, bookworm)
    machine.stub("python3", "exit 1")
    assert machine.boots().returncode == 1
    assert "--camera none" in (bookworm / "kaimen" / "PROBLEM.txt").read_text()
    assert (bookworm / "kaimen" / "claim").exists()


def test_a_first_boot_cut_off_before_the_claim_was_copied_can_be_done_again(
    bookworm: Path, software: Path, tmp_path: Path
) -> None:
    prepared(bookworm, software)
    machine = Machine(tmp_path, bookworm)
    machine.stub("sync", "kill -9 $PPID")
    assert machine.boots().returncode != 0
    assert (bookworm / "kaimen" / "claim").read_bytes() == claim_for().to_wire()
    machine.stub("sync", "exit 0")
    assert machine.boots().returncode == 0
    assert (machine.home / "claim").read_bytes() == claim_for().to_wire()
    assert not (bookworm / "kaimen" / "claim").exists()
