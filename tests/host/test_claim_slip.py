"""Claim slips: one use, seven days, one door, consent first; what a door took waits sealed for the vault."""

import os

import pytest
from tests.host.device import Connection, Played
from tests.host.house import DAY, House

from gatecore import frames, intake
from gatehost.model.errors import Denied, NotFound, Refused
from gatehost.service.enrol import claim_slip
from gatehost.service.face import consent, credential, withdrawal
from gatehost.store import slips

HOME, BOX = "120502", b"sealed to the vault alone " * 20


async def slip_of(house: House, slot: str = "b12-door") -> str:
    """The digits of a fresh slip of the resident's, under a consent."""
    desk, limei = await house.actor("desk"), await house.actor("limei")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    await house.approved(desk, limei.party)
    return (await claim_slip.make(house.ctx, desk, limei.party, HOME, slot)).digits


async def units(house: House) -> tuple[Played, Played]:
    """(door, desk unit)."""
    return await house.enrolled("b12-door", box=os.urandom(32)), await house.enrolled("desk-1", box=os.urandom(32))


async def typed(link: Connection, digits: str) -> tuple[bytes, list[object]]:
    """What the host answers to a slip: (ticket, fields of SIT) or (ticket, [reason])."""
    ticket = os.urandom(16)
    await link.say(frames.SLIP, ticket, digits)
    await link.settle()
    fields = next(fields for kind, fields in link.stash if kind in (frames.SIT, frames.SLIP_NEWS))
    link.stash.clear()
    assert fields[0] == ticket
    return ticket, fields[1:]


async def test_a_sitting_ends_with_a_face_at_the_door_and_a_used_slip(house: House) -> None:
    door, desk = await units(house)
    digits = await slip_of(house)
    limei = await house.actor("limei")
    async with door.connect() as at_door, desk.connect() as at_desk:
        await at_door.greet()
        await at_desk.greet()
        ticket, (person, home, cert) = await typed(at_door, digits)
        assert (person, home) == (bytes.fromhex(limei.party), HOME)  # no name travels to a door
        assert desk.trust.accept_cert(cert).kind == "desk"
        await at_door.say(frames.TAKEN, ticket, BOX)
        assert await at_door.take(frames.SLIP_NEWS) == [ticket, intake.SLIP_TAKEN]
        assert await at_desk.take(frames.ADOPT) == [ticket, person, HOME, BOX]
        await at_desk.say(frames.SEALED, person, "m1", 5, b"sealed", [[door.dev, b"key"]])
        await at_desk.say(frames.CAPTURE_NEWS, ticket, intake.CAPTURE_DONE, 5, [])
        await at_desk.settle()
        face = await credential.face(house.ctx, limei, limei.party)
        assert face is not None
        assert (face.state, face.photos) == ("active", 5)
        assert (await typed(at_door, digits))[1] == [intake.SLIP_USED]
    async with house.ctx.store.read() as tx:
        held = await slips.by_task(tx, ticket.hex())
    assert held is not None
    assert held.sealed is None


async def test_a_vault_that_was_away_gets_what_a_door_took_when_it_comes(house: House) -> None:
    door, desk = await units(house)
    digits = await slip_of(house)
    async with door.connect() as at_door:
        await at_door.greet()
        ticket, _ = await typed(at_door, digits)
        await at_door.say(frames.TAKEN, ticket, BOX)
        assert (await at_door.take(frames.SLIP_NEWS))[1] == intake.SLIP_TAKEN
        await at_door.say(frames.TAKEN, ticket, b"another box")  # said again: the first one stays
        await at_door.settle()
    async with desk.connect() as at_desk:
        await at_desk.greet()
        assert (await at_desk.take(frames.ADOPT))[3] == BOX


