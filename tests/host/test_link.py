"""Over the link the host believes a device for what it signed over a fresh nonce, and stores only what holds."""

import os
from functools import partial

import pytest
from tests.host.device import Played
from tests.host.house import START, House

from gatecore import frames
from gatecore.records import BOOT, GAP
from gatehost.keys import Signer
from gatehost.service.door import devices, reception
from gatehost.service.evidence import audit
from gatehost.store import accesslog
from gatehost.sync.api import DevicePort
from gatehost.sync.ingest import Ingest


async def stored(house: House, device: Played) -> list[bytes]:
    """The entries the host holds of a device."""
    async with house.ctx.store.read() as tx:
        held = await accesslog.head(tx, device.name)
        assert held is not None
        return await accesslog.stored(tx, held.no, 1, 1 << 39)


def filled(device: Played, many: int) -> None:
    """Gives a device a log."""
    for _ in range(many):
        device.opened(START, "120502", os.urandom(16))


async def test_entries_are_stored_byte_for_byte_and_acknowledged(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 100)
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, 64, START) == 64
        assert await link.deliver(65, 100, START) == 100
    assert await stored(house, device) == [entry for entry, _ in device.log]


async def test_two_batches_in_flight_repeat_one_receipt(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 6)
    async with device.connect() as link:
        await link.greet()
        for first in (1, 3):
            await link.say(frames.BATCH, *device.batch(first, first + 1, START))
        for _ in range(2):
            upto, device.receipt, _ = await link.take(frames.ACK)
        assert upto == 4
        assert await link.deliver(5, 6, START) == 6


async def test_a_device_resumes_where_the_host_stands(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 10)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 7, START)
    async with device.connect() as link:
        await link.greet()
        assert link.resumes == 7
        assert await link.deliver(8, 10, START) == 10


async def test_what_is_stored_already_is_acknowledged_again_and_kept_once(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 8)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 5, START)
        assert await link.deliver(2, 4, START) == 5
        assert await link.deliver(3, 8, START) == 8
    assert await stored(house, device) == [entry for entry, _ in device.log]


@pytest.mark.parametrize(
    ("altered", "why"),
    [({"nonce": bytes(16)}, "nonce"), ({"dev": bytes(16)}, "device"), ({"version": 1 << 60}, "range")],
)
async def test_a_greeting_over_something_else_is_refused(house: House, altered: dict[str, object], why: str) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect(**altered) as link:
        with pytest.raises(ConnectionError, match=why):
            await link.greet()
    assert not house.doors.connected(device.name)


async def test_a_greeting_of_another_connection_cannot_be_replayed(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        recorded = link.hello()
    async with device.connect() as link:
        await link.say(frames.HELLO, recorded)
        assert await link.refusal() == "nonce"


async def test_a_stranger_and_a_forger_are_refused(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.say(frames.HELLO, link.hello(Signer(os.urandom(32))))
        assert await link.refusal() == "unknown"
    async with device.connect() as link:
        good = bytearray(link.hello())
        good[-1] ^= 1
        await link.say(frames.HELLO, bytes(good))
        assert await link.refusal() == "signature"


async def test_a_waiting_and_a_revoked_device_are_refused(house: House) -> None:
    waiting = Played(await house.claim("b13-door"))
    await waiting.post("enrol", waiting.asked.to_wire())
    async with waiting.connect() as link:
        await link.say(frames.HELLO, link.hello())
        assert await link.refusal() == "unknown"
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await devices.revoke(house.ctx, await house.actor("admin"), device.name, "stolen")
        assert await link.refusal() == "revoked"
    async with device.connect() as link:
        await link.say(frames.HELLO, link.hello())
        assert await link.refusal() == "revoked"


async def test_nothing_is_heard_before_the_greeting(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 1)
    for kind, fields in ((frames.BATCH, device.batch(1, 1, START)), (frames.CALL, [bytes(16), "120502"])):
        async with device.connect() as link:
            await link.say(kind, *fields)
            assert await link.refusal() == "order"
    assert await stored(house, device) == []


def dropped(device: Played) -> list[object]:
    fields = device.batch(1, 4, START)
    return [1, fields[1][:1] + fields[1][2:], fields[2][:1] + fields[2][2:], fields[3]]  # type: ignore[index]


def reordered(device: Played) -> list[object]:
    fields = device.batch(1, 4, START)
    return [1, list(reversed(fields[1])), list(reversed(fields[2])), fields[3]]  # type: ignore[call-overload]


def altered_entry(device: Played) -> list[object]:
    first, entries, privates, seal = device.batch(1, 4, START)
    entry = bytearray(entries[2])  # type: ignore[index]
    entry[-60] ^= 1
    return [first, [*entries[:2], bytes(entry), entries[3]], privates, seal]  # type: ignore[index]


def altered_private(device: Played) -> list[object]:
    first, entries, privates, seal = device.batch(1, 4, START)
    private = bytearray(privates[3])  # type: ignore[index]
    private[-1] ^= 1
    return [first, entries, [*privates[:3], bytes(private)], seal]  # type: ignore[index]


def seal_over_less(device: Played) -> list[object]:
    return [*device.batch(1, 4, START)[:3], device.sealed(3, START)]


def seal_of_another(device: Played) -> list[object]:
    other, device.signer = device.signer, Signer(os.urandom(32))
    fields = device.batch(1, 4, START)
    device.signer = other
    return fields


def other_receipt(device: Played) -> list[object]:
    return [*device.batch(1, 4, START)[:3], device.sealed(4, START, bytes(16))]


def empty(device: Played) -> list[object]:
    return [1, [], [], device.sealed(0, START)]


def too_many(device: Played) -> list[object]:
    filled(device, 61)
    return device.batch(1, 65, START)


@pytest.mark.parametrize(
    "forge",
    [
        dropped,
        reordered,
        altered_entry,
        altered_private,
        seal_over_less,
        seal_of_another,
        other_receipt,
        empty,
        too_many,
    ],
)
async def test_a_batch_that_does_not_hold_is_refused_and_nothing_of_it_stored(house: House, forge: object) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 4)
    async with device.connect() as link:
        await link.greet()
        await link.say(frames.BATCH, *forge(device))  # type: ignore[operator]
        assert await link.refusal() not in ("closed", "failure")
    assert await stored(house, device) == []
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, 4, START) == 4


