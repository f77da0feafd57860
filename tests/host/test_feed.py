"""Row B22: the estate's events go to another system: signed, in order, once, and without a home or a person."""

import asyncio
import contextlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from hashlib import sha256

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver
from tests.host.device import Played
from tests.host.house import House

from gatecore import records as r
from gatecore.records import Private
from gatehost.model.errors import BadInput, Denied, NotFound, TooMany
from gatehost.service.evidence import feed
from gatehost.sync import feeder


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "100.100.100.200", "[fd00:ec2::254]", "224.0.0.1",
     "[ff02::1]", "0.0.0.0", "[::]", "255.255.255.255"],
)  # fmt: skip
def test_events_are_posted_to_no_address_that_is_no_receiver_s(host: str) -> None:
    with pytest.raises(BadInput, match="nobody"):
        feed.checked(f"http://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "host", ["192.168.1.20", "10.0.0.5", "127.0.0.1", "[fd12::1]", "[::ffff:192.168.1.20]", "smart.example", "8.8.8.8"]
)
def test_a_receiver_may_be_in_the_estate_s_network_on_this_computer_or_outside(host: str) -> None:
    assert feed.checked(f"https://{host}/events")


async def test_a_name_that_stands_for_such_an_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    stands_for = ["169.254.169.254", "192.168.1.20"]

    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        return [{"host": one} for one in stands_for]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    names = feeder.Receivers()
    assert [one["host"] for one in await names.resolve("rebinding.example")] == ["192.168.1.20"]
    stands_for.pop()
    with pytest.raises(OSError, match="receiver"):
        await names.resolve("rebinding.example")


class Receiver:
    """Another system: takes what is posted, or answers with `status`."""

    def __init__(self) -> None:
        self.status, self.url = 204, ""
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        if self.status == 204:
            self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": self.url})

    async def has(self, many: int) -> bool:
        """Whether so many events were taken."""
        return len(self.events()) >= many

    def events(self) -> list[dict[str, object]]:
        """All events taken, in order."""
        return [event for _, body in self.got for event in json.loads(body)["events"]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """One on a port of its own."""
    made, app = Receiver(), web.Application()
    app.router.add_post("/events", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    yield made
    await runner.cleanup()


@contextlib.asynccontextmanager
async def feeding(house: House) -> AsyncIterator[None]:
    """The host's loop, looking again as soon as the test lets it."""
    task = asyncio.create_task(feeder.keep_feeding(house.ctx, lambda _: asyncio.sleep(0)))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    """Waits until a condition holds; at most five seconds."""
    async with asyncio.timeout(5):
        for _ in itertools.count():
            if await what():
                return
            await asyncio.sleep(0)


async def said(house: House, why: str) -> bool:
    """Whether the feed's last error is this."""
    return (await feed.living(house.ctx))[0].last_error == why


async def done(house: House) -> bool:
    """Whether the feed has everything."""
    return await feed.batch(house.ctx, (await feed.living(house.ctx))[0]) is None


async def day(house: House, device: Played, home: str = "120502") -> int:
    """An opening by code, a refusal, a forced door, a duress opening and a fire; how many entries."""
    now, private = house.clock.now, Private(bytes(16), home.encode(), [home, None, b"m" * 16, 1]).to_wire()
    device.write(now, r.ACCESS, [0, 1, r.CODE, 0, 0], private)
    device.write(now, r.ACCESS, [0, 0, r.CARD, 17, 0])
    device.write(now, r.FORCED, [])
    device.write(now, r.ALARM, [1])
    device.write(now, r.FIRE, [1])
    device.write(now, r.FIRE, [0])
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, len(device.log), now)
    return len(device.log)


async def test_events_arrive_signed_in_order_and_name_neither_home_nor_person(house: House, receiver: Receiver) -> None:
    admin, device = await house.actor("admin"), await house.enrolled("b12-door")
    _, key = await feed.add(house.ctx, admin, receiver.url)
    await day(house, device)
    async with feeding(house):
        await until(lambda: receiver.has(5))
    told = receiver.events()
    assert [(one["what"], one.get("by"), one["door"]) for one in told] == [
        ("opened", "code", "b12-door"), ("refused", "card", "b12-door"), ("forced", None, "b12-door"),
        ("fire", None, "b12-door"), ("fire_over", None, "b12-door"),
    ]  # fmt: skip
    headers, body = receiver.got[0]
    expected = hmac.new(bytes.fromhex(key), headers[feed.STAMP].encode() + b"." + body, sha256).hexdigest()
    assert headers[feed.SIGNATURE] == expected
    everything = b"".join(body for _, body in receiver.got)
    assert b"120502" not in everything
    assert {name for one in told for name in one} == {"log", "at", "door", "what", "by", "way"}


async def test_what_a_receiver_did_not_take_is_sent_again_and_nothing_twice_after_it_was(
    house: House, receiver: Receiver
) -> None:
    admin, device = await house.actor("admin"), await house.enrolled("b12-door")
    await feed.add(house.ctx, admin, receiver.url)
    await day(house, device)
    for status in (500, 302, 404):
        receiver.status = status
        house.clock.now += 600_000
        async with feeding(house):
            await until(partial(said, house, f"HTTP {status}"))
    assert receiver.events() == []
    receiver.status = 204
    house.clock.now += 600_000
    for _ in range(2):  # the second run is a host that was restarted
        async with feeding(house):
            await until(lambda: receiver.has(5))
            await until(partial(done, house))
    places = [one["log"] for one in receiver.events()]
    assert len(places) == len(set(places)) == 5
    assert (await feed.listed(house.ctx, admin))[0].last_error == ""


async def test_a_feed_begins_with_what_happens_after_it_was_made_and_ends_when_it_is_ended(
    house: House, receiver: Receiver
) -> None:
    admin, device = await house.actor("admin"), await house.enrolled("b12-door")
    await day(house, device)
    number, _ = await feed.add(house.ctx, admin, receiver.url)
    held = await feed.living(house.ctx)
    made = await feed.batch(house.ctx, held[0])
    assert made is None or made.body == b""
    await feed.end(house.ctx, admin, number)
    assert await feed.living(house.ctx) == ()
    with pytest.raises(NotFound):
        await feed.end(house.ctx, admin, number)


async def test_only_the_admin_names_a_receiver_and_only_an_address_that_can_be_one(house: House) -> None:
    admin = await house.actor("admin")
    for login in ("desk", "limei"):
        with pytest.raises(Denied):
            await feed.add(house.ctx, await house.actor(login), "http://127.0.0.1:9/x")
    for url in (
        "", "x", "ftp://a/b", "file:///etc/passwd", "http://", "http://u:p@a/", "http://a/#f", "http://a b/",
        "http://[::1", "http://a:99999/", "http://" + "a" * 200, "javascript:alert(1)",
    ):  # fmt: skip
        with pytest.raises(BadInput):
            await feed.add(house.ctx, admin, url)
    for at in range(feed.MOST):
        _, key = await feed.add(house.ctx, admin, f"https://smart.example/{at}")
    with pytest.raises(TooMany):
        await feed.add(house.ctx, admin, "https://smart.example/more")
    assert all(key.encode() not in one.hidden for one in await feed.listed(house.ctx, admin))
