"""An estate that grows: a gate, a building and its homes made after the founding work like those of its file."""

import pytest
from tests.host.device import Played
from tests.host.house import House

from gatecore import codes
from gatecore.clock import HOST, Now
from gatecore.state import HOMES
from gatecore.throttle import Memory
from gatehost.model.account import ADMIN, Actor
from gatehost.model.code import Invitation
from gatehost.model.errors import BadInput, Denied, NotFound
from gatehost.service.door import devices
from gatehost.service.founding import growth
from gatehost.service.home import homes, invite

HOME = "120502"


async def told(device: Played) -> set[str]:
    """The homes a door knows after its next contact."""
    async with device.connect() as link:
        await link.greet()
        state = await link.pull()
    return {str(row[0]) for row in state._keyed.get(HOMES, {}).values()}


async def test_a_gate_made_later_opens_to_those_it_leads_to_and_to_no_others(house: House) -> None:
    admin = await house.actor("admin")
    await growth.add_gate(house.ctx, admin, "gate-9", "9号门", ("b12",))
    await devices.open_slot(house.ctx, admin, "gate-9", "gate-9-in", "9号门入口", "door")
    door = await house.enrolled("gate-9-in")
    known = await told(door)
    assert HOME in known
    assert "130101" not in known
    made = await invite.invite(house.ctx, await house.actor("limei"), HOME, Invitation("客"))
    async with door.connect() as link:
        await link.greet()
        state = await link.pull()
    now = Now(1, 1, house.clock.now, HOST)
    assert codes.check_code(state, Memory(), HOME, made.code.digits, now, False).reason == codes.OK
    await growth.change(house.ctx, admin, "gate-9", "九号门", ("b13",))
    assert await told(door) == {"130101"}
    assert [gate.name for gate, _ in (await growth.ground(house.ctx, admin)).gates] == ["1号门", "九号门"]


async def test_a_building_made_later_has_its_homes_and_the_gates_that_lead_to_it_know_them(house: House) -> None:
    admin, desk = await house.actor("admin"), await house.actor("desk")
    gate = await house.enrolled("gate-1-in")
    built, many = await growth.add_building(house.ctx, admin, "14栋", "14", 2, 3, ("gate-1",))
    assert (built.id, many) == ("b14", 6)
    assert {"140101", "140203"} <= await told(gate)
    await homes.add_person(house.ctx, desk, "140203", "新住户", "owner")
    empty, none = await growth.add_building(house.ctx, admin, "15栋", "15", 0, 0, ())
    assert none == 0
    held = {one.id: (homes, [gate.id for gate in gates]) for one, homes, gates in
            (await growth.ground(house.ctx, admin)).buildings}  # fmt: skip
    assert (held["b14"], held[empty.id], held["b12"]) == ((6, ["gate-1"]), (0, []), (12, ["gate-1"]))


async def test_what_cannot_be_built_is_told_at_its_field_and_builds_nothing(house: House) -> None:
    admin = await house.actor("admin")
    before = await growth.ground(house.ctx, admin)
    for slot, name, behind, field, code in (
        ("gate-1", "x", (), "slot", "taken"), ("b12-door", "x", (), "slot", "taken"),
        ("120502", "x", (), "slot", "like"), ("Tor 1", "x", (), "slot", "characters"),
        ("", "x", (), "slot", "characters"), ("g9", " ", (), "name", "missing"), ("g9", "x" * 61, (), "name", "long"),
        ("g9", "x", ("b12", "b99"), "behind", "unknown"), ("g9", "x", (HOME,), "behind", "unknown"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=code) as wrong:
            await growth.add_gate(house.ctx, admin, slot, name, behind)
        assert wrong.value.field == field
    for dial, floors, each, behind, field in (
        ("12", 1, 1, (), "dial"), ("1", 1, 1, (), "dial"), ("125", 1, 1, (), "dial"), ("", 1, 1, (), "dial"),
        ("140000", 1, 1, (), "dial"), ("１４", 1, 1, (), "dial"), ("14", 100, 1, (), "floors"),
        ("14", 1, 100, (), "per_floor"), ("1400", 10, 1, (), "floors"), ("14", 1, 1, ("b12",), "behind"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as wrong:
            await growth.add_building(house.ctx, admin, "x", dial, floors, each, behind)
        assert wrong.value.field == field
    for place in ("estate", HOME, "gate-1-in", "nowhere"):
        with pytest.raises(NotFound, match="place"):
            await growth.change(house.ctx, admin, place, "x", ())
    assert await growth.ground(house.ctx, admin) == before


async def test_a_desk_unit_stands_in_the_estate_and_no_door_does(house: House) -> None:
    admin = await house.actor("admin")
    made = await devices.open_slot(house.ctx, admin, "estate", "desk-2", "前台二号机", "desk")
    assert (made.slot, made.place) == ("desk-2", "estate")
    for kind in ("door", "board"):
        with pytest.raises(BadInput, match="desk") as wrong:
            await devices.open_slot(house.ctx, admin, "estate", "x-1", "x", kind)
        assert wrong.value.field == "place"


@pytest.mark.parametrize("role", ["desk", "guard", "resident", "operator", "committee"])
async def test_only_an_administrator_builds(house: House, role: str) -> None:
    somebody = Actor(1, "", "x", role, (HOME,), "en", True)
    for what in (
        growth.ground(house.ctx, somebody),
        growth.add_gate(house.ctx, somebody, "g9", "x", ()),
        growth.change(house.ctx, somebody, "gate-1", "x", ()),
        growth.add_building(house.ctx, somebody, "x", "14", 1, 1, ()),
    ):
        with pytest.raises(Denied):
            await what  # type: ignore[misc]
    assert len((await growth.ground(house.ctx, Actor(1, "", "a", ADMIN, (), "en", True))).gates) == 1
