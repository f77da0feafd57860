"""What the host's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running
from tests.host.safe import Safe


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running host, closed after the test."""
    async with running(tmp_path) as made:
        yield made


@pytest.fixture
async def safe(house: House, tmp_path: Path) -> Safe:
    """The two places of a host's backups, with a key made; the host lies in a folder of its own beside them."""
    made = Safe(tmp_path)
    made.guard(house)
    return made
