"""Whatever a device or a stranger sends, the host answers REFUSED and lives."""

import random
from functools import partial

import aiohttp
import pytest
from tests.host.device import Connection, Played
from tests.host.house import START, House
from tests.host.test_link import filled, stored

from gatecore import frames
from gatecore.errors import GateError
from gatecore.wire import encode
from gatehost.model.errors import DeviceRefused
from gatehost.store import accesslog
from gatehost.sync import reading, session, stranger
from gatehost.sync.ingest import Ingest
from gatehost.sync.live import Doors
from gatehost.sync.pace import Pace

FROM_DEVICE = [kind for kind in frames.SHAPES if kind not in (frames.HELLO, frames.PING, frames.PONG)]


def field(kind: int, chance: random.Random) -> object:
    """A value of a field's kind, hostile where it can be."""
    if kind == frames.UINT:
        return chance.choice([0, 1, 2, 23, 255, 65536, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
    if kind == frames.TEXT:
        return chance.choice(["", "120502", "999999", "\0", "房", "x" * 5000, "'; DROP TABLE entry; --"])
    if kind == frames.BYTES:
        return chance.choice([b"", b"\xff\xd8", chance.randbytes(40), chance.randbytes(3000), b"\xd2\x84" * 50])
    if kind == frames.LIST:
        return chance.choice([[], [None], [1, "a", b"b", [[]]], [b"\x8c\x01"], [True] * 40, [[b"", b""]]])
    return chance.choice([bytes(kind), chance.randbytes(kind)])


def frame(chance: random.Random) -> bytes:
    """A frame right in its shape and wrong in what it says, or bytes wrong in themselves."""
    kind = chance.choice(FROM_DEVICE)
    data = encode([kind, chance.choice([0, 1, (1 << 64) - 1]), [field(one, chance) for one in frames.SHAPES[kind]]])
    way = chance.randrange(6)
    if way == 0:
        return data[: chance.randrange(len(data))]
    if way == 1:
        at = chance.randrange(len(data))
        return data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :]
    if way == 2:
        return chance.randbytes(chance.randrange(1, 80))
    return data


async def talk(link: Connection, chance: random.Random) -> tuple[int, str]:
    """Says hostile frames until the host ends it; how many, and the reason it gave."""
    said = 0
    try:
        for _ in range(20):
            await link.say_raw(frame(chance))
            said += 1
    except (ConnectionError, OSError):
        pass
    return said, await link.refusal()


async def test_hostile_frames_end_the_connection_and_nothing_else(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 3)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 3, START)
    chance, said, reasons = random.Random(20260615), 0, set()
    for _ in range(150):
        async with device.connect() as link:
            await link.greet()
            more, why = await talk(link, chance)
        said, reasons = said + more, reasons | {why}
    assert said > 1000
    assert "failure" not in reasons, reasons
    assert await stored(house, device) == [entry for entry, _ in device.log]
    async with device.connect() as link:
        await link.greet()
        await link.settle()


async def test_hostile_bytes_before_the_greeting_end_the_connection(house: House) -> None:
    device = await house.enrolled("b12-door")
    chance = random.Random(7)
    for _ in range(60):
        async with device.connect() as link:
            _, why = await talk(link, chance)
            assert why != "failure"


def test_thousands_of_random_frames_are_read_or_refused() -> None:
    chance = random.Random(1)
    refused = 0
    for _ in range(20_000):
        data = frame(chance)
        try:
            read = reading.read(data, known=True)
            assert read == frames.unpack(data)
        except DeviceRefused:
            refused += 1
            try:
                frames.unpack(data)
            except GateError:
                continue
            raise AssertionError(data) from None
    assert 3_000 < refused < 19_000


async def test_a_large_message_before_the_greeting_is_not_even_decoded(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.say_raw(encode([frames.HELLO, 1, [bytes(2000)]]))
        assert await link.refusal() == "long"


@pytest.mark.parametrize("opcode", [0x82, 0x02], ids=["one message", "pieces of one"])
async def test_whoever_has_not_greeted_makes_the_host_hold_next_to_nothing(house: House, opcode: int) -> None:
    """A frame may say that 640 KiB will come, and they may trickle for as long as a greeting has."""
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        transport = link._socket._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.write(bytes((opcode, 0xFF)) + (600_000).to_bytes(8, "big") + bytes(4))
        for _ in range(20):
            transport.write(bytes(1_000))
        assert await link.refusal() == "closed"


async def test_a_device_that_greeted_may_send_a_whole_batch(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, frames.MAX_BATCH)
    assert len(frames.pack(frames.BATCH, 1, *device.batch(1, frames.MAX_BATCH, START))) > stranger.MOST_BYTES
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, frames.MAX_BATCH, START) == frames.MAX_BATCH


async def test_an_address_has_so_many_connections_that_have_not_greeted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stranger, "MOST_OF_AN_ADDRESS", 3)
    device = await house.enrolled("b12-door")
    async with device.connect() as first, device.connect(), device.connect():
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await device.connect().__aenter__()
        await first.greet()  # who is known counts no more
        async with device.connect() as fourth:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                await device.connect().__aenter__()
            await fourth.say_raw(b"garbage")
            await fourth.refusal()
    for _ in range(4):  # neither who is gone
        async with device.connect() as again:
            await again.greet()


async def test_text_messages_are_refused(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link._socket.send_str("hello")
        assert await link.refusal() == "text"


async def test_a_device_that_floods_is_refused(house: House) -> None:
    device: Played = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        for _ in range(400):
            await link.say(frames.PING)
        assert await link.refusal() == "rate"


class Pinging:
    """session.Socket of somebody who pings and never greets; each wait takes three seconds of the test's clock."""

    def __init__(self) -> None:
        self.mono, self.waits = 0, list[float]()
        self.said: list[bytes] = []

    async def receive(self, timeout: float) -> bytes | None:
        self.waits.append(timeout)
        if timeout < 3 or len(self.waits) > 99:
            raise TimeoutError
        self.mono += 3000
        return encode([frames.PING, len(self.waits), []])

    async def send(self, data: bytes) -> None:
        self.said.append(data)

    def believed(self) -> None:
        raise AssertionError("it never greets")


async def test_nobody_holds_a_connection_by_pinging_before_the_greeting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Pinging()
    monkeypatch.setattr(session, "mono", lambda: caller.mono)
    await session.Session(house.ctx, Ingest(partial(accesslog.store, house.ctx.store)), Doors(), caller).run()
    assert caller.waits == [15.0, 12.0, 9.0, 6.0, 3.0, 0.0]
    assert frames.unpack(caller.said[-1])[2] == ["silent"]


def test_a_device_may_ask_for_a_whole_state_at_once() -> None:
    pace = Pace(0)
    for _ in range(4096):
        pace.take(frames.WANT, 0)


def test_batches_pace_themselves() -> None:
    pace = Pace(0)
    for _ in range(100_000):
        pace.take(frames.BATCH, 0)
