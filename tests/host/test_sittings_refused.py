"""What a door took and the vault did not take over: the page says why until it is over; lies change nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.host.device import Connection, Played
from tests.host.house import DAY, House
from tests.host.test_claim_slip import BOX, HOME, slip_of, typed, units

from gatecore import frames, intake
from gatehost.model.credential import Refusal
from gatehost.service.enrol import capture, claim_slip
from gatehost.service.face import credential, twice, withdrawal
from gatehost.service.office import retention
from gatehost.store import slips

FINAL = (intake.FEW_PHOTOS, intake.TAKEN_MODEL, intake.TAKEN_BROKEN, intake.TAKEN_BEFORE)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting whose box is on its way to the vault."""

    house: House
    door: Played
    at_door: Connection
    at_desk: Connection
    ticket: bytes
    person: bytes

    async def refused(self, *reasons: Any, step: int = intake.CAPTURE_FAILED, task: bytes = b"") -> None:
        """The vault's word."""
        await self.at_desk.say(frames.CAPTURE_NEWS, task or self.ticket, step, 0, list(reasons))
        await self.at_desk.settle()

    async def told(self) -> Refusal | None:
        """What the desk's page is given."""
        face = await credential.face(self.house.ctx, await self.house.actor("desk"), self.person.hex())
        return None if face is None else face.refused

    async def waits(self) -> bool:
        """Whether the box is still kept for the vault."""
        async with self.house.ctx.store.read() as tx:
            slip = await slips.by_task(tx, self.ticket.hex())
        return slip is not None and slip.sealed is not None


@asynccontextmanager
async def sitting(house: House) -> AsyncIterator[Sitting]:
    """The resident has sat before the door, and the vault was given the box."""
    door, desk = await units(house)
    digits = await slip_of(house)
    async with door.connect() as at_door, desk.connect() as at_desk:
        await at_door.greet()
        await at_desk.greet()
        ticket, (person, *_) = await typed(at_door, digits)
        await at_door.say(frames.TAKEN, ticket, BOX)
        await at_door.take(frames.SLIP_NEWS)
        await at_desk.take(frames.ADOPT)
        yield Sitting(house, door, at_door, at_desk, ticket, person)


@pytest.mark.parametrize("reason", FINAL)
async def test_a_refusal_stands_with_the_person_and_the_box_is_gone(house: House, reason: int) -> None:
    async with sitting(house) as sat:
        assert await sat.told() is None
        await sat.refused(reason)
        assert await sat.told() == Refusal(reason, house.clock.now, "12栋单元门", waits=False)
        assert not await sat.waits()
        limei = await house.actor("limei")
        assert await credential.my_refusal(house.ctx, limei) == await sat.told()
        assert await credential.my_refusal(house.ctx, await house.actor("liqiang")) is None
    await house.ctx.store.sweep()
    assert BOX not in b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))


async def test_a_face_of_another_home_is_refused_and_waits_for_the_administrator(house: House) -> None:
    async with sitting(house) as sat:
        await sat.refused(step=intake.CAPTURE_TWICE)
        assert await sat.told() == Refusal(intake.TAKEN_TWICE, house.clock.now, "12栋单元门", waits=False)
        admin, desk = await house.actor("admin"), await house.actor("desk")
        assert [case.name for case in await twice.cases(house.ctx, admin)] == ["李梅"]
        await twice.two_people(house.ctx, admin, sat.person.hex(), "双胞胎姐妹，已看证件")
        assert await sat.told() is None  # decided: now the pictures can be taken
        face = await credential.face(house.ctx, desk, sat.person.hex())
        assert face is not None
        assert not face.twice


@pytest.mark.parametrize("reason", [intake.TAKEN_DOOR, intake.NOT_SAVED])
async def test_what_may_be_mended_waits_and_is_over_once_it_is_taken(house: House, reason: int) -> None:
    async with sitting(house) as sat:
        await sat.refused(reason)
        assert await sat.told() == Refusal(reason, house.clock.now, "12栋单元门", waits=True)
        await sat.at_desk.say(frames.CONFIRMED, sat.door.dev)
        assert (await sat.at_desk.take(frames.ADOPT))[3] == BOX
        await sat.refused(step=intake.CAPTURE_DONE)
        assert await sat.told() is None
        assert not await sat.waits()


LIES = ["another device", "not yet taken", "taken over", "withdrawn", "another task", "no such reason", "progress"]


