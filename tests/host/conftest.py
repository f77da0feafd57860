"""What the host's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running
from tests.host.safe import Safe


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running host in a folder of its own below the test's, closed after the test."""
    async with running(tmp_path / "host") as made:
        yield made


@pytest.fixture
async def safe(house: House, tmp_path: Path) -> Safe:
    """The two places of a host's backups, beside its folder, with a key made."""
    made = Safe(tmp_path)
    made.guard(house)
    return made
