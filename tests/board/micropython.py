"""The real MicroPython as a fixture: scripts in, what they print and what they allocate out."""

import base64
import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIRMWARE = ROOT / "firmware"
TESTS = ROOT / "tests"
VECTORS = TESTS / "vectors"
STORIES = TESTS / "scenarios"
NODE_MISSING = (
    "This test runs the core on the real MicroPython and needs Node.js 20 or newer (`node` and `npm`). "
    "Install it, or leave these tests out with: pytest -m 'not micropython'"
)


class SmallInterpreterFailed(AssertionError):
    """A step raised; the text is MicroPython's own traceback."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: bytes printed, time, bytes allocated while it ran, bytes alive once it was over."""

    output: bytes
    failure: str | None
    ms: float
    allocated: int | None
    live: int

    @property
    def text(self) -> str:
        """What was printed, as text without the last line end."""
        return self.output.decode().rstrip("\n")


class MicroPython:
    """Runs steps in one fresh MicroPython that has the packages under /app, which is also where it stands.

    `files` are laid over the packages' own, by path below /app; the vectors of `tests/vectors` are at vectors/,
    the stories and their player at scenarios/.
    A script therefore finds `vectors/sign.json` on both interpreters if CPython stands in `tests`.
    """

    def __init__(
        self, packages: tuple[str, ...] = ("gatecore", "gateboard"), files: Mapping[str, bytes] | None = None
    ) -> None:
        self._files = {name: content for package in packages for name, content in sources(package).items()}
        self._files |= {f"vectors/{path.name}": path.read_bytes() for path in VECTORS.glob("*.json")}
        self._files |= {f"scenarios/{path.name}": path.read_bytes() for path in STORIES.iterdir() if path.is_file()}
        self._files |= dict(files or {})

    def run(self, *steps: str | Path, traced: bool = False) -> list[Step]:
        """Run each step, a script or source text, in one and the same `__main__`; raise if one fails."""
        done = self.attempt(*steps, traced=traced)
        for step in done:
            if step.failure is not None:
                raise SmallInterpreterFailed(step.failure + step.output.decode(errors="replace"))
        return done

    def attempt(self, *steps: str | Path, traced: bool = False) -> list[Step]:
        """The same, failures left in the answer. `traced`: the build that has `sys.settrace`."""
        job = {
            "traced": traced,
            "directories": sorted({str(Path("/app", name).parent) for name in self._files} | {"/app"}),
            "files": {f"/app/{name}": base64.b64encode(content).decode() for name, content in self._files.items()},
            "steps": [named(step) for step in steps],
        }
        answer = subprocess.run(
            [node(), str(HERE / "runner.mjs")], input=json.dumps(job), capture_output=True, text=True, timeout=300
        )
        if answer.returncode != 0:
            raise SmallInterpreterFailed(answer.stderr)
        return [
            Step(**{**step, "output": base64.b64decode(step["output"])}) for step in json.loads(answer.stdout)["steps"]
        ]

    def allocated(self, setup: str, snippet: str) -> int:
        """Bytes that `snippet` allocates as a function's body, run for the second time, after `setup`."""
        body = textwrap.indent(textwrap.dedent(snippet).strip(), "    ")
        functions = f"{textwrap.dedent(setup)}\ndef _nothing():\n    pass\ndef _measured():\n{body}\n"
        _, _, nothing, _, measured = self.run(functions, "_nothing()", "_nothing()", "_measured()", "_measured()")
        assert measured.allocated is not None
        assert nothing.allocated is not None
        return measured.allocated - nothing.allocated


def sources(package: str) -> dict[str, bytes]:
    """A firmware package's Python files by their path below the source root."""
    return {str(path.relative_to(FIRMWARE)): path.read_bytes() for path in sorted((FIRMWARE / package).rglob("*.py"))}


def named(step: str | Path) -> tuple[str, str]:
    """A step's name for tracebacks, and its text."""
    return (step.name, step.read_text(encoding="utf-8")) if isinstance(step, Path) else ("step", step)


def node() -> str:
    """The path of Node.js, once the pinned MicroPython is installed beside the runner."""
    program, installer = shutil.which("node"), shutil.which("npm")
    if program is None or installer is None:
        raise SmallInterpreterFailed(NODE_MISSING)
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    for package, version in wanted.items():
        installed = HERE / "node_modules" / package / "package.json"
        if not installed.exists() or json.loads(installed.read_text(encoding="utf-8"))["version"] != version:
            install(installer)
            break
    return program


def install(installer: str) -> None:
    """Install exactly what the lock names, hashes checked."""
    done = subprocess.run([installer, "ci"], cwd=HERE, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise SmallInterpreterFailed(f"`npm ci` in tests/board failed:\n{done.stderr}")


@cache
def on_cpython(script: Path) -> bytes:
    """What a transcript prints on the interpreter that runs these tests; asked once in a process."""
    answer = subprocess.run(
        [sys.executable, "-B", str(script)],
        cwd=TESTS,
        env={"PYTHONPATH": f"{FIRMWARE}:{TESTS}", "PYTHONUTF8": "1", "PYTHONWARNINGS": "error"},
        capture_output=True,
        timeout=300,
    )
    if answer.returncode != 0:
        raise AssertionError(answer.stderr.decode())
    return answer.stdout