async def test_a_door_confirmed_only_later_is_heard_then(house: House) -> None:
    door, desk = await units(house)
    digits = await slip_of(house)
    async with door.connect() as at_door, desk.connect() as at_desk:
        await at_door.greet()
        await at_desk.greet()
        ticket, _ = await typed(at_door, digits)
        await at_door.say(frames.TAKEN, ticket, BOX)
        await at_desk.take(frames.ADOPT)
        await at_desk.say(frames.CAPTURE_NEWS, ticket, intake.CAPTURE_FAILED, 0, [intake.NOT_SAVED])  # not confirmed
        await at_desk.say(frames.CONFIRMED, door.dev)
        assert (await at_desk.take(frames.ADOPT))[3] == BOX


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("digits", intake.SLIP_WRONG), ("old", intake.SLIP_ENDED), ("replaced", intake.SLIP_ENDED),
     ("withdrawn", intake.SLIP_ENDED), ("elsewhere", intake.SLIP_ELSEWHERE), ("no vault", intake.SLIP_NO_VAULT)],
)  # fmt: skip
async def test_a_slip_that_does_not_hold_is_refused_with_its_reason(house: House, wrong: str, reason: int) -> None:
    door = await house.enrolled("b12-door", box=os.urandom(32))
    other = await house.enrolled("b13-door", box=os.urandom(32))
    if wrong != "no vault":
        await house.enrolled("desk-1", box=os.urandom(32))
    digits = await slip_of(house)
    if wrong == "digits":
        digits = f"{(int(digits) + 1) % 10**10:010}"
    elif wrong == "old":
        house.clock.now += 7 * DAY
    elif wrong == "replaced":
        await slip_of(house)
    elif wrong == "withdrawn":
        await withdrawal.withdraw(house.ctx, await house.actor("desk"), (await house.actor("limei")).party)
    async with (other if wrong == "elsewhere" else door).connect() as link:
        await link.greet()
        assert (await typed(link, digits))[1] == [reason]


async def test_five_wrong_slips_rest_the_door_for_ten_minutes(house: House) -> None:
    door, _ = await units(house)
    digits = await slip_of(house)
    async with door.connect() as link:
        await link.greet()
        for n in range(5):
            assert (await typed(link, f"{n:010}"))[1] == [intake.SLIP_WRONG]
        assert (await typed(link, digits))[1] == [intake.SLIP_TRIES]
        house.clock.now += 600_000
        assert len((await typed(link, digits))[1]) == 3


async def test_a_consent_withdrawn_during_a_sitting_keeps_nothing(house: House) -> None:
    door, desk = await units(house)
    digits = await slip_of(house)
    async with door.connect() as link:
        await link.greet()
        ticket, _ = await typed(link, digits)
        await withdrawal.withdraw(house.ctx, await house.actor("limei"), (await house.actor("limei")).party)
        await link.say(frames.TAKEN, ticket, BOX)
        assert (await link.take(frames.SLIP_NEWS))[1] == intake.SLIP_ENDED
    assert BOX not in b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
    async with desk.connect() as at_desk:
        await at_desk.greet()
        await at_desk.settle()
        assert frames.ADOPT not in [kind for kind, _ in at_desk.stash]


async def test_a_box_nobody_asked_for_ends_the_connection(house: House) -> None:
    door, _ = await units(house)
    async with door.connect() as link:
        await link.greet()
        await link.say(frames.TAKEN, os.urandom(16), BOX)
        assert await link.refusal() == "ticket"


async def test_a_slip_needs_a_consent_a_paper_and_a_door_of_the_home_s_own_building(house: House) -> None:
    await units(house)
    await house.enrolled("gate-1-in", box=os.urandom(32))
    desk, limei = await house.actor("desk"), await house.actor("limei")
    with pytest.raises(Refused, match="no_consent"):
        await claim_slip.make(house.ctx, desk, limei.party, HOME, "b12-door")
    await consent.give(house.ctx, desk, limei.party, "李梅", read=True)
    with pytest.raises(Refused, match="no_paper"):
        await claim_slip.make(house.ctx, desk, limei.party, HOME, "b12-door")
    await house.approved(desk, limei.party)
    assert [door.id for door in await claim_slip.doors(house.ctx, desk, HOME)] == ["b12-door"]
    for slot in ("gate-1-in", "b13-door", "nowhere"):
        with pytest.raises(NotFound, match="slot"):
            await claim_slip.make(house.ctx, desk, limei.party, HOME, slot)
    with pytest.raises(NotFound, match="person"):
        await claim_slip.make(house.ctx, desk, limei.party, "130101", "b13-door")
    with pytest.raises(Denied):
        await claim_slip.make(house.ctx, limei, limei.party, HOME, "b12-door")


async def test_the_database_alone_does_not_tell_a_slip_s_digits(house: House) -> None:
    await units(house)
    digits = await slip_of(house)
    stored = b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
    assert digits.encode() not in stored
