"""Checkpoints of long ago: one of a day stays with its words, and nothing an export proves goes with the others."""

import pytest
from sqlalchemy import select
from tests.host.house import DAY, HOUR, START, House
from tests.host.test_checkpoints import checkpoint
from tests.host.test_export import exported
from tests.host.test_export import judged as under_the_key
from tests.host.test_outside import committee, cosigned, judged

from gatehost.service.evidence import checkpoints, witness
from gatehost.service.evidence.export import Wanted
from gatehost.service.home import homes
from gatehost.store import thinning
from gatehost.store.table import log

Word = tuple[int, str]  # size of a checkpoint, who cosigned it


async def held(house: House) -> tuple[dict[int, int], set[Word]]:
    """(size -> when made) of every checkpoint kept, and every word."""
    async with house.ctx.store.read() as tx:
        made = await tx.execute(select(log.checkpoint.c.size, log.checkpoint.c.at))
        words = await tx.execute(select(log.cosignature.c.size, log.cosignature.c.name))
        return {size: at for size, at in made}, {(size, name) for size, name in words}


async def lived(house: House, days: int) -> None:
    """Three checkpoints a day, cosigned by a door; on the first day by a second one too, which then goes for good."""
    stays, goes = await house.enrolled("b12-door"), await house.enrolled("gate-1-in")
    async with goes.connect() as other:
        await other.greet()
        await other.witnessed()
        await checkpoint(house)
        await other.cosign()
    async with stays.connect() as link:
        await link.greet()
        await link.witnessed()
        await link.cosign()
        for hour in range(0, 24 * days, 8):
            house.clock.now = START + hour * HOUR
            stays.opened(house.clock.now, "120502", b"m" * 16)
            await link.deliver(len(stays.log), len(stays.log), house.clock.now)
            await checkpoint(house)
            await link.cosign(house.clock.now // 1000)
            if hour % 24 == 16:  # the last of a day is one that nobody cosigned
                await homes.add_person(house.ctx, await house.actor("desk"), "120501", "周宁", "family")
                await checkpoints.sign(house.ctx)


async def test_what_an_export_shows_is_the_same_after_years_of_checkpoints_went(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "PAGE", 4)  # a day is cut by pages, and is one day again the night after
    outside = await committee(house)
    await checkpoints.sign(house.ctx)
    await homes.add_person(house.ctx, await house.actor("desk"), "120501", "周安", "family")
    word = await cosigned(house, outside)  # neither the oldest nor the last of its day, nor this witness's last
    await lived(house, 6)
    await cosigned(house, word)
    trust = await witness.trust_file(house.ctx, await house.actor("admin"))
    before, words = await held(house)
    report = under_the_key(house, await exported(house, Wanted()))
    said = await judged(house, trust)
    house.clock.now = START + 34 * DAY
    old = {size for size, at in (await held(house))[0].items() if at < house.clock.now - 31 * DAY}
    gone = await checkpoints.thin(house.ctx)
    while more := await checkpoints.thin(house.ctx):
        gone += more
    kept, left = await held(house)
    assert gone == len(old - set(kept)) > 0
    assert set(kept) >= set(before) - old, "a month is whole"
    days = [before[size] // DAY for size in kept if size in old]
    assert {before[size] // DAY for size, _ in words if size in old & set(kept)} == set(days), "one with a word"
    last = {name: max(size for size, one in words if one == name) for _, name in words}
    assert len(last) == 3
    assert {min(before), word.size, *last.values()} <= set(kept)
    assert len(days) <= len(set(days)) + 4, "one of each day, the first, two words, one where a page cut a day"
    assert left == {one for one in words if one[0] in kept} | {one for one in left if one[0] not in before}
    again = under_the_key(house, await exported(house, Wanted()))
    assert [(one.dev, one.first) for one in again.devices] == [(one.dev, one.first) for one in report.devices]
    assert await judged(house, trust) == said


async def test_a_host_that_was_off_for_a_year_keeps_the_head_of_its_tree(house: House) -> None:
    await lived(house, 1)
    house.clock.now += 365 * DAY
    newest = max((await held(house))[0])
    assert await checkpoints.thin(house.ctx) > 0
    assert newest in (await held(house))[0]
    under_the_key(house, await exported(house, Wanted()))  # and goes on from it
