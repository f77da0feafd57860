"""What a start does before it is ready, and what it leaves for later."""

import asyncio
import re
import signal
import sys
from pathlib import Path

from tests.host.house import DAY, House, house
from tests.host.test_process import PATIENCE_S, Host

from gatehost import settings
from gatehost.__main__ import _prepare
from gatehost.service import publish
from gatehost.store import devices

# made for one page, one verb or another database: loaded by what needs them
LATER = {"alembic", "mako", "babel", "segno", "asyncpg", "PIL", "numpy"}


async def test_a_start_loads_nothing_that_only_one_page_or_another_database_needs(tmp_path: Path) -> None:
    async with house(tmp_path):
        pass
    host, told = Host(tmp_path), tmp_path / "imports"
    with told.open("w") as imports:
        words = [sys.executable, "-X", "importtime", "-m", "gatehost", *host.line()]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=imports)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            ready = await process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            await process.wait()
    assert ready.startswith(b"ready in ")
    loaded = set(re.findall(r"^import time: .*\| +(\w+)(?:\.\S+)?$", told.read_text(), re.MULTILINE))
    assert {"aiohttp", "sqlalchemy", "gatehost", "jinja2"} <= loaded
    assert not loaded & LATER


async def told_to(held: House) -> list[tuple[int, int]]:
    """The newest state each device was told of."""
    async with held.ctx.store.read() as tx:
        return [(one.sent_generation, one.sent_version) for one in await devices.in_states(tx)]


async def test_what_time_has_changed_keeps_nobody_waiting_at_the_start(tmp_path: Path) -> None:
    async with house(tmp_path) as held:
        await held.enrolled("b12-door")
        before = await told_to(held)
        held.clock.now += 31 * DAY  # another epoch: doors need other keys
        await _prepare(held.ctx, settings.read(["--dir", str(tmp_path)]))
        assert await told_to(held) == before
        assert await publish.publish_all(held.ctx)  # which is what a host does first once it is ready
        assert await told_to(held) != before
