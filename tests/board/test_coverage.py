"""The transcripts run nearly all of the core on the real MicroPython, so "the same bytes" speaks for all of it."""

import pytest

from .coverage import reached, unreached
from .micropython import FIRMWARE, sources
from .test_transcripts import TRANSCRIPTS

# exports are read by hosts, the gate's copy by units
NOT_ON_BOARDS = ("__init__", "compat", "bundle", "bundlelog", "bundlesection", "lines", "gatecopy")
STORIES_ON_FLASH = "flash"  # the same core lines once more, slowly
MODULES = (path.stem for path in (FIRMWARE / "gatecore").glob("*.py"))
COVERED = tuple(sorted(name for name in MODULES if name not in NOT_ON_BOARDS))
SHARE = 0.95

pytestmark = pytest.mark.micropython


@pytest.fixture(scope="module")
def lines() -> dict[str, set[int]]:
    return reached([script for script in TRANSCRIPTS if script.stem != STORIES_ON_FLASH])


@pytest.mark.parametrize("module", COVERED)
def test_nearly_every_statement_runs_on_the_small_interpreter(module: str, lines: dict[str, set[int]]) -> None:
    missed, total = unreached(f"gatecore/{module}.py", lines)
    print(f"gatecore/{module}.py: {total - len(missed)} of {total} statements")
    assert total > 4
    assert 1 - len(missed) / total >= SHARE, f"never run: lines {missed}"


def test_a_statement_that_never_runs_is_counted(lines: dict[str, set[int]]) -> None:
    (refusal,) = [at for at in lines["gatecore/ed25519.py"] if at in refusals()]
    without = {name: found - {refusal} for name, found in lines.items()}
    assert set(unreached("gatecore/ed25519.py", without)[0]) - set(unreached("gatecore/ed25519.py", lines)[0]) == {
        refusal
    }


def refusals() -> set[int]:
    """The lines of the signer that raise."""
    text = sources("gatecore")["gatecore/ed25519.py"].decode()
    return {number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("raise ")}
