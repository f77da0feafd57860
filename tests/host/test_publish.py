"""Each door is told what it needs and no more, and its state only rises."""

import os

import pytest
from tests.host.house import DAY, House

from gatecore import codes
from gatecore import state as s
from gatehost.model.code import Invitation
from gatehost.service import publish
from gatehost.service.home import invite, pins, visitor_code
from gatehost.service.office import policy
from gatehost.store import devices

KINDS = (s.ZONES, s.HOMES, s.PINS, s.PEOPLE, s.CODES, s.REVOKED)


def held(state: s.State, kind: int) -> list[list[object]]:
    """The rows of a kind."""
    return list(state._keyed.get(kind, {}).values())


async def pulled(house: House, slot: str) -> s.State:
    """The state a fresh device of the slot is told."""
    device = await house.enrolled(slot)
    async with device.connect() as link:
        await link.greet()
        return await link.pull()


async def test_a_building_door_holds_its_own_building_only(house: House) -> None:
    desk = await house.actor("desk")
    limei, wangfang = await house.actor("limei"), await house.actor("wangfang")
    await pins.give_pin(house.ctx, desk, "120502", limei.party)
    await pins.give_pin(house.ctx, desk, "130101", wangfang.party)
    state = await pulled(house, "b12-door")
    assert {row[0] for row in held(state, s.ZONES)} == {"b12"}
    assert {str(row[0])[:2] for row in held(state, s.HOMES)} == {"12"}
    assert [row[0] for row in held(state, s.PINS)] == ["120502"]
    assert wangfang.party not in {bytes(row[0]).hex() for row in held(state, s.PEOPLE)}  # type: ignore[call-overload]
    assert state.door is not None
    assert (state.door.prefix, state.canonical("0502")) == ("12", "120502")


async def test_a_gate_holds_the_buildings_behind_it_and_no_pins(house: House) -> None:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await pins.give_pin(house.ctx, desk, "120502", limei.party)
    state = await pulled(house, "gate-1-in")
    assert {row[0] for row in held(state, s.ZONES)} == {"b12", "b13"}
    assert len(held(state, s.HOMES)) == 13
    assert held(state, s.PINS) == []


async def test_a_desk_unit_holds_no_home_and_knows_whom_to_seal_to(house: House) -> None:
    door = await house.enrolled("b12-door", box=os.urandom(32))
    state = await pulled(house, "desk-1")
    assert [held(state, kind) for kind in KINDS] == [[]] * len(KINDS)
    assert [(row[0], row[1]) for row in state.seal_to] == [(door.dev, door.box)]


async def test_the_zone_keys_are_those_of_this_and_the_next_epoch(house: House) -> None:
    state = await pulled(house, "b12-door")
    today = (house.clock.now + 8 * 3_600_000) // DAY
    held_epochs = sorted(int(str(row[1])) for row in held(state, s.ZONES))
    assert held_epochs == [today // 30, today // 30 + 1]
    key = codes.zone_key(house.ctx.keys.codes, "b12", today // 30)
    assert state.zone_key("b12", today // 30) == key


async def test_a_code_reaches_the_doors_of_its_path_and_no_other(house: House) -> None:
    limei = await house.actor("limei")
    made = await invite.invite(house.ctx, limei, "120502", Invitation("叔叔"))
    for slot, known in (("b12-door", True), ("gate-1-in", True), ("b13-door", False)):
        state = await pulled(house, slot)
        assert state.door is not None
        mark = codes.digest(state.door.list_key, "120502", made.code.digits[:7])
        assert (state.code("120502", mark) is not None) is known, slot


async def test_versions_only_rise_and_only_for_a_change(house: House) -> None:
    device = await house.enrolled("b12-door")
    limei = await house.actor("limei")
    seen = []
    async with device.connect() as link:
        await link.greet()
        for wish in (None, Invitation("a"), Invitation("b")):
            if wish is not None:
                await invite.invite(house.ctx, limei, "120502", wish)
            state = await link.pull()
            seen.append((state.generation, state.version))
        assert await publish.publish_all(house.ctx) == ()
        house.clock.now += 60_000
        assert await publish.publish_all(house.ctx) == ()
    assert seen == [(1, 1), (1, 2), (1, 3)]


async def test_a_connected_door_is_told_of_a_revoked_code_at_once(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    made = await invite.invite(house.ctx, limei, "120502", Invitation("a"))
    async with device.connect() as link:
        await link.greet()
        state = await link.pull()
        assert state.door is not None
        mark = codes.digest(state.door.list_key, "120502", made.code.digits[:7])
        assert not state.revoked("120502", mark)
        await visitor_code.revoke(house.ctx, limei, made.code.id)
        assert (await link.pull()).revoked("120502", mark)
    (shown,) = await visitor_code.codes_of(house.ctx, limei, "120502")
    assert (shown.state, shown.doors_ready, shown.doors_all) == ("revoked", 1, 1)


async def test_a_host_that_was_restored_rises_above_what_its_doors_hold(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect(generation=1, version=41) as link:
        await link.greet()
        device.state = s.HeldState(1, 41)
        assert (await link.pull()).version == 42


async def test_a_door_gets_no_piece_of_another_doors_state(house: House) -> None:
    one, other = await house.enrolled("b12-door"), await house.enrolled("b13-door")
    async with house.ctx.store.read() as tx:
        row = await devices.by_dev(tx, one.name)
        assert row is not None
        hashes = await devices.chunk_hashes(tx, row.no)
    async with other.connect() as link:
        await link.greet()
        from gatecore import frames

        await link.say(frames.WANT, hashes[0])
        assert await link.take(frames.PIECE) == [hashes[0], b""]


async def test_the_face_mode_of_a_door_follows_the_nearest_decision(house: House) -> None:
    admin = await house.actor("admin")
    await policy.set_rule(house.ctx, admin, "estate", "face_mode", "free", "committee", "r1", "fast")
    await policy.set_rule(house.ctx, admin, "b12", "face_mode", "off", "b12 owners", "r2", "wish")
    state = await pulled(house, "b12-door")
    assert state.door is not None
    assert (state.door.face, state.door.decided_by) == (s.FACE_OFF, "b12 owners")
    assert {row[4] for row in held(state, s.PEOPLE)} == {0}
    gate = await pulled(house, "gate-1-in")
    assert gate.door is not None
    assert gate.door.face == s.FACE_FREE


@pytest.mark.parametrize(
    ("decided", "told"), [(None, s.LIFE_OFF), ("off", s.LIFE_OFF), ("unsure", s.LIFE_UNSURE), ("always", s.LIFE_ALWAYS)]
)
async def test_whether_a_face_must_prove_life_is_told_to_the_door_by_its_own_place(
    house: House, decided: str | None, told: int
) -> None:
    admin = await house.actor("admin")
    if decided is not None:
        await policy.set_rule(house.ctx, admin, "b12", "face_life", decided, "b12 owners", "r3", "photos were tried")
    assert (await pulled(house, "b12-door")).life == told
    assert (await pulled(house, "gate-1-in")).life == s.LIFE_OFF
