"""The administrator's first page says what ends, with the page to act on; a wrong clock is answered there."""

import re

from gatecore.clock import DAY_MS
from gatehost.service import hostclock
from gatehost.store import devices

from .conftest import Open
from .house import House


async def test_a_clock_that_leapt_is_answered_by_the_administrator_alone(house: House, browse: Open) -> None:
    await hostclock.keep(house.ctx)
    house.later(400 * DAY_MS)
    admin, desk, chinese = await browse("admin"), await browse("desk"), await browse("admin", "zh-CN")
    assert "it last ran at" in (await admin.get("/today"))[1]
    said = (await chinese.get("/today"))[1]
    assert re.search(r"时钟显示2027年\d+月\d+日.*它上次运行的时间是2026年", said)  # the year that is to be compared
    assert "it last ran at" not in (await desk.get("/today"))[1]
    status, text = await desk.post("/today/clock", page="/today")
    assert (status, hostclock.standing(house.ctx).wrong) == (403, hostclock.AHEAD)
    status, text = await admin.post("/today/clock", page="/today")
    assert status == 200
    assert "The clock counts as right" in text
    assert "it last ran at" not in text
    assert hostclock.standing(house.ctx).wrong == hostclock.RIGHT


async def test_a_door_that_keeps_a_time_of_its_own_is_set_on_its_page(house: House, browse: Open) -> None:
    admin = await browse("admin")
    await house.fill("b12-door")
    async with house.ctx.store.write() as tx:
        [door] = [one for one in await devices.in_states(tx, "active") if one.slot == "b12-door"]
        await devices.change(tx, door.no, quality=2)
    today = (await admin.get("/today"))[1]
    assert "does not take this computer&#39;s time" in today
    assert 'href="/admin/doors/b12-door"' in today
    status, text = await admin.post("/admin/doors/b12-door/clock", {"why": ""}, page="/admin/doors/b12-door")
    assert status == 400
    form = {"why": "电池没电"}
    status, text = await admin.post("/admin/doors/b12-door/clock", form, page="/admin/doors/b12-door")
    assert "The door has taken this computer&#39;s time." in text
    house.doors.answers = (False, "x")
    status, text = await admin.post("/admin/doors/b12-door/clock", form, page="/admin/doors/b12-door")
    assert "Its clock is as before." in text
    async with house.ctx.store.write() as tx:
        await devices.change(tx, door.no, quality=3)
    assert "Set its clock" not in (await admin.get("/admin/doors/b12-door"))[1]


async def test_a_zone_is_decided_on_the_page_of_rules(house: House, browse: Open) -> None:
    admin, where = await browse("admin"), "/admin/rules/estate/clock.zone"
    decided = {"decided_by": "物业", "why": "夏令时", "document": ""}
    status, text = await admin.post(where, decided | {"value": "Europe/Nowhere"})
    assert status == 400
    assert "This cannot be decided so" in text
    status, text = await admin.post(where, decided | {"value": "Europe/Madrid"})
    assert status == 200
    assert "Europe/Madrid" in text
    status, text = await admin.post(where, decided | {"value": ""})
    assert status == 200
