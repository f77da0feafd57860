"""`make bench-face`: the face goals in one run. `python -m tests.bench.faces [--faces DIR] [--names FILE] [--quick]`

1. speed: a VGA frame to a template against the way of `face_recognition` (dlib HOG, five points, ResNet), taking turns,
   one thread each, in processor time; idle; search among many; memory and start; a simulated day.
2. people (with --faces): TAR at FAR over all pairs of the folder's pictures, of our engine and of the peers installed
   (dlib's float network on the same pictures; OpenCV's where it is); 3 photos + 2 frames; free search among 100; the
   names' people apart with 95 % intervals; whole visits under the rule, and strangers against the promise.
3. boards: the time from the face in view to the relay, computed for those that nobody measured.

Each line says what was measured and the goal (docs/figures.md). Peers come from requirements/bench.txt; without them
their lines say so.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from tests.bench import boards, facepeople, facespeed

FOLDER = "KAIMEN_FACES"


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures; nothing is asserted, a goal missed is printed as missed."""
    parser = argparse.ArgumentParser(prog="bench-face", description=__doc__)
    parser.add_argument("--faces", type=Path, help=f"pictures of people; default: the folder named by {FOLDER}")
    parser.add_argument("--names", type=Path, help="people whose figures are given apart")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to see that it runs")
    chosen = parser.parse_args(argv)
    folder = chosen.faces or (Path(os.environ[FOLDER]) if FOLDER in os.environ else None)
    facespeed.report(folder, chosen.quick)
    shares = boards.OPENED
    if folder is None:
        print(f"people: not measured; --faces or {FOLDER} names a folder of pictures, one folder a person")
    else:
        shares = facepeople.report(folder, chosen.names, chosen.quick)
    boards.report(facespeed.frames(folder, 1, 250)[0], shares)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
