"""The program as it is shipped: pressed and compiled by gateprov.image, and which part of it counts as what."""

import functools
import tomllib
from collections.abc import Iterable
from pathlib import Path

from gateprov import image

from .micropython import FIRMWARE

PARTS = tomllib.loads((FIRMWARE / "gateboard" / "modules.toml").read_text(encoding="utf-8"))
CORE = [f"gatecore/{name}" for name in PARTS["core"]]
RING = ["gateboard/flash", "gateboard/ring"]
SHELL = [f"gateboard/{name}" for name in PARTS["shell"]]
BENCH = [f"gatecore/{name}" for name in PARTS["bench_core"]] + [f"gateboard/{name}" for name in PARTS["bench"]]
READER = [f"gatecore/{name}" for name in PARTS["reader_core"]] + [f"gateboard/{name}" for name in PARTS["reader"]]
USERS = [(image.BOARD_IMAGE / name).read_text(encoding="utf-8") for name in ("desk.py", "main.py")]


@functools.cache
def shipped(*users: str) -> dict[str, bytes]:
    """.mpy by path; what the texts of `users` name is kept beside what a board's own files name."""
    program = {f"{package}/{name}.py": path.read_text(encoding="utf-8") for package, name, path in image.modules()}
    return image.compiled(program, [*USERS, *users])


def all_of(package: str) -> dict[str, str]:
    """Every source of a firmware package by path, also those that no board gets."""
    return {str(path.relative_to(FIRMWARE)): path.read_text(encoding="utf-8") for path in folder(package)}


def folder(package: str) -> list[Path]:
    """A firmware package's files."""
    return sorted((FIRMWARE / package).rglob("*.py"))


def size(files: dict[str, bytes], parts: Iterable[str]) -> int:
    """Bytes of .mpy of some modules, each once."""
    return sum(len(files[f"{part}.mpy"]) for part in sorted(set(parts)))
