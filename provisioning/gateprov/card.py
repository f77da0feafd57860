"""A Raspberry Pi's card: first-boot files and the claim, written onto its mounted boot partition.

Bookworm runs firstrun.sh by the kernel's command line; Trixie has cloud-init, which reads user-data, meta-data and
network-config. Both call the same first-boot script. What makes the first boot ours is written last, so that a card
pulled out early boots as if nothing had happened, and running the command again completes it.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatecore.enrol import Claim
from gateprov import boards
from gateprov.errors import BoardFileError, CardError
from gateprov.wifi import Wifi

HERE = Path(__file__).parent
OURS = "kaimen"
CLOUD_FILES = ("user-data", "meta-data", "network-config")
EARLIEST = "2023-10-10"  # the first Bookworm; before it the partition was mounted elsewhere and Python was 3.9
RUN = "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target"
COMMAND = "bash /boot/firmware/kaimen/first-boot.sh now"
SPARE = 1 << 20
FIRSTRUN, CLOUD_INIT = "Bookworm (firstrun.sh)", "Trixie (cloud-init)"
Free = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Order:
    """What the card is to become. `board` is a copy's path, or None: the unit then chooses by its own model."""

    boot: Path
    claim: Claim
    board: Path | None = None
    software: Path | None = None
    wifi: Wifi | None = None
    language: str = "zh-CN"
    camera: str = "none"


def free_bytes(folder: Path) -> int:
    """Room left on a partition."""
    return shutil.disk_usage(folder).free


def prepare(order: Order, free: Free = free_bytes) -> str:
    """Writes the card and says which system it found; CardError or BoardFileError, and the first boot is untouched."""
    release = system_of(order.boot)
    switch = _cloud_init(order) if release == CLOUD_INIT else _firstrun(order)
    files = _files(order, release)
    _check_room(order.boot, files | switch, order.software, free)
    _copy_software(order)
    for name, data in files.items():
        _write(order.boot / name, data)
    _write(order.boot / OURS / "claim", order.claim.to_wire())
    for name, data in switch.items():
        _write(order.boot / name, data)
    return release


def system_of(boot: Path) -> str:
    """FIRSTRUN or CLOUD_INIT; CardError for anything that is not the boot partition of a system we know."""
    for name in ("cmdline.txt", "config.txt"):
        if not (boot / name).is_file():
            raise CardError(
                f"{boot}: there is no {name}, so this is no Raspberry Pi boot partition; put the card in again and "
                "name the folder of its first partition (bootfs) with --boot-dir"
            )
    issue = _text(boot / "issue.txt") if (boot / "issue.txt").is_file() else ""
    found = re.match(r"Raspberry Pi reference (\d{4}-\d\d-\d\d)\b", issue)
    if found is None or found[1] < EARLIEST:
        said = found[0] if found else (issue.splitlines() or ["nothing"])[0][:60]
        raise CardError(
            f"{boot / 'issue.txt'}:1: says {said!r}, not a Raspberry Pi OS we know; write Raspberry Pi OS Lite 64-bit, "
            f"Bookworm or Trixie, of {EARLIEST} or later onto the card and run this again"
        )
    return CLOUD_INIT if all((boot / name).is_file() for name in CLOUD_FILES) else FIRSTRUN


def _files(order: Order, release: str) -> dict[str, bytes]:
    files = {
        f"{OURS}/first-boot.sh": (HERE / "firstboot.sh").read_bytes(),
        f"{OURS}/kaimen-unit.service": (HERE / "kaimen-unit.service").read_bytes(),
        f"{OURS}/unit.toml": unit_settings(order.language, order.camera).encode(),
    }
    for name, text in _boards(order.board).items():
        files[f"{OURS}/boards/{name}.toml"] = text.encode()
    if order.wifi is not None:
        files[f"{OURS}/wifi-country"] = f"{order.wifi.country}\n".encode()
        if release == FIRSTRUN:
            files[f"{OURS}/wifi.nmconnection"] = order.wifi.connection().encode()
    return files


def unit_settings(language: str, camera: str) -> str:
    """unit.toml, as `kaimen unit --dir` reads it."""
    return (
        "# Written by kaimen provision. A camera that is fitted later is switched on here.\n"
        f'folder = "data"\nboard = "board.toml"\ncamera = {json.dumps(camera)}\ncamera_folder = ""\n'
        f"language = {json.dumps(language)}\n"
    )


