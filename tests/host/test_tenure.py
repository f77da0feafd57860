"""Who moves in reads nothing of who lived there before: who came, who rang, codes, looks, papers, the log itself."""

from collections.abc import Awaitable, Callable

import pytest
from tests.host.device import Connection, Played
from tests.host.house import DAY, House
from tests.host.test_export import exported, judged

from gatehost.model.call import RINGING
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput
from gatehost.model.paper import OPEN
from gatehost.service import tenure
from gatehost.service.door import calls
from gatehost.service.evidence import audit, visits
from gatehost.service.evidence.export import PERSON, Wanted
from gatehost.service.home import homes, invite, visitor_code
from gatehost.service.office import monthly
from gatehost.service.paper import papers
from gatehost.store import calls as call_rows
from gatehost.store import people

HOME = "120502"
OWN = Wanted(PERSON, home=HOME)


async def lived(house: House, link: Connection, number: int) -> None:
    """A day of a home: somebody let in, somebody who rang, a look by the front desk, a code that is taken back."""
    device: Played = link.device
    device.opened(house.clock.now, HOME, bytes(16))
    await link.deliver(device.chain.seq, device.chain.seq, house.clock.now)
    await link.settle()
    async with house.ctx.store.write() as tx:
        await call_rows.put(tx, f"{number:032x}", 1, HOME, RINGING, house.clock.now, house.clock.now + 1)
    desk = await house.actor("desk")
    await homes.sheet(house.ctx, desk, HOME)
    made = await invite.invite(house.ctx, desk, HOME, Invitation("亲戚"))
    await visitor_code.revoke(house.ctx, desk, made.code.id)


async def tied(house: House, login: str, since: int, until: int | None = None) -> None:
    """A person is a tenant of the home from an instant on."""
    party = (await house.actor(login)).party
    assert party is not None
    async with house.ctx.store.write() as tx:
        await people.put_tie(tx, party, HOME, "tenant", since, until=until)


async def came(house: House, login: str) -> int:
    return len((await visits.who_came(house.ctx, await house.actor(login), HOME)).lines)


async def rang(house: House, login: str) -> int:
    return len(await calls.history(house.ctx, await house.actor(login), HOME))


async def looked(house: House, login: str) -> int:
    seen = await audit.about_home(house.ctx, await house.actor(login), HOME)
    return sum(one.action == "home.see" for one in seen)


async def invited(house: House, login: str) -> int:
    return len(await visitor_code.codes_of(house.ctx, await house.actor(login), HOME))


async def in_the_month(house: House, login: str) -> int:
    return len((await monthly.of_home(house.ctx, await house.actor(login), HOME)).lines)


async def exported_by(house: House, login: str) -> int:
    report = judged(house, await exported(house, OWN, login))
    return sum(one.disclosed for one in report.devices if one.kind == "door")


PAGES = (came, rang, looked, invited, in_the_month, exported_by)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
async def test_who_moves_in_reads_what_was_since(house: House, page: Callable[[House, str], Awaitable[int]]) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await lived(house, link, 1)
        house.clock.now += DAY // 24
        await tied(house, "wangfang", house.clock.now)
        await lived(house, link, 2)
    assert (await page(house, "limei"), await page(house, "wangfang")) == (2, 1)


async def test_who_lives_there_now_sees_a_code_that_still_opens_and_no_paper_of_others(
    house: House,
) -> None:
    limei, desk = await house.actor("limei"), await house.actor("desk")
    made = await invite.invite(house.ctx, limei, HOME, Invitation("快递"))
    assert limei.party is not None
    await house.approved(desk, limei.party)
    house.clock.now += 1
    await tied(house, "wangfang", house.clock.now)
    wangfang = await house.actor("wangfang")
    assert [one.id for one in await visitor_code.codes_of(house.ctx, wangfang, HOME)] == [made.code.id]
    assert len(await papers.listed(house.ctx, limei, OPEN, HOME)) == 1
    assert await papers.listed(house.ctx, wangfang, OPEN, HOME) == ()


async def test_nothing_of_their_own_time_is_said_to_be_nothing(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await lived(house, link, 1)
    house.clock.now += 1
    await tied(house, "wangfang", house.clock.now)
    with pytest.raises(BadInput, match="nothing"):
        await exported(house, OWN, "wangfang")


@pytest.mark.parametrize(("gap", "whole"), [(0, True), (30 * DAY, True), (32 * DAY, False)])
async def test_a_lease_renewed_within_a_month_goes_on_and_who_comes_back_begins_anew(
    house: House, gap: int, whole: bool
) -> None:
    begun, ended = house.clock.now, house.clock.now + 100 * DAY
    await tied(house, "wangfang", begun, ended)
    await tied(house, "wangfang", ended + gap)
    house.clock.now = ended + gap + 5 * DAY
    async with house.ctx.store.read() as tx:
        since = await tenure.since(house.ctx, tx, await house.actor("wangfang"), HOME)
        assert since == (begun if whole else ended + gap)
        assert await tenure.since(house.ctx, tx, await house.actor("desk"), HOME) == 0
