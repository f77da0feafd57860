"""Days after 2038 and after 2106, when seconds no longer fit into 31 or 32 bits, are like any other."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.host import postgres
from tests.host.house import DAY, House
from tests.host.house import house as running
from tests.host.test_checkpoints import checkpoint
from tests.host.test_export import exported
from tests.host.test_export import judged as under_the_key
from tests.host.test_publish import held

from gatecore.state import CODES, PEOPLE
from gatehost.model.code import Invitation
from gatehost.service import hostclock
from gatehost.service.evidence.export import Wanted
from gatehost.service.home import invite
from gatehost.service.office import daily

YEARS = {2040: 2_211_000_000_000, 2110: 4_418_000_000_000}


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL, whose small numbers end at 2^31."""
    if not postgres.installed():
        pytest.skip("no PostgreSQL here: install it, or set KAIMEN_TEST_POSTGRES")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A running host over either database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    async with running(tmp_path, database=url) as made:
        yield made


@pytest.mark.parametrize("year", YEARS)
async def test_a_day_of_another_century(house: House, year: int) -> None:
    house.clock.now = now = YEARS[year]
    assert await hostclock.keep(house.ctx)
    door, limei = await house.enrolled("b12-door"), await house.actor("limei")
    await invite.invite(house.ctx, limei, "120502", Invitation("表哥", since=now, until=now + 9 * DAY))
    async with door.connect() as link:
        await link.greet()
        await link.witnessed()
        state = await link.pull()
        assert {int(str(row[4])) for row in held(state, CODES)} == {(now + 9 * DAY) // 1000}
        assert all(int(str(row[3])) > now // 1000 + 365 * 86_400 for row in held(state, PEOPLE))
        door.opened(now, "120502", os.urandom(16))
        await link.deliver(1, 1, now)
        await checkpoint(house)
        await link.cosign(now // 1000)
    house.clock.now += DAY
    assert await daily.turn(house.ctx)
    report = under_the_key(house, await exported(house, Wanted()))
    assert report.entries > 2