def _boards(chosen: Path | None) -> dict[str, str]:
    """Board files by the name the first boot looks for: all of the Raspberry Pis, or the one that was named."""
    if chosen is None:
        return {board.name: board.text for board in boards.shipped() if not board.chip.small}
    board = boards.read(chosen)
    if board.chip.small:
        raise BoardFileError(f"{chosen}: {board.name} has no card; use --serial PORT instead of --boot-dir")
    return {"chosen": board.text}


def _firstrun(order: Order) -> dict[str, bytes]:
    """Bookworm: the script, and the one line that calls it. What Imager had put there runs before ours."""
    boot, switch = order.boot, {}
    line = _text(boot / "cmdline.txt").strip()
    if "\n" in line or "root=" not in line:
        raise CardError(f"{boot / 'cmdline.txt'}:1: must be one line with root=; write the system onto the card again")
    ours = (HERE / "firstrun.sh").read_bytes()
    theirs = boot / "firstrun.sh"
    if "systemd.run=" in line and theirs.is_file() and theirs.read_bytes() != ours:
        switch[f"{OURS}/firstrun-before.sh"] = theirs.read_bytes()
    line = re.sub(r" systemd\.\S+", "", line)
    return switch | {"firstrun.sh": ours, "cmdline.txt": f"{line} {RUN}\n".encode()}


def _cloud_init(order: Order) -> dict[str, bytes]:
    """Trixie: our command in user-data beside what is there, and a new instance, so that it runs."""
    boot = order.boot
    user = _with_command(boot / "user-data")
    mark = hashlib.sha256(order.claim.to_wire()).hexdigest()[:12]
    meta = re.sub(r"(?m)^instance[-_]id:.*\n?", "", _text(boot / "meta-data"))
    switch = {"user-data": user.encode()}
    if order.wifi is not None:
        switch["network-config"] = order.wifi.netplan().encode()
    return switch | {"meta-data": f"{meta}instance-id: kaimen-{mark}\n".encode()}


def _with_command(path: Path) -> str:
    text = _text(path)
    if COMMAND in text:
        return text
    listed = re.search(r"(?m)^runcmd:[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*?([ \t]*)- ", text)
    if listed:  # Imager's, for a country without a network: ours becomes its first line
        return f"{text[: listed.start(1)]}{listed[1]}- {COMMAND}\n{text[listed.start(1) :]}"
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("runcmd:"):
            raise CardError(
                f"{path}:{number}: has a runcmd already; make it a list with - {COMMAND}   and run this again"
            )
    head = "" if text.startswith("#cloud-config") else "#cloud-config\n"
    return f"{head}{text.rstrip()}\nruncmd:\n  - {COMMAND}\n"


def _check_room(boot: Path, files: dict[str, bytes], software: Path | None, free: Free) -> None:
    """CardError, before anything is written, if not everything fits."""
    wanted = {boot / name: len(data) for name, data in files.items()}
    if software is not None:
        wheels = _wheels(software)
        wanted |= {boot / OURS / "software" / wheel.name: wheel.stat().st_size for wheel in wheels}
    needed = sum(wanted.values()) + SPARE - sum(path.stat().st_size for path in wanted if path.is_file())
    room = free(boot)
    if needed > room:
        raise CardError(
            f"{boot}: {needed / 1e6:.0f} MB are needed and {room / 1e6:.0f} MB are free; write the system onto the "
            "card again, or remove what does not belong there"
        )


def _wheels(software: Path) -> list[Path]:
    found = sorted(software.glob("*.whl"))
    if not any(wheel.name.startswith("kaimen-") for wheel in found):
        raise CardError(
            f"{software}: there is no kaimen-*.whl in it; change --software (hw/README.md says how to make it)"
        )
    for wheel in found:
        platform = wheel.stem.rpartition("-")[2]
        if platform != "any" and not platform.endswith("aarch64"):
            raise CardError(
                f"{wheel}: is not for a 64-bit Raspberry Pi; change --software (hw/README.md says how to fill it)"
            )
    return found


def _copy_software(order: Order) -> None:
    if order.software is not None:
        for wheel in _wheels(order.software):
            target = order.boot / OURS / "software" / wheel.name
            if not target.is_file() or _digest(target) != _digest(wheel):
                _write(target, wheel.read_bytes())


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = getattr(wrong, "strerror", None) or "is not text"
        raise CardError(f"{path}: {reason}; write the system onto the card again") from wrong


def _write(path: Path, data: bytes) -> None:
    """On the card, whole, before this returns."""
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as wrong:
        raise CardError(f"{path}: {wrong.strerror}; is the card locked, full or pulled out? Run this again") from wrong
