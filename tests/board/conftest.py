"""The small interpreter, for every test of this folder that asks for it."""

import pytest

from .micropython import MicroPython


@pytest.fixture
def micropython() -> MicroPython:
    """The real MicroPython with the core on board."""
    return MicroPython()
