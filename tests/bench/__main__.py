"""The figures: `python -m tests.bench [NAME ...]`, all of them without a name. Each is a module with `main(argv)`.

Ratios hold; absolute times are this machine's. What is to be reached is written in docs/figures.md.
"""

import subprocess
import sys

BENCHES = {
    "digit": "deciding digit -> lock, durable",
    "visit": "JPEG at the camera port -> lock, gallery of 500",
    "boards": "face in view -> lock, computed for boards that nobody measured",
    "face": "frame -> template as a ratio to the usual one; matching, memory, start",
    "opening": "a gate's people opened: 1,000 to 100,000, each sealed",
    "tap": "tap Open in a real browser -> lock",
    "ingest": "verified, durable ingest as a ratio to raw sqlite3",
    "witness": "entry in a door -> under two doors' cosignatures, 24 h simulated",
    "estate": "half a year of 2,000 homes: what pages call, memory and start, on SQLite and PostgreSQL",
    "verify": "a million entries through the stand-alone verifier",
    "kill": "kill -9 of unit and host, two hundred times",
}


def main(names: list[str]) -> int:
    """Runs them one after another, each in a process of its own; status 1 if one failed or is not known."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 1
    failed = []
    for name in names or BENCHES:
        print(f"--- {name}: {BENCHES[name]}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
