"""The board's whole program on the real MicroPython, against the real host; and an estate of boards and Pi units.

TLS ends in the bridge of board.mjs; pins, radio and flash chip are played. Everything else is what a board runs.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.host.house import House
from tests.host.house import house as running

from gatecore import records as r
from gatecore.enrol import Claim, Enrol
from gatecore.events import Contact, Exit, Key
from gatecore.log import Chain, genesis
from gatecore.records import Entry, Private
from gatecore.sign import key_id
from gatehost.model.code import Invitation
from gatehost.service.door import contact, devices, orders, remote_open
from gatehost.service.home import invite
from gatehost.store import devices as device_rows
from gatehost.store.table.log import SEQ_BITS
from gatehost.store.table.log import entry as entry_table
from gatesim.ports import FakeInputs, FakeKeypad, FakeLock, FakeScreen
from gateunit.clock import SystemClock
from gateunit.keys import FileKeys
from gateunit.store import FileStore
from gateunit.unit import Options, Ports, Unit

from .played import PlayedBoard

HOME = "120502"
PATIENCE_S = 60.0
WITNESS = (r.LOG, r.BEACON)  # the log believed, the checkpoint seen: of a unit; a board is no witness in this version
DOORS = ("b12-a", "b12-b", "b12-c", "b12-d")
ESTATE = """
name = "春江花园"
dial_length = 6
utc_offset_minutes = 480
[[building]]
id = "b12"
name = "12栋"
dial = "12"
floors = 6
per_floor = 2
[[person]]
name = "李梅"
home = "120502"
login = "limei"
""" + "".join(f'[[door]]\nslot = "{slot}"\nat = "b12"\nname = "12栋单元门"\n' for slot in DOORS)

pytestmark = pytest.mark.micropython


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running(tmp_path, ESTATE) as made:
        yield made


async def enrolled(board: PlayedBoard, house: House, slot: str) -> str:
    """What the tool does on the bench: key, claim, confirmation, answer; the device's name."""
    claim = await house.claim(slot)
    assert Claim.from_wire(claim).url.startswith("https://")
    await board.run("from gateboard import bench; from os import urandom; drive.bench, drive.random = bench, urandom")
    public = bytes.fromhex(await board.ask(f"drive.bench.make_key({bytes(32)!r}, drive.random)"))
    asked = bytes.fromhex(await board.ask(f"drive.bench.request({claim!r}, 'pico-w', drive.random)"))
    digits = await board.ask(f"drive.bench.digits({asked!r}, {claim!r})")
    await contact.request(house.ctx, asked)
    dev = key_id(Enrol.from_wire(asked).public).hex()
    await devices.confirm(house.ctx, await house.actor("admin"), dev, digits)
    answer, authority = await contact.answer(house.ctx, asked), house.ctx.keys.authority.ca_der
    told = await board.ask(f"drive.bench.believe({answer!r}, {asked!r}, {claim!r}, {authority!r}, drive.random)")
    assert (told, key_id(public).hex()) == (slot, dev)
    return dev


async def a_turn() -> None:
    """Lets everything else of this process go on."""
    await asyncio.sleep(0)


class BoardDoor:
    """What a test does to a door that is a board."""

    def __init__(self, board: PlayedBoard, dev: str) -> None:
        self.board, self.dev = board, dev

    async def type(self, keys: str) -> None:
        await self.board.run(f"drive.keys({keys!r})")

    async def leave(self) -> None:
        await self.board.run("drive.wire('exit', True); drive.wire('exit', False)")

    async def leaf(self, open: bool) -> None:
        await self.board.run(f"drive.wire('contact', {open})")

    async def up(self) -> None:
        await self.board.until("drive.board.link.up and drive.board.door.state.door is not None")


