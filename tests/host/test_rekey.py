"""The host follows a device's key change: the new key counts from the entry that names it, the old one no more."""

import os

import pytest
from tests.host.device import Played
from tests.host.house import START, House
from tests.host.test_link import filled

from gatecore import frames
from gatecore.log import Chain, link, seal
from gatecore.records import KEY
from gatecore.witness import numbers
from gatehost.keys import Signer
from gatehost.service.evidence import audit


def change(device: Played) -> Signer:
    """The device's entry of a key change, and the new key."""
    fresh = Signer(os.urandom(32))
    device.write(START, KEY, [device.chain.epoch + 1, *numbers(fresh.public)])
    return fresh


def seal_of(device: Played, first: int, last: int, epoch: int) -> list[object]:
    head, seq = device.starts[last]
    chain = Chain(device.dev, head, seq, epoch)
    sealed = seal(chain, device.now(START), device.receipt, device.signer)
    pairs = device.log[first - 1 : last]
    return [first, [pair[0] for pair in pairs], [pair[1] for pair in pairs], sealed]


async def changed(house: House) -> tuple[Played, Signer]:
    """A device whose key change the host has, and its old key."""
    device = await house.enrolled("b12-door")
    filled(device, 2)
    fresh = change(device)
    async with device.connect() as up:
        await up.greet()
        assert await up.deliver(1, 3, START) == 3
        old, device.signer = device.signer, fresh
        filled(device, 2)
        await up.say(frames.BATCH, *seal_of(device, 4, 5, 1))
        upto, device.receipt, _ = await up.take(frames.ACK)
        assert upto == 5
    return device, old


async def test_what_follows_a_key_change_is_believed_under_the_new_key(house: House) -> None:
    device, _ = await changed(house)
    (verdict,) = await audit.verify(house.ctx, await house.actor("admin"))
    assert (verdict.ok, verdict.entries) == (True, 5)
    async with device.connect() as up:
        assert (await up.greet()).resumes == 5


async def test_a_log_that_ends_with_a_key_change_holds(house: House) -> None:
    """The seal over that entry is by the key it ends, while the device is already known by the next."""
    device = await house.enrolled("b12-door")
    filled(device, 2)
    change(device)
    async with device.connect() as up:
        await up.greet()
        assert await up.deliver(1, 3, START) == 3
    (verdict,) = await audit.verify(house.ctx, await house.actor("admin"))
    assert (verdict.ok, verdict.entries, verdict.what) == (True, 3, "")


async def test_the_old_key_neither_greets_nor_seals_any_more(house: House) -> None:
    device, old = await changed(house)
    async with device.connect() as up:
        await up.say(frames.HELLO, up.hello(old))
        assert await up.refusal() == "signature"
    filled(device, 1)
    async with device.connect() as up:
        await up.greet()
        device.signer, fresh = old, device.signer
        await up.say(frames.BATCH, *seal_of(device, 6, 6, 1))
        assert await up.refusal() == "signature"
        device.signer = fresh


async def test_one_seal_does_not_cover_two_epochs(house: House) -> None:
    device = await house.enrolled("b12-door")
    fresh = change(device)
    filled(device, 1)
    for signer, epoch in ((device.signer, 0), (device.signer, 1), (fresh, 1)):
        async with device.connect() as up:
            await up.greet()
            held, device.signer = device.signer, signer
            await up.say(frames.BATCH, *seal_of(device, 1, 2, epoch))
            device.signer = held
            assert await up.refusal() in ("epoch", "signature")


@pytest.mark.parametrize("pub", [[1], [2, 1, 2, 3, 4], [1, 1, 2, 3, 1 << 63, 5]])
async def test_a_key_change_that_names_no_key_is_refused(house: House, pub: list[int]) -> None:
    device = await house.enrolled("b12-door")
    data = device.chain.next(device.now(START), KEY, pub, None)
    async with device.connect() as connection:
        await connection.greet()
        sealed = seal(Chain(device.dev, link(data), 1), device.now(START), device.receipt, device.signer)
        await connection.say(frames.BATCH, 1, [data], [None], sealed)
        assert await connection.refusal() == "key"
