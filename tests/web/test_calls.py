"""A visitor rings: the page says who is where, opens, and tells the truth about it."""

from gatehost.model.account import ADMIN, Actor
from gatehost.service.door import calls
from gatehost.service.office import policy

from .conftest import Open
from .house import HOME, House

ADMINISTRATOR = Actor(0, "", "admin", ADMIN, (), "zh_CN", True)


async def test_open_opens_and_says_so(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    call = await house.ring(door)
    _, text = await fang.get("/me")
    assert "A visitor is at 北门入口" in text
    status, text = await fang.post(f"/calls/{call}/open", page=f"/calls/{call}")
    assert (status, "The door is open" in text) == (200, True)
    assert "This call is over" in (await fang.get(f"/calls/{call}"))[1]


async def test_a_door_that_does_not_answer_is_never_called_open(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    call = await house.ring(door)
    house.doors.up.clear()
    status, text = await fang.post(f"/calls/{call}/open", page=f"/calls/{call}")
    assert status == 503
    assert "The door did not answer" in text
    assert "Nothing was opened." in text
    assert "The door is open" not in text


async def test_a_door_that_refuses_is_told_as_refusing(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    call = await house.ring(door)
    house.doors.answers = (False, "challenge")
    status, text = await fang.post(f"/calls/{call}/open", page=f"/calls/{call}")
    assert (status, "The door refused" in text) == (409, True)


async def test_the_first_answer_wins_and_the_second_hears_who_it_was(house: House, browse: Open) -> None:
    door, fang, desk = await house.fill("north-in"), await browse("wangfang"), await browse("desk")
    call = await house.ring(door)
    token = await desk.token(f"/calls/{call}")
    await fang.post(f"/calls/{call}/open", page=f"/calls/{call}")
    status, text = await desk.send(f"/calls/{call}/open", {"form_token": token})
    assert status == 409
    assert "Somebody else answered" in text or "This call is over" in text


async def test_refuse_ends_the_call_without_opening(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    call = await house.ring(door)
    _, text = await fang.post(f"/calls/{call}/refuse", page=f"/calls/{call}")
    assert "Not opened. The visitor was told." in text


async def test_open_does_not_wait_for_a_picture_and_shows_one_that_came(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    call = await house.ring(door)
    _, text = await fang.get(f"/calls/{call}")
    assert "No picture from this door" in text
    assert f'action="/calls/{call}/open"' in text
    await calls.snapshot(house.ctx, door.dev, call, b"\xff\xd8picture")
    async with fang.http.get(f"{house.url}/calls/{call}/picture") as answer:
        assert (answer.content_type, await answer.read()) == ("image/jpeg", b"\xff\xd8picture")
        assert answer.headers["Cache-Control"] == "no-store"


async def test_where_opening_is_switched_off_the_page_says_who_decided(house: House, browse: Open) -> None:
    door, fang = await house.fill("north-in"), await browse("wangfang")
    await policy.set_rule(house.ctx, ADMINISTRATOR, "b12", "home_open", "off", "业主大会", "2026第7号", "便于老人进门")
    call = await house.ring(door)
    _, text = await fang.get(f"/calls/{call}")
    assert "Opening from home is switched off" in text
    assert "Decided by: 业主大会" in text
    assert f'action="/calls/{call}/open"' not in text
    status, text = await fang.post(f"/calls/{call}/open", page=f"/calls/{call}")
    assert (status, "业主大会" in text) == (403, True)


async def test_my_doors_open_without_a_call_and_say_what_happened(house: House, browse: Open) -> None:
    fang = await browse("wangfang")
    await house.fill("north-in")
    status, text = await fang.post("/me/doors/north-in/open", {"home": HOME}, page="/me")
    assert (status, "The door is open" in text) == (200, True)
    status, text = await fang.post("/me/doors/b12-door/open", {"home": HOME}, page="/me")
    assert (status, "The door did not answer" in text) == (503, True)
    assert (await fang.post("/me/doors/desk-1/open", {"home": HOME}, page="/me"))[0] == 404
