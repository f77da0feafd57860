"""Gates and buildings made on the admin's pages: the estate grows without its file."""

from gatehost.model.account import ADMIN, Actor
from gatehost.service.founding import growth

from .conftest import Open
from .house import House

ADMINISTRATOR = Actor(0, "Administrator", "Administrator", ADMIN, (), "zh_CN", True)


async def test_a_gate_is_made_gets_its_door_and_leads_where_it_is_told(house: House, browse: Open) -> None:
    admin = await browse("admin")
    _, text = await admin.get("/admin/places")
    assert "北门" in text
    assert "12栋" in text
    status, text = await admin.post("/admin/new-gate", {"slot": "Süd", "name": "南门", "behind": "b12"})
    assert (status, "Only small letters, digits and hyphens" in text, 'value="南门"' in text) == (400, True, True)
    _, text = await admin.post("/admin/new-gate", {"slot": "south", "name": "南门", "behind": "b12"})
    assert "南门" in text
    assert "leads to" in text[text.index("南门") :]
    assert "南门" in (await admin.get("/admin/new-door"))[1]
    form = {"place": "south", "slot": "south-in", "name": "南门入口", "kind": "door", "direction": "0"}
    assert "南门入口" in (await admin.post("/admin/new-door", form))[1]
    await admin.post("/admin/places/south", {"name": "小南门"})
    held = await growth.ground(house.ctx, ADMINISTRATOR)
    assert [(gate.name, behind) for gate, behind in held.gates if gate.id == "south"] == [("小南门", ())]


async def test_a_building_no_gate_leads_to_is_told(house: House, browse: Open) -> None:
    admin = await browse("admin")
    told = {"name": "14栋", "dial": "14", "floors": "2", "per_floor": "x"}
    status, text = await admin.post("/admin/new-building", told)
    assert (status, "From 0 to 99" in text, 'value="14栋"' in text) == (400, True, True)
    _, text = await admin.post("/admin/new-building", told | {"per_floor": "2"})
    assert "4 homes" in text
    assert "No gate leads here: nobody of it gets in at a gate." in text[text.index("14栋") :]
    assert (await admin.get("/admin/places/140101"))[0] == 404
