"""Faces: nothing without a consent, nothing readable on the host, and gone everywhere when it is withdrawn."""

import os

import pytest
from tests.host.device import Connection, Played
from tests.host.house import House

from gatecore import frames, intake
from gatehost.model.errors import BadInput, DoorSilent, NotFound, Refused
from gatehost.service.enrol import capture
from gatehost.service.face import consent, credential, holding, withdrawal

HOME = "120502"
TEMPLATES, KEY = b"sealed templates " * 40, b"sealed key " * 8


async def captured(house: House, desk_link: Connection, door: Played) -> str:
    """The resident's face, sealed by the desk unit for one door; the party."""
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    begun = await capture.start(house.ctx, desk, limei.party, HOME, desk_link.device.name)
    task, person, home, name = await desk_link.take(frames.CAPTURE)
    assert (task.hex(), person.hex(), home, name) == (begun.task, limei.party, HOME, "李梅")
    await desk_link.say(frames.CAPTURE_NEWS, task, intake.CAPTURE_PHOTO, 3, [30])
    await desk_link.say(frames.SEALED, person, "m1", 5, TEMPLATES, [[door.dev, KEY]])
    await desk_link.settle()
    assert (await capture.held(house.ctx, desk, begun.task)).photos == 3
    return limei.party


async def test_a_face_goes_sealed_from_the_desk_to_the_door(house: House) -> None:
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    async with unit.connect() as at_desk, door.connect() as at_door:
        await at_desk.greet()
        await at_door.greet()
        await at_door.pull()
        party = await captured(house, at_desk, door)
        state = await at_door.pull()
        ((person, home, model, digest, key),) = state.faces
        assert (person.hex(), home, model, key) == (party, HOME, "m1", KEY)
        await at_door.say(frames.WANT, digest)
        assert (await at_door.take(frames.PIECE))[1] == TEMPLATES
    face = await credential.face(house.ctx, await house.actor("desk"), party)
    assert face is not None
    assert (face.state, face.photos, face.number, face.doors_ready) == ("active", 5, "2026-00001", 1)


async def test_without_a_consent_nothing_is_captured_or_kept(house: House) -> None:
    unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    async with unit.connect() as link:
        await link.greet()
        with pytest.raises(Refused, match="no_consent"):
            await capture.start(house.ctx, desk, limei.party, HOME, unit.name)
        await link.say(frames.SEALED, bytes.fromhex(limei.party), "m1", 5, TEMPLATES, [])
        assert (await link.take(frames.FORGET))[0].hex() == limei.party
    assert TEMPLATES not in b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
    assert await credential.face(house.ctx, desk, limei.party) is None


async def test_a_consent_must_be_read_and_signed(house: House) -> None:
    desk, limei = await house.actor("desk"), await house.actor("limei")
    for signer, read in (("李梅", False), (" ", True)):
        with pytest.raises(BadInput):
            await consent.give(house.ctx, desk, limei.party, signer, read)


async def test_a_door_cannot_seal_or_confirm(house: House) -> None:
    door, limei = await house.enrolled("b12-door"), await house.actor("limei")
    for kind, fields in (
        (frames.SEALED, [bytes.fromhex(limei.party), "m1", 1, b"x", []]),
        (frames.CONFIRMED, [door.dev]),
    ):
        async with door.connect() as link:
            await link.greet()
            await link.say(kind, *fields)
            assert await link.refusal() == "kind"


async def test_a_door_confirmed_later_is_sealed_to(house: House) -> None:
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    late = await house.enrolled("gate-1-in", box=os.urandom(32))
    other = await house.enrolled("b13-door", box=os.urandom(32))
    async with unit.connect() as link:
        await link.greet()
        party = await captured(house, link, door)
        for dev in (other.dev, door.dev, late.dev):
            await link.say(frames.CONFIRMED, dev)
        assert await link.take(frames.SEAL) == [bytes.fromhex(party), [late.dev]]


async def test_a_withdrawn_face_leaves_host_vault_and_doors_and_each_is_proved(house: House) -> None:
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    desk = await house.actor("desk")
    async with unit.connect() as at_desk:
        await at_desk.greet()
        party = await captured(house, at_desk, door)
        told = await withdrawal.withdraw(house.ctx, await house.actor("limei"), party)
        assert {(one.slot, one.done_at) for one in told} == {("b12-door", None), ("desk-1", None)}
        assert (await at_desk.take(frames.FORGET))[0].hex() == party
        await at_desk.say(frames.FORGOTTEN, bytes.fromhex(party))
        await at_desk.settle()
        async with door.connect() as at_door:
            await at_door.greet()
            assert (await at_door.pull()).faces == []
    assert all(one.done_at for one in await holding.erasure(house.ctx, desk, party))
    face = await credential.face(house.ctx, desk, party)
    assert face is not None
    assert face.state == "erased"
    with pytest.raises(NotFound):
        await withdrawal.withdraw(house.ctx, desk, party)


async def test_a_vault_that_was_away_is_told_to_forget_when_it_comes(house: House) -> None:
    door, unit = await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1")
    async with unit.connect() as link:
        await link.greet()
        party = await captured(house, link, door)
    await withdrawal.withdraw(house.ctx, await house.actor("desk"), party)
    async with unit.connect() as link:
        await link.greet()
        assert (await link.take(frames.FORGET))[0].hex() == party


async def test_a_capture_needs_a_desk_that_is_there(house: House) -> None:
    unit, desk, limei = await house.enrolled("desk-1"), await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    with pytest.raises(DoorSilent):
        await capture.start(house.ctx, desk, limei.party, HOME, unit.name)
    with pytest.raises(NotFound):
        await capture.start(house.ctx, desk, limei.party, "130101", unit.name)
