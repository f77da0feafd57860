"""An estate with everybody the rows speak of."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import ESTATE


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running host, closed after the test."""
    async with running(tmp_path, ESTATE) as made:
        yield made
