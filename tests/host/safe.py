"""A house with two places for its backups, and what a restore makes of them, as a host finds it at its start."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.host.house import House
from tests.host.house import house as running

from gatehost.service import gone, publish
from gatehost.service.evidence import erasure
from gatehost.service.safekeeping import backup, restore, restored
from gatehost.service.safekeeping.backup import Machine
from gatehost.store.backups import First, Second
from gatehost.store.manifest import Manifest
from gatehost.store.store import sqlite_url


class Safe:
    """Two places and the private key of one host's backups, all below `root`."""

    def __init__(self, root: Path) -> None:
        self.first, self.second = First(root / "first"), Second(root / "second")
        self.key = root / "estate-backup.key"

    def guard(self, house: House) -> None:
        """The house tells the second place what ended, from now on."""
        house.ctx = replace(house.ctx, second=self.second)
        if not self.key.exists():
            backup.make_key(house.folder, self.key)

    async def backup(self, house: House, keep: int = 14, database: str = "") -> Manifest:
        """One more backup of the running house."""
        machine = Machine(house.folder, database or sqlite_url(house.folder / "kaimen.db"))
        return await backup.make(machine, self.first, self.second, keep, house.clock.now)

    async def restore(self, folder: Path, name: str = "", database: str = "") -> restore.Checked:
        """A host's folder from a backup."""
        private = backup.read_key(self.key)
        return await restore.restore(self.first, self.second, folder, name, "", private, database)

    @asynccontextmanager
    async def started(self, folder: Path, database: str = "", at: int | None = None) -> AsyncIterator[House]:
        """The first start of a restored folder, at `at` ms: what `kaimen host` does before it serves anybody."""
        async with running(folder, database=database, kept=True) as house:
            house.clock.now = at or house.clock.now
            house.ctx = replace(house.ctx, second=self.second)
            if not await restored.finish(house.ctx, folder):
                await erasure.again(house.ctx)
            await gone.keep(house.ctx)
            await publish.publish_all(house.ctx)
            yield house


def everything(*folders: Path) -> bytes:
    """Every byte of every file below."""
    return b"".join(path.read_bytes() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
