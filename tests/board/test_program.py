"""The board's whole program on the real MicroPython, against the real host: claim, state, codes, log, calls, opening."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.host.house import House
from tests.host.house import house as running

from gatecore.records import Claim
from gatehost.service import devices

from .played import PlayedBoard

pytestmark = pytest.mark.micropython


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running(tmp_path) as made:
        yield made


async def enrolled(board: PlayedBoard, house: House, slot: str) -> str:
    """What the tool does on the bench: key, claim, confirmation, answer; the device's name."""
    claim = await house.claim(slot)
    await board.run("from gateboard import bench; from os import urandom; drive.bench, drive.random = bench, urandom")
    public = bytes.fromhex(await board.ask(f"drive.bench.make_key({bytes(32)!r}, drive.random)"))
    asked = bytes.fromhex(await board.ask(f"drive.bench.request({claim!r}, 'pico-w', drive.random)"))
    digits = await board.ask(f"drive.bench.digits({asked!r}, {claim!r})")
    dev = await register(house, claim, asked, digits)
    answer, authority = await answered(house, claim, asked)
    told = await board.ask(f"drive.bench.take({answer!r}, {asked!r}, {claim!r}, {authority!r}, drive.random)")
    assert told == slot
    assert len(public) == 32
    return dev


async def register(house: House, claim: bytes, asked: bytes, digits: str) -> str:
    from gatecore.records import Enrol
    from gatecore.sign import key_id
    from gatehost.service import contact

    await contact.request(house.ctx, asked)
    dev = key_id(Enrol.from_wire(asked).public).hex()
    await devices.confirm(house.ctx, await house.actor("admin"), dev, digits)
    return dev


async def answered(house: House, claim: bytes, asked: bytes) -> tuple[bytes, bytes]:
    from gatehost.service import contact

    answer = await contact.answer(house.ctx, asked)
    assert answer is not None
    assert Claim.from_wire(claim).url.startswith("https://")
    return answer, house.ctx.keys.authority.ca_der


async def test_a_board_is_enrolled_takes_its_state_and_reports_what_happened(house: House) -> None:
    async with PlayedBoard() as board:
        dev = await enrolled(board, house, "b12-door")
        await board.run("drive.power()")
        await board.until("drive.board.link.up")
        await board.until("drive.board.door.state.door is not None")
        await board.run("drive.keys('120502#1234567#')")
        await board.until("drive.board.ports.ring.acked == drive.board.ports.ring.chain.seq")
        assert dev