@pytest.mark.parametrize("lie", LIES)
async def test_a_forged_late_or_foreign_refusal_changes_nothing(house: House, lie: str) -> None:
    async with sitting(house) as sat:
        waiting = lie not in ("taken over", "withdrawn", "not yet taken")
        if lie == "another device":  # the door itself knows the ticket, and is no vault
            await sat.at_door.say(frames.CAPTURE_NEWS, sat.ticket, intake.CAPTURE_TWICE, 0, [])
            await sat.at_door.say(frames.CAPTURE_NEWS, sat.ticket, intake.CAPTURE_FAILED, 0, [intake.FEW_PHOTOS])
            await sat.at_door.settle()
        elif lie == "not yet taken":
            fresh, _ = await typed(sat.at_door, await slip_of(house))
            await sat.refused(intake.FEW_PHOTOS, task=fresh)
        elif lie == "taken over":
            await sat.refused(step=intake.CAPTURE_DONE)
            await sat.refused(intake.TAKEN_BROKEN)
            await sat.refused(step=intake.CAPTURE_TWICE)
        elif lie == "withdrawn":
            await withdrawal.withdraw(house.ctx, await house.actor("desk"), sat.person.hex())
            await sat.refused(step=intake.CAPTURE_TWICE)
        elif lie == "another task":
            await sat.refused(intake.FEW_PHOTOS, task=b"?" * 16)
        elif lie == "no such reason":
            await sat.refused(intake.ALIKE, 9_999)
        else:
            await sat.refused(intake.FEW_PHOTOS, step=intake.CAPTURE_READY)
        assert await sat.told() is None
        assert await sat.waits() == waiting
        assert await twice.cases(house.ctx, await house.actor("admin")) == ()


@pytest.mark.parametrize("reason", ["few", True, None, [intake.FEW_PHOTOS]])
async def test_a_reason_that_is_no_number_ends_the_connection_and_loses_nothing(house: House, reason: object) -> None:
    async with sitting(house) as sat:
        await sat.at_desk.say(frames.CAPTURE_NEWS, sat.ticket, intake.CAPTURE_FAILED, 0, [reason])
        assert await sat.at_desk.refusal() == "field"
        assert await sat.told() is None
        assert await sat.waits()


@pytest.mark.parametrize("then", ["new slip", "captured", "withdrawn"])
async def test_a_refusal_is_over_when_the_person_goes_on(house: House, then: str) -> None:
    async with sitting(house) as sat:
        await sat.refused(intake.TAKEN_BROKEN)
        desk = await house.actor("desk")
        if then == "new slip":
            await slip_of(house)
        elif then == "captured":
            await capture.start(
                house.ctx, desk, sat.person.hex(), HOME, (await capture.desk_units(house.ctx, desk))[0][0]
            )
            await sat.at_desk.say(frames.SEALED, sat.person, "m1", 5, b"sealed", [[sat.door.dev, b"key"]])
            await sat.at_desk.settle()
        else:
            await withdrawal.withdraw(house.ctx, desk, sat.person.hex())
        assert await sat.told() is None


async def test_more_pictures_refused_stay_said_while_the_older_face_is_sealed_to_another_door(house: House) -> None:
    async with sitting(house) as sat:
        await sat.at_desk.say(frames.SEALED, sat.person, "m1", 5, b"sealed", [[sat.door.dev, b"key"]])
        await sat.refused(intake.FEW_PHOTOS)
        await sat.at_desk.say(frames.SEALED, sat.person, "m1", 5, b"sealed", [[sat.door.dev, b"another key"]])
        await sat.at_desk.settle()
        told = await sat.told()
        assert told is not None
        assert told.reason == intake.FEW_PHOTOS


@pytest.mark.parametrize("how", ["late", "replaced", "nobody came"])
async def test_what_comes_under_a_slip_that_has_ended_is_not_taken_and_said(house: House, how: str) -> None:
    door, _ = await units(house)
    digits = await slip_of(house)
    limei = await house.actor("limei")
    async with door.connect() as at_door:
        await at_door.greet()
        ticket, _ = await typed(at_door, digits)
        if how == "late":
            house.clock.now += 7 * DAY + claim_slip.LATE_MS
        elif how == "replaced":
            await slip_of(house)
        await at_door.say(frames.TAKEN, ticket, BOX)
        news = (await at_door.take(frames.SLIP_NEWS))[1]
    if how == "nobody came":
        assert news == intake.SLIP_TAKEN
        assert await credential.my_refusal(house.ctx, limei) is None
        house.clock.now += 14 * DAY + 1
        await retention.run(house.ctx)
    else:
        assert news == intake.SLIP_ENDED
    told = await credential.my_refusal(house.ctx, limei)
    assert told is not None
    assert (told.reason, told.waits) == (intake.SLIP_ENDED, False)
    await house.ctx.store.sweep()
    assert BOX not in b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))


async def test_a_sitting_begun_in_time_may_end_a_little_after_the_slip(house: House) -> None:
    door, _ = await units(house)
    digits = await slip_of(house)
    async with door.connect() as at_door:
        await at_door.greet()
        house.clock.now += 7 * DAY - 1
        ticket, _ = await typed(at_door, digits)
        house.clock.now += claim_slip.LATE_MS
        await at_door.say(frames.TAKEN, ticket, BOX)
        assert (await at_door.take(frames.SLIP_NEWS))[1] == intake.SLIP_TAKEN
