"""Calls and openings: the first answer wins, pictures stay in memory, and the page is told the truth."""

import asyncio
import os

import pytest
from tests.host.device import Connection, Played
from tests.host.house import House

from gatecore import feedback, frames
from gatecore.records import Command
from gatehost.model.errors import Denied, NotFound, Refused, SwitchedOff
from gatehost.service.door import calls, remote_open
from gatehost.service.office import policy
from gatehost.service.ports import News

HOME = "120502"
JPEG = b"\xff\xd8" + bytes(1000)


async def ringing(link: Connection, home: str = HOME) -> str:
    """A call begun at the door; its id."""
    call = os.urandom(16)
    await link.say(frames.CALL, call, home)
    await link.settle()
    return call.hex()


async def obey(device: Played, link: Connection, done: int = 1) -> Command:
    """The door answers one order as its law book demands."""
    (ticket,) = await link.take(frames.ASK)
    challenge = device.trust.challenge(0)
    await link.say(frames.CHALLENGE, ticket, challenge)
    (signed,) = await link.take(frames.COMMAND)
    command = device.trust.accept_command(signed, 10)
    await link.say(frames.DONE, challenge, done, "" if done else "action")
    return command


async def test_the_page_rings_and_opens_the_calls_door(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    async with device.connect() as link, house.ctx.pages.open(limei) as news:
        await link.greet()
        call = await ringing(link)
        told: News = await anext(news)
        assert (told.kind, told.body["call"], told.body["home"]) == ("ring", call, HOME)
        opening, command = await asyncio.gather(calls.open_door(house.ctx, limei, call), obey(device, link))
        assert (opening.result, command.action) == ("opened", "open")
        assert (await link.take(frames.CALL_NEWS))[1] == feedback.TALKING
    (past,) = await calls.history(house.ctx, limei, HOME)
    assert (past.state, past.by) == ("opened", "李梅")


async def test_the_first_answer_wins_and_the_others_are_told_who(house: House) -> None:
    device = await house.enrolled("b12-door")
    limei, liqiang = await house.actor("limei"), await house.actor("liqiang")
    async with device.connect() as link:
        await link.greet()
        call = await ringing(link)
        both = await asyncio.gather(
            *[calls.answer(house.ctx, who, call) for who in (limei, liqiang)], return_exceptions=True
        )
        (refused,) = [one for one in both if isinstance(one, Refused)]
        assert refused.code == "taken"
        assert refused.facts["by"] in ("李梅", "李强")


async def test_another_home_neither_sees_nor_answers_a_call(house: House) -> None:
    device, wangfang = await house.enrolled("gate-1-in"), await house.actor("wangfang")
    async with device.connect() as link:
        await link.greet()
        call = await ringing(link)
        for attempt in (calls.call, calls.answer, calls.decline, calls.picture, calls.open_door):
            with pytest.raises(NotFound):
                await attempt(house.ctx, wangfang, call)
        assert await calls.live(house.ctx, wangfang) == ()


async def test_a_door_cannot_ring_a_home_that_is_not_on_its_path(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await ringing(link, "130101")
        assert (await link.take(frames.CALL_NEWS))[1:] == [feedback.REFUSED, feedback.NOBODY]


async def test_a_picture_lives_in_memory_and_only_with_its_call(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    async with device.connect() as link:
        await link.greet()
        call = await ringing(link)
        await link.say(frames.SNAPSHOT, bytes.fromhex(call), JPEG)
        await link.settle()
        assert await calls.picture(house.ctx, limei, call) == JPEG
        assert JPEG[:200] not in b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
        await link.say(frames.HANGUP, bytes.fromhex(call))
        await link.settle()
        assert await calls.picture(house.ctx, limei, call) is None


async def test_a_call_nobody_takes_ends_after_fifty_seconds(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    async with device.connect() as link:
        await link.greet()
        call = await ringing(link)
        house.clock.now += 50_000
        await calls.end_overdue(house.ctx)
        assert (await link.take(frames.CALL_NEWS))[1] == feedback.NO_ANSWER
        with pytest.raises(Refused, match="over"):
            await calls.answer(house.ctx, limei, call)


async def test_a_lost_connection_ends_its_calls(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    async with house.ctx.pages.open(limei) as news:
        async with device.connect() as link:
            await link.greet()
            await ringing(link)
        told = [(await anext(news)).body.get("state") for _ in range(2)]
    assert told[1] == "lost"


async def test_a_door_that_is_away_or_silent_or_refuses_is_told_as_such(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    opening = await remote_open.open_door(house.ctx, limei, "b12-door", HOME)
    assert (opening.result, opening.code) == ("silent", "away")
    async with device.connect() as link:
        await link.greet()
        opening, _ = await asyncio.gather(
            remote_open.open_door(house.ctx, limei, "b12-door", HOME), obey(device, link, done=0)
        )
        assert (opening.result, opening.code) == ("refused", "action")
        opening = await remote_open.open_door(house.ctx, limei, "b12-door", HOME)
        assert (opening.result, opening.code) == ("silent", "silent")


async def test_the_order_is_signed_by_the_operator_key_over_the_doors_own_challenge(house: House) -> None:
    device, admin = await house.enrolled("b12-door"), await house.actor("admin")
    async with device.connect() as link:
        await link.greet()
        _, command = await asyncio.gather(remote_open.open_door(house.ctx, admin, "b12-door"), obey(device, link))
    assert command.dev == device.dev
    keys = device.trust.keys
    assert keys is not None
    assert keys.operator == house.ctx.keys.operator.public
    assert keys.operator != keys.policy


async def test_a_resident_opens_only_doors_on_the_way_to_their_own_home(house: House) -> None:
    limei = await house.actor("limei")
    with pytest.raises(Denied):
        await remote_open.open_door(house.ctx, limei, "b13-door", HOME)
    with pytest.raises(Denied):
        await remote_open.open_door(house.ctx, limei, "b12-door", "130101")
    with pytest.raises(Denied):
        await remote_open.open_door(house.ctx, limei, "b12-door")
    with pytest.raises(NotFound):
        await remote_open.open_door(house.ctx, limei, "desk-1", HOME)


async def test_call_only_opens_in_a_call_and_says_who_decided(house: House) -> None:
    device, limei = await house.enrolled("b12-door"), await house.actor("limei")
    admin = await house.actor("admin")
    await policy.set_rule(house.ctx, admin, HOME, "home_open", "call_only", "业委会", "2026-3", "先看再开")
    with pytest.raises(SwitchedOff) as told:
        await remote_open.open_door(house.ctx, limei, "b12-door", HOME)
    assert told.value.facts["decided_by"] == "业委会"
    async with device.connect() as link:
        await link.greet()
        call = await ringing(link)
        opening, _ = await asyncio.gather(calls.open_door(house.ctx, limei, call), obey(device, link))
        assert opening.result == "opened"
        with pytest.raises(SwitchedOff):
            await remote_open.open_door(house.ctx, limei, "b12-door", HOME, call)
    await policy.set_rule(house.ctx, admin, "b12", "home_open", "off", "x", "", "y")
    await policy.set_rule(house.ctx, admin, HOME, "home_open", "off", "x", "", "y")
    async with device.connect() as link:
        await link.greet()
        with pytest.raises(SwitchedOff):
            await calls.open_door(house.ctx, limei, await ringing(link))