class UnitDoor:
    """The same to a door that is a Pi's unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit, self.dev = unit, unit.dev.hex()

    async def type(self, keys: str) -> None:
        for key in keys:
            self.unit.post(Key(key))
        await self._quiet()

    async def leave(self) -> None:
        self.unit.post(Exit())
        await self._quiet()

    async def leaf(self, open: bool) -> None:
        self.unit.post(Contact(open))
        await self._quiet()

    async def up(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.unit.door.state.door is None or self.unit.carrier.link is None or not self._linked():
                await a_turn()

    def _linked(self) -> bool:
        link = self.unit.carrier.link
        return link is not None and link.up

    async def _quiet(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.unit.quiet:
                await a_turn()


def with_claim(folder: Path, claim: bytes) -> None:
    folder.mkdir()
    (folder / "claim").write_bytes(claim)


@contextlib.asynccontextmanager
async def a_board(house: House, slot: str) -> AsyncIterator[BoardDoor]:
    async with PlayedBoard() as board:
        door = BoardDoor(board, await enrolled(board, house, slot))
        await board.run("drive.power()")
        await door.up()
        yield door


@contextlib.asynccontextmanager
async def a_unit(house: House, slot: str, folder: Path) -> AsyncIterator[UnitDoor]:
    with_claim(folder, await house.claim(slot))
    clock = SystemClock(battery=False)
    store, keys = FileStore(folder), FileKeys(folder / "keys")
    ports = Ports(clock, FakeLock(clock), FakeKeypad(clock), FakeInputs(), FakeScreen(clock), store, keys)
    unit = Unit(ports, Options(claim=folder / "claim", first_retry_ms=20, last_retry_ms=100, poll_ms=20))
    task = asyncio.create_task(unit.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            admin = await house.actor("admin")
            while not (waiting := await devices.waiting(house.ctx, admin)):
                await a_turn()
        await devices.confirm(house.ctx, admin, waiting[0].dev, waiting[0].digits)
        door = UnitDoor(unit)
        await door.up()
        yield door
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def stored(house: House, dev: str) -> list[tuple[bytes, bytes | None]]:
    """The entries and private halves of a device, as the host has them; they join from the first."""
    async with house.ctx.store.read() as tx:
        device = await device_rows.by_dev(tx, dev)
        assert device is not None
        rows = (await tx.execute(select(entry_table).order_by(entry_table.c.id))).all()
    pairs = [(row.entry, house.ctx.store.shown(row.private)) for row in rows if row.id >> SEQ_BITS == device.no]
    chain = Chain(bytes.fromhex(dev), genesis(device.public))
    for data, _ in pairs:
        chain.take(data)
    return pairs


def said(pairs: list[tuple[bytes, bytes | None]]) -> list[Any]:
    """What entries say, without what is each device's own: name, place in the chain, time, salt, names of calls.

    Nor whether this machine's disk took longer than the 100 ms a unit waits for it, nor what only a witness writes.
    """
    told: list[Any] = []
    for data, private in pairs:
        entry = Entry.from_wire(data)
        half: Any = None
        if private is not None:
            parsed = Private.from_wire(private)
            half = [parsed.subject, masked(parsed.detail, entry)]
        if entry.typ in (r.LATE, *WITNESS):
            continue
        if entry.typ == r.ACCESS:
            entry.pub[4] &= ~r.LATE_FLAG
        told.append([entry.typ, entry.pub, entry.tq, half])
    return told


def witnesses(pairs: list[tuple[bytes, bytes | None]]) -> bool:
    """Whether a log has entries that only a witness writes."""
    return any(Entry.from_wire(data).typ in WITNESS for data, _ in pairs)


def masked(detail: Any, entry: Entry) -> Any:
    ring = entry.typ == r.CALL or (entry.typ == r.ACCESS and entry.pub[2] == r.REMOTE)
    return [len(item) if ring and isinstance(item, bytes) else item for item in detail]


async def all_there(house: House, dev: str, typ: int, count: int) -> list[tuple[bytes, bytes | None]]:
    """The device's entries once the host has `count` of a type."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            pairs = await stored(house, dev)
            if sum(Entry.from_wire(data).typ == typ for data, _ in pairs) >= count:
                return pairs
            await a_turn()


async def live_a_little(door: BoardDoor | UnitDoor, code: str) -> None:
    """Comes by code, leaves by the button, mistypes, guesses, tries a PIN."""
    await door.type(f"{HOME}#{code}")
    await door.leaf(True)
    await door.leaf(False)
    await door.leave()
    await door.type(f"{HOME}#{code[:7]}{(int(code[7]) + 1) % 10}")
    await door.type(f"{HOME}#1234567#")
    await door.type("02#7654321#")
    await door.type(f"{HOME}C*")
    await door.leave()


async def test_in_an_estate_of_boards_and_units_nobody_can_tell_which_door_is_which(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half the doors are boards. Each lives through the same; the host's four logs say the same, byte for byte.

    One difference is left and looked for: a unit is a witness of the estate's log and says so, a board is none yet.
    """
    monkeypatch.setattr(orders, "ANSWER_S", PATIENCE_S)  # a busy machine is slower than a board
    limei = await house.actor("limei")
    code = (await invite.invite(house.ctx, limei, HOME, Invitation("visitor"))).code.digits
    async with (
        a_board(house, DOORS[0]) as first,
        a_unit(house, DOORS[1], tmp_path / "b") as second,
        a_board(house, DOORS[2]) as third,
        a_unit(house, DOORS[3], tmp_path / "d") as fourth,
    ):
        doors: list[BoardDoor | UnitDoor] = [first, second, third, fourth]
        desk = await house.actor("desk")
        for slot, door in zip(DOORS, doors, strict=True):
            await live_a_little(door, code)
            opening = await remote_open.open_door(house.ctx, desk, slot)
            assert opening.result == "opened", opening
            await door.leave()
        logs = [await all_there(house, door.dev, r.EXIT, 3) for door in doors]
        assert [witnesses(log) for log in logs] == [False, True, False, True]
        tales = [said(log) for log in logs]
        methods = [entry[1][2] for entry in tales[0] if entry[0] == r.ACCESS]
        assert methods == [r.CODE, r.PIN, r.PIN, r.REMOTE]
        assert [r.encode(tale) for tale in tales[1:]] == [r.encode(tales[0])] * 3
        await first.board.run("drive.wait(31_000)")
        levels = await first.board.ask("[level for pin, level in __import__('machine').history if pin == 16]")
        assert levels[:6] == "[0, 1,"  # locked at the start, then opened, and let go by its own timer
        assert levels[-3:] == " 0]"
