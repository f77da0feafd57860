"""The lane itself: pinned, free of addresses, and plain about what it needs."""

import json
from pathlib import Path

import pytest

from .micropython import HERE, MicroPython, SmallInterpreterFailed

RUNTIME = "@micropython/micropython-webassembly-pyscript"


def test_the_lock_pins_one_version_by_hash_and_names_no_address() -> None:
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    text = (HERE / "package-lock.json").read_text(encoding="utf-8")
    locked = json.loads(text)["packages"][f"node_modules/{RUNTIME}"]
    assert wanted == {RUNTIME: locked["version"]}
    assert locked["integrity"].startswith("sha512-")
    assert "://" not in text
    assert "omit-lockfile-registry-resolved=true" in (HERE / ".npmrc").read_text(encoding="utf-8").split()


def test_without_node_the_failure_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SmallInterpreterFailed, match=r"needs Node\.js 20(.|\n)*not micropython"):
        MicroPython().run("pass")


@pytest.mark.micropython
def test_the_small_interpreter_is_the_pinned_one(micropython: MicroPython) -> None:
    (step,) = micropython.run("import sys\nprint(sys.implementation.name, sys.implementation.version[:3])")
    assert step.text == "micropython (1, 29, 0)"


@pytest.mark.micropython
def test_steps_share_one_main_and_a_failed_one_does_not_end_the_run(micropython: MicroPython) -> None:
    first, failed, last = micropython.attempt("kept = 2", "1 // 0", "print(kept)")
    assert first.failure is None
    assert failed.failure is not None
    assert "ZeroDivisionError" in failed.failure
    assert last.text == "2"


@pytest.mark.micropython
def test_files_can_be_laid_over_the_core() -> None:
    laid = MicroPython(files={"gatecore/planted.py": b"VALUE = 7\n", "notes/a.txt": b"text\n"})
    (step,) = laid.run("from gatecore.planted import VALUE\nprint(VALUE, open('notes/a.txt').read())")
    assert step.text == "7 text"
