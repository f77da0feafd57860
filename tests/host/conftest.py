"""What the host's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running host, closed after the test."""
    async with running(tmp_path) as made:
        yield made
