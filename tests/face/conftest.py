"""One engine for all face tests, and a portrait anybody may use: astronaut Eileen Collins (NASA, public domain)."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gateface import Engine, Person, open_engine, packed


@pytest.fixture(scope="session")
def engine() -> Engine:
    return open_engine()


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """uint8[512, 512, 3], one frontal face with its eyes about 45 pixels apart."""
    from skimage import data

    picture: NDArray[np.uint8] = data.astronaut()
    return picture


def around(centre: NDArray[np.float32], cosine: float, random: np.random.Generator) -> NDArray[np.float32]:
    """A unit vector at just this cosine from another one."""
    side = random.normal(size=centre.size).astype(np.float32)
    side -= (side @ centre) * centre
    side /= np.linalg.norm(side)
    mixed: NDArray[np.float32] = (cosine * centre + np.sqrt(1 - cosine**2) * side).astype(np.float32)
    return mixed


def direction(random: np.random.Generator, size: int = 128) -> NDArray[np.float32]:
    """Any unit vector."""
    vector = random.normal(size=size).astype(np.float32)
    unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
    return unit


def resident(number: int, home: str, *templates: NDArray[Any], model: str = "resnet29-relu6-int8-1") -> Person:
    """Person `number` with these photos."""
    return Person(number.to_bytes(16, "big"), home, tuple(packed(template) for template in templates), model)
