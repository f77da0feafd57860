"""Nothing of a visitor stays in this process: not in freed memory, and not in the networks' buffers.

What CPython frees it does not overwrite. glibc does where it is asked to (mallopt M_PERTURB, malloc/malloc.c): frames,
their bytes as they came and everything larger than 1 KB are overwritten as they are freed. Smaller blocks are kept for
the next of their size by malloc and by numpy, and networks keep their last input: those are overwritten here, when the
face has gone. What holds, and that it does not hold without this, is tested on a process's memory (tests/attack).
"""

import ctypes
import logging

import numpy as np

from gateface import Engine, Found
from gateface.mesh import Mesh

M_PERTURB = -6
OVERWRITTEN_WITH = 0x55
KEPT = 64  # small blocks of one size that malloc (7) and numpy (7 a bucket) may keep for a thread, with room
SIZES = (128, 256, 512, 1024)  # bytes of a packed template, of half and whole float ones

log = logging.getLogger(__name__)


def overwrite_what_is_freed() -> bool:
    """Asks the C library for it; False, and said, where it cannot be asked (it is not glibc)."""
    try:
        done = bool(ctypes.CDLL(None).mallopt(M_PERTURB, OVERWRITTEN_WITH))
    except (AttributeError, OSError):
        done = False
    if not done:
        log.warning("freed memory is not overwritten here: this is not glibc")
    return done


def overwrite_small() -> None:
    """Takes the small blocks this thread's allocators keep, and overwrites them."""
    held = [np.full(size, OVERWRITTEN_WITH, np.uint8) for size in SIZES for _ in range(KEPT)]
    held.clear()


def look_away(engine: Engine, mesh: Mesh | None, last: Found, shape: tuple[int, ...]) -> None:
    """Every network sees an empty picture where the last face was; runs on the thread that looked."""
    nothing = np.zeros(shape, np.uint8)
    engine.detect(nothing)
    engine.embed(nothing, last)
    if mesh is not None:
        mesh.points(nothing, last)
    overwrite_small()
