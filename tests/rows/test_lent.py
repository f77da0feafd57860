"""Rows D1 and D4: a card that is lost, and a card that seems to be lent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running
from tests.rows.people import ESTATE, HOME, HOUR, MINUTE, OTHER, approved, do, on_duty, opened, person, row, signed_in
from tests.rows.test_pass import OPENED, swiped

from gatecore import feedback
from gatecore import records as r
from gatecore.records import Private
from gatecore.state import INWARD, OUTWARD
from gatehost.model.errors import BadInput, Denied
from gatehost.service.home import lost_card, sharing
from gatehost.service.paper import application

CARD = "0001234567"
SECOND_GATE = """
[[door]]
slot = "gate-2-in"
at = "gate-2"
name = "2号门入口"
[[door]]
slot = "gate-2-out"
at = "gate-2"
name = "2号门出口"
direction = "out"
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The estate of the rows, with doors at its second gate."""
    async with running(
        tmp_path, ESTATE.replace('buildings = ["b13"]', 'buildings = ["b12", "b13"]') + SECOND_GATE
    ) as made:
        yield made


async def handed_out(house: House, number: str = CARD, of: str = "limei") -> None:
    """A card in somebody's hand."""
    case = await approved(house, "card_issue", name="x", number=number, of=of)
    await do(house, "desk", case, "hand_over")


@row("D4")
async def test_the_paper_that_says_a_card_is_lost_kills_it_at_once(house: House) -> None:
    guard = await on_duty(house)
    await handed_out(house)
    door = await house.enrolled("b12-door")
    assert await swiped(house, door, int(CARD)) == OPENED
    await opened(house, "guard", "card_lost", number=CARD)
    assert await swiped(house, door, int(CARD)) == feedback.CARD_LOST
    assert await lost_card.all_lost(house.ctx, guard) == ((CARD, "李梅"),)


@row("D4")
async def test_a_lost_paper_without_a_number_means_the_person_s_own_card(house: House) -> None:
    await handed_out(house)
    desk, mei = await signed_in(house, "desk"), await person(house, "limei")
    await application.hand_in(house.ctx, desk, "card_lost", HOME, {}, (), mei)
    assert await lost_card.mine(house.ctx, await signed_in(house, "limei")) == ((CARD, "lost"),)


@row("D4")
async def test_a_lost_paper_kills_no_card_of_another_home_and_is_not_written_for_none(house: House) -> None:
    await handed_out(house, of="limei")
    for number, code in ((CARD, "no_card"), ("0007654321", "no_card"), ("nonsense", "no_card")):
        with pytest.raises(BadInput, match=code):
            await opened(house, "wangfang", "card_lost", OTHER, number=number)
    with pytest.raises(BadInput, match="no_card"):
        await opened(house, "wangfang", "card_lost", OTHER)
    with pytest.raises(Denied):
        await opened(house, "wangfang", "card_lost", HOME, number=CARD)
    assert await lost_card.mine(house.ctx, await signed_in(house, "limei")) == ((CARD, "active"),)
    await opened(house, "limei", "card_lost", number=CARD)
    await opened(house, "desk", "card_lost", number=CARD)  # said twice is said twice, and nothing breaks


async def used(house: House, *uses: tuple[str, int, int]) -> None:
    """(slot, direction, after ms): the card opened there, as its doors wrote it."""
    played = {slot: await house.enrolled(slot) for slot in dict.fromkeys(slot for slot, _, _ in uses)}
    mei = bytes.fromhex(await person(house, "limei"))
    for slot, direction, after in uses:
        house.clock.now += after
        private = Private(bytes(16), mei, [HOME, mei, b""]).to_wire()
        played[slot].write(house.clock.now, r.ACCESS, [direction, r.GRANTED, r.CARD, 0, 0], private)
    for device in played.values():
        async with device.connect() as link:
            await link.greet()
            await link.deliver(1, len(device.log), house.clock.now)


@row("D1")
async def test_a_card_at_two_gates_within_two_minutes_is_a_hint_to_the_desk_and_stops_nothing(house: House) -> None:
    await handed_out(house)
    desk = await signed_in(house, "desk")
    await used(house, ("gate-1-in", INWARD, 0), ("gate-2-in", INWARD, MINUTE), ("b12-door", INWARD, 1000))
    (hint,) = await sharing.hints(house.ctx, desk)
    assert (hint.name, hint.home, hint.why) == ("李梅", HOME, sharing.TWO_GATES)
    assert [door for door, _ in hint.seen] == ["1号门入口", "2号门入口"]
    assert await lost_card.mine(house.ctx, await signed_in(house, "limei")) == ((CARD, "active"),)
    for login in ("guard", "limei", "committee"):
        with pytest.raises(Denied):
            await sharing.hints(house.ctx, await signed_in(house, login))
    house.clock.now += 8 * 24 * HOUR
    assert await sharing.hints(house.ctx, desk) == ()  # nothing of it is kept


@row("D1")
async def test_many_entries_without_a_way_out_are_a_hint_and_an_ordinary_day_is_none(house: House) -> None:
    await handed_out(house)
    desk = await signed_in(house, "desk")
    came = ("gate-2-in", INWARD, HOUR)
    await used(house, came, ("gate-2-out", OUTWARD, HOUR), *[came] * 3)
    assert await sharing.hints(house.ctx, desk) == ()  # somebody walked out behind a neighbour


@row("D1")
async def test_four_entries_without_a_way_out_are_a_hint(house: House) -> None:
    await handed_out(house)
    came = ("gate-2-in", INWARD, HOUR)
    await used(house, came, ("gate-2-out", OUTWARD, HOUR), *[came] * 4)
    (hint,) = await sharing.hints(house.ctx, await signed_in(house, "desk"))
    assert (hint.why, len(hint.seen)) == (sharing.NO_EXIT, 4)
