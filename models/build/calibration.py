"""Pictures for the quantiser's ranges that hold no face and no photograph at all.

Sums of coloured noise at five scales around a mean brightness. With ReLU6 in the deep stages these set the same
ranges as real portraits do (docs/adr/0010), so the model is built without one picture of a person.
"""

from typing import Any

import numpy as np
from PIL import Image

SIDE = 150
COUNT = 200
SEED = 20240501
GRIDS = (3, 6, 12, 24, 48)
AMPLITUDE = 40.0


def synthetic_pictures() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """uint8[200, 150, 150, 3], the same bytes every time."""
    random = np.random.Generator(np.random.PCG64(SEED))
    return np.stack([synthetic_picture(random) for _ in range(COUNT)])


def synthetic_picture(random: np.random.Generator) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Noise on grids of 3 to 48 cells a side, coarse ones stronger, enlarged bicubically."""
    picture = np.full((SIDE, SIDE, 3), random.uniform(70, 170), np.float64)
    for cells in GRIDS:
        noise = random.normal(0, AMPLITUDE / np.sqrt(np.log2(cells)), (cells, cells, 3)).astype(np.float32)
        picture += np.stack([enlarge(noise[..., channel]) for channel in range(3)], -1)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def enlarge(grid: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """float32[n, n] -> float32[150, 150]."""
    return np.asarray(Image.fromarray(grid).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
