"""A resident's card on their own page: its number, and the one tap that kills it."""

from gatecore.events import ALERT_LOST_CARD
from gatehost.service.door import reception
from gatehost.store import grants

from .conftest import Open
from .house import HOME, House

MINE = "0001234567"


async def given(house: House, name: str, number: str) -> None:
    person = await house.person(name)
    async with house.ctx.store.write() as tx:
        now = house.ctx.clock()
        await grants.put_credential(tx, person, "card", "active", number, now, now + 86_400_000)


async def test_a_resident_reports_the_own_card_lost_and_nobody_else_s(house: House, browse: Open) -> None:
    await given(house, "王芳", MINE)
    await given(house, "王小宝", "0001234568")
    fang = await browse("wangfang")
    _, text = await fang.get("/me/data")
    assert MINE in text
    assert "0001234568" not in text
    _, text = await fang.post("/me/cards/lost", page="/me/data")
    assert "Your card is dead at every connected door" in text
    assert "reported lost" in text
    assert "I have lost it" not in text
    async with house.ctx.store.read() as tx:
        child = await grants.by_number(tx, "card", "0001234568")
    assert child is not None
    assert child[2] == "active"
    status, text = await fang.post("/me/cards/lost", page="/me/data")
    assert (status, "This person has no working card" in text) == (404, True)


async def test_the_guard_s_page_names_the_lost_card(house: House, browse: Open) -> None:
    await given(house, "王芳", MINE)
    fang, guard = await browse("wangfang"), await browse("guard")
    await fang.post("/me/cards/lost", page="/me/data")
    assert MINE in (await guard.get("/gate"))[1]


async def test_the_guard_sees_for_an_hour_at_which_door_a_lost_card_was_held(house: House, browse: Open) -> None:
    door, guard = await house.fill("north-in"), await browse("guard")
    assert "A lost card was held to a door" not in (await guard.get("/gate"))[1]
    await reception.alert(house.ctx, door.dev, ALERT_LOST_CARD, HOME)
    _, text = await guard.get("/gate")
    assert "A lost card was held to a door" in text
    assert "北门入口" in text
    house.later(3_700_000)
    assert "A lost card was held to a door" not in (await guard.get("/gate"))[1]