async def test_a_log_that_lost_its_middle_goes_on_and_shows_its_gap(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 9)
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(1, 2, START) == 2
        assert await link.deliver(6, 9, START) == 9
    assert len(await stored(house, device)) == 6
    (verdict,) = await audit.verify(house.ctx, await house.actor("admin"))
    assert (verdict.ok, verdict.seq, verdict.what) == (False, 3, "missing")
    device.write(START, GAP, [3, 4])
    device.write(START, GAP, [5, 5])
    async with device.connect() as link:
        await link.greet()
        assert await link.deliver(10, 11, START) == 11
    (verdict,) = await audit.verify(house.ctx, await house.actor("admin"))
    assert verdict.ok


async def test_entries_of_another_device_are_refused(house: House) -> None:
    device, other = await house.enrolled("b12-door"), await house.enrolled("b13-door")
    filled(other, 2)
    async with device.connect() as link:
        await link.greet()
        fields = other.batch(1, 2, START)
        await link.say(frames.BATCH, *fields)
        assert await link.refusal() == "signature"
        assert await stored(house, device) == []
        assert await stored(house, other) == []


async def test_a_second_history_quarantines_the_device_and_raises_an_alarm(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 3)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 3, START)
        header = device.trust.accept_header((await link.take(frames.STATE))[0], device.state)
        assert await reception.state_for(house.ctx, device.name) is not None
        assert await reception.piece(house.ctx, device.name, header.chunks[0])
        clone = device.log[:]
        before = device.starts[:]
        device.log, device.starts = device.log[:2], device.starts[:3]
        device.chain.head, device.chain.seq = before[2][0], 2
        device.write(START, BOOT, [1, 1])
        await link.say(frames.BATCH, *device.batch(3, 3, START))
        assert await link.refusal() == "fork"
    assert await stored(house, device) == [entry for entry, _ in clone]
    status = await devices.door(house.ctx, await house.actor("admin"), "b12-door")
    assert status.device is not None
    assert status.device.state == "quarantined"
    # whoever of the two is still connected gets neither a state nor pieces of one
    assert await reception.state_for(house.ctx, device.name) is None
    assert await reception.piece(house.ctx, device.name, header.chunks[0]) == b""
    async with device.connect() as link:
        await link.say(frames.HELLO, link.hello())
        assert await link.refusal() == "quarantined"


async def test_a_restored_card_is_noticed_at_its_greeting(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 3)
    async with device.connect() as link:
        await link.greet()
        await link.deliver(1, 3, START)
    async with device.connect(seq=1, head=device.starts[1][0]) as link:
        await link.say(frames.HELLO, link.hello())
        assert await link.refusal() == "fork"


async def test_a_newer_connection_replaces_the_older(house: House) -> None:
    device = await house.enrolled("b12-door")
    filled(device, 2)
    async with device.connect() as old:
        await old.greet()
        async with device.connect() as new:
            await new.greet()
            assert await old.refusal() == "replaced"
            assert await new.deliver(1, 2, START) == 2
            assert house.doors.connected(device.name)


async def test_the_host_answers_a_ping_and_a_question_for_the_time(house: House) -> None:
    device = await house.enrolled("b12-door")
    async with device.connect() as link:
        await link.greet()
        await link.settle()
        await link.say(frames.NONCE, os.urandom(16))
        assert len(await link.take(frames.HOST)) == 1


async def test_a_host_that_stops_hangs_up_before_it_waits_for_open_connections(house: House) -> None:
    device = await house.enrolled("b12-door")
    app = DevicePort(house.ctx, house.doors, Ingest(partial(accesslog.store, house.ctx.store))).app()
    app.freeze()
    async with device.connect() as link:
        await link.greet()
        await app.shutdown()  # the first thing a stopping server does; its patience begins after it
        assert await link.refusal() == "closed"
    assert house.doors.closing
