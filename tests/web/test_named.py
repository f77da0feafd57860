"""Gates and doors stand on pages as people call them, never by the short names of the estate's file."""

from gatehost.service.office import policy

from .conftest import Open
from .house import House


async def test_gates_of_a_rule_are_ticked_by_their_names_and_shown_by_them(house: House, browse: Open) -> None:
    admin, where = await browse("admin"), "/admin/rules/estate/item.gates"
    _, text = await admin.get(where)
    assert ('name="gate" value="north"' in text, ">北门</span></b>" in text, 'name="value"' in text) == (
        True, True, False,
    )  # fmt: skip
    told = {"gates": "yes", "gate": "north", "decided_by": "业委会", "why": "试行"}
    _, text = await admin.post(where, told | {"why": ""})
    assert ("Please write why" in text, 'value="north" checked' in text) == (True, True)
    _, text = await admin.post(where, told)
    assert ("The decision is saved." in text, 'translate="no">北门<' in text) == (True, True)
    assert 'translate="no">北门<' in (await admin.get("/admin/rules"))[1]
    status, _ = await admin.post(where, told | {"gate": "北门; x"})
    assert status == 400
    del told["gate"]
    await admin.post(where, told)
    assert (await policy.rule(house.ctx, "item.gates", "estate")).value == ""


async def test_the_list_of_looks_names_doors_as_people_do(house: House, browse: Open) -> None:
    admin = await browse("admin")
    await house.fill("north-in")
    await admin.get("/admin/doors/north-in")
    _, text = await admin.get("/admin/proof")
    looks = text[text.index("Who did and looked at what") :]
    assert ("北门入口" in looks, "north-in" in looks) == (True, False)
